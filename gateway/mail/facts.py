"""What letters are made of: the facts that are filled in, and the parts in reading order."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Facts:
    """What is filled into a letter, as text in its language.

    `due`: the answer's due day. `by`: until when the reader has to act, like "by Monday"; `day`:
    that day alone. `late`: how many days ago it was.
    """

    number: str
    office: str
    due: str
    by: str
    url: str
    until: str
    county: str
    phone: str
    day: str = ""
    late: str = ""


FACT_NAMES = tuple(field.name for field in fields(Facts))


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a letter, in reading order."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    # Pairs of what and which, like 案号 and its number.
    facts: tuple[tuple[str, str], ...]
    # What to do, one step a line.
    steps: tuple[str, ...]
    # Wording and address of the one button.
    action: tuple[str, str] | None
    after: tuple[str, ...]
    why: str

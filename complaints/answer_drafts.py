"""From what an office typed to an answer that may go out, or every reason why not yet.

Pure. An answer gives for every allegation a finding and its reason, what was done about it, and
a reply; an empty or vague one is not an answer (domain.md, "A complaint's life").
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from complaints import phrases, typed

FINDINGS = ("substantiated", "partly", "unfounded", "undetermined", "exonerated")
LONGEST_REASON = 2_000
LONGEST_TEXT = 4_000
LONGEST_NAME = 60
CONFIRMED = "yes"
CONFIRM = "confirm_phrases"
# Which phrases the form showed beside the box, see `shown_with`.
SHOWN = "phrases_shown"


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """The finding on one allegation (its position in the complaint) and the reason for it."""

    position: int
    finding: str
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """An answer that may go out."""

    findings: tuple[FindingDraft, ...]
    done: str
    reply: str
    right_of_reply: str


@dataclass(frozen=True, slots=True)
class FieldHit:
    """A forbidden phrase in one field, as it was written there."""

    field: str
    written: str
    hit: phrases.Hit


@dataclass(frozen=True, slots=True)
class Checked:
    """`draft` is there only when nothing stands against it; `errors` are {field: error key}."""

    draft: AnswerDraft | None
    errors: Mapping[str, str] = field(default_factory=dict)
    hits: tuple[FieldHit, ...] = ()


def field_names(positions: Sequence[int]) -> tuple[str, ...]:
    """All fields of `POST /answer/{token}/answer` for a case with these allegations."""
    each = [name for at in positions for name in (f"finding-{at}", f"reason-{at}")]
    return (*each, "done", "reply", "right_of_reply", CONFIRM, SHOWN)


def check(fields: Mapping[str, str], positions: Sequence[int]) -> Checked:
    """Reads the fields of an answer to the allegations at `positions`; all errors at once."""
    values = {name: typed.lines(fields.get(name, "")) for name in field_names(positions)}
    errors = {name: "unknown" for name in fields if name not in values}
    hits = tuple(_hits(values, positions))
    for name, key in (*_faults(values, positions), *_phrase_faults(values, hits)):
        errors.setdefault(name, key)
    if errors:
        return Checked(None, errors, hits)
    return Checked(_draft(values, positions), {}, hits)


def check_name(text: str) -> tuple[str, str | None]:
    """The name of the person who signs, and the error key when that is no name.

    Somebody has to type it, so that a mail scanner that presses buttons signs for nothing.
    """
    name = typed.line(text)
    if not name:
        return "", "name_missing"
    if len(name) > LONGEST_NAME:
        return name, "too_long"
    if not any(unicodedata.category(letter).startswith("L") for letter in name):
        return name, "name_no_letters"
    return name, None


def _faults(values: Mapping[str, str], positions: Sequence[int]) -> Iterator[tuple[str, str]]:
    for at in positions:
        if not values[f"finding-{at}"]:
            yield f"finding-{at}", "finding_missing"
        elif values[f"finding-{at}"] not in FINDINGS:
            yield f"finding-{at}", "finding_unknown"
        yield from _text_faults(f"reason-{at}", values, LONGEST_REASON)
    yield from _text_faults("done", values, LONGEST_TEXT)
    yield from _text_faults("reply", values, LONGEST_TEXT)
    if len(values["right_of_reply"]) > LONGEST_TEXT:
        yield "right_of_reply", "too_long"


def _text_faults(name: str, values: Mapping[str, str], longest: int) -> Iterator[tuple[str, str]]:
    text = values[name]
    if not text:
        yield name, f"{name.partition('-')[0]}_missing"
    elif len(text) > longest:
        yield name, "too_long"
    elif phrases.is_vague(text):
        yield name, "vague"


def _hits(values: Mapping[str, str], positions: Sequence[int]) -> Iterator[FieldHit]:
    # A reason may report what was said at the counter; what was done and the reply are the
    # office's own words, also in quotation marks. What the named person said is left alone.
    for name in (*(f"reason-{at}" for at in positions), "done", "reply"):
        for hit in phrases.check(values[name], reports=name.startswith("reason-")):
            yield FieldHit(name, values[name][hit.start : hit.end], hit)


def _phrase_faults(
    values: Mapping[str, str], hits: Sequence[FieldHit]
) -> Iterator[tuple[str, str]]:
    for each in hits:
        if each.hit.severity == "hard":
            yield each.field, "phrase_hard"
    soft = _soft(hits)
    # Who names no phrases, as a script does, confirms whatever stands in the same sending.
    seen = set(values[SHOWN].split(_BETWEEN)) if values[SHOWN] else soft
    if values[CONFIRM] != CONFIRMED and soft:
        yield CONFIRM, "phrase_soft"
    elif not soft <= seen:
        yield CONFIRM, "phrase_more"


_BETWEEN = "|"


def shown_with(hits: Sequence[FieldHit]) -> str:
    """What a form that shows these hits sends back as `SHOWN`: its box confirms them, each in its
    field, and none that is typed afterwards."""
    return _BETWEEN.join(sorted(_soft(hits)))


def _soft(hits: Sequence[FieldHit]) -> set[str]:
    return {f"{each.field} {each.hit.phrase}" for each in hits if each.hit.severity == "soft"}


def _draft(values: Mapping[str, str], positions: Sequence[int]) -> AnswerDraft:
    return AnswerDraft(
        findings=tuple(
            FindingDraft(at, values[f"finding-{at}"], values[f"reason-{at}"]) for at in positions
        ),
        done=values["done"],
        reply=values["reply"],
        right_of_reply=values["right_of_reply"],
    )

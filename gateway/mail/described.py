"""What each letter is: whom it goes to, when, which messages it says, and a specimen of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from complaints.model import Recipient
from gateway.i18n import DEFAULT, Words, words
from gateway.mail.compose import form, lay_out
from gateway.mail.facts import Facts
from gateway.mail.letters import WITH_LINK, WRITERS
from gateway.mail.planning import TEMPLATES

# "sealed": the discipline office, of a sealed case.
Reader = Recipient | Literal["sealed"]
READERS: tuple[Reader, ...] = ("complainant", "office", "sealed", "above", "former", "desk")
# Letters whose event alone does not say when they are sent: which reader, and when.
_BESIDE: dict[str, tuple[Reader, tuple[str, ...]]] = {
    "received_waiting": ("complainant", ("received_waiting",)),
    "waiting": ("desk", ("received_waiting",)),
    "sealed": ("sealed", ("sealed",)),
    "sealed_over": ("sealed", ("sealed_over",)),
    "moved_conflict": ("complainant", ("moved_conflict",)),
    "moved_rules": ("complainant", ("moved_rules",)),
    "moved_desk": ("complainant", ("moved_desk",)),
    "reminded_late": ("office", ("reminded_late",)),
    "desk_reminded_late": ("desk", ("reminded_late",)),
}
# Words that are said inside a fact, by the name of the fact.
_INSIDE = {
    "by": ("mail.by", "mail.by_unknown"),
    "day": ("mail.by_unknown",),
    "due": ("mail.due_unknown",),
}


@dataclass(frozen=True, slots=True)
class Described:
    """A letter; `events` are the kinds of events that it tells of."""

    template: str
    reader: Reader
    events: tuple[str, ...]


@cache
def letters() -> dict[str, Described]:
    """All letters, those of one reader together."""
    every = [_describe(template) for template in WRITERS]
    return {each.template: each for reader in READERS for each in every if each.reader == reader}


def _describe(template: str) -> Described:
    if template in _BESIDE:
        return Described(template, *_BESIDE[template])
    uses = [(kind, recipient) for (kind, recipient), name in TEMPLATES.items() if name == template]
    return Described(template, uses[0][1], tuple(kind for kind, _ in uses))


class _Listening(Words):
    """Words that note which of them are said."""

    def __init__(self, base: Words) -> None:
        self.language = base.language
        self.said: list[str] = []
        self._base = base

    def __call__(self, key: str, /, **params: object) -> str:
        self.said.append(key)
        return self._base(key, **params)


@cache
def keys_of(template: str) -> tuple[str, ...]:
    """Every message that a letter says, each once, in the order of reading."""
    heard = _Listening(words(DEFAULT))
    laid = lay_out(template, heard)
    inside = [key for fact in _INSIDE if fact in laid.facts for key in _INSIDE[fact]]
    return tuple(dict.fromkeys([*heard.said, *inside]))


@cache
def letters_with(key: str) -> int:
    """How many letters say a message."""
    return sum(key in keys_of(template) for template in WRITERS)


def specimen(template: str, say: Words, county: str, phone: str, today: date) -> Facts:
    """Invented facts for a letter, in the language of `say`."""
    day = say.day(today + timedelta(days=2))
    page = "answer/EXAMPLE" if template in WITH_LINK else "track"
    return Facts(
        number=f"{today.year}-000123",
        office=say("county_texts.sample_office"),
        due=say.day(today + timedelta(days=21)),
        by=say("mail.by", day=day),
        url=f"https://example.org/{page}",
        until=say.day(today + timedelta(days=60)),
        county=county,
        phone=phone,
        day=day,
        late="3",
    )


def title(template: str, say: Words) -> str:
    """What a letter is called: its subject, without the number of a case."""
    facts = specimen(template, say, "", "", date(2026, 1, 5))
    subject = form(template, say.language).subject.fill({"number": "", "office": facts.office})
    return subject.removesuffix("（）").removesuffix(" ()")

"""The form in which a letter is worded in one language: its fields, and what was typed in them."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from complaints.phrases import check
from gateway.bodies import Form
from gateway.i18n import Words, words
from gateway.mail.described import keys_of, letters_with
from gateway.mail.wording_checks import Fault, find_fault, fitted, gaps
from gateway.mail.wordings import Place

# What a message is in its letter; the first whose mark is in the key.
PARTS: dict[str, tuple[str, ...]] = {
    "subject": (".subject",),
    "heading": (".heading",),
    "step": (".step",),
    "fact": ("mail.fact.",),
    "frame": ("mail.action.plain", "mail.action.line", "mail.what_to_do", "mail.automatic"),
    "button": ("mail.action.",),
    "why": (".why", "mail.why_title"),
    "day": ("mail.by", "mail.due_unknown"),
    "text": ("mail.",),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One wording of a letter, the `number`-th of its part. `own` is what the county has stored,
    "" for nothing; `value` what stands in the field; `letters` how many letters say it."""

    place: Place
    part: str
    number: int
    default: str
    own: str
    value: str
    letters: int
    fault: Fault | None = None

    @property
    def name(self) -> str:
        """The field's name, and its id."""
        key, _, position = self.place
        return f"{key}-{position}"

    @property
    def needed(self) -> str:
        """The particulars that have to stay, as they are written."""
        return " ".join(f"{{{name}}}" for name in gaps(self.default))

    @property
    def wanted(self) -> str:
        """What is to be stored; "" for the default."""
        text = self.value.strip()
        return "" if text in ("", self.default.strip()) else fitted(self.default, text)

    @property
    def is_short(self) -> bool:
        """Whether one line is enough to type it in."""
        return len(self.default) <= 30


def read_fields(template: str, language: str, own: Mapping[Place, str]) -> list[Field]:
    """The fields of a letter as it is worded now."""
    say = words(language)
    numbers: Counter[str] = Counter()
    found = []
    for key in keys_of(template):
        part = _part(key)
        for position, default in enumerate(say.forms(key)):
            numbers[part] += 1
            place = (key, language, position)
            stored = own.get(place, "")
            shown = (stored or default).strip()
            found.append(
                Field(place, part, numbers[part], default, stored, shown, letters_with(key))
            )
    return found


def _part(key: str) -> str:
    return next(part for part, marks in PARTS.items() if any(mark in key for mark in marks))


def labels(fields: list[Field], say: Words) -> dict[str, str]:
    """{field: label}; parts that a letter has several of are numbered."""
    many = Counter(field.part for field in fields)
    found = {}
    for field in fields:
        label = say(f"county_texts.parts.{field.part}")
        if many[field.part] > 1:
            label = say("county_texts.part", name=label, n=field.number)
        found[field.name] = label
    return found


def typed(fields: list[Field], form: Form) -> list[Field]:
    """The same fields with what was typed, each checked; one that the form lacks stays."""
    back = set(form.fields.get("back", ()))
    found = []
    for field in fields:
        text = form.first(field.name) if field.name in form.fields else field.value
        text = field.default if field.name in back else text
        changed = replace(field, value=text.replace("\r\n", "\n").strip())
        key, language, _ = field.place
        if changed.wanted:
            fault = find_fault(key, language, field.default, changed.wanted)
            changed = replace(changed, fault=fault)
        found.append(changed)
    return found


def overlaid(own: Mapping[Place, str], fields: list[Field]) -> dict[Place, str]:
    """The county's wordings as they would be with these fields."""
    changed = {field.place: field.wanted for field in fields}
    return {place: wording for place, wording in {**own, **changed}.items() if wording}


def stamp(fields: list[Field]) -> str:
    """A short text that changes with anything stored in these fields, to compare by."""
    stored = json.dumps([(field.name, field.own) for field in fields])
    return hashlib.sha256(stored.encode()).hexdigest()[:32]


def hints(
    fields: list[Field], labelled: Mapping[str, str], say: Words
) -> Iterator[tuple[str, str]]:
    """(field, sentence) of forbidden phrases in the county's own words, which may be meant so."""
    for field in fields:
        for hit in check(field.wanted):
            yield (
                field.name,
                say(
                    "county_texts.fault.here",
                    part=labelled[field.name],
                    fault=say(
                        "county_texts.hint",
                        phrase=hit.phrase,
                        reason=say(hit.reason_key),
                        suggestion=say(hit.suggestion_key),
                    ),
                ),
            )

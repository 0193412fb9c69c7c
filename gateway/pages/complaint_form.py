"""What the complaint form shows: choices of the county, what was typed, what is wrong with it."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from aiohttp import web

from board.model import Staff, Unit
from complaints import categories, decisions, drafts
from complaints.drafts import Draft, Fault
from complaints.limits import local
from complaints.model import MOST_FILES, Contact
from complaints.typed import day
from gateway.bodies import FILE_BYTES
from gateway.context import CONTEXT
from gateway.i18n import Words
from gateway.middleware import RETRY_AFTER_SECONDS
from gateway.pages import choices
from gateway.pages.figures import Figures
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, page, say

MOST_MATCHES = 8
LONGEST_QUERY = 60
Notice = Literal["", "down", "reused", "too_many", "found_none"]
# Buttons and choices of the page itself; no part of a complaint.
OWN_FIELDS = ("do", "pick", "sought", "files")
NOBODY = "none"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form holds, {name: values}; never refuses anything."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __call__(self, name: str) -> str:
        """The field's first value, "" when it has none."""
        values = self.fields.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field that may repeat."""
        return tuple(self.fields.get(name, ()))

    def given(self) -> list[tuple[str, str]]:
        """Every (name, value) of the complaint, to carry on to the next page."""
        return [(name, value) for name, values in self.fields.items() for value in values]


@dataclass(frozen=True, slots=True)
class Match:
    """One person that a number or name may mean."""

    person: Staff
    unit: Unit | None
    window: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What one showing of the form adds to what was typed."""

    errors: Sequence[tuple[str, str]] = ()
    notice: Notice = ""
    matches: Sequence[Match] = ()
    found: Match | None = None
    figures: Figures | None = None
    files_lost: bool = False


def typed_fields(fields: Mapping[str, Sequence[str]]) -> Typed:
    """A sent form; the person that was picked from the matches counts as the typed number.

    Not so when number or name were corrected after the search: the choice then belongs to what
    was typed before, and whoever looked wrong must not be complained of.
    """
    kept = {name: list(values) for name, values in fields.items() if name not in OWN_FIELDS}
    typed = Typed(kept)
    picked = next(iter(fields.get("pick", ())), NOBODY)
    sought = next(iter(fields.get("sought", ())), None)
    if picked != NOBODY and sought in (None, sought_by(typed)):
        kept["badge"] = [picked]
    return typed


def sought_by(typed: Typed) -> str:
    """What a search for a person went by, in one line."""
    return " / ".join(typed(name).strip() for name in ("badge", "staff_name"))


def from_query(request: web.Request, snapshot: Snapshot) -> Typed:
    """A new form; `?staff=`, `?unit=` and `?matter=` come from the page that led here."""
    fields = {"request_id": [secrets.token_urlsafe(24)]}
    directory = snapshot.directory
    person = directory.by_number(request.query.get("staff", ""))
    unit, matter = request.query.get("unit", ""), request.query.get("matter", "")
    if person:
        fields |= {"badge": [person.badge], "unit": [person.unit]}
    if directory.unit(unit):
        fields["unit"] = [unit]
    found = directory.matter(matter)
    if found:
        fields |= {"matter": [found.code], "unit": fields.get("unit", [found.unit])}
    return Typed(fields)


async def snapshot_of(request: web.Request) -> Snapshot:
    """The county's snapshot, also while the database is down, so that a form that was filled in
    can be shown again. Raises `DatabaseDown` before the first was read."""
    return await request.app[CONTEXT].snapshots.of(request[COUNTY])


def known(request: web.Request, snapshot: Snapshot) -> drafts.Known:
    """What a draft of this county may refer to, today."""
    directory = snapshot.directory
    return drafts.Known(
        unit=directory.unit_codes,
        matter=directory.matter_codes,
        category=categories.categories(),
        today=local(request.app[CONTEXT].clock()).date(),
    )


def say_faults(words: Words, faults: Mapping[str, Fault]) -> list[tuple[str, str]]:
    """(field, message) in the order of the form."""
    order = list(Draft.model_fields)
    messages = [
        (name, words(fault.key, name=name, **fault.params)) for name, fault in faults.items()
    ]
    return sorted(messages, key=lambda each: order.index(each[0]) if each[0] in order else 99)


def find_people(typed: Typed, snapshot: Snapshot, request: web.Request) -> tuple[Match, ...]:
    """Who the typed number or name may be: by number first, else by name, within the unit."""
    on = happened_on(typed) or local(request.app[CONTEXT].clock()).date()
    directory = snapshot.directory
    unit = typed("unit") if directory.unit(typed("unit")) else None
    exact = directory.by_number(typed("badge")) if typed("badge") else None
    if exact:
        return (match_of(exact, snapshot),)
    queries = [typed(name)[:LONGEST_QUERY] for name in ("badge", "staff_name", "place")]
    given = [query for query in queries if query.strip()]
    if not given and unit:
        given = [""]  # everybody of the unit
    for query in given:
        # A unit that was guessed wrongly shall not hide the person.
        for within in dict.fromkeys((unit, None)):
            found = directory.find_staff(query, unit=within, limit=MOST_MATCHES)
            serving = [person for person in found if person.serves_on(on)]
            if serving:
                return tuple(match_of(person, snapshot) for person in serving)
    return ()


def happened_on(typed: Typed) -> date | None:
    """The day that was typed, as far as it is one: who left since was there then."""
    try:
        return day(typed("happened_on"))
    except ValueError:
        return None


def match_of(person: Staff, snapshot: Snapshot) -> Match:
    """A person with what tells him or her from a namesake."""
    directory = snapshot.directory
    window = directory.window(person.window)
    return Match(person, directory.unit(person.unit), window.name if window else "")


def form_page(
    request: web.Request, snapshot: Snapshot, typed: Typed, shown: Shown, status: int = 200
) -> web.Response:
    """The form with everything that was typed."""
    words = say(request)
    directory = snapshot.directory
    found = shown.found
    if not found and typed("badge"):
        person = directory.by_number(typed("badge"))
        found = match_of(person, snapshot) if person else None
    return page(
        request,
        "complaints/new.html",
        status=status,
        typed=typed,
        shown=shown,
        found=found,
        errors=defaultdict(str, reversed(shown.errors)),
        units=choices.units(directory, words.language, typed("unit")),
        matters=choices.matters(directory, words.language, typed("unit"), typed("matter")),
        clauses=choices.clauses(
            words.language, typed.all("category"), _details(typed), _of_details(shown.errors)
        ),
        most_files=MOST_FILES,
        most_megabytes=FILE_BYTES // 1024**2,
        nobody=NOBODY,
        sought=sought_by(typed),
    )


def _details(typed: Typed) -> dict[str, str]:
    """What was typed about single categories, {code: text}."""
    given = ((name, typed(name)) for name in typed.fields if name.startswith(drafts.DETAIL))
    return {name.removeprefix(drafts.DETAIL): text for name, text in given if text}


def _of_details(errors: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What is wrong with it; of several errors the first."""
    return {
        name.removeprefix(drafts.DETAIL): message
        for name, message in reversed(errors)
        if name.startswith(drafts.DETAIL)
    }


def summary(words: Words, draft: Draft, snapshot: Snapshot) -> list[tuple[str, str, Any]]:
    """What the check page lists: (field to go back to, its name, value)."""
    directory = snapshot.directory
    unit, matter = directory.unit(draft.unit), directory.matter(draft.matter)
    english = words.language == "en"
    rows: list[tuple[str, str, Any]] = [
        ("badge", "badge", draft.badge),
        ("staff_name", "staff_name", draft.staff_name),
        ("unit", "unit", unit and (unit.name_en if english else unit.name)),
        ("place", "place", draft.place),
        ("staff_description", "staff_description", draft.staff_description),
        ("matter", "matter", matter and (matter.name_en if english else matter.name)),
        ("receipt_number", "receipt_number", draft.receipt_number),
        ("accepted_on", "accepted_on", draft.accepted_on and words.day(draft.accepted_on)),
        ("happened_on", "happened_on", draft.happened_on and words.day(draft.happened_on)),
        ("happened_at", "happened_at", draft.happened_at and f"{draft.happened_at:%H:%M}"),
        ("text", "story", draft.text),
        ("wish", "wish", draft.wish),
    ]
    told = [(name, words(f"complaints.{label}"), value) for name, label, value in rows if value]
    return [*told, *_contact(words, draft.contact, draft)]


def _contact(words: Words, contact: Contact, draft: Draft) -> list[tuple[str, str, str]]:
    if not contact:
        given = words("complaints.anonymous")
    else:
        given = words("complaints.list_comma").join(
            part for part in (contact.name, contact.phone, contact.email) if part
        )
    rows = [("name", words("complaints.contact"), given)]
    if contact:
        share = "share_yes" if draft.share_contact else "share_no"
        rows.append(("share_contact", words("complaints.sees"), words(f"complaints.{share}")))
    publish = "publish_yes" if draft.publish else "publish_no"
    return [*rows, ("publish", words("complaints.publishing"), words(f"complaints.{publish}"))]


def county_of(snapshot: Snapshot) -> decisions.County:
    """What the decisions about a complaint are made from."""
    return decisions.County(snapshot.directory, snapshot.calendar, snapshot.rules)


def unavailable(response: web.Response) -> web.Response:
    """The same answer, saying when to try again."""
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response

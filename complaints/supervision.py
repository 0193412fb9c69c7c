"""What the county desk sees: its lists, page by page, and a case; who may see what of it.

The table `SEES` is domain.md's "Who may see what" for those who sign in at the desk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

import asyncpg

from board.calendar import Calendar, CalendarUnknown
from complaints import likeness, secrets
from complaints.hidden import NOTHING, Hidden
from complaints.lifecycle import end_of
from complaints.likeness import Likely, Sketch
from complaints.limits import local
from complaints.model import Cipher, Contact
from complaints.standing import Standing
from complaints.store import supervision as store
from complaints.store.standing import find_id

# "state": number, state, due day and answer; "text": words, files, messages, who did what;
# "person": who is complained of; "contact": on a stated reason; "act": decides.
Part = Literal["code", "state", "text", "person", "contact", "act"]
_WATCHES: frozenset[Part] = frozenset({"state", "text", "person", "contact", "act"})
SEES: Mapping[str, frozenset[Part]] = {
    "operator": frozenset({"state"}),
    "moderator": frozenset(),
    "counter": frozenset(),
    "supervisor": _WATCHES,
    "administrator": _WATCHES,
}
LISTS = tuple(store.LISTS)
# Lists that are not read by what is due next, since they hold cases that are over as well.
WITH_OVER = frozenset(name for name, (_, by_time) in store.LISTS.items() if not by_time)
PAGE = 50
# More than so many are not counted.
MOST_COUNTED = 1_000
# What no index serves is looked for among so many of all cases at a time.
STRETCH = 10_000
SOON_DAYS = 2
NEAR_DAYS = timedelta(days=30)
MOST_COMPARED = 300
_NEWEST = UUID(int=(1 << 128) - 1)
_OLDEST = UUID(int=0)
_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def sees(roles: frozenset[str], part: Part) -> bool:
    """Whether any of these roles may see that part of a case that is not sealed."""
    return any(part in SEES[role] for role in roles if role in SEES)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list and what it is narrowed to; "" for everything."""

    name: str = "late"
    unit: str = ""
    office: str = ""
    state: str = ""
    category: str = ""
    number: str = ""
    staff: str = ""
    after: str = ""

    @property
    def filters(self) -> tuple[str, ...]:
        """In the order of the statements."""
        return (self.unit, self.office, self.state, self.category, self.number, self.staff)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list. `count` is how many there are from here on, at most `MOST_COUNTED` + 1;
    `after` continues, "" at the end. `more_to_search`: only the newest `STRETCH` were looked at."""

    rows: Sequence[asyncpg.Record]
    count: int
    after: str
    more_to_search: bool = False


async def find_page(
    conn: asyncpg.Connection,
    wanted: Wanted,
    calendar: Calendar,
    now: datetime,
    hidden: Hidden = NOTHING,
    *,
    standing: int | None = None,
) -> Listed:
    """One page, without the `hidden` cases. `standing`: how many there are in the whole list,
    where that was counted. Raises ValueError for an `after` that no page gave."""
    by_time = store.LISTS[wanted.name][1]
    end = None
    if wanted.name == "all" and any(wanted.filters):
        end = await store.find_stretch_end(conn, _after(wanted.after, by_time=False)[0], STRETCH)
    bounds = _bounds(wanted, calendar, now, end)
    rows = await store.list_cases(conn, wanted.name, _args(wanted, PAGE + 1, hidden) + bounds)
    more = end is not None
    if len(rows) <= PAGE:
        return Listed(rows, len(rows), str(end or ""), more_to_search=more)
    if standing is None or wanted.after or any(wanted.filters):
        args = _args(wanted, MOST_COUNTED + 1, hidden) + bounds
        standing = await store.count_cases(conn, wanted.name, args)
    # What was counted a moment ago may have grown since.
    count, rows = max(standing, len(rows)), rows[:PAGE]
    return Listed(rows, count, _mark(rows[-1], by_time=by_time), more_to_search=more)


async def find_many(
    conn: asyncpg.Connection,
    wanted: Wanted,
    calendar: Calendar,
    now: datetime,
    *,
    most: int,
    hidden: Hidden = NOTHING,
) -> Sequence[asyncpg.Record]:
    """A list of open cases without pages, at most ``most``; none that is ``hidden``."""
    args = _args(wanted, most, hidden) + _bounds(wanted, calendar, now, None)
    return await store.list_cases(conn, wanted.name, args)


def _args(wanted: Wanted, most: int, hidden: Hidden) -> list[Any]:
    """What every list asks for: the filters, whom it leaves out, how many, and the place."""
    by_time = store.LISTS[wanted.name][1]
    filters = [each or None for each in wanted.filters]
    return [*filters, hidden.subjects, most, *_after(wanted.after, by_time=by_time)]


def _bounds(wanted: Wanted, calendar: Calendar, now: datetime, end: UUID | None) -> list[Any]:
    """What a list's own condition asks for besides the filters and the place."""
    if wanted.name == "soon":
        return [now, _soon(calendar, now)]
    if wanted.name == "late":
        return [now]
    return [end or _OLDEST] if wanted.name == "all" else []


async def count_lists(
    conn: asyncpg.Connection,
    calendar: Calendar,
    now: datetime,
    hidden: Hidden = NOTHING,
) -> Mapping[str, int]:
    """How many stand in each list that work waits in, {list: at most `MOST_COUNTED` + 1}."""
    row = await store.count_lists(conn, now, _soon(calendar, now), MOST_COUNTED + 1, hidden)
    return dict(row)


def _soon(calendar: Calendar, now: datetime) -> datetime:
    """The end of the second working day from now; where no calendar is known, of the fourth day."""
    today = local(now).date()
    try:
        return end_of(calendar.nth_after(today, SOON_DAYS))
    except CalendarUnknown:
        return end_of(today + timedelta(days=2 * SOON_DAYS))


def _after(mark: str, *, by_time: bool) -> list[Any]:
    if not mark:
        return [_NEVER, _OLDEST] if by_time else [_NEWEST]
    at, _, id_ = mark.rpartition("~")
    if not by_time:
        return [UUID(id_)]
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError(mark)
    try:
        return [moment.astimezone(UTC), UUID(id_)]
    except OverflowError as error:  # before the year 1 or after 9999 in UTC
        raise ValueError(mark) from error


def _mark(row: asyncpg.Record, *, by_time: bool) -> str:
    return f"{row['next_at'].isoformat()}~{row['id']}" if by_time else str(row["id"])


@dataclass(frozen=True, slots=True)
class Told:
    """One event: what, when, by whom, and what was written with it."""

    at: datetime
    kind: str
    data: Mapping[str, Any]
    actor_kind: str
    actor: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Recused:
    """Who stepped back (badge or office), when that was written down, and by which login."""

    who: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Raised:
    """Supervision: `why` upheld, returned or desk; `subject` a badge, a unit's code or the case's
    number; `actor` the login at the desk, None for the system."""

    why: str
    subject: str
    at: datetime
    actor: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """What supervisors read of a case that is not sealed. `words` as `complaints.handling`."""

    subject_state: str
    receipt_number: str | None
    accepted_on: date | None
    happened_on: date | None
    happened_at: time | None
    words: Mapping[str, str]
    routing: Mapping[str, Any]
    breach: Mapping[str, Any] | None
    allegations: Sequence[Mapping[str, Any]]
    attachments: Sequence[Mapping[str, Any]]
    events: tuple[Told, ...]
    recused: tuple[Recused, ...]
    # What it is under supervision for now.
    supervised: tuple[Raised, ...]


_TYPED = ("badge_typed", "staff_name", "staff_description", "place", "body", "wish")
_SAME = (
    "subject_state", "receipt_number", "accepted_on", "happened_on", "happened_at", "routing",
    "breach",
)  # fmt: skip


async def find_words(
    conn: asyncpg.Connection, case: Standing, hidden: Hidden = NOTHING
) -> Words | None:
    """Words and history, which name no `hidden` case; None of a sealed case, which the desk does
    not read."""
    row = await store.find_words(conn, case.id)
    if row is None:
        return None
    events = [_told(each) for each in row["events"] or ()]
    return Words(
        **{name: row[name] for name in _SAME},
        words={name: row[name] or "" for name in _TYPED},
        allegations=row["allegations"] or (),
        attachments=row["attachments"] or (),
        events=tuple([await _without_hidden(conn, each, hidden) for each in events]),
        recused=tuple(Recused(**_dated(each)) for each in row["recused"] or ()),
        supervised=tuple(Raised(**_dated(each)) for each in row["supervised"] or ()),
    )


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "at": datetime.fromisoformat(row["at"])}


def _told(row: Mapping[str, Any]) -> Told:
    at = datetime.fromisoformat(row["at"])
    return Told(at, row["kind"], row["data"], row["actor_kind"], row["actor"], row["words"] or "")


async def _without_hidden(conn: asyncpg.Connection, told: Told, hidden: Hidden) -> Told:
    """The event without the number of a case that does not exist for who reads it."""
    for key in ("into", "from"):
        number = told.data.get(key)
        if number and await find_id(conn, str(number), hidden) is None:
            return replace(told, data={**told.data, key: None})
    return told


async def find_likely(
    conn: asyncpg.Connection, case: Standing, text: str, hidden: Hidden = NOTHING
) -> list[Likely]:
    """Complaints that may be the same as this one: of the same unit, near in time, and none that is
    `hidden` from who asks."""
    if case.unit is None or case.sealed:
        return []
    around = (case.created_at - NEAR_DAYS, case.created_at + NEAR_DAYS)
    rows = await store.list_near(conn, case.unit, *around, limit=MOST_COMPARED, hidden=hidden)
    sketches = [_sketch(row) for row in rows]
    own = next((each for each in sketches if each.id == case.id), None)
    if own is None:
        day = local(case.created_at).date()
        own = Sketch(
            case.id, case.number, case.staff_badge, case.unit, case.matter, None, day, text
        )
    return likeness.likely(own, sketches)


def _sketch(row: asyncpg.Record) -> Sketch:
    return Sketch(
        id=row["id"],
        number=row["number"],
        staff_badge=row["staff_badge"],
        unit=row["unit"],
        matter=row["matter"],
        receipt=row["receipt_number"],
        on=row["happened_on"] or local(row["created_at"]).date(),
        text=row["body"] or "",
    )


async def find_contact(conn: asyncpg.Connection, case: Standing, cipher: Cipher) -> Contact:
    """How to reach the complainant; empty where nothing was given. Raises `Unreadable`."""
    row = await store.find_contact(conn, case.id)
    return secrets.open_contact(cipher, row["wrapped_key"], row["contact"]) if row else Contact()

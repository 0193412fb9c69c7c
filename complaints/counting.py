"""Counts what became of complaints, a month at a time, for pages that must not wait for it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import asyncpg

from complaints.audit import first_id
from complaints.figures import ALL, Figures, add, months, next_month
from complaints.limits import SHANGHAI, local
from complaints.steps.complainant import NEGATIVE
from complaints.store import commendations
from complaints.store import figures as store

# States that no answer is missing in, whatever day it was due.
_ENDED = ("withdrawn", "archived", "closed")
KINDS = ("all", "unit", "category")
# How old the count of a month may be: of this month and the last, of the year before, of others.
# What changes late is a rating or a review; what is overdue changes with every day.
RECENT = timedelta(minutes=5)
# Events after which a case counts otherwise: its month is counted as if it were recent, as long as
# they are not older than this when the work comes to them.
CHANGES = (
    *("answered", "review_decided", "rated", "return_asked", "identified", "breached"),
    *("asked", "replied", "resumed", "extended", "recounted"),
    *("declined", "merged", "unmerged", "withdrawn"),
)
NOTICED = timedelta(hours=2)
# What was written so long before a count may have been committed after it.
SLACK = timedelta(minutes=1)
LAST_YEAR = timedelta(days=1)
OLD = timedelta(days=7)


async def count_month(conn: asyncpg.Connection, month: date, now: datetime) -> int:
    """Counts a month's cases anew; how many these were. `month` is its first day."""
    first, end = (first_id(_midnight(day)) for day in (month, next_month(month)))
    rows = await store.list_cases(conn, first, end)
    praise = await commendations.count_by_unit(conn, *bounds(month, month))
    counted = with_praise(tally(rows, local(now).date()), praise)
    await store.replace_month(conn, month, counted, now)
    return len(rows)


async def count_next(conn: asyncpg.Connection, now: datetime) -> bool:
    """Counts the newest month that is due to be counted; False when none is: recent months and
    those of cases that something happened to minutes after, others days after.

    The month's row is held meanwhile: another worker takes another month, and one that dies leaves
    it due.
    """
    today = local(now).date()
    await _note_months(conn, now)
    this, year = today.replace(day=1), date(today.year - 1, today.month, 1)
    changed = await store.list_changed(conn, first_id(now - NOTICED), CHANGES)
    month = await store.find_due_month(
        conn, recent=_before(this), last_year=year,
        since=(now - RECENT, now - LAST_YEAR, now - OLD),
        changed={each: at + SLACK for each, at in changed.items()},
    )  # fmt: skip
    if month is None:
        return False
    await count_month(conn, month, now)
    await store.update_counted(conn, month, now)
    return True


async def find_counted(
    conn: asyncpg.Connection, first: date, last: date
) -> dict[date, dict[tuple[str, str], Figures]]:
    """What was counted of the months from `first` to `last`, {month: {(kind, name): figures}}."""
    found: dict[date, dict[tuple[str, str], Figures]] = {}
    for month, kind, name, figures in await store.list_figures(conn, first, last, KINDS):
        found.setdefault(month, {})[kind, name] = figures
    return found


async def _note_months(conn: asyncpg.Connection, now: datetime) -> None:
    """Gives every month since the first complaint or praise its row."""
    first, known = await store.find_beginning(conn)
    if first is None:
        return
    today = local(now).date()
    missing = [each for each in months(local(first).date(), today) if each not in known]
    if missing:
        await store.insert_months(conn, missing)


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """When the months from ``first`` to ``last`` (their first days) begin and are over."""
    return _midnight(first), _midnight(next_month(last))


def with_praise(
    counted: dict[tuple[str, str], Figures], praise: Mapping[str, int]
) -> dict[tuple[str, str], Figures]:
    """Figures of all and by unit with the confirmed words of praise, {unit: n}. Pure."""
    found = dict(counted)
    for unit, n in praise.items():
        for key in (ALL, ("unit", unit)):
            found[key] = add([found.get(key, Figures()), Figures(commended=n)])
    return found


def tally(rows: Iterable[Mapping[str, Any]], today: date) -> dict[tuple[str, str], Figures]:
    """Figures of all, by unit and by category, {(kind, name): figures}; a case with several
    categories counts under each. Pure."""
    piles: dict[tuple[str, str], list[Figures]] = defaultdict(list)
    for row in rows:
        figures = of_case(row, today)
        for key in _keys(row):
            piles[key].append(figures)
    return {key: add(pile) for key, pile in piles.items()} or {ALL: Figures()}


def of_case(row: Mapping[str, Any], today: date) -> Figures:
    """One case as figures; see `complaints.store.figures.LIST_CASES`."""
    due, answered = row["due_on"], row["answered_on"]
    late = answered is not None and due is not None and answered > due
    missing = answered is None and due is not None and due < today
    level, resolved = divmod(row["rated"], 10) if row["rated"] is not None else (0, 0)
    return Figures(
        filed=1,
        answered=int(answered is not None),
        in_time=int(answered is not None and not late),
        late=int(late),
        overdue=int(missing and row["state"] not in _ENDED),
        returned=int(row["returns"] > 0),
        upheld=int(bool(row["upheld"])),
        rated=int(level > 0),
        resolved=int(resolved),
        satisfied=int(level > NEGATIVE),
        days={(answered - row["filed_on"]).days: 1} if answered else {},
    )


def _keys(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield ALL
    if row["unit"]:
        yield "unit", row["unit"]
    for category in dict.fromkeys(row["categories"] or ()):
        yield "category", category


def _before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)

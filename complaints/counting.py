"""Counts what became of complaints, a month at a time, for pages that must not wait for it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

import asyncpg

from complaints.audit import first_id
from complaints.figures import Figures, add, next_month
from complaints.limits import SHANGHAI, local
from complaints.steps.complainant import NEGATIVE
from complaints.store import figures as store

# States that no answer is missing in, whatever day it was due.
_ENDED = ("withdrawn", "archived", "closed")
ALL = ("all", "")


async def count_month(conn: asyncpg.Connection, month: date, now: datetime) -> int:
    """Counts a month's cases anew; how many these were. `month` is its first day."""
    first, end = (first_id(_midnight(day)) for day in (month, next_month(month)))
    rows = await store.list_cases(conn, first, end)
    await store.replace_month(conn, month, tally(rows, local(now).date()), now)
    return len(rows)


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


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)

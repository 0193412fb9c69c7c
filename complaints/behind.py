"""The cases behind a figure, for those who may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from board.ids import first_id
from complaints.counting import bounds
from complaints.figures import COUNTS
from complaints.hidden import NOTHING, Hidden
from complaints.limits import local
from complaints.periods import Period
from complaints.store import figures as store
from complaints.store.supervision import find_stretch_end
from complaints.supervision import MOST_COUNTED, PAGE

# What no index serves is looked for among so many cases at a time.
STRETCH = 50_000

# What counts cases; praise is none. "due": what a response rate is reckoned from.
CASE_COUNTS = ("filed", "due", *(name for name in COUNTS if name not in ("filed", "commended")))


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of them. `count`: how many there are from here on, at most `MOST_COUNTED` + 1;
    `after` continues, None at the end. `more_to_search`: only the newest `STRETCH` cases of the
    period from here on were looked at."""

    rows: Sequence[asyncpg.Record]
    count: int
    after: UUID | None
    more_to_search: bool = False


async def find_page(
    conn: asyncpg.Connection,
    period: Period,
    key: tuple[str, str],
    count: str,
    *,
    after: UUID | None = None,
    now: datetime,
    hidden: Hidden = NOTHING,
) -> Behind:
    """Cases filed in the period that count as `count` in the row `key` (kind, name), as they stand
    now, newest first; none that is `hidden`."""
    since, until = _span(period)
    after = after or until
    # A unit's cases are found along an index of theirs.
    end = None if key[0] == "unit" else await find_stretch_end(conn, after, STRETCH)
    further = end if end and end > since else None
    rows = await store.list_behind(
        conn, (further or since, until), after,
        key=key, count=count, limit=MOST_COUNTED + 1, today=local(now).date(), hidden=hidden,
    )  # fmt: skip
    shown = rows[:PAGE]
    more = shown[-1]["id"] if len(rows) > PAGE else further
    return Behind(shown, len(rows), more, more_to_search=further is not None)


async def find_many(
    conn: asyncpg.Connection,
    period: Period,
    key: tuple[str, str],
    count: str,
    *,
    now: datetime,
    most: int,
    hidden: Hidden = NOTHING,
) -> Sequence[asyncpg.Record]:
    """The same without pages, at most ``most``, however long that takes."""
    since, until = _span(period)
    return await store.list_behind(
        conn, (since, until), until,
        key=key, count=count, limit=most, today=local(now).date(), hidden=hidden,
    )  # fmt: skip


def _span(period: Period) -> tuple[UUID, UUID]:
    """The first id of a period, and the first after it."""
    since, until = (first_id(at) for at in bounds(period.first, period.last))
    return since, until

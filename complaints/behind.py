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

PAGE = 50
# More than so many are not counted.
MOST_COUNTED = 1_000
# What counts cases; praise is none. "due": what a response rate is reckoned from.
CASE_COUNTS = ("filed", "due", *(name for name in COUNTS if name not in ("filed", "commended")))


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of them. `count`: how many there are from here on, at most `MOST_COUNTED` + 1;
    `after` continues, None at the end."""

    rows: Sequence[asyncpg.Record]
    count: int
    after: UUID | None


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
    rows = await find_many(
        conn, period, key, count, after=after, now=now, most=MOST_COUNTED + 1, hidden=hidden
    )
    shown = rows[:PAGE]
    return Behind(shown, len(rows), shown[-1]["id"] if len(rows) > PAGE else None)


async def find_many(
    conn: asyncpg.Connection,
    period: Period,
    key: tuple[str, str],
    count: str,
    *,
    after: UUID | None = None,
    now: datetime,
    most: int,
    hidden: Hidden = NOTHING,
) -> Sequence[asyncpg.Record]:
    """The same without pages, at most ``most``."""
    since, until = (first_id(at) for at in bounds(period.first, period.last))
    return await store.list_behind(
        conn,
        (since, until),
        after or until,
        key=key,
        count=count,
        limit=most,
        today=local(now).date(),
        hidden=hidden,
    )

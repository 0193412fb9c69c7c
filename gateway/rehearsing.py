"""The dry run of another routing table over a county's last year (`complaints.rehearsal`)."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from board.directory import Directory
from complaints.hidden import NOTHING, Hidden
from complaints.rehearsal import Changed, Year, read_batch, rehearse
from complaints.routing import Rule
from gateway.counties import County
from gateway.db import Database

# The administrator waits for it; what was read by then is compared, the newest cases first.
MOST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would have changed, and whether the whole year was read."""

    changed: Changed
    whole: bool


async def rehearse_county(
    db: Database,
    county: County,
    directory: Directory,
    *,
    old_rules: Sequence[Rule],
    new_rules: Sequence[Rule],
    now: datetime,
    hidden: Hidden = NOTHING,
    most_seconds: float = MOST_SECONDS,
) -> Rehearsed:
    """What other rules would have done with the last year's cases; a short transaction for each
    batch, and no longer than about `most_seconds`, the newest cases first."""
    year, until = Year(hidden), time.monotonic() + most_seconds
    before: UUID | None = None

    async def work(conn: asyncpg.Connection) -> UUID | None:
        return await read_batch(conn, year, directory, now, before)

    while True:
        before = await db.run(county.schema, work, single=True)
        if before is None or time.monotonic() >= until:
            break
    # Other pages go on meanwhile.
    changed = await asyncio.to_thread(rehearse, year, old_rules, new_rules, directory)
    return Rehearsed(changed, before is None)

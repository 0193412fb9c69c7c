"""The background work that follows a changed calendar."""

from datetime import datetime
from weakref import WeakKeyDictionary

import asyncpg

from board.store import county as county_store
from board.store.directory import load_calendar
from complaints.recounting import recount
from gateway.context import Context
from gateway.db import Database

# A sweep reads all open cases. After a second one, a minute later, that found nothing no process
# holds the calendar before, and there is nothing to look for until the next change.
ENOUGH = 2
LOCK_SECONDS = 60.0

# {schema: (calendar version, clean sweeps since it came)}; one that comes back is new again.
_Clean = dict[str, tuple[str, int]]
_clean: WeakKeyDictionary[Database, _Clean] = WeakKeyDictionary()


async def run_once(context: Context) -> int:
    """A batch for every county: how many cases were counted anew, 0 when all are."""
    now = context.clock()
    clean = _clean.setdefault(context.db, {})
    return sum([await _sweep(context.db, each.schema, clean, now) for each in context.counties])


async def _sweep(db: Database, schema: str, clean: _Clean, now: datetime) -> int:
    async def work(conn: asyncpg.Connection) -> tuple[str, int]:
        version = (await load_calendar(conn)).version
        before, sweeps = clean.get(schema, ("", 0))
        if before == version and sweeps >= ENOUGH:
            return version, 0
        # Under the lock that an import takes: all days of one calendar.
        await county_store.find_versions_locked(conn)
        calendar = await load_calendar(conn)
        return calendar.version, await recount(conn, calendar, now)

    # An import may hold the lock for longer than a visitor would wait.
    version, done = await db.run(schema, work, within=LOCK_SECONDS)
    before, sweeps = clean.get(schema, ("", 0))
    clean[schema] = version, (0 if done or before != version else sweeps) + (not done)
    return done

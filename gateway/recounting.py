"""The background work that follows a changed calendar."""

from dataclasses import dataclass, replace
from datetime import datetime
from weakref import WeakKeyDictionary

import asyncpg

from board.calendar import Calendar
from board.store import county as county_store
from complaints.recounting import recount, recount_closed
from complaints.store.recounting import BEGINNING, Place
from complaints.store.terms import load_terms
from gateway.background import in_each_county
from gateway.context import Context
from gateway.db import Database

# A sweep reads all open cases, then the closed ones that may still be reviewed. After a second one,
# a minute later, that found nothing no process holds the calendar before, and there is nothing to
# look for until the next change.
ENOUGH = 2
LOCK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Progress:
    """Since this calendar came: clean sweeps, where the present one goes on, what it counted."""

    version: str = ""
    clean: int = 0
    after: Place = BEGINNING
    done: int = 0
    # The open cases are done with.
    closed: bool = False


_progress: WeakKeyDictionary[Database, dict[str, _Progress]] = WeakKeyDictionary()


async def run_once(context: Context) -> int:
    """A batch for every county: how many cases were counted anew, 0 when all are."""
    now = context.clock()
    progress = _progress.setdefault(context.db, {})
    return await in_each_county(
        context, "calendar", lambda county: _sweep(context.db, county.schema, progress, now)
    )


async def _sweep(db: Database, schema: str, progress: dict[str, _Progress], now: datetime) -> int:
    before = progress.get(schema, _Progress())

    async def work(conn: asyncpg.Connection) -> tuple[_Progress, int]:
        version = (await load_terms(conn)).version
        if before.version == version and before.clean >= ENOUGH:
            return before, 0
        # Under the lock that an import takes: all days of one calendar.
        await county_store.find_versions_locked(conn)
        calendar = await load_terms(conn)
        # One that comes back is new again.
        at = before if before.version == calendar.version else _Progress(calendar.version)
        return await _batch(conn, calendar, now, at)

    # An import may hold the lock for longer than a visitor would wait.
    progress[schema], done = await db.run(schema, work, within=LOCK_SECONDS)
    return done


async def _batch(
    conn: asyncpg.Connection, calendar: Calendar, now: datetime, at: _Progress
) -> tuple[_Progress, int]:
    """A batch, and where the next one goes on; at the end of a sweep that counted nothing, one
    clean sweep more. Not 0 while there are more of the same sweep."""
    done = 0
    if not at.closed:
        swept = await recount(conn, calendar, now, at.after)
        done = swept.done
        over = swept.after is None
        at = replace(at, after=swept.after or BEGINNING, done=at.done + done, closed=over)
    if not at.closed:
        return at, done or 1
    swept = await recount_closed(conn, calendar, now, at.after)
    done += swept.done
    at = replace(at, done=at.done + swept.done)
    if swept.after:
        return replace(at, after=swept.after), done or 1
    return _Progress(at.version, 0 if at.done else at.clean + 1), done

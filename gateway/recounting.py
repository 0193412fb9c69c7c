"""The background work that follows a changed calendar."""

from dataclasses import dataclass, replace
from datetime import datetime
from weakref import WeakKeyDictionary

import asyncpg

from board.store import county as county_store
from complaints.recounting import Swept, recount
from complaints.store.recounting import BEGINNING, Place
from complaints.store.terms import load_terms
from gateway.background import in_each_county
from gateway.context import Context
from gateway.db import Database

# A sweep reads all open cases. After a second one, a minute later, that found nothing no process
# holds the calendar before, and there is nothing to look for until the next change.
ENOUGH = 2
LOCK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Progress:
    """Since this calendar came: clean sweeps, where the present one goes on, what it counted."""

    version: str = ""
    clean: int = 0
    after: Place = BEGINNING
    done: int = 0


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
        swept = await recount(conn, calendar, now, at.after)
        return _further(at, swept), swept.done

    # An import may hold the lock for longer than a visitor would wait.
    progress[schema], done = await db.run(schema, work, within=LOCK_SECONDS)
    return done


def _further(at: _Progress, swept: Swept) -> _Progress:
    """On to the next batch; at the end of a sweep that counted nothing, one clean sweep more."""
    done = at.done + swept.done
    if swept.after:
        return replace(at, after=swept.after, done=done)
    return _Progress(at.version, 0 if done else at.clean + 1)

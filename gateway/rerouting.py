"""The background work that follows changed offices, relatives and rules (`complaints.rerouting`).

How far it has got is kept in the county, so that whoever runs it, and however many, each open case
is looked at once a round and moved once.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import asyncpg

from board.store import county as county_store
from board.store.directory import find_versions
from complaints.rerouting import Swept, sweep
from complaints.store import rerouting as store
from complaints.store.rerouting import BEGINNING, Progress
from gateway import links
from gateway.background import in_each_county
from gateway.context import Context
from gateway.counties import County
from gateway.snapshots import Snapshot

# After a second round that moved nothing, begun when every process held the new versions, there is
# nothing to look for until the next change.
ENOUGH = 2
LOCK_SECONDS = 60.0
_AGAIN = 1


async def run_once(context: Context) -> int:
    """A batch for every county: how many cases were looked at; 0 at the end of a round."""
    return await in_each_county(context, "routing", lambda county: _sweep(context, county))


async def _sweep(context: Context, county: County) -> int:
    now, snapshot = context.clock(), await context.snapshots.of(county)

    async def work(conn: asyncpg.Connection) -> int | None:
        return await _batch(conn, snapshot, now)

    # An import may hold the lock for longer than a visitor would wait.
    done: int | None = await context.db.run(county.schema, work, within=LOCK_SECONDS)
    if done is not None:
        return done
    await context.snapshots.forget(county)
    return _AGAIN


async def _batch(conn: asyncpg.Connection, snapshot: Snapshot, now: datetime) -> int | None:
    """None when the county has changed since the snapshot was read."""
    if _over(await store.find_progress(conn), _version(await find_versions(conn))):
        return 0
    # Under the lock that an edit takes: one county for the whole batch, and one worker at it.
    await county_store.find_versions_locked(conn)
    version = _version(await find_versions(conn))
    if version != _version(snapshot.versions):
        return None
    before = await store.find_progress(conn)
    if _over(before, version):
        return 0
    at = before if before.version == version else Progress(version)
    swept = await sweep(conn, snapshot.county, now, (at.after_at, at.after_id))
    for moved in swept.moved:
        await links.revoke(conn, moved, now)
    await store.update_progress(conn, _further(at, swept))
    return swept.looked_at if swept.after else 0


def _version(versions: Mapping[str, int]) -> str:
    return f"{versions.get('directory', 0)}-{versions.get('routing', 0)}"


def _over(progress: Progress, version: str) -> bool:
    return progress.version == version and progress.clean >= ENOUGH


def _further(at: Progress, swept: Swept) -> Progress:
    """On to the next batch; at the end of a round that moved nothing, one clean round more."""
    moved = at.moved + len(swept.moved) + swept.late
    if swept.after:
        return replace(at, after_at=swept.after[0], after_id=swept.after[1], moved=moved)
    clean = 0 if moved else at.clean + 1
    return replace(at, clean=clean, after_at=BEGINNING[0], after_id=BEGINNING[1], moved=0)

"""What is past its period of keeping: shown, or wiped at once instead of at the next sweep."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from complaints.steps.system import wake
from complaints.store import retention as store
from complaints.store.standing import find_id, find_standing, update_case
from gateway.attachments import AttachmentStore
from gateway.counties import County
from gateway.db import Database
from gateway.snapshots import Snapshot, Snapshots

MOST_SHOWN = 1_000
BATCH = 100


async def list_due(db: Database, county: County, until: datetime) -> Sequence[asyncpg.Record]:
    """Cases to be wiped by `until` (aware): number, state, wake_at; one more than are shown where
    there are so many."""
    async with db.transaction(county.schema) as conn:
        return await store.list_due(conn, until, MOST_SHOWN + 1)


async def wipe(
    db: Database,
    county: County,
    snapshots: Snapshots,
    files: AttachmentStore,
    clock: Callable[[], datetime],
) -> list[str]:
    """Wipes the cases of a county whose period is over; gives their numbers.

    In batches, each its own transaction: a background process that does the same at once only
    leaves less to do here. Each has its own time: an event that claims to be older than others by
    now would be taken for one that was put in (`complaints.audit`).
    """
    snapshot = await snapshots.of(county)
    numbers: list[str] = []
    while True:
        done, stored = await db.run(
            county.schema, lambda conn: _wipe_batch(conn, snapshot, clock())
        )
        # Their key is gone already; what stays behind after a crash here is swept as a stray.
        for file in stored:
            await files.delete(county.schema, file)
        numbers += done
        if not done:
            return numbers


async def _wipe_batch(
    conn: asyncpg.Connection, snapshot: Snapshot, now: datetime
) -> tuple[list[str], list[UUID]]:
    moves = []
    for row in await store.list_due(conn, now, BATCH):
        found = await find_id(conn, row["number"])
        case = await find_standing(conn, found, lock=True) if found else None
        if case is None or case.wiped_at is not None:
            continue
        move = wake(case, snapshot.directory, snapshot.calendar, now)
        if move.case.wiped_at and await update_case(conn, move):
            moves.append(move)
    stored = await store.wipe(conn, [move.case.id for move in moves]) if moves else []
    return [move.case.number for move in moves], stored

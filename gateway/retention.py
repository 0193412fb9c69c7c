"""What is past its period of keeping: shown, or wiped at once instead of at the next sweep."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from complaints.standing import Move
from complaints.steps.system import wake
from complaints.store import retention as store
from complaints.store.standing import REFUSED, find_id, find_standing, update_apart
from gateway.attachments import AttachmentStore
from gateway.counties import County
from gateway.db import Database
from gateway.snapshots import Snapshot, Snapshots

MOST_SHOWN = 1_000
BATCH = 100


@dataclass(frozen=True, slots=True)
class Wiped:
    """The numbers of cases that were wiped, which could not be and the kind of fault, and the
    stored files that may be removed once this is committed."""

    numbers: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    files: list[UUID] = field(default_factory=list)


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
) -> Wiped:
    """Wipes the cases of a county whose period is over.

    In batches, each its own transaction: a background process that does the same at once only
    leaves less to do here. Each has its own time: an event that claims to be older than others by
    now would be taken for one that was put in (`complaints.audit`). A case that cannot be wiped
    keeps no other from it.
    """
    snapshot = await snapshots.of(county)
    done = Wiped()
    while True:
        batch = await db.run(
            county.schema, lambda conn: _wipe_batch(conn, snapshot, clock(), done.faults)
        )
        # Their key is gone already; what stays behind after a crash here is swept as a stray.
        for file in batch.files:
            await files.delete(county.schema, file)
        done.numbers.extend(batch.numbers)
        done.faults.update(batch.faults)
        if not batch.numbers and not batch.faults:
            return done


async def _wipe_batch(
    conn: asyncpg.Connection, snapshot: Snapshot, now: datetime, left: Collection[str]
) -> Wiped:
    """The next batch, but for the cases that are `left` as they are."""
    done, ended = Wiped(), []
    for row in await store.list_due(conn, now, BATCH + len(left)):
        if row["number"] in left:
            continue
        try:
            move = await _wipe_one(conn, row["number"], snapshot, now)
        except REFUSED as error:
            # Its text quotes the row.
            done.faults[row["number"]] = type(error).__name__
            continue
        if move is not None:
            done.numbers.append(row["number"])
            ended.append(move.case.id)
    if ended:
        done.files.extend(await store.wipe(conn, ended))
    return done


async def _wipe_one(
    conn: asyncpg.Connection, number: str, snapshot: Snapshot, now: datetime
) -> Move | None:
    """The move that says so; None where another process was first."""
    found = await find_id(conn, number)
    case = await find_standing(conn, found, lock=True) if found else None
    if case is None or case.wiped_at is not None:
        return None
    move = wake(case, snapshot.directory, snapshot.calendar, now)
    return move if move.case.wiped_at and await update_apart(conn, move) else None

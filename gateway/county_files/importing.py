"""Files into the database: all or nothing, and nothing at all where nothing differs."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import asyncpg

from board.county_changes import Change, compare
from board.model import CalendarDay, County, CountyProfile
from board.store import county as county_store
from board.store import directory as directory_store
from board.store import receipts as receipts_store
from gateway.county_files import own
from gateway.county_files.checking import check, county_of, whole
from gateway.county_files.faults import CountyFilesError, Fault
from gateway.county_files.own import NOTHING, Own
from gateway.county_files.parsing import Files, read_folder
from gateway.db import Database

_FOREIGN_KEY = "23503"


@dataclass(frozen=True, slots=True)
class Outcome:
    """{part: (added, changed, removed)} for the parts that differ; {} when nothing did."""

    counts: Mapping[str, tuple[int, int, int]]


class _OnlyTried(Exception):
    """Takes a dry run's transaction back."""


async def import_folder(
    db: Database, schema: str, folder: Path, now: datetime, *, dry_run: bool = False
) -> Outcome:
    """Makes the county of `schema` what the files in `folder` say, and tells what differed.

    A table without a file stays as it is. Raises `CountyFilesError` with every fault, and then
    nothing has changed. `dry_run` does everything and takes it back.
    """
    files = read_folder(folder)
    outcomes: list[Outcome] = []

    async def work(conn: asyncpg.Connection) -> None:
        outcomes.append(await import_files(conn, files, now))
        if dry_run:
            raise _OnlyTried

    with suppress(_OnlyTried):
        # As a whole again after a lost connection: what was already written does not differ.
        await db.run(schema, work, within=None)
    return outcomes[-1]


async def import_files(conn: asyncpg.Connection, files: Files, now: datetime) -> Outcome:
    """`import_folder` inside the caller's transaction."""
    await county_store.insert_versions(conn, now)
    await county_store.find_versions_locked(conn)
    # There may be millions of receipts: they are read only to be compared.
    wanted = not {"receipts", "receipt_steps"}.isdisjoint(files.parts)
    old = await read_county(conn, receipts=wanted)
    changes = plan(files, old, await own.read(conn))
    try:
        await county_store.write_changes(conn, changes, now)
        await own.write(conn, changes, files, now)
    except asyncpg.PostgresError as error:
        if error.sqlstate != _FOREIGN_KEY:
            raise
        raise CountyFilesError(_still_used(changes)) from error
    return Outcome({part: _count(change) for part, change in changes.items()})


def plan(files: Files, old: County, kept: Own = NOTHING) -> dict[str, Change]:
    """What the files would change in `old` and `kept`; raises `CountyFilesError`."""
    faults = [*check(files, old), *own.check(files, old)]
    if faults:
        raise CountyFilesError(faults)
    new = county_of(whole(files, old))
    changes = compare(old, replace(new, calendar_days=_with_notes(old, new)))
    return changes | own.compare(files, kept)


def _with_notes(old: County, new: County) -> tuple[CalendarDay, ...]:
    """A note that calendar.json leaves out stays."""
    notes = {(row.day, row.kind): row.note for row in old.calendar_days}
    return tuple(
        replace(row, note=row.note or notes.get((row.day, row.kind), ""))
        for row in new.calendar_days
    )


def new_county_outcome(folder: Path) -> Outcome:
    """What the files would make of a county that is not there yet; raises `CountyFilesError`."""
    changes = plan(read_folder(folder), County())
    return Outcome({part: _count(change) for part, change in changes.items()})


def profile_of(folder: Path) -> CountyProfile | None:
    """The county's own row as the files give it, for a county that is not there yet.

    Raises `CountyFilesError` when the files could not make a new county.
    """
    files = read_folder(folder)
    plan(files, County())
    return next((placed.row for placed in files.parts.get("profile", ())), None)


async def read_county(conn: asyncpg.Connection, *, receipts: bool = True) -> County:
    """Everything that files hold; without receipts and their steps on request."""
    county = await directory_store.load_county(conn)
    if not receipts:
        return county
    return replace(
        county,
        receipts=await receipts_store.list_receipts(conn),
        receipt_steps=await receipts_store.list_receipt_steps(conn),
    )


def _count(change: Change) -> tuple[int, int, int]:
    return len(change.added), len(change.changed), len(change.removed)


def _still_used(changes: Mapping[str, Change]) -> list[Fault]:
    """Something that the files do not know, an appointment for example, points at a removed row."""
    return [
        Fault(f"{part}.csv", 0, "code", "still_used", (("value", row.code),))
        for part in ("sections", "windows")
        if part in changes
        for row in changes[part].removed
    ]

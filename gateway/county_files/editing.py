"""Some rows of a county's data changed at the desk: read, checked and written as files are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import asyncpg

from board.county_changes import KEYS
from board.model import County
from board.store import county as county_store
from gateway.county_files.checking import FILE_OF
from gateway.county_files.faults import BadValue, Fault
from gateway.county_files.importing import Outcome, import_files, read_county
from gateway.county_files.parsing import Files, Placed
from gateway.county_files.tables import TABLES

# Where a row that was typed stands in the faults that name it; rows of the database have line 0.
TYPED = 1
COLUMNS = {table.part: table.columns for table in TABLES}
_ROWS = {table.part: table.row for table in TABLES}


@dataclass(frozen=True, slots=True)
class Edit:
    """What becomes of one part: `put` are rows as they shall be, new or changed, `dropped` the keys
    (see `board.county_changes.KEYS`) of those that go."""

    part: str
    put: Sequence[Any] = ()
    dropped: Sequence[Any] = field(default=())


def read_row(part: str, texts: Mapping[str, str]) -> tuple[Any, list[Fault]]:
    """The row that somebody typed, column by column as a county file has them, and its faults; the
    row is None where there are any."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for column, reader in COLUMNS[part].items():
        try:
            values[column] = reader(texts.get(column, "").replace("\r\n", "\n").strip())
        except BadValue as bad:
            faults.append(Fault(FILE_OF[part], TYPED, column, bad.key, bad.params))
    return (None, faults) if faults else (_ROWS[part](**values), [])


def edited(county: County, edits: Sequence[Edit]) -> County:
    """The county as it would be."""
    return replace(county, **{edit.part: _rows(county, edit) for edit in edits})


def _rows(county: County, edit: Edit) -> tuple[Any, ...]:
    key = KEYS[edit.part]
    rows = {key(row): row for row in getattr(county, edit.part)}
    rows |= {key(row): row for row in edit.put}
    return tuple(row for each, row in rows.items() if each not in set(edit.dropped))


async def apply_edits(conn: asyncpg.Connection, edits: Sequence[Edit], now: datetime) -> Outcome:
    """Makes the edits inside the caller's transaction, as an import of those parts would.

    Raises `CountyFilesError` when the county would not fit together any more; faults with line
    `TYPED` are those of the rows that were put. Of two who edit at once the second waits, and sees
    what the first did.
    """
    await county_store.insert_versions(conn, now)
    await county_store.find_versions_locked(conn)
    old = await read_county(conn, receipts=False)
    files = Files(parts={edit.part: _placed(old, edit) for edit in edits})
    return await import_files(conn, files, now)


def _placed(old: County, edit: Edit) -> list[Placed]:
    put = {KEYS[edit.part](row) for row in edit.put}
    return [
        Placed(FILE_OF[edit.part], TYPED if KEYS[edit.part](row) in put else 0, row)
        for row in _rows(old, edit)
    ]

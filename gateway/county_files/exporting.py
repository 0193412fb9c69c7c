"""The database back into the files that made it."""

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import xlsxwriter

from board.county_changes import in_file_order
from board.model import County
from board.store import county as county_store
from gateway.county_files import calendar_file, own
from gateway.county_files.cells import defuse, written
from gateway.county_files.importing import read_county
from gateway.county_files.own import Own
from gateway.county_files.own_tables import OWN_TABLES
from gateway.county_files.tables import CALENDAR_FILE, PROFILE_FILE, TABLES, Table
from gateway.db import Database

# Spreadsheets take a file without the mark for GBK.
_CSV_ENCODING = "utf-8-sig"


async def export_folder(
    db: Database, schema: str, folder: Path, *, spreadsheets: bool = False
) -> tuple[Path, ...]:
    """Writes every county file into `folder` and returns their paths; CSV, or XLSX on request.

    Files of the same names are replaced one by one, each at once. Raises OSError.
    """
    async with db.transaction(schema) as conn:
        await county_store.hold_still(conn)
        county, kept = await read_county(conn), await own.read(conn)
    return write_folder(county, folder, kept=kept, spreadsheets=spreadsheets)


def write_folder(
    county: County, folder: Path, *, kept: Own | None = None, spreadsheets: bool = False
) -> tuple[Path, ...]:
    """`export_folder` for a county that is already read; without `kept` its own limits and words
    have no files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [_write(folder / PROFILE_FILE, _json(asdict(p))) for p in county.profile]
    calendar = calendar_file.written(county.calendar_years, county.calendar_days)
    paths.append(_write(folder / CALENDAR_FILE, _json(calendar)))
    filled = [
        (table, in_file_order(table.part, getattr(county, table.part)))
        for table in TABLES
        if table.part != "profile"
    ]
    if kept is not None:
        filled += [(table, own.rows_of(table.part, kept, county)) for table in OWN_TABLES]
    for table, rows in filled:
        lines = [list(table.columns), *(_cells(table, row) for row in rows)]
        data = _xlsx(lines) if spreadsheets else _csv(lines)
        # Two files of one name would make the next import ask which is meant.
        (folder / f"{table.stem}.{'csv' if spreadsheets else 'xlsx'}").unlink(missing_ok=True)
        paths.append(_write(folder / f"{table.stem}.{'xlsx' if spreadsheets else 'csv'}", data))
    return tuple(paths)


def _cells(table: Table, row: Any) -> list[str]:
    return [defuse(written(getattr(row, column))) for column in table.columns]


def _csv(lines: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode(_CSV_ENCODING)


def _xlsx(lines: list[list[str]]) -> bytes:
    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(data, options) as workbook:
        sheet = workbook.add_worksheet()
        for at, line in enumerate(lines):
            for column, cell in enumerate(line):
                sheet.write_string(at, column, cell)
    return data.getvalue()


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _write(path: Path, data: bytes) -> Path:
    """Whole or not at all: a full disk leaves the file that was there."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path

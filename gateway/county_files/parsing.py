"""From rows of text to rows of the model, each with its place, collecting every fault."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gateway.county_files import calendar_file
from gateway.county_files.calendar_file import line_of
from gateway.county_files.faults import BadValue, CountyFilesError, Fault
from gateway.county_files.own_tables import OWN_TABLES
from gateway.county_files.sheets import (
    ENDINGS,
    Sheet,
    decode,
    find_file,
    is_there,
    read_bytes,
    read_sheet,
)
from gateway.county_files.tables import CALENDAR_FILE, PROFILE_FILE, TABLES, Table


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of the model and where it stands; line 0 when it comes from the database."""

    file: str
    line: int
    row: Any

    def fault(self, column: str, key: str, **params: object) -> Fault:
        """A fault of this row."""
        told = tuple((name, str(value)) for name, value in params.items())
        return Fault(self.file, self.line, column, key, told)


@dataclass(slots=True)
class Files:
    """What a folder says: the parts it has, and the faults met while reading them."""

    parts: dict[str, list[Placed]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    # Keys of rows that could not be read, and parts that could not be read at all: what names
    # them is no fault of its own.
    broken: defaultdict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))
    unread: set[str] = field(default_factory=set)


def read_folder(folder: Path) -> Files:
    """Reads every county file in `folder`; what is not there is simply missing from `parts`."""
    files = Files(faults=list(_strangers(folder)))
    for table in (*TABLES, *OWN_TABLES):
        try:
            _read_table(folder, table, files)
        except CountyFilesError as error:
            files.unread.add(table.part)
            files.faults.extend(error.faults)
    try:
        _read_calendar(folder, files)
    except CountyFilesError as error:
        files.faults.extend(error.faults)
    if not files.parts and not files.faults:
        files.faults.append(Fault(str(folder), 0, "", "no_files"))
    return files


def _strangers(folder: Path) -> Iterable[Fault]:
    """Tables under a name that nobody reads (Staff.CSV, matter.csv): left out in silence, they
    would look as if they had been taken in."""
    tables = (*TABLES, *OWN_TABLES)
    known = {f"{table.stem}{end}" for table in tables for end in ENDINGS}
    known |= {PROFILE_FILE, CALENDAR_FILE}
    for path in sorted(folder.iterdir()):
        # What a spreadsheet puts beside an open file is nobody's table.
        if path.name in known or path.name.startswith((".", "~$")):
            continue
        if path.suffix.lower() in (*ENDINGS, ".xls", ".json"):
            yield Fault(path.name, 0, "", "unknown_file")


def _read_table(folder: Path, table: Table, files: Files) -> None:
    if table.part == "profile" and is_there(folder / PROFILE_FILE):
        _read_profile(folder / PROFILE_FILE, table, files)
        return
    path = find_file(folder, table.stem)
    if path is not None:
        _read_rows(read_sheet(path), table, files)


def _read_rows(sheet: Sheet, table: Table, files: Files) -> None:
    wrong = list(_heading_faults(sheet, table.columns))
    if wrong:
        raise CountyFilesError(wrong)
    placed = files.parts.setdefault(table.part, [])
    for line, cells in sheet.rows:
        place = (sheet.file, line)
        if any(cells[len(sheet.heading) :]):
            files.faults.append(Fault(*place, "", "too_many_cells"))
        padded = (*cells, *[""] * len(sheet.heading))
        values = _values(table, dict(zip(sheet.heading, padded, strict=False)), place, files.faults)
        if len(values) == len(table.columns):
            placed.append(Placed(*place, table.row(**values)))
        else:
            # The first column is what others name a row by.
            files.broken[table.part].add(values.get(next(iter(table.columns))))


def _heading_faults(sheet: Sheet, columns: Mapping[str, object]) -> Iterable[Fault]:
    for name in columns:
        if name not in sheet.heading:
            yield Fault(sheet.file, 1, name, "missing_column")
    for name, times in Counter(sheet.heading).items():
        if name not in columns:
            known = (("known", ", ".join(columns)),)
            yield Fault(sheet.file, 1, name or "?", "unknown_column", known)
        if times > 1:
            yield Fault(sheet.file, 1, name, "column_twice")


def _values(
    table: Table, texts: Mapping[str, str], place: tuple[str, int], faults: list[Fault]
) -> dict[str, Any]:
    """The cells that could be read; a fault for each of the others."""
    values: dict[str, Any] = {}
    for column, reader in table.columns.items():
        try:
            values[column] = reader(texts[column])
        except BadValue as bad:
            faults.append(Fault(*place, column, bad.key, bad.params))
    return values


def _read_profile(path: Path, table: Table, files: Files) -> None:
    """county.json is read like a table of one row, its names for a heading."""
    text, data = _json(path)
    if not isinstance(data, dict) or not all(isinstance(v, str) for v in data.values()):
        raise CountyFilesError([Fault(path.name, 1, "", "not_texts")])
    sheet = Sheet(path.name, tuple(data), ((1, tuple(v.strip() for v in data.values())),))
    own = Files(parts=files.parts)
    try:
        _read_rows(sheet, table, own)
    except CountyFilesError as error:
        own.faults.extend(error.faults)
    if own.faults:
        raise CountyFilesError(replace(f, line=line_of(text, f.column)) for f in own.faults)


def _json(path: Path) -> tuple[str, Any]:
    try:
        text = decode(read_bytes(path))
        return text, json.loads(text, object_pairs_hook=_once)
    except BadValue as bad:
        raise CountyFilesError([Fault(path.name, 0, "", bad.key, bad.params)]) from None
    except json.JSONDecodeError as error:
        reason = (("reason", error.msg),)
        raise CountyFilesError([Fault(path.name, error.lineno, "", "bad_json", reason)]) from None
    except RecursionError:
        raise CountyFilesError([Fault(path.name, 0, "", "not_an_object")]) from None
    except ValueError:
        # A number of thousands of digits.
        raise CountyFilesError([Fault(path.name, 0, "", "not_texts")]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    if twice:
        raise BadValue("duplicate", value=twice[0])
    return dict(pairs)


def _read_calendar(folder: Path, files: Files) -> None:
    path = folder / CALENDAR_FILE
    if not is_there(path):
        return
    text, data = _json(path)
    years, days, faults = calendar_file.read(path.name, text, data)
    files.faults.extend(faults)
    files.parts["calendar_years"] = [Placed(path.name, line, row) for line, row in years]
    files.parts["calendar_days"] = [Placed(path.name, line, row) for line, row in days]

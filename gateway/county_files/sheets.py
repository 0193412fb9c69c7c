"""From a file on disk to rows of text: CSV in UTF-8 or GB18030, or the first sheet of XLSX."""

import csv
import io
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from gateway.county_files.cells import arm
from gateway.county_files.faults import BadValue, CountyFilesError, Fault

ENDINGS = (".csv", ".xlsx")
_MOST_BYTES = 50_000_000
# A small archive can unpack to anything.
_MOST_UNPACKED = 400_000_000
_MOST_ROWS = 1_000_000
# One filled cell at the far corner makes a reader lay out all that lie before it.
_MOST_CELLS = 20_000_000
_PLACE = re.compile(rb"<(?:\w+:)?(?:c|row)\b[^>]*?\sr\s*=\s*[\"']([A-Z]{0,3})([0-9]{1,7})[\"']")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A heading and rows with their line in the file; cells are trimmed and line ends are \\n."""

    file: str
    heading: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def is_there(path: Path) -> bool:
    """Whether anything has this name: what is no file must be told, not passed over."""
    return os.path.lexists(path)


def find_file(folder: Path, stem: str) -> Path | None:
    """The one file of this name; raises `CountyFilesError` when there are two."""
    found = [folder / f"{stem}{end}" for end in ENDINGS if is_there(folder / f"{stem}{end}")]
    if len(found) > 1:
        other = (("other", found[1].name),)
        raise CountyFilesError([Fault(found[0].name, 0, "", "two_files", other)])
    return found[0] if found else None


def read_bytes(path: Path) -> bytes:
    """A file's bytes; raises `BadValue` when it is too large or cannot be read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            # Reading a pipe would wait for ever.
            raise BadValue("no_file")
        if status.st_size > _MOST_BYTES:
            raise BadValue("too_large", most=f"{_MOST_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise BadValue("unreadable", reason=error.strerror or type(error).__name__) from None


def decode(data: bytes) -> str:
    """UTF-8 with or without a mark, else GB18030; raises `BadValue`."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadValue("bad_encoding")


def read_sheet(path: Path) -> Sheet:
    """The file's heading and rows; raises `CountyFilesError` when it is no table at all."""
    try:
        data = read_bytes(path)
        lines = _xlsx_lines(data) if path.suffix == ".xlsx" else _csv_lines(decode(data))
        return _sheet(path.name, lines)
    except BadValue as bad:
        raise CountyFilesError([Fault(path.name, 0, "", bad.key, bad.params)]) from None
    except csv.Error as error:
        reason = (("reason", str(error)),)
        raise CountyFilesError([Fault(path.name, 0, "", "bad_csv", reason)]) from None


def _sheet(name: str, lines: Iterator[tuple[int, list[str]]]) -> Sheet:
    filled = ((at, tuple(map(_tidy, row))) for at, row in lines)
    rows = [(at, row) for at, row in filled if any(row)]
    if not rows:
        raise BadValue("no_heading")
    if len(rows) > _MOST_ROWS:
        raise BadValue("too_many_rows", most=_MOST_ROWS)
    heading = tuple(cell.lower() for cell in rows[0][1])
    while heading and not heading[-1]:
        heading = heading[:-1]
    return Sheet(name, heading, tuple(rows[1:]))


def _tidy(cell: str) -> str:
    return arm(cell.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\u3000"))


def _csv_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    for row in reader:
        yield start, row
        # A cell may go over several lines.
        start = reader.line_num + 1


def _xlsx_lines(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
                raise BadValue("too_large", most=f"{_MOST_UNPACKED // 1_000_000} MB")
            if any(_cells(xml) > _MOST_CELLS for xml in _parts(archive)):
                raise BadValue("too_many_rows", most=_MOST_ROWS)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, IndexError):
        raise BadValue("bad_xlsx") from None
    for at, row in enumerate(rows, 1):
        yield at, [_cell_text(cell) for cell in row]


def _parts(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """Each file inside, up to the size that the archive claims for it: it may lie."""
    for entry in archive.infolist():
        with archive.open(entry) as part:
            yield part.read(entry.file_size)


def _cells(xml: bytes) -> int:
    """How many cells there are up to the lowest and the rightmost one that a sheet names."""
    rows, columns = 0, set[bytes]()
    for letters, row in _PLACE.findall(xml):
        rows = max(rows, int(row))
        columns.add(letters)
    return rows * max(map(_column, columns), default=0)


def _column(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27; no letters count as one column."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number or 1


def _cell_text(cell: object) -> str:
    """A spreadsheet's own types as people would have typed them."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        midnight = cell.time() == time() and cell.tzinfo is None
        return cell.date().isoformat() if midnight else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)

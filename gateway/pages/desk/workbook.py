"""Tables as a workbook (XLSX): text as text, numbers as numbers, dates as dates."""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter

from gateway.county_files.cells import defuse

# A name of a sheet is cut by spreadsheets beyond this.
LONGEST_NAME = 31
HEAD_ROW = 2
_NARROWEST, _WIDEST = 9, 40
_A4 = 9

Cell = str | int | float | date | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table under two lines of `title`. A cell that is a float is a rate from 0.0 to 1.0."""

    name: str
    title: tuple[str, str]
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The file. Every text is text, whatever it begins with."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        forms = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "share": book.add_format({"num_format": "0.0%"}),
        }
        for each in sheets:
            _fill(book.add_worksheet(each.name), each, forms)
    return file.getvalue()


def _fill(sheet: Any, of: Sheet, forms: dict[str, Any]) -> None:
    sheet.write_string(0, 0, defuse(of.title[0]), forms["title"])
    sheet.write_string(1, 0, defuse(of.title[1]))
    for column, head in enumerate(of.head):
        sheet.write_string(HEAD_ROW, column, defuse(head), forms["head"])
        sheet.set_column(column, column, _width(of, column))
    for at, row in enumerate(of.rows, HEAD_ROW + 1):
        for column, value in enumerate(row):
            _write(sheet, (at, column), value, forms)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.autofilter(HEAD_ROW, 0, HEAD_ROW + len(of.rows), len(of.head) - 1)
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)


def _write(sheet: Any, at: tuple[int, int], value: Cell, forms: dict[str, Any]) -> None:
    if isinstance(value, date):
        sheet.write_datetime(*at, value, forms["date"])
    elif isinstance(value, float):
        sheet.write_number(*at, value, forms["share"])
    elif isinstance(value, int):
        sheet.write_number(*at, value)
    elif value is not None:
        sheet.write_string(*at, defuse(value))


def _width(of: Sheet, column: int) -> int:
    """Wide enough for the cells; a head may take two lines."""
    cells = [10 if isinstance(row[column], date) else _length(row[column]) for row in of.rows]
    wanted = max([(_length(of.head[column]) + 1) // 2 + 3, *cells], default=0) + 1
    return min(_WIDEST, max(_NARROWEST, wanted))


def _length(value: Cell) -> int:
    """How many half-width characters a text takes; a number is short."""
    text = value if isinstance(value, str) else ""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)

"""`/desk/report`: the monthly supervision report, to be printed, and as a workbook."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg
import xlsxwriter
from aiohttp import web

from complaints import behind, periods, supervision
from complaints.figures import ALL
from complaints.limits import local
from complaints.periods import Period
from complaints.showing import Line
from complaints.supervision import Wanted
from gateway.context import CONTEXT
from gateway.county_files.cells import defuse
from gateway.figure_words import (
    COLUMNS,
    Told,
    month_chart,
    period_name,
    rate_chart,
    told,
    unit_chart,
)
from gateway.i18n import Words
from gateway.pages.desk.figures import All, find_all, tables
from gateway.pages.desk.views import desk_page
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, name_in, say

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What stands at the time of the report: its name, and the desk's list that it is.
NOW = {
    "late": Wanted("late"),
    "supervised": Wanted("supervised"),
    "disputed": Wanted("waiting", state="disputed"),
}
SECTIONS = (*NOW, "late_answers", "returned")


@dataclass(frozen=True, slots=True)
class Section:
    """Cases of one kind: how many there are (at most 1,001 are counted), and the first fifty."""

    name: str
    count: int
    rows: Sequence[asyncpg.Record]


@dataclass(frozen=True, slots=True)
class Report:
    """A month as it was, and what is open now."""

    period: Period
    found: All
    sections: tuple[Section, ...]
    year: tuple[Line, ...]


def _month(request: web.Request, today: date) -> Period:
    """The month of the address, without one the last that is over; 404 for no month."""
    text = request.query.get("month", "")
    if not text:
        return periods.month_before(today)
    period = periods.read(text, today)
    if period is None or period.kind != "month":
        raise web.HTTPNotFound
    return period


async def _find(
    conn: asyncpg.Connection, period: Period, snapshot: Snapshot, now: datetime
) -> Report:
    today = local(now).date()
    found = await find_all(conn, period, today)
    # What was before it shows whether things get better.
    year = await find_all(conn, periods.year_until(period.first), today)
    sections = []
    for name, wanted in NOW.items():
        listed = await supervision.find_page(conn, wanted, snapshot.calendar, now)
        sections.append(Section(name, listed.count, listed.rows))
    for name, count in (("late_answers", "late"), ("returned", "returned")):
        cases = await behind.find_page(conn, period, ALL, count, now=now)
        sections.append(Section(name, cases.count, cases.rows))
    return Report(period, found, tuple(sections), year.months)


async def _read(request: web.Request) -> tuple[Report, Snapshot, datetime]:
    context = request.app[CONTEXT]
    now = context.clock()
    period = _month(request, local(now).date())
    snapshot = await context.snapshots.of(request[COUNTY])

    async def work(conn: asyncpg.Connection) -> Report:
        return await _find(conn, period, snapshot, now)

    found = await context.db.run(request[COUNTY].schema, work, single=True)
    return found, snapshot, now


async def show(request: web.Request) -> web.Response:
    """`GET /desk/report?month=2026-10`: A4, with tables and charts."""
    report, snapshot, now = await _read(request)
    words, directory = say(request), snapshot.directory
    total = told(Line("", report.found.total), words("results.all"), everybody=False)
    lines = tables(request, report.found, snapshot)
    return desk_page(
        request,
        "desk/report.html",
        period=report.period,
        period_name=period_name(words, report.period),
        now=now,
        counted_at=report.found.counted_at,
        total=total,
        tables=lines,
        columns=COLUMNS,
        rate_chart=rate_chart(words, total),
        month_chart=month_chart(words, report.year),
        unit_chart=unit_chart(words, lines[0][2]),
        sections=[
            (each.name, each.count, [(row, directory.unit(row["unit"])) for row in each.rows])
            for each in report.sections
        ],
        most=behind.MOST_COUNTED,
    )


async def as_xlsx(request: web.Request) -> web.Response:
    """`GET /desk/report.xlsx?month=2026-10`: the same as a workbook."""
    report, snapshot, _ = await _read(request)
    words = say(request)
    total = told(Line("", report.found.total), words("results.all"), everybody=False)
    sheets = [(words("desk.report.whole"), _figures(words, [total]))]
    sheets += [
        (title, _figures(words, lines))
        for _, title, lines in tables(request, report.found, snapshot)
    ]
    for each in report.sections:
        sheets.append((words(f"desk.report.{each.name}"), _cases(words, each, snapshot)))
    name = f"report-{report.period.code}.xlsx"
    return web.Response(
        body=_workbook(sheets),
        headers={
            "Content-Type": XLSX,
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _figures(words: Words, lines: Sequence[Told]) -> list[list[Any]]:
    head = [words("results.csv.code"), words("results.csv.name")]
    rows: list[list[Any]] = [[*head, *(words(f"results.column.{name}") for name in COLUMNS)]]
    for line in lines:
        cells = line.cells or {}
        rows.append([line.code, line.name, *(_number(cells[name]) for name in COLUMNS)])
    return rows


def _number(cell: str) -> int | str:
    return int(cell) if cell.isascii() and cell.isdigit() else cell


def _cases(words: Words, section: Section, snapshot: Snapshot) -> list[list[Any]]:
    head = ("desk.cases.number", "desk.cases.unit", "desk.cases.state", "desk.cases.created")
    rows: list[list[Any]] = [[words(key) for key in head]]
    for row in section.rows:
        unit = snapshot.directory.unit(row["unit"])
        rows.append([
            row["number"], name_in(words.language, unit) if unit else "",
            words(f"desk.state.{row['state']}"), local(row["created_at"]).strftime("%Y-%m-%d"),
        ])  # fmt: skip
    return rows


def _workbook(sheets: Sequence[tuple[str, Sequence[Sequence[Any]]]]) -> bytes:
    """Every text as text, whatever it begins with."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True})
        for title, rows in sheets:
            sheet = book.add_worksheet(title[:31])
            sheet.set_paper(9)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, 1, 24)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    form = bold if at == 0 else None
                    if isinstance(value, int):
                        sheet.write_number(at, column, value, form)
                    else:
                        sheet.write_string(at, column, defuse(value), form)
    return file.getvalue()

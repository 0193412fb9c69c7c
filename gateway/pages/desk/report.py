"""`/desk/report`: the monthly supervision report, to be printed, and as a workbook."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg
from aiohttp import web

from complaints import behind, periods, supervision
from complaints.figures import ALL
from complaints.hidden import Hidden
from complaints.limits import local
from complaints.periods import Period
from complaints.showing import KINDS, Line
from complaints.supervision import Wanted
from gateway.context import CONTEXT
from gateway.figure_words import (
    COLUMNS,
    GROUPS,
    in_order,
    month_chart,
    month_name,
    months_told,
    name_of,
    numbers,
    period_name,
    rate_chart,
    told,
    unit_chart,
)
from gateway.i18n import Words
from gateway.pages.desk.case_rows import (
    COUNTED,
    OPEN,
    CaseRow,
    Name,
    cells_said,
    counted_rows,
    heads,
    open_rows,
    plain_cells,
)
from gateway.pages.desk.figures import All, find_all, tables
from gateway.pages.desk.views import desk_page, hidden_from
from gateway.pages.desk.workbook import Sheet, workbook
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, say

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What is open at the time of the report: its name, and the desk's list that it is.
NOW = {
    "late": Wanted("late"),
    "supervised": Wanted("supervised"),
    "disputed": Wanted("waiting", state="disputed"),
}
# Of the month's complaints: its name, and what they count as.
OF_MONTH = {"late_answers": "late", "returned": "returned"}
SECTIONS = (*NOW, *OF_MONTH)
SHEETS = ("whole", "month", *KINDS, *SECTIONS)
# So many are printed; nobody reads more on paper.
PRINTED = 50
# A workbook lists so many of a section, and says where there are more.
MOST_LISTED = 5_000


@dataclass(frozen=True, slots=True)
class Section:
    """Cases of one kind, as many as were asked for; `more`: whether there are others."""

    name: str
    columns: Sequence[Name]
    rows: Sequence[CaseRow]
    more: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A month as it was, what is open now, and when figures were counted last."""

    period: Period
    found: All
    sections: tuple[Section, ...]
    year: tuple[Line, ...]
    # Whether cases that are counted may be kept from who reads it, and are in no section.
    kept: bool


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
    conn: asyncpg.Connection,
    period: Period,
    snapshot: Snapshot,
    now: datetime,
    *,
    most: int,
    hidden: Hidden,
) -> Report:
    today = local(now).date()
    found = await find_all(conn, period, today)
    # What was before it shows whether things get better.
    year = await find_all(conn, periods.year_until(period.first), today)
    sections = []
    for name, wanted in NOW.items():
        cases = await supervision.find_many(
            conn, wanted, snapshot.calendar, now, most=most + 1, hidden=hidden
        )
        rows = open_rows(cases[:most], snapshot, now)
        sections.append(Section(name, OPEN, rows, len(cases) > most))
    for name, count in OF_MONTH.items():
        cases = await behind.find_many(
            conn, period, ALL, count, now=now, most=most + 1, hidden=hidden
        )
        rows = counted_rows(cases[:most], snapshot, now)
        sections.append(Section(name, COUNTED, rows, len(cases) > most))
    return Report(period, found, tuple(sections), year.months, bool(hidden.subjects))


async def _read(request: web.Request, most: int) -> tuple[Report, Snapshot, datetime]:
    context = request.app[CONTEXT]
    now = context.clock()
    period = _month(request, local(now).date())
    snapshot = await context.snapshots.of(request[COUNTY])

    hidden = hidden_from(request, snapshot.directory)

    async def work(conn: asyncpg.Connection) -> Report:
        return await _find(conn, period, snapshot, now, most=most, hidden=hidden)

    found = await context.db.run(request[COUNTY].schema, work, single=True)
    return found, snapshot, now


async def show(request: web.Request) -> web.Response:
    """`GET /desk/report?month=2026-10`: A4, with tables and charts."""
    # Read as far as they are counted, so that the page can say how many there are.
    report, snapshot, now = await _read(request, supervision.MOST_COUNTED)
    words = say(request)
    total = told(Line("", report.found.total), words("results.all"), everybody=False)
    lines = tables(request, report.found, snapshot)
    return desk_page(
        request,
        "desk/report.html",
        period=report.period,
        period_name=period_name(words, report.period),
        now=now,
        counted_at=report.found.counted_at,
        kept=report.kept,
        total=total,
        tables=lines,
        months=months_told(words, report.year, everybody=False),
        groups=GROUPS,
        rate_chart=rate_chart(words, total),
        month_chart=month_chart(words, report.year),
        unit_chart=unit_chart(words, lines[0][2]),
        sections=[
            (each.name, len(each.rows) + each.more, heads(words, each.columns),
             each.rows[:PRINTED])
            for each in report.sections
        ],
        said=cells_said(words, now),
        most=supervision.MOST_COUNTED,
        listed=MOST_LISTED,
    )  # fmt: skip


async def as_xlsx(request: web.Request) -> web.Response:
    """`GET /desk/report.xlsx?month=2026-10`: the same as a workbook, with all cases."""
    report, snapshot, now = await _read(request, MOST_LISTED)
    # Thousands of lines are written beside what other requests ask for.
    body = await asyncio.to_thread(_book, say(request), report, snapshot, now)
    return web.Response(
        body=body,
        headers={
            "Content-Type": XLSX,
            "Content-Disposition": f'attachment; filename="report-{report.period.code}.xlsx"',
            "Cache-Control": "no-store",
        },
    )


def _book(words: Words, report: Report, snapshot: Snapshot, now: datetime) -> bytes:
    month = period_name(words, report.period)
    at = report.found.counted_at
    counted = words("results.counted_at", when=words.moment(at)) if at else words("results.none")
    kinds = {
        kind: [
            (each, name_of(words, snapshot.directory, kind, each.name))
            for each in in_order(report.found.lines[kind])
        ]
        for kind in KINDS
    }
    lines = {
        "whole": [(Line("", report.found.total), words("results.all"))],
        "month": [(each, month_name(words, date.fromisoformat(each.name))) for each in report.year],
        **kinds,
    }
    titles = {"whole": month, "month": words("desk.report.year")}
    sheets = [
        _figures(words, name, (titles.get(name) or f"{month} · {words(f'results.by.{name}')}",
                               counted), of)
        for name, of in lines.items()
    ]  # fmt: skip
    sheets += [_cases(words, each, month, now, kept=report.kept) for each in report.sections]
    return workbook(sheets)


def _figures(
    words: Words, name: str, title: tuple[str, str], lines: Sequence[tuple[Line, str]]
) -> Sheet:
    rows: list[list[Any]] = []
    for line, told_name in lines:
        values = numbers(line.figures) if line.figures else {}
        rows.append([line.name, told_name, *(values.get(column) for column in COLUMNS)])
    columns = [words(f"results.column.{column}") for column in COLUMNS]
    return Sheet(
        words(f"desk.report.sheet.{name}"),
        title,
        [words("results.csv.code"), words("results.csv.name"), *columns],
        rows,
    )


def _cases(words: Words, section: Section, month: str, now: datetime, *, kept: bool) -> Sheet:
    note = words("desk.report.count", n=len(section.rows))
    if section.more:
        note = words("desk.report.capped", most=MOST_LISTED)
    made = words("desk.report.made", when=words.moment(now))
    note = f"{note} {made}" + (f" {words('desk.figures.kept')}" if kept else "")
    return Sheet(
        words(f"desk.report.sheet.{section.name}"),
        (words(f"desk.report.{section.name}", month=month), note),
        [head for _, head in heads(words, section.columns)],
        [plain_cells(words, row, section.columns) for row in section.rows],
    )

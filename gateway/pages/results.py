"""`/results/`: what came of complaints, in figures for everybody, and as CSV."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg
from aiohttp import web

from complaints import counting, periods
from complaints.limits import local
from complaints.periods import Period
from complaints.showing import KINDS, Shown, show, wanted
from complaints.store import figures as store
from gateway.cache import COUNTED_PAGES, HTML, held_text, keep_to_the_present
from gateway.context import CONTEXT
from gateway.county_files.cells import defuse
from gateway.figure_words import (
    PUBLIC_COLUMNS,
    PUBLIC_GROUPS,
    Told,
    month_chart,
    months_told,
    period_name,
    rate_chart,
    span,
    table,
    told,
    unit_chart,
)
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, render, say

# Words in an address under which the page is held in memory.
HELD = frozenset({"period", "lang", "elder"})


def chosen(request: web.Request, today: date) -> Period:
    """The period of the address; 404 for one that is none or has not begun."""
    period = periods.read(request.query.get("period", periods.LAST_12), today)
    if period is None:
        raise web.HTTPNotFound
    return period


@dataclass(frozen=True, slots=True)
class Read:
    """What everybody may see, since when anything was counted, and when it was."""

    shown: Shown
    begins: date | None
    counted_at: datetime | None


async def find(request: web.Request, period: Period, today: date) -> Read:
    """The figures of a period as everybody may see them."""

    async def work(conn: asyncpg.Connection) -> Read:
        first, last = wanted(period)
        counted = await counting.find_counted(conn, first, last)
        begun, _ = await store.find_beginning(conn)
        at = await store.find_counted_at(conn, first, last)
        begins = local(begun).date() if begun else None
        return Read(show(counted, period, today), begins, at)

    return await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)


async def show_page(request: web.Request) -> web.Response:
    """`GET /results/?period=2026-Q3`: the page, held in memory until a month is counted anew."""
    return await _from_memory(request, _period(request), _page)


def _period(request: web.Request) -> Period:
    return chosen(request, local(request.app[CONTEXT].clock()).date())


def _page(request: web.Request, read: Read, snapshot: Snapshot, today: date) -> str:
    return render(request, "results/figures.html", **_view(request, read, snapshot, today))


async def _from_memory(
    request: web.Request,
    period: Period,
    make: Callable[[web.Request, Read, Snapshot, date], str],
    kind: Mapping[str, str] = HTML,
) -> web.Response:
    """What `make` writes of a period, held under the address that names it and nothing else."""

    async def write(snapshot: Snapshot, today: date) -> str:
        return make(request, await find(request, period, today), snapshot, today)

    # The page's links carry the reader's whole address: other words in it are nobody else's.
    if not HELD.issuperset(request.query) or len(request.query.getall("period", ())) > 1:
        snapshot, today = await keep_to_the_present(request, request[COUNTY])
        return web.Response(text=await write(snapshot, today), headers=kind)
    usual = period.code == periods.LAST_12
    path = request.rel_url.raw_path + ("" if usual else f"?period={period.code}")
    return await held_text(request, request.app[COUNTED_PAGES], path, write, kind)


def _view(request: web.Request, read: Read, snapshot: Snapshot, today: date) -> dict[str, Any]:
    words, shown = say(request), read.shown
    tables = _tables(request, shown, snapshot)
    total = told(shown.total, words("results.all"), everybody=True)
    covered = shown.quarters
    return {
        "period": shown.period,
        "period_name": period_name(words, shown.period),
        "options": [
            (each.code, period_name(words, each))
            for each in periods.choices(read.begins or today, today)
        ],
        "counted_at": read.counted_at,
        "empty": read.counted_at is None or not (shown.total.left_out or _any(shown)),
        "total": total,
        "months": next(each for each in tables if each[0] == "month")[2],
        "tables": [each for each in tables if each[0] != "month"],
        "covers": span(words, covered[0].first, covered[-1].last) if covered else "",
        "quarter": periods.quarter_of(shown.period.first).code,
        "groups": PUBLIC_GROUPS,
        "month_chart": month_chart(words, shown.months),
        "rate_chart": rate_chart(words, total),
        "unit_chart": unit_chart(words, next(each[2] for each in tables if each[0] == "unit")),
    }


def _any(shown: Shown) -> bool:
    figures = shown.total.figures
    return bool(figures and (figures.filed or figures.commended))


def _tables(
    request: web.Request, shown: Shown, snapshot: Snapshot
) -> list[tuple[str, str, list[Told]]]:
    """(kind, what it is called, lines) of every table of the page, in its order."""
    words = say(request)
    months = months_told(words, shown.months, everybody=True)
    found = [("month", words("results.by.month"), months)]
    for kind in KINDS:
        lines = table(words, snapshot.directory, kind, shown.lines[kind], everybody=True)
        found.append((kind, words(f"results.by.{kind}"), lines))
    return found


async def as_csv(request: web.Request) -> web.Response:
    """`GET /results/figures.csv?period=…`: exactly what the page shows."""
    period = _period(request)
    name = f"results-{period.code}.csv"
    kind = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return await _from_memory(request, period, _csv, kind)


def _csv(request: web.Request, read: Read, snapshot: Snapshot, _today: date) -> str:
    # Spreadsheets know UTF-8 by its mark alone.
    text = io.StringIO("\ufeff", newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    for row in _rows(request, read.shown, snapshot):
        writer.writerow([defuse(cell) for cell in row])
    return text.getvalue()


def _rows(request: web.Request, shown: Shown, snapshot: Snapshot) -> Iterator[list[str]]:
    words = say(request)
    yield [
        words("results.csv.table"), words("results.csv.code"), words("results.csv.name"),
        *(words(f"results.column.{name}") for name in PUBLIC_COLUMNS),
        words("results.csv.left_out"),
    ]  # fmt: skip
    whole = told(shown.total, period_name(words, shown.period), everybody=True)
    for title, lines in (
        (words("results.all"), [whole]),
        *((title, lines) for _, title, lines in _tables(request, shown, snapshot)),
    ):
        for each in lines:
            hidden = words("results.hidden")
            values = [each.cells[name] if each.cells else hidden for name in PUBLIC_COLUMNS]
            yield [title, each.code, each.name, *values, str(each.left_out)]

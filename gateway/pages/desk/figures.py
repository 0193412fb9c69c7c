"""`/desk/figures`: all figures for those who may see the cases, and the cases behind each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote
from uuid import UUID

import asyncpg
from aiohttp import web

from complaints import behind, counting, periods
from complaints.behind import CASE_COUNTS, STRETCH, Behind
from complaints.figures import ALL, Figures
from complaints.limits import local
from complaints.periods import Period
from complaints.showing import KINDS, Line, unhidden
from complaints.store import figures as store
from complaints.supervision import MOST_COUNTED, PAGE
from gateway.context import CONTEXT
from gateway.desk.sessions import desk_form
from gateway.figure_words import (
    BEHIND,
    GROUPS,
    Told,
    has_cases,
    name_of,
    period_name,
    table,
    told,
)
from gateway.pages.desk.case_rows import COUNTED, RATED, cells_said, counted_rows, heads
from gateway.pages.desk.views import desk_page, hidden_from
from gateway.pages.result_cases import LONGEST
from gateway.pages.results import chosen
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, say

# Counts whose list says how a case was rated, instead of when its answer was due.
OF_RATED = ("rated", "resolved", "satisfied")


@dataclass(frozen=True, slots=True)
class All:
    """All figures of a period: the total, lines by kind, month by month, and when counted."""

    total: Figures
    lines: Mapping[str, tuple[Line, ...]]
    months: tuple[Line, ...]
    begins: date | None
    counted_at: datetime | None


async def find_all(conn: asyncpg.Connection, period: Period, today: date) -> All:
    """Reads them."""
    counted = await counting.find_counted(conn, period.first, period.last)
    total, lines = unhidden(counted, period)
    begun, _ = await store.find_beginning(conn)
    months = tuple(
        Line(each.isoformat(), counted.get(each, {}).get(ALL, Figures()))
        for each in period.months
        if each <= today
    )
    at = await store.find_counted_at(conn, period.first, period.last)
    return All(total, lines, months, local(begun).date() if begun else None, at)


def tables(
    request: web.Request, found: All, snapshot: Snapshot
) -> list[tuple[str, str, list[Told]]]:
    """(kind, what it is called, lines) by unit and by category."""
    words = say(request)
    return [
        (kind, words(f"results.by.{kind}"),
         table(words, snapshot.directory, kind, found.lines[kind], everybody=False))
        for kind in KINDS
    ]  # fmt: skip


def address(period: Period, kind: str, name: str, column: str) -> str:
    """Where the cases behind a figure are; praise has a list of its own."""
    name = quote(name, safe="")
    if column == "commended":
        return f"/desk/commendations?period={period.code}&unit={name}"
    count = BEHIND.get(column, column)
    return f"/desk/figures/cases?period={period.code}&kind={kind}&name={name}&count={count}"


async def show(request: web.Request) -> web.Response:
    """`GET /desk/figures?period=2026-11`: nothing hidden, every number a way to its cases."""
    context = request.app[CONTEXT]
    today = local(context.clock()).date()
    period = chosen(request, today)
    snapshot = await context.snapshots.of(request[COUNTY])

    async def work(conn: asyncpg.Connection) -> All:
        return await find_all(conn, period, today)

    found = await context.db.run(request[COUNTY].schema, work, single=True)
    words = say(request)
    total = told(Line("", found.total), words("results.all"), everybody=False)
    return desk_page(
        request,
        "desk/figures.html",
        period=period,
        period_name=period_name(words, period),
        options=[
            (each.code, period_name(words, each))
            for each in periods.choices(found.begins or today, today)
        ],
        total=total,
        tables=tables(request, found, snapshot),
        groups=GROUPS,
        counted_at=found.counted_at,
        kept=bool(hidden_from(request, snapshot.directory).subjects),
        address=lambda kind, line, column: (
            address(period, kind, line.code, column) if has_cases(line, column) else ""
        ),
    )


async def show_cases(request: web.Request) -> web.Response:
    """`GET /desk/figures/cases?period=&kind=&name=&count=`: exactly the cases behind a figure."""
    context, query = request.app[CONTEXT], request.query
    now = context.clock()
    period = chosen(request, local(now).date())
    kind, count = query.get("kind", "all"), query.get("count", "filed")
    if kind not in counting.KINDS or count not in CASE_COUNTS:
        raise web.HTTPNotFound
    name = query.get("name", "").replace("\0", "")[:LONGEST] if kind != "all" else ""
    snapshot = await context.snapshots.of(request[COUNTY])
    after = _after(query.get("after", ""))
    hidden = hidden_from(request, snapshot.directory)

    async def work(conn: asyncpg.Connection) -> Behind:
        return await behind.find_page(
            conn, period, (kind, name), count, after=after, now=now, hidden=hidden
        )

    found = await context.db.run(request[COUNTY].schema, work, single=True)
    words, directory = say(request), snapshot.directory
    here = address(period, kind, name, count)
    columns = RATED if count in OF_RATED else COUNTED
    return desk_page(
        request,
        "desk/figure_cases.html",
        period=period,
        period_name=period_name(words, period),
        kept=bool(hidden.subjects),
        line=words("results.all") if kind == "all" else name_of(words, directory, kind, name),
        count=count,
        tabs=[
            (words(f"results.count.{each}"), address(period, kind, name, each), each == count)
            for each in CASE_COUNTS
        ],
        heads=heads(words, columns),
        rows=counted_rows(found.rows, snapshot, now),
        said=cells_said(words, now),
        number=found.count,
        most=MOST_COUNTED,
        later=after is not None,
        searched=STRETCH if found.more_to_search else 0,
        older=found.more_to_search and found.count <= PAGE,
        further=f"{here}&after={found.after}" if found.after else "",
    )


def _after(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise web.HTTPNotFound from None


async def count_now(request: web.Request) -> web.Response:
    """`POST /desk/figures/counts`: counts the months of a period now, each by itself; 303."""
    context = request.app[CONTEXT]
    now = context.clock()
    period = periods.read(desk_form(request).first("period"), local(now).date())
    if period is None:
        raise web.HTTPNotFound
    for month in period.months:

        async def work(conn: asyncpg.Connection, month: date = month) -> None:
            await store.insert_months(conn, [month])
            await store.update_counted(conn, month, now)
            await counting.count_month(conn, month, now)

        if month <= local(now).date():
            await context.db.run(request[COUNTY].schema, work)
    raise web.HTTPSeeOther(f"/desk/figures?period={period.code}")

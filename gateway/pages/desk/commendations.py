"""`/desk/commendations`: praise is read before it counts, so that nobody stuffs the figures."""

from urllib.parse import urlencode
from uuid import UUID

import asyncpg
from aiohttp import web

from complaints import counting, periods
from complaints.limits import local
from complaints.store import commendations as store
from complaints.store import figures as figure_store
from gateway.context import CONTEXT
from gateway.desk.sessions import current, desk_form
from gateway.pages.desk.views import desk_page
from gateway.pages.result_cases import LONGEST, mark
from gateway.views import COUNTY

PAGE = 50
STATES = ("counted", "refused")


async def show(request: web.Request) -> web.Response:
    """`GET /desk/commendations`: what waits, oldest first; with `?period=` (and `unit`) those that
    are behind a figure."""
    return await _page(request)


async def _page(request: web.Request, *, late: bool = False) -> web.Response:
    context, query = request.app[CONTEXT], request.query
    period = periods.read(query.get("period", ""), local(context.clock()).date())
    if query.get("period") and period is None:
        raise web.HTTPNotFound
    unit, after = query.get("unit", "").replace("\0", "")[:LONGEST], mark(query.get("after", ""))
    snapshot = await context.snapshots.of(request[COUNTY])

    async def work(conn: asyncpg.Connection) -> list[asyncpg.Record]:
        if period is None:
            return await store.list_waiting(conn, PAGE)
        span = counting.bounds(period.first, period.last)
        return await store.list_counted(conn, span, unit or None, after, PAGE + 1)

    rows = await context.db.run(request[COUNTY].schema, work, single=True)
    further = ""
    if period and len(rows) > PAGE:
        more = {"period": period.code, "unit": unit, "after": str(rows[PAGE - 1]["id"])}
        further = "/desk/commendations?" + urlencode({k: v for k, v in more.items() if v})
    directory = snapshot.directory
    return desk_page(
        request,
        "desk/commendations.html",
        rows=[
            (row, directory.unit(row["unit"]), directory.person(row["staff_badge"]))
            for row in rows[:PAGE]
        ],
        waiting=period is None,
        late=late,
        further=further,
        status=409 if late else 200,
    )


async def decide(request: web.Request) -> web.Response:
    """`POST /desk/commendations/{id}`: counts or refuses it; 409 when somebody else was first, 403
    for whom it praises: nobody counts the own praise."""
    context, state = request.app[CONTEXT], desk_form(request).first("state")
    try:
        id_ = UUID(request.match_info["id"])
    except ValueError:
        raise web.HTTPNotFound from None
    if state not in STATES:
        raise web.HTTPUnprocessableEntity
    me, now = current(request), context.clock()
    by = me.login

    async def work(conn: asyncpg.Connection) -> bool:
        if me.badge is not None and await store.find_praised(conn, id_) == me.badge:
            raise web.HTTPForbidden
        came = await store.update_decided(conn, id_, state, by, now)
        if came and state == "counted":
            month = local(came).date().replace(day=1)
            await figure_store.update_counted(conn, month, None)
        return came is not None or await store.is_decided(conn, id_, state, by)

    if not await context.db.run(request[COUNTY].schema, work):
        return await _page(request, late=True)
    raise web.HTTPSeeOther("/desk/commendations")

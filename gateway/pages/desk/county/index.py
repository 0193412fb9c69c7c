"""`/desk/county`: what of the county can be edited here, and who edited what."""

import asyncpg
from aiohttp import web

from gateway.context import CONTEXT
from gateway.desk.access import may
from gateway.desk.sessions import current
from gateway.pages.desk import log
from gateway.pages.desk.views import desk_page
from gateway.store import desk_users as store
from gateway.views import COUNTY

# Shown to whom `gateway.desk.access` lets in; an editor adds its line. Each is worded as
# `county_desk.editor.<name>` and `county_desk.editor.<name>_about`.
EDITORS: tuple[str, ...] = (
    "offices",
    "relatives",
    "routing",
    "calendar",
    "limits",
    "terms",
    "texts",
)


async def show(request: web.Request) -> web.Response:
    """`GET /desk/county`."""
    me = current(request)

    async def work(conn: asyncpg.Connection) -> list[asyncpg.Record]:
        return await store.list_log_of_kind(
            conn, me.county, "county_edited", log.LINES + 1, log.place(request)
        )

    rows = await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)
    editors = [each for each in EDITORS if may(me.roles, f"/desk/county/{each}")]
    lines = log.shown(request, rows, "/desk/county")
    return desk_page(request, "desk/county/index.html", editors=editors, **lines)

"""`/desk/`: what the reader may do here. And the way out."""

from collections.abc import Mapping

import asyncpg
from aiohttp import web

from board.ids import new_id
from complaints.supervision import LISTS, Wanted
from gateway.context import CONTEXT
from gateway.desk.access import ROLES, may
from gateway.desk.guard import OUT
from gateway.desk.sessions import current, drop_cookie
from gateway.pages.desk.cases import address, count_lists, counted
from gateway.pages.desk.views import desk_page, hidden_from
from gateway.store import desk_sessions, desk_users
from gateway.views import COUNTY, say


async def shorter(_request: web.Request) -> web.Response:
    """`GET /desk`, as people type it."""
    raise web.HTTPSeeOther("/desk/")


async def show(request: web.Request) -> web.Response:
    """`GET /desk/`: first what waits, for those who see to it that nothing is left lying."""
    roles = current(request).roles
    mine = [role for role in ROLES if role in roles]
    waits = await _waits(request) if may(roles, "/desk/cases") else None
    return desk_page(request, "desk/start.html", roles=mine, waits=waits)


async def _waits(request: web.Request) -> list[tuple[str, str, str]]:
    """(list, how many stand in it, its address) of each list that is not empty."""
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(request[COUNTY])
    hidden = hidden_from(request, snapshot.directory)

    async def work(conn: asyncpg.Connection) -> Mapping[str, int]:
        return await count_lists(request, conn, snapshot, hidden)

    counts = await context.db.run(request[COUNTY].schema, work, single=True)
    words = say(request)
    told = [(each, counted(words, counts.get(each)), address(Wanted(each))) for each in LISTS]
    return [(each, count, href) for each, count, href in told if count]


async def sign_out(request: web.Request) -> web.StreamResponse:
    """`POST /desk/sign-out`: ends this session and leaves nothing behind to go back to."""
    context, me = request.app[CONTEXT], current(request)
    now = context.clock()
    line = new_id(now)

    async def work(conn: asyncpg.Connection) -> None:
        if await desk_sessions.end_session(conn, me.session, me.user, now):
            await desk_users.insert_log(
                conn, line, now, "signed_out", actor=me.user, about=me.user,
                county=me.county, data={},
            )  # fmt: skip

    await context.db.run(request[COUNTY].schema, work)
    return signed_out(request)


def signed_out(request: web.Request) -> web.StreamResponse:
    """Back to the door; browsers forget the pages that they kept."""
    response = web.Response(status=303, headers={"Location": OUT, "Clear-Site-Data": '"cache"'})
    drop_cookie(request, response, "desk")
    return response

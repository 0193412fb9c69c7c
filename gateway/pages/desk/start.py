"""`/desk/`: what the reader may do here. And the way out."""

import asyncpg
from aiohttp import web

from board.ids import new_id
from gateway.context import CONTEXT
from gateway.desk.access import ROLES
from gateway.desk.guard import SIGN_IN
from gateway.desk.sessions import current, drop_cookie
from gateway.pages.desk.views import desk_page
from gateway.store import desk_sessions, desk_users
from gateway.views import COUNTY


async def shorter(_request: web.Request) -> web.Response:
    """`GET /desk`, as people type it."""
    raise web.HTTPSeeOther("/desk/")


async def show(request: web.Request) -> web.Response:
    """`GET /desk/`."""
    mine = [role for role in ROLES if role in current(request).roles]
    return desk_page(request, "desk/start.html", roles=mine)


async def sign_out(request: web.Request) -> web.StreamResponse:
    """`POST /desk/sign-out`: ends this session and leaves nothing behind to go back to."""
    context, me = request.app[CONTEXT], current(request)
    now = context.clock()

    async def work(conn: asyncpg.Connection) -> None:
        if await desk_sessions.end_session(conn, me.session, me.user, now):
            await desk_users.insert_log(
                conn, new_id(now), now, "signed_out", actor=me.user, about=me.user,
                county=me.county, data={},
            )  # fmt: skip

    await context.db.run(request[COUNTY].schema, work)
    return signed_out(request)


def signed_out(request: web.Request) -> web.StreamResponse:
    """Back to the door; browsers forget the pages that they kept."""
    response = web.Response(
        status=303, headers={"Location": f"{SIGN_IN}?out=1", "Clear-Site-Data": '"cache"'}
    )
    drop_cookie(request, response, "desk")
    return response

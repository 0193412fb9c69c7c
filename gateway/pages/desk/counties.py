"""Users with roles in several counties: which they are, and going over from one to another."""

import asyncpg
from aiohttp import web

from gateway.context import CONTEXT
from gateway.counties import County
from gateway.desk import sessions
from gateway.desk.guard import ENDED
from gateway.desk.sessions import current, desk_form
from gateway.store import desk_sessions, desk_users
from gateway.views import COUNTY


async def counties_of(request: web.Request, conn: asyncpg.Connection) -> list[County]:
    """Counties of this site in which the reader has a role."""
    listed = await desk_users.list_counties_of(conn, current(request).user)
    return [each for each in request.app[CONTEXT].counties if each.code in listed]


async def change(request: web.Request) -> web.StreamResponse:
    """`POST /desk/me/county`: goes on in another county, in a new session; the one before ends."""
    context, me = request.app[CONTEXT], current(request)
    chosen = desk_form(request).first("county")
    begun = sessions.new_session(request)

    async def work(conn: asyncpg.Connection) -> bool:
        # Run again after a commit that was not heard of, the new one has begun.
        if await sessions.find(context, conn, begun.hash):
            return True
        # Whoever is reset or closed at this moment is out: either waits for the other.
        await desk_users.find_hash_held(conn, me.user)
        user = await desk_users.find_user(conn, me.user)
        good = await sessions.find(context, conn, me.session) is not None
        # Pressed twice, the first ended the session that the second came with.
        if user is None or not (good or await desk_sessions.goes_on(conn, me.session, chosen)):
            raise web.HTTPSeeOther(ENDED)
        if chosen not in [each.code for each in await counties_of(request, conn)]:
            return False
        # Whoever has a code app has shown a code in this session, or it would be none.
        await sessions.begin(request, conn, user, chosen, begun, totp_passed=me.has_totp)
        # It is one sign-in, after so many hours of which the password is asked for again.
        await desk_sessions.update_beginning(conn, begun.hash, me.session)
        return True

    if not await context.db.run(request[COUNTY].schema, work):
        raise web.HTTPUnprocessableEntity
    response = web.Response(status=303, headers={"Location": "/desk/"})
    sessions.give_cookies(request, response, begun, me.language)
    return response

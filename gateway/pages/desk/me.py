"""`/desk/me`: one's own password, language and sessions."""

import asyncpg
from aiohttp import web

from gateway.context import CONTEXT
from gateway.counties import County
from gateway.desk import passwords, sessions, signing_in, users
from gateway.desk.guard import ENDED
from gateway.desk.sessions import Begun, carried, current, desk_form
from gateway.desk.signing_in import Known, Place
from gateway.i18n import LANGUAGES
from gateway.looks import LANG
from gateway.pages.desk.counties import counties_of
from gateway.pages.desk.start import signed_out
from gateway.pages.desk.views import actor_of, desk_page
from gateway.store import desk_sessions, desk_users
from gateway.store.desk_users import User
from gateway.throttle import client_address
from gateway.views import COUNTY, name_in, say


async def show(request: web.Request) -> web.Response:
    """`GET /desk/me`."""
    context, me = request.app[CONTEXT], current(request)
    limits = sessions.since(context, context.clock())

    async def work(conn: asyncpg.Connection) -> tuple[list[asyncpg.Record], list[County]]:
        rows = await desk_sessions.list_sessions(conn, me.user, *limits)
        return rows, await counties_of(request, conn)

    rows, mine = await context.db.run(request[COUNTY].schema, work, single=True)
    settings, language = context.settings, say(request).language
    return desk_page(
        request,
        "desk/me.html",
        sessions=[
            (r["token_hash"].hex(), r["agent"], r["created_at"], r["seen_at"], r["new_device"])
            for r in rows
        ],
        here=me.session.hex(),
        counties=[(each.code, name_in(language, each)) for each in mine],
        done=request.query.get("done", "") if request.query.get("done") in DONE else "",
        idle_minutes=settings.desk_idle_minutes,
        longest_hours=settings.desk_longest_hours,
    )


DONE = ("password", "totp_on", "totp_off", "language", "session")


async def put_notice_aside(request: web.Request) -> web.Response:
    """`POST /desk/me/notice`: the sign-in that this session was told of is known."""
    me, device = current(request), carried(request, "desk-device")

    async def work(conn: asyncpg.Connection) -> None:
        await desk_sessions.delete_notice(conn, me.session)
        if device is not None and me.notice is not None:
            await desk_sessions.update_told(conn, device, me.user, me.notice.at)
            await desk_sessions.hand_on_notice(conn, me.session, device, me.user)

    await request.app[CONTEXT].db.run(request[COUNTY].schema, work)
    raise web.HTTPSeeOther("/desk/")


async def choose_language(request: web.Request) -> web.StreamResponse:
    """`POST /desk/me/language`."""
    me, chosen = current(request), desk_form(request).first("language")
    if chosen not in LANGUAGES:
        raise web.HTTPBadRequest

    async def work(conn: asyncpg.Connection) -> None:
        await desk_users.update_language(conn, me.user, chosen)

    await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)
    response = web.Response(status=303, headers={"Location": "/desk/me?done=language"})
    sessions.set_cookie(request, response, LANG, chosen, sessions.YEAR_SECONDS, same_site="Lax")
    return response


async def show_password(request: web.Request) -> web.Response:
    """`GET /desk/me/password`."""
    return _password_form(request, {})


def _password_form(request: web.Request, faults: dict[str, str], status: int = 200) -> web.Response:
    words = say(request)
    worded = {
        name: words(f"desk.password.{fault}", most=passwords.LONGEST, least=passwords.SHORTEST)
        for name, fault in faults.items()
    }
    return desk_page(
        request,
        "desk/password.html",
        status=status,
        worded=worded,
        errors=list(worded.items()),
        least=passwords.SHORTEST,
    )


async def change_password(request: web.Request) -> web.StreamResponse:
    """`POST /desk/me/password`: every session ends, and a new one goes on here."""
    me, form = current(request), desk_form(request)
    old, new, again = (form.first(name) for name in ("old", "new", "again"))
    faults = {name: "empty" for name, typed in (("old", old), ("new", new)) if not typed}
    if new and (fault := passwords.find_fault(new, me.login) or ("same" if new == old else None)):
        faults["new"] = fault
    elif new and passwords.normal(new) != passwords.normal(again):
        faults["again"] = "differs"
    if faults:
        return _password_form(request, faults, 422)
    known = await own_password(request, old)
    if isinstance(known, Known):
        return await _put_password(request, known, new)
    if known == "wrong" and await _signed_out_meanwhile(request):
        return await _go_on(request, new, sessions.new_session(request))
    return _password_form(request, {"old": known}, 429 if known == "braked" else 422)


async def own_password(request: web.Request, password: str) -> Known | signing_in.Refusal:
    """Who is signed in, when the password is right; tries count as at the door."""
    place = Place(
        request[COUNTY], client_address(request), sessions.carried(request, "desk-device")
    )
    login = current(request).login
    return await signing_in.check_password(request.app[CONTEXT], place, login, password)


async def _signed_out_meanwhile(request: web.Request) -> bool:
    """Whether the session ended after the guard let it in, as a changed password ends it."""
    context, me = request.app[CONTEXT], current(request)
    found = await context.db.run(
        request[COUNTY].schema, lambda conn: sessions.find(context, conn, me.session)
    )
    return found is None


async def _put_password(request: web.Request, known: Known, new: str) -> web.StreamResponse:
    by, hashed = actor_of(request), await passwords.hash_password(new)
    begun = sessions.new_session(request)

    async def work(conn: asyncpg.Connection) -> bool:
        changed = await users.change_password(conn, by, known.user, hashed)
        if changed:
            await _begin(request, conn, known.user, begun)
        return changed

    if not await request.app[CONTEXT].db.run(request[COUNTY].schema, work):
        return await _go_on(request, new, begun)
    return _changed(request, begun)


async def _go_on(request: web.Request, new: str, begun: Begun) -> web.StreamResponse:
    """Pressed twice: who knows the password that it is now goes on as who was first."""
    context, me = request.app[CONTEXT], current(request)
    schema = request[COUNTY].schema
    user = await context.db.run(
        schema, lambda conn: desk_users.find_user(conn, me.user), single=True
    )
    if user is None or user.disabled_at or not await passwords.verify(user.password_hash, new):
        raise web.HTTPSeeOther(ENDED)

    async def work(conn: asyncpg.Connection) -> None:
        # Whoever is reset or closed since it was looked at is out.
        if await desk_users.find_hash_held(conn, user.id) != user.password_hash:
            raise web.HTTPSeeOther(ENDED)
        await _begin(request, conn, user, begun)

    await context.db.run(schema, work)
    return _changed(request, begun)


async def _begin(request: web.Request, conn: asyncpg.Connection, user: User, begun: Begun) -> None:
    passed, county = user.totp_secret is not None, current(request).county
    await sessions.begin(request, conn, user, county, begun, totp_passed=passed)


def _changed(request: web.Request, begun: Begun) -> web.StreamResponse:
    response = web.Response(status=303, headers={"Location": "/desk/me?done=password"})
    sessions.give_cookies(request, response, begun, current(request).language)
    return response


async def end_session(request: web.Request) -> web.StreamResponse:
    """`POST /desk/me/sessions/{key}/end`: one of one's own, and of nobody else's."""
    context, me = request.app[CONTEXT], current(request)
    hash_ = bytes.fromhex(request.match_info["key"])

    async def work(conn: asyncpg.Connection) -> bool:
        return await desk_sessions.end_session(conn, hash_, me.user, context.clock())

    if not await context.db.run(request[COUNTY].schema, work, single=True):
        raise web.HTTPNotFound
    if hash_ == me.session:
        return signed_out(request)
    raise web.HTTPSeeOther("/desk/me?done=session")


async def end_sessions(request: web.Request) -> web.StreamResponse:
    """`POST /desk/me/sessions/end`: signs out everywhere, also here."""
    context, me = request.app[CONTEXT], current(request)

    async def work(conn: asyncpg.Connection) -> None:
        await desk_sessions.end_sessions(conn, me.user, context.clock())

    await context.db.run(request[COUNTY].schema, work, single=True)
    return signed_out(request)

"""`/desk/me/totp`: the app that shows codes, on and off."""

import asyncpg
from aiohttp import web
from markupsafe import Markup

from gateway.ciphers import open_pass, seal_pass
from gateway.context import CONTEXT
from gateway.desk import totp, users
from gateway.desk.sessions import current, desk_form
from gateway.desk.signing_in import Known
from gateway.pages.desk.me import own_password
from gateway.pages.desk.views import actor_of, desk_page
from gateway.store import desk_users as store
from gateway.views import COUNTY, name_in, say

PURPOSE = "desk totp form"
OPEN_SECONDS = 900


async def show(request: web.Request) -> web.Response:
    """`GET /desk/me/totp`: a new secret to photograph, or how to turn the app off."""
    return await _page(request)


async def _page(
    request: web.Request, *, secret: str = "", error: str = "", status: int = 200
) -> web.Response:
    """The secret is carried by the form, encrypted: looking at the page stores nothing."""
    context, me, words = request.app[CONTEXT], current(request), say(request)
    message = words(f"desk.code.{error}") if error else ""
    field = "password" if me.has_totp else "code"
    secret = secret or totp.new_secret()
    issuer = words("site.name", county=name_in(words.language, request[COUNTY]))
    now = context.clock().timestamp()
    return desk_page(
        request,
        "desk/totp.html",
        status=status,
        picture=Markup(totp.picture(secret, me.login, issuer)),  # noqa: S704 drawn by segno
        groups=totp.groups(secret),
        carried=seal_pass(
            context.keys, PURPOSE, {"secret": secret, "user": str(me.user)}, OPEN_SECONDS, now
        ),
        errors=[(field, message)] if message else [],
        error=message,
        required=me.has_totp and await _required(request),
    )


async def _required(request: web.Request) -> bool:
    """Whether a county of who is signed in requires the app, this one or another."""
    user = current(request).user

    async def work(conn: asyncpg.Connection) -> bool:
        return await store.is_totp_required(conn, user)

    return await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)


async def turn_on(request: web.Request) -> web.Response:
    """`POST /desk/me/totp`: a code shows that the app has the secret."""
    context, me, form = request.app[CONTEXT], current(request), desk_form(request)
    now = context.clock()
    note = open_pass(context.keys, PURPOSE, form.first("carried"), now.timestamp())
    if me.has_totp:
        raise web.HTTPSeeOther("/desk/me/totp")
    if note is None or note["user"] != str(me.user):
        return await _page(request, error="late", status=422)
    secret = note["secret"]
    step = totp.find_step(secret, form.first("code")[:60], now, 0)
    if step is None:
        return await _page(request, secret=secret, error="mismatch", status=422)
    by, sealed = actor_of(request), context.keys.encrypt(totp.PURPOSE, secret.encode())

    async def work(conn: asyncpg.Connection) -> None:
        await users.change_totp(conn, by, sealed, step=step, keep=me.session)

    await context.db.run(request[COUNTY].schema, work)
    raise web.HTTPSeeOther("/desk/me?done=totp_on")


async def turn_off(request: web.Request) -> web.Response:
    """`POST /desk/me/totp/end`: with the password, and not where a county that the user works
    for requires the app."""
    context, me = request.app[CONTEXT], current(request)
    if not me.has_totp or await _required(request):
        raise web.HTTPSeeOther("/desk/me/totp")
    password = desk_form(request).first("password")
    if not password:
        return await _page(request, error="no_password", status=422)
    known = await own_password(request, password)
    if not isinstance(known, Known):
        status = 429 if known == "braked" else 422
        return await _page(request, error="braked" if status == 429 else "password", status=status)
    by = actor_of(request)

    async def work(conn: asyncpg.Connection) -> None:
        await users.change_totp(conn, by, None, step=0, keep=me.session)

    await context.db.run(request[COUNTY].schema, work)
    raise web.HTTPSeeOther("/desk/me?done=totp_off")

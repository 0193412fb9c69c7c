"""How a case stands: `/track` takes the code, `/track/case` shows the case without it.

The code is in no address: a right one is exchanged for a short-lived encrypted cookie.
"""

from uuid import UUID

import asyncpg
from aiohttp import web

from complaints import codes, secrets, tracking
from gateway import throttle
from gateway.bodies import read_form
from gateway.ciphers import KeyringCipher, open_pass, seal_pass
from gateway.context import CONTEXT
from gateway.db import DatabaseDown
from gateway.looks import cookie_prefix
from gateway.middleware import RETRY_AFTER_SECONDS
from gateway.pages.tracking_view import OPEN_SECONDS, case_page, find_seen
from gateway.views import COUNTY, page, say, see_other

PURPOSE = "track"
LONGEST_CODE = 200
# What no correcting of the code mends; everything else is a slip in it.
TROUBLES = frozenset({"down", "keyless", "braked", "closed", "cookie"})


async def new(request: web.Request) -> web.Response:
    """`GET /track`: where the code is typed."""
    return _form(request)


def _form(
    request: web.Request,
    *,
    code: str = "",
    error: str = "",
    kept: str = "",
    status: int = 200,
) -> web.Response:
    """`kept` is what was written under a code that has to be typed again."""
    message = say(request)(f"tracking.error.{error}") if error else ""
    slip = "" if error in TROUBLES else message
    return page(
        request,
        "tracking/new.html",
        status=status,
        code=code,
        trouble=message if error in TROUBLES else "",
        error=slip,
        errors=[("code", slip)] if slip else [],
        kept=kept,
        minutes=OPEN_SECONDS // 60,
    )


async def find(request: web.Request) -> web.Response:
    """`POST /track`: 303 to the case; 422 for a slip, 404 for no case, 429 for guessing."""
    typed = (await read_form(request)).first("code").strip()[:LONGEST_CODE]
    try:
        code = codes.read(typed)
    except codes.CodeMisread as misread:
        return _form(request, code=typed, error=misread.reason, status=422)
    try:
        found = await _look_up(request, code)
    except DatabaseDown:
        response = _form(request, code=typed, error="down", status=503)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    if isinstance(found, UUID):
        return _opened(request, found)
    return _form(request, code=typed, error=found, status=_STATUS[found])


_STATUS = {"braked": 429, "unknown": 404, "keyless": 503}


async def _look_up(request: web.Request, code: str) -> UUID | str:
    """The complaint; `braked` when this place guessed too often, `unknown` for no such code,
    `keyless` when a missing key keeps us from saying so."""
    context = request.app[CONTEXT]
    now = context.clock()
    own = throttle.bucket(context, PURPOSE, throttle.client_address(request), now)
    everybody = throttle.everybody(PURPOSE, now)

    async def work(conn: asyncpg.Connection) -> UUID | str:
        if not await throttle.may_guess(conn, own, everybody):
            return "braked"
        cipher = KeyringCipher(context.keys)
        found = await tracking.find_by_code(conn, cipher, code)
        if found is None:
            await throttle.count_wrong(conn, own, everybody, now)
            return "unknown" if await secrets.can_open(conn, cipher) else "keyless"
        return found

    return await context.db.run(request[COUNTY].schema, work, single=True)


def _cookie_name(request: web.Request) -> str:
    return cookie_prefix(request.app[CONTEXT].settings.base_url) + "track"


def _opened(request: web.Request, complaint: UUID) -> web.Response:
    context = request.app[CONTEXT]
    name = _cookie_name(request)
    now = context.clock().timestamp()
    carried = seal_pass(
        context.keys,
        PURPOSE,
        {"id": str(complaint), "county": request[COUNTY].schema},
        OPEN_SECONDS,
        now,
    )
    response = see_other("/track/case")
    response.set_cookie(
        name,
        carried,
        max_age=OPEN_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=name.startswith("__Host-"),
    )
    return response


async def show(request: web.Request) -> web.Response:
    """`GET /track/case`: the case of the cookie; without a good one, back to the code."""
    complaint = opened_case(request)
    if complaint is None:
        return closed(request)
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(request[COUNTY])
    seen = await find_seen(request, complaint, snapshot)
    if seen is None:
        return _form(request, error="unknown", status=404)
    return case_page(request, seen, snapshot, context.clock())


def opened_case(request: web.Request) -> UUID | None:
    """The complaint of this browser's cookie; None without a good one."""
    context = request.app[CONTEXT]
    carried = request.cookies.get(_cookie_name(request), "")
    opened = open_pass(context.keys, PURPOSE, carried, context.clock().timestamp())
    if opened is None or opened["county"] != request[COUNTY].schema:
        return None
    return UUID(opened["id"])


def closed(request: web.Request, kept: str = "") -> web.Response:
    """Asks for the code again, with what was written in the meantime."""
    error = "closed" if request.cookies.get(_cookie_name(request), "") else "cookie"
    return _form(request, error=error, kept=kept, status=403)


async def leave(request: web.Request) -> web.Response:
    """`DELETE` in spirit, `POST /track/end` in HTML: this browser forgets the case."""
    await read_form(request)
    response = web.HTTPSeeOther("/track")
    name = _cookie_name(request)
    # A browser refuses to change a __Host- cookie by one that is not secure.
    response.del_cookie(name, secure=name.startswith("__Host-"), httponly=True, samesite="Strict")
    raise response

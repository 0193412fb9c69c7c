"""`/desk/sign-in`: password, then a code where the user has an app, then a county where there are
several. What was shown so far is carried in an encrypted note of five minutes.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from aiohttp import web

from gateway.ciphers import open_pass, seal_pass
from gateway.context import CONTEXT
from gateway.desk import sessions, signing_in
from gateway.desk.guard import SIGN_IN, safe_next
from gateway.desk.sessions import desk_form, drop_cookie, set_cookie
from gateway.desk.signing_in import Known, Place
from gateway.store import desk_users
from gateway.store.desk_users import User
from gateway.throttle import client_address
from gateway.views import COUNTY, name_in, page, say

PURPOSE = "desk step"
STEP_COOKIE = "desk-step"
STEP_SECONDS = 300
# A password of 200 characters, each typed as a letter with its marks.
LONGEST_TYPED = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody on the way in: the right password was given, `passed`: the code too."""

    user: User
    counties: tuple[str, ...]
    passed: bool
    next: str


async def show(request: web.Request) -> web.Response:
    """`GET /desk/sign-in`."""
    return _form(request, next_=safe_next(request.query.get("next", "")))


def _form(
    request: web.Request, *, next_: str, login: str = "", error: str = "", status: int = 200
) -> web.Response:
    message = say(request)(f"desk.error.{error}") if error else ""
    return page(
        request,
        "desk/sign_in.html",
        status=status,
        next=next_,
        login=login,
        errors=[("login", message)] if message else [],
        error=message,
        out="out" in request.query,
        ended="ended" in request.query,
    )


async def submit(request: web.Request) -> web.StreamResponse:
    """`POST /desk/sign-in`: 422 for a wrong password, 429 after too many of them."""
    form = desk_form(request)
    login = _clean(form.first("login")).strip()
    password, next_ = _clean(form.first("password")), safe_next(form.first("next"))
    if not login or not password:
        return _form(request, next_=next_, login=login, error="empty", status=422)
    context = request.app[CONTEXT]
    found = await signing_in.check_password(context, _place(request), login, password)
    if isinstance(found, Known):
        return await _go_on(request, Step(found.user, found.counties, False, next_))
    status = 429 if found == "braked" else 422
    return _form(request, next_=next_, login=login, error=found, status=status)


def _clean(typed: str) -> str:
    """Without what no keyboard sends and no database takes."""
    return typed[:LONGEST_TYPED].replace("\0", "").encode(errors="replace").decode()


def _place(request: web.Request) -> Place:
    return Place(request[COUNTY], client_address(request), sessions.carried(request, "desk-device"))


async def _go_on(request: web.Request, step: Step) -> web.StreamResponse:
    """To the code, to the choice of a county, or in."""
    if step.user.totp_secret is not None and not step.passed:
        return _carry(request, step, "/desk/sign-in/code")
    if len(step.counties) > 1:
        return _carry(request, step, "/desk/sign-in/county")
    return await _enter(request, step, step.counties[0])


def _carry(request: web.Request, step: Step, to: str) -> web.StreamResponse:
    context = request.app[CONTEXT]
    note = {
        "user": str(step.user.id),
        "password": context.keys.digest(PURPOSE, step.user.password_hash.encode()).hex(),
        "passed": step.passed,
        "next": step.next,
    }
    now = context.clock().timestamp()
    response = web.Response(status=303, headers={"Location": to})
    sealed = seal_pass(context.keys, PURPOSE, note, STEP_SECONDS, now)
    set_cookie(request, response, STEP_COOKIE, sealed, STEP_SECONDS)
    return response


async def _step(request: web.Request) -> Step:
    """Who is on the way in; 303 to the beginning for nobody, too late or changed meanwhile."""
    context = request.app[CONTEXT]
    note = open_pass(context.keys, PURPOSE, _carried(request), context.clock().timestamp())
    if note is None:
        # Pressed twice, the first was enough.
        raise web.HTTPSeeOther("/desk/" if await _is_in(request) else SIGN_IN)

    async def work(conn: asyncpg.Connection) -> tuple[User | None, list[str]]:
        id_ = UUID(note["user"])
        return await desk_users.find_user(conn, id_), await desk_users.list_counties_of(conn, id_)

    user, listed = await context.db.run(request[COUNTY].schema, work, single=True)
    counties = tuple(code for code in listed if code in {each.code for each in context.counties})
    if user is None or user.disabled_at or not counties or not _same(request, user, note):
        raise web.HTTPSeeOther(SIGN_IN)
    return Step(user, counties, note["passed"], note["next"])


def _carried(request: web.Request) -> str:
    return request.cookies.get(sessions.cookie_name(request.app[CONTEXT], STEP_COOKIE), "")


async def _is_in(request: web.Request) -> bool:
    context, hash_ = request.app[CONTEXT], sessions.carried(request, "desk")
    if hash_ is None:
        return False

    async def work(conn: asyncpg.Connection) -> bool:
        return await sessions.find(context, conn, hash_) is not None

    return await context.db.run(request[COUNTY].schema, work, single=True)


def _same(request: web.Request, user: User, note: dict[str, Any]) -> bool:
    """Whether the password is still the one that was given."""
    digest = bytes.fromhex(note["password"])
    return request.app[CONTEXT].keys.verify(PURPOSE, user.password_hash.encode(), digest)


async def show_code(request: web.Request) -> web.StreamResponse:
    """`GET /desk/sign-in/code`."""
    step = await _step(request)
    return _code_form(request) if step.user.totp_secret else await _again(request)


def _code_form(request: web.Request, error: str = "", status: int = 200) -> web.Response:
    message = say(request)(f"desk.code.{error}") if error else ""
    errors = [("code", message)] if message else []
    return page(request, "desk/code.html", status=status, errors=errors, error=message)


async def _again(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther(SIGN_IN)


async def submit_code(request: web.Request) -> web.StreamResponse:
    """`POST /desk/sign-in/code`."""
    step = await _step(request)
    typed = desk_form(request).first("code")
    if step.user.totp_secret is None:
        return await _again(request)
    if not typed.strip():
        return _code_form(request, "empty", 422)
    context = request.app[CONTEXT]
    refused = await signing_in.check_code(
        context, _place(request), step.user, typed[:60], _carried(request)
    )
    if refused:
        return _code_form(request, refused, 429 if refused == "braked" else 422)
    return await _go_on(request, Step(step.user, step.counties, True, step.next))


async def show_county(request: web.Request) -> web.StreamResponse:
    """`GET /desk/sign-in/county`: for users of several counties."""
    step = await _step(request)
    if step.user.totp_secret is not None and not step.passed:
        raise web.HTTPSeeOther("/desk/sign-in/code")
    return _county_form(request, step)


def _county_form(request: web.Request, step: Step, status: int = 200) -> web.Response:
    words = say(request)
    options = [
        (county.code, name_in(words.language, county))
        for county in request.app[CONTEXT].counties
        if county.code in step.counties
    ]
    message = words("desk.county.choose") if status == 422 else ""
    errors = [("county", message)] if message else []
    return page(
        request,
        "desk/choose_county.html",
        status=status,
        options=options,
        value=request[COUNTY].code,
        errors=errors,
        error=message,
    )


async def submit_county(request: web.Request) -> web.StreamResponse:
    """`POST /desk/sign-in/county`."""
    step = await _step(request)
    if step.user.totp_secret is not None and not step.passed:
        raise web.HTTPSeeOther("/desk/sign-in/code")
    chosen = desk_form(request).first("county")
    if chosen not in step.counties:
        return _county_form(request, step, 422)
    return await _enter(request, step, chosen)


async def _enter(request: web.Request, step: Step, county: str) -> web.StreamResponse:
    """In, with a new session; back to the beginning when the password was reset or the login closed
    since it was looked at, which ended the sessions that there were by then."""
    begun, user = sessions.new_session(request), step.user

    async def work(conn: asyncpg.Connection) -> bool:
        if await desk_users.find_hash_held(conn, user.id) != user.password_hash:
            return False
        await sessions.begin(request, conn, user, county, begun, totp_passed=step.passed)
        return True

    if not await request.app[CONTEXT].db.run(request[COUNTY].schema, work):
        raise web.HTTPSeeOther(SIGN_IN)
    response = web.Response(status=303, headers={"Location": step.next})
    sessions.give_cookies(request, response, begun, step.user.language)
    drop_cookie(request, response, STEP_COOKIE)
    return response

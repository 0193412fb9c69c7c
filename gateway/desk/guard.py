"""The one check below `/desk/`: who asks, whether they may, and whether the form is theirs."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import web

from gateway.bodies import read_form
from gateway.context import CONTEXT
from gateway.desk import csrf, sessions
from gateway.desk.access import ROLES, UNFINISHED, route_of, who_may
from gateway.desk.passwords import Overloaded
from gateway.desk.sessions import FORM, SIGNED_IN, Notice, SignedIn
from gateway.store import desk_sessions as store
from gateway.views import COUNTY, page, say

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SIGN_IN = "/desk/sign-in"
# The door says then that what was sent was not taken, or that it was by an earlier press.
ENDED = f"{SIGN_IN}?ended=1"
OUT = f"{SIGN_IN}?out=1"
_LEAVES, _LEAVES_ALL = "/desk/sign-out", "/desk/me/sessions/end"
LONGEST_NEXT = 500


@web.middleware
async def desk_guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Enforces `gateway.desk.access` on routes of the desk; everything else passes.

    By the route that matched, not by the path: a path can be written in many ways.
    """
    route = route_of(request)
    if not route.startswith("/desk/"):
        return await handler(request)
    try:
        return await _guarded(request, handler, route)
    except Overloaded:
        raise web.HTTPServiceUnavailable from None


async def _guarded(request: web.Request, handler: Handler, route: str) -> web.StreamResponse:
    who = who_may(request.method, route)
    if who == "public":
        await _read(request)
        return await handler(request)
    if not isinstance(who, frozenset):  # a route that nobody thought of is nobody's
        raise web.HTTPForbidden
    found = await _find(request)
    if found is None:
        raise await _to_sign_in(request, route)
    request[SIGNED_IN] = _signed_in(request, found)
    _use_county(request, found.county)
    if found.roles.isdisjoint(who):
        return _not_yours(request, who)
    pending = request[SIGNED_IN].pending
    if pending and route not in UNFINISHED[pending]:
        raise web.HTTPSeeOther(f"/desk/me/{pending}")
    await _read(request)
    if request.method == "POST":
        sent = request[FORM].first(csrf.FIELD)
        if not csrf.is_good(request.app[CONTEXT].keys, found.token_hash, sent):
            raise web.HTTPForbidden
    return await handler(request)


async def _read(request: web.Request) -> None:
    if request.method == "POST":
        request[FORM] = await read_form(request)


async def _find(request: web.Request) -> store.Found | None:
    context = request.app[CONTEXT]
    hash_ = sessions.carried(request, "desk")
    if hash_ is None:
        return None
    schema = request[COUNTY].schema
    found: store.Found | None = await context.db.run(
        schema, lambda conn: sessions.find(context, conn, hash_), single=True
    )
    known = {county.code for county in context.counties}
    return found if found and found.county in known else None


def _signed_in(request: web.Request, found: store.Found) -> SignedIn:
    missing = found.require_totp and not found.totp_passed
    notice = Notice(found.notice_at, found.notice_agent or "") if found.notice_at else None
    return SignedIn(
        user=found.user,
        login=found.login,
        name=found.name,
        language=found.language,
        county=found.county,
        roles=found.roles,
        has_totp=found.has_totp,
        require_totp=found.require_totp,
        pending="password" if found.must_change else "totp" if missing else "",
        session=found.token_hash,
        csrf=csrf.token(request.app[CONTEXT].keys, found.token_hash),
        notice=notice,
        badge=found.badge,
    )


def _use_county(request: web.Request, code: str) -> None:
    """Pages of the desk are those of the county that was chosen at sign-in, whatever the host."""
    for county in request.app[CONTEXT].counties:
        if county.code == code:
            request[COUNTY] = county


async def _to_sign_in(request: web.Request, route: str) -> web.HTTPSeeOther:
    """To sign in and then back; a form that was lost is not sent again."""
    if request.method in ("GET", "HEAD"):
        back = safe_next(request.rel_url.raw_path_qs)
        return web.HTTPSeeOther(f"{SIGN_IN}?next={quote(back)}")
    # Who leaves without a session has left: pressed twice.
    out = route == _LEAVES or (route == _LEAVES_ALL and await _left_all(request))
    return web.HTTPSeeOther(OUT if out else ENDED)


async def _left_all(request: web.Request) -> bool:
    """Whether an earlier press signed out everywhere. A session that was idle for too long signs
    out nobody, and others of its user go on."""
    context, hash_ = request.app[CONTEXT], sessions.carried(request, "desk")
    if hash_ is None:
        return False
    limits = sessions.since(context, context.clock())
    schema = request[COUNTY].schema
    return await context.db.run(
        schema, lambda conn: store.is_out(conn, hash_, *limits), single=True
    )


def safe_next(path: str) -> str:
    """Where to go after signing in: a page of the desk, or its first one for anything else."""
    plain = path.startswith("/desk/") and path.isascii() and path.isprintable()
    odd = not plain or len(path) > LONGEST_NEXT or "\\" in path or "//" in path or ".." in path
    return "/desk/" if odd or path.startswith(SIGN_IN) else path


def _not_yours(request: web.Request, who: frozenset[str]) -> web.Response:
    """403 that says who may, so that it is clear whom to ask."""
    words = say(request)
    roles = [words(f"desk.role.{role}") for role in ROLES if role in who]
    return page(request, "desk/forbidden.html", status=403, roles=roles)

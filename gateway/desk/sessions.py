"""Who is signed in: a random token in the browser, its hash in the database, two time limits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
from aiohttp import web

from board.ids import new_id
from gateway.bodies import Form
from gateway.context import CONTEXT, Context
from gateway.desk.agents import short_agent
from gateway.desk.throttling import KEPT as TRIES_KEPT
from gateway.i18n import LANGUAGES
from gateway.keys import new_token, token_hash
from gateway.looks import LANG, cookie_prefix
from gateway.store import desk_sessions as store
from gateway.store import desk_tries, desk_users
from gateway.store.desk_users import User

SEEN_EVERY = timedelta(minutes=1)
# Sessions and devices that nobody came back with.
SESSIONS_KEPT = timedelta(days=30)
DEVICES_KEPT = timedelta(days=400)
YEAR_SECONDS = 365 * 86400
LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody signed in as this user from a new device, at `at`, with `agent` ("" unknown)."""

    at: datetime
    agent: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks: what pages of the desk know of their reader. `pending` is "", password or totp:
    what has to be done before anything else. `badge`: whom of the county's directory it is."""

    user: UUID
    login: str
    name: str
    language: str
    county: str
    roles: frozenset[str]
    has_totp: bool
    require_totp: bool
    pending: str
    session: bytes
    csrf: str
    notice: Notice | None
    badge: str | None = None


SIGNED_IN = web.RequestKey("signed_in", SignedIn)
FORM = web.RequestKey("desk_form", Form)


def current(request: web.Request) -> SignedIn:
    """Who asks; on every page below `/desk/` that is not PUBLIC."""
    return request[SIGNED_IN]


def desk_form(request: web.Request) -> Form:
    """The fields of a POST below `/desk/`, which the guard has read and checked."""
    return request[FORM]


def cookie_name(context: Context, name: str) -> str:
    """`__Host-desk` behind TLS, `desk` without; also for the desk's other cookies."""
    return cookie_prefix(context.settings.base_url) + name


def carried(request: web.Request, name: str) -> bytes | None:
    """The hash of the token in one of the desk's cookies, None without one."""
    token = request.cookies.get(cookie_name(request.app[CONTEXT], name), "")
    return token_hash(token) if 0 < len(token) <= LONGEST_TOKEN else None


def set_cookie(
    request: web.Request,
    response: web.StreamResponse,
    name: str,
    value: str,
    seconds: int | None,
    *,
    same_site: Literal["Lax", "Strict"] = "Strict",
) -> None:
    """A cookie that scripts, other sites and, behind TLS, plain connections never see."""
    full = cookie_name(request.app[CONTEXT], name)
    response.set_cookie(
        full,
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite=same_site,
        secure=full.startswith("__Host-"),
    )


def drop_cookie(request: web.Request, response: web.StreamResponse, name: str) -> None:
    """Takes a cookie back, with the same marks, or browsers would not believe it."""
    set_cookie(request, response, name, "", 0)


def since(context: Context, now: datetime) -> tuple[datetime, datetime]:
    """When a good session must have been seen and made after."""
    settings = context.settings
    return (
        now - timedelta(minutes=settings.desk_idle_minutes),
        now - timedelta(hours=settings.desk_longest_hours),
    )


async def find(context: Context, conn: asyncpg.Connection, hash_: bytes) -> store.Found | None:
    """The good session with this hash, remembered as seen. None for any other: also without a
    role any more, or without the code app that the user has turned on since."""
    now = context.clock()
    found = await store.find_session(conn, hash_, *since(context, now))
    if found is None or not found.roles or (found.has_totp and not found.totp_passed):
        return None
    if found.seen_at < now - SEEN_EVERY:
        await store.update_seen(conn, hash_, now, now - SEEN_EVERY)
    return found


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session's token, the device's, which it may have had before, and their hashes."""

    token: str
    device: str
    hash: bytes
    device_hash: bytes


def new_session(request: web.Request) -> Begun:
    """Tokens for a sign-in: the session's always new, the device's only where it has none."""
    token, hash_ = new_token()
    kept = request.cookies.get(cookie_name(request.app[CONTEXT], "desk-device"), "")
    if 20 <= len(kept) <= LONGEST_TOKEN:
        return Begun(token, kept, hash_, token_hash(kept))
    device, device_hash = new_token()
    return Begun(token, device, hash_, device_hash)


async def begin(
    request: web.Request,
    conn: asyncpg.Connection,
    user: User,
    county: str,
    begun: Begun,
    *,
    totp_passed: bool,
) -> None:
    """Writes a sign-in; the browser's session before it ends, the user's others are told of a
    new device, and those on known devices that begin later."""
    now = request.app[CONTEXT].clock()
    agent = short_agent(request.headers.get("User-Agent", ""))
    new = not await store.find_device(conn, begun.device_hash, user.login_key)
    left = carried(request, "desk")
    if left is not None:
        await store.end_left(conn, left, now)
    inserted = await store.insert_session(
        conn, begun.hash, user.id, county, now, agent=agent, totp_passed=totp_passed, new_device=new
    )
    if not inserted:
        return  # written before, by a commit that was not heard of
    if new:
        await store.update_notices(conn, user.id, begun.hash, now, agent)
    else:
        await store.hand_on_notice(conn, begun.hash, begun.device_hash, user.id)
    await store.update_device(conn, begun.device_hash, user.id, now)
    await desk_users.insert_log(
        conn, new_id(now), now, "signed_in", actor=user.id, about=user.id, county=county,
        data={"agent": agent, "new_device": new},
    )  # fmt: skip


def give_cookies(
    request: web.Request, response: web.StreamResponse, begun: Begun, language: str
) -> None:
    """The session for as long as the browser is open, the device for a year, the language."""
    set_cookie(request, response, "desk", begun.token, None)
    set_cookie(request, response, "desk-device", begun.device, YEAR_SECONDS)
    if language in LANGUAGES:
        set_cookie(request, response, LANG, language, YEAR_SECONDS, same_site="Lax")


async def forget_old(context: Context) -> int:
    """Deletes sessions, devices and counted tries that are long over; a job for the background."""
    now = context.clock()
    async with context.db.connection() as conn:
        await store.delete_old(conn, now - SESSIONS_KEPT, now - DEVICES_KEPT)
        await desk_tries.delete_old(conn, now - TRIES_KEPT)
    return 0

"""`/desk/users`: who works at the desk. For administrators, for their county alone."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4, uuid5

import asyncpg
from aiohttp import web

from gateway.context import CONTEXT
from gateway.desk import passwords, users
from gateway.desk.access import ROLES
from gateway.desk.sessions import current, desk_form
from gateway.desk.users import NewUser, Refusal
from gateway.i18n import LANGUAGES, words
from gateway.pages.desk import log
from gateway.pages.desk.views import actor_of, desk_page
from gateway.store import desk_users as store
from gateway.store.desk_users import Listed
from gateway.views import COUNTY, say

DONE = ("roles", "badge", "closed", "reopened", "totp_on", "totp_off")
STATUS: dict[Refusal, int] = {
    "last": 409,
    "elsewhere": 403,
    "roleless": 422,
    "own_badge": 403,
    "moved": 409,
}


def _role_options(request: web.Request) -> list[tuple[str, str, str]]:
    speak = say(request)
    return [(role, speak(f"desk.role.{role}"), speak(f"desk.does.{role}")) for role in ROLES]


def _role_names(request: web.Request, roles: tuple[str, ...]) -> str:
    speak = say(request)
    return speak("desk.comma").join(speak(f"desk.role.{role}") for role in ROLES if role in roles)


async def show(request: web.Request) -> web.Response:
    """`GET /desk/users`."""
    county = current(request).county

    async def work(conn: asyncpg.Connection) -> tuple[list[Listed], list[asyncpg.Record]]:
        listed = await store.list_users(conn, county)
        before = log.place(request)
        return listed, await store.list_log(conn, county, None, log.LINES + 1, before)

    listed, lines = await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)
    return desk_page(
        request,
        "desk/users.html",
        users=[(each, _role_names(request, each.roles)) for each in listed],
        **log.shown(request, lines, "/desk/users"),
        done=request.query.get("done", "") if request.query.get("done") in DONE else "",
    )


async def new(request: web.Request) -> web.Response:
    """`GET /desk/users/new`."""
    return _new_form(request, NewUser("", "", (), say(request).language), {})


def _new_form(
    request: web.Request, typed: NewUser, faults: dict[str, str], status: int = 200
) -> web.Response:
    worded = {name: say(request)(f"desk.new.{fault}") for name, fault in faults.items()}
    return desk_page(
        request,
        "desk/new_user.html",
        status=status,
        typed=typed,
        key=desk_form(request).first("key") if request.method == "POST" else uuid4().hex,
        worded=worded,
        errors=list(worded.items()),
        options=_role_options(request),
        languages=[(code, words(code)("language.name")) for code in LANGUAGES],
    )


async def create(request: web.Request) -> web.Response:
    """`POST /desk/users`: the page that answers shows the one-time password, once."""
    form = desk_form(request)
    language = form.first("language")
    typed = NewUser(
        login=form.first("login").replace("\0", "").strip(),
        name=form.first("name").replace("\0", "").strip(),
        roles=tuple(form.fields.get("roles", ())),
        language=language if language in LANGUAGES else say(request).language,
    )
    faults = users.find_faults(typed)
    if faults:
        return _new_form(request, typed, faults, 422)
    by, password = actor_of(request), passwords.generate()
    hashed, id_ = await passwords.hash_password(password), _sent_once(request, typed)

    async def work(conn: asyncpg.Connection) -> bool:
        return await users.add(conn, by, typed, hashed, id_)

    if not await request.app[CONTEXT].db.run(request[COUNTY].schema, work):
        return _new_form(request, typed, {"login": "login_taken"}, 409)
    return desk_page(
        request, "desk/one_time.html", login=typed.login, name=typed.name, password=password
    )


def _sent_once(request: web.Request, typed: NewUser) -> UUID:
    """The same for a form that is sent twice, and for no other; no user's that was there before
    can be made to come out."""
    key = desk_form(request).first("key") or uuid4().hex
    return uuid5(current(request).user, "|".join([key, repr(typed)]))


async def show_one(request: web.Request) -> web.Response:
    """`GET /desk/users/{id}`; 404 for a user of another county."""
    return await _one(request)


async def _one(
    request: web.Request, error: str = "", status: int = 200, *, typed: str | None = None
) -> web.Response:
    id_, county = _id(request), current(request).county

    async def work(conn: asyncpg.Connection) -> tuple[list[Listed], list[asyncpg.Record]]:
        lines = await store.list_log(conn, county, id_, log.LINES + 1, log.place(request))
        return await store.list_users(conn, county, id_), lines

    found, lines = await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)
    if not found:
        raise web.HTTPNotFound
    message = say(request)(f"desk.user.{error}") if error else ""
    at = "badge" if request.path.endswith("/badge") else "roles"
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])
    return desk_page(
        request,
        "desk/user.html",
        status=status,
        user=found[0],
        options=_role_options(request),
        **log.shown(request, lines, f"/desk/users/{id_}"),
        person=snapshot.directory.person(found[0].badge),
        badge=typed if typed is not None else found[0].badge or "",
        errors=[(at, message)] if message else [],
        error=message if at == "roles" else "",
        badge_error=message if at == "badge" else "",
    )


def _id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise web.HTTPNotFound from None


Verb = Callable[[asyncpg.Connection, users.Actor, Listed], Awaitable[Refusal | None]]


async def _done(request: web.Request, verb: Verb) -> Refusal | None:
    """Does `verb` to the user of the address; 404 for a user of another county."""
    id_, by = _id(request), actor_of(request)

    async def work(conn: asyncpg.Connection) -> Refusal | None:
        found = await store.list_users(conn, by.county, id_)
        if not found:
            raise web.HTTPNotFound
        return await verb(conn, by, found[0])

    return await request.app[CONTEXT].db.run(request[COUNTY].schema, work)


async def change_roles(request: web.Request) -> web.Response:
    """`POST /desk/users/{id}/roles`: exactly those that are ticked."""
    chosen = desk_form(request).fields.get("roles", ())
    if not set(chosen) <= set(ROLES):
        raise web.HTTPBadRequest
    seen = desk_form(request).first("seen").split()
    try:
        refused = await _done(
            request, lambda conn, by, user: users.change_roles(conn, by, user, chosen, seen)
        )
    except web.HTTPNotFound:
        if chosen:
            raise
        refused = None  # pressed twice: who works elsewhere too has no role here any more
    return await _shown(request, refused, "roles")


async def change_badge(request: web.Request) -> web.Response:
    """`POST /desk/users/{id}/badge`: whom of the directory it is, by badge or placard; nobody where
    nothing is typed."""
    typed = desk_form(request).first("badge").replace("\0", "").strip()
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])
    person = snapshot.directory.by_number(typed) if typed else None
    if typed and person is None:
        return await _one(request, "badge_unknown", 422, typed=typed)
    badge, seen = person.badge if person else None, desk_form(request).first("seen")
    refused = await _done(
        request, lambda conn, by, user: users.change_badge(conn, by, user, badge, seen)
    )
    if refused == "moved":
        return await _one(request, refused, STATUS[refused], typed=typed)
    return await _shown(request, refused, "badge")


async def _shown(request: web.Request, refused: Refusal | None, done: str) -> web.Response:
    if refused:
        return await _one(request, refused, STATUS[refused])
    raise web.HTTPSeeOther(f"/desk/users?done={done}")


async def reset_password(request: web.Request) -> web.Response:
    """`POST /desk/users/{id}/password`: a new one-time password, shown once."""
    without = desk_form(request).first("without_totp") == "yes"
    password = passwords.generate()
    hashed = await passwords.hash_password(password)
    person: list[Listed] = []

    async def verb(conn: asyncpg.Connection, by: users.Actor, user: Listed) -> Refusal | None:
        person[:] = [user]
        keys = request.app[CONTEXT].keys
        return await users.reset(conn, by, user, hashed, without_totp=without, keys=keys)

    refused = await _done(request, verb)
    if refused:
        return await _one(request, refused, STATUS[refused])
    login, name = person[0].login, person[0].name
    return desk_page(request, "desk/one_time.html", login=login, name=name, password=password)


async def close(request: web.Request) -> web.Response:
    """`POST /desk/users/{id}/closure`: nobody signs in with it any more."""
    return await _shown(request, await _done(request, users.disable), "closed")


async def reopen(request: web.Request) -> web.Response:
    """`POST /desk/users/{id}/reopening`."""
    return await _shown(request, await _done(request, users.enable), "reopened")


async def require_totp(request: web.Request) -> web.Response:
    """`POST /desk/users/totp`: whether everybody at this desk needs a code app."""
    on, by = desk_form(request).first("required"), actor_of(request)
    if on not in ("yes", "no"):
        raise web.HTTPBadRequest

    async def work(conn: asyncpg.Connection) -> None:
        await users.require_totp(conn, by, on == "yes")

    await request.app[CONTEXT].db.run(request[COUNTY].schema, work)
    raise web.HTTPSeeOther(f"/desk/users?done={'totp_on' if on == 'yes' else 'totp_off'}")

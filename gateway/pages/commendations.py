"""Praise of a unit or one of its people: a few words, which somebody reads before they count."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from aiohttp import web

from board.directory import Directory
from board.ids import new_id
from board.model import Staff, Unit
from complaints import typed
from complaints.store import commendations as store
from complaints.store import throttle as throttle_store
from gateway import bodies, throttle
from gateway.context import CONTEXT
from gateway.views import COUNTY, page, say, see_other

LONGEST = 500
NICKNAME_LENGTH = 30
# One grateful village; more than that in an hour is somebody who stuffs the figures.
AN_HOUR = 10
# Nobody sees this field; what is filled in by itself is no person.
HONEY = "website"


@dataclass(frozen=True, slots=True)
class About:
    """Who is praised."""

    unit: Unit
    person: Staff | None = None


def about(directory: Directory, fields: Mapping[str, str]) -> About:
    """The unit or person of an address or form; 404 for nobody of this county."""
    person = directory.person(fields.get("staff", ""))
    unit = directory.unit(person.unit if person else fields.get("unit", ""))
    if unit is None:
        raise web.HTTPNotFound
    return About(unit, person)


async def new(request: web.Request) -> web.Response:
    """`GET /commendations/new?unit=` or `?staff=`: the form."""
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])
    found = about(snapshot.directory, request.query)
    response = _form(request, found, {"request_id": secrets.token_urlsafe(16)}, {})
    # Whoever goes back after sending shall find this very form: a fresh one would count twice.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _form(
    request: web.Request,
    found: About,
    fields: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> web.Response:
    return page(
        request,
        "commendations/new.html",
        status=status,
        about=found,
        fields=fields,
        errors=errors,
        honey=HONEY,
        longest=LONGEST,
        nickname_length=NICKNAME_LENGTH,
    )


async def create(request: web.Request) -> web.Response:
    """`POST /commendations`: keeps it for the desk to read; 303 to the thanks, 422 with what was
    typed, 429 with it past the brake."""
    form = await bodies.read_form(request)
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(request[COUNTY])
    fields = {name: form.first(name) for name in ("unit", "staff", "nickname", "text")}
    fields["request_id"] = form.first("request_id")[:100] or secrets.token_urlsafe(16)
    found = about(snapshot.directory, fields)
    errors = _faults(request, fields)
    if errors:
        return _form(request, found, fields, errors, 422)
    if not form.first(HONEY) and not await _kept(request, found, fields):
        braked = {"text": say(request)("praise.error.braked")}
        return _form(request, found, fields, braked, 429)
    return see_other("/commendations/thanks")


def _faults(request: web.Request, fields: dict[str, str]) -> dict[str, str]:
    """Cleans what was typed; what is wrong with it, in words."""
    words, errors = say(request), {}
    fields["text"] = typed.lines(fields["text"])
    fields["nickname"] = typed.line(fields["nickname"])
    if not fields["text"]:
        errors["text"] = words("praise.error.empty")
    elif len(fields["text"]) > LONGEST:
        errors["text"] = words("praise.error.long", longest=LONGEST)
    if len(fields["nickname"]) > NICKNAME_LENGTH:
        errors["nickname"] = words("praise.error.nickname", longest=NICKNAME_LENGTH)
    return errors


async def _kept(request: web.Request, found: About, fields: Mapping[str, str]) -> bool:
    """Stores it; False past the brake."""
    context, now = request.app[CONTEXT], request.app[CONTEXT].clock()
    id_ = new_id(now)
    hash_ = hashlib.sha256(fields["request_id"].encode(errors="replace")).digest()
    bucket = throttle.bucket(context, "praise", throttle.client_address(request), now)
    badge = found.person.badge if found.person else None

    async def work(conn: asyncpg.Connection) -> bool:
        if await throttle_store.update_tries(conn, bucket, now) > AN_HOUR:
            # Pressed twice, the first may have been the last that was let through.
            return await store.is_kept(conn, hash_)
        await store.insert_commendation(
            conn, id_, hash_, about=(found.unit.code, badge),
            said=(fields["nickname"], fields["text"]), now=now,
        )  # fmt: skip
        return True

    return await context.db.run(request[COUNTY].schema, work)


async def thanks(request: web.Request) -> web.Response:
    """`GET /commendations/thanks`."""
    await request.app[CONTEXT].snapshots.of(request[COUNTY])
    return page(request, "commendations/thanks.html")

"""`/desk/county/terms`: the county's own time limits of a complaint's life. What a change does to
open cases is shown before it is saved; until then it travels in the form."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from aiohttp import web

from board.calendar import Calendar
from board.store import county as county_store
from board.store import directory as directory_store
from complaints.limits import Limit
from complaints.store import terms as store
from complaints.terms import (
    DEFAULTS,
    IN_WORKING_DAYS,
    KINDS,
    MOST,
    UNITS,
    LimitKind,
    find_fault,
    in_force,
)
from gateway.context import CONTEXT
from gateway.desk.access import may
from gateway.desk.sessions import current, desk_form
from gateway.pages.desk.county.editing import note_edit, summary
from gateway.pages.desk.county.effect import foresee
from gateway.pages.desk.county.seen import MovedOn
from gateway.pages.desk.views import actor_of, desk_page
from gateway.reasons import say_limit
from gateway.views import COUNTY, say, see_other

LIMITS = "/desk/county/terms"
Texts = Mapping[LimitKind, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """The county's own limits and its calendar, at which version of the calendar."""

    own: Mapping[LimitKind, Limit]
    calendar: Calendar
    version: int


async def _read(conn: asyncpg.Connection) -> Kept:
    # The version first: a change between the two is told when saving.
    version = (await directory_store.find_versions(conn)).get("calendar", 0)
    calendar = await directory_store.load_calendar(conn)
    return Kept(await store.list_limits(conn), calendar, version)


async def _kept(request: web.Request) -> Kept:
    found: Kept = await request.app[CONTEXT].db.run(request[COUNTY].schema, _read, single=True)
    return found


async def show(request: web.Request) -> web.Response:
    """`GET /desk/county/terms`."""
    kept = await _kept(request)
    return _form(request, kept, _texts(kept.own), {})


def _texts(own: Mapping[LimitKind, Limit]) -> Texts:
    limits = {**DEFAULTS, **own}
    return {kind: (str(limits[kind].number), limits[kind].unit) for kind in KINDS}


def _form(
    request: web.Request, kept: Kept, texts: Texts, errors: Mapping[str, str], status: int = 200
) -> web.Response:
    words = say(request)
    units = [(unit, words(f"county_terms.unit.{unit}")) for unit in UNITS]
    rows = [
        (kind, *texts[kind], say_limit(words, DEFAULTS[kind]), kind in IN_WORKING_DAYS)
        for kind in KINDS
    ]
    return desk_page(
        request,
        "desk/county/terms.html",
        status=status,
        rows=rows,
        units=units,
        seen=kept.version,
        edits=may(current(request).roles, LIMITS, "POST"),
        saved="done" in request.query,
        most=MOST,
        errors=errors,
        summary=summary(errors, "accept"),
    )


def _typed(request: web.Request) -> Texts:
    form = desk_form(request)
    return {
        kind: (form.first(kind).strip()[:10], form.first(f"{kind}-unit") or "working_day")
        for kind in KINDS
    }


def _parsed(request: web.Request, texts: Texts) -> tuple[dict[LimitKind, Limit], dict[str, str]]:
    """What was typed, where it is not the default; and {field: message} of what may not be."""
    own: dict[LimitKind, Limit] = {}
    errors: dict[str, str] = {}
    words = say(request)
    for kind, (text, unit) in texts.items():
        number = int(text) if text.isascii() and text.isdigit() else None
        fault = find_fault(kind, number, unit)
        if fault or number is None:
            what = words(f"county_terms.kind.{kind}")
            errors[kind] = words(f"county_terms.fault.{fault}", what=what, most=MOST)
            continue
        limit = Limit(number, "calendar_day" if unit == "calendar_day" else "working_day")
        if limit != DEFAULTS[kind]:
            own[kind] = limit
    return own, errors


async def preview(request: web.Request) -> web.Response:
    """`POST /desk/county/terms/preview`: the effect on open cases; nothing is stored."""
    texts, kept = _typed(request), await _kept(request)
    own, errors = _parsed(request, texts)
    if errors:
        return _form(request, kept, texts, errors, 422)
    return await _preview(request, kept, texts, own)


async def _preview(
    request: web.Request,
    kept: Kept,
    texts: Texts,
    own: Mapping[LimitKind, Limit],
    *,
    late: bool = False,
) -> web.Response:
    context, words = request.app[CONTEXT], say(request)
    planned, now = in_force(kept.calendar, own), context.clock()

    effect = await foresee(context.db, request[COUNTY].schema, planned, now)
    snapshot = await context.snapshots.of(request[COUNTY])
    changes = [
        (
            words(f"county_terms.kind.{kind}"),
            say_limit(words, kept.own.get(kind, DEFAULTS[kind])),
            say_limit(words, own.get(kind, DEFAULTS[kind])),
        )
        for kind in KINDS
        if kept.own.get(kind) != own.get(kind)
    ]
    return desk_page(
        request,
        "desk/county/terms_preview.html",
        status=409 if late else 200,
        changes=changes,
        texts=texts,
        seen=kept.version,
        late=late,
        effect=effect,
        office=snapshot.directory.office,
    )


async def save(request: web.Request) -> web.Response:
    """`POST /desk/county/terms`: what the preview showed; 409 and a new preview when the calendar
    or the limits were changed meanwhile. The background then counts open cases anew."""
    texts, seen = _typed(request), desk_form(request).first("seen")
    own, errors = _parsed(request, texts)
    if errors:
        return _form(request, await _kept(request), texts, errors, 422)
    by = actor_of(request)

    async def work(conn: asyncpg.Connection) -> None:
        await county_store.insert_versions(conn, by.now)
        await county_store.find_versions_locked(conn)
        kept = await _read(conn)
        # Pressed twice, or somebody else saved the same: it is as it was asked for.
        if kept.own == own:
            return
        if seen != str(kept.version):
            raise MovedOn
        await store.replace_limits(conn, own, by.now)
        await county_store.update_version(conn, "calendar", by.now)
        words = say(request)
        changed = [kind for kind in KINDS if kept.own.get(kind) != own.get(kind)]
        key = words("complaints.list_comma").join(
            words(f"county_terms.kind.{kind}") for kind in changed
        )
        await note_edit(conn, request, "limits", key)

    try:
        await request.app[CONTEXT].db.run(request[COUNTY].schema, work)
    except MovedOn:
        return await _preview(request, await _kept(request), texts, own, late=True)
    await request.app[CONTEXT].snapshots.forget(request[COUNTY])
    return see_other(f"{LIMITS}?done=1")

"""`/desk/county/terms`: the county's own time limits of a complaint's life. What a change does to
open cases is shown before it is saved; until then it travels in the form."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from aiohttp import web

from board.calendar import Calendar
from board.store import county as county_store
from board.store import directory as directory_store
from complaints.effects import Effect
from complaints.limits import Limit, day_of
from complaints.store import terms as store
from complaints.term_rules import find_clashes, find_fault, find_unknown
from complaints.terms import DEFAULTS, IN_WORKING_DAYS, KINDS, MOST, UNITS, LimitKind, in_force
from gateway.context import CONTEXT
from gateway.desk.access import may
from gateway.desk.sessions import current, desk_form
from gateway.i18n import Words
from gateway.pages.desk.county.editing import note_edit
from gateway.pages.desk.county.effect import foresee
from gateway.pages.desk.county.seen import MovedOn
from gateway.pages.desk.views import actor_of, desk_page
from gateway.reasons import say_limit
from gateway.views import COUNTY, say, see_other

LIMITS = "/desk/county/terms"
Texts = Mapping[LimitKind, tuple[str, str]]
Errors = Mapping[LimitKind, str]


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
    request: web.Request,
    kept: Kept,
    texts: Texts,
    errors: Mapping[LimitKind, str],
    status: int = 200,
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
        summary=[*errors.items()],
    )


def _typed(request: web.Request) -> Texts:
    form = desk_form(request)
    return {
        kind: (form.first(kind).strip()[:10], form.first(f"{kind}-unit") or "working_day")
        for kind in KINDS
    }


def _parsed(
    request: web.Request, kept: Kept, texts: Texts
) -> tuple[dict[LimitKind, Limit], Errors]:
    """What was typed, where it is not the default; and {field: message} of what may not be."""
    own: dict[LimitKind, Limit] = {}
    errors: dict[LimitKind, str] = {}
    words = say(request)
    for kind, (text, unit) in texts.items():
        number = int(text) if text.isascii() and text.isdigit() else None
        fault = find_fault(kind, number, unit)
        if fault or number is None:
            errors[kind] = _told(words, kind, fault or "number", most=MOST)
            continue
        limit = Limit(number, "calendar_day" if unit == "calendar_day" else "working_day")
        if limit != DEFAULTS[kind]:
            own[kind] = limit
    return own, errors or _unfit(request, kept, own)


def _unfit(request: web.Request, kept: Kept, own: Mapping[LimitKind, Limit]) -> Errors:
    """{field: message} of limits that do not fit together, or else not into the calendar."""
    words, today = say(request), day_of(request.app[CONTEXT].clock())
    limits = {**DEFAULTS, **own}
    clashes = {
        kind: _told(
            words, kind, clash.kind,
            other=words(f"county_terms.kind.{clash.other}"),
            limit=say_limit(words, limits[clash.other]),
        )
        for kind, clash in find_clashes(own, _changed(kept, own)).items()
    }  # fmt: skip
    return clashes or {
        kind: _told(words, kind, "unknown", year=unknown.year, most=unknown.most)
        for kind, unknown in find_unknown(kept.own, own, kept.calendar, today).items()
    }


def _told(words: Words, kind: LimitKind, fault: str, **params: object) -> str:
    what = words(f"county_terms.kind.{kind}")
    return words(f"county_terms.fault.{fault}", what=what, **params)


def _changed(kept: Kept, own: Mapping[LimitKind, Limit]) -> list[LimitKind]:
    return [kind for kind in KINDS if kept.own.get(kind) != own.get(kind)]


async def _foreseen(
    request: web.Request, kept: Kept, own: Mapping[LimitKind, Limit]
) -> tuple[Effect, Errors]:
    """What becomes of open cases; and {field: message} where some would be left without a day."""
    context, words = request.app[CONTEXT], say(request)
    planned, now = in_force(kept.calendar, own), context.clock()
    effect = await foresee(context.db, request[COUNTY].schema, planned, now)
    return effect, {kind: _told(words, kind, "lost", n=n) for kind, n in effect.lost.items()}


async def preview(request: web.Request) -> web.Response:
    """`POST /desk/county/terms/preview`: the effect on open cases; nothing is stored."""
    texts, kept = _typed(request), await _kept(request)
    own, errors = _parsed(request, kept, texts)
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
    words = say(request)
    effect, errors = await _foreseen(request, kept, own)
    if errors:
        return _form(request, kept, texts, errors, 422)
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])
    changes = [
        (
            words(f"county_terms.kind.{kind}"),
            say_limit(words, kept.own.get(kind, DEFAULTS[kind])),
            say_limit(words, own.get(kind, DEFAULTS[kind])),
        )
        for kind in _changed(kept, own)
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
    texts, seen, before = _typed(request), desk_form(request).first("seen"), await _kept(request)
    own, errors = _parsed(request, before, texts)
    if not errors and before.own != own:
        # Cases may have come in since they were counted for the preview.
        _, errors = await _foreseen(request, before, own)
    if errors:
        return _form(request, before, texts, errors, 422)
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
        key = words("complaints.list_comma").join(
            words(f"county_terms.kind.{kind}") for kind in _changed(kept, own)
        )
        await note_edit(conn, request, "limits", key)

    try:
        await request.app[CONTEXT].db.run(request[COUNTY].schema, work)
    except MovedOn:
        return await _preview(request, await _kept(request), texts, own, late=True)
    await request.app[CONTEXT].snapshots.forget(request[COUNTY])
    return see_other(f"{LIMITS}?done=1")

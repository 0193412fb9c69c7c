"""`/desk/county/terms`: the county's own time limits of a complaint's life. What a change does to
open cases is shown before it is saved; until then it travels in the form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
from aiohttp import web

from board.store import county as county_store
from complaints.effects import Effect
from complaints.limits import Limit, day_of
from complaints.store import terms as store
from complaints.term_rules import find_clashes, find_fault, find_unknown
from complaints.terms import DEFAULTS, IN_WORKING_DAYS, KINDS, MOST, UNITS, LimitKind, in_force
from gateway.context import CONTEXT
from gateway.desk.access import may
from gateway.desk.sessions import current, desk_form
from gateway.i18n import Words
from gateway.pages.desk.county.counted import Faults, Kept, Way, read, take
from gateway.pages.desk.county.editing import Also, edit, note_edit
from gateway.pages.desk.county.effect import foresee
from gateway.pages.desk.views import actor_of, desk_page, hidden_from
from gateway.reasons import say_limit
from gateway.views import COUNTY, say

LIMITS = "/desk/county/terms"
Texts = Mapping[LimitKind, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The limits that differ from the defaults, which of them are changed, and what that does."""

    own: Mapping[LimitKind, Limit]
    changed: Sequence[LimitKind]
    effect: Effect


async def show(request: web.Request) -> web.Response:
    """`GET /desk/county/terms`."""
    kept = await read(request)
    return await _form(request, kept, {}, 200, _texts(kept.own))


def _texts(own: Mapping[LimitKind, Limit]) -> Texts:
    limits = {**DEFAULTS, **own}
    return {kind: (str(limits[kind].number), limits[kind].unit) for kind in KINDS}


async def _form(
    request: web.Request, kept: Kept, errors: Faults, status: int, texts: Texts | None = None
) -> web.Response:
    """The page with `texts`, else with what was typed."""
    words, texts = say(request), texts or _typed(request)
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
        edits=may(current(request).roles, LIMITS, "POST"),
        saved="saved" in request.query,
        most=MOST,
        errors=errors,
        summary=[(kind, _with_field(words, kind, reason)) for kind, reason in errors.items()],
    )


def _with_field(words: Words, kind: str, reason: str) -> str:
    """For the summary, where the field does not stand beside its error."""
    field = words(f"county_terms.kind.{kind}")
    return words("county_desk.field_error", field=field, reason=reason)


def _typed(request: web.Request) -> Texts:
    form = desk_form(request)
    return {
        kind: (form.first(kind).strip()[:10], form.first(f"{kind}-unit") or "working_day")
        for kind in KINDS
    }


def _parsed(
    request: web.Request, kept: Kept, texts: Texts
) -> tuple[dict[LimitKind, Limit], dict[str, str]]:
    """What was typed, where it is not the default; and {field: message} of what may not be."""
    own: dict[LimitKind, Limit] = {}
    errors: dict[str, str] = {}
    words = say(request)
    for kind, (text, unit) in texts.items():
        number = int(text) if text.isascii() and text.isdigit() else None
        fault = find_fault(kind, number, unit)
        if fault or number is None:
            errors[kind] = words(f"county_terms.fault.{fault or 'number'}", most=MOST)
            continue
        limit = Limit(number, "calendar_day" if unit == "calendar_day" else "working_day")
        if limit != DEFAULTS[kind]:
            own[kind] = limit
    return own, errors or _unfit(request, kept, own)


def _unfit(request: web.Request, kept: Kept, own: Mapping[LimitKind, Limit]) -> dict[str, str]:
    """{field: message} of limits that do not fit together, or not into the calendar."""
    words, today = say(request), day_of(request.app[CONTEXT].clock())
    limits = {**DEFAULTS, **own}
    clashes: dict[str, str] = {
        kind: words(
            f"county_terms.fault.{clash.kind}",
            other=words(f"county_terms.kind.{clash.other}"),
            limit=say_limit(words, limits[clash.other]),
        )
        for kind, clash in find_clashes(own, _changed(kept, own)).items()
    }
    unknown: dict[str, str] = {
        kind: words("county_terms.fault.unknown", year=each.year, most=each.most)
        for kind, each in find_unknown(kept.own, own, kept.calendar, today).items()
    }
    return unknown | clashes


def _changed(kept: Kept, own: Mapping[LimitKind, Limit]) -> list[LimitKind]:
    return [kind for kind in KINDS if kept.own.get(kind) != own.get(kind)]


async def _plan(request: web.Request, kept: Kept) -> Wanted | Faults:
    """What was typed and its effect; or {field: message} of what may not be, which no limit may
    that would leave an open case without a day."""
    own, errors = _parsed(request, kept, _typed(request))
    if errors:
        return errors
    context, words = request.app[CONTEXT], say(request)
    planned, now = in_force(kept.calendar, own), context.clock()
    directory = (await context.snapshots.of(request[COUNTY])).directory
    hidden = hidden_from(request, directory)
    effect = await foresee(context.db, request[COUNTY].schema, planned, now, hidden)
    if effect.lost:
        return {kind: words("county_terms.fault.lost", n=n) for kind, n in effect.lost.items()}
    return Wanted(own, _changed(kept, own), effect)


async def _preview(request: web.Request, kept: Kept, wanted: Wanted, status: int) -> web.Response:
    words = say(request)
    changes = [
        (
            words(f"county_terms.kind.{kind}"),
            say_limit(words, kept.own.get(kind, DEFAULTS[kind])),
            say_limit(words, wanted.own.get(kind, DEFAULTS[kind])),
        )
        for kind in wanted.changed
    ]
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])
    return desk_page(
        request,
        "desk/county/terms_preview.html",
        status=status,
        changes=changes,
        texts=_typed(request),
        seen=kept.version,
        late=status == 409,
        effect=wanted.effect,
        office=snapshot.directory.office,
    )


async def _save(request: web.Request, wanted: Wanted, compare: Also) -> Faults:
    by = actor_of(request)

    async def write(conn: asyncpg.Connection) -> None:
        if wanted.changed:
            await store.replace_limits(conn, wanted.own, by.now)
            await county_store.update_version(conn, "calendar", by.now)
            await note_edit(conn, request, "limits", {"limits": [*wanted.changed]})

    return await edit(request, (), "", also=write, before=compare)


def _stands(wanted: Wanted) -> bool:
    return not wanted.changed


WAY = Way(LIMITS, _plan, _stands, _form, _preview, _save)


async def preview(request: web.Request) -> web.Response:
    """`POST /desk/county/terms/preview`: the effect on open cases; nothing is stored."""
    return await take(request, WAY, confirmed=False)


async def save(request: web.Request) -> web.Response:
    """`POST /desk/county/terms`: what the preview showed; 409 and a new preview when the calendar
    or the limits were changed meanwhile. The background then counts open cases anew."""
    return await take(request, WAY, confirmed=True)

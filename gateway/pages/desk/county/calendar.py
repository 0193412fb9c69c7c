"""`/desk/county/calendar`: published years, and days that the county closed by itself.

Nothing is saved before its effect on open cases was shown; what was shown is compared then.
"""

from calendar import monthcalendar
from dataclasses import dataclass, replace
from datetime import date

from aiohttp import web

from board.calendar import Calendar
from board.model import CalendarYear, County
from complaints.effects import Effect
from complaints.terms import in_force
from gateway.context import CONTEXT
from gateway.county_files.editing import edited
from gateway.desk.access import may
from gateway.desk.sessions import current, desk_form
from gateway.i18n import Words
from gateway.pages.desk.county.calendar_wish import (
    Plan,
    Planner,
    closing,
    publishing,
    reopening,
)
from gateway.pages.desk.county.counted import Faults, Kept, Way, read, take
from gateway.pages.desk.county.editing import Also, edit, summary
from gateway.pages.desk.county.effect import foresee
from gateway.pages.desk.log import say_row
from gateway.pages.desk.views import desk_page, hidden_from
from gateway.views import COUNTY, say

HOME = "/desk/county/calendar"
FIELDS = ("first", "last", "note", "year", "notice", "off", "work", "existing")


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would be saved, and what that does to open cases."""

    plan: Plan
    effect: Effect


async def show(request: web.Request) -> web.Response:
    """`GET /desk/county/calendar`, `?year=` for another than the newest; 404 for an unknown one."""
    return await _page(request, await read(request), {}, 200)


async def close(request: web.Request) -> web.Response:
    """`POST …/closures`: days on which the county was closed, as in a typhoon."""
    return await _take(request, closing)


async def reopen(request: web.Request) -> web.Response:
    """`POST …/closures/end`: takes closures back."""
    return await _take(request, reopening)


async def publish(request: web.Request) -> web.Response:
    """`POST …/years`: a year with its notice, new or put right."""
    return await _take(request, publishing)


async def _take(request: web.Request, planner: Planner) -> web.Response:
    async def planned(request: web.Request, kept: Kept) -> Foreseen | Faults:
        plan = planner(desk_form(request), say(request), kept.county)
        return plan if isinstance(plan, dict) else await _foresee(request, kept, plan)

    confirmed = bool(desk_form(request).first("confirmed"))
    way = Way(HOME, planned, _stands, _page, _check, _save, _agreed)
    return await take(request, way, confirmed=confirmed)


def _stands(wanted: Foreseen) -> bool:
    return not wanted.plan.edits


async def _foresee(request: web.Request, kept: Kept, plan: Plan) -> Foreseen:
    context = request.app[CONTEXT]
    # Counted with the county's own limits, as the cases are.
    calendar = in_force(replace(kept, county=edited(kept.county, plan.edits)).calendar, kept.own)
    directory = (await context.snapshots.of(request[COUNTY])).directory
    effect = await foresee(
        context.db, request[COUNTY].schema, calendar, context.clock(),
        hidden_from(request, directory),
    )  # fmt: skip
    return Foreseen(plan, effect)


def _agreed(request: web.Request, wanted: Foreseen) -> bool:
    """No open case is left without a day by an oversight: a storm at the year's end has to be
    written down all the same, so it is ticked."""
    return not wanted.effect.unknown or desk_form(request).first("without_day") == "yes"


async def _save(request: web.Request, wanted: Foreseen, compare: Also) -> Faults:
    return await edit(request, wanted.plan.edits, wanted.plan.about, before=compare)


async def _check(request: web.Request, kept: Kept, wanted: Foreseen, status: int) -> web.Response:
    form, words = desk_form(request), say(request)
    unticked = status == 422
    fault = words("calendar_desk.fault.without_day", n=wanted.effect.unknown) if unticked else ""
    return desk_page(
        request,
        "desk/county/calendar_check.html",
        status=status,
        about=say_row(words, wanted.plan.about),
        late=status == 409,
        fault=fault,
        effect=wanted.effect,
        office=(await request.app[CONTEXT].snapshots.of(request[COUNTY])).directory.office,
        kept=[(name, form.first(name)) for name in FIELDS if form.first(name)],
        seen=kept.version,
        action=request.path,
    )


async def _page(request: web.Request, kept: Kept, faults: Faults, status: int) -> web.Response:
    county = kept.county
    years = {str(each.year): each for each in county.calendar_years}
    asked = request.query.get("year", "")
    if asked and asked not in years:
        raise web.HTTPNotFound
    year = years.get(asked or max(years, default=""))
    typed = dict.fromkeys(FIELDS, "") | _written(year, county, edits=bool(asked))
    if request.method == "POST":
        typed |= {name: desk_form(request).first(name) for name in FIELDS}
    return desk_page(
        request,
        "desk/county/calendar.html",
        status=status,
        years=sorted((each.year for each in county.calendar_years), reverse=True),
        year=year,
        months=_months(say(request), year.year, kept.calendar) if year else (),
        closures=[row for row in county.calendar_days if row.kind == "closure"],
        typed=typed,
        faults={**dict.fromkeys(FIELDS, ""), **faults},
        errors=summary(faults, "first" if _is_closure(request) else "year"),
        may_edit=may(current(request).roles, f"{HOME}/years", "POST"),
        saved="saved" in request.query,
    )


def _is_closure(request: web.Request) -> bool:
    """Whether the page's first form was sent, to which a fault of no single field leads."""
    return "closures" in request.path


def _months(
    words: Words, year: int, calendar: Calendar
) -> list[tuple[str, list[list[tuple[int, str]]]]]:
    """Twelve of (its name, weeks of (day or 0, kind))."""
    return [
        (
            words("calendar_desk.month", year=year, month=month),
            [
                [(day, calendar.kind(date(year, month, day)) if day else "") for day in week]
                for week in monthcalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]


def _written(year: CalendarYear | None, county: County, *, edits: bool) -> dict[str, str]:
    """A year as its form shows it; nothing for a new one."""
    if year is None or not edits:
        return {}
    days = {kind: "\n".join(_days_of(county, year.year, kind)) for kind in ("off", "work")}
    return {"year": str(year.year), "existing": str(year.year), "notice": year.notice, **days}


def _days_of(county: County, year: int, kind: str) -> list[str]:
    return [
        f"{row.day}" for row in county.calendar_days if row.kind == kind and row.day.year == year
    ]

"""`/desk/county/calendar`: published years, and days that the county closed by itself.

Nothing is saved before its effect on open cases was shown; what was shown is compared then.
"""

import json
from calendar import monthcalendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import asyncpg
from aiohttp import web

from board.calendar import Calendar
from board.model import CalendarDay, CalendarYear, County
from board.store import directory as directory_store
from complaints.terms import in_force, own_limits
from gateway.context import CONTEXT
from gateway.county_files import calendar_file
from gateway.county_files.editing import Edit, edited
from gateway.desk.access import may
from gateway.desk.sessions import current, desk_form
from gateway.i18n import Words
from gateway.pages.desk.county.editing import edit, reason, summary
from gateway.pages.desk.county.effect import foresee
from gateway.pages.desk.views import desk_page
from gateway.views import COUNTY, say

HOME = "/desk/county/calendar"
FIELDS = ("first", "last", "note", "year", "notice", "off", "work", "existing")
LONGEST = 60
_DAY = timedelta(days=1)
_CLOSURES = ("first", "last", "note")


class Stale(Exception):
    """The calendar is another one than that whose effect was shown."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be saved: `about` names it in the log and on the page."""

    edits: Sequence[Edit]
    about: str


Planned = Plan | dict[str, str]
Planner = Callable[[web.Request, County], Planned]


async def show(request: web.Request) -> web.Response:
    """`GET /desk/county/calendar`, `?year=` for another than the newest; 404 for an unknown one."""
    return await _page(request)


async def close(request: web.Request) -> web.Response:
    """`POST …/closures`: days on which the county was closed, as in a typhoon."""
    return await _take(request, _closing)


async def reopen(request: web.Request) -> web.Response:
    """`POST …/closures/end`: takes closures back."""
    return await _take(request, _reopening)


async def publish(request: web.Request) -> web.Response:
    """`POST …/years`: a year with its notice, new or put right."""
    return await _take(request, _publishing)


async def _take(request: web.Request, planner: Planner) -> web.Response:
    """The effect first; with `confirmed`, saves and answers 303; 422 for what cannot be, 409 with
    the effect anew when somebody was first."""
    form = desk_form(request)
    county = await _read(request)
    plan = planner(request, county)
    before = _calendar(county)
    if isinstance(plan, dict):
        # What was possible when it was shown is not any more: somebody was first.
        late = form.first("confirmed") and form.first("seen") != before.version
        return await _page(request, plan, status=409 if late else 422)
    if not form.first("confirmed"):
        return await _check(request, plan, county)

    async def compare(conn: asyncpg.Connection) -> None:
        held = await directory_store.load_calendar(conn)
        if not held.version == before.version == form.first("seen"):
            raise Stale

    try:
        faults = await edit(request, plan.edits, plan.about, before=compare)
    except Stale:
        county = await _read(request)
        anew = planner(request, county)
        if isinstance(anew, dict):
            return await _page(request, anew, status=409)
        return await _check(request, anew, county, status=409)
    if faults:
        return await _page(request, faults, status=422)
    raise web.HTTPSeeOther(f"{HOME}?saved=yes")


async def _check(
    request: web.Request, plan: Plan, county: County, status: int = 200
) -> web.Response:
    context, form = request.app[CONTEXT], desk_form(request)
    snapshot = await context.snapshots.of(request[COUNTY])
    # Counted with the county's own limits, as the cases are.
    calendar = in_force(_calendar(edited(county, plan.edits)), own_limits(snapshot.calendar))
    effect = await foresee(context.db, request[COUNTY].schema, calendar, context.clock())
    kept = [(name, form.first(name)) for name in FIELDS if form.first(name)]
    return desk_page(
        request,
        "desk/county/calendar_check.html",
        status=status,
        plan=plan,
        effect=effect,
        office=snapshot.directory.office,
        kept=kept,
        seen=_calendar(county).version,
        action=request.path,
    )


async def _page(
    request: web.Request, faults: Mapping[str, str] | None = None, status: int = 200
) -> web.Response:
    county = await _read(request)
    years = {each.year: each for each in county.calendar_years}
    asked = request.query.get("year", "")
    if asked and (not asked.isdecimal() or int(asked) not in years):
        raise web.HTTPNotFound
    year = years.get(int(asked) if asked else max(years, default=0))
    typed = dict.fromkeys(FIELDS, "") | _written(year, county, edits=bool(asked))
    if request.method == "POST":
        typed |= {name: desk_form(request).first(name) for name in FIELDS}
    found = dict(faults or {})
    return desk_page(
        request,
        "desk/county/calendar.html",
        status=status,
        years=sorted(years, reverse=True),
        year=year,
        months=_months(say(request), year.year, _calendar(county)) if year else (),
        closures=[row for row in county.calendar_days if row.kind == "closure"],
        typed=typed,
        faults=dict.fromkeys(FIELDS, "") | found,
        errors=summary(found, "first" if _is_closure(request) else "year"),
        may_edit=may(current(request).roles, f"{HOME}/years", "POST"),
        saved="saved" in request.query,
    )


def _is_closure(request: web.Request) -> bool:
    """Whether the page's first form was sent, to which a fault of no single field leads."""
    return "closures" in request.path


async def _read(request: web.Request) -> County:
    async def work(conn: asyncpg.Connection) -> County:
        return County(
            calendar_years=await directory_store.list_calendar_years(conn),
            calendar_days=await directory_store.list_calendar_days(conn),
        )

    context = request.app[CONTEXT]
    return await context.db.run(request[COUNTY].schema, work, single=True)


def _calendar(county: County) -> Calendar:
    return directory_store.calendar_of(county.calendar_years, county.calendar_days)


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


def _range(request: web.Request, county: County) -> tuple[list[date], dict[str, str]]:
    """The days from `first` to `last`, which may be left out, or faults."""
    form, words = desk_form(request), say(request)
    ends: list[date] = []
    for name in ("first", "last"):
        try:
            ends.append(date.fromisoformat((form.first(name) or form.first("first")).strip()))
        except ValueError:
            return [], {name: words("calendar_desk.fault.bad_day")}
    first, last = ends
    if last < first:
        return [], {"last": words("calendar_desk.fault.bad_range")}
    if (last - first).days >= LONGEST:
        return [], {"last": words("calendar_desk.fault.too_long", most=LONGEST)}
    days = [first + n * _DAY for n in range((last - first).days + 1)]
    years = {each.year for each in county.calendar_years}
    if not {day.year for day in days} <= years:
        return [], {"first": words("calendar_desk.fault.no_year")}
    return days, {}


def _span(words: Words, days: Sequence[date]) -> str:
    """The first and the last of some days, or the one."""
    first, last = words.day(days[0]), words.day(days[-1])
    if days[0] == days[-1]:
        return first
    return words("calendar_desk.day_range", first=first, last=last)


def _closing(request: web.Request, county: County) -> Planned:
    days, faults = _range(request, county)
    note = desk_form(request).first("note").replace("\0", "").strip()[:200]
    if not note:
        faults = faults | {"note": say(request)("calendar_desk.fault.no_note")}
    if faults:
        return faults
    # Nobody works on a rest day, and a closed day keeps its own note.
    days = [day for day in days if _calendar(county).is_working_day(day)]
    words = say(request)
    if not days:
        return {"first": words("calendar_desk.fault.no_working_day")}
    put = [CalendarDay(day, "closure", note) for day in days]
    about = words("calendar_desk.about_closed", days=_span(words, days), note=note)
    return Plan([Edit("calendar_days", put)], about)


def _reopening(request: web.Request, county: County) -> Planned:
    days, faults = _range(request, county)
    if faults:
        return faults
    closed = {row.day for row in county.calendar_days if row.kind == "closure"}
    dropped = [(day, "closure") for day in days if day in closed]
    if not dropped:
        return {"first": say(request)("calendar_desk.fault.not_closed")}
    about = say(request)("calendar_desk.about_reopened", days=_span(say(request), days))
    return Plan([Edit("calendar_days", (), dropped)], about)


def _publishing(request: web.Request, county: County) -> Planned:
    """The form as calendar.json has it, read as that file is; faults beside their fields."""
    form, words = desk_form(request), say(request)
    texts = {name: form.first(name).replace("\r\n", "\n") for name in ("notice", "off", "work")}
    year = form.first("year").strip()
    known = {str(each.year) for each in county.calendar_years}
    if year in known and form.first("existing") != year:
        return {"year": words("calendar_desk.fault.year_there", year=year)}
    entry: dict[str, Any] = {name: _spread(texts[name].split()) for name in ("off", "work")}
    entry["notice"] = [line for line in texts["notice"].split("\n") if line.strip()]
    data = {year: entry}
    years, days, found = calendar_file.read("calendar.json", json.dumps(data, indent=1), data)
    faults: dict[str, str] = {}
    for fault in found:
        faults.setdefault(_field(fault.key, dict(fault.params), entry), reason(words, fault))
    if faults:
        return faults
    put = [row for _, row in days]
    kept = {(row.day, row.kind) for row in put}
    dropped = [
        (row.day, row.kind)
        for row in county.calendar_days
        if row.day.year == int(year) and row.kind != "closure" and (row.day, row.kind) not in kept
    ]
    # A note that stands beside a day is kept.
    notes = {(row.day, row.kind): row.note for row in county.calendar_days}
    put = [replace(row, note=notes.get((row.day, row.kind), "")) for row in put]
    edits = [
        Edit("calendar_years", [row for _, row in years]),
        Edit("calendar_days", put, dropped),
    ]
    return Plan(edits, words("calendar_desk.about_year", year=year))


def _field(key: str, params: Mapping[str, str], entry: Mapping[str, list[str]]) -> str:
    if key == "bad_year":
        return "year"
    if "value" in params:
        return "off" if params["value"] in entry["off"] else "work"
    return "notice"


def _spread(words: list[str]) -> list[str]:
    """`2027-02-06..2027-02-12` as its days; what is no range stays as it is typed."""
    days: list[str] = []
    for word in words:
        first, dots, last = word.partition("..")
        try:
            begin, end = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            days.append(word)
            continue
        spans = dots and 0 <= (end - begin).days < LONGEST
        several = [str(begin + n * _DAY) for n in range((end - begin).days + 1)] if spans else []
        days += several or [word]
    return days

"""What somebody wants of the calendar before it is saved: from fields to rows."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from board.model import CalendarDay, County
from board.store.directory import calendar_of
from complaints.typed import day as day_of
from complaints.typed import line
from gateway.bodies import Form
from gateway.county_files import calendar_file
from gateway.county_files.editing import Edit, edited
from gateway.i18n import Words
from gateway.pages.desk.county.editing import reason
from gateway.pages.desk.log import Row

LONGEST = 60
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be saved, nothing where it stands so already and was confirmed all the same;
    `about` names it in the log and on the page."""

    edits: Sequence[Edit]
    about: Row


Planned = Plan | dict[str, str]
Planner = Callable[[Form, Words, County], Planned]


def _range(form: Form, words: Words, county: County) -> tuple[list[date], dict[str, str]]:
    """The days from `first` to `last`, which may be left out, or faults."""
    ends: list[date] = []
    for name in ("first", "last"):
        try:
            ends.append(day_of(form.first(name).strip() or form.first("first")))
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


def _ends(days: Sequence[date]) -> list[str]:
    return [days[0].isoformat(), days[-1].isoformat()]


def closing(form: Form, words: Words, county: County) -> Planned:
    """Days closed, from `first` to `last`, with their reason `note`."""
    days, faults = _range(form, words, county)
    note = line(form.first("note"))[:200]
    if not note:
        faults = faults | {"note": words("calendar_desk.fault.no_note")}
    if faults:
        return faults
    # Nobody works on a rest day, and a closed day keeps its own note.
    calendar = calendar_of(county.calendar_years, county.calendar_days)
    put = [CalendarDay(day, "closure", note) for day in days if calendar.is_working_day(day)]
    if put:
        told = {"closed": _ends([row.day for row in put]), "note": note}
        return Plan([Edit("calendar_days", put)], told)
    there = {CalendarDay(day, "closure", note) for day in days} & {*county.calendar_days}
    if form.first("confirmed") and there:
        return Plan((), {})
    return {"first": words("calendar_desk.fault.no_working_day")}


def reopening(form: Form, words: Words, county: County) -> Planned:
    """Those of the days from `first` to `last` that are closed."""
    days, faults = _range(form, words, county)
    if faults:
        return faults
    closed = {row.day for row in county.calendar_days if row.kind == "closure"}
    dropped = [(day, "closure") for day in days if day in closed]
    if not dropped and form.first("confirmed"):
        return Plan((), {})
    if not dropped:
        return {"first": words("calendar_desk.fault.not_closed")}
    days = [day for day, _ in dropped]
    return Plan([Edit("calendar_days", (), dropped)], {"reopened": _ends(days)})


def publishing(form: Form, words: Words, county: County) -> Planned:
    """The form as calendar.json has it, read as that file is; faults beside their fields."""
    texts = {name: form.first(name).replace("\r\n", "\n") for name in ("notice", "off", "work")}
    year = form.first("year").strip()
    known = {str(each.year) for each in county.calendar_years}
    taken = year in known and form.first("existing") != year
    if taken and not form.first("confirmed"):
        return _year_there(words, year)
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
    if edited(county, edits) == county:
        edits = edits if not form.first("confirmed") else []
    elif taken:
        return _year_there(words, year)
    return Plan(edits, {"year": year})


def _year_there(words: Words, year: str) -> dict[str, str]:
    return {"year": words("calendar_desk.fault.year_there", year=year)}


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

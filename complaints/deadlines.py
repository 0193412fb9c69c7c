"""Counting due days (domain.md R1-R10, R12, R13). No clock, no database.

The values that go in and come out stand in ``complaints.limits`` and can be had from here too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from board.calendar import REST, Calendar, CalendarUnknown, DayKind
from complaints.limits import (
    CLOSING,
    NOTICE,
    OPENING,
    SESSIONS,
    SHANGHAI,
    Day,
    Due,
    Exclusion,
    Extension,
    Limit,
    Reason,
    Unit,
    day_of,
    local,
)

__all__ = [
    "SHANGHAI",
    "ClockStart",
    "Day",
    "Due",
    "Exclusion",
    "Extension",
    "Limit",
    "Unit",
    "clock_start",
    "day_of",
    "due",
    "working_days_between",
]

_DAY = timedelta(days=1)


def due(
    start: date | datetime,
    limit: Limit,
    calendar: Calendar,
    *,
    exclusions: Sequence[Exclusion] = (),
    extensions: Sequence[Extension] = (),
) -> Due:
    """Compute when a limit that starts then is due, with its derivation day by day.

    Only the first extension can hold, and only when approved on or before the base due day (R5).
    Raises ValueError when half days or hours start from a bare date, when an hour limit has
    exclusions (R9: without a break), or for a datetime without zone.
    """
    _check(start, limit, exclusions)
    base = _count(start, limit, calendar, exclusions)
    if not extensions or base.day is None:
        return base
    first, *twice = extensions
    if first.approved_on > base.day:
        return replace(base, status="extension_void")
    longer = replace(_count(start, limit, calendar, exclusions, first.number), base=base.at)
    return replace(longer, status="extension_void") if twice and longer.at else longer


def working_days_between(after: date, through: date, calendar: Calendar) -> int:
    """Count working days later than ``after`` through ``through``. Raises CalendarUnknown."""
    return calendar.count(after, through)


@dataclass(frozen=True, slots=True)
class ClockStart:
    """From which day a file's limit runs (R4); ``on`` is None while material is awaited.

    ``reason``: complete (nothing was missing), supplied (told in time, clock starts when all is
    supplied), waiting (told in time, not yet supplied), deemed (told too late: accepted on the
    day of receipt) or calendar_unknown.
    """

    on: date | datetime | None
    reason: Literal["complete", "supplied", "waiting", "deemed", "calendar_unknown"]
    notice: Due


def clock_start(
    received: date | datetime,
    calendar: Calendar,
    *,
    noticed: date | None = None,
    supplied: date | datetime | None = None,
) -> ClockStart:
    """Decide when the clock of a file starts: 行政许可法 32, one notice within 5 working days."""
    notice = due(received, NOTICE, calendar)
    if noticed is None:
        return ClockStart(received, "complete", notice)
    late = notice.late(noticed)
    if late is None:
        return ClockStart(None, "calendar_unknown", notice)
    if late:
        return ClockStart(received, "deemed", notice)
    return ClockStart(supplied, "waiting" if supplied is None else "supplied", notice)


def _check(start: date | datetime, limit: Limit, exclusions: Sequence[Exclusion]) -> None:
    day_of(start)
    if limit.unit in ("half_day", "hour") and not isinstance(start, datetime):
        unit = limit.unit.replace("_", " ")
        raise ValueError(f"a limit in {unit}s starts at a time, such as 2026-03-09T10:15")
    if limit.unit == "hour" and exclusions:
        raise ValueError("an hour limit runs without a break (R9); leave out the exclusion")
    if start.year > 9000:
        raise ValueError(f"{start} is too far away to count from")


@dataclass(frozen=True, slots=True)
class _Span:
    """What a walk counts: so many units from the event, and what does not count."""

    begin: date | datetime
    number: int
    calendar: Calendar
    exclusions: Sequence[Exclusion]

    @property
    def moment(self) -> datetime:
        if not isinstance(self.begin, datetime):
            raise TypeError("half days and hours start at a time")
        return local(self.begin)


def _count(
    start: date | datetime,
    limit: Limit,
    calendar: Calendar,
    exclusions: Sequence[Exclusion],
    more: int = 0,
) -> Due:
    days: list[Day] = []
    version = calendar.version
    try:
        begin = _begin(days, start, limit, calendar)
        span = _Span(begin, limit.number + more, calendar, exclusions)
        at = _WALKS[limit.unit](days, span)
    except CalendarUnknown as unknown:
        year = unknown.year
        return Due(None, "calendar_unknown", tuple(days), limit, version, unknown_year=year)
    return Due(at, "ok", tuple(days), limit, version, base=at)


def _begin(
    days: list[Day], start: date | datetime, limit: Limit, calendar: Calendar
) -> date | datetime:
    """The event that counts: itself, or the next opening when it came after closing time (R7).

    A bare date has no hour and is never after closing time.
    """
    days.append(Day(day_of(start), "start"))
    if limit.after_close == "same_day" or not isinstance(start, datetime):
        return start
    moment = local(start)
    if moment.time() <= CLOSING and calendar.is_working_day(moment.date()):
        return start
    opened = calendar.nth_after(moment.date(), 1)
    days.append(Day(opened, "deferred"))
    return datetime.combine(opened, OPENING, SHANGHAI)


def _excluded(day: date, span: _Span) -> bool:
    """Whether that day lies in the notified part of an exclusion (R6).

    A rest day inside it, which matters to calendar-day limits, is excluded until the notified
    working days are used up.
    """
    for stop in span.exclusions:
        if stop.start < day <= stop.end:
            used = span.calendar.count(stop.start, day) + (not span.calendar.is_working_day(day))
            if used <= stop.notified:
                return True
    return False


def _look(day: date, span: _Span) -> tuple[Reason, bool]:
    """Why a day counts towards working time or not, and whether it does."""
    kind = span.calendar.kind(day)
    if kind not in REST and span.exclusions and _excluded(day, span):
        return "excluded", False
    return _REASONS[kind], kind not in REST


def _walk_working_days(days: list[Day], span: _Span) -> date:
    """R1 and R2: day 1 is the next working day, rest days do not count."""
    day, counted = day_of(span.begin), 0
    while counted < span.number:
        day += _DAY
        reason, counts = _look(day, span)
        counted += counts
        days.append(Day(day, reason, counted if counts else None))
    return day


def _walk_calendar_days(days: list[Day], span: _Span) -> date:
    """民法典 201: the next day is day 1; 203: an end on a rest day moves on (R3)."""
    day, counted = day_of(span.begin), 0
    while counted < span.number:
        day += _DAY
        if _excluded(day, span):
            days.append(Day(day, "excluded"))
        else:
            counted += 1
            days.append(Day(day, "counted", counted))
    return _move(days, day, span.calendar)


def _move(days: list[Day], end: date, calendar: Calendar) -> date:
    if calendar.is_working_day(end):
        return end
    day = end + _DAY
    while (kind := calendar.kind(day)) in REST:
        days.append(Day(day, _REASONS[kind]))
        day += _DAY
    days.append(Day(day, "moved"))
    return day


def _walk_half_days(days: list[Day], span: _Span) -> datetime:
    """R8: only sessions that begin at or after the event are whole; due at the last one's end."""
    moment = span.moment
    day, counted = moment.date(), 0
    while True:
        reason, counts = _look(day, span)
        if not counts:
            days.append(Day(day, reason))
        for name, opens, closes in SESSIONS if counts else ():
            if datetime.combine(day, opens, SHANGHAI) >= moment:
                counted += 1
                days.append(Day(day, reason, counted, name))
                if counted == span.number:
                    return datetime.combine(day, closes, SHANGHAI)
        day += _DAY


def _walk_hours(days: list[Day], span: _Span) -> datetime:
    """R9: nights and rest days run too, so this asks nothing of the calendar."""
    moment = span.moment
    end = moment + timedelta(hours=span.number)
    day = moment.date()
    while day <= end.date():
        midnight = datetime.combine(day + _DAY, time(0), SHANGHAI)
        run = (min(midnight, end) - moment) // timedelta(hours=1)
        days.append(Day(day, "counted", run or None))
        day += _DAY
    return end


_REASONS: dict[DayKind, Reason] = {
    "workday": "counted",
    "makeup": "makeup",
    "weekend": "weekend",
    "holiday": "holiday",
    "closure": "closure",
}
_WALKS: dict[Unit, Callable[[list[Day], _Span], date | datetime]] = {
    "working_day": _walk_working_days,
    "calendar_day": _walk_calendar_days,
    "half_day": _walk_half_days,
    "hour": _walk_hours,
}

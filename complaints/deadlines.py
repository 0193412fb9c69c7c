"""Due days and how they were counted (domain.md R1-R10, R12, R13). No clock, no database.

Moments are aware datetimes in any zone and are read in Asia/Shanghai; days are plain dates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal

from board.calendar import REST, Calendar, CalendarUnknown

Unit = Literal["working_day", "calendar_day", "half_day", "hour"]
AfterClose = Literal["same_day", "next_workday"]
Status = Literal["ok", "calendar_unknown", "extension_void"]
Reason = Literal[
    "start", "deferred", "counted", "makeup", "weekend", "holiday", "closure", "excluded", "moved"
]
Session = Literal["morning", "afternoon"]

# China has kept one zone without summer time since 1991, so no zone data are needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
SESSIONS: tuple[tuple[Session, time, time], ...] = (
    ("morning", time(8, 30), time(12, 0)),
    ("afternoon", time(14, 30), time(17, 30)),
)
OPENING, CLOSING = SESSIONS[0][1], SESSIONS[-1][2]
MOST = 10_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many units from an event; where it comes from and from when to when it holds (R13).

    ``after_close`` says what an event after 17:30 or on a rest day means (R7). ``starts`` names
    the event that starts it. Raises ValueError when ``number`` is not between 1 and 10,000.
    """

    number: int
    unit: Unit = "working_day"
    after_close: AfterClose = "same_day"
    source: str = ""
    starts: str = "accepted"
    valid_from: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MOST:
            raise ValueError(f"a limit has between 1 and {MOST} units, not {self.number}")

    def in_force(self, on: date) -> bool:
        """Whether the limit held on that day; both ends belong to its validity."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A hearing, inspection or the like: days after ``start`` through ``end`` (art. 45, R6).

    ``notified`` is the needed time told in writing, in working days; 0 means that nobody was
    told, and then nothing is excluded. Raises ValueError when it ends before it starts.
    """

    start: date
    end: date
    notified: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"an exclusion ends ({self.end}) before it starts ({self.start})")
        if self.notified < 0:
            raise ValueError("the notified time is a number of working days, 0 or more")


@dataclass(frozen=True, slots=True)
class Extension:
    """More time, in the limit's own unit, approved on a day by the head (art. 42, R5)."""

    number: int
    approved_on: date

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MOST:
            raise ValueError(f"an extension has between 1 and {MOST} units, not {self.number}")


@dataclass(frozen=True, slots=True)
class Day:
    """One line of a derivation: a day, why it counts or not, and its ordinal when it counts.

    Half days give one line a session. Hour limits give one line a date, whose ``number`` is the
    hours run by its end.
    """

    on: date
    reason: Reason
    number: int | None = None
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due and how that was counted (R13).

    ``at`` is a date for days, an aware datetime for half days and hours, and None when the
    calendar is unknown (``unknown_year`` says which year is missing). ``base`` is the due time
    without extension. ``extension_void`` keeps the base: the extension came too late or twice.
    """

    at: date | datetime | None
    status: Status
    days: tuple[Day, ...]
    limit: Limit
    calendar_version: str
    base: date | datetime | None = None
    unknown_year: int | None = None

    @property
    def day(self) -> date | None:
        """The due date in Shanghai, also for half days and hours."""
        return day_of(self.at) if self.at is not None else None

    @property
    def counted(self) -> int:
        """How many units were counted; equals the limit (and extension) unless unknown."""
        return max((line.number for line in self.days if line.number), default=0)

    def late(self, on: date | datetime) -> bool | None:
        """Whether something done then is late (R2: on the due day is in time).

        None when the calendar is unknown. A bare date against a due time of the same day is
        taken as in time, because the hour is not known.
        """
        if self.at is None:
            return None
        if isinstance(self.at, datetime) and isinstance(on, datetime):
            return on > self.at
        return day_of(on) > day_of(self.at)


NOTICE = Limit(5, source="行政许可法 32", starts="received")
PERMIT, PERMIT_EXTENSION = Limit(20, source="行政许可法 42"), 10
JOINT, JOINT_EXTENSION = Limit(45, source="行政许可法 42"), 15
CERTIFICATE = Limit(10, source="行政许可法 44", starts="decided")


def day_of(at: date | datetime) -> date:
    """Return the date in Shanghai. Raises ValueError for a datetime without zone."""
    return _local(at).date() if isinstance(at, datetime) else at


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
    base = _count(start, limit.number, limit, calendar, exclusions)
    if not extensions or base.day is None:
        return base
    first, *more = extensions
    if first.approved_on > base.day:
        return _void(base)
    number = limit.number + first.number
    longer = _count(start, number, limit, calendar, exclusions, base.at)
    return _void(longer) if more and longer.status == "ok" else longer


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
        raise ValueError(f"a limit in {limit.unit}s starts at a time, such as 2026-03-09T10:15")
    if limit.unit == "hour" and exclusions:
        raise ValueError("an hour limit runs without a break (R9); leave out the exclusion")
    if start.year > 9000:
        raise ValueError(f"{start} is too far away to count from")


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no zone; give it one, such as +08:00")
    return at.astimezone(SHANGHAI)


def _void(found: Due) -> Due:
    return Due(
        found.at, "extension_void", found.days, found.limit, found.calendar_version, found.base
    )


def _count(
    start: date | datetime,
    number: int,
    limit: Limit,
    calendar: Calendar,
    exclusions: Sequence[Exclusion],
    base: date | datetime | None = None,
) -> Due:
    days: list[Day] = []
    try:
        begin = _begin(days, start, limit, calendar)
        at = _WALKS[limit.unit](days, begin, number, calendar, exclusions)
    except CalendarUnknown as unknown:
        version = calendar.version
        return Due(None, "calendar_unknown", tuple(days), limit, version, base, unknown.year)
    return Due(at, "ok", tuple(days), limit, calendar.version, at if base is None else base)


def _begin(
    days: list[Day], start: date | datetime, limit: Limit, calendar: Calendar
) -> date | datetime:
    """The event that counts: itself, or the next opening when it came after closing time (R7).

    A bare date has no hour and is never after closing time.
    """
    days.append(Day(day_of(start), "start"))
    if limit.after_close == "same_day" or not isinstance(start, datetime):
        return start
    local = _local(start)
    closed = local.time() > CLOSING or not calendar.is_working_day(local.date())
    if not closed:
        return start
    opened = calendar.nth_after(local.date(), 1)
    days.append(Day(opened, "deferred"))
    return datetime.combine(opened, OPENING, SHANGHAI)


def _excluded(day: date, exclusions: Sequence[Exclusion], calendar: Calendar) -> bool:
    """Whether that day lies in the notified part of an exclusion (R6).

    A rest day inside it, which matters to calendar-day limits, is excluded until the notified
    working days are used up.
    """
    for stop in exclusions:
        if stop.start < day <= stop.end:
            used = calendar.count(stop.start, day) + (not calendar.is_working_day(day))
            if used <= stop.notified:
                return True
    return False


def _walk_working_days(
    days: list[Day],
    begin: date | datetime,
    number: int,
    calendar: Calendar,
    exclusions: Sequence[Exclusion],
) -> date:
    """R1 and R2: day 1 is the next working day, rest days do not count."""
    day, counted = day_of(begin), 0
    while counted < number:
        day += _DAY
        kind = calendar.kind(day)
        if kind in REST:
            days.append(Day(day, _rest(kind)))
        elif _excluded(day, exclusions, calendar):
            days.append(Day(day, "excluded"))
        else:
            counted += 1
            days.append(Day(day, "makeup" if kind == "makeup" else "counted", counted))
    return day


def _walk_calendar_days(
    days: list[Day],
    begin: date | datetime,
    number: int,
    calendar: Calendar,
    exclusions: Sequence[Exclusion],
) -> date:
    """民法典 201: the next day is day 1; 203: an end on a rest day moves on (R3)."""
    day, counted = day_of(begin), 0
    while counted < number:
        day += _DAY
        if _excluded(day, exclusions, calendar):
            days.append(Day(day, "excluded"))
        else:
            counted += 1
            days.append(Day(day, "counted", counted))
    return _move(days, day, calendar)


def _move(days: list[Day], day: date, calendar: Calendar) -> date:
    if calendar.is_working_day(day):
        return day
    day += _DAY
    while (kind := calendar.kind(day)) in REST:
        days.append(Day(day, _rest(kind)))
        day += _DAY
    days.append(Day(day, "moved"))
    return day


def _walk_half_days(
    days: list[Day],
    begin: date | datetime,
    number: int,
    calendar: Calendar,
    exclusions: Sequence[Exclusion],
) -> datetime:
    """R8: only sessions that begin at or after the event are whole; due at the last one's end."""
    moment = _local(_moment(begin))
    day, counted = moment.date(), 0
    while True:
        kind = calendar.kind(day)
        out = _rest(kind) if kind in REST else None
        if out is None and _excluded(day, exclusions, calendar):
            out = "excluded"
        if out is not None:
            days.append(Day(day, out))
        else:
            for name, opens, closes in SESSIONS:
                if datetime.combine(day, opens, SHANGHAI) >= moment:
                    counted += 1
                    reason: Reason = "makeup" if kind == "makeup" else "counted"
                    days.append(Day(day, reason, counted, name))
                    if counted == number:
                        return datetime.combine(day, closes, SHANGHAI)
        day += _DAY


def _walk_hours(
    days: list[Day],
    begin: date | datetime,
    number: int,
    calendar: Calendar,
    exclusions: Sequence[Exclusion],
) -> datetime:
    """R9: nights and rest days run too, so this asks nothing of the calendar."""
    moment = _local(_moment(begin))
    end = moment + timedelta(hours=number)
    day = moment.date()
    while day <= end.date():
        midnight = datetime.combine(day + _DAY, time(0), SHANGHAI)
        run = (min(midnight, end) - moment) // timedelta(hours=1)
        days.append(Day(day, "counted", run or None))
        day += _DAY
    return end


def _moment(begin: date | datetime) -> datetime:
    if not isinstance(begin, datetime):
        raise TypeError("half days and hours start at a time")
    return begin


def _rest(kind: str) -> Reason:
    if kind == "closure":
        return "closure"
    return "holiday" if kind == "holiday" else "weekend"


_WALKS: dict[
    Unit,
    Callable[
        [list[Day], date | datetime, int, Calendar, Sequence[Exclusion]],
        date | datetime,
    ],
] = {
    "working_day": _walk_working_days,
    "calendar_day": _walk_calendar_days,
    "half_day": _walk_half_days,
    "hour": _walk_hours,
}

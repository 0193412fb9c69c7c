"""When the system looks at a case by itself, and what it does then (domain.md, "missed").

A reminder 2 and 1 working days before a due day, an escalation on the first working day after it
and again every 5 working days; what waits for a complainant ends by itself. Pure: a process that
was dead for a week does what is owed once, and plans what comes next.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Literal

from board.calendar import Calendar, CalendarUnknown
from board.model import Office
from complaints.deadlines import due
from complaints.lifecycle import OVER, Deadline, State, Step, end_of, notice
from complaints.limits import SHANGHAI, local
from complaints.offices import LAST_RESORT, Directory, Facts, conflict, way_up
from complaints.terms import limit

Owed = Literal["reminder", "escalation", "end", "wipe", "look"]

# Notices arrive when an office opens, not at midnight.
MORNING = time(8, 30)
_DAY = timedelta(days=1)
# Between two escalations lie five working days; the longest holidays add eleven days to them.
_FAR = 31

# What a case does by itself when the complainant's time is over (domain.md: silence closes).
ENDS: Mapping[State, Step] = MappingProxyType(
    {"waiting": "resume", "released": "lapse", "closed": "archive"}
)
# Words, contact details and files of a case that is over are kept so long, then wiped.
KEPT = timedelta(days=3 * 365)
# Silence is an answer to a rating: nobody is pressed for one.
UNREMINDED: frozenset[State] = frozenset({"released", "closed"})


@dataclass(frozen=True, slots=True)
class Timed:
    """What decides about the next look: the state, and the due day of whoever owns the case.

    ``due_day`` is None while the calendar does not say; ``next_at`` is the moment from which the
    owner is late; for a case that is over, that of its archiving or wiping, and None after that.
    A closed case has a ``due_day`` too, the last one for a review.
    """

    state: State
    due_day: date | None
    next_at: datetime | None


def owed(case: Timed, at: datetime, calendar: Calendar, planned: datetime | None = None) -> Owed:
    """What is owed to a case that is looked at ``at`` that moment (aware); ``planned`` says for
    which moment that look was.

    While the calendar is unknown nothing ends and nobody is pressed (R12), and a look that was
    only to see whether it is published by now escalates nothing.
    """
    if case.state in OVER and case.state not in ENDS:
        return "wipe"
    if case.due_day is None:
        return "look"
    over = at >= end_of(case.due_day)
    if case.state in ENDS:
        if over:
            return "end"
        return "look" if case.state in UNREMINDED else "reminder"
    if not over:
        return "reminder"
    if local(at).year not in calendar.years:
        return "look"
    return "escalation" if planned is None or _escalates(case, planned, at, calendar) else "look"


def _escalates(case: Timed, planned: datetime, at: datetime, calendar: Calendar) -> bool:
    """Whether a day for an escalation lies between those moments, the first one included; it comes
    in the morning, and a look in the night before has nothing to tell yet."""
    if case.due_day is None:
        return False
    day = max(local(planned).date(), case.due_day)
    while datetime.combine(day, MORNING, SHANGHAI) <= at:
        # What lies in a year without calendar was not known then and is not guessed now.
        if day.year in calendar.years and notice(case.due_day, day, calendar) == "escalation":
            return True
        day += _DAY
    return False


def next_look(case: Timed, after: datetime, calendar: Calendar) -> datetime | None:
    """The first moment later than ``after`` at which something is owed; None for never.

    Where the calendar is unknown the case is looked at again the next morning.
    """
    if case.next_at is None:
        return None
    wiped = case.state in OVER and case.state not in ENDS
    if wiped or (case.state in UNREMINDED and case.due_day is not None):
        return case.next_at if case.next_at > after else _tomorrow(after)
    if case.due_day is None:
        return _tomorrow(after)
    try:
        return next(at for at in _moments(case, after, calendar) if at > after)
    except (CalendarUnknown, StopIteration):
        # All that was owed before the due day was known when it was counted.
        return _tomorrow(max(after, end_of(case.due_day) - _DAY))


def keep_look(
    case: Timed, planned: datetime | None, escalations: int, now: datetime, calendar: Calendar
) -> datetime | None:
    """The next look at a case in which nothing happened that the timers ask for: a note, a
    reminder by hand, another calendar. What is owed already stays owed.

    ``planned``: the look that it had; ``escalations``: how many there were for this deadline.
    """
    if planned is not None and planned <= now:
        return planned
    # Another office that goes on with a late case has been given until then.
    given = planned is not None and _escalates(case, planned, planned, calendar)
    if case.due_day is not None and case.state not in ENDS and not (escalations or given):
        first = next_look(case, end_of(case.due_day), calendar)
        if first is not None and first <= now:
            return first
    return next_look(case, now, calendar)


def look_at(state: State, until: Deadline, after: datetime, calendar: Calendar) -> datetime | None:
    """The next look at a case that is in that state until that deadline."""
    return next_look(Timed(state, until.due.day, until.at), after, calendar)


def _moments(case: Timed, after: datetime, calendar: Calendar) -> Iterator[datetime]:
    """Moments at which something may be owed, in order, from the day of ``after`` on."""
    assert case.due_day is not None
    end = end_of(case.due_day)
    day = max(local(after).date(), case.due_day - _FAR * _DAY)
    last = max(day, case.due_day) + _FAR * _DAY
    while day <= last:
        if case.state in ENDS and day > case.due_day:
            yield end
            return
        if notice(case.due_day, day, calendar):
            yield datetime.combine(day, MORNING, SHANGHAI)
        day += _DAY


def _tomorrow(after: datetime) -> datetime:
    return datetime.combine(local(after).date() + _DAY, MORNING, SHANGHAI)


def archive_at(closed: datetime, calendar: Calendar) -> datetime | None:
    """When a closed case can no longer be reviewed: 30 calendar days, moved off rest days (R3).

    None while the calendar does not say.
    """
    found = due(local(closed).date(), limit("ask_review", calendar), calendar)
    return end_of(found.day) if found.day else None


def look_at_closed(
    closed: datetime, now: datetime, calendar: Calendar
) -> tuple[datetime, Literal["calendar_unknown"] | None]:
    """The next look at a closed case, and why that is not yet the one that archives it."""
    until = archive_at(closed, calendar)
    return (until, None) if until else (_tomorrow(now), "calendar_unknown")


def escalate_to(
    office: Office | None,
    times: int,
    unit: str | None,
    county: Directory,
    facts: Facts | None = None,
) -> str:
    """Who hears of the ``times``-th escalation (from 1): the office above, then the one above it.

    Nobody who may not answer the case hears of it: ``facts``, where they are known, say who is in
    conflict. "desk" for what the county desk itself is late with, after the county's last office,
    before the case's number leaves the county, and when nobody is left.
    """
    if office is None:
        return "desk"
    # Whoever answered before may well hear of it.
    asked = replace(facts, answered=()) if facts else None
    heard = _heard(way_up(office.kind, office, unit, county), asked, county)
    return next(islice(heard, times - 1, None), "desk")


def _heard(above: Iterable[Office], facts: Facts | None, county: Directory) -> Iterator[str]:
    """Who hears of one escalation after the other: the county's offices, the desk, the upper."""
    upper = []
    for each in above:
        if each is LAST_RESORT or (facts and conflict(each, facts, county)):
            continue
        if each.kind == "upper":
            upper.append(each.code)
        else:
            yield each.code
    yield "desk"
    yield from upper

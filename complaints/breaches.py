"""A breach is computed, not alleged: promised and statutory due day, days over, and which unit.

Pure: limits, days and the calendar come in as arguments (domain.md R10, R11, "A breach").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from board.calendar import Calendar, CalendarUnknown
from complaints.deadlines import due
from complaints.limits import (
    CLOSING,
    SHANGHAI,
    Due,
    Exclusion,
    Extension,
    Limit,
    Unit,
    day_of,
)

Role = Literal["hand_on", "unit", "put_together"]

# How long a unit lasts in calendar days, to compare limits of different units (R10). Five
# working days are a week; a working day has two sessions.
_LASTS: dict[Unit, Fraction] = {
    "working_day": Fraction(7, 5),
    "half_day": Fraction(7, 10),
    "calendar_day": Fraction(1),
    "hour": Fraction(1, 24),
}


@dataclass(frozen=True, slots=True)
class Overrun:
    """One limit against one day.

    ``late`` and ``days_over`` (working days after the due day) are None when the calendar does
    not say. A day late over a weekend is late by 0 working days.
    """

    due: Due
    late: bool | None
    days_over: int | None


@dataclass(frozen=True, slots=True)
class Breach:
    """A matter's two limits against what happened; each is reported by itself (R10).

    ``decided`` is None while the matter is undecided, and then ``measured_on`` is today.
    ``elapsed`` counts the working days from the start through ``measured_on``. A limit that the
    matter does not have is None.
    """

    unit: str
    started: date
    decided: date | None
    measured_on: date
    elapsed: int | None
    promised: Overrun | None
    statutory: Overrun | None

    @property
    def late(self) -> bool:
        """Whether either limit is certainly over."""
        return any(part is not None and part.late is True for part in self._parts)

    @property
    def calendar_unknown(self) -> bool:
        """Whether a year without a published calendar keeps something from being said (R12)."""
        return any(part is not None and part.due.at is None for part in self._parts)

    @property
    def charged(self) -> str | None:
        """The unit that is late, or None."""
        return self.unit if self.late else None

    @property
    def categories(self) -> tuple[str, ...]:
        """The complaint categories that these figures prove: T03 statutory, T04 promised."""
        found = (("T03", self.statutory), ("T04", self.promised))
        return tuple(code for code, part in found if part is not None and part.late)

    @property
    def _parts(self) -> tuple[Overrun | None, Overrun | None]:
        return self.promised, self.statutory


@dataclass(frozen=True, slots=True)
class ParallelStep:
    """One unit's part of a parallel approval: its limit, when it got the file, when it was done.

    ``start`` None: the file was not handed on yet. ``done`` None: not finished yet.
    """

    unit: str
    limit: Limit
    start: date | None = None
    done: date | None = None
    role: Role = "unit"


@dataclass(frozen=True, slots=True)
class ParallelTable:
    """What the lead unit published: when it began, the whole limit, its own handing-on and
    putting-together limits (None when it promised none)."""

    lead: str
    start: date
    overall: Limit
    hand_on: Limit | None = None
    put_together: Limit | None = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """How one part went; ``overrun`` is None for a part that has not begun. ``to``: the unit that
    the file was or is to be handed on to, where that is the part."""

    unit: str
    role: Role
    start: date | None
    done: date | None
    overrun: Overrun | None
    to: str | None = None

    @property
    def late(self) -> bool:
        """Whether this part is certainly late."""
        return self.overrun is not None and self.overrun.late is True


@dataclass(frozen=True, slots=True)
class ParallelBreach:
    """Every part, the whole, and who is charged: late units alone, each once, in table order.

    ``overall.late`` may be False though a unit is charged, and only that unit then is. When the
    whole is late and no part is, the lead unit is charged, since nobody else owned the time.
    """

    lead: str
    parts: tuple[StepResult, ...]
    overall: Overrun
    charged: tuple[str, ...]


def assess(
    unit: str,
    start: date | datetime,
    today: date,
    calendar: Calendar,
    *,
    promised: Limit | None,
    statutory: Limit | None,
    decided: date | datetime | None = None,
    exclusions: Sequence[Exclusion] = (),
    extensions: Sequence[Extension] = (),
) -> Breach:
    """State both due days and how far they are over, today or on the day of the decision.

    Time that article 45 excludes holds against both limits; an extension (article 42) lengthens
    the statutory limit only, since nobody can extend his own promise.
    """
    when = decided if decided is not None else today

    def overrun(limit: Limit | None, extensions: Sequence[Extension]) -> Overrun | None:
        if limit is None:
            return None
        stops = () if limit.unit == "hour" else exclusions
        found = due(start, limit, calendar, exclusions=stops, extensions=extensions)
        return measure(found, when, calendar)

    return Breach(
        unit=unit,
        started=day_of(start),
        decided=day_of(decided) if decided is not None else None,
        measured_on=day_of(when),
        elapsed=_count(day_of(start), day_of(when), calendar),
        promised=overrun(promised, ()),
        statutory=overrun(statutory, extensions),
    )


def assess_parallel(
    table: ParallelTable,
    steps: Sequence[ParallelStep],
    today: date,
    calendar: Calendar,
    *,
    finished: date | None = None,
) -> ParallelBreach:
    """Measure each unit by its own start and limit, and the lead by handing on and putting
    together (R11)."""
    parts = tuple(
        result
        for step in steps
        for result in (_hand_on(table, step, today, calendar), _part(step, today, calendar))
        if result is not None
    )
    together = _put_together(table, steps, finished, today, calendar)
    parts += (together,) if together is not None else ()
    overall = measure(_due(table.start, table.overall, calendar), finished or today, calendar)
    charged = dict.fromkeys(part.unit for part in parts if part.late)
    if overall.late and not charged:
        charged = {table.lead: None}
    return ParallelBreach(table.lead, parts, overall, tuple(charged))


def measure(found: Due, when: date | datetime, calendar: Calendar) -> Overrun:
    """Hold a due time against the moment of decision, or against today."""
    late = found.late(when)
    if not late or found.day is None:
        return Overrun(found, late, None if late is None else 0)
    return Overrun(found, late, _count(found.day, day_of(when), calendar))


def promise_holds(promised: Limit, statutory: Limit) -> bool:
    """Whether the promise is strictly below the statutory limit (R10; otherwise T02).

    Limits of different units are compared by how long they last: five working days are seven
    calendar days, a half day is half a working day.
    """
    return _lasts(promised) < _lasts(statutory)


def _lasts(limit: Limit) -> Fraction:
    return limit.number * _LASTS[limit.unit]


def days_over(due_day: date, on: date, calendar: Calendar) -> int | None:
    """Working days later than a due day up to a day; None when the calendar does not say."""
    return _count(due_day, on, calendar)


def _count(after: date, through: date, calendar: Calendar) -> int | None:
    try:
        return max(0, calendar.count(after, through))
    except CalendarUnknown:
        return None


def _due(start: date, limit: Limit, calendar: Calendar) -> Due:
    """Parts are recorded by the day: where hours count, from its close, in the unit's favour."""
    if limit.unit in ("half_day", "hour"):
        return due(datetime.combine(start, CLOSING, SHANGHAI), limit, calendar)
    return due(start, limit, calendar)


def _hand_on(
    table: ParallelTable, step: ParallelStep, today: date, calendar: Calendar
) -> StepResult | None:
    """The lead's part before a unit's: the file reaches the unit within the handing-on limit."""
    if table.hand_on is None:
        return None
    found = _due(table.start, table.hand_on, calendar)
    overrun = measure(found, step.start or today, calendar)
    return StepResult(table.lead, "hand_on", table.start, step.start, overrun, step.unit)


def _part(step: ParallelStep, today: date, calendar: Calendar) -> StepResult:
    if step.start is None:
        return StepResult(step.unit, step.role, None, step.done, None)
    overrun = measure(_due(step.start, step.limit, calendar), step.done or today, calendar)
    return StepResult(step.unit, step.role, step.start, step.done, overrun)


def _put_together(
    table: ParallelTable,
    steps: Sequence[ParallelStep],
    finished: date | None,
    today: date,
    calendar: Calendar,
) -> StepResult | None:
    """The lead's part after the last unit's; it begins only when all units are done."""
    done = [step.done for step in steps if step.done is not None]
    if table.put_together is None or not done or len(done) < len(steps):
        return None
    found = _due(max(done), table.put_together, calendar)
    overrun = measure(found, finished or today, calendar)
    return StepResult(table.lead, "put_together", max(done), finished, overrun)

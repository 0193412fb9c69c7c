"""A matter's limits held against a receipt, with every unit's part where that is recorded.

Pure: the county, the receipt and the day come in as arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from board.calendar import Calendar
from board.directory import Directory
from board.model import Matter, Receipt
from complaints import breaches, routing
from complaints.breaches import (
    Breach,
    Overrun,
    ParallelBreach,
    ParallelStep,
    ParallelTable,
    StepResult,
)
from complaints.deadlines import due
from complaints.limits import CLOSING, SHANGHAI, Due, Limit, day_of

PART_LATE = "T07"


@dataclass(frozen=True, slots=True)
class County:
    """What a county published, as one process holds it."""

    directory: Directory
    calendar: Calendar
    rules: tuple[routing.Rule, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A matter's limits held against a receipt, whose number it is when one is on record.

    `assumed`: the acceptance had no hour, and the close of that day was taken, in the office's
    favour. `parallel`: each unit's part; None when nobody recorded the parts, and then the whole
    is the lead unit's.
    """

    matter: Matter
    receipt: str | None
    breach: Breach
    assumed: bool
    parallel: ParallelBreach | None = None

    @property
    def charged(self) -> tuple[str, ...]:
        """Codes of the late units, in the order of the table; () when nobody is late."""
        if self.parallel:
            return self.parallel.charged
        return (self.breach.unit,) if self.breach.late else ()

    @property
    def unit(self) -> str:
        """The unit that this is about: the matter's own, unless others are late and it is not."""
        own = self.breach.unit
        return own if not self.charged or own in self.charged else self.charged[0]

    @property
    def categories(self) -> tuple[str, ...]:
        """What these figures prove: T03 statutory, T04 promised, T07 a unit's own part."""
        late = self.parallel is not None and any(part.late for part in self.parallel.parts)
        return (*self.breach.categories, PART_LATE) if late else self.breach.categories

    @property
    def whole_only(self) -> bool:
        """Whether it is a parallel approval of which only the whole is on record."""
        return self.matter.kind == "parallel" and self.parallel is None


def measure(
    matter_code: str,
    receipt: Receipt | None,
    accepted_on: date | None,
    today: date,
    county: County,
) -> Measured | None:
    """Holds a matter's limits against a known receipt, else against the day that was given.

    None without a matter, without a start, or when the matter had no limit in force then.
    """
    start: date | datetime | None = receipt.accepted_at if receipt else accepted_on
    if start is None:
        return None
    code = receipt.matter if receipt else matter_code
    matter = county.directory.matter_on(code, day_of(start))
    if matter is None:
        return None
    promised, statutory = promised_limit(matter), statutory_limit(matter)
    limits = [limit for limit in (promised, statutory) if limit]
    # A limit charges nobody with what was accepted before it held (R13).
    if not any(limit.in_force(day_of(start)) for limit in limits):
        return None
    by_time = any(limit.unit in ("half_day", "hour") for limit in limits)
    assumed = by_time and not isinstance(start, datetime)
    if assumed:
        start = datetime.combine(start, CLOSING, SHANGHAI)
    breach = breaches.assess(
        matter.unit,
        start,
        today,
        county.calendar,
        promised=promised,
        statutory=statutory,
        decided=receipt.decided_at if receipt else None,
    )
    return Measured(
        matter,
        receipt.number if receipt else None,
        breach,
        assumed,
        _measure_parts(matter, receipt, today, county) if receipt and receipt.steps else None,
    )


def _measure_parts(
    matter: Matter, receipt: Receipt, today: date, county: County
) -> ParallelBreach | None:
    """Each unit by its own start and limit (R11); None for a matter that has no table.

    What was decided without a unit being recorded did not wait for that unit; what it had at the
    decision was done by then.
    """
    lines = county.directory.parallel_steps_of(matter.code)
    limits = {line.role: Limit(line.limit_number, line.limit_unit) for line in lines}
    overall = promised_limit(matter) or statutory_limit(matter)
    decided = day_of(receipt.decided_at) if receipt.decided_at else None
    had = {step.unit: step for step in receipt.steps}
    steps = []
    for line in lines:
        step = had.get(line.unit)
        start = step.started_on if step else None
        if line.role != "unit" or (decided and not start):
            continue
        done = (step.finished_on if step else None) or (decided if start else None)
        limit = Limit(line.limit_number, line.limit_unit)
        steps.append(ParallelStep(line.unit, limit, start, done))
    if not steps or overall is None:
        return None
    table = ParallelTable(
        matter.unit,
        day_of(receipt.accepted_at),
        overall,
        limits.get("hand_on"),
        limits.get("put_together"),
    )
    return breaches.assess_parallel(table, steps, today, county.calendar, finished=decided)


def promised_limit(matter: Matter) -> Limit | None:
    """What the unit promised for a matter."""
    if matter.promised_number is None or matter.promised_unit is None:
        return None
    return Limit(
        matter.promised_number,
        matter.promised_unit,
        matter.after_close,
        source="promise",
        valid_from=matter.valid_from,
    )


def statutory_limit(matter: Matter) -> Limit | None:
    """What the law sets for a matter."""
    if matter.statutory_number is None or matter.statutory_unit is None:
        return None
    return Limit(
        matter.statutory_number,
        matter.statutory_unit,
        matter.after_close,
        source=matter.statutory_basis,
        valid_from=matter.valid_from,
    )


def pack_breach(measured: Measured | None) -> dict[str, Any] | None:
    """The figures of a breach with what they came from, so that each can be derived anew (R13):
    `{"matter", "unit", "receipt", "start", "decided", "measured_on", "elapsed", "assumed",
    "promised", "statutory"}`, a limit being `{"number", "unit", "due", "late", "days_over",
    "calendar"}`. With parts also `"parallel": {"charged", "overall", "parts": [{"unit", "role",
    "to", "start", "done", "limit"}]}`. `unpack_breach` reads it."""
    if measured is None:
        return None
    breach, start = measured.breach, measured.breach.started
    packed = {
        "matter": measured.matter.code,
        "unit": breach.unit,
        "receipt": measured.receipt,
        "start": start.isoformat(),
        "decided": breach.decided.isoformat() if breach.decided else None,
        "measured_on": breach.measured_on.isoformat(),
        "elapsed": breach.elapsed,
        "assumed": measured.assumed,
        "promised": _pack_overrun(breach.promised),
        "statutory": _pack_overrun(breach.statutory),
    }
    return packed | {"parallel": _pack_parallel(measured.parallel)} if measured.parallel else packed


def _pack_parallel(parallel: ParallelBreach) -> dict[str, Any]:
    return {
        "charged": list(parallel.charged),
        "overall": _pack_overrun(parallel.overall),
        "parts": [
            {
                "unit": part.unit,
                "role": part.role,
                "to": part.to,
                "start": part.start.isoformat() if part.start else None,
                "done": part.done.isoformat() if part.done else None,
                "limit": _pack_overrun(part.overrun),
            }
            for part in parallel.parts
        ],
    }


def _pack_overrun(overrun: Overrun | None) -> Mapping[str, Any] | None:
    if overrun is None:
        return None
    at = overrun.due.at
    return {
        "number": overrun.due.limit.number,
        "unit": overrun.due.limit.unit,
        "due": at.isoformat() if at else None,
        "late": overrun.late,
        "days_over": overrun.days_over,
        "calendar": overrun.due.calendar_version,
    }


def unpack_breach(
    packed: Mapping[str, Any] | None, directory: Directory, calendar: Calendar
) -> Measured | None:
    """What `pack_breach` made, each due day counted again day by day (R13).

    Where the calendar of today gives another day, the one that was told stands, without a count.
    None when there was no breach.
    """
    matter = directory.matter(packed["matter"]) if packed else None
    if packed is None or matter is None:
        return None
    start = date.fromisoformat(packed["start"])
    breach = Breach(
        unit=packed["unit"],
        started=start,
        decided=_day(packed["decided"]),
        measured_on=date.fromisoformat(packed["measured_on"]),
        elapsed=packed["elapsed"],
        promised=_unpack_overrun(packed["promised"], start, calendar),
        statutory=_unpack_overrun(packed["statutory"], start, calendar),
    )
    parallel = _unpack_parallel(packed.get("parallel"), packed["unit"], start, calendar)
    return Measured(matter, packed["receipt"], breach, packed["assumed"], parallel)


def _unpack_parallel(
    packed: Mapping[str, Any] | None, lead: str, start: date, calendar: Calendar
) -> ParallelBreach | None:
    overall = _unpack_overrun(packed["overall"], start, calendar) if packed else None
    if packed is None or overall is None:
        return None
    parts = tuple(
        StepResult(
            part["unit"],
            part["role"],
            _day(part["start"]),
            _day(part["done"]),
            _unpack_overrun(part["limit"], _day(part["start"]), calendar),
            part["to"],
        )
        for part in packed["parts"]
    )
    return ParallelBreach(lead, parts, overall, tuple(packed["charged"]))


def _unpack_overrun(
    packed: Mapping[str, Any] | None, start: date | None, calendar: Calendar
) -> Overrun | None:
    if packed is None or start is None:
        return None
    limit, told = Limit(packed["number"], packed["unit"]), packed["due"]
    at = datetime.fromisoformat(told) if told and "T" in told else _day(told)
    found = due(start, limit, calendar) if limit.unit in ("working_day", "calendar_day") else None
    if found is None or found.at != at:
        found = Due(
            at,
            "ok" if at else "calendar_unknown",
            (),
            limit,
            packed["calendar"],
            unknown_year=None if at else start.year + 1,
        )
    return Overrun(found, packed["late"], packed["days_over"])


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None

"""Whether limits keep the rules that a county may not break: R10 and R11 of the plan."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from board.model import FormerLimits, Matter, ParallelStep
from gateway.county_files.faults import Fault
from gateway.county_files.parsing import Placed

# Hours without a break that a limit of one lasts. Five working days take a week, so that limits
# in different units can be told apart; the same unit is compared by its number alone.
_HOURS = {"hour": 1.0, "half_day": 16.8, "calendar_day": 24.0, "working_day": 33.6}


def matter_faults(placed: Placed) -> Iterator[Fault]:
    """Limits with number and unit, and a promise strictly below the law (R10)."""
    matter: Matter | FormerLimits = placed.row
    for name in ("statutory", "promised"):
        number, unit = getattr(matter, f"{name}_number"), getattr(matter, f"{name}_unit")
        if (number is None) != (unit is None):
            yield placed.fault(f"{name}_{'unit' if unit is None else 'number'}", "half_a_limit")
            return
    if matter.statutory_number and matter.promised_number and not _below(matter):
        yield placed.fault(
            "promised_number",
            "promise_not_below",
            promised=f"{matter.promised_number} {matter.promised_unit}",
            statutory=f"{matter.statutory_number} {matter.statutory_unit}",
        )
    if matter.statutory_number and not matter.statutory_basis:
        yield placed.fault("statutory_basis", "no_basis")


def _below(matter: Matter | FormerLimits) -> bool:
    promised, statutory = matter.promised_number or 0, matter.statutory_number or 0
    if matter.promised_unit == matter.statutory_unit:
        return promised < statutory
    hours = _HOURS[matter.promised_unit or "hour"], _HOURS[matter.statutory_unit or "hour"]
    return promised * hours[0] < statutory * hours[1]


def parallel_faults(matters: list[Placed], steps: list[Placed]) -> Iterator[Fault]:
    """Each parallel matter has a table over two units or more, led by its own unit (R11)."""
    tables: defaultdict[str, list[Placed]] = defaultdict(list)
    for step in steps:
        tables[step.row.matter].append(step)
    known: Mapping[str, Placed] = {placed.row.code: placed for placed in matters}
    for code, lines in tables.items():
        if code in known and known[code].row.kind != "parallel":
            yield lines[0].fault("matter", "not_parallel", value=code)
    for code, placed in known.items():
        if placed.row.kind == "parallel":
            yield from _table_faults(placed, tables[code])


def _table_faults(placed: Placed, lines: list[Placed]) -> Iterator[Fault]:
    matter: Matter = placed.row
    taking_part = {line.row.unit for line in lines if line.row.role == "unit"}
    if len(taking_part) < 2:
        yield placed.fault("kind", "too_few_units", value=matter.code, units=len(taking_part))
    seen: set[str] = set()
    for line in lines:
        step: ParallelStep = line.row
        name = step.role if step.role != "unit" else step.unit
        if name in seen:
            yield line.fault("role", "step_twice", value=name)
        seen.add(name)
        if step.role != "unit" and step.unit != matter.unit:
            yield line.fault("unit", "not_lead", value=step.unit, lead=matter.unit)
    needed = _needed([line.row for line in lines])
    if needed and matter.promised_unit == "working_day" and needed > (matter.promised_number or 0):
        promised = matter.promised_number
        yield placed.fault("promised_number", "table_too_long", needed=needed, promised=promised)


def _needed(steps: list[ParallelStep]) -> int | None:
    """Working days from handing on to putting together; None where other units are counted."""
    if any(step.limit_unit != "working_day" for step in steps):
        return None
    longest = max((step.limit_number for step in steps if step.role == "unit"), default=0)
    return longest + sum(step.limit_number for step in steps if step.role != "unit")

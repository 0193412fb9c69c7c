"""Figures as everybody may see them: nothing told of a few cases, nor found by subtracting. Pure.

Everything shown is a sum of fixed parts that do not overlap, and each part was looked at by itself:
by unit and by category a quarter that is over; of all together the months, and a quarter that is
over as a whole. Where the whole less its months would tell what a month hid, it is no more than the
months that are shown, as they were while it ran. Other periods only add up parts that are shown, so
that periods that overlap, and days on which the same one is read, tell no more than the parts do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from complaints.figures import ALL, COUNTS, LEAST_SHOWN, Figures, add, published
from complaints.periods import Period, is_over, quarter_of

# {(kind, name): figures} by month.
Counted = Mapping[date, Mapping[tuple[str, str], Figures]]
KINDS = ("unit", "category")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table. `figures` None: not shown. `left_out`: parts of the period that are
    not in it, because too few cases came in them."""

    name: str
    figures: Figures | None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What a period shows; `quarters` are those that the lines by unit and category cover, `months`
    the months one by one."""

    period: Period
    total: Line
    months: tuple[Line, ...]
    quarters: tuple[Period, ...]
    lines: Mapping[str, tuple[Line, ...]]


def wanted(period: Period) -> tuple[date, date]:
    """The months that have to be read for a period: those of every quarter that it touches."""
    return quarter_of(period.first).first, quarter_of(period.last).last


def show(counted: Counted, period: Period, today: date) -> Shown:
    """What everybody may see of a period, from the figures of the months that `wanted` names."""
    quarters = tuple(
        each
        for each in dict.fromkeys(quarter_of(month) for month in period.months)
        if is_over(each, today) and period.first <= each.first and each.last <= period.last
    )
    covered = {month for quarter in quarters for month in quarter.months}
    parts = [_whole(counted, quarter) for quarter in quarters]
    parts += [_month(counted, month) for month in period.months if month not in covered]
    return Shown(
        period,
        _sum("", parts),
        tuple(replace(_month(counted, month), name=month.isoformat())
              for month in period.months if month <= today),
        quarters,
        {kind: _lines(counted, quarters, kind) for kind in KINDS},
    )  # fmt: skip


def unhidden(counted: Counted, period: Period) -> tuple[Figures, Mapping[str, tuple[Line, ...]]]:
    """All figures of a period, for those who may see the cases: the total, and lines by kind."""
    found = {kind: _added(counted, period.months, kind) for kind in KINDS}
    total = add(counted.get(month, {}).get(ALL, Figures()) for month in period.months)
    return total, {
        kind: tuple(Line(name, each) for name, each in sorted(rows.items()))
        for kind, rows in found.items()
    }


def _whole(counted: Counted, quarter: Period) -> Line:
    if _gives_away(counted, quarter):
        return _sum("", [_month(counted, month) for month in quarter.months])
    return _shown(add(_total(counted, month) for month in quarter.months))


def _gives_away(counted: Counted, quarter: Period) -> bool:
    """Whether a quarter less its months that are shown tells a single one, a few cases, or that
    each of those hidden has as many as can be hidden."""
    small = [n for month in quarter.months if 0 < (n := _total(counted, month).filed) < LEAST_SHOWN]
    most = len(small) * (LEAST_SHOWN - 1)
    return len(small) == 1 or 0 < sum(small) < LEAST_SHOWN or 0 < sum(small) == most


def _month(counted: Counted, month: date) -> Line:
    return _shown(_total(counted, month))


def _shown(figures: Figures) -> Line:
    hidden = 0 < figures.filed < LEAST_SHOWN
    return Line("", None if hidden else figures, int(hidden))


def _total(counted: Counted, month: date) -> Figures:
    return counted.get(month, {}).get(ALL, Figures())


def _lines(counted: Counted, quarters: Sequence[Period], kind: str) -> tuple[Line, ...]:
    parts: dict[str, list[Line]] = {}
    for quarter in quarters:
        untold = _gives_away(counted, quarter)
        for row in published(_added(counted, quarter.months, kind), untold=untold):
            part = Line(row.name, row.figures, int(row.figures is None))
            parts.setdefault(row.name, []).append(part)
    return tuple(_sum(name, each) for name, each in sorted(parts.items()))


def _added(counted: Counted, months: Sequence[date], kind: str) -> dict[str, Figures]:
    """Rows of a kind; by unit also what names no unit, as "", so that they add up to the total."""
    found: dict[str, list[Figures]] = {}
    for month in months:
        rows = counted.get(month, {})
        for (of, name), figures in rows.items():
            if of == kind:
                found.setdefault(name, []).append(figures)
        if kind == "unit" and ALL in rows:
            rest = _less(rows[ALL], add(each for (of, _), each in rows.items() if of == "unit"))
            found.setdefault("", []).append(rest)
    added = {name: add(each) for name, each in found.items()}
    return {name: each for name, each in added.items() if each.filed or each.commended}


def _less(whole: Figures, part: Figures) -> Figures:
    days = {n: whole.days[n] - part.days.get(n, 0) for n in whole.days}
    rest = add([whole, _negative(part)])
    return replace(rest, days={n: of for n, of in days.items() if of})


def _negative(figures: Figures) -> Figures:
    return Figures(**{name: -getattr(figures, name) for name in COUNTS})


def _sum(name: str, parts: Sequence[Line]) -> Line:
    """The parts that are shown, added up; none shown while any is hidden: hidden as a whole."""
    shown = [part.figures for part in parts if part.figures is not None]
    left_out = sum(part.left_out for part in parts)
    nothing = left_out and not any(each.filed for each in shown)
    return Line(name, None if nothing else add(shown), left_out)

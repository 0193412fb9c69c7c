"""What came of complaints in figures: counts that add up, three rates, days, and what is hidden.

The three rates (三率): response = answered on or before the due day, of all whose due day is over
or that were answered; resolution and satisfaction = of all that were rated. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date

# Fewer than so many cases could be told apart by who knows one of them.
LEAST_SHOWN = 5
# The row of all cases together: (kind, name).
ALL = ("all", "")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of cases. `days`: {calendar days from filing to the first answer: cases}."""

    filed: int = 0
    answered: int = 0
    in_time: int = 0
    late: int = 0
    overdue: int = 0
    returned: int = 0
    upheld: int = 0
    rated: int = 0
    resolved: int = 0
    satisfied: int = 0
    # Words of praise that the desk has confirmed; no cases, but told beside them.
    commended: int = 0
    days: Mapping[int, int] = field(default_factory=dict)

    @property
    def due(self) -> int:
        """Cases that were answered, or whose due day is over."""
        return self.answered + self.overdue

    @property
    def response(self) -> float | None:
        """Share answered in time, 0 to 1; None when nothing was due yet."""
        return share(self.in_time, self.due)

    @property
    def resolution(self) -> float | None:
        """Share of rated cases that the complainant calls resolved."""
        return share(self.resolved, self.rated)

    @property
    def satisfaction(self) -> float | None:
        """Share of rated cases with one of the three upper levels of five."""
        return share(self.satisfied, self.rated)

    @property
    def median(self) -> int | None:
        """Days within which half of the answers came."""
        return percentile(self.days, 0.5)

    @property
    def p90(self) -> int | None:
        """Days within which nine of ten answers came."""
        return percentile(self.days, 0.9)


COUNTS = tuple(each.name for each in fields(Figures) if each.name != "days")


def share(part: int, whole: int) -> float | None:
    """A rate; None of nothing."""
    return part / whole if whole else None


def percentile(days: Mapping[int, int], part: float) -> int | None:
    """The smallest number of days within which that part of the cases lies (nearest rank)."""
    total = sum(days.values())
    if not total:
        return None
    passed = 0
    for number in sorted(days):
        passed += days[number]
        if passed >= part * total:
            return number
    raise AssertionError("all cases lie within the longest time")


def add(several: Iterable[Figures]) -> Figures:
    """Several months or units as one."""
    counts: Counter[str] = Counter()
    days: Counter[int] = Counter()
    for each in several:
        counts.update({name: getattr(each, name) for name in COUNTS})
        days.update(each.days)
    return Figures(**{name: counts[name] for name in COUNTS}, days=dict(days))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a published table; `figures` None where too few cases would be told apart."""

    name: str
    figures: Figures | None


def published(rows: Mapping[str, Figures], *, untold: bool = False) -> tuple[Row, ...]:
    """The rows with small ones hidden.

    The total less the rows that are shown must tell nothing either: what is hidden together are
    at least two rows and `LEAST_SHOWN` cases, so the smallest of the others may have to go too.
    `untold`: nor is the total told, so that the rows must not add up to it either.
    """
    order = sorted((each.filed, name) for name, each in rows.items() if each.filed)
    hidden: set[str] = set()
    cases = 0
    for filed, name in order:
        small = filed < LEAST_SHOWN
        if small or ((hidden or untold) and (len(hidden) < 2 or cases < LEAST_SHOWN)):
            hidden.add(name)
            cases += filed
    return tuple(Row(name, None if name in hidden else each) for name, each in rows.items())


def rate_shown(figures: Figures, rate: float | None, whole: int) -> float | None:
    """A rate for everybody to see: None when too few stand behind it."""
    return rate if whole >= LEAST_SHOWN and figures.filed >= LEAST_SHOWN else None


def months(first: date, last: date) -> Sequence[date]:
    """The first days of the months from ``first`` to ``last``, both included."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)

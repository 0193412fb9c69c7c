"""Periods that figures are told of: a month, a quarter, a year, the last twelve months. Pure.

In addresses `2026-11`, `2026-Q3`, `2026` and `last12`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from complaints.figures import months, next_month

Kind = Literal["month", "quarter", "year", "last12"]
LAST_12 = "last12"
_FORM = re.compile(r"(20\d\d)(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """`first` and `last` are the first days of its first and last month."""

    kind: Kind
    code: str
    first: date
    last: date

    @property
    def months(self) -> Sequence[date]:
        """The first days of its months."""
        return months(self.first, self.last)


def read(text: str, today: date) -> Period | None:
    """The period that an address names; None for no period and for one that has not begun."""
    if text == LAST_12:
        this = today.replace(day=1)
        return Period("last12", LAST_12, _back(this, 11), this)
    found = _FORM.fullmatch(text)
    if not found:
        return None
    period = _named(int(found[1]), int(found[2] or 0), int(found[3] or 0))
    return period if period.first <= today else None


def _named(year: int, month: int, quarter: int) -> Period:
    if month:
        first = date(year, month, 1)
        return Period("month", f"{year}-{month:02}", first, first)
    if quarter:
        return quarter_of(date(year, quarter * 3, 1))
    return Period("year", str(year), date(year, 1, 1), date(year, 12, 1))


def month_of(day: date) -> Period:
    """The month that a day lies in."""
    return _named(day.year, day.month, 0)


def quarter_of(day: date) -> Period:
    """The quarter that a day lies in."""
    number = (day.month - 1) // 3
    first = date(day.year, number * 3 + 1, 1)
    return Period("quarter", f"{day.year}-Q{number + 1}", first, date(day.year, number * 3 + 3, 1))


def month_before(day: date) -> Period:
    """The month before the one that a day lies in."""
    return month_of(_back(day.replace(day=1), 1))


def year_until(month: date) -> Period:
    """The twelve months that end with this one."""
    return Period("last12", LAST_12, _back(month, 11), month)


def is_over(period: Period, today: date) -> bool:
    """Whether nothing can be filed in it any more."""
    return next_month(period.last) <= today


def choices(begins: date, today: date) -> Iterator[Period]:
    """What can be chosen, newest first within each kind, for a county whose first complaint came
    on ``begins``: the last twelve months, years, quarters, and the months of two years."""
    found = read(LAST_12, today)
    assert found
    yield found
    every = list(reversed(months(begins, today)))
    yield from dict.fromkeys(_named(month.year, 0, 0) for month in every)
    yield from dict.fromkeys(quarter_of(month) for month in every)
    yield from (month_of(month) for month in every[:24])


def _back(month: date, by: int) -> date:
    count = month.year * 12 + month.month - 1 - by
    return date(count // 12, count % 12 + 1, 1)

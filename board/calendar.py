"""Working days of one county: published years, days off, make-up working days, closures.

A year without a published calendar is unknown, never guessed (R12). Working days are kept as
ordinals, so that any span costs two array look-ups however long it is.
"""

import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

DayKind = Literal["workday", "weekend", "holiday", "makeup", "closure"]
REST: frozenset[DayKind] = frozenset({"weekend", "holiday", "closure"})

_KEYS = {"notice", "off", "work", "closure", "notes"}
_SATURDAY = 5
_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """The calendar's data contradicts itself or cannot be read; the text names value and mend."""


class CalendarUnknown(LookupError):
    """No calendar is published for ``year``; nothing that depends on it may be stated (R12)."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no working-day calendar is published for {year}; import one for it")
        self.year = year


@dataclass(frozen=True, slots=True)
class _Run:
    """Unbroken published years: each day's kind, how many working days there are through it, and
    which these are."""

    first: int
    last_year: int
    kinds: tuple[DayKind, ...]
    through: "array[int]"
    working: "array[int]"


@dataclass(frozen=True)
class Calendar:
    """Days off and on for the years that are published.

    ``closures`` are days that the county closed by itself (typhoon); they beat make-up days.
    ``version`` names this content; each computed due day keeps it (R13).
    """

    version: str
    years: frozenset[int]
    off: frozenset[date]
    work: frozenset[date]
    closures: frozenset[date] = frozenset()
    _runs: Mapping[int, _Run] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        both = self.off & self.work
        if both:
            raise CalendarError(f"{min(both)} is both a day off and a working day; list it once")
        object.__setattr__(self, "_runs", _runs(self))

    @classmethod
    def of(
        cls,
        years: Iterable[int],
        off: Iterable[date] = (),
        work: Iterable[date] = (),
        closures: Iterable[date] = (),
        version: str = "",
    ) -> "Calendar":
        """Make a calendar; without ``version`` it is named by a digest of its content."""
        sets = frozenset(years), frozenset(off), frozenset(work), frozenset(closures)
        return cls(version or _digest(*sets), *sets)

    @classmethod
    def from_json(cls, data: Any, version: str = "") -> "Calendar":
        """Read the form of ``data/calendar.json``: ``{year: {notice, off, work, closure}}``;
        ``notes`` on closures are for people.

        Raises CalendarError at the first value that is wrong, naming it.
        """
        if not isinstance(data, dict) or not data:
            raise CalendarError('a calendar is one object of years, such as {"2026": {"off": []}}')
        years = {_year(key): _entry(key, value) for key, value in data.items()}
        days = {kind: _days(years, kind) for kind in ("off", "work", "closure")}
        return cls.of(years, days["off"], days["work"], days["closure"], version)

    def with_closures(self, days: Iterable[date]) -> "Calendar":
        """Return this calendar with more days closed by the county, under a new version."""
        closures = self.closures | frozenset(days)
        version = _digest(self.years, self.off, self.work, closures)
        return replace(self, closures=closures, version=version)

    def kind(self, day: date) -> DayKind:
        """Say what kind of day it is. Raises CalendarUnknown."""
        run = self._run(day)
        return run.kinds[day.toordinal() - run.first]

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on that day (R2). Raises CalendarUnknown."""
        return self.kind(day) not in REST

    def count(self, after: date, through: date) -> int:
        """Count working days later than ``after`` up to and including ``through``.

        Negative when ``through`` is the earlier one. Raises CalendarUnknown.
        """
        if through < after:
            return -self.count(through, after)
        if through == after:
            return 0
        run = self._run(through)
        return _through(run, through.toordinal()) - _through(run, after.toordinal())

    def nth_after(self, day: date, n: int) -> date:
        """Return the n-th working day (n >= 1) later than ``day``. Raises CalendarUnknown."""
        run = self._run(day + _DAY)
        place = _through(run, day.toordinal()) + n - 1
        if place >= len(run.working):
            raise CalendarUnknown(run.last_year + 1)
        return date.fromordinal(run.working[place])

    def on_or_after(self, day: date) -> date:
        """Return ``day`` when it is a working day, else the next one. Raises CalendarUnknown."""
        return day if self.is_working_day(day) else self.nth_after(day, 1)

    def _run(self, day: date) -> _Run:
        run = self._runs.get(day.year)
        if run is None:
            raise CalendarUnknown(day.year)
        return run


@lru_cache(maxsize=1)
def packaged() -> Calendar:
    """Return the calendar that ships with the software: the years published so far."""
    return Calendar.from_json(json.loads(files("board").joinpath("data/calendar.json").read_text()))


def _kind(calendar: Calendar, day: date) -> DayKind:
    if day in calendar.closures:
        return "closure"
    if day in calendar.off:
        return "holiday"
    weekend = day.weekday() >= _SATURDAY
    if day in calendar.work and weekend:
        return "makeup"
    return "weekend" if weekend else "workday"


def _runs(calendar: Calendar) -> dict[int, _Run]:
    runs: dict[int, _Run] = {}
    for year in sorted(calendar.years):
        if year not in runs:
            span = [year]
            while span[-1] + 1 in calendar.years:
                span.append(span[-1] + 1)
            runs.update(dict.fromkeys(span, _make_run(calendar, span)))
    return runs


def _make_run(calendar: Calendar, span: list[int]) -> _Run:
    first, last = date(span[0], 1, 1).toordinal(), date(span[-1], 12, 31).toordinal()
    kinds = tuple(_kind(calendar, date.fromordinal(n)) for n in range(first, last + 1))
    through, working = array("i"), array("i")
    for ordinal, kind in enumerate(kinds, start=first):
        if kind not in REST:
            working.append(ordinal)
        through.append(len(working))
    return _Run(first, span[-1], kinds, through, working)


def _through(run: _Run, ordinal: int) -> int:
    """Working days of the run through that day; the eve of the run's first day counts as none."""
    place = ordinal - run.first
    if place < -1:
        raise CalendarUnknown(date.fromordinal(run.first).year - 1)
    return run.through[place] if place >= 0 else 0


def _year(key: object) -> int:
    if isinstance(key, str) and len(key) == 4 and key.isascii() and key.isdigit() and key > "1900":
        return int(key)
    raise CalendarError(f'{key!r} is not a year; write it like "2026"')


def _entry(key: object, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CalendarError(f'{key}: expected an object with "off" and "work" lists')
    unknown = set(value) - _KEYS
    if unknown:
        raise CalendarError(f"{key}: {min(unknown)!r} is not known; use {', '.join(sorted(_KEYS))}")
    for kind in ("off", "work", "closure"):
        if not isinstance(value.get(kind, []), list):
            raise CalendarError(f"{key}: expected a list of days for {kind!r}")
    return value


def _days(years: Mapping[int, dict[str, Any]], kind: str) -> list[date]:
    return [
        _date(year, kind, text) for year, entry in years.items() for text in entry.get(kind, ())
    ]


def _date(year: int, kind: str, text: object) -> date:
    try:
        day = date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise CalendarError(f"{year}: {kind} {text!r} is no date like {year}-10-01") from None
    # A notice may name the last days of the year before (2019's began on 30 December 2018).
    if abs(day.year - year) > 1:
        raise CalendarError(f"{year}: {kind} {text} belongs to another year; move it there")
    return day


def _digest(years: Iterable[int], *days: Iterable[date]) -> str:
    content = [sorted(years), *(sorted(str(day) for day in group) for group in days)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]

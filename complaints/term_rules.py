"""Which limits a county may set: each by itself, beside the others, and by the calendar in force.

Pure: today comes in as an argument.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from board.calendar import Calendar
from complaints.deadlines import due
from complaints.limits import Due, Extension, Limit
from complaints.terms import DEFAULTS, IN_WORKING_DAYS, MOST, UNITS, LimitKind

Fault = Literal["number", "unit", "working_days"]
# What a limit has to be to another one; each worded as `county_terms.fault.<clash>`.
ClashKind = Literal["shorter", "within", "longer", "covering"]
FAULTS = (*get_args(Fault), *get_args(ClashKind), "unknown", "lost")
# Nothing is shorter: what lasts no longer leaves as much as anything can.
SHORTEST = 1
# A week has seven calendar days and five working days, which makes the two comparable.
_WEIGHT = {"working_day": 7, "calendar_day": 5}


@dataclass(frozen=True, slots=True)
class Rule:
    """`less` is shorter than `more`; with `equal` it may be as long, as what is `SHORTEST` may."""

    less: LimitKind
    more: LimitKind
    equal: bool = False


# Kept by the defaults. What is not here has no other limit to keep to: a sealed case has no answer,
# the complainant's time to rate and to ask for a review takes nothing from anybody's, and a review
# is another office's, by its own limit.
RULES: tuple[Rule, ...] = (
    # These take their days from the answer's, which run on meanwhile: something must be left.
    Rule("sign", "enquiry"),
    Rule("sign", "help"),
    Rule("sign", "complaint"),
    Rule("decide_return", "enquiry"),
    Rule("decide_return", "help"),
    Rule("decide_return", "complaint"),
    # A dispute is decided with both offices, so an enquiry is answered sooner than that.
    Rule("decide_dispute", "help"),
    Rule("decide_dispute", "complaint"),
    # Before and after the answer nobody waits longer for the desk than for the answer. While it is
    # not accepted, nobody has said yet that it is an enquiry.
    Rule("accept", "help"),
    Rule("accept", "complaint"),
    Rule("dispatch", "enquiry"),
    Rule("dispatch", "help"),
    Rule("dispatch", "complaint"),
    Rule("release", "enquiry"),
    Rule("release", "help"),
    Rule("release", "complaint"),
    # More time, and a clock that stands still, at most double the longest answer; done again, it
    # takes no longer than the first time, and whoever does it has called before.
    Rule("extension", "complaint", equal=True),
    Rule("reply", "complaint", equal=True),
    Rule("rework", "complaint", equal=True),
    Rule("follow_up", "rework", equal=True),
)


@dataclass(frozen=True, slots=True)
class Clash:
    """A limit has to be `kind` (shorter than, within, longer than, covering) the `other`."""

    kind: ClashKind
    other: LimitKind


@dataclass(frozen=True, slots=True)
class Unknown:
    """A limit that begins today runs into a `year` without a calendar; `most` units do not."""

    year: int
    most: int


def find_fault(kind: LimitKind, number: int | None, unit: str) -> Fault | None:
    """Why a county may not set that limit, whatever the others are; None when it may."""
    if number is None or not 1 <= number <= MOST:
        return "number"
    if unit not in UNITS:
        return "unit"
    if kind in IN_WORKING_DAYS and unit != "working_day":
        return "working_days"
    return None


def find_clashes(
    own: Mapping[LimitKind, Limit], changed: Collection[LimitKind]
) -> dict[LimitKind, Clash]:
    """Limits that do not fit together, told of the one that was changed. `own`: as `Terms.own`."""
    limits = {**DEFAULTS, **own}
    found: dict[LimitKind, Clash] = {}
    for rule in RULES:
        if _keeps(limits[rule.less], limits[rule.more], rule):
            continue
        if rule.more in changed and rule.less not in changed:
            # Of several that it has to leave room for, the longest says what is enough.
            held = found.get(rule.more)
            if held is None or _length(limits[held.other]) < _length(limits[rule.less]):
                clash: ClashKind = "covering" if rule.equal else "longer"
                found[rule.more] = Clash(clash, rule.less)
        else:
            held = found.get(rule.less)
            if held is None or _length(limits[held.other]) > _length(limits[rule.more]):
                as_long = rule.equal or limits[rule.more].number == SHORTEST
                found[rule.less] = Clash("within" if as_long else "shorter", rule.more)
    return found


def _keeps(less: Limit, more: Limit, rule: Rule) -> bool:
    if rule.equal or less.number == SHORTEST:
        return _length(less) <= _length(more)
    return _length(less) < _length(more)


def _length(limit: Limit) -> int:
    return limit.number * _WEIGHT[limit.unit]


def find_unknown(
    before: Mapping[LimitKind, Limit],
    after: Mapping[LimitKind, Limit],
    calendar: Calendar,
    today: date,
) -> dict[LimitKind, Unknown]:
    """Changed limits that would give what begins today no due day, where those before do (R12).

    What began earlier ends earlier; only an answer that was extended, or whose clock stood still,
    can be later, which is seen on the cases themselves. `before`, `after`: as `Terms.own`.
    """
    was, becomes = {**DEFAULTS, **before}, {**DEFAULTS, **after}
    found: dict[LimitKind, Unknown] = {}
    for kind in DEFAULTS:
        if was[kind] == becomes[kind] or _from_today(kind, was, calendar, today).day is None:
            continue
        year = _from_today(kind, becomes, calendar, today).unknown_year
        if year is not None:
            found[kind] = Unknown(year, _most(kind, becomes, calendar, today))
    return found


def _from_today(
    kind: LimitKind, limits: Mapping[LimitKind, Limit], calendar: Calendar, today: date
) -> Due:
    if kind != "extension":
        return due(today, limits[kind], calendar)
    more = Extension(limits[kind].number, today)
    return due(today, limits["complaint"], calendar, extensions=[more])


def _most(
    kind: LimitKind, limits: Mapping[LimitKind, Limit], calendar: Calendar, today: date
) -> int:
    """The longest limit of the same unit that the calendar can count from today."""
    unit = limits[kind].unit
    tried = ({**limits, kind: Limit(n, unit)} for n in range(limits[kind].number - 1, 0, -1))
    return next(
        (each[kind].number for each in tried if _from_today(kind, each, calendar, today).day), 0
    )

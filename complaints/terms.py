"""The time limits of a complaint's life: the defaults, and what a county sets instead.

The figures of domain.md ("A complaint's life") are settings, not law. A county's own stand with its
calendar in one value, `Terms`: whoever counts days has both at hand, and a due day that was counted
by another limit has another calendar version, so that it is counted anew (R13). Pure.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from board.calendar import Calendar
from complaints.limits import Limit, Unit

LimitKind = Literal[
    "accept", "dispatch", "confirm_receipt", "sign", "enquiry", "help", "complaint", "extension",
    "reply", "decide_return", "decide_dispute", "release", "rating", "follow_up", "rework",
    "ask_review", "review",
]  # fmt: skip
KINDS: tuple[LimitKind, ...] = get_args(LimitKind)
DEFAULTS: Mapping[LimitKind, Limit] = MappingProxyType(
    {
        "accept": Limit(3),
        "dispatch": Limit(1),
        "confirm_receipt": Limit(1),
        "sign": Limit(1),
        "enquiry": Limit(2),
        "help": Limit(10),
        "complaint": Limit(15),
        "extension": Limit(10),
        "reply": Limit(10),
        "decide_return": Limit(1),
        "decide_dispute": Limit(3),
        "release": Limit(1),
        "rating": Limit(15),
        "follow_up": Limit(1),
        "rework": Limit(5),
        "ask_review": Limit(30, "calendar_day"),
        "review": Limit(30, "calendar_day"),
    }
)
# More would be no promise any more. A limit of days is never less than one.
MOST = 90
UNITS: tuple[Unit, ...] = ("working_day", "calendar_day")
# An extension is added to the answer's limit, and a question stops its clock: both in working days.
IN_WORKING_DAYS: frozenset[LimitKind] = frozenset(
    {"enquiry", "help", "complaint", "extension", "reply"}
)


@dataclass(frozen=True)
class Terms(Calendar):
    """A calendar with the limits that its county set itself; every other limit is the default."""

    own: Mapping[LimitKind, Limit] = field(default_factory=dict, hash=False)


def in_force(calendar: Calendar, own: Mapping[LimitKind, Limit]) -> Calendar:
    """The calendar with a county's own limits; with none, or only defaults, the calendar alone."""
    differing = {kind: each for kind, each in own.items() if each != DEFAULTS[kind]}
    if not differing:
        return plain(calendar)
    said = ",".join(f"{kind}={each.number}{each.unit}" for kind, each in sorted(differing.items()))
    mark = hashlib.sha256(said.encode()).hexdigest()[:8]
    base = plain(calendar)
    version = f"{base.version}+{mark}"
    return Terms(version, base.years, base.off, base.work, base.closures, own=differing)


def plain(calendar: Calendar) -> Calendar:
    """The calendar without limits."""
    if not isinstance(calendar, Terms):
        return calendar
    version = calendar.version.partition("+")[0]
    return Calendar(version, calendar.years, calendar.off, calendar.work, calendar.closures)


def own_limits(calendar: Calendar) -> Mapping[LimitKind, Limit]:
    """What the county set itself."""
    return calendar.own if isinstance(calendar, Terms) else {}


def limit(kind: LimitKind, calendar: Calendar) -> Limit:
    """The limit in force."""
    return own_limits(calendar).get(kind, DEFAULTS[kind])

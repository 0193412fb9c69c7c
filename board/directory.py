"""The county's directory in memory: who sits where, what is done where, who answers for whom.

One immutable snapshot per process and version; `board.store.directory.load` makes it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

from board.model import (
    County,
    CountyProfile,
    FormerLimits,
    Material,
    Matter,
    Office,
    ParallelStep,
    Section,
    Staff,
    Unit,
    Window,
)
from board.numbers import number_key
from board.staff_index import StaffIndex
from board.text_index import TextIndex


class _HasPosition(Protocol):
    @property
    def position(self) -> int: ...


# What people write before or after a number.
_NUMBER_WORDS = re.compile(
    r"^(胸卡|工作证|工作證|台牌|檯牌|臺牌|工|编|編)?(号码|號碼|号|號)?|(号|號)$"
)

Row = TypeVar("Row")
Placed = TypeVar("Placed", bound=_HasPosition)

# Who is named first where staff are listed.
RANK_ORDER = {
    rank: place
    for place, rank in enumerate(
        ("head", "deputy_head", "leader", "chief", "clerk", "operator", "contracted", "village")
    )
}


_LIMITS = (
    "valid_from", "statutory_number", "statutory_unit", "statutory_basis", "promised_number",
    "promised_unit", "after_close",
)  # fmt: skip


def _former(rows: Iterable[FormerLimits]) -> dict[str, list[FormerLimits]]:
    """{matter: its former limits, newest first}."""
    found: defaultdict[str, list[FormerLimits]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: each.valid_from, reverse=True):
        found[row.matter].append(row)
    return dict(found)


class Directory:
    """Everything of a county that pages and routing look up; lookups return None or () when
    there is nothing, and never raise for what a citizen typed."""

    def __init__(
        self, county: County, version: int = 0, former: Iterable[FormerLimits] = ()
    ) -> None:
        self.version = version
        self.profile: CountyProfile | None = county.profile[0] if county.profile else None
        self.units: tuple[Unit, ...] = _ordered(county.units)
        self.sections: tuple[Section, ...] = _ordered(county.sections)
        self.windows: tuple[Window, ...] = _ordered(county.windows)
        self.matters: tuple[Matter, ...] = _ordered(county.matters)
        self.staff: tuple[Staff, ...] = county.staff
        self.offices: tuple[Office, ...] = county.offices
        self._units = {unit.code: unit for unit in self.units}
        self._sections = {section.code: section for section in self.sections}
        self._windows = {window.code: window for window in self.windows}
        self._matters = {matter.code: matter for matter in self.matters}
        self._offices = {office.code: office for office in self.offices}
        self._staff = {person.badge: person for person in self.staff}
        self._by_key = _numbers(self.staff)
        self._groups = _Groups(county)
        self._former = _former(former)

    @cached_property
    def unit_codes(self) -> frozenset[str]:
        """Codes of all units."""
        return frozenset(self._units)

    @cached_property
    def matter_codes(self) -> frozenset[str]:
        """Codes of all matters."""
        return frozenset(self._matters)

    # One by its code

    def unit(self, code: str | None) -> Unit | None:
        """The unit with this code."""
        return self._units.get(code or "")

    def section(self, code: str | None) -> Section | None:
        """The section with this code."""
        return self._sections.get(code or "")

    def window(self, code: str | None) -> Window | None:
        """The window with this code."""
        return self._windows.get(code or "")

    def matter(self, code: str | None) -> Matter | None:
        """The matter with this code."""
        return self._matters.get(code or "")

    def matter_on(self, code: str | None, day: date) -> Matter | None:
        """The matter with the limits that were in force on ``day`` (R13); with its own where it
        had none yet."""
        matter = self.matter(code)
        if matter is None or matter.valid_from <= day:
            return matter
        for limits in self._former.get(matter.code, ()):
            if limits.valid_from <= day:
                return replace(matter, **{name: getattr(limits, name) for name in _LIMITS})
        return matter

    def office(self, code: str | None) -> Office | None:
        """The oversight office with this code."""
        return self._offices.get(code or "")

    def person(self, badge: str | None) -> Staff | None:
        """The staff member with exactly this badge, present or past."""
        return self._staff.get(badge or "")

    def by_number(self, text: str) -> Staff | None:
        """Whose badge or placard this is, however it was retyped; those who left included.

        Words for "number" around it do no harm: 胸卡号：A1024, A1024号.
        """
        key = number_key(text)
        return self._by_key.get(key) or self._by_key.get(_NUMBER_WORDS.sub("", key))

    # What belongs to what

    def sections_of(self, unit: str) -> tuple[Section, ...]:
        """A unit's sections in the county's order."""
        return self._groups.sections[unit]

    def staff_of(self, section: str, on: date | None = None) -> tuple[Staff, ...]:
        """A section's staff by rank; `on` leaves out who was not in office that day."""
        return _serving(self._groups.section_staff[section], on)

    def staff_of_unit(self, unit: str, on: date | None = None) -> tuple[Staff, ...]:
        """A unit's staff by rank, with those who belong to no section."""
        return _serving(self._groups.unit_staff[unit], on)

    def staff_at(self, window: str, on: date | None = None) -> tuple[Staff, ...]:
        """Who sits at a window."""
        return _serving(self._groups.window_staff[window], on)

    def matters_of(self, unit: str) -> tuple[Matter, ...]:
        """The matters that a unit answers for, parallel ones with their lead unit."""
        return self._groups.matters[unit]

    def materials_of(self, matter: str) -> tuple[Material, ...]:
        """What an applicant brings, in order."""
        return self._groups.materials[matter]

    def parallel_steps_of(self, matter: str) -> tuple[ParallelStep, ...]:
        """The parallel-approval table of a matter, in order; () for others."""
        return self._groups.steps[matter]

    def offices_of(self, unit: str) -> tuple[Office, ...]:
        """The oversight offices that stand for a unit."""
        return self._groups.offices[unit]

    def offices_with(self, badge: str) -> tuple[Office, ...]:
        """The oversight offices that this person is head or member of."""
        return self._groups.office_members[badge]

    def head_of(self, unit: str) -> Staff | None:
        """The head of a unit."""
        found = self._units.get(unit)
        return self.person(found.head_badge) if found else None

    def superiors_of(self, badge: str) -> tuple[str, ...]:
        """Badges of the superior line, nearest first; ends where a circle would begin."""
        line: list[str] = []
        person = self._staff.get(badge)
        while person and person.superior and person.superior not in (badge, *line):
            line.append(person.superior)
            person = self._staff.get(person.superior)
        return tuple(line)

    def relatives_of(self, badge: str) -> frozenset[str]:
        """Declared relatives, whichever of the two declared it."""
        return self._groups.relatives.get(badge, frozenset())

    # Finding

    @cached_property
    def _staff_index(self) -> StaffIndex:
        return StaffIndex(self.staff, self._units, self._sections, self._windows)

    @cached_property
    def _unit_index(self) -> TextIndex:
        return TextIndex((u.code, u.code, u.name, u.name_en) for u in self.units)

    @cached_property
    def _matter_index(self) -> TextIndex:
        return TextIndex((m.code, m.code, m.name, m.name_en) for m in self.matters)

    def warm(self) -> None:
        """Makes ready for searching, a second for 5,000 staff; the first search does it else.

        May run in another thread while this directory is in use.
        """
        self.find_staff("a")
        self.find_units("a")
        self.find_matters("a")

    def find_staff(
        self, query: str, *, unit: str | None = None, window: str | None = None, limit: int = 20
    ) -> tuple[Staff, ...]:
        """Staff as one types, best first: number, name in any script, pinyin, initials, window.

        Several words must all fit; a word may also be a unit, a section or a post. Near misses
        come only when nothing fits. An empty query lists a unit's or window's staff.
        """
        return self._staff_index.find(query, unit=unit, window=window, limit=limit)

    def find_units(self, query: str, limit: int = 20) -> tuple[Unit, ...]:
        """Units by name in any script, English, pinyin initials or code, best first."""
        return _pick(self._unit_index.find(query, limit), self._units)

    def find_matters(
        self, query: str, *, unit: str | None = None, limit: int = 20
    ) -> tuple[Matter, ...]:
        """Matters by name in any script, English, pinyin initials or code, best first."""
        found = _pick(self._matter_index.find(query, len(self.matters)), self._matters)
        return tuple(m for m in found if unit in (None, m.unit))[:limit]


class _Groups:
    """What belongs to what, worked out once."""

    def __init__(self, county: County) -> None:
        staff = sorted(county.staff, key=lambda person: RANK_ORDER[person.rank])
        self.sections = _grouped(_ordered(county.sections), lambda s: s.unit)
        self.section_staff = _grouped(staff, lambda person: person.section)
        self.unit_staff = _grouped(staff, lambda person: person.unit)
        self.window_staff = _grouped(staff, lambda person: person.window)
        self.matters = _grouped(_ordered(county.matters), lambda matter: matter.unit)
        self.materials = _grouped(_ordered(county.materials), lambda row: row.matter)
        self.steps = _grouped(_ordered(county.parallel_steps), lambda step: step.matter)
        self.offices = _grouped(county.offices, lambda office: office.unit)
        self.office_members = _members(county.offices)
        self.relatives = _kin(county)


class _Grouped(dict[str, tuple[Row, ...]]):
    """Rows by code, where a code without rows has none."""

    def __missing__(self, key: str) -> tuple[Row, ...]:
        return ()


def _grouped(rows: Iterable[Row], key: Callable[[Row], str | None]) -> _Grouped[Row]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        code = key(row)
        if code is not None:
            groups[code].append(row)
    return _Grouped({code: tuple(members) for code, members in groups.items()})


def _ordered(rows: Sequence[Placed]) -> tuple[Placed, ...]:
    return tuple(sorted(rows, key=lambda row: row.position))


def _numbers(staff: Iterable[Staff]) -> dict[str, Staff]:
    found = {number_key(p.placard): p for p in staff if p.placard}
    return found | {number_key(p.badge): p for p in staff}


def _members(offices: Iterable[Office]) -> _Grouped[Office]:
    groups: dict[str, list[Office]] = defaultdict(list)
    for office in offices:
        for badge in dict.fromkeys((office.head_badge, *office.members)):
            if badge is not None:
                groups[badge].append(office)
    return _Grouped({badge: tuple(found) for badge, found in groups.items()})


def _kin(county: County) -> dict[str, frozenset[str]]:
    kin: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for row in county.relatives:
        kin[row.badge] |= {row.relative_badge}
        kin[row.relative_badge] |= {row.badge}
    return kin


def _serving(staff: tuple[Staff, ...], on: date | None) -> tuple[Staff, ...]:
    return staff if on is None else tuple(p for p in staff if p.serves_on(on))


def _pick(codes: Iterable[str], rows: dict[str, Row]) -> tuple[Row, ...]:
    return tuple(rows[code] for code in codes)

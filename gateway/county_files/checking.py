"""Whether the files fit together and fit what is already there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from board.county_changes import KEPT, KEYS
from board.model import County
from board.numbers import number_key
from complaints.routing_table import RoutingError, read_rules
from gateway.county_files import limits
from gateway.county_files.faults import Fault
from gateway.county_files.parsing import Files, Placed
from gateway.county_files.receipts import receipt_faults, step_faults
from gateway.county_files.tables import CALENDAR_FILE, TABLES

FILE_OF = {table.part: f"{table.stem}.csv" for table in TABLES} | {
    "calendar_years": CALENDAR_FILE,
    "calendar_days": CALENDAR_FILE,
}
_KEY_COLUMN = {
    "profile": "code",
    "staff": "badge",
    "receipts": "number",
    "routing": "rank",
    "case_limits": "kind",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names a row of another part."""

    part: str
    column: str
    to: str


REFERENCES = (
    Reference("units", "head_badge", "staff"),
    Reference("sections", "unit", "units"),
    Reference("windows", "section", "sections"),
    Reference("staff", "unit", "units"),
    Reference("staff", "section", "sections"),
    Reference("staff", "window", "windows"),
    Reference("staff", "superior", "staff"),
    Reference("matters", "unit", "units"),
    Reference("matters", "section", "sections"),
    Reference("materials", "matter", "matters"),
    Reference("parallel_steps", "matter", "matters"),
    Reference("parallel_steps", "unit", "units"),
    Reference("offices", "unit", "units"),
    Reference("offices", "above", "offices"),
    Reference("offices", "head_badge", "staff"),
    Reference("offices", "members", "staff"),
    Reference("relatives", "badge", "staff"),
    Reference("relatives", "relative_badge", "staff"),
    Reference("receipts", "matter", "matters"),
    Reference("receipt_steps", "receipt", "receipts"),
    Reference("receipt_steps", "unit", "units"),
)

Parts = Mapping[str, list[Placed]]


def whole(files: Files, old: County) -> dict[str, list[Placed]]:
    """Every part: from its file, or as it is in the database where there is no file."""
    return {
        part: files.parts[part]
        if part in files.parts
        else [Placed(FILE_OF[part], 0, row) for row in getattr(old, part)]
        for part in KEYS
    }


def county_of(parts: Parts) -> County:
    """The county that the parts describe."""
    return County(**{part: tuple(placed.row for placed in rows) for part, rows in parts.items()})


def check(files: Files, old: County) -> list[Fault]:
    """Every fault of the files against each other and against the county as it is."""
    parts = whole(files, old)
    found = [*files.faults]
    for part in KEYS:
        found += duplicates(part, parts[part], KEYS[part])
    found += _vanished(files, old)
    found += _numbers(parts)
    for reference in REFERENCES:
        # A file that could not be read would make every reference to it look wrong.
        if reference.to not in files.unread:
            found += _references(reference, parts, files.broken[reference.to])
    found += _people(parts)
    found += _circles(parts["staff"], "badge", "superior")
    found += _circles(parts["offices"], "code", "above")
    for matter in parts["matters"]:
        found += limits.matter_faults(matter)
    if "parallel_steps" not in files.unread | files.broken.keys():
        found += limits.parallel_faults(parts["matters"], parts["parallel_steps"])
    found += _rules(parts["routing"])
    found += receipt_faults(parts["receipts"])
    needed = ("receipts", "matters", "parallel_steps")
    if not any(part in files.unread or files.broken.get(part) for part in needed):
        found += step_faults(parts)
    return found


def duplicates(part: str, rows: list[Placed], key: Callable[[Any], Any]) -> Iterator[Fault]:
    """Rows of a part that are known by the same."""
    first: dict[Any, Placed] = {}
    for placed in rows:
        value = key(placed.row)
        if value in first:
            shown = ", ".join(map(str, value)) if isinstance(value, tuple) else value
            column = _KEY_COLUMN.get(part, "code" if not isinstance(value, tuple) else "")
            yield placed.fault(column, "duplicate_of", value=shown, line=first[value].line)
        first.setdefault(value, placed)
    if part == "profile" and len(rows) > 1:
        yield Fault(FILE_OF[part], 0, "", "one_row", (("rows", str(len(rows))),))


def _vanished(files: Files, old: County) -> Iterator[Fault]:
    for part in KEPT & files.parts.keys():
        key = KEYS[part]
        known = {key(placed.row) for placed in files.parts[part]} | files.broken[part]
        name = next((p.file for p in files.parts[part]), FILE_OF[part])
        for row in getattr(old, part):
            if key(row) not in known:
                fault = "left_without_date" if part == "staff" else "vanished"
                told = (("value", str(key(row))),)
                yield Fault(name, 0, _KEY_COLUMN.get(part, "code"), fault, told)


def _numbers(parts: Parts) -> Iterator[Fault]:
    """Badges and placards share one space: whatever is typed names one person at most."""
    first: dict[str, tuple[Placed, str]] = {}
    for column in ("badge", "placard"):
        for placed in parts["staff"]:
            text = getattr(placed.row, column)
            if not text:
                continue
            other, other_column = first.setdefault(number_key(text), (placed, column))
            # The same badge on two lines is already told as a duplicate.
            if other is not placed and (column, text) != (other_column, other.row.badge):
                other_text = getattr(other.row, other_column)
                yield placed.fault(
                    column, "number_taken", value=text, other=other_text, line=other.line
                )
            elif other is placed and column != other_column:
                yield placed.fault(
                    column, "number_taken", value=text, other=other.row.badge, line=other.line
                )
    yield from _receipt_numbers(parts["receipts"])


def _receipt_numbers(receipts: list[Placed]) -> Iterator[Fault]:
    first: dict[str, Placed] = {}
    for placed in receipts:
        other = first.setdefault(number_key(placed.row.number), placed)
        if other.row.number != placed.row.number:
            told = {"value": placed.row.number, "other": other.row.number, "line": other.line}
            yield placed.fault("number", "number_taken", **told)


def _references(reference: Reference, parts: Parts, broken: set[Any]) -> Iterator[Fault]:
    known = {KEYS[reference.to](placed.row) for placed in parts[reference.to]} | broken
    for placed in parts[reference.part]:
        named = getattr(placed.row, reference.column)
        for value in named if isinstance(named, tuple) else (named,):
            if value is not None and value not in known:
                file = FILE_OF[reference.to]
                yield placed.fault(reference.column, "unknown", value=value, file=file)


def _people(parts: Parts) -> Iterator[Fault]:
    """Dates in order, sections of the right unit, heads from their own unit, two to a kinship."""
    sections = {placed.row.code: placed.row.unit for placed in parts["sections"]}
    units = {placed.row.badge: placed.row.unit for placed in parts["staff"]}
    for placed in parts["staff"]:
        if placed.row.until and placed.row.until < placed.row.since:
            yield placed.fault("until", "until_before_since", value=placed.row.until)
    for part in ("staff", "matters"):
        for placed in parts[part]:
            home = sections.get(placed.row.section, placed.row.unit)
            if home != placed.row.unit:
                yield placed.fault("section", "other_unit", value=placed.row.section, unit=home)
    for placed in parts["units"]:
        home = units.get(placed.row.head_badge, placed.row.code)
        if home != placed.row.code:
            yield placed.fault("head_badge", "other_unit", value=placed.row.head_badge, unit=home)
    yield from _kin(parts["relatives"])


def _kin(relatives: list[Placed]) -> Iterator[Fault]:
    seen: dict[frozenset[str], Placed] = {}
    for placed in relatives:
        pair = frozenset((placed.row.badge, placed.row.relative_badge))
        if len(pair) == 1:
            yield placed.fault("relative_badge", "own_relative", value=placed.row.badge)
        first = seen.setdefault(pair, placed)
        if KEYS["relatives"](first.row) != KEYS["relatives"](placed.row):
            told = {"value": placed.row.relative_badge, "line": first.line}
            yield placed.fault("relative_badge", "duplicate_of", **told)


def _circles(rows: list[Placed], key: str, up: str) -> Iterator[Fault]:
    """Each row of a circle is told: nobody can say which of its links is the wrong one."""
    above = {getattr(placed.row, key): getattr(placed.row, up) for placed in rows}
    circles = _circle_of_each(above)
    for placed in rows:
        start = getattr(placed.row, key)
        circle = circles.get(start)
        if circle:
            at = circle.index(start)
            way = (*circle[at:], *circle[:at], start)
            yield placed.fault(up, "circle", value=" → ".join(way))


def _circle_of_each(above: Mapping[str, str | None]) -> dict[str, list[str]]:
    """{member: its circle in order}; each link is followed once, however long the lines are."""
    circles: dict[str, list[str]] = {}
    followed: set[str] = set()
    for start in above:
        line: dict[str, None] = {}
        at: str | None = start
        while at is not None and at in above and at not in followed:
            followed.add(at)
            line[at] = None
            at = above[at]
        if at is not None and at in line:
            way = list(line)
            circle = way[way.index(at) :]
            circles |= dict.fromkeys(circle, circle)
    return circles


def _rules(rules: list[Placed]) -> Iterator[Fault]:
    for placed in rules:
        try:
            read_rules([placed.row])
        except RoutingError as error:
            yield placed.fault(error.column, "bad_rule", **error.params)

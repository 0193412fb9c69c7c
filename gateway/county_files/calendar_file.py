"""calendar.json: `{"2026": {"notice": […], "off": […], "work": […], "closure": […]}}`.

`notice` holds the addresses of what was published, `work` the made-up days, `closure` (may be
left out) the days that the county itself closed, as in a typhoon, and `notes` (may be left out)
why: `{"2026-07-20": "台风"}`.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from board.model import CalendarDay, CalendarYear, DayKind
from gateway.county_files.cells import line, text_or_empty
from gateway.county_files.faults import BadValue, Fault

_KINDS: tuple[DayKind, ...] = ("off", "work", "closure")
_NEEDED = ("notice", "off", "work")
_SATURDAY = 5
# Nobody publishes another one; 0000 is no year at all.
_YEAR = re.compile(r"(19|20|21)[0-9]{2}")

Lines = list[tuple[int, Any]]


def line_of(text: str, word: str, start: int = 0) -> int:
    """The line of the first `"word"` at or after `start`; 1 when there is none."""
    return text.count("\n", 0, max(text.find(f'"{word}"', start), 0)) + 1


def read(file: str, text: str, data: Any) -> tuple[Lines, Lines, list[Fault]]:
    """Years and days with their lines, and every fault."""
    if not isinstance(data, dict):
        return [], [], [Fault(file, 1, "", "not_an_object")]
    years: Lines = []
    days: Lines = []
    faults: list[Fault] = []
    for name, entry in data.items():
        reader = _Year(file, text, name)
        reader.read(entry)
        faults.extend(reader.faults)
        days.extend(reader.days)
        if not reader.faults:
            notice = "\n".join(str(part) for part in entry["notice"])
            years.append((line_of(text, name), CalendarYear(int(name), notice)))
    return years, days, faults


class _Year:
    """Reads one year."""

    def __init__(self, file: str, text: str, name: str) -> None:
        self._file, self._text, self._name = file, text, name
        self._start = max(text.find(f'"{name}"'), 0)
        self.days: Lines = []
        self.faults: list[Fault] = []

    def read(self, entry: Any) -> None:
        """Fills `days` and `faults`."""
        known = isinstance(entry, dict) and not entry.keys() - {*_NEEDED, *_KINDS, "notes"}
        if not known or not _YEAR.fullmatch(self._name):
            self._fault(self._name, "bad_year", value=self._name)
            return
        for part in (*_NEEDED, "closure"):
            values = entry.get(part, [] if part == "closure" else None)
            if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
                self._fault(part, "not_a_list")
            elif part != "notice":
                self._read_days(part, values)  # type: ignore[arg-type]
            else:
                self._read_notice(values)
        self._compare()
        self._read_notes(entry.get("notes", {}))

    def _read_days(self, kind: DayKind, values: Iterable[str]) -> None:
        seen: set[date] = set()
        for value in values:
            try:
                day = date.fromisoformat(value)
            except ValueError:
                self._fault(value, "bad_date", value=value)
                continue
            if f"{day.year:04}" != self._name:
                self._fault(value, "other_year", value=value, year=self._name)
            if day in seen:
                self._fault(value, "duplicate", value=value)
                continue
            if kind == "work" and day.weekday() < _SATURDAY:
                self._fault(value, "work_on_weekday", value=value)
            seen.add(day)
            self.days.append((self._line(value), CalendarDay(day, kind, "")))

    def _read_notice(self, values: list[str]) -> None:
        if not any(value.strip() for value in values):
            # Without the published notice a year is a guess (R12).
            self._fault("notice", "no_notice")
        for value in values:
            try:
                text_or_empty(value)
            except BadValue as bad:
                self._fault("notice", bad.key, **dict(bad.params))

    def _read_notes(self, notes: Any) -> None:
        """Puts each beside the closure that it is about."""
        if not isinstance(notes, dict) or not all(isinstance(v, str) for v in notes.values()):
            self._fault("notes", "not_texts")
            return
        closed = {str(row.day) for _, row in self.days if row.kind == "closure"}
        for day, note in notes.items():
            if day not in closed:
                self._fault(day, "note_without_closure", value=day)
            try:
                line(note)
            except BadValue as bad:
                self._fault(day, bad.key, **dict(bad.params))
        self.days = [
            (at, replace(row, note=notes.get(str(row.day), "") if row.kind == "closure" else ""))
            for at, row in self.days
        ]

    def _compare(self) -> None:
        kinds = {kind: {row.day for _, row in self.days if row.kind == kind} for kind in _KINDS}
        for day in sorted(kinds["off"] & kinds["work"]):
            self._fault(str(day), "off_and_work", value=day)

    def _line(self, value: str) -> int:
        return line_of(self._text, value, self._start)

    def _fault(self, where: str, key: str, **params: object) -> None:
        told = tuple((name, str(value)) for name, value in params.items())
        self.faults.append(Fault(self._file, self._line(where), self._name, key, told))


def written(years: Iterable[CalendarYear], days: Iterable[CalendarDay]) -> dict[str, Any]:
    """The form above; `closure` and `notes` only where there is one."""
    data: dict[str, Any] = {
        str(year.year): {"notice": year.notice.split("\n"), "off": [], "work": []}
        for year in sorted(years, key=lambda row: row.year)
    }
    for row in sorted(days, key=lambda row: (row.day, row.kind)):
        year = data[str(row.day.year)]
        year.setdefault(row.kind, []).append(str(row.day))
        if row.kind == "closure" and row.note:
            year.setdefault("notes", {})[str(row.day)] = row.note
    return data

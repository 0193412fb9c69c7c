"""What people type for the rules' commands: days, exclusions, extensions, a calendar file."""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from board.calendar import Calendar, CalendarError
from complaints.deadlines import SHANGHAI, Exclusion, Extension

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Written(click.Choice[str]):
    """One of a few words, with hyphens as in the manual or underscores as in the county files."""

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The word with hyphens."""
        return super().convert(str(value).replace("_", "-"), param, ctx)


class Start(click.ParamType[date | datetime]):
    """A date, or a date and time; without a zone it is the time in Shanghai."""

    name = "start"

    def convert(self, value: Any, param: Any, ctx: Any) -> date | datetime:
        """Read ISO 8601 with its dashes; what ends after the day is a date."""
        if isinstance(value, date):
            return value
        try:
            if not _DAY.match(value):
                raise ValueError(value)
            if len(value) == 10:
                return date.fromisoformat(value)
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self.fail(f"{value!r} is no date; write 2026-03-09 or 2026-03-09T10:15", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


class Stop(click.ParamType[Exclusion]):
    """FROM:TO[:NOTIFIED]; without NOTIFIED the whole time counts as notified in writing."""

    name = "exclusion"

    def convert(self, value: Any, param: Any, ctx: Any) -> Exclusion:
        """Read two dates and a number of working days."""
        parts = str(value).split(":")
        try:
            start, end = (date.fromisoformat(part) for part in parts[:2])
            if len(parts) > 3 or end < start:
                raise ValueError(value)
            notified = _number(parts[2], 0) if len(parts) == 3 else (end - start).days
            return Exclusion(start, end, notified)
        except ValueError:
            form = "FROM:TO[:NOTIFIED], such as 2025-05-15:2025-06-05:14, TO not before FROM"
            self.fail(f"{value!r} is no exclusion; write {form}", param, ctx)


class More(click.ParamType[Extension]):
    """N:APPROVED_ON."""

    name = "extension"

    def convert(self, value: Any, param: Any, ctx: Any) -> Extension:
        """Read a number of units and a date."""
        number, _, approved = str(value).partition(":")
        try:
            return Extension(_number(number, 1), date.fromisoformat(approved))
        except ValueError:
            form = "N:APPROVED_ON, such as 10:2026-02-09"
            self.fail(f"{value!r} is no extension; write {form}", param, ctx)


class CalendarFile(click.ParamType[Calendar]):
    """A file of the form of data/calendar.json."""

    name = "file"

    def convert(self, value: Any, param: Any, ctx: Any) -> Calendar:
        """Read the file; every fault is named with the file."""
        if isinstance(value, Calendar):
            return value
        try:
            return Calendar.from_json(json.loads(Path(value).read_text("utf-8-sig")))
        except OSError as error:
            self.fail(f"{value} cannot be read ({error.strerror}); name another file", param, ctx)
        except CalendarError as error:
            self.fail(f"{value}: {error}", param, ctx)
        except (ValueError, RecursionError):
            self.fail(f"{value} is no JSON; see data/calendar.json for the form", param, ctx)


def _number(text: str, least: int) -> int:
    number = int(text)
    if number < least:
        raise ValueError(text)
    return number

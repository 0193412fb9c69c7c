"""From a cell's text to a value and back. Each reader raises `BadValue`."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from board.numbers import number_key
from gateway.county_files.faults import BadValue
from gateway.i18n import ZONE

Reader = Callable[[str], Any]

_LINE_LENGTH = 300
_TEXT_LENGTH = 8_000
_INTEGER = re.compile(r"-?\d{1,9}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_COUNTY_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
# A slip of the pen otherwise, and databases differ in what lies beyond.
_YEARS = range(1900, 2200)
# Plain addresses; a county's office has no need of quoted local parts.
_MAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"[0-9+()\-\s转、/,;；，]{3,60}")
# Not in an address of a page, nor between badges of one cell.
_NOT_IN_NUMBERS = frozenset("|/\\?#%&\"'<>")
# What a spreadsheet takes for the beginning of a formula, and the mark that says it is none.
_FORMULA = tuple("=+-@＝＋－＠\t\r'")


def defuse(text: str) -> str:
    """Text that no spreadsheet runs as a formula; `arm` takes the mark away again."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def arm(text: str) -> str:
    """The text that `defuse` was given; other text is left as it is."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def line(text: str) -> str:
    """One line, not empty."""
    if not text:
        raise BadValue("empty")
    return _checked(text, _LINE_LENGTH, lines=False)


def line_or_empty(text: str) -> str:
    """One line or nothing."""
    return _checked(text, _LINE_LENGTH, lines=False)


def text_or_empty(text: str) -> str:
    """Several lines or nothing."""
    return _checked(text, _TEXT_LENGTH, lines=True)


def _checked(text: str, longest: int, *, lines: bool) -> str:
    if len(text) > longest:
        raise BadValue("too_long", length=len(text), longest=longest)
    if not lines and "\n" in text:
        raise BadValue("line_break")
    for char in text:
        # Cf: zero-width and direction marks make two numbers or names that only look alike.
        if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char not in "\n\t":
            raise BadValue("bad_character", code=f"U+{ord(char):04X}")
    return text


def optional(reader: Reader) -> Reader:
    """None for an empty cell."""

    def read(text: str) -> Any:
        return reader(text) if text else None

    return read


def code(text: str) -> str:
    """A code that can stand in an address: letters, digits, dot, hyphen, underscore."""
    if not _CODE.fullmatch(line(text)):
        raise BadValue("bad_code", value=text)
    return text


def county_code(text: str) -> str:
    """A county's code, which also names its tables: small letters, digits and underscore."""
    if not _COUNTY_CODE.fullmatch(text):
        raise BadValue("bad_county_code", value=text)
    return text


def number(text: str) -> str:
    """A badge, placard or receipt number as it is printed."""
    line(text)
    if not number_key(text) or len(text) > 40 or not _NOT_IN_NUMBERS.isdisjoint(text):
        raise BadValue("bad_number", value=text)
    return text


def numbers(text: str) -> tuple[str, ...]:
    """Badges parted by `|`, in their order by text; each once."""
    parts = tuple(sorted(number(part.strip()) for part in text.split("|"))) if text else ()
    if len(set(parts)) < len(parts):
        raise BadValue("named_twice", value=text)
    return parts


def one_of(*allowed: str) -> Reader:
    """One of a few words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise BadValue("not_one_of", value=text, allowed=", ".join(allowed))
        return text

    return read


def integer(low: int, high: int) -> Reader:
    """A whole number within bounds."""

    def read(text: str) -> int:
        if not _INTEGER.fullmatch(text) or not low <= int(text) <= high:
            raise BadValue("bad_integer", value=text, low=low, high=high)
        return int(text)

    return read


def day(text: str) -> date:
    """A date, 2026-03-09 or 2026/3/9."""
    found = _DATE.fullmatch(text)
    try:
        read = date(*map(int, found.groups())) if found else None
    except ValueError:
        read = None
    if read is None or read.year not in _YEARS:
        raise BadValue("bad_date", value=text)
    return read


def moment(text: str) -> datetime:
    """A date and time, 2026-03-09 10:15; in the county's zone unless it names one."""
    try:
        # A date alone would silently become midnight.
        read = datetime.fromisoformat(text) if len(text) > 10 else None
    except ValueError:
        read = None
    if read is None or read.year not in _YEARS:
        raise BadValue("bad_moment", value=text)
    return read.replace(tzinfo=ZONE) if read.tzinfo is None else read.astimezone(ZONE)


def mail(text: str) -> str:
    """One mail address on one line."""
    if "\n" in text or "\r" in text:
        raise BadValue("line_break")
    if not text:
        raise BadValue("no_mail")
    if not _MAIL.fullmatch(text) or ".." in text or len(text) > 200:
        raise BadValue("bad_mail", value=text)
    return text


def phone(text: str) -> str:
    """A telephone number as people write it, also several."""
    if not _PHONE.fullmatch(line(text)) or not any(char.isdigit() for char in text):
        raise BadValue("bad_phone", value=text)
    return text


def written(value: object) -> str:
    """A value as a cell says it; times in the county's zone, to the second or finer."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "|".join(map(str, value))
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat()
    return str(value)

"""Cleaning what people type, before anything is judged: folding, control characters, days.

Nothing here refuses a text for looking odd: what cannot be shown or could mislead a reader
(NUL, lone surrogates, direction overrides, zero-width characters) is left out.
"""

import re
import unicodedata
from datetime import date, time

# Written to be seen by nobody: control and format characters, lone surrogates, unassigned.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn"})
_BLANKS = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n{3,}")
# Whatever dash a keyboard or an office program makes of a hyphen.
_DASHES = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_NO_NUMBER = re.compile(r"[^0-9-]")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*[:.时時点點]\s*(\d{2})\s*分?")


def lines(typed: str) -> str:
    """A text of several lines, without unseen characters and without blanks around it."""
    unix = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _MANY_LINES.sub("\n\n", unicodedata.normalize("NFC", _seen(unix))).strip()


def _seen(text: str) -> str:
    if text.replace("\n", "").isprintable():  # nearly every text is, and this look costs nothing
        return text
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in _UNSEEN)


def line(typed: str) -> str:
    """A text of one line: line ends and runs of blanks become one blank."""
    return _BLANKS.sub(" ", lines(typed).replace("\n", " ")).strip()


def folded(typed: str) -> str:
    """A line with full-width letters, digits and signs as ASCII: for numbers and addresses."""
    return line(unicodedata.normalize("NFKC", line(typed)))


def case_number(typed: str) -> str:
    """A case number, or a part of one, however it was retyped: full width, with other dashes, with
    words around it. What has no figure stays a text, which is nobody's number."""
    text = folded(typed)
    number = _NO_NUMBER.sub("", _DASHES.sub("-", text)).strip("-")
    return number or text


def day(typed: str) -> date:
    """A day as 2026-03-09, 2026/3/9 or 2026年3月9日; raises ValueError."""
    found = _DAY.fullmatch(folded(typed))
    if not found:
        raise ValueError("not a day")
    return date(*(int(part) for part in found.groups()))


def clock(typed: str) -> time:
    """A time as 09:30 or 9時30分, without zone; raises ValueError."""
    found = _TIME.fullmatch(folded(typed))
    if not found:
        raise ValueError("not a time")
    return time(int(found[1]), int(found[2]))

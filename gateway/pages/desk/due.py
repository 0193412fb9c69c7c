"""What is due next and on which day, in words: a deadline ends with its last day."""

from datetime import datetime, timedelta
from typing import get_args

from complaints.lifecycle import DeadlineKind
from complaints.limits import local
from gateway.i18n import Words

KINDS = get_args(DeadlineKind)
_MOMENT = timedelta(microseconds=1)


def due_words(
    words: Words, at: datetime | None, kind: str | None, *, short: bool = False
) -> tuple[str, str]:
    """(what, last day with its weekday); both "" where nothing is due. A day that no calendar
    gives is not guessed. `short` leaves the year out."""
    if at is None or kind not in KINDS:
        return "", ""
    what = words(f"desk.due.{kind}")
    if kind == "calendar_unknown":
        return what, ""
    day = local(at - _MOMENT).date()
    return what, words.short_day(day) if short else words.day(day)

"""What is due next and on which day, in words: a deadline ends with its last day."""

from datetime import date, datetime, timedelta
from typing import get_args

from complaints.lifecycle import DeadlineKind
from complaints.limits import local
from gateway.i18n import Words

KINDS = get_args(DeadlineKind)
_MOMENT = timedelta(microseconds=1)


def due_words(
    words: Words, at: datetime | None, kind: str | None, *, now: datetime | None = None
) -> tuple[str, str]:
    """(what, last day with its weekday); both "" where nothing is due. A day that no calendar
    gives is not guessed. With `now` the year is left out where it is this year."""
    if at is None or kind not in KINDS:
        return "", ""
    what = words(f"desk.due.{kind}")
    if kind == "calendar_unknown":
        return what, ""
    return what, day_words(words, local(at - _MOMENT).date(), now)


def day_words(words: Words, day: date, now: datetime | None) -> str:
    """A day with its weekday, and with its year where that is not the year of `now`."""
    plain = now is not None and day.year == local(now).year
    return words.short_day(day) if plain else words.day(day)

"""Office hours in the page's language, where a county writes them in the usual way.

They are stored as one line of Chinese text. A line of another form is shown as it stands.
"""

import re

from gateway.i18n import Words

_WEEKDAYS = "一二三四五六日"
_SPAN = r"(\d{1,2}:\d{2}[–-]\d{1,2}:\d{2})"
_USUAL = re.compile(
    rf"(?:每天|周([{_WEEKDAYS}])至周([{_WEEKDAYS}])) ?{_SPAN}(?:，{_SPAN})?(（法定节假日除外）)?"
)


def say_hours(words: Words, stored: str) -> str | None:
    """`stored` in the language of `words`; None when it is not written in the usual way."""
    found = _USUAL.fullmatch(stored.strip())
    if found is None:
        return None
    first, last, morning, afternoon, holidays = found.groups()
    days = (
        words("hours.days", first=_weekday(words, first), last=_weekday(words, last))
        if first
        else words("hours.daily")
    )
    spans = words("hours.comma").join(span for span in (morning, afternoon) if span)
    said = words("hours.open", days=days, spans=spans)
    return said + words("hours.holidays") if holidays else said


def _weekday(words: Words, name: str) -> str:
    return words(f"format.weekday.{_WEEKDAYS.index(name) + 1}")

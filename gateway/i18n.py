"""Words in three languages: message keys, worded in `locale/<language>/*.po`, read at start."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
DEFAULT = "zh-Hans"
ZONE = ZoneInfo("Asia/Shanghai")
LOCALE_FOLDER = Path(__file__).parent / "locale"

# Babel's negotiation gives English for zh_CN, so the way is our own (stack.md).
_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo", "yue")


class Words:
    """All messages of one language. `words("key", name=…)` formats `{name}` in its wording."""

    def __init__(self, language: str, messages: Mapping[str, tuple[str, ...]]) -> None:
        self.language = language
        self._messages = messages

    def __call__(self, key: str, /, **params: object) -> str:
        """The wording of `key`; with a parameter `n`, its singular or plural form.

        Raises KeyError for a key that is not worded: the tests find it before a citizen does.
        """
        forms = self._messages[key]
        form = forms[0] if len(forms) == 1 or params.get("n") == 1 else forms[1]
        return form.format_map(params) if params else form

    def __contains__(self, key: str) -> bool:
        return key in self._messages

    def day(self, value: date) -> str:
        """A day with its weekday, as people say it."""
        return self("format.day", **_parts(value))

    def short_day(self, value: date) -> str:
        """A day with its weekday where the year is plain."""
        return self("format.short_day", **_parts(value))

    def moment(self, value: datetime) -> str:
        """Day, weekday and time in the county's zone; `value` is aware."""
        local = value.astimezone(ZONE)
        return self("format.moment", **_parts(local.date()), time=f"{local:%H:%M}")

    def weekday(self, value: date) -> str:
        """The weekday's short name."""
        return self(f"format.weekday.{value.isoweekday()}")


def _parts(value: date) -> dict[str, object]:
    return {"year": value.year, "month": value.month, "day": value.day, **_names(value)}


def _names(value: date) -> dict[str, object]:
    return {
        "weekday": _WEEKDAYS_EN[value.weekday()],
        "weekday_short": _WEEKDAYS_EN[value.weekday()][:3],
        "weekday_zh": "一二三四五六日"[value.weekday()],
        "month_name": _MONTHS_EN[value.month - 1],
    }


_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def read_messages(folder: Path) -> dict[str, tuple[str, ...]]:
    """All wordings below `folder`, {key: forms}; raises ValueError for a key worded twice."""
    messages: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.po")):
        for message in read_po(BytesIO(path.read_bytes())):
            key = str(message.id if isinstance(message.id, str) else message.id[0])
            if not key:
                continue
            if key in messages:
                raise ValueError(f"{path.name}: {key!r} is worded twice")
            forms = message.string or ""
            messages[key] = (forms,) if isinstance(forms, str) else tuple(map(str, forms))
    return messages


@cache
def words(language: str) -> Words:
    """The words of one of `LANGUAGES`; read once a process."""
    return Words(language, read_messages(LOCALE_FOLDER / language))


def choose_language(asked: str | None, kept: str | None, accepted: str) -> str:
    """`?lang=`, else the cookie, else Traditional where the browser says so, else Simplified."""
    for choice in (asked, kept):
        if choice in LANGUAGES:
            return choice
    first = accepted.split(",", 1)[0].strip().lower()
    return "zh-Hant" if first.startswith(_TRADITIONAL) else DEFAULT

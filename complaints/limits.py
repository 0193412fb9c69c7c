"""Limits, what stops and extends them, and due times as values (domain.md R1-R10, R13).

Moments are aware datetimes in any zone and are read in Asia/Shanghai; days are plain dates.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal, NamedTuple

Unit = Literal["working_day", "calendar_day", "half_day", "hour"]
AfterClose = Literal["same_day", "next_workday"]
Status = Literal["ok", "calendar_unknown", "extension_void"]
Reason = Literal[
    "start", "deferred", "counted", "makeup", "weekend", "holiday", "closure", "excluded", "moved"
]
Session = Literal["morning", "afternoon"]

# China has kept one zone without summer time since 1991, so no zone data are needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
SESSIONS: tuple[tuple[Session, time, time], ...] = (
    ("morning", time(8, 30), time(12, 0)),
    ("afternoon", time(14, 30), time(17, 30)),
)
OPENING, CLOSING = SESSIONS[0][1], SESSIONS[-1][2]
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many units from an event; where it comes from and from when to when it holds (R13).

    ``after_close`` says what an event after 17:30 or on a rest day means (R7). ``starts`` names
    the event that starts it. Raises ValueError when ``number`` is not between 1 and 10,000.
    """

    number: int
    unit: Unit = "working_day"
    after_close: AfterClose = "same_day"
    source: str = ""
    starts: str = "accepted"
    valid_from: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MOST:
            raise ValueError(f"a limit has between 1 and {MOST} units, not {self.number}")

    def in_force(self, on: date) -> bool:
        """Whether the limit held on that day; both ends belong to its validity."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A hearing, inspection or the like: days after ``start`` through ``end`` (art. 45, R6).

    ``notified`` is the needed time told in writing, in working days; 0 means that nobody was
    told, and then nothing is excluded. Raises ValueError when it ends before it starts.
    """

    start: date
    end: date
    notified: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"an exclusion ends ({self.end}) before it starts ({self.start})")
        if self.notified < 0:
            raise ValueError("the notified time is a number of working days, 0 or more")


@dataclass(frozen=True, slots=True)
class Extension:
    """More time, in the limit's own unit, approved on a day by the head (art. 42, R5)."""

    number: int
    approved_on: date

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MOST:
            raise ValueError(f"an extension has between 1 and {MOST} units, not {self.number}")


class Day(NamedTuple):
    """One line of a derivation: a day, why it counts or not, and its ordinal when it counts.

    Half days give one line a session. Hour limits give one line a date, whose ``number`` is the
    hours run by its end.
    """

    on: date
    reason: Reason
    number: int | None = None
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due and how that was counted (R13).

    ``at`` is a date for days, an aware datetime for half days and hours, and None when the
    calendar is unknown (``unknown_year`` says which year is missing). ``base`` is the due time
    without extension. ``extension_void`` keeps the base: the extension came too late or twice.
    """

    at: date | datetime | None
    status: Status
    days: tuple[Day, ...]
    limit: Limit
    calendar_version: str
    base: date | datetime | None = None
    unknown_year: int | None = None

    @property
    def day(self) -> date | None:
        """The due date in Shanghai, also for half days and hours."""
        return day_of(self.at) if self.at is not None else None

    @property
    def counted(self) -> int:
        """How many units were counted; equals the limit (and extension) unless unknown."""
        return max((line.number for line in self.days if line.number), default=0)

    def late(self, on: date | datetime) -> bool | None:
        """Whether something done then is late (R2: on the due day is in time).

        None when the calendar is unknown. A bare date against a due time of the same day is
        taken as in time, because the hour is not known.
        """
        if self.at is None:
            return None
        if isinstance(self.at, datetime) and isinstance(on, datetime):
            return on > self.at
        return day_of(on) > day_of(self.at)


NOTICE = Limit(5, source="行政许可法 32", starts="received")
PERMIT, PERMIT_EXTENSION = Limit(20, source="行政许可法 42"), 10
JOINT, JOINT_EXTENSION = Limit(45, source="行政许可法 42"), 15
CERTIFICATE = Limit(10, source="行政许可法 44", starts="decided")


def day_of(at: date | datetime) -> date:
    """Return the date in Shanghai. Raises ValueError for a datetime without zone."""
    return local(at).date() if isinstance(at, datetime) else at


def local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no zone; give it one, such as +08:00")
    return at.astimezone(SHANGHAI)

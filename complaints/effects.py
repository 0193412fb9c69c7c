"""What another calendar would do to open cases, said before it is saved. Pure.

The counting is the sweep's own (`complaints.recounting.try_counting`), so that the two cannot
differ.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from board.calendar import Calendar
from complaints.hidden import NOTHING, Hidden
from complaints.lifecycle import DUTIES
from complaints.recounting import try_counting
from complaints.standing import NEW_LIMIT
from complaints.store.recounting import Recounted
from complaints.terms import LimitKind

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Example:
    """A case whose days move: (was, becomes), None where a day is unknown or stays."""

    number: str
    due: tuple[date | None, date | None] | None
    next: tuple[date | None, date | None] | None


@dataclass(slots=True)
class Effect:
    """Counts over open cases. `places`: {(state, office): cases with another day}; `lost`: {limit:
    cases whose day is known now and would not be, because a year has no calendar (R12)}.

    `whole` is False when there were more open cases than were read. What is `hidden` from who asks
    is counted and never named.
    """

    hidden: Hidden = NOTHING
    read: int = 0
    due: int = 0
    next: int = 0
    late: int = 0
    saved: int = 0
    places: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    lost: Counter[LimitKind] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)
    whole: bool = True

    @property
    def moved(self) -> int:
        """Cases with another day, whichever."""
        return self.places.total()

    @property
    def unknown(self) -> int:
        """Cases that would be left without a day."""
        return self.lost.total()

    def add(self, rows: Iterable[Mapping[str, Any]], calendar: Calendar, now: datetime) -> None:
        """Counts rows of `complaints.store.recounting.list_open`, earliest deadline first."""
        for row in rows:
            self.read += 1
            if becomes := try_counting(row, calendar, now):
                self._add(row, becomes, now)

    def _add(self, row: Mapping[str, Any], becomes: Recounted, now: datetime) -> None:
        was_late = _late(row["next_at"], row["next_kind"], now)
        late = _late(becomes.next_at, becomes.next_kind, now)
        self.late += late and not was_late
        self.saved += was_late and not late
        if becomes.event is None:
            return
        due, next_ = _pair(becomes.data, "due", "was"), _pair(becomes.data, "next", "next_was")
        self.due += due is not None
        self.next += next_ is not None
        self.places[row["state"], row["office"]] += 1
        if due and not due[1]:
            self.lost[_answers_within(row)] += 1
        elif next_ and not next_[1]:
            self.lost[DUTIES[row["state"]].limit or _answers_within(row)] += 1
        named = not self.hidden.hides(row["staff_badge"], row["unit"])
        if named and len(self.examples) < EXAMPLES:
            self.examples.append(Example(row["number"], due, next_))


def _answers_within(row: Mapping[str, Any]) -> LimitKind:
    own = DUTIES[row["state"]].limit if row["state"] in NEW_LIMIT else None
    kind: LimitKind = own or row["kind"]
    return kind


def _late(at: datetime, kind: str, now: datetime) -> bool:
    """Whether its owner is late; an unknown day makes nobody late."""
    return kind != "calendar_unknown" and at <= now


def _pair(
    data: Mapping[str, str | None], new: str, old: str
) -> tuple[date | None, date | None] | None:
    if new not in data:
        return None
    was, becomes = data[old], data[new]
    return (
        date.fromisoformat(was) if was else None,
        date.fromisoformat(becomes) if becomes else None,
    )

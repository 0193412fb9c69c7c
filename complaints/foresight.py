"""What another calendar, or other limits, would do to the open cases; nothing is written.

Each case is counted by the very function that counts it anew once the change is saved.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from board.calendar import Calendar
from complaints.lifecycle import end_of
from complaints.recounting import BATCH, day_told, recounted
from complaints.store import recounting as store
from complaints.store.recounting import BEGINNING, Recounted

MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Example:
    """A case whose day would be another. `kind`: what is due, as in `lifecycle.DeadlineKind`;
    a day that no calendar tells is None."""

    number: str
    office: str | None
    kind: str
    was: date | None
    becomes: date | None


@dataclass(frozen=True, slots=True)
class Effect:
    """`looked` open cases, of which so many move: `later` and `sooner` by the day of what is due
    next; `newly_late` and `no_longer_late` as of now. `by_office` counts those that move; "" is the
    county desk."""

    looked: int
    later: int
    sooner: int
    unknown: int
    newly_late: int
    no_longer_late: int
    by_office: Mapping[str, int]
    examples: Sequence[Example]

    @property
    def moved(self) -> int:
        """Cases that would have another day, or none that is known."""
        return self.later + self.sooner + self.unknown


async def foresee(conn: asyncpg.Connection, calendar: Calendar, now: datetime) -> Effect:
    """Counts every open case by a calendar that is not saved yet, a batch at a time, unlocked."""
    counts: Counter[str] = Counter()
    offices: Counter[str] = Counter()
    examples: list[Example] = []
    after = BEGINNING
    while rows := await store.list_open(conn, after, BATCH):
        for row in rows:
            example = _add(counts, row, recounted(row, calendar, now), now)
            if example is not None:
                offices[example.office or ""] += 1
                examples = _keep(examples, example)
        after = (rows[-1]["next_at"], rows[-1]["id"])
    names = ("looked", "later", "sooner", "unknown", "newly_late", "no_longer_late")
    found = {name: counts[name] for name in names}
    return Effect(**found, by_office=dict(offices), examples=examples)


def _add(
    counts: Counter[str], row: Mapping[str, Any], after: Recounted, now: datetime
) -> Example | None:
    """Counts a case; gives it where its day would be another one."""
    counts["looked"] += 1
    was = day_told(row["next_at"], row["next_kind"])
    becomes = day_told(after.next_at, after.next_kind)
    was_late = was is not None and end_of(was) <= now
    is_late = becomes is not None and end_of(becomes) <= now
    counts["newly_late"] += is_late and not was_late
    counts["no_longer_late"] += was_late and not is_late
    if was == becomes:
        return None
    if was is None or becomes is None:
        counts["unknown"] += 1
    else:
        counts["later" if becomes > was else "sooner"] += 1
    return Example(row["number"], row["office"], after.next_kind, was, becomes)


def _keep(examples: list[Example], new: Example) -> list[Example]:
    """Those that come first by their new day."""
    if len(examples) >= MOST_EXAMPLES and _place(new) >= _place(examples[-1]):
        return examples
    return sorted([*examples, new], key=_place)[:MOST_EXAMPLES]


def _place(example: Example) -> tuple[date, str]:
    return example.becomes or date.max, example.number

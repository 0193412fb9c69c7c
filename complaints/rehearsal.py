"""What a changed routing table would have done with the cases of last year: a dry run.

Equal facts are routed once, however many cases have them, so that the work grows with how different
the cases are and not with how many. Rules are compared as at filing: nobody had stepped back yet.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from board.directory import Directory as BoardDirectory
from board.ids import first_id
from complaints.categories import categories
from complaints.offices import Directory, Facts
from complaints.routing import Rule, route
from complaints.store import rehearsal as store

YEAR = timedelta(days=365)
BATCH = 5_000
# Numbers of cases that are kept for each way, to look at.
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Way:
    """From which office to which; codes, also `upper` and `declined-with-address`."""

    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Changed:
    """How many cases were compared, and for each way that changes how many and some numbers; most
    cases first. `sealed`: cases left out, since they always go to discipline."""

    compared: int
    ways: Mapping[Way, tuple[int, tuple[str, ...]]]
    sealed: int = 0

    @property
    def changed(self) -> int:
        """How many cases would have gone elsewhere."""
        return sum(count for count, _ in self.ways.values())


@dataclass(slots=True)
class Year:
    """Cases that were read, by equal facts: how many, and the numbers of the newest few."""

    counts: Counter[Facts] = field(default_factory=Counter)
    numbers: dict[Facts, list[str]] = field(default_factory=dict)
    sealed: int = 0

    def add(self, facts: Facts, number: str) -> None:
        """One more case."""
        self.counts[facts] += 1
        examples = self.numbers.setdefault(facts, [])
        if len(examples) < EXAMPLES:
            examples.append(number)


def rehearse(
    year: Year, old_rules: Sequence[Rule], new_rules: Sequence[Rule], directory: Directory
) -> Changed:
    """What the new rules would have done otherwise than the old ones. Pure."""
    counts: Counter[Way] = Counter()
    examples: dict[Way, list[str]] = {}
    for facts, count in year.counts.items():
        was = route(facts, old_rules, directory).office.code
        now = route(facts, new_rules, directory).office.code
        if was == now:
            continue
        way = Way(was, now)
        counts[way] += count
        some = examples.setdefault(way, [])
        some += year.numbers[facts][: EXAMPLES - len(some)]
    ways = {way: (count, tuple(examples[way])) for way, count in counts.most_common()}
    return Changed(sum(year.counts.values()), ways, year.sealed)


async def read_batch(
    conn: asyncpg.Connection,
    year: Year,
    directory: BoardDirectory,
    now: datetime,
    before: UUID | None = None,
) -> UUID | None:
    """Adds up to a batch of cases to `year`, the newest first, older than `before`; gives where to
    go on, None at the end of the year."""
    upper = before or first_id(now + timedelta(days=1))
    rows = await store.list_facts(conn, first_id(now - YEAR), upper, BATCH)
    kept = _Kept(directory)
    for row in rows:
        if row["sealed"]:
            year.sealed += 1
        else:
            year.add(kept.facts(row), row["number"])
    return rows[-1]["id"] if len(rows) == BATCH else None


class _Kept:
    """Facts of rows, each made once."""

    def __init__(self, directory: BoardDirectory) -> None:
        self._directory = directory
        self._made: dict[tuple[Any, ...], Facts] = {}

    def facts(self, row: Mapping[str, Any]) -> Facts:
        """The facts of a case that is not sealed, as they were at its filing."""
        codes = tuple(sorted(row["categories"] or ()))
        key = (row["unit"], row["staff_badge"], row["subject_state"], row["matter"], codes)
        if key not in self._made:
            self._made[key] = self._facts(*key)
        return self._made[key]

    def _facts(self, unit: Any, badge: Any, state: Any, code: Any, codes: Iterable[str]) -> Facts:
        known, matter = categories(), self._directory.matter(code)
        return Facts(
            categories=tuple(known[each] for each in codes if each in known),
            unit=unit,
            subject=self._directory.person(badge),
            state=state,
            lead_unit=matter.unit if matter and matter.kind == "parallel" else None,
        )

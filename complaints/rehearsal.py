"""What a changed routing table would have done with the cases of last year: a dry run.

Cases of which the rules can ask nothing different are routed once, however many they are, so that
the work grows with how different the cases are and not with how many. Rules are compared as at
filing: nobody had stepped back yet.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from board.directory import Directory as BoardDirectory
from board.ids import first_id
from complaints.categories import categories
from complaints.hidden import NOTHING, Hidden
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
class Group:
    """Cases of equal facts: how many, and the numbers of the newest few."""

    facts: Facts
    count: int = 0
    numbers: list[str] = field(default_factory=list)

    def add(self, number: str, *, named: bool = True) -> None:
        """One more case."""
        self.count += 1
        if named and len(self.numbers) < EXAMPLES:
            self.numbers.append(number)


@dataclass(slots=True)
class Year:
    """Cases that were read, by what was read of them. What is `hidden` from who asks is counted and
    never named."""

    hidden: Hidden = NOTHING
    groups: dict[Hashable, Group] = field(default_factory=dict)
    sealed: int = 0


def rehearse(
    year: Year, old_rules: Sequence[Rule], new_rules: Sequence[Rule], directory: Directory
) -> Changed:
    """What the new rules would have done otherwise than the old ones. Pure."""
    codes = frozenset[str]().union(*(rule.codes for rule in (*old_rules, *new_rules)))
    ways: dict[Hashable, Way] = {}
    counts: Counter[Way] = Counter()
    examples: dict[Way, list[str]] = {}
    for group in year.groups.values():
        asked = _asked(group.facts, codes)
        if asked not in ways:
            was = route(group.facts, old_rules, directory).office.code
            now = route(group.facts, new_rules, directory).office.code
            ways[asked] = Way(was, now)
        way = ways[asked]
        if way.was == way.now:
            continue
        counts[way] += group.count
        some = examples.setdefault(way, [])
        some += group.numbers[: EXAMPLES - len(some)]
    found = {way: (count, tuple(examples[way])) for way, count in counts.most_common()}
    return Changed(sum(group.count for group in year.groups.values()), found, year.sealed)


def _asked(facts: Facts, codes: frozenset[str]) -> Hashable:
    """All that tables naming these codes and clauses can ask of a case: equal ones go one way."""
    named = [
        each.code for each in facts.categories if each.sealed or {each.code, each.clause} & codes
    ]
    badge = facts.subject.badge if facts.subject else None
    case = (facts.in_county, facts.recused, facts.answered)
    return facts.unit_code, badge, facts.state, facts.lead_unit, case, tuple(sorted(named))


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
    for row in rows:
        if row["sealed"]:
            year.sealed += 1
            continue
        key = (*(row[name] for name in _ASKED), *sorted(row["categories"] or ()))
        group = year.groups.get(key)
        if group is None:
            group = year.groups[key] = Group(_facts(row, directory))
        named = not year.hidden.hides(row["staff_badge"], row["unit"])
        group.add(row["number"], named=named)
    return rows[-1]["id"] if len(rows) == BATCH else None


_ASKED = ("unit", "staff_badge", "subject_state", "matter")


def _facts(row: Mapping[str, Any], directory: BoardDirectory) -> Facts:
    """The facts of a case that is not sealed, as they were at its filing."""
    known, matter = categories(), directory.matter(row["matter"])
    return Facts(
        categories=tuple(known[each] for each in row["categories"] or () if each in known),
        unit=row["unit"],
        subject=directory.person(row["staff_badge"]),
        state=row["subject_state"],
        lead_unit=matter.unit if matter and matter.kind == "parallel" else None,
    )

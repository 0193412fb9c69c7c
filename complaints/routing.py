"""Who receives a complaint: an ordered table, and the way up past every conflict of interest.

The first rule that fits is taken, unless its offices are in conflict; then the way goes up, and
at the top of the county it leaves for the level above. Pure (domain.md, "Who receives it").
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from board.model import Office, RoutingRow
from complaints.categories import categories
from complaints.offices import (
    DECLINED,
    LADDER,
    LAST_RESORT,
    Directory,
    Facts,
    Reason,
    conflict,
    of_kind,
    way_up,
)

__all__ = [
    "DECLINED",
    "LAST_RESORT",
    "Decision",
    "Facts",
    "Reason",
    "RoutingError",
    "Rule",
    "Step",
    "conflict",
    "packaged_rules",
    "read_rules",
    "route",
]

Verdict = Literal["taken", "no match", "conflict"]
# Stands in the reasons where no rule of the table fitted or could be kept to.
NO_RULE = 1000
SEALED_KINDS = ("discipline", "upper")
RECEIVERS = frozenset({*LADDER, "upper", "lead-superior", "declined-with-address"})
UNIT_KINDS = frozenset(
    {"department", "town", "bureau", "government", "petition", "discipline", "hotline", "upper"}
)


class RoutingError(ValueError):
    """A row of the routing table cannot be read; the text names rank, value and what is allowed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table, with its alternatives taken apart. Empty ``codes``: any category."""

    rank: int
    codes: frozenset[str]
    subject: str
    unit_kinds: frozenset[str]
    receives: tuple[str, ...]
    hidden_from: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the reasons: a rule that was looked at, the verdict, and why."""

    rank: int
    verdict: Verdict
    reason: Reason


@dataclass(frozen=True, slots=True)
class Decision:
    """Which office, and why: every rule looked at, up to the one line that is ``taken``.

    ``office`` may be LAST_RESORT (the level above the county) or DECLINED (another county's
    matter), which are no rows of the county. ``hidden_from`` and ``rule_why`` are the taken
    rule's own words; both empty when no rule fitted.
    """

    office: Office
    sealed: bool
    why: tuple[Step, ...]
    hidden_from: tuple[str, ...] = ()
    rule_why: str = ""

    @property
    def kind(self) -> str:
        """The office's kind, ``upper`` or ``declined-with-address``."""
        return self.office.kind


def read_rules(rows: Iterable[RoutingRow]) -> tuple[Rule, ...]:
    """Read the table in the order of its ranks. Raises RoutingError at the first wrong value."""
    rules = sorted((_rule(row) for row in rows), key=lambda rule: rule.rank)
    for one, other in zip(rules, rules[1:], strict=False):
        if one.rank == other.rank:
            raise RoutingError(f"rank {one.rank} stands twice; number the rows apart")
    return tuple(rules)


@lru_cache(maxsize=1)
def packaged_rules() -> tuple[Rule, ...]:
    """The default table that ships with the software."""
    text = files("complaints").joinpath("data/routing.csv").read_text("utf-8")
    return read_rules(
        RoutingRow(
            int(row["rank"]),
            row["clause_or_code"],
            row["subject"],
            row["unit_kind"],
            row["receives"],
            row["hidden_from"],
            row["why"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def route(facts: Facts, rules: Sequence[Rule], county: Directory) -> Decision:
    """Decide which office receives a complaint. Never one in conflict; always one.

    A sealed category goes to a discipline office or above, whatever the table says.
    """
    steps: list[Step] = []
    for rule in rules:
        miss = _miss(rule, facts, county)
        if miss is not None:
            steps.append(Step(rule.rank, "no match", miss))
            continue
        offered = _offered(rule, facts, county)
        if facts.sealed and not any(receiver in SEALED_KINDS for receiver, _ in offered):
            steps.append(Step(rule.rank, "no match", _why("routing.no.sealed")))
            continue
        office = _take(steps, rule.rank, rule.why, offered, facts, county)
        return Decision(office, facts.sealed, tuple(steps), rule.hidden_from, rule.why)
    receiver = "discipline" if facts.sealed else "bureau"
    offered = [(receiver, of_kind(receiver, None, county))]
    return Decision(_take(steps, NO_RULE, "", offered, facts, county), facts.sealed, tuple(steps))


Offered = list[tuple[str, tuple[Office, ...]]]


def _why(key: str, **params: str) -> Reason:
    return Reason(key, MappingProxyType(params))


def _take(
    steps: list[Step], rank: int, why: str, offered: Offered, facts: Facts, county: Directory
) -> Office:
    """The first office offered that is not in conflict, else the nearest one above that is not."""
    for office in _tries(steps, rank, offered, facts, county):
        if facts.sealed and office.kind not in SEALED_KINDS:
            continue
        against = conflict(office, facts, county)
        if against is None:
            direct = any(office in found for _, found in offered)
            key = "routing.taken.rule" if direct else "routing.taken.up"
            key = "routing.taken.none" if rank == NO_RULE and direct else key
            steps.append(Step(rank, "taken", _why(key, office=office.code, why=why)))
            return office
        steps.append(Step(rank, "conflict", against))
    raise AssertionError("the last resort is never in conflict")


def _tries(
    steps: list[Step], rank: int, offered: Offered, facts: Facts, county: Directory
) -> Iterator[Office]:
    tried: set[str] = set()
    last: Office | None = None
    for receiver, found in offered:
        if not found:
            missing = _why("routing.missing", receiver=receiver)
            steps.append(Step(rank, "no match", missing))
        for office in found:
            last = office
            tried.add(office.code)
            yield office
    kind = last.kind if last else offered[-1][0]
    for office in way_up(kind, last, facts.unit_code, county):
        if office is LAST_RESORT or office.code not in tried:
            yield office


def _offered(rule: Rule, facts: Facts, county: Directory) -> Offered:
    return [(receiver, _receivers(receiver, facts, county)) for receiver in rule.receives]


def _receivers(receiver: str, facts: Facts, county: Directory) -> tuple[Office, ...]:
    if receiver == "declined-with-address":
        return (DECLINED,)
    if receiver == "lead-superior":
        own = next(iter(of_kind("unit", facts.lead_unit, county)), None)
        # Without a lead unit there is nobody above it, and the next alternative is asked.
        return (next(way_up("unit", own, facts.lead_unit, county)),) if facts.lead_unit else ()
    return of_kind(receiver, facts.unit_code, county)


def _miss(rule: Rule, facts: Facts, county: Directory) -> Reason | None:
    """Why a rule does not fit, by the first column that does not."""
    if not facts.in_county and rule.subject != "another county" and not facts.sealed:
        return _why("routing.no.county")
    if rule.codes and not any({c.code, c.clause} & rule.codes for c in facts.categories):
        return _why("routing.no.category", wanted="|".join(sorted(rule.codes)))
    if not SUBJECTS[rule.subject](facts, county):
        return _why("routing.no.subject", wanted=rule.subject)
    kinds = _unit_kinds(facts, county)
    if rule.unit_kinds and not rule.unit_kinds & kinds:
        return _why("routing.no.unit_kind", wanted="|".join(sorted(rule.unit_kinds)))
    return None


def _unit_kinds(facts: Facts, county: Directory) -> frozenset[str]:
    """What a unit counts as: the bodies that run a county office count as that alone."""
    unit = facts.unit or county.unit(facts.unit_code)
    if unit is None:
        return frozenset()
    seats = {office.kind for office in county.offices if office.unit == unit.code}
    kinds: set[str] = {unit.kind}
    if unit.kind == "department":
        kinds = set(seats & {"bureau", "discipline"}) or kinds
    if unit.kind in ("government", "petition"):
        kinds.add("department")
    if facts.subject is not None and facts.subject.rank == "operator":
        kinds.add("hotline")
    return frozenset(kinds)


Test = Callable[[Facts, Directory], bool]
_CLERKS = ("clerk", "chief", "contracted", "village", "operator")


def _rank(*ranks: str) -> Test:
    return lambda facts, county: facts.subject is not None and facts.subject.rank in ranks


def _head(facts: Facts, county: Directory) -> bool:
    if facts.subject is None:
        return False
    unit = county.unit(facts.subject.unit)
    named = unit is not None and unit.head_badge == facts.subject.badge
    return named or facts.subject.rank == "head"


def _oversight(facts: Facts, county: Directory) -> bool:
    """Whether the subject works in a unit's own oversight office."""
    subject = facts.subject
    return subject is not None and any(
        subject.badge == office.head_badge or subject.badge in office.members
        for office in county.offices
        if office.kind == "unit"
    )


def _in_hall(facts: Facts, county: Directory) -> bool:
    subject = facts.subject
    return subject is not None and subject.rank == "clerk" and subject.window is not None


def _nobody_named(facts: Facts, county: Directory) -> bool:
    return facts.subject is None and facts.state == "unit" and facts.unit_code is not None


def _unknown(facts: Facts, county: Directory) -> bool:
    return facts.subject is None and facts.state != "unit" and facts.unit_code is not None


SUBJECTS: dict[str, Test] = {
    "any": lambda facts, county: True,
    "discipline head": _head,
    "discipline staff": lambda facts, county: facts.subject is not None,
    "unit head": _head,
    "unit deputy head": _rank("deputy_head", "leader"),
    "town leader": _rank("head", "deputy_head", "leader"),
    "oversight member": _oversight,
    "bureau head": _head,
    "bureau staff": lambda facts, county: (
        facts.subject is not None and facts.subject.rank != "operator"
    ),
    "hotline operator": _rank("operator"),
    "whole unit": _nobody_named,
    "clerk in the service hall": _in_hall,
    "section chief": _rank("chief"),
    "village staff": _rank("village"),
    "contracted worker": _rank("contracted"),
    "clerk": _rank(*_CLERKS),
    "unknown person": _unknown,
    "unknown person and unit": lambda facts, county: (
        facts.subject is None and facts.unit_code is None
    ),
    "another county": lambda facts, county: not facts.in_county,
}


def _rule(row: RoutingRow) -> Rule:
    codes = _parts(row.clause_or_code)
    known = categories()
    clauses = {category.clause for category in known.values()}
    _all(row.rank, "clause_or_code", codes, known.keys() | clauses)
    _all(row.rank, "subject", frozenset({row.subject}), SUBJECTS.keys())
    kinds = _parts(row.unit_kind)
    # "unit" means any unit of the county: a department or a town.
    _all(row.rank, "unit_kind", kinds, UNIT_KINDS | {"unit"})
    receives = tuple(row.receives.split("|"))
    _all(row.rank, "receives", frozenset(receives), RECEIVERS)
    hidden = tuple(part for part in row.hidden_from.split("|") if part)
    kinds = kinds - {"unit"} | ({"department", "town"} if "unit" in kinds else set())
    return Rule(row.rank, codes, row.subject, kinds, receives, hidden, row.why)


def _parts(text: str) -> frozenset[str]:
    return frozenset() if text == "any" else frozenset(text.split("|"))


def _all(rank: int, column: str, values: frozenset[str], allowed: Iterable[str]) -> None:
    for value in sorted(values - set(allowed)):
        raise RoutingError(
            f"rank {rank}, {column}: {value!r} is not known; use {', '.join(sorted(allowed))}"
        )

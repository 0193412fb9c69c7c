"""The routing table: what its columns may say, and which rules fit a complaint. Pure.

``data/routing.csv`` is the default; a county edits its own.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from board.model import RoutingRow
from complaints.categories import categories
from complaints.offices import LADDER, Directory, Facts, Reason, reason

RECEIVERS = frozenset({*LADDER, "upper", "lead-superior", "declined-with-address"})
UNIT_KINDS = frozenset(
    {"department", "town", "bureau", "government", "petition", "discipline", "hotline", "upper"}
)


class RoutingError(ValueError):
    """A row of the routing table cannot be read; the text names rank, value and what is allowed,
    and so do `column` and `params` for whoever words it."""

    def __init__(self, text: str, column: str = "rank", **params: str) -> None:
        super().__init__(text)
        self.column = column
        self.params = params


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


def read_rules(rows: Iterable[RoutingRow]) -> tuple[Rule, ...]:
    """Read the table in the order of its ranks. Raises RoutingError at the first wrong value."""
    rules = sorted((_rule(row) for row in rows), key=lambda rule: rule.rank)
    for one, other in pairwise(rules):
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


def why_key(rank: int, why: str) -> str | None:
    """The message key for a rule's own words, or None when the county wrote them itself."""
    if not why:
        return "routing.why.none"
    # Moved up or down, a rule of the default keeps its words; of two alike, either will do.
    ranks = [rule.rank for rule in packaged_rules() if rule.why == why]
    if not ranks:
        return None
    return f"routing.why.{rank if rank in ranks else ranks[0]}"


def miss(rule: Rule, facts: Facts, kinds: frozenset[str], county: Directory) -> Reason | None:
    """Why a rule does not fit, by the first column that does not; ``kinds`` of ``unit_kinds``."""
    if not facts.in_county and rule.subject != "another county" and not facts.sealed:
        return reason("routing.no.county")
    if rule.codes and not any({c.code, c.clause} & rule.codes for c in facts.categories):
        return reason("routing.no.category", wanted="|".join(sorted(rule.codes)))
    if not SUBJECTS[rule.subject](facts, county):
        return reason("routing.no.subject", wanted=rule.subject)
    if rule.unit_kinds and not rule.unit_kinds & kinds:
        return reason("routing.no.unit_kind", wanted="|".join(sorted(rule.unit_kinds)))
    return None


def unit_kinds(facts: Facts, county: Directory) -> frozenset[str]:
    """What the unit counts as: a department that runs a county office counts as that alone."""
    unit = county.unit(facts.unit_code)
    if unit is None:
        return frozenset()
    seats = {office.kind for office in county.offices_of(unit.code)}
    kinds: set[str] = {unit.kind}
    if unit.kind == "department":
        kinds = set(seats & {"bureau", "discipline"}) or kinds
    if unit.kind in _ALSO_DEPARTMENTS:
        kinds.add("department")
    if facts.subject is not None and facts.subject.rank == "operator":
        kinds.add("hotline")
    return frozenset(kinds)


# Bodies of the county that have no rows of their own are departments like others.
_ALSO_DEPARTMENTS = ("government", "petition", "hotline")
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
        office.kind == "unit" for office in county.offices_with(subject.badge)
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
        use = ", ".join(sorted(allowed))
        raise RoutingError(
            f"rank {rank}, {column}: {value!r} is not known; use {use}",
            column,
            value=value,
            allowed=use,
        )

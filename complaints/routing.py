"""Who receives a complaint: an ordered table, and the way up past every conflict of interest.

The first rule that fits is taken, unless its offices are in conflict; then the way goes up, and
at the top of the county it leaves for the level above. Pure (domain.md, "Who receives it").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from board.model import Office
from complaints.offices import (
    DECLINED,
    LAST_RESORT,
    Directory,
    Facts,
    Reason,
    conflict,
    of_kind,
    reason,
    way_up,
)
from complaints.routing_table import (
    RoutingError,
    Rule,
    miss,
    packaged_rules,
    read_rules,
    unit_kinds,
    why_key,
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
    "why_key",
]

Verdict = Literal["taken", "no match", "conflict"]
# Stands in the reasons where no rule of the table fitted or could be kept to.
NO_RULE = 1000
SEALED_KINDS = ("discipline", "upper")


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


def route(facts: Facts, rules: Sequence[Rule], county: Directory) -> Decision:
    """Decide which office receives a complaint. Never one in conflict; always one.

    A sealed category goes to a discipline office or above, whatever the table says.
    """
    search = _Search(facts, county, [])
    kinds = unit_kinds(facts, county)
    for rule in rules:
        unfit = miss(rule, facts, kinds, county) or search.unsealed(rule)
        if unfit is not None:
            search.steps.append(Step(rule.rank, "no match", unfit))
            continue
        office = search.take(rule.rank, rule.receives, "routing.taken.rule", rule.why)
        why = tuple(search.steps)
        return Decision(office, facts.sealed, why, rule.hidden_from, rule.why)
    receiver = "discipline" if facts.sealed else "bureau"
    office = search.take(NO_RULE, (receiver,), "routing.taken.none", "")
    return Decision(office, facts.sealed, tuple(search.steps))


@dataclass(frozen=True, slots=True)
class _Search:
    """One complaint on its way, and the reasons so far."""

    facts: Facts
    county: Directory
    steps: list[Step]

    def unsealed(self, rule: Rule) -> Reason | None:
        """Why a rule may not have a sealed complaint: none of its offices may read it."""
        if not self.facts.sealed or any(kind in SEALED_KINDS for kind in rule.receives):
            return None
        return reason("routing.no.sealed")

    def take(self, rank: int, receives: Sequence[str], direct: str, why: str) -> Office:
        """The first receiver that is not in conflict, else the nearest above that is not."""
        for key, office in self._tries(rank, receives, direct):
            if self.facts.sealed and office.kind not in SEALED_KINDS:
                continue
            against = conflict(office, self.facts, self.county)
            if against is None:
                taken = reason(key, office=office.code, why=why)
                self.steps.append(Step(rank, "taken", taken))
                return office
            self.steps.append(Step(rank, "conflict", against))
        raise AssertionError("the last resort is never in conflict")

    def _tries(
        self, rank: int, receives: Sequence[str], direct: str
    ) -> Iterator[tuple[str, Office]]:
        """Every office to ask, with the message that says how it comes to be asked."""
        tried: set[str] = set()
        last: Office | None = None
        for receiver in receives:
            found = self._receivers(receiver)
            if not found:
                missing = reason("routing.missing", receiver=receiver)
                self.steps.append(Step(rank, "no match", missing))
            for office in found:
                last = office
                tried.add(office.code)
                yield direct, office
        kind = last.kind if last else receives[-1]
        for office in way_up(kind, last, self.facts.unit_code, self.county):
            if office is LAST_RESORT or office.code not in tried:
                yield "routing.taken.up", office

    def _receivers(self, receiver: str) -> tuple[Office, ...]:
        if receiver == "declined-with-address":
            return (DECLINED,)
        if receiver == "lead-superior":
            return self._above_lead()
        return of_kind(receiver, self.facts.unit_code, self.county)

    def _above_lead(self) -> tuple[Office, ...]:
        """Without a known lead unit there is nobody above it, and the next alternative is asked."""
        lead = self.facts.lead_unit
        if lead is None:
            return ()
        own = next(iter(of_kind("unit", lead, self.county)), None)
        above = next(way_up("unit", own, lead, self.county))
        return () if above is LAST_RESORT else (above,)

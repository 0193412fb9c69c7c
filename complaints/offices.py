"""Which oversight offices a county has, which stands above which, and which is in conflict.

Conflict of interest in every form that domain.md names: a member, the head or the superior line
of an office is the subject, a declared relative of the subject, or recused; the office itself is
recused; it belongs to a unit whose head is the subject; it answered this case already, or stands
below one that did. Pure: the directory comes in as an argument.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Protocol

from board.model import Office, Staff, Unit
from complaints.categories import Category

SubjectState = Literal["identified", "unidentified", "unit"]


class Directory(Protocol):
    """What routing asks of ``board.directory.Directory``."""

    @property
    def offices(self) -> tuple[Office, ...]:
        """All oversight offices, in the county's order."""

    def office(self, code: str | None) -> Office | None:
        """The office with this code."""

    def offices_of(self, unit: str) -> tuple[Office, ...]:
        """The oversight offices that stand for a unit."""

    def offices_with(self, badge: str) -> tuple[Office, ...]:
        """The oversight offices that this person is head or member of."""

    def unit(self, code: str | None) -> Unit | None:
        """The unit with this code."""

    def superiors_of(self, badge: str) -> tuple[str, ...]:
        """Badges of the superior line, without circles."""

    def relatives_of(self, badge: str) -> frozenset[str]:
        """Badges of declared relatives, whichever of the two declared it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What routing knows of a complaint.

    ``unit``: code of the unit complained of (for T07 the late one). A subject's own unit counts
    before it, because that is who answers for the person.
    ``state``: ``unit`` means that nobody is named and the unit as a whole is complained of.
    ``recused``: badges of people and codes of offices that stepped back from this case.
    ``answered``: codes of the offices that answered it before, in order (a review).
    ``lead_unit``: code of the unit that leads the parallel approval.
    """

    categories: tuple[Category, ...]
    unit: str | None = None
    subject: Staff | None = None
    state: SubjectState = "identified"
    recused: frozenset[str] = frozenset()
    answered: tuple[str, ...] = ()
    lead_unit: str | None = None
    in_county: bool = True

    @property
    def unit_code(self) -> str | None:
        """The unit that the rules are about: the subject's own, else the one complained of."""
        return self.subject.unit if self.subject else self.unit

    @property
    def sealed(self) -> bool:
        """Whether any allegation has to be handed over sealed."""
        return any(category.sealed for category in self.categories)


@dataclass(frozen=True, slots=True)
class Reason:
    """A message key and what its wording needs: codes and badges, never free text of people."""

    key: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def _nowhere(code: str, kind: Literal["upper", "declined-with-address"]) -> Office:
    # The kind of a declined case is not one of a county's offices, so it is set aside here.
    return Office(code, kind, None, "", "", "", "", "", None, None, ())  # type: ignore[arg-type]


# The level above the county, outside this system: the answer of last resort, never in conflict.
LAST_RESORT = _nowhere("upper", "upper")
# Another county's matter: no office of ours receives it, the complainant is told where to go.
DECLINED = _nowhere("declined-with-address", "declined-with-address")

# The way up where an office names none above it, or a county has no office of that kind.
LADDER: Mapping[str, str] = MappingProxyType(
    {
        "unit": "stationed-discipline",
        "stationed-discipline": "discipline",
        "town-discipline": "discipline",
        "hotline-supervisor": "bureau",
        "petition": "government",
        "bureau": "government",
        "government": "discipline",
        "discipline-internal": "discipline",
        "discipline": "upper",
        # Receivers that are no kinds: where nobody answers to the name, the bureau sorts it out.
        "lead-superior": "bureau",
    }
)
# Kinds that stand for one unit each; the others stand for the whole county.
OF_ONE_UNIT = ("unit", "stationed-discipline", "town-discipline")
_STATIONED = ("stationed-discipline", "town-discipline")


def of_kind(kind: str, unit: str | None, county: Directory) -> tuple[Office, ...]:
    """Offices of a kind; for kinds that stand for one unit, only that unit's.

    A town's discipline office is what is stationed there, and the other way round.
    """
    if kind not in OF_ONE_UNIT:
        return tuple(office for office in county.offices if office.kind == kind)
    kinds = _STATIONED if kind in _STATIONED else (kind,)
    return tuple(office for office in county.offices_of(unit or "") if office.kind in kinds)


def way_up(
    kind: str, office: Office | None, unit: str | None, county: Directory
) -> Iterator[Office]:
    """Offices above, nearest first, each once; the last is always LAST_RESORT.

    Follows ``above``; where that is empty, unknown or runs in a circle, the ladder of kinds.
    """
    seen = {office.code} if office else set()
    while True:
        above = county.office(office.above) if office else None
        if above is None or above.code in seen:
            if kind not in LADDER:
                break
            kind, office = LADDER[kind], None
            above = next((o for o in of_kind(kind, unit, county) if o.code not in seen), None)
        if above is not None:
            seen.add(above.code)
            kind, office = above.kind, above
            yield above
    yield LAST_RESORT


def conflict(office: Office, facts: Facts, county: Directory) -> Reason | None:
    """Why an office may not answer this complaint, or None when it may."""
    if office is LAST_RESORT or office is DECLINED:
        return None
    return (
        _recused(office, facts)
        or _answered(office, facts, county)
        or _own_unit(office, facts, county)
        or _people(office, facts, county)
    )


def reason(key: str, **params: str) -> Reason:
    """A reason with its parameters, not to be changed."""
    return Reason(key, MappingProxyType(params))


def _reason(form: str, office: Office, **params: str) -> Reason:
    return reason(f"routing.conflict.{form}", office=office.code, **params)


def _recused(office: Office, facts: Facts) -> Reason | None:
    return _reason("recused_office", office) if office.code in facts.recused else None


def _answered(office: Office, facts: Facts, county: Directory) -> Reason | None:
    """A review is always by another, higher office, never one that answered before."""
    if office.code in facts.answered:
        return _reason("answered", office)
    if facts.answered:
        higher = {other.code for other in way_up(office.kind, office, facts.unit_code, county)}
        below = higher.intersection(facts.answered)
        if below:
            return _reason("below", office, answered=min(below))
    return None


def _own_unit(office: Office, facts: Facts, county: Directory) -> Reason | None:
    if office.unit is None:
        return None
    subject = facts.subject
    if subject is not None and _heads(subject, office.unit, county):
        return _reason("unit_head", office, badge=subject.badge)
    # A county office seated in the unit complained of would judge itself; the unit's own
    # efficiency office is what the table means when it says "unit".
    whole = facts.state == "unit" and office.kind not in OF_ONE_UNIT
    if whole and office.unit == facts.unit_code:
        return _reason("own_unit", office, unit=office.unit)
    return None


def _heads(subject: Staff, unit: str, county: Directory) -> bool:
    found = county.unit(unit)
    named = found is not None and found.head_badge == subject.badge
    return named or (subject.rank == "head" and subject.unit == unit)


def _people(office: Office, facts: Facts, county: Directory) -> Reason | None:
    if not (facts.subject or facts.recused):
        return None
    subject = facts.subject.badge if facts.subject else None
    relatives = county.relatives_of(subject) if subject else frozenset()
    for role, badge in _answering(office, county):
        if badge == subject:
            return _reason(role, office, badge=badge)
        if badge in relatives:
            return _reason("relative", office, badge=badge)
        if badge in facts.recused:
            return _reason("recused", office, badge=badge)
    return None


def _answering(office: Office, county: Directory) -> Iterator[tuple[str, str]]:
    """Everybody in an office and above it, with the role that makes a conflict."""
    inside = [("head", office.head_badge)] if office.head_badge else []
    inside += [("member", badge) for badge in office.members]
    yield from inside
    for _, badge in inside:
        yield from (("line", superior) for superior in county.superiors_of(badge))
    # The head stands above everybody in the unit, also where nobody's superior was filled in; the
    # discipline offices stationed there answer to the county's own.
    seat = None if office.kind in _STATIONED else county.unit(office.unit)
    if seat is not None and seat.head_badge:
        yield "line", seat.head_badge

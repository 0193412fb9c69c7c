"""What is decided about a complaint on the spot: whom it is about, what is late, who gets it.

Pure: the county, the receipt and the time come in as arguments.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from board.directory import Directory
from board.model import Matter, Receipt, Staff, Unit
from complaints import routing
from complaints.categories import categories
from complaints.deadlines import due
from complaints.drafts import Draft
from complaints.lifecycle import Deadline, State, deadline, next_state
from complaints.limits import Due, day_of
from complaints.measuring import County, Measured, measure, pack_breach
from complaints.model import MOST_ALLEGATIONS, Allegation, SubjectState
from complaints.terms import limit
from complaints.timers import look_at

__all__ = ["County", "Decided", "Measured", "decide", "measure", "pack_breach", "pack_routing"]

OTHER = "C99"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a complaint is about, as far as that is known."""

    state: SubjectState
    staff: Staff | None
    unit: Unit | None


@dataclass(frozen=True, slots=True)
class Decided:
    """Everything that intake decides. `due` is the answer's: None until the desk has accepted the
    case, and for a sealed one, which is handed over and not answered here (domain.md)."""

    subject: Subject
    measured: Measured | None
    allegations: tuple[Allegation, ...]
    decision: routing.Decision
    state: State
    deadline: Deadline
    due: Due | None
    # When the system looks at the case by itself (`complaints.timers`).
    wake_at: datetime | None

    @property
    def sealed(self) -> bool:
        """Whether the discipline office alone may read it."""
        return self.decision.sealed

    @property
    def went_up(self) -> bool:
        """Whether an office in conflict of interest was passed over."""
        return went_up(self.decision)

    @property
    def office(self) -> str | None:
        """The office's code; None when the desk has to find one."""
        return None if self.state == "received" else self.decision.office.code


def decide(draft: Draft, receipt: Receipt | None, county: County, now: datetime) -> Decided:
    """Decides all that can be decided without a person; `now` is aware."""
    today = day_of(now)
    measured = measure(draft.matter, receipt, draft.accepted_on, today, county)
    subject = find_subject(draft, measured, county.directory, today)
    allegations = list_allegations(draft, measured)
    matter = measured.matter if measured else county.directory.matter(draft.matter)
    facts = _facts(subject, allegations, matter)
    decision = routing.route(facts, county.rules, county.directory)
    if not _is_clear(decision, subject, county.directory):
        first = _deadline("received", now, county, None)
        look = look_at("received", first, now, county.calendar)
        return Decided(subject, measured, allegations, decision, "received", first, None, look)
    accepted = next_state(next_state("received", "accept"), "dispatch")
    state = next_state("received", "hand_over") if decision.sealed else accepted
    answer = (
        None
        if decision.sealed
        else due(today, limit("complaint", county.calendar), county.calendar)
    )
    first = _deadline(state, now, county, answer)
    look = look_at(state, first, now, county.calendar)
    return Decided(subject, measured, allegations, decision, state, first, answer, look)


def went_up(decision: routing.Decision) -> bool:
    """Whether an office in conflict of interest was passed over."""
    return any(step.verdict == "conflict" for step in decision.why)


def find_subject(
    draft: Draft, measured: Measured | None, directory: Directory, today: date
) -> Subject:
    """Whom a complaint is about.

    A number decides, over the unit that was chosen too; a name alone only together with a unit in
    which one person has it. Who was not in office on the day that it happened is not the one.
    Where nobody is named, the unit that was late is meant and not the one that leads (R11).
    """
    staff = _staff(draft, directory, draft.happened_on, today)
    if staff:
        return Subject("identified", staff, directory.unit(staff.unit))
    named = draft.badge or draft.staff_name or draft.staff_description
    code = draft.unit
    if measured and (not code or (code == measured.matter.unit and not named)):
        code = measured.unit
    if not code and draft.matter:
        matter = directory.matter(draft.matter)
        code = matter.unit if matter else ""
    return Subject("unidentified" if named else "unit", None, directory.unit(code))


def _staff(
    draft: Draft, directory: Directory, happened_on: date | None, today: date
) -> Staff | None:
    if draft.badge:
        found = directory.by_number(draft.badge)
        return found if found and _was_there(found, happened_on) else None
    if not (draft.staff_name and draft.unit):
        return None
    on = happened_on or today
    namesakes = [
        person
        for person in directory.find_staff(draft.staff_name, unit=draft.unit)
        if person.name == draft.staff_name and person.serves_on(on)
    ]
    return namesakes[0] if len(namesakes) == 1 else None


def _was_there(staff: Staff, happened_on: date | None) -> bool:
    return happened_on is None or staff.serves_on(happened_on)


def list_allegations(draft: Draft, measured: Measured | None) -> tuple[Allegation, ...]:
    """What was ticked, then what the figures prove by themselves (R10); "other" for neither.

    What is proved has its place also among twenty that were ticked, whose last then give way.
    """
    proved = measured.categories if measured else ()
    only_ticked = [code for code in draft.category if code not in proved]
    kept = {*proved, *only_ticked[: MOST_ALLEGATIONS - len(proved)]}
    codes = [code for code in dict.fromkeys((*draft.category, *proved)) if code in kept] or [OTHER]
    return tuple(
        Allegation(position, code, draft.details.get(code, ""))
        for position, code in enumerate(codes, start=1)
    )


def _facts(
    subject: Subject, allegations: tuple[Allegation, ...], matter: Matter | None
) -> routing.Facts:
    """`matter` also without a receipt: who leads a parallel approval is known all the same."""
    known = categories()
    lead = matter if matter and matter.kind == "parallel" else None
    return routing.Facts(
        categories=tuple(known[each.category] for each in allegations if each.category in known),
        unit=subject.unit.code if subject.unit else None,
        subject=subject.staff,
        state="unit" if subject.state == "sealed" else subject.state,
        lead_unit=lead.unit if lead else None,
    )


def _is_clear(decision: routing.Decision, subject: Subject, directory: Directory) -> bool:
    """Whether no person has to look before the office gets it: the office is one of the
    county's, and somebody is complained of whose unit is known (sealed cases never wait)."""
    known = directory.office(decision.office.code) is not None
    return known and (decision.sealed or subject.unit is not None)


def _deadline(state: State, now: datetime, county: County, answer: Due | None) -> Deadline:
    found = deadline(state, day_of(now), county.calendar, answer_due=answer)
    if found is None:
        raise AssertionError(f"{state} is an open state and has a duty")
    return found


def pack_routing(decided: Decided) -> dict[str, Any]:
    """What `pack_decision` gives. A sealed case keeps none of it: a conflict tells to whom the
    person complained of belongs."""
    return {} if decided.sealed else pack_decision(decided.decision)


def pack_decision(decision: routing.Decision) -> dict[str, Any]:
    """Why that office, rule by rule, for the county desk; small, since every case has it.

    `{"office", "kind", "up", "passed", "steps"}`: `passed` gives for each message key the ranks
    of the rules that did not fit, "10 20 30"; `steps` are the others as [rank, verdict, key,
    params]. `up`: a conflict of interest was passed over.
    """
    packed: dict[str, Any] = {
        "office": decision.office.code,
        "kind": decision.office.kind,
        "up": went_up(decision),
    }
    passed: dict[str, str] = {}
    for step in decision.why:
        if step.verdict == "no match":
            passed[step.reason.key] = f"{passed.get(step.reason.key, '')} {step.rank}".strip()
    steps = [
        [step.rank, step.verdict, step.reason.key, dict(step.reason.params)]
        for step in decision.why
        if step.verdict != "no match"
    ]
    return packed | {"passed": passed, "steps": steps}

"""What is decided about a complaint on the spot: whom it is about, what is late, who gets it.

Pure: the county, the receipt and the time come in as arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from board.calendar import Calendar
from board.directory import Directory
from board.model import Matter, Receipt, Staff, Unit
from complaints import breaches, routing
from complaints.breaches import Breach, Overrun
from complaints.categories import categories
from complaints.deadlines import due
from complaints.drafts import Draft
from complaints.lifecycle import ANSWER, Deadline, State, deadline, next_state
from complaints.limits import CLOSING, SHANGHAI, Due, Limit, day_of
from complaints.model import MOST_ALLEGATIONS, Allegation, SubjectState

OTHER = "C99"


@dataclass(frozen=True, slots=True)
class County:
    """What a county published, as one process holds it."""

    directory: Directory
    calendar: Calendar
    rules: tuple[routing.Rule, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a complaint is about, as far as that is known."""

    state: SubjectState
    staff: Staff | None
    unit: Unit | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A matter's limits held against a receipt. `assumed`: the acceptance had no hour, and the
    close of that day was taken, in the office's favour."""

    matter: Matter
    receipt: Receipt | None
    breach: Breach
    assumed: bool


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

    @property
    def sealed(self) -> bool:
        """Whether the discipline office alone may read it."""
        return self.decision.sealed

    @property
    def went_up(self) -> bool:
        """Whether an office in conflict of interest was passed over."""
        return any(step.verdict == "conflict" for step in self.decision.why)

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
        return Decided(subject, measured, allegations, decision, "received", first, None)
    state = next_state(next_state("received", "accept"), "dispatch")
    answer = None if decision.sealed else due(today, ANSWER["complaint"], county.calendar)
    first = _deadline(state, now, county, answer)
    return Decided(subject, measured, allegations, decision, state, first, answer)


def find_subject(
    draft: Draft, measured: Measured | None, directory: Directory, today: date
) -> Subject:
    """Whom a complaint is about.

    A number decides, over the unit that was chosen too; a name alone only together with a unit in
    which one person has it. Who was not in office on the day that it happened is not the one.
    """
    staff = _staff(draft, directory, draft.happened_on, today)
    code = staff.unit if staff else draft.unit
    if not code and measured:
        code = measured.breach.unit
    if not code and draft.matter:
        matter = directory.matter(draft.matter)
        code = matter.unit if matter else ""
    unit = directory.unit(code)
    if staff:
        return Subject("identified", staff, unit)
    named = draft.badge or draft.staff_name or draft.staff_description
    return Subject("unidentified" if named else "unit", None, unit)


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


def measure(
    matter_code: str,
    receipt: Receipt | None,
    accepted_on: date | None,
    today: date,
    county: County,
) -> Measured | None:
    """Holds a matter's limits against a known receipt, else against the day that was given.

    None without a matter, without a start, or when the matter had no limit in force then.
    """
    matter = county.directory.matter(receipt.matter if receipt else matter_code)
    start: date | datetime | None = receipt.accepted_at if receipt else accepted_on
    if matter is None or start is None:
        return None
    promised, statutory = promised_limit(matter), statutory_limit(matter)
    limits = [limit for limit in (promised, statutory) if limit]
    # A limit charges nobody with what was accepted before it held (R13).
    if not any(limit.in_force(day_of(start)) for limit in limits):
        return None
    by_time = any(limit.unit in ("half_day", "hour") for limit in limits)
    assumed = by_time and not isinstance(start, datetime)
    if assumed:
        start = datetime.combine(start, CLOSING, SHANGHAI)
    breach = breaches.assess(
        matter.unit,
        start,
        today,
        county.calendar,
        promised=promised,
        statutory=statutory,
        decided=receipt.decided_at if receipt else None,
    )
    return Measured(matter, receipt, breach, assumed)


def promised_limit(matter: Matter) -> Limit | None:
    """What the unit promised for a matter."""
    if matter.promised_number is None or matter.promised_unit is None:
        return None
    return Limit(
        matter.promised_number,
        matter.promised_unit,
        matter.after_close,
        source="promise",
        valid_from=matter.valid_from,
    )


def statutory_limit(matter: Matter) -> Limit | None:
    """What the law sets for a matter."""
    if matter.statutory_number is None or matter.statutory_unit is None:
        return None
    return Limit(
        matter.statutory_number,
        matter.statutory_unit,
        matter.after_close,
        source=matter.statutory_basis,
        valid_from=matter.valid_from,
    )


def list_allegations(draft: Draft, measured: Measured | None) -> tuple[Allegation, ...]:
    """What was ticked, then what the figures prove by themselves (R10); "other" for neither.

    What is proved has its place also among twenty that were ticked, whose last then give way.
    """
    proved = measured.breach.categories if measured else ()
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
    """Why that office, rule by rule, for the county desk; small, since every case has it.

    `{"office", "kind", "up", "passed", "steps"}`: `passed` gives for each message key the ranks
    of the rules that did not fit, "10 20 30"; `steps` are the others as [rank, verdict, key,
    params]. `up`: a conflict of interest was passed over. A sealed case keeps none of it: a
    conflict tells to whom the person complained of belongs.
    """
    if decided.sealed:
        return {}
    decision = decided.decision
    packed: dict[str, Any] = {
        "office": decision.office.code,
        "kind": decision.office.kind,
        "up": decided.went_up,
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


def pack_breach(measured: Measured | None) -> dict[str, Any] | None:
    """The figures of a breach with what they came from, so that each can be derived anew (R13):
    `{"matter", "unit", "receipt", "start", "decided", "measured_on", "elapsed", "assumed",
    "calendar", "promised", "statutory"}`, a limit being
    `{"number", "unit", "due", "late", "days_over"}`."""
    if measured is None:
        return None
    breach, start = measured.breach, measured.breach.started
    return {
        "matter": measured.matter.code,
        "unit": breach.unit,
        "receipt": measured.receipt.number if measured.receipt else None,
        "start": start.isoformat(),
        "decided": breach.decided.isoformat() if breach.decided else None,
        "measured_on": breach.measured_on.isoformat(),
        "elapsed": breach.elapsed,
        "assumed": measured.assumed,
        "promised": _pack_overrun(breach.promised),
        "statutory": _pack_overrun(breach.statutory),
    }


def _pack_overrun(overrun: Overrun | None) -> Mapping[str, Any] | None:
    if overrun is None:
        return None
    at = overrun.due.at
    return {
        "number": overrun.due.limit.number,
        "unit": overrun.due.limit.unit,
        "due": at.isoformat() if at else None,
        "late": overrun.late,
        "days_over": overrun.days_over,
        "calendar": overrun.due.calendar_version,
    }

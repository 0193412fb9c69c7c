"""A complaint's life as a table: state, step, who may, next state; owner and deadline by state.

No open complaint is ever without an owner and a next deadline. Reminded, supervised, escalated
and breached lie over a state and change none, so they are events alone. Pure (domain.md, "A
complaint's life"); the figures are defaults, not law.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal, get_args

from board.calendar import Calendar
from complaints.deadlines import due
from complaints.limits import SHANGHAI, Due, Exclusion, Extension, Limit, day_of
from complaints.terms import DEFAULTS, LimitKind, limit

State = Literal[
    "received", "declined", "merged", "handed_over", "accepted", "dispatched", "signed",
    "in_hand", "waiting", "return_asked", "refused", "disputed", "assigned", "answered",
    "released", "followed_up", "rework", "closed", "review", "final_review", "archived",
    "withdrawn",
]  # fmt: skip
Step = Literal[
    "accept", "decline", "merge", "hand_over", "confirm_receipt", "dispatch", "sign", "take_up",
    "ask_return", "refuse_return", "dispute", "assign", "ask", "reply", "resume", "extend",
    "answer", "release", "send_back", "rate", "lapse", "redo", "close", "ask_review",
    "ask_final_review", "decide_review", "archive", "withdraw", "reroute", "take_back",
    "unmerge",
]  # fmt: skip
Actor = Literal["system", "desk", "office", "complainant"]
Owner = Literal["desk", "office", "complainant"]
ComplaintKind = Literal["enquiry", "help", "complaint"]
DeadlineKind = Literal[
    "accept", "dispatch", "confirm_receipt", "sign", "answer", "reply", "decide_return",
    "decide_dispute", "release", "rating", "follow_up", "rework", "review", "calendar_unknown",
]  # fmt: skip
Notice = Literal["reminder", "escalation"]

ANSWER: Mapping[ComplaintKind, Limit] = MappingProxyType(
    {"enquiry": DEFAULTS["enquiry"], "help": DEFAULTS["help"], "complaint": DEFAULTS["complaint"]}
)
REMIND_BEFORE = (2, 1)
ESCALATE_EVERY = 5
_DAY = timedelta(days=1)


class InvalidStep(ValueError):
    """A step that this state, or this actor, does not allow; names what is allowed."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who has to act in a state, on what, and within which limit of `complaints.terms`.

    ``limit`` None: the answer's own due day, which runs from acceptance (see ``ANSWER``).
    """

    owner: Owner
    kind: DeadlineKind
    limit: LimitKind | None


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table. ``guard`` names the condition of ``GUARDS`` that must hold too."""

    state: State
    step: Step
    actors: tuple[Actor, ...]
    to: State
    guard: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What the table needs to know: the state, and what may happen only once."""

    state: State = "received"
    returns: int = 0
    assigned: bool = False
    extended: bool = False
    reviews: int = 0


@dataclass(frozen=True, slots=True)
class Deadline:
    """Who owns a case and when it is looked at next.

    ``at`` is the moment from which the owner is late: the end of the due day. When the calendar
    is unknown, ``kind`` is ``calendar_unknown`` and ``at`` is only the earliest day on which it
    could be due, when it has to be computed anew: not a due day, and never shown as one.
    """

    owner: Owner
    kind: DeadlineKind
    at: datetime
    due: Due


DUTIES: Mapping[State, Duty] = MappingProxyType(
    {
        "received": Duty("desk", "accept", "accept"),
        "accepted": Duty("desk", "dispatch", "dispatch"),
        "handed_over": Duty("office", "confirm_receipt", "confirm_receipt"),
        "dispatched": Duty("office", "sign", "sign"),
        "assigned": Duty("office", "sign", "sign"),
        "refused": Duty("office", "sign", "sign"),
        "signed": Duty("office", "answer", None),
        "in_hand": Duty("office", "answer", None),
        "waiting": Duty("complainant", "reply", "reply"),
        "return_asked": Duty("desk", "decide_return", "decide_return"),
        "disputed": Duty("desk", "decide_dispute", "decide_dispute"),
        "answered": Duty("desk", "release", "release"),
        "released": Duty("complainant", "rating", "rating"),
        "followed_up": Duty("office", "follow_up", "follow_up"),
        "rework": Duty("office", "rework", "rework"),
        "review": Duty("office", "review", "review"),
        "final_review": Duty("office", "review", "review"),
    }
)
OPEN: frozenset[State] = frozenset(DUTIES)
# States in which the first answer is still awaited; also at the desk, which a case with a due day
# came back to because no office might have it.
UNANSWERED: frozenset[State] = frozenset(
    {
        *("received", "accepted"),
        *("dispatched", "assigned", "refused", "signed", "in_hand", "waiting"),
        *("return_asked", "disputed"),
    }
)
# States in which it was given, and nobody works on another one.
_GIVEN: frozenset[State] = frozenset({"released", "followed_up"})
OVER: frozenset[State] = frozenset(get_args(State)) - OPEN

GUARDS: Mapping[str, Callable[[Case], bool]] = MappingProxyType(
    {
        "": lambda case: True,
        "first_return": lambda case: case.returns == 0 and not case.assigned,
        "second_return": lambda case: case.returns > 0 and not case.assigned,
        "not_extended": lambda case: not case.extended,
        "no_review": lambda case: case.reviews == 0,
        "one_review": lambda case: case.reviews == 1,
    }
)


def _from(
    states: Iterable[State], step: Step, actors: tuple[Actor, ...], to: State, guard: str = ""
) -> list[Transition]:
    return [Transition(state, step, actors, to, guard) for state in states]


_TO_SIGN: tuple[State, ...] = ("dispatched", "refused", "assigned")
_WORK: tuple[State, ...] = ("signed", "in_hand")
_RETURN: tuple[State, ...] = ("dispatched", "signed", "refused")
# An office has the case, or asked to give it back; another one begins anew.
_WITH_OFFICE: tuple[State, ...] = (*_TO_SIGN, *_WORK, "waiting", "return_asked", "disputed")
# What another office goes on with where it stands: a review stays a review.
_ABOVE: tuple[State, ...] = ("followed_up", "rework", "review", "final_review")
HELD: frozenset[State] = frozenset({*_WITH_OFFICE, *_ABOVE})

TABLE: tuple[Transition, ...] = (
    *_from(["received"], "accept", ("system", "desk"), "accepted"),
    *_from(["received"], "decline", ("system", "desk"), "declined"),
    *_from(["received", "dispatched", "signed", "in_hand"], "merge", ("desk",), "merged"),
    # What it was merged into ended without an answer.
    *_from(["merged"], "unmerge", ("system",), "received"),
    *_from(["received"], "hand_over", ("system", "desk"), "handed_over"),
    *_from(["handed_over"], "confirm_receipt", ("office",), "archived"),
    *_from(["accepted", "return_asked"], "dispatch", ("system", "desk"), "dispatched"),
    *_from(_TO_SIGN, "sign", ("office",), "signed"),
    *_from(["signed"], "take_up", ("system", "office"), "in_hand"),
    *_from(_RETURN, "ask_return", ("office",), "return_asked", "first_return"),
    *_from(_RETURN, "dispute", ("office",), "disputed", "second_return"),
    *_from(["return_asked"], "refuse_return", ("desk",), "refused"),
    *_from(["return_asked"], "dispute", ("desk",), "disputed"),
    *_from(["disputed"], "assign", ("desk",), "assigned"),
    *_from(_WORK, "ask", ("office",), "waiting"),
    *_from(["waiting"], "reply", ("complainant",), "in_hand"),
    *_from(["waiting"], "resume", ("system", "office"), "in_hand"),
    *_from(_WORK, "extend", ("office",), "in_hand", "not_extended"),
    *_from([*_WORK, "rework"], "answer", ("office",), "answered"),
    *_from(["answered"], "release", ("system", "desk"), "released"),
    *_from(["answered"], "send_back", ("desk",), "rework"),
    *_from(["released"], "rate", ("complainant", "desk"), "followed_up"),
    *_from(["released"], "lapse", ("system",), "closed"),
    *_from(["followed_up"], "redo", ("system", "office", "desk"), "rework"),
    *_from(["followed_up"], "close", ("system", "office", "desk"), "closed"),
    # No office of the county is left to look at it again: the desk says where to turn.
    *_from(["rework", "review", "final_review"], "close", ("desk",), "closed"),
    *_from(["closed"], "ask_review", ("complainant",), "review", "no_review"),
    *_from(["closed"], "ask_final_review", ("complainant",), "final_review", "one_review"),
    *_from(["review", "final_review"], "decide_review", ("office",), "closed"),
    *_from(["closed"], "archive", ("system", "desk"), "archived"),
    *_from([*sorted(OPEN), "merged"], "withdraw", ("complainant",), "withdrawn"),
    *_from(_WITH_OFFICE, "reroute", ("system", "desk"), "dispatched"),
    *(line for state in _ABOVE for line in _from([state], "reroute", ("system", "desk"), state)),
    # Nobody in the county may have it: the desk finds somebody, or declines with the right channel.
    *_from(_WITH_OFFICE, "take_back", ("system", "desk"), "received"),
)
_BY_STEP: Mapping[tuple[State, Step], Transition] = {(t.state, t.step): t for t in TABLE}


def next_state(state: State, step: Step) -> State:
    """Where a step leads, whoever takes it. Raises InvalidStep when the state does not know it."""
    return _transition(state, step).to


def allowed(case: Case, actor: Actor) -> tuple[Step, ...]:
    """The steps that this actor may take now, in the order of the table."""
    return tuple(
        line.step
        for line in TABLE
        if line.state == case.state and actor in line.actors and GUARDS[line.guard](case)
    )


def advance(case: Case, step: Step, actor: Actor) -> Case:
    """Take a step. Raises InvalidStep, naming what this actor may do instead."""
    line = _transition(case.state, step)
    if step not in allowed(case, actor):
        may = ", ".join(allowed(case, actor)) or "nothing"
        raise InvalidStep(f"{actor} may not {step} when {case.state}; allowed: {may}")
    return replace(
        case,
        state=line.to,
        returns=case.returns + (step == "ask_return"),
        assigned=case.assigned or step == "assign",
        extended=case.extended or step == "extend",
        reviews=case.reviews + (step == "decide_review"),
    )


def answer_due(
    start: date,
    limit: Limit,
    calendar: Calendar,
    stops: Sequence[Exclusion] = (),
    extension: Extension | None = None,
) -> Due:
    """The answer's due day, from acceptance on.

    An extension was granted before the due day of then, and told to the complainant: a limit or a
    calendar that has changed since moves the day and does not take it back.
    """
    granted = (Extension(extension.number, start),) if extension else ()
    return due(start, limit, calendar, exclusions=stops, extensions=granted)


def deadline(
    state: State,
    since: date | datetime,
    calendar: Calendar,
    *,
    answer_due: Due | None = None,
    reply_days: int = 0,
) -> Deadline | None:
    """The owner and next deadline of a case that is in this state ``since`` then.

    ``answer_due``: the answer's own due day, counted from acceptance; without it that of a plain
    complaint from ``since``. ``reply_days``: working days that were given to reply, 0 for the
    limit. None when the case is over.
    """
    duty = DUTIES.get(state)
    if duty is None:
        return None
    if duty.limit is None:
        found = answer_due or due(since, limit("complaint", calendar), calendar)
    elif state == "waiting" and reply_days:
        found = due(since, Limit(reply_days), calendar)
    else:
        found = due(since, limit(duty.limit, calendar), calendar)
    if found.day is None:
        return Deadline(duty.owner, "calendar_unknown", _earliest(since, found), found)
    return Deadline(duty.owner, duty.kind, end_of(found.day), found)


def check_extension(
    case: Case, number: int, today: date, answer_due: Due, *, most: int
) -> str | None:
    """Why an office may not extend by so many working days, as a message key, or None.

    Once, at most ``most`` working days, before the due day; a calendar that does not know the day
    does not say that it has come.
    """
    if case.extended:
        return "lifecycle.extension.twice"
    if not 1 <= number <= most:
        return "lifecycle.extension.number"
    if answer_due.day is not None and today >= answer_due.day:
        return "lifecycle.extension.late"
    return None


def notice(
    due_day: date, today: date, calendar: Calendar
) -> Literal["reminder", "escalation"] | None:
    """What a due day asks for today: a reminder 2 and 1 working days before, an escalation on
    the first working day after it and every 5 working days from then. Nothing on rest days.

    Raises CalendarUnknown.
    """
    if not calendar.is_working_day(today):
        return None
    over = calendar.count(due_day, today)
    if -over in REMIND_BEFORE:
        return "reminder"
    return "escalation" if over > 0 and (over - 1) % ESCALATE_EVERY == 0 else None


def is_answer_late(state: str, owner: str | None, due_on: date | None, today: date) -> bool:
    """Whether the answer should have been there by now; computed, never stored. Not while the
    complainant is asked, as the clock stands still, nor once it was given: a rework and a review
    have a day of their own."""
    if owner is None or due_on is None or state in _GIVEN:
        return False
    return today > due_on and not (state == "waiting" and owner == "complainant")


def end_of(day: date) -> datetime:
    """The moment from which that day is over, in Shanghai."""
    return datetime.combine(day + _DAY, time(0), SHANGHAI)


def _transition(state: State, step: Step) -> Transition:
    found = _BY_STEP.get((state, step))
    if found is None:
        known = sorted(line.step for line in TABLE if line.state == state)
        raise InvalidStep(f"{step} is no step when {state}; steps: {', '.join(known) or 'none'}")
    return found


def _earliest(since: date | datetime, found: Due) -> datetime:
    """N working days last at least N calendar days, so nothing is missed by looking then."""
    return end_of(day_of(since) + found.limit.number * _DAY)

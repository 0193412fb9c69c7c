"""Where a case stands, as far as the next step needs to know, and how a step is taken.

`begin(case, calendar, now)` is followed by `.then(step, by, …)` as often as things happen in the
same moment, and the whole goes to `complaints.store.standing.update_case` in one statement, which
compares: of two who saw the same case, the second changes nothing. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from board.calendar import Calendar, CalendarUnknown
from board.ids import new_id
from complaints import lifecycle, timers
from complaints.lifecycle import DUTIES, Actor, ComplaintKind, State, Step
from complaints.limits import Due, Exclusion, Extension, Limit, local
from complaints.model import LETTER_EVENTS, ActorKind
from complaints.terms import limit

_TICK = timedelta(microseconds=1)

# What the timeline calls a step that was taken.
TOLD: Mapping[Step, str] = {
    "accept": "accepted",
    "decline": "declined",
    "merge": "merged",
    "hand_over": "handed_over",
    "confirm_receipt": "receipt_confirmed",
    "dispatch": "dispatched",
    "sign": "signed",
    "take_up": "taken_up",
    "ask_return": "return_asked",
    "refuse_return": "return_refused",
    "dispute": "disputed",
    "assign": "assigned",
    "ask": "asked",
    "reply": "replied",
    "resume": "resumed",
    "extend": "extended",
    "answer": "answered",
    "release": "released",
    "send_back": "sent_back",
    "rate": "rated",
    "lapse": "lapsed",
    "redo": "rework",
    "close": "closed",
    "ask_review": "review_asked",
    "ask_final_review": "final_review_asked",
    "decide_review": "review_decided",
    "archive": "archived",
    "withdraw": "withdrawn",
    "reroute": "rerouted",
    "take_back": "rerouted",
    "unmerge": "unmerged",
}
# States whose beginning a case remembers: a return and a review have their time from then.
BEGINS: frozenset[State] = frozenset({"dispatched", "refused", "assigned", "closed"})
# States whose own limit is what the office has to answer within, from the day they begin.
NEW_LIMIT: frozenset[State] = frozenset({"rework", "review", "final_review"})


@dataclass(frozen=True, slots=True)
class By:
    """Who takes a step: an office by its code, a desk user by its login, nobody else by name."""

    kind: ActorKind
    name: str | None = None


SYSTEM = By("system")
COMPLAINANT = By("complainant")


class Standing(NamedTuple):
    """A case as it stands. `steps` counts the steps taken; moments are aware.

    `limit`, `limit_start`, `stops` and `extension` are what the answer's due day `due_on` is
    counted from (R13); all None or empty before the case was accepted. A named tuple: timers make
    ten thousand of them at a time.
    """

    id: UUID
    number: str
    state: State
    steps: int
    owner: str | None
    office: str | None
    sealed: bool
    language: str
    created_at: datetime
    next_at: datetime | None
    next_kind: str | None
    wake_at: datetime | None
    due_on: date | None
    limit_start: date | None
    calendar_version: str | None
    unit: str | None
    staff_badge: str | None
    matter: str | None
    returns: int = 0
    assigned: bool = False
    reviews: int = 0
    escalations: int = 0
    kind: ComplaintKind = "complaint"
    supervised_at: datetime | None = None
    wiped_at: datetime | None = None
    merged_into: UUID | None = None
    # When it last came to an office to be signed for, or was closed; kept of nothing else.
    since: datetime | None = None
    limit: Limit | None = None
    extension: Extension | None = None
    stops: tuple[Exclusion, ...] = ()
    # The day on which the complainant was asked, while the answer is awaited, and how many working
    # days were given; no more than these stop the clock.
    asked_on: date | None = None
    asked_days: int = 0

    @property
    def case(self) -> lifecycle.Case:
        """What the table of steps asks of it."""
        return lifecycle.Case(
            self.state, self.returns, self.assigned, self.extension is not None, self.reviews
        )

    def allowed(self, actor: Actor) -> tuple[Step, ...]:
        """The steps that this actor may take now."""
        return lifecycle.allowed(self.case, actor)

    def answer_due(self, calendar: Calendar) -> Due | None:
        """The answer's due day, counted anew; None before the case was accepted."""
        if self.limit is None or self.limit_start is None:
            return None
        return lifecycle.answer_due(
            self.limit_start, self.limit, calendar, self.stops, self.extension
        )

    @property
    def timed(self) -> timers.Timed:
        """What the timers ask of it; a case that is over waits for its archive or its wiping."""
        day = None
        if self.state in lifecycle.OVER:
            known = self.state == "closed" and self.next_kind != "calendar_unknown"
            if known and self.wake_at is not None:
                day = local(self.wake_at - _TICK).date()
            return timers.Timed(self.state, day, self.wake_at)
        # An office that asks without time left is late as if it had not asked.
        state: State = "in_hand" if self.asks_on_own_time else self.state
        if self.next_at is not None and self.next_kind != "calendar_unknown":
            day = local(self.next_at - _TICK).date()
        return timers.Timed(state, day, self.next_at)

    @property
    def asks_on_own_time(self) -> bool:
        """Whether the complainant is asked while the answer's clock runs on."""
        asked = self.state == "waiting" and self.asked_on is not None
        return asked and self.asked_days == 0


@dataclass(frozen=True, slots=True)
class Happened:
    """An event to write: `data` holds codes and days; `words` what a person wrote with it."""

    id: UUID
    at: datetime
    kind: str
    by: By
    data: Mapping[str, Any]
    words: str = ""
    message: str = ""
    shown: bool = False

    @property
    def letter(self) -> bool:
        """Whether somebody has to be written to."""
        return self.kind in LETTER_EVENTS


class Move(NamedTuple):
    """What was, what becomes of it, and what is told; `now` is aware."""

    was: Standing
    case: Standing
    calendar: Calendar
    now: datetime
    events: tuple[Happened, ...] = ()

    def then(
        self,
        step: Step,
        by: By,
        *,
        office: str | None = None,
        data: Mapping[str, Any] | None = None,
        words: str = "",
        message: str = "",
        shown: bool = False,
        **facts: Any,
    ) -> "Move":
        """Takes a step. `office` is the one that has the case from now on, None for who has it and
        "" for nobody, which leaves it to the desk; `facts` are fields of `Standing` that the step
        settles. Raises `lifecycle.InvalidStep`."""
        after = lifecycle.advance(self.case.case, step, by.kind)
        moved = self.case._replace(
            state=after.state,
            steps=self.case.steps + 1,
            returns=after.returns,
            assigned=after.assigned,
            reviews=after.reviews,
            since=_since(self.case, after.state, self.now),
            office=self.case.office if office is None else office or None,
            **facts,
        )
        begun = after.state != self.case.state
        settled = _settle(moved, self.case, self.calendar, self.now, begun=begun)
        told = {"office": settled.office, "due": _iso(settled.due_on), **(data or {})}
        return self._replace(case=settled).tell(
            TOLD[step], by, told, words=words, message=message, shown=shown
        )

    def tell(
        self,
        kind: str,
        by: By,
        data: Mapping[str, Any],
        *,
        words: str = "",
        message: str = "",
        shown: bool = False,
    ) -> "Move":
        """Adds an event that changes no state; a microsecond apart, so that order is kept."""
        at = self.now + len(self.events) * _TICK
        event = Happened(new_id(at), at, kind, by, data, words, message, shown)
        return self._replace(events=(*self.events, event))

    def noting(self, *, looked: bool = False, **facts: Any) -> "Move":
        """Settles fields of `Standing` without a step of the table; the count of steps moves, so
        that two who do this at once are told apart.

        `looked`: the timers did what was owed. Anything else leaves what is owed to them.
        """
        moved = self.case._replace(steps=self.case.steps + 1, **facts)
        plan = _plan if looked else _kept
        return self._replace(case=plan(moved, self.calendar, self.now))

    @property
    def revokes_links(self) -> bool:
        """Whether links handed out before are worth nothing from now on."""
        return self.was.office != self.case.office


def begin(case: Standing, calendar: Calendar, now: datetime) -> Move:
    """A move of a case that nothing has happened to yet."""
    return Move(case, case, calendar, now)


def accepted(
    calendar: Calendar, now: datetime, kind: ComplaintKind = "complaint"
) -> dict[str, Any]:
    """The facts of the step "dispatch" when the answer's clock starts with it."""
    return {"kind": kind, "limit": limit(kind, calendar), "limit_start": local(now).date()}


def asked(case: Standing, calendar: Calendar, now: datetime) -> dict[str, Any]:
    """The facts of the step "ask": from this day the answer's clock stands still, as many working
    days as the complainant is given: what earlier questions left of the limit for a reply. None
    from the due day on: what is excluded begins with the next day (R6), and none is left then."""
    today = local(now).date()
    answer = case.answer_due(calendar)
    over = answer is not None and answer.day is not None and today >= answer.day
    return {"asked_on": today, "asked_days": 0 if over else days_left(case.stops, calendar)}


def days_left(stops: Sequence[Exclusion], calendar: Calendar) -> int:
    """For how many working days a question still stops the answer's clock, before the due day."""
    stood = sum(_stood(each, calendar) for each in stops)
    return max(limit("reply", calendar).number - stood, 0)


def _stood(stop: Exclusion, calendar: Calendar) -> int:
    """How many working days the clock stood still; all that were given where no calendar says."""
    try:
        return min(calendar.count(stop.start, stop.end), stop.notified)
    except CalendarUnknown:
        return stop.notified


def replied(case: Standing, now: datetime) -> dict[str, Any]:
    """The facts of "reply" and "resume": the clock runs again. It stood still for as many working
    days as the complainant was given, and no longer (R6)."""
    if case.asked_on is None:
        return {}
    stop = Exclusion(case.asked_on, local(now).date(), case.asked_days)
    return {"asked_on": None, "stops": (*case.stops, stop)}


def _since(case: Standing, state: State, now: datetime) -> datetime | None:
    """Signing for a case does not make the time for its return begin anew."""
    if state in BEGINS:
        return now
    return case.since if state == "signed" else None


def _settle(
    case: Standing, was: Standing, calendar: Calendar, now: datetime, *, begun: bool
) -> Standing:
    """Owner, next deadline and the answer's due day, as the state and the clock have them.

    `begun`: the state is another now. Where another office goes on in the same state, the day that
    the complainant was told stays. A step that leaves whose turn it is and until when, as taking
    up does, leaves what was escalated, and what is owed.
    """
    today = local(now).date()
    duty = DUTIES.get(case.state)
    if begun and duty is not None and case.state in NEW_LIMIT and duty.limit is not None:
        new = limit(duty.limit, calendar)
        case = case._replace(limit=new, limit_start=today, extension=None)
    answer = case.answer_due(calendar)
    if answer is not None:
        case = case._replace(due_on=answer.day, calendar_version=answer.calendar_version)
    since = case.limit_start if case.state in NEW_LIMIT and case.limit_start else today
    next_ = lifecycle.deadline(
        "in_hand" if case.asks_on_own_time else case.state,
        since,
        calendar,
        answer_due=answer,
        reply_days=case.asked_days,
    )
    if next_ is None:
        case = case._replace(owner=None, next_at=None, next_kind=None, wake_at=None, escalations=0)
    else:
        nobody = next_.owner == "office" and case.office is None
        owner = "desk" if nobody else next_.owner
        case = case._replace(owner=owner, next_at=next_.at, next_kind=next_.kind)
        if _turn(case) == _turn(was):
            return _kept(case, calendar, now)
        case = case._replace(escalations=0, wake_at=None)
        same = (case.next_at, case.next_kind) == (was.next_at, was.next_kind)
        if same and was.escalations:
            # Another office goes on with what was told of as late: it has time until the next time.
            return _plan(case, calendar, now)
        # A clock that runs again may have run out by now: that is owed at once.
        return _kept(case, calendar, now)
    return _plan(case, calendar, now)


def _turn(case: Standing) -> tuple[Any, ...]:
    """Whose turn it is, and until when."""
    return case.owner, case.office, case.next_at, case.next_kind


def _plan(case: Standing, calendar: Calendar, now: datetime) -> Standing:
    """When the system looks at it next."""
    if case.state == "closed":
        at, kind = timers.look_at_closed(case.since or now, now, calendar)
        return case._replace(wake_at=at, next_kind=kind)
    if case.owner is None:
        return case._replace(wake_at=None if case.wiped_at else now + timers.KEPT)
    return case._replace(wake_at=timers.next_look(case.timed, now, calendar))


def _kept(case: Standing, calendar: Calendar, now: datetime) -> Standing:
    """As it was planned: what happens to an ended case keeps its words no longer."""
    if case.owner is None:
        return case
    look = timers.keep_look(case.timed, case.wake_at, case.escalations, now, calendar)
    return case._replace(wake_at=look)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

"""What is foreseen of another calendar or other limits is what the sweep writes, and both are what
somebody finds who goes through the days one by one, by a wall calendar and the county's limits.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as st

from board.calendar import Calendar
from complaints.effects import Effect
from complaints.limits import SHANGHAI, Limit
from complaints.recounting import counted_anew
from complaints.terms import DEFAULTS, in_force

DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)
NOW = datetime(2026, 12, 7, 10, tzinfo=SHANGHAI)
Limits = Mapping[Any, Limit]

# Beside the states that wait for the answer itself: which limit each is ended by.
STATES = {
    "received": "accept", "accepted": "dispatch", "handed_over": "confirm_receipt",
    "dispatched": "sign", "assigned": "sign", "refused": "sign", "waiting": "reply",
    "return_asked": "decide_return", "disputed": "decide_dispute", "answered": "release",
    "released": "rating", "followed_up": "follow_up", "rework": "rework", "review": "review",
    "final_review": "review",
}  # fmt: skip
WAITS_FOR_ANSWER = ("signed", "in_hand")
UNANSWERED = (
    "dispatched", "assigned", "refused", "signed", "in_hand", "waiting", "return_asked", "disputed"
)  # fmt: skip
# Before it is accepted nothing is promised, and of what is sealed nothing ever is.
NOT_PROMISED = ("received", "accepted", "handed_over")
OWN_ANSWER = ("rework", "review", "final_review")


@dataclass(frozen=True)
class Wall:
    """The calendar on the wall: `closed` are days off by the notice or by a typhoon."""

    years: frozenset[int]
    closed: frozenset[date]

    def works(self, day: date) -> bool | None:
        """None for a year of which there is no calendar yet."""
        if day.year not in self.years:
            return None
        return day.weekday() < 5 and day not in self.closed

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.years, closures=self.closed)


@dataclass(frozen=True)
class Case:
    state: str
    kind: str
    since: date
    accepted: date
    # Working days that were granted, and when.
    extended: tuple[int, date] | None
    # The clock stood still after the first day, through the second, for so many working days.
    stop: tuple[date, date, int] | None
    reply_days: int


def counted(start: date, limit: Limit, wall: Wall, stop: Any = None) -> date | None:
    """The day on which that limit ends, a day at a time; None where the wall does not say."""
    day, left, stood = start, limit.number, 0
    while left:
        day += DAY
        works = wall.works(day)
        if limit.unit == "calendar_day":
            left -= 1
        elif works is None:
            return None
        elif works and stop and stop[0] < day <= stop[1] and stood < stop[2]:
            stood += 1
        else:
            left -= works
    while limit.unit == "calendar_day" and not (works := wall.works(day)):
        if works is None:
            return None
        day += DAY
    return day


def answer_limit(case: Case, was: Limits, limits: Limits) -> Limit | None:
    if case.state in NOT_PROMISED:
        return None
    if case.state in OWN_ANSWER:
        return limits[STATES[case.state]]
    # Once it was given, it is held against what was promised then.
    return limits[case.kind] if case.state in UNANSWERED else was[case.kind]


def days_of(case: Case, was: Limits, limits: Limits, wall: Wall) -> tuple[date | None, date | None]:
    """The answer's due day and the next deadline; None for none, and for one that is unknown."""
    answer = answer_limit(case, was, limits)
    due = None
    if answer:
        due = counted(case.accepted, answer, wall, case.stop)
        # What was granted in time, by the limit of then, stays.
        if due and case.extended:
            longer = Limit(answer.number + case.extended[0], answer.unit)
            due = counted(case.accepted, longer, wall, case.stop)
    if case.state in WAITS_FOR_ANSWER or (case.state == "waiting" and not case.reply_days):
        return due, due
    if case.state == "waiting":
        return due, counted(case.since, Limit(case.reply_days), wall)
    since = case.accepted if case.state in OWN_ANSWER else case.since
    return due, counted(since, limits[STATES[case.state]], wall)


def end(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + DAY


def row_of(number: int, case: Case, was: Limits, wall: Wall) -> dict[str, Any]:
    """A row of the database, as the sweep reads it, of a case that was counted before."""
    due, next_ = days_of(case, was, was, wall)
    limit = answer_limit(case, was, was)
    stops = []
    if case.stop:
        stops.append([case.stop[0].isoformat(), case.stop[1].isoformat(), case.stop[2]])
    if case.state == "waiting":
        stops.append([case.since.isoformat(), None, case.reply_days])
    return {
        "id": UUID(int=number), "number": str(number), "office": None, "state": case.state,
        "kind": case.kind, "next_at": end(next_ or case.since + DAY),
        "next_kind": "sign" if next_ else "calendar_unknown", "due_on": due,
        "limit_number": limit.number if limit else None,
        "limit_unit": limit.unit if limit else None,
        "limit_start": case.accepted if limit else None,
        "extended_by": case.extended[0] if case.extended else None,
        "extended_on": case.extended[1] if case.extended else None,
        "wake_at": None, "escalations": 0, "stops": stops or None, "unit": "RS",
        "staff_badge": None,
        "since": datetime(case.since.year, case.since.month, case.since.day, 9, tzinfo=SHANGHAI),
    }  # fmt: skip


days = st.dates(date(2026, 10, 1), date(2026, 12, 6))
walls = st.builds(
    Wall,
    st.sampled_from([frozenset({2026}), frozenset({2026, 2027})]),
    st.frozensets(st.dates(date(2026, 11, 1), date(2027, 1, 31)), max_size=8),
)
limits_ = st.dictionaries(
    st.sampled_from(sorted(DEFAULTS)), st.builds(Limit, st.integers(1, 40)), max_size=5
) | st.just({"review": Limit(45, "calendar_day"), "rework": Limit(9, "calendar_day")})


@st.composite
def cases(draw: Any) -> Case:
    state = draw(st.sampled_from([*STATES, *WAITS_FOR_ANSWER]))
    accepted = draw(days)
    since = draw(st.dates(accepted, date(2026, 12, 6)))
    # What is done again has a limit of its own, which nothing has stopped yet.
    touched = state not in (*OWN_ANSWER, *NOT_PROMISED)
    extended = draw(st.none() | st.tuples(st.integers(1, 10), days)) if touched else None
    stop = None
    if touched and state != "waiting" and draw(st.booleans()):
        within = st.dates(accepted, date(2026, 12, 6))
        first, last = sorted((draw(within), draw(within)))
        stop = first, last, draw(st.integers(1, 10))
    return Case(
        state, draw(st.sampled_from(["enquiry", "help", "complaint"])), since, accepted,
        extended, stop, draw(st.integers(0, 10)) if state == "waiting" else 0,
    )  # fmt: skip


STORM = Wall(frozenset({2026}), frozenset({date(2026, 12, 8), date(2026, 12, 9)}))
PLAIN = Wall(frozenset({2026}), frozenset())
LATE = Case("in_hand", "complaint", date(2026, 11, 10), date(2026, 11, 9), None, None, 0)


@settings(deadline=None)
@given(st.lists(cases(), min_size=1, max_size=6), walls, walls, limits_, limits_)
@example([LATE], PLAIN, STORM, {}, {})
@example([LATE], PLAIN, PLAIN, {}, {"complaint": Limit(40)})
@example([LATE], PLAIN, PLAIN, {}, {"complaint": Limit(5)})
def test_foreseen_written_and_counted_by_hand_are_the_same(
    found: list[Case], before: Wall, after: Wall, was: Any, becomes: Any
) -> None:
    old, new = {**DEFAULTS, **was}, {**DEFAULTS, **becomes}
    terms = in_force(after.calendar, becomes)
    rows = [row_of(n, case, old, before) for n, case in enumerate(found)]
    effect, by_hand = Effect(), Counter[str]()
    effect.add(rows, terms, NOW)
    for case, row in zip(found, rows, strict=True):
        due, next_ = days_of(case, old, new, after)
        due_was, next_was = days_of(case, old, old, before)
        written = counted_anew(row, terms, NOW)
        assert written.due_on == due
        assert (written.next_kind == "calendar_unknown") == (next_ is None)
        assert next_ is None or written.next_at == end(next_)
        assert written.next_at > end(case.accepted), "a next deadline there is always"
        # Whoever waits for the answer is told of its due day alone.
        other = next_ != next_was and case.state not in WAITS_FOR_ANSWER
        moved = {"due": due != due_was, "next": other}
        assert {name: name in written.data for name in moved} == moved
        assert (written.event is not None) == any(moved.values())
        late_was, late = (day is not None and end(day) <= NOW for day in (next_was, next_))
        by_hand += Counter(
            due=moved["due"], next=moved["next"], moved=any(moved.values()),
            late=late and not late_was, saved=late_was and not late,
            unknown=bool((due_was and not due) or (other and next_was and not next_)),
        )  # fmt: skip
    names = ("due", "next", "moved", "late", "saved", "unknown")
    assert {name: getattr(effect, name) for name in names} == {n: by_hand[n] for n in names}
    assert effect.read == len(found)

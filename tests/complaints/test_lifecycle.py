"""A complaint's life: what may follow what, who may do it, and that nobody is ever forgotten."""

from datetime import date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from board.calendar import CalendarUnknown, packaged
from complaints.deadlines import SHANGHAI, due
from complaints.lifecycle import (
    ANSWER,
    DUTIES,
    GUARDS,
    OPEN,
    OVER,
    TABLE,
    Actor,
    Case,
    InvalidStep,
    State,
    Step,
    advance,
    allowed,
    check_extension,
    deadline,
    end_of,
    next_state,
    notice,
)
from complaints.terms import DEFAULTS

CALENDAR = packaged()
STATES = get_args(State)


def day(text):
    return date.fromisoformat(text)


def walk(*steps, case=None):
    """Take steps given as ``actor step``; returns the case they lead to."""
    case = case or Case()
    for text in steps:
        actor, step = text.split()
        case = advance(case, step, actor)
    return case


TO_OFFICE = ("system accept", "system dispatch")
TO_ANSWER = (*TO_OFFICE, "office sign", "system take_up", "office answer")
TO_CLOSED = (*TO_ANSWER, "system release", "complainant rate", "system close")


# What is refused


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ("received", "answer"),
        ("dispatched", "answer"),  # sign for it first
        ("in_hand", "ask_return"),  # taken in hand is taken
        ("assigned", "ask_return"),  # no return after the county assigned it
        ("assigned", "dispute"),
        ("answered", "answer"),
        ("closed", "withdraw"),
        ("withdrawn", "withdraw"),
        ("archived", "ask_review"),
        ("declined", "accept"),
        ("review", "ask_review"),
    ],
)
def test_a_step_that_the_state_does_not_know_is_refused_and_the_error_lists_what_is(state, step):
    with pytest.raises(InvalidStep, match=rf"{step} is no step when {state}"):
        next_state(state, step)
    with pytest.raises(InvalidStep):
        advance(Case(state), step, "desk")


@pytest.mark.parametrize(
    ("state", "step", "actor"),
    [
        ("received", "accept", "office"),
        ("received", "accept", "complainant"),
        ("dispatched", "sign", "desk"),
        ("signed", "answer", "desk"),
        ("answered", "release", "office"),  # nobody releases the own answer
        ("released", "rate", "office"),
        ("in_hand", "withdraw", "office"),
        ("disputed", "assign", "office"),
        ("return_asked", "refuse_return", "office"),
    ],
)
def test_a_step_by_somebody_else_is_refused(state, step, actor):
    with pytest.raises(InvalidStep, match=f"{actor} may not {step} when {state}"):
        advance(Case(state), step, actor)


def test_after_the_county_assigned_it_there_is_no_further_return():
    case = walk(
        *TO_OFFICE,
        "office ask_return",
        "desk dispatch",
        "office dispute",
        "desk assign",
        "office sign",
    )
    assert case.assigned
    for step in ("ask_return", "dispute"):
        with pytest.raises(InvalidStep):
            advance(case, step, "office")


def test_a_case_the_county_assigned_at_once_is_not_returned_either():
    assert "ask_return" not in allowed(Case("signed", assigned=True), "office")


def test_the_first_return_is_no_dispute_and_the_second_is():
    first = walk(*TO_OFFICE)
    with pytest.raises(InvalidStep):
        advance(first, "dispute", "office")
    second = walk("office ask_return", "desk dispatch", case=first)
    with pytest.raises(InvalidStep):
        advance(second, "ask_return", "office")
    assert advance(second, "dispute", "office").state == "disputed"


def test_a_refused_return_is_signed_for_or_disputed():
    case = walk(*TO_OFFICE, "office ask_return", "desk refuse_return")
    assert allowed(case, "office") == ("sign", "dispute")


def test_an_extension_is_given_once():
    case = walk(*TO_OFFICE, "office sign", "office extend")
    assert case.state == "in_hand"
    with pytest.raises(InvalidStep):
        advance(case, "extend", "office")


def test_there_is_a_review_and_a_final_review_and_then_nothing():
    closed = walk(*TO_CLOSED)
    with pytest.raises(InvalidStep):
        advance(closed, "ask_final_review", "complainant")
    reviewed = walk("complainant ask_review", "office decide_review", case=closed)
    with pytest.raises(InvalidStep):
        advance(reviewed, "ask_review", "complainant")
    final = walk("complainant ask_final_review", "office decide_review", case=reviewed)
    assert allowed(final, "complainant") == ()
    assert walk("system archive", case=final).state == "archived"


# What is so


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        (["desk decline"], "declined"),
        (["desk merge"], "merged"),
        (["system hand_over"], "handed_over"),
        (["system hand_over", "office confirm_receipt"], "archived"),
        (["system accept"], "accepted"),
        (TO_OFFICE, "dispatched"),
        ([*TO_OFFICE, "office sign"], "signed"),
        ([*TO_OFFICE, "office sign", "office answer"], "answered"),
        ([*TO_OFFICE, "office sign", "office ask_return"], "return_asked"),
        ([*TO_OFFICE, "office sign", "office take_up", "office ask"], "waiting"),
        ([*TO_OFFICE, "office sign", "office ask", "complainant reply"], "in_hand"),
        ([*TO_OFFICE, "office sign", "office ask", "system resume"], "in_hand"),
        ([*TO_ANSWER, "desk send_back"], "rework"),
        ([*TO_ANSWER, "desk send_back", "office answer"], "answered"),
        ([*TO_ANSWER, "system release"], "released"),
        ([*TO_ANSWER, "system release", "system lapse"], "closed"),
        ([*TO_ANSWER, "system release", "complainant rate"], "followed_up"),
        ([*TO_ANSWER, "system release", "complainant rate", "office redo"], "rework"),
        (TO_CLOSED, "closed"),
        ([*TO_CLOSED, "complainant ask_review"], "review"),
        ([*TO_CLOSED, "system archive"], "archived"),
    ],
)
def test_the_ways_of_a_complaint(steps, state):
    assert walk(*steps).state == state


@pytest.mark.parametrize("state", sorted(OPEN))
def test_a_complainant_may_withdraw_from_any_open_state(state):
    assert advance(Case(state), "withdraw", "complainant").state == "withdrawn"


@pytest.mark.parametrize("line", TABLE, ids=lambda line: f"{line.state}-{line.step}")
def test_every_line_of_the_table_names_known_states_steps_people_and_guards(line):
    assert line.state in STATES
    assert line.to in STATES
    assert line.step in get_args(Step)
    assert line.actors
    assert set(line.actors) <= set(get_args(Actor))
    assert line.guard in GUARDS


def test_the_table_has_one_line_for_a_state_and_step_and_uses_every_step():
    assert len({(line.state, line.step) for line in TABLE}) == len(TABLE)
    assert {line.step for line in TABLE} == set(get_args(Step))


def test_every_state_can_be_reached_and_every_open_one_can_be_left():
    reached, fresh = {"received"}, {"received"}
    while fresh:
        fresh = {line.to for line in TABLE if line.state in fresh} - reached
        reached |= fresh
    assert reached == set(STATES)
    left = {line.state for line in TABLE if line.step != "withdraw"}
    assert left >= OPEN


def test_the_desk_and_the_system_together_can_always_move_what_is_not_with_somebody_else():
    for state, duty in DUTIES.items():
        case = Case(state)
        steps = set(allowed(case, duty.owner)) - {"withdraw"}
        assert steps, f"{duty.owner} owns {state} and can do nothing"


def test_open_and_over_together_are_all_states():
    assert set(STATES) == OPEN | OVER
    assert not OPEN & OVER
    assert {"declined", "merged", "closed", "archived", "withdrawn"} == OVER


# Deadlines


@pytest.mark.parametrize(
    ("state", "owner", "kind", "until"),
    [
        ("received", "desk", "accept", "2026-03-12"),
        ("accepted", "desk", "dispatch", "2026-03-10"),
        ("handed_over", "office", "confirm_receipt", "2026-03-10"),
        ("dispatched", "office", "sign", "2026-03-10"),
        ("refused", "office", "sign", "2026-03-10"),
        ("assigned", "office", "sign", "2026-03-10"),
        ("return_asked", "desk", "decide_return", "2026-03-10"),
        ("disputed", "desk", "decide_dispute", "2026-03-12"),
        ("signed", "office", "answer", "2026-03-30"),
        ("in_hand", "office", "answer", "2026-03-30"),
        ("waiting", "complainant", "reply", "2026-03-23"),
        ("answered", "desk", "release", "2026-03-10"),
        ("released", "complainant", "rating", "2026-03-30"),
        ("followed_up", "office", "follow_up", "2026-03-10"),
        ("rework", "office", "rework", "2026-03-16"),
        ("review", "office", "review", "2026-04-08"),
        ("final_review", "office", "review", "2026-04-08"),
    ],
)
def test_owner_and_deadline_of_every_open_state(state, owner, kind, until):
    found = deadline(state, day("2026-03-09"), CALENDAR)
    assert (found.owner, found.kind) == (owner, kind)
    assert found.at == end_of(day(until))


def test_the_table_above_leaves_no_open_state_out():
    assert set(DUTIES) == OPEN


@pytest.mark.parametrize("state", sorted(OVER))
def test_what_is_over_has_no_deadline(state):
    assert deadline(state, day("2026-03-09"), CALENDAR) is None


def test_an_answer_is_due_when_it_was_due_from_the_start_not_from_signing():
    answer_due = due(day("2026-03-02"), ANSWER["enquiry"], CALENDAR)
    found = deadline("signed", day("2026-03-09"), CALENDAR, answer_due=answer_due)
    assert found.at == end_of(day("2026-03-04"))


@pytest.mark.parametrize(("kind", "days"), [("enquiry", 2), ("help", 10), ("complaint", 15)])
def test_answers_by_kind(kind, days):
    assert (ANSWER[kind].number, ANSWER[kind].unit) == (days, "working_day")


def test_a_review_is_asked_for_within_thirty_calendar_days():
    assert (DEFAULTS["ask_review"].number, DEFAULTS["ask_review"].unit) == (30, "calendar_day")


@pytest.mark.parametrize("state", sorted(OPEN))
def test_without_a_calendar_there_is_still_a_day_to_look_again_but_no_due_day(state):
    found = deadline(state, day("2026-12-31"), CALENDAR)
    assert (found.kind, found.due.at) == ("calendar_unknown", None)
    assert found.at > end_of(day("2026-12-31"))
    assert found.at <= end_of(day("2026-12-31") + timedelta(found.due.limit.number))


def test_a_deadline_ends_with_the_day_in_shanghai():
    assert end_of(day("2026-03-09")) == datetime(2026, 3, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("number", "today", "extended", "key"),
    [
        (10, "2026-03-27", False, None),
        (1, "2026-03-09", False, None),
        (10, "2026-03-30", False, "lifecycle.extension.late"),  # on the due day is too late
        (10, "2026-03-31", False, "lifecycle.extension.late"),
        (11, "2026-03-27", False, "lifecycle.extension.number"),
        (0, "2026-03-27", False, "lifecycle.extension.number"),
        (5, "2026-03-27", True, "lifecycle.extension.twice"),
    ],
)
def test_when_an_office_may_extend(number, today, extended, key):
    answer_due = due(day("2026-03-09"), ANSWER["complaint"], CALENDAR)
    case = Case("in_hand", extended=extended)
    assert check_extension(case, number, day(today), answer_due, most=10) == key


def test_an_unknown_due_day_has_not_come():
    unknown = due(day("2026-12-20"), ANSWER["complaint"], CALENDAR)
    found = check_extension(Case("in_hand"), 5, day("2026-12-21"), unknown, most=10)
    assert found is None


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ("2026-03-10", None),
        ("2026-03-11", "reminder"),  # two working days before
        ("2026-03-12", "reminder"),
        ("2026-03-13", None),  # the due day, a Friday
        ("2026-03-14", None),
        ("2026-03-15", None),
        ("2026-03-16", "escalation"),
        ("2026-03-17", None),
        ("2026-03-20", None),
        ("2026-03-23", "escalation"),  # again after five working days
        ("2026-03-30", "escalation"),
    ],
)
def test_reminders_and_escalations(today, said):
    assert notice(day("2026-03-13"), day(today), CALENDAR) == said


@pytest.mark.parametrize(
    ("due_day", "today"),
    [
        ("2026-03-16", "2026-03-14"),  # the reminder came on Friday
        ("2026-03-12", "2026-03-14"),  # and the escalation too
    ],
)
def test_nobody_is_written_to_on_a_rest_day(due_day, today):
    assert notice(day(due_day), day(today), CALENDAR) is None
    assert notice(day(due_day), day("2026-03-13"), CALENDAR) is not None


def test_a_reminder_is_not_guessed_for_an_unpublished_year():
    with pytest.raises(CalendarUnknown):
        notice(day("2026-12-31"), day("2027-01-04"), CALENDAR)


# No open complaint is ever without an owner and a next deadline


class Life(RuleBasedStateMachine):
    """Anybody does anything that is allowed, in any order, on any days."""

    @initialize(on=st.dates(date(2024, 1, 1), date(2026, 12, 31)))
    def filed(self, on):
        self.case, self.on = Case(), on

    @precondition(lambda self: self.case.state in OVER)
    @rule(on=st.dates(date(2024, 1, 1), date(2026, 12, 31)))
    def another_is_filed(self, on):
        self.case, self.on = Case(), on

    @precondition(lambda self: any(allowed(self.case, actor) for actor in get_args(Actor)))
    @rule(data=st.data(), later=st.integers(0, 40))
    def somebody_acts(self, data, later):
        actors = [actor for actor in get_args(Actor) if allowed(self.case, actor)]
        actor = data.draw(st.sampled_from(actors))
        step = data.draw(st.sampled_from(allowed(self.case, actor)))
        expected = next_state(self.case.state, step)
        self.case = advance(self.case, step, actor)
        self.on += timedelta(later)
        assert self.case.state == expected

    @invariant()
    def an_open_case_has_an_owner_and_a_deadline_that_lies_ahead(self):
        found = deadline(self.case.state, self.on, CALENDAR)
        if self.case.state in OVER:
            assert found is None
        else:
            assert found.owner in ("desk", "office", "complainant")
            assert found.at > datetime.combine(self.on, datetime.min.time(), SHANGHAI)

    @invariant()
    def what_may_happen_once_happened_at_most_once(self):
        assert self.case.returns <= 1
        assert self.case.reviews <= 2


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)

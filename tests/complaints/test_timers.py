"""When the system looks at a case by itself: reminders, escalations, the end of a wait."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.calendar import packaged
from complaints.lifecycle import end_of
from complaints.limits import SHANGHAI
from complaints.offices import Facts
from complaints.timers import Timed, archive_at, escalate_to, keep_look, next_look, owed
from tests import people

CALENDAR = packaged()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def case(due: str | None, state: str = "in_hand") -> Timed:
    if due is None:
        return Timed(state, None, at("2027-06-01T00:00"))
    day = date.fromisoformat(due)
    return Timed(state, day, end_of(day))


def looks(timed: Timed, after: str, n: int) -> list[str]:
    """The next n looks with what is owed at each."""
    moment, found = at(after), []
    for _ in range(n):
        following = next_look(timed, moment, CALENDAR)
        assert following is not None
        assert following > moment
        moment = following
        found.append(f"{moment:%m-%d %H:%M} {owed(timed, moment, CALENDAR)}")
    return found


def test_a_case_that_is_over_is_never_looked_at() -> None:
    assert next_look(Timed("withdrawn", None, None), at("2026-03-02T10:00"), CALENDAR) is None


def test_nothing_is_escalated_before_the_due_day_is_over() -> None:
    assert owed(case("2026-03-13"), at("2026-03-13T23:59"), CALENDAR) != "escalation"
    assert owed(case("2026-03-13"), at("2026-03-14T00:00"), CALENDAR) == "escalation"


@pytest.mark.parametrize(
    ("planned", "now", "what"),
    [
        # Looked at only because next year's calendar was missing: 29 December is the day that was.
        ("2026-12-30T08:30", "2026-12-30T08:30", "look"),
        ("2026-12-31T08:30", "2026-12-31T08:30", "look"),
        ("2026-12-29T08:30", "2026-12-29T08:30", "escalation"),
        # In the night before nobody is told yet: that would be told again in the morning.
        ("2026-12-14T08:30", "2026-12-15T01:18", "look"),
        ("2026-12-14T08:30", "2026-12-15T08:30", "escalation"),
        # A process that was dead for days does what was owed meanwhile.
        ("2026-12-15T08:30", "2026-12-18T11:00", "escalation"),
        ("2026-12-16T08:30", "2026-12-18T11:00", "look"),
        ("2026-12-10T08:30", "2026-12-18T11:00", "escalation"),
    ],
)
def test_a_look_that_was_planned_for_nothing_escalates_nothing(
    planned: str, now: str, what: str
) -> None:
    assert owed(case("2026-12-14"), at(now), CALENDAR, at(planned)) == what


def test_a_reminder_two_days_and_one_day_before_and_escalations_after() -> None:
    # Due on a Friday; Monday is the first working day after it.
    assert looks(case("2026-03-13"), "2026-03-02T10:00", 5) == [
        "03-11 08:30 reminder",
        "03-12 08:30 reminder",
        "03-16 08:30 escalation",
        "03-23 08:30 escalation",
        "03-30 08:30 escalation",
    ]


def test_the_holidays_of_national_day_are_jumped_over() -> None:
    assert looks(case("2026-09-30"), "2026-09-27T20:00", 4) == [
        "09-28 08:30 reminder",
        "09-29 08:30 reminder",
        "10-08 08:30 escalation",
        "10-14 08:30 escalation",
    ]


def test_a_short_deadline_has_only_the_reminders_that_still_lie_ahead() -> None:
    # Dispatched on Thursday at ten, to be signed for by Friday: no reminder is left today.
    assert looks(case("2026-03-13", "dispatched"), "2026-03-12T10:00", 2) == [
        "03-16 08:30 escalation",
        "03-23 08:30 escalation",
    ]


def test_a_wait_for_the_complainant_is_reminded_of_and_then_ends_by_itself() -> None:
    assert looks(case("2026-03-13", "waiting"), "2026-03-02T10:00", 3) == [
        "03-11 08:30 reminder",
        "03-12 08:30 reminder",
        "03-14 00:00 end",
    ]


def test_nobody_is_pressed_for_a_rating() -> None:
    assert looks(case("2026-03-13", "released"), "2026-03-02T10:00", 1) == ["03-14 00:00 end"]


def test_a_calendar_that_says_nothing_is_asked_again_the_next_morning() -> None:
    assert looks(case(None), "2026-03-02T10:00", 2) == ["03-03 08:30 look", "03-04 08:30 look"]
    unpublished = case("2026-12-31")
    assert looks(unpublished, "2026-12-31T10:00", 1) == ["01-01 08:30 look"]


def test_a_closed_case_is_archived_when_no_review_can_be_asked_for_any_more() -> None:
    # 30 calendar days from 2 March end on Wednesday, 1 April.
    assert archive_at(at("2026-03-02T10:00"), CALENDAR) == at("2026-04-02T00:00")
    assert owed(case("2026-04-01", "closed"), at("2026-04-02T00:00"), CALENDAR) == "end"


@given(
    due=st.dates(date(2026, 2, 1), date(2026, 11, 30)),
    dead=st.integers(1, 60 * 24),
    state=st.sampled_from(["in_hand", "waiting", "dispatched", "rework"]),
)
def test_whoever_was_dead_does_what_is_owed_once(due: date, dead: int, state: str) -> None:
    """After any pause the next look lies ahead, and within eight weeks of what is due."""
    timed = Timed(state, due, end_of(due))
    woken = end_of(due) - timedelta(days=10) + timedelta(hours=dead)
    following = next_look(timed, woken, CALENDAR)
    assert following is not None
    assert woken < following <= max(woken, end_of(due)) + timedelta(days=56)


@pytest.mark.parametrize(
    ("office", "times", "above"),
    [
        ("O-RS", 1, "O-ST"),
        ("O-RS", 2, "O-JW"),
        # The county desk hears of it before its number leaves the county.
        ("O-RS", 3, "desk"),
        ("O-JW", 1, "desk"),
        ("O-JW", 2, "O-UP"),
        ("O-RS", 9, "desk"),
        (None, 1, "desk"),
    ],
)
def test_each_escalation_climbs_one_office(office: str | None, times: int, above: str) -> None:
    directory = people.DIRECTORY
    assert escalate_to(directory.office(office), times, "RS", directory) == above


def test_an_escalation_passes_over_who_may_not_answer_the_case() -> None:
    directory = people.DIRECTORY
    office = directory.office("O-RS")
    for recused in ("O-ST", "O-JW"):
        facts = Facts((), recused=frozenset({recused}), answered=("O-ST", "O-JW"))
        heard = [escalate_to(office, n, "RS", directory, facts) for n in (1, 2, 3, 4)]
        assert recused not in heard
        assert heard[1:3] == ["desk", "O-UP"]


@pytest.mark.parametrize("state", ["waiting", "released", "closed", "in_hand"])
def test_what_no_calendar_says_neither_ends_nor_is_late(state: str) -> None:
    unknown = Timed(state, None, at("2027-01-05T00:00"))  # type: ignore[arg-type]
    assert owed(unknown, at("2027-02-01T08:30"), CALENDAR) == "look"
    following = next_look(unknown, at("2027-02-01T08:30"), CALENDAR)
    assert following == at("2027-02-02T08:30")


@pytest.mark.parametrize(
    ("planned", "escalations", "look"),
    [
        ("2026-03-16T08:30", 0, "2026-03-16T08:30"),
        ("2026-03-16T08:30", 1, "2026-03-16T08:30"),
        # Another calendar moved the day into the past: its first escalation is not passed over.
        (None, 0, "2026-03-16T08:30"),
        ("2026-03-23T08:30", 1, "2026-03-23T08:30"),
    ],
)
def test_a_note_leaves_what_is_owed(planned: str | None, escalations: int, look: str) -> None:
    was = at(planned) if planned else None
    kept = keep_look(case("2026-03-13"), was, escalations, at("2026-03-16T09:00"), CALENDAR)
    assert kept == at(look)

"""The published calendar ends with its year: until the next one is there nobody guesses (R12), and
what happens to a case by hand swallows nothing that the timers owe it."""

from datetime import date, datetime, timedelta

import pytest

from board.calendar import Calendar
from complaints.limits import SHANGHAI
from complaints.standing import SYSTEM, By, Move, Standing, begin
from complaints.steps import complainant, desk, office, system
from complaints.steps.words import Refused
from tests.complaints.test_steps import (
    CALENDAR,
    LIANG,
    MONDAY,
    WHY,
    closed,
    in_hand,
    office_of,
    released,
    waiting_at_desk,
)
from tests.people import DIRECTORY

YEAR = Calendar.of([2026], off=[date(2026, 1, 1)])
NEXT = Calendar.of([2026, 2027], off=[date(2026, 1, 1), date(2027, 1, 1)])
OFFICE = By("office", "O-RS")
DECEMBER = datetime(2026, 12, 21, 10, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


def signed(now: datetime) -> Move:
    case = waiting_at_desk()._replace(created_at=now)
    sent = desk.dispatch(case, office_of("O-RS"), "", LIANG, calendar=YEAR, now=now)
    return begin(sent.case, YEAR, now).then("sign", OFFICE)


def lived(case: Standing, now: datetime, days: int, calendar: Calendar) -> tuple[Standing, list]:
    """The case after so many days in which nobody but the timers looked at it."""
    told = []
    end = now + days * DAY
    while case.wake_at is not None and case.wake_at <= end:
        now = max(now, case.wake_at)
        move = system.wake(case, DIRECTORY, calendar, now)
        told += [each.kind for each in move.events]
        case = move.case
    return case, told


def test_silence_does_not_close_on_a_guessed_day() -> None:
    case = signed(DECEMBER).then("answer", OFFICE).then("release", SYSTEM).case
    assert case.next_kind == "calendar_unknown"
    after, told = lived(case, DECEMBER, 60, YEAR)
    assert (after.state, told) == ("released", [])


def test_a_question_does_not_end_on_a_guessed_day() -> None:
    asked = office.ask(signed(DECEMBER).case, WHY, calendar=YEAR, now=DECEMBER).case
    after, told = lived(asked, DECEMBER, 60, YEAR)
    assert (after.state, told) == ("waiting", [])


def test_what_was_due_on_the_last_known_day_is_not_escalated_every_day() -> None:
    start = datetime(2026, 12, 10, 10, tzinfo=SHANGHAI)
    case = signed(start).case
    assert case.due_on == date(2026, 12, 31)
    after, told = lived(case, start, 50, YEAR)
    assert told == ["reminded", "reminded"]
    # Once the calendar is there, what was owed comes, and then every five working days.
    _, told = lived(after, start + 51 * DAY, 15, NEXT)
    assert told[:2] == ["breached", "escalated"]
    assert len(told) <= 4


def test_a_closed_case_waits_for_the_calendar_and_may_be_reviewed_meanwhile() -> None:
    start = datetime(2026, 12, 10, 10, tzinfo=SHANGHAI)
    case = signed(start).then("answer", OFFICE).then("release", SYSTEM).case
    case = complainant.rate(case, 5, True, "", None, calendar=YEAR, now=start).case
    assert case.next_kind == "calendar_unknown"
    after, told = lived(case, start, 90, YEAR)
    assert (after.state, told) == ("closed", [])
    above = office_of("O-JW")
    later = start + 91 * DAY
    asked = complainant.ask_review(after, WHY, above, calendar=YEAR, now=later)
    assert asked.case.state == "review"
    # 30 days from 10 December end on a Saturday; the Monday after it is the last day.
    known = system.wake(case, DIRECTORY, NEXT, start + DAY).case
    assert (known.next_kind, known.wake_at) == (None, datetime(2027, 1, 12, tzinfo=SHANGHAI))
    with pytest.raises(Refused, match="review_late"):
        complainant.ask_review(known, WHY, above, calendar=NEXT, now=later)


def test_an_office_may_extend_while_nobody_knows_the_due_day() -> None:
    move = office.extend(signed(DECEMBER).case, WHY, 5, calendar=YEAR, now=DECEMBER + DAY)
    assert move.case.extension is not None


def owed_an_escalation() -> tuple[Standing, datetime]:
    """Late since Monday half past eight, and no worker ran since."""
    case = in_hand()
    assert case.due_on is not None
    day = datetime.combine(case.due_on, datetime.min.time(), SHANGHAI) + timedelta(hours=9)
    case = system.wake(case, DIRECTORY, CALENDAR, day).case
    assert case.wake_at is not None
    return case, case.wake_at + timedelta(minutes=30)


@pytest.mark.parametrize("verb", [desk.note, desk.remind, desk.view_contact])
def test_what_the_desk_does_swallows_no_escalation(verb) -> None:
    case, now = owed_an_escalation()
    after = verb(case, "已电话催办。", LIANG, calendar=CALENDAR, now=now).case
    _, told = lived(after, now, 0, CALENDAR)
    assert told == ["breached", "escalated"]


def test_a_note_moves_neither_the_review_window_nor_the_wiping() -> None:
    case = closed()
    later = MONDAY + 25 * DAY
    noted = desk.note(case, "复核材料已归档。", LIANG, calendar=CALENDAR, now=later).case
    assert noted.wake_at == case.wake_at
    archived = begin(case, CALENDAR, MONDAY).then("archive", SYSTEM).case
    assert archived.wake_at is not None
    late = archived.wake_at + timedelta(hours=1)
    noted = desk.note(archived, "迟到的便条。", LIANG, calendar=CALENDAR, now=late).case
    assert noted.wake_at == archived.wake_at
    wiped = system.wake(noted, DIRECTORY, CALENDAR, late).case
    for verb in (desk.note, desk.view_contact):
        with pytest.raises(Refused, match="wiped"):
            verb(wiped, "何女士来电。", LIANG, calendar=CALENDAR, now=late)


def test_nobody_is_pressed_for_a_rating() -> None:
    with pytest.raises(Refused, match="not_to_remind"):
        desk.remind(released(), "", LIANG, calendar=CALENDAR, now=MONDAY)

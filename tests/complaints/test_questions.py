"""A question stops the answer's clock for so long in all, and never that of a late office."""

from datetime import datetime, time, timedelta

from complaints.limits import SHANGHAI
from complaints.standing import Standing
from complaints.steps import complainant, office, system
from tests.complaints.test_steps import CALENDAR, MONDAY, in_hand
from tests.people import DIRECTORY

DAY = timedelta(days=1)
QUESTION = "请问您是哪一天到窗口办理的？"


def test_however_many_questions_stop_the_clock_ten_working_days_in_all() -> None:
    case, now = in_hand(), MONDAY
    first = case.due_on
    assert first is not None
    for _ in range(4):
        case = office.ask(case, QUESTION, calendar=CALENDAR, now=now).case
        while case.state == "waiting" and case.owner == "complainant":
            assert case.wake_at is not None
            now = case.wake_at
            case = system.wake(case, DIRECTORY, CALENDAR, now).case
        if case.state == "waiting":
            case = office.go_on(case, "李工", calendar=CALENDAR, now=now).case
    assert case.due_on is not None
    assert CALENDAR.count(first, case.due_on) == 10


def late_and_asking() -> Standing:
    now = MONDAY + 60 * DAY
    return office.ask(in_hand(), QUESTION, calendar=CALENDAR, now=now).case


def test_a_late_office_may_ask_and_stays_late() -> None:
    now, case = MONDAY + 60 * DAY, late_and_asking()
    assert (case.state, case.owner, case.due_on) == ("waiting", "office", in_hand().due_on)
    assert case.next_at is not None
    assert case.next_at <= now
    assert case.wake_at is not None
    assert case.wake_at <= now, "what was owed before the question stays owed"
    move = system.wake(case, DIRECTORY, CALENDAR, now)
    assert move.events[-1].kind == "escalated"
    assert office.go_on(move.case, "李工", calendar=CALENDAR, now=now).case.state == "in_hand"


def test_on_the_last_day_a_question_stops_no_clock_and_the_office_is_late_the_day_after() -> None:
    case = in_hand()
    assert case.due_on is not None
    last = datetime.combine(case.due_on, time(10), SHANGHAI)
    assert office.ask(case, QUESTION, calendar=CALENDAR, now=last - DAY * 3).case.asked_days == 10
    asked = office.ask(case, QUESTION, calendar=CALENDAR, now=last).case
    assert (asked.state, asked.owner, asked.asked_days) == ("waiting", "office", 0)
    morning = datetime.combine(case.due_on + DAY, time(8, 30), SHANGHAI)
    assert asked.wake_at is not None
    assert asked.wake_at <= morning
    move = system.wake(asked, DIRECTORY, CALENDAR, morning)
    assert [each.kind for each in move.events] == ["breached", "escalated"]


def test_a_clock_that_ran_out_while_no_process_ran_is_told_of_at_once() -> None:
    case = in_hand()
    assert case.due_on is not None
    asked_at = datetime.combine(case.due_on - 3 * DAY, time(10), SHANGHAI)
    case = office.ask(case, QUESTION, calendar=CALENDAR, now=asked_at).case
    assert case.next_at is not None
    back = case.next_at + 7 * DAY + timedelta(hours=9)
    for again in (
        system.wake(case, DIRECTORY, CALENDAR, back),
        complainant.reply(case, "是星期二。", calendar=CALENDAR, now=back),
    ):
        assert again.case.state == "in_hand"
        assert again.case.next_at is not None
        assert again.case.next_at < back, "its answer was due by then"
        assert again.case.wake_at is not None
        assert again.case.wake_at <= back
        late = system.wake(again.case, DIRECTORY, CALENDAR, back)
        assert [each.kind for each in late.events] == ["breached", "escalated"]
        assert late.case.wake_at is not None
        assert late.case.wake_at > back

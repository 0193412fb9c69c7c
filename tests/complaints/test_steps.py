"""What offices, complainants and the desk may do with a case, and what they may not."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from board.ids import new_id
from complaints.limits import SHANGHAI, Limit
from complaints.merging import takes_over
from complaints.offices import Facts
from complaints.reviews import next_up
from complaints.standing import SYSTEM, By, Move, Standing, begin
from complaints.steps import complainant, desk, office, system
from complaints.steps.words import LONGEST, Refused
from complaints.terms import in_force, limit
from tests.people import COUNTY, DIRECTORY

CALENDAR = COUNTY.calendar
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)
LIANG = By("desk", "liang")
WHY = "该事项由大坪镇负责，请转办。"


def office_of(code: str) -> Any:
    found = DIRECTORY.office(code)
    assert found is not None
    return found


def waiting_at_desk() -> Standing:
    """Somebody complained of nobody whom a rule would know."""
    return Standing(
        id=new_id(MONDAY), number="2026-000001", state="received", steps=0, owner="desk",
        office=None, sealed=False, language="zh-Hans", created_at=MONDAY,
        next_at=MONDAY + 4 * DAY, next_kind="accept", wake_at=MONDAY, due_on=None, limit=None,
        limit_start=None, calendar_version=None, unit="RS", staff_badge=None, matter=None,
    )  # fmt: skip


def dispatched(to: str = "O-RS") -> Standing:
    return desk.dispatch(
        waiting_at_desk(), office_of(to), "", LIANG, calendar=CALENDAR, now=MONDAY
    ).case


def in_hand() -> Standing:
    return begin(dispatched(), CALENDAR, MONDAY).then("sign", By("office", "O-RS")).case


def released() -> Standing:
    answered = begin(in_hand(), CALENDAR, MONDAY).then("answer", By("office", "O-RS"))
    return answered.then("release", SYSTEM).case


def closed() -> Standing:
    return complainant.rate(released(), 5, True, "", None, calendar=CALENDAR, now=MONDAY).case


def kinds(move: Move) -> list[str]:
    return [each.kind for each in move.events]


def at(case: Any, **more: Any) -> dict[str, Any]:
    return {"calendar": CALENDAR, "now": MONDAY, **more}


# What is refused


@pytest.mark.parametrize(
    ("text", "key"),
    [("", "missing"), (" \n ", "missing"), ("的" * (LONGEST + 1), "too_long")],
)
def test_a_return_needs_a_reason(text: str, key: str) -> None:
    with pytest.raises(Refused) as refused:
        office.ask_return(dispatched(), text, "O-TC", DIRECTORY, calendar=CALENDAR, now=MONDAY)
    assert (refused.value.key, refused.value.field) == (key, "reason")


@pytest.mark.parametrize("proposed", ["", "O-NOBODY", "O-RS"])
def test_a_return_names_the_office_that_it_should_be(proposed: str) -> None:
    with pytest.raises(Refused) as refused:
        office.ask_return(dispatched(), WHY, proposed, DIRECTORY, calendar=CALENDAR, now=MONDAY)
    assert refused.value.field == "proposed"


def test_what_is_in_hand_or_answered_is_not_returned() -> None:
    with pytest.raises(Refused, match="no_return"):
        office.ask_return(released(), WHY, "O-TC", DIRECTORY, calendar=CALENDAR, now=MONDAY)


def test_after_the_county_assigned_it_nobody_returns_it() -> None:
    case = dispatched()
    back = office.ask_return(case, WHY, "O-TC", DIRECTORY, calendar=CALENDAR, now=MONDAY)
    again = desk.dispatch(back.case, office_of("O-TC"), "", LIANG, calendar=CALENDAR, now=MONDAY)
    fight = office.ask_return(again.case, WHY, "O-RS", DIRECTORY, calendar=CALENDAR, now=MONDAY)
    # The second return puts the case under supervision by itself.
    assert kinds(fight) == ["disputed", "supervised"]
    assert (fight.events[1].by, fight.case.supervised_at) == (SYSTEM, MONDAY)
    assert fight.case.owner == "desk"
    end = desk.assign(fight.case, office_of("O-RS"), WHY, LIANG, calendar=CALENDAR, now=MONDAY)
    assert (end.case.office, end.case.owner, end.case.state) == ("O-RS", "office", "assigned")
    with pytest.raises(Refused, match="no_return"):
        office.ask_return(end.case, WHY, "O-TC", DIRECTORY, calendar=CALENDAR, now=MONDAY)


def test_a_case_is_returned_within_the_time_to_sign_for_it_and_not_later() -> None:
    office.ask_return(in_hand(), WHY, "O-TC", DIRECTORY, calendar=CALENDAR, now=MONDAY + DAY)
    for case in (in_hand(), dispatched()):
        with pytest.raises(Refused, match="return_late"):
            office.ask_return(case, WHY, "O-TC", DIRECTORY, calendar=CALENDAR, now=MONDAY + 2 * DAY)
    # Whoever gets it later has the same time from then.
    friday = MONDAY + 4 * DAY
    back = office.ask_return(dispatched(), WHY, "O-TC", DIRECTORY, calendar=CALENDAR, now=MONDAY)
    again = desk.dispatch(back.case, office_of("O-TC"), "", LIANG, calendar=CALENDAR, now=friday)
    fight = office.ask_return(
        again.case, WHY, "O-RS", DIRECTORY, calendar=CALENDAR, now=friday + 3 * DAY
    )
    assert fight.case.state == "disputed"


@pytest.mark.parametrize("number", [0, -1, 11])
def test_an_extension_has_one_to_ten_working_days(number: int) -> None:
    with pytest.raises(Refused) as refused:
        office.extend(in_hand(), "需要调取监控。", number, calendar=CALENDAR, now=MONDAY)
    assert refused.value.field == "number"


def test_an_extension_comes_before_the_due_day_and_once() -> None:
    case = in_hand()
    assert case.due_on == date(2026, 3, 23)
    with pytest.raises(Refused, match="late"):
        office.extend(case, "需要调取监控。", 3, calendar=CALENDAR, now=MONDAY + 21 * DAY)
    longer = office.extend(case, "需要调取监控。", 3, calendar=CALENDAR, now=MONDAY)
    assert longer.case.due_on == date(2026, 3, 26)
    assert longer.events[0].shown
    with pytest.raises(Refused, match="twice"):
        office.extend(longer.case, "监控还需要几天才能调齐。", 3, calendar=CALENDAR, now=MONDAY)


def test_a_question_that_pushes_away_does_not_go_out() -> None:
    with pytest.raises(Refused, match="phrase_hard"):
        office.ask(in_hand(), "这事不归我管。", calendar=CALENDAR, now=MONDAY)


def test_a_rating_has_one_of_five_levels_and_comes_after_the_answer() -> None:
    for level in (0, 6):
        with pytest.raises(Refused, match="missing"):
            complainant.rate(released(), level, True, "", None, calendar=CALENDAR, now=MONDAY)
    with pytest.raises(Refused, match="not_to_rate"):
        complainant.rate(in_hand(), 5, True, "", None, calendar=CALENDAR, now=MONDAY)


def test_a_review_is_not_asked_for_late_nor_a_third_time_nor_of_nobody() -> None:
    above = office_of("O-JW")
    late = MONDAY + 40 * DAY
    with pytest.raises(Refused, match="review_late"):
        complainant.ask_review(closed(), WHY, above, calendar=CALENDAR, now=late)
    with pytest.raises(Refused, match="no_more_review"):
        complainant.ask_review(
            closed()._replace(reviews=2), WHY, above, calendar=CALENDAR, now=MONDAY
        )
    with pytest.raises(Refused, match="review_outside"):
        complainant.ask_review(closed(), WHY, None, calendar=CALENDAR, now=MONDAY)
    with pytest.raises(Refused, match="not_closed"):
        complainant.ask_review(in_hand(), WHY, above, calendar=CALENDAR, now=MONDAY)


def test_what_is_over_is_neither_withdrawn_nor_pressed() -> None:
    with pytest.raises(Refused, match="over"):
        complainant.withdraw(closed(), "", calendar=CALENDAR, now=MONDAY)
    with pytest.raises(Refused, match="over"):
        desk.remind(closed(), "", LIANG, calendar=CALENDAR, now=MONDAY)
    with pytest.raises(Refused, match="over"):
        desk.supervise(closed(), "desk", LIANG, calendar=CALENDAR, now=MONDAY)


def test_a_case_is_not_merged_into_itself_nor_into_one_that_is_over() -> None:
    case = waiting_at_desk()
    with pytest.raises(Refused, match="merge_into"):
        desk.merge(case, case, LIANG, calendar=CALENDAR, now=MONDAY)
    with pytest.raises(Refused, match="merge_over"):
        desk.merge(case, closed(), LIANG, calendar=CALENDAR, now=MONDAY)
    with pytest.raises(Refused, match="not_to_merge"):
        desk.merge(released(), waiting_at_desk(), LIANG, calendar=CALENDAR, now=MONDAY)


def test_looking_at_contact_details_needs_a_reason() -> None:
    with pytest.raises(Refused, match="missing"):
        desk.view_contact(in_hand(), " ", LIANG, calendar=CALENDAR, now=MONDAY)


# What happens


def test_the_answers_clock_starts_when_the_desk_accepts() -> None:
    move = desk.dispatch(
        waiting_at_desk(), office_of("O-RS"), "", LIANG, calendar=CALENDAR, now=MONDAY + DAY
    )
    assert kinds(move) == ["accepted", "dispatched"]
    assert move.case.due_on == date(2026, 3, 24)
    assert (move.case.owner, move.case.next_kind) == ("office", "sign")


def test_a_return_moves_neither_the_due_day_nor_the_limit() -> None:
    case = dispatched()
    later = MONDAY + DAY
    back = office.ask_return(case, WHY, "O-TC", DIRECTORY, calendar=CALENDAR, now=later)
    moved = desk.dispatch(back.case, office_of("O-TC"), "", LIANG, calendar=CALENDAR, now=later)
    assert moved.case.due_on == case.due_on
    assert moved.revokes_links


def test_a_declined_case_tells_why() -> None:
    at = {"calendar": CALENDAR, "now": MONDAY}
    where = "县人民法院立案庭"
    for words, channel in (("不归我管", where), ("", where), ("这是合同纠纷，由法院审理。", "")):
        with pytest.raises(Refused):
            desk.decline(waiting_at_desk(), words, channel, LIANG, **at)
    move = desk.decline(waiting_at_desk(), "这是合同纠纷，由法院审理。", where, LIANG, **at)
    assert where in move.events[0].words
    assert (move.case.state, move.case.owner, move.case.next_at) == ("declined", None, None)
    assert move.events[0].shown


@pytest.mark.parametrize(
    ("level", "resolved", "state"),
    [
        (5, True, "closed"),
        (3, True, "closed"),
        (3, False, "followed_up"),
        (2, True, "followed_up"),
        (1, False, "followed_up"),
    ],
)
def test_a_negative_rating_goes_to_the_office_above(level: int, resolved: bool, state: str) -> None:
    above = office_of("O-ST")
    move = complainant.rate(released(), level, resolved, "", above, calendar=CALENDAR, now=MONDAY)
    assert move.case.state == state
    assert move.case.office == ("O-ST" if state == "followed_up" else "O-RS")
    assert ("follow_up" in kinds(move)) == (state == "followed_up")


def test_with_nobody_above_the_desk_follows_up() -> None:
    move = complainant.rate(released(), 1, False, "", None, calendar=CALENDAR, now=MONDAY)
    assert (move.case.owner, move.case.office) == ("desk", None)
    assert move.case.next_at is not None


def test_a_rework_has_five_working_days_of_its_own() -> None:
    rated = complainant.rate(
        released(), 1, False, "", office_of("O-ST"), calendar=CALENDAR, now=MONDAY
    ).case
    move = begin(rated, CALENDAR, MONDAY).then("redo", By("office", "O-ST"))
    assert move.case.due_on == date(2026, 3, 9)


def test_a_review_has_thirty_calendar_days_and_then_a_final_one() -> None:
    first = complainant.ask_review(closed(), WHY, office_of("O-ST"), calendar=CALENDAR, now=MONDAY)
    assert kinds(first) == ["review_asked"]
    assert first.case.due_on == date(2026, 4, 1)
    decided = begin(first.case, CALENDAR, MONDAY).then("decide_review", By("office", "O-ST"))
    final = complainant.ask_review(
        decided.case, WHY, office_of("O-JW"), calendar=CALENDAR, now=MONDAY
    )
    assert kinds(final) == ["final_review_asked"]


def test_the_next_office_up_is_never_one_that_answered_or_is_in_conflict() -> None:
    facts = Facts(categories=(), unit="RS", state="unit", answered=("O-RS",))
    assert next_up("O-RS", facts, DIRECTORY).code == "O-ST"  # type: ignore[union-attr]
    facts = replace(facts, answered=("O-RS", "O-ST"))
    assert next_up("O-ST", facts, DIRECTORY).code == "O-JW"  # type: ignore[union-attr]
    facts = replace(facts, recused=frozenset({"O-JW"}))
    assert next_up("O-ST", facts, DIRECTORY).code == "O-UP"  # type: ignore[union-attr]
    facts = replace(facts, answered=("O-RS", "O-ST", "O-JW", "O-UP"))
    assert next_up("O-UP", facts, DIRECTORY) is None
    assert next_up(None, facts, DIRECTORY) is None


def test_a_wait_ends_by_itself_and_the_clock_goes_on() -> None:
    waiting = office.ask(in_hand(), "请说明当天的取号时间。", calendar=CALENDAR, now=MONDAY).case
    assert waiting.wake_at is not None
    reminded = system.wake(waiting, DIRECTORY, CALENDAR, waiting.wake_at)
    assert kinds(reminded) == ["reminded"]
    assert reminded.case.wake_at is not None
    resumed = system.wake(reminded.case, DIRECTORY, CALENDAR, MONDAY + 20 * DAY)
    assert kinds(resumed) == ["resumed"]
    assert resumed.case.due_on == date(2026, 4, 7)  # ten working days more, past 清明节


def test_silence_closes_and_a_closed_case_is_archived() -> None:
    lapsed = system.wake(released(), DIRECTORY, CALENDAR, MONDAY + 22 * DAY)
    assert kinds(lapsed) == ["lapsed"]
    assert lapsed.case.wake_at is not None
    archived = system.wake(lapsed.case, DIRECTORY, CALENDAR, lapsed.case.wake_at)
    assert kinds(archived) == ["archived"]
    wiped = system.wake(archived.case, DIRECTORY, CALENDAR, archived.case.wake_at or MONDAY)
    assert kinds(wiped) == ["wiped"]
    assert wiped.case.wake_at is None


def test_who_is_late_is_told_of_higher_and_higher() -> None:
    case = in_hand()
    heard = []
    for _ in range(4):
        assert case.wake_at is not None
        move = system.wake(case, DIRECTORY, CALENDAR, max(case.wake_at, MONDAY + 23 * DAY))
        # That the limit was breached is written once.
        assert kinds(move) == (["escalated"] if heard else ["breached", "escalated"])
        heard.append(move.events[-1].data["to"])
        case = move.case
    assert heard == ["O-ST", "O-JW", "desk", "O-UP"]
    # A step that is taken at last starts anew.
    assert begin(case, CALENDAR, MONDAY).then("ask", By("office", "O-RS")).case.escalations == 0


def test_another_office_is_late_with_what_was_told_of_only_five_working_days_after_that() -> None:
    rated = complainant.rate(
        released(), 1, False, "", office_of("O-ST"), calendar=CALENDAR, now=MONDAY
    ).case
    case = begin(rated, CALENDAR, MONDAY).then("redo", By("office", "O-ST")).case
    while not case.escalations:
        assert case.wake_at is not None
        now = case.wake_at
        case = system.wake(case, DIRECTORY, CALENDAR, now).case
    moved = begin(case, CALENDAR, now + DAY).then("reroute", SYSTEM, office="O-HS").case
    assert (moved.state, moved.office, moved.escalations) == ("rework", "O-HS", 0)
    assert moved.wake_at == case.wake_at
    noted = desk.note(moved, "已电话了解。", LIANG, calendar=CALENDAR, now=now + DAY).case
    assert noted.wake_at == case.wake_at, "a note changes nothing of that"


def test_everything_that_happens_names_who_did_it() -> None:
    for move in (
        desk.remind(in_hand(), "", LIANG, calendar=CALENDAR, now=MONDAY),
        desk.note(in_hand(), "电话已打。", LIANG, calendar=CALENDAR, now=MONDAY),
        desk.supervise(in_hand(), "desk", LIANG, calendar=CALENDAR, now=MONDAY),
        desk.view_contact(in_hand(), "回访", LIANG, calendar=CALENDAR, now=MONDAY),
    ):
        assert [each.by for each in move.events] == [LIANG]
        assert move.case.steps == move.was.steps + 1
        assert move.case.state == move.was.state
    assert limit("reply", CALENDAR).number == 10


@pytest.mark.parametrize(
    ("outcome", "account", "why"),
    [
        ("", "已电话联系，重新办理。", "outcome: missing"),
        ("dispatch", "已电话联系，重新办理。", "outcome: missing"),
        ("redo", " ", "account: missing"),
        ("close", "不归我管，你去问别的单位吧。", "account: phrase_hard"),
    ],
)
def test_a_follow_up_needs_its_outcome_and_what_was_agreed(
    outcome: str, account: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        office.contacted(badly_rated(), outcome, account, calendar=CALENDAR, now=MONDAY)


def test_only_a_case_that_was_rated_badly_is_followed_up() -> None:
    for case in (in_hand(), released(), closed()):
        with pytest.raises(Refused, match="no_follow_up"):
            office.contacted(case, "redo", "已电话联系，重新办理。", calendar=CALENDAR, now=MONDAY)


@pytest.mark.parametrize(("outcome", "state"), [("redo", "rework"), ("close", "closed")])
def test_the_office_above_says_what_it_agreed_and_the_complainant_reads_it(
    outcome: str, state: str
) -> None:
    words = "已电话联系，说好下周一补发证件。"
    move = office.contacted(badly_rated(), outcome, words, calendar=CALENDAR, now=MONDAY)
    assert (move.case.state, move.events[0].words, move.events[0].shown) == (state, words, True)


def badly_rated() -> Standing:
    above = office_of("O-JW")
    return complainant.rate(released(), 1, False, "", above, calendar=CALENDAR, now=MONDAY).case


def test_what_was_sealed_is_confirmed_and_wiped_in_one_move() -> None:
    case = begin(waiting_at_desk()._replace(sealed=True), CALENDAR, MONDAY).then(
        "hand_over", SYSTEM, office="O-JW"
    )
    move = office.confirm_receipt(case.case, "莫工", calendar=CALENDAR, now=MONDAY)
    assert kinds(move) == ["receipt_confirmed", "wiped"]
    assert (move.case.state, move.case.wiped_at, move.case.wake_at) == ("archived", MONDAY, None)
    with pytest.raises(Refused, match="not_sealed"):
        office.confirm_receipt(move.case, "莫工", calendar=CALENDAR, now=MONDAY)


def test_who_withdraws_what_was_merged_takes_it_from_nobody() -> None:
    first = in_hand()._replace(id=new_id(MONDAY + DAY), number="2026-000002")
    merged = desk.merge(in_hand(), first, LIANG, calendar=CALENDAR, now=MONDAY).case
    for case, told in ((merged, True), (first, None)):
        move = complainant.withdraw(case, "", calendar=CALENDAR, now=MONDAY)
        assert kinds(move) == ["withdrawn"]
        assert move.events[-1].data.get("merged") is told


@pytest.mark.parametrize("case", [in_hand(), waiting_at_desk()], ids=["accepted", "not yet"])
@pytest.mark.parametrize("number", [15, 10], ids=["same limit", "another limit"])
def test_a_merged_complaint_that_goes_on_is_counted_by_what_is_in_force_now(
    case: Standing, number: int
) -> None:
    later, now = MONDAY + 8 * DAY, in_force(CALENDAR, {"complaint": Limit(number)})
    first = in_hand()._replace(id=new_id(MONDAY + DAY), number="2026-000002")
    merged = desk.merge(case, first, LIANG, calendar=CALENDAR, now=MONDAY).case
    ended = complainant.withdraw(first, "", calendar=now, now=later)
    move = takes_over(merged, ended)
    on = move.case
    begun = MONDAY.date() if case.limit else later.date()
    assert (on.state, on.office, on.limit, on.limit_start) == (
        "dispatched", "O-RS", Limit(number), begun,
    )  # fmt: skip
    counted = on.answer_due(now)
    assert counted is not None
    assert (on.due_on, on.calendar_version) == (counted.day, now.version)
    moved = case.limit is not None and number != 15
    assert ("recounted" in kinds(move)) == moved
    if moved:
        told = move.events[-1].data
        assert (told["due"], told["was"]) == (str(on.due_on), str(case.due_on))

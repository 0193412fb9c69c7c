"""What the desk keeps of a case, and how a case leaves an office that turns out in conflict."""

from typing import Any

import pytest

from complaints.categories import categories
from complaints.offices import Facts
from complaints.routing import packaged_rules
from complaints.standing import Standing
from complaints.steps import complainant, desk, keeping
from complaints.steps.words import Refused
from tests.complaints.test_steps import CALENDAR, LIANG, MONDAY, in_hand, kinds
from tests.people import DIRECTORY

RULES = packaged_rules()
NOW: dict[str, Any] = {"calendar": CALENDAR, "now": MONDAY}
SLOW = (categories()["L01"],)
CLERK, HEAD = DIRECTORY.person("A1024"), DIRECTORY.person("H001")


def supervised() -> Standing:
    return desk.supervise(in_hand(), "desk", LIANG, **NOW).case


def facts(**more: Any) -> Facts:
    return Facts(SLOW, **{"unit": "RS", "state": "unidentified", **more})


def test_what_is_not_supervised_cannot_be_lifted_and_lifting_needs_a_reason() -> None:
    with pytest.raises(Refused, match="not_supervised"):
        keeping.lift(in_hand(), "done", LIANG, **NOW)
    with pytest.raises(Refused, match="reason: missing"):
        keeping.lift(supervised(), " ", LIANG, **NOW)


def test_a_lifted_case_goes_on_as_it_was_and_says_who_lifted_it() -> None:
    was = supervised()
    move = keeping.lift(was, "三件都已改正。", LIANG, **NOW)
    assert kinds(move) == ["supervision_lifted"]
    assert move.events[0].words == "三件都已改正。"
    assert move.events[0].by == LIANG
    assert move.case == was._replace(supervised_at=None, steps=was.steps + 1)


def test_a_case_that_is_over_can_be_lifted_too() -> None:
    over = supervised()._replace(state="closed", owner=None, next_at=None, next_kind=None)
    assert keeping.lift(over, "已经整改。", LIANG, **NOW).case.supervised_at is None


def test_nothing_that_is_written_after_the_wiping_is_kept() -> None:
    """It would be kept for ever."""
    over = {"owner": None, "next_at": None, "next_kind": None, "wake_at": None}
    over |= {"wiped_at": MONDAY}
    lifted = keeping.lift(supervised()._replace(state="archived", **over), "已改正。", LIANG, **NOW)
    merged = in_hand()._replace(state="merged", **over)
    withdrawn = complainant.withdraw(merged, "我已经搬走了。", **NOW)
    for move, kind in ((lifted, "supervision_lifted"), (withdrawn, "withdrawn")):
        assert [(each.kind, each.words, each.message) for each in move.events] == [(kind, "", "")]
        assert move.case.wake_at is None


def test_nobody_steps_back_from_a_case_that_another_one_answers_for() -> None:
    over = {"owner": None, "next_at": None, "next_kind": None}
    merged = in_hand()._replace(state="merged", **over)
    with pytest.raises(Refused, match="recuse_merged"):
        keeping.recuse(merged, "H001", "是亲属。", LIANG, **NOW)


def test_only_a_recusal_that_stands_is_taken_back() -> None:
    with pytest.raises(Refused, match="not_recused"):
        keeping.take_back(in_hand(), "A1024", {"H001"}, "x", LIANG, **NOW)
    move = keeping.take_back(in_hand(), "H001", {"H001"}, "不是亲属。", LIANG, **NOW)
    assert [(each.kind, dict(each.data)) for each in move.events] == [
        ("recusal_withdrawn", {"who": "H001"})
    ]


def test_a_person_is_named_once_it_is_known_who_and_only_while_the_case_is_open() -> None:
    with pytest.raises(Refused, match="badge: nobody"):
        keeping.identify(in_hand(), None, "x", LIANG, **NOW)
    over = in_hand()._replace(state="closed", owner=None, next_at=None, next_kind=None)
    with pytest.raises(Refused, match="over"):
        keeping.identify(over, CLERK, "x", LIANG, **NOW)
    assert kinds(keeping.identify(in_hand(), CLERK, "当天排班表。", LIANG, **NOW)) == ["identified"]


def test_a_settled_letter_of_a_sealed_case_keeps_no_words() -> None:
    letter = {"template": "sealed", "recipient": "office"}
    sealed = in_hand()._replace(sealed=True)
    assert keeping.settle(sealed, letter, "x", LIANG, **NOW).events[0].words == ""
    with pytest.raises(Refused, match="reason: missing"):
        keeping.settle(in_hand(), letter, "", LIANG, **NOW)


@pytest.mark.parametrize("state", ["followed_up", "rework", "review"])
def test_what_the_desk_has_to_look_at_again_it_gives_to_an_office_that_may(state: Any) -> None:
    again = in_hand()._replace(state=state)
    waiting = again._replace(office=None, owner="desk")
    to = DIRECTORY.office("O-GV")
    assert to is not None
    given = desk.dispatch(waiting, to, "", LIANG, **NOW).case
    assert (given.state, given.owner, given.office) == (state, "office", "O-GV")
    with pytest.raises(Refused, match="not_to_dispatch"):
        desk.dispatch(again, to, "", LIANG, **NOW)


def test_a_dispute_ends_by_assigning_alone() -> None:
    disputed = in_hand()._replace(state="disputed", owner="desk", returns=1)
    to = DIRECTORY.office("O-GV")
    assert to is not None
    with pytest.raises(Refused, match="not_to_dispatch"):
        desk.dispatch(disputed, to, "", LIANG, **NOW)
    assert desk.assign(disputed, to, "归口管理。", LIANG, **NOW).case.assigned

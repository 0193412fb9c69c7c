"""What may go out as an answer, and what the writer is told first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.answer_drafts import (
    FINDINGS,
    LONGEST_NAME,
    LONGEST_REASON,
    LONGEST_TEXT,
    AnswerDraft,
    FindingDraft,
    check,
    check_name,
    field_names,
    shown_with,
)

REASON = "调取 11 月 2 日至 20 日的收件记录，材料齐全后第 14 个工作日才发证。"
GOOD = {
    "finding-1": "substantiated",
    "reason-1": REASON,
    "done": "11 月 23 日已发证，并由股长当面道歉。",
    "reply": "您反映的情况属实，证件已于 11 月 23 日寄出，给您造成不便，向您道歉。",
}


def answer(**changed: str) -> dict[str, str]:
    return {**GOOD, **{name.replace("_1", "-1"): text for name, text in changed.items()}}


@pytest.mark.parametrize(
    ("changed", "field", "error"),
    [
        ({"finding_1": ""}, "finding-1", "finding_missing"),
        ({"finding_1": "yes"}, "finding-1", "finding_unknown"),
        ({"reason_1": ""}, "reason-1", "reason_missing"),
        ({"reason_1": " \u200b\u3000\n"}, "reason-1", "reason_missing"),
        ({"reason_1": "属实"}, "reason-1", "vague"),
        ({"reason_1": "……………………"}, "reason-1", "vague"),
        ({"reason_1": "查" + "实据" * (LONGEST_REASON // 2)}, "reason-1", "too_long"),
        ({"done": ""}, "done", "done_missing"),
        ({"done": "已处理"}, "done", "vague"),
        ({"reply": ""}, "reply", "reply_missing"),
        ({"reply": "您好，来信收悉，谢谢。"}, "reply", "vague"),
        ({"reply": "已按规定办理。"}, "reply", "vague"),
        ({"reply": "答" + "复内" * (LONGEST_TEXT // 2)}, "reply", "too_long"),
        ({"right_of_reply": "说" * (LONGEST_TEXT + 1)}, "right_of_reply", "too_long"),
        ({"reply": "这件事不归我管，你去问别的单位吧。"}, "reply", "phrase_hard"),
        ({"reason_1": "经了解，具体情况我们不 知 道，也没有记录。"}, "reason-1", "phrase_hard"),
        ({"done": "呢件事唔关我事，已经转咗出去。"}, "done", "phrase_hard"),
        ({"reply": "证件大概下周可以寄出，请您留意查收。"}, "confirm_phrases", "phrase_soft"),
        # Not in quotation marks either: a whole answer would pass as reported speech.
        ({"reply": "「这件事不归我管，你去问别的单位吧。」以上为答复。"}, "reply", "phrase_hard"),
        ({"state": "closed"}, "state", "unknown"),
        ({"finding-2": "unfounded"}, "finding-2", "unknown"),
    ],
)
def test_what_is_no_answer_is_refused_at_its_field(
    changed: dict[str, str], field: str, error: str
) -> None:
    checked = check(answer(**changed), [1])
    assert checked.draft is None
    assert checked.errors == {field: error}


def test_an_empty_form_as_a_robot_sends_it_is_refused_at_every_field() -> None:
    checked = check({}, [1, 2])
    assert checked.draft is None
    assert set(checked.errors) == {
        "finding-1", "reason-1", "finding-2", "reason-2", "done", "reply"
    }  # fmt: skip


def test_a_complete_answer_may_go_out() -> None:
    assert check(GOOD, [1]).draft == AnswerDraft(
        (FindingDraft(1, "substantiated", REASON),), GOOD["done"], GOOD["reply"], ""
    )


def test_every_allegation_needs_its_own_finding() -> None:
    assert check(GOOD, [1, 2]).errors == {
        "finding-2": "finding_missing",
        "reason-2": "reason_missing",
    }


def test_soft_phrases_are_shown_with_a_reason_and_go_out_when_confirmed() -> None:
    soft = answer(reply="证件大概下周可以寄出，请您留意查收。")
    shown = check(soft, [1])
    assert [(hit.field, hit.written) for hit in shown.hits] == [("reply", "大概")]
    assert shown.hits[0].hit.reason_key.startswith("phrases.reason.")
    assert check({**soft, "confirm_phrases": "yes"}, [1]).draft is not None
    assert check({**soft, "confirm_phrases": "perhaps"}, [1]).draft is None


@pytest.mark.parametrize(
    ("afterwards", "error"),
    [
        ({}, None),
        ({"reply": "证件大概下周可以寄出，请您留意查收，大概是周三。"}, None),
        ({"reply": "证件下周可以寄出，请您留意查收。"}, None),
        ({"reply": "证件大概下周可以寄出，可能是周三，请您留意查收。"}, "phrase_more"),
        ({"done": "11 月 23 日已发证，大概由股长当面道歉。"}, "phrase_more"),
    ],
    ids=["as shown", "once more", "reworded", "another phrase", "in another field"],
)
def test_a_tick_confirms_what_was_shown_and_nothing_typed_afterwards(
    afterwards: dict[str, str], error: str | None
) -> None:
    soft = answer(reply="证件大概下周可以寄出，请您留意查收。")
    shown = shown_with(check(soft, [1]).hits)
    sent = {**soft, **afterwards, "confirm_phrases": "yes", "phrases_shown": shown}
    assert check(sent, [1]).errors.get("confirm_phrases") == error
    assert check({**sent, "confirm_phrases": ""}, [1]).errors.get("confirm_phrases") == (
        None if "大概" not in str(sent["reply"]) else "phrase_soft"
    )


def test_confirming_does_not_let_a_hard_phrase_through() -> None:
    hard = answer(reply="这件事不归我管，你去问别的单位吧。", confirm_phrases="yes")
    assert check(hard, [1]).errors == {"reply": "phrase_hard"}


def test_what_the_named_person_said_is_quoted_as_it_was() -> None:
    said = answer(right_of_reply="她说当时不知道材料已经齐了。")
    draft = check(said, [1]).draft
    assert draft is not None
    assert draft.right_of_reply == said["right_of_reply"]


def test_marks_that_cannot_be_seen_do_not_reach_the_reader() -> None:
    turned = answer(reply=GOOD["reply"] + "\u202e\u0000\ud800")
    draft = check(turned, [1]).draft
    assert draft is not None
    assert draft.reply == GOOD["reply"]


@given(
    st.dictionaries(st.sampled_from([*field_names([1, 2]), "other"]), st.text(max_size=30)),
    st.lists(st.integers(1, 20), min_size=1, max_size=20, unique=True),
)
def test_nothing_that_anybody_types_raises_and_a_draft_answers_every_allegation(
    typed: dict[str, str], positions: list[int]
) -> None:
    checked = check(typed, positions)
    assert (checked.draft is None) == bool(checked.errors)
    if checked.draft:
        assert [each.position for each in checked.draft.findings] == positions
        assert all(each.finding in FINDINGS and each.reason for each in checked.draft.findings)


@pytest.mark.parametrize(
    ("typed", "name", "error"),
    [
        ("", "", "name_missing"),
        (" \u3000\u200b", "", "name_missing"),
        ("123", "123", "name_no_letters"),
        ("李" * (LONGEST_NAME + 1), "李" * (LONGEST_NAME + 1), "too_long"),
        (" 何 敏\u3000仪 ", "何 敏 仪", None),
        ("Jane O'Neil", "Jane O'Neil", None),
    ],
)
def test_only_a_typed_name_signs(typed: str, name: str, error: str | None) -> None:
    assert check_name(typed) == (name, error)

"""Forbidden phrases are found however they are written, and plain speech is left alone."""

from itertools import pairwise
from typing import get_args

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.categories import categories
from complaints.phrases import (
    SHORTEST,
    Severity,
    check,
    hint_categories,
    is_vague,
    phrases,
)

TRADITIONAL = [opencc.OpenCC(name) for name in ("s2t", "s2hk", "s2tw")]
LIST = phrases()


def found(text):
    return [(hit.phrase, text[hit.start : hit.end], hit.severity) for hit in check(text)]


# No false alarms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "经查，窗口工作人员当天在岗，已按规定办结。",
        "已委托进行可能性评估。",
        "我们将尽可能在当天办结。",
        "行政许可能否当场办结，由窗口核定。",
        "已准予许可，能当场领证。",
        "该事项属于行政审批或许可事项。",
        "三道拱门的大概念图已公示。",
        "如有不清楚的地方，请拨打 12345。",
        "大厅指引标识不清楚，已于当天更换。",
        "复印件字迹不太清楚，已请您补交。",
        "公开形式不清楚的，已重新排版。",
        "未提前告知，致使您不知道要带原件，特此致歉。",
        "他说不。知道的人都来了。",
        "「不」。清楚了，请放心。",
        "工作人员随便告诉您一个电话，已批评教育。",
        "请问您着急什么时候用？",
        "許可，能即場領取。",
        "We will answer by Friday.",
    ],
)
def test_plain_speech_raises_no_alarm(text):
    assert found(text) == []


# What is found


@pytest.mark.parametrize(
    ("text", "phrase", "written", "severity"),
    [
        ("这个我不知道。", "不知道", "不知道", "hard"),
        ("这个不清楚", "不清楚", "不清楚", "hard"),
        ("此事不好办", "不好办", "不好办", "soft"),
        ("确实不易办。", "不易办", "不易办", "soft"),
        ("可能下周答复", "可能", "可能", "soft"),
        ("大概三天", "大概", "大概", "soft"),
        ("您或许可以再来一次", "或许", "或许", "soft"),
        ("已获准许。可能下周发证", "可能", "可能", "soft"),
        ("这事不归我管", "不归我管", "不归我管", "hard"),
        ("你去告好了！", "你去告好了", "你去告好了", "hard"),
        ("我要下班了，明天再来", "我要下班了", "我要下班了", "hard"),
        ("刚才不是告诉你了吗？", "刚才不是告诉你了吗", "刚才不是告诉你了吗", "hard"),
        # Traditional
        ("這事不歸我管", "不归我管", "不歸我管", "hard"),
        ("此事不好辦", "不好办", "不好辦", "soft"),
        ("剛才不是告訴你了嗎", "刚才不是告诉你了吗", "剛才不是告訴你了嗎", "hard"),
        ("或許下星期", "或许", "或許", "soft"),
        # Cantonese
        ("呢樣嘢我唔知喎", "唔知", "唔知", "hard"),
        ("我哋唔清楚", "唔清楚", "唔清楚", "hard"),
        ("唔關我事", "唔关我事", "唔關我事", "hard"),
        ("收工啦，聽日先嚟", "收工啦", "收工啦", "hard"),
        ("收工喇", "收工啦", "收工喇", "hard"),
        ("唔關我嘅事", "唔关我嘅事", "唔關我嘅事", "hard"),
        ("呢樣嘢好難辦", "好难办", "好難辦", "soft"),
        # Politeness in one word makes the rest no better
        ("剛才不是告訴您了嗎", "刚才不是告诉您了吗", "剛才不是告訴您了嗎", "hard"),
        ("您去告好了", "您去告好了", "您去告好了", "hard"),
        ("这个我不太清楚", "不太清楚", "不太清楚", "hard"),
        ("不关我们的事", "不关我们的事", "不关我们的事", "hard"),
        ("頭先咪講咗囉", "头先咪讲咗啰", "頭先咪講咗囉", "hard"),
        # A part of a longer phrase is found once, as the longer one
        ("唔知道", "唔知道", "唔知道", "hard"),
        ("这不可能", "不可能", "不可能", "soft"),
        ("大概率会批", "大概率", "大概率", "soft"),
        # Tricks
        ("不 知 道", "不知道", "不 知 道", "hard"),
        ("不　知　道", "不知道", "不　知　道", "hard"),
        ("不\u200b知\u200d道", "不知道", "不\u200b知\u200d道", "hard"),
        ("不·知·道", "不知道", "不·知·道", "hard"),
        ("不-知_道", "不知道", "不-知_道", "hard"),
        ("不。知。道", "不知道", "不。知。道", "hard"),
        ("不\n知\n道", "不知道", "不\n知\n道", "hard"),
        ("不*归*我*管", "不归我管", "不*归*我*管", "hard"),
        ("可 能", "可能", "可 能", "soft"),
    ],
)
def test_a_phrase_is_found_as_it_was_written(text, phrase, written, severity):
    assert found(text) == [(phrase, written, severity)]


def test_several_phrases_come_in_the_order_of_the_text():
    text = "可能不归我管，不知道。"
    assert [hit.phrase for hit in check(text)] == ["可能", "不归我管", "不知道"]
    assert [hit.category for hit in check(text)] == ["L07", "L05", "L05"]


@pytest.mark.parametrize(
    "text",
    ["经查，他确实说过“不知道”。", "經查，該員確曾說「不知道」。", '他当时说"不知道"，已道歉。'],
)
def test_a_quotation_may_be_confirmed_because_a_finding_has_to_report_the_words(text):
    (hit,) = check(text)
    assert (hit.severity, hit.reason_key) == ("soft", "phrases.reason.quoted")


@pytest.mark.parametrize("text", ["“不知道", "不知道”", "“已查”不知道“已办”", "“不\n知\n道”"])
def test_quotation_marks_that_do_not_enclose_the_phrase_excuse_nothing(text):
    assert [hit.severity for hit in check(text)] == ["hard"]


def test_every_hit_says_why_and_what_instead():
    (hit,) = check("此事不好办")
    assert hit.reason_key == "phrases.reason.puzzling"
    assert hit.suggestion_key == "phrases.suggestion.say_what_is_missing"


# The list itself


@pytest.mark.parametrize("phrase", LIST, ids=lambda phrase: phrase.text)
def test_every_phrase_of_the_list_is_found_in_every_script(phrase):
    for text in {phrase.text, *(way.convert(phrase.text) for way in TRADITIONAL)}:
        assert [(hit.phrase, hit.start, hit.end) for hit in check(text)] == [
            (phrase.text, 0, len(text))
        ], text


@pytest.mark.parametrize("phrase", LIST, ids=lambda phrase: phrase.text)
def test_every_phrase_has_a_severity_a_category_and_contexts_that_hold_it(phrase):
    assert phrase.severity in get_args(Severity)
    assert phrase.category in ("L05", "L06", "L07", "L08")
    assert phrase.category in categories()
    assert all(phrase.text in context for context in phrase.unless)


def test_the_phrases_of_the_plan_are_all_there():
    plan = "不知道 不清楚 不好办 不易办 可能 大概 或许 不归我管 你去告好了 我要下班了"
    cantonese = "刚才不是告诉你了吗 唔知 唔清楚 唔关我事 收工啦"
    assert set(f"{plan} {cantonese}".split()) <= {phrase.text for phrase in LIST}


def test_blame_and_rudeness_are_hard_and_vague_words_are_soft():
    assert {phrase.severity for phrase in LIST if phrase.reason in ("blame", "rude")} == {"hard"}
    assert {phrase.severity for phrase in LIST if phrase.reason in ("puzzling", "vague")} == {
        "soft"
    }


# Empty answers


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "。。。。。。。。。。。。",
        "无",
        "属实",
        "已处理。",
        "已办结，谢谢！",
        "您好，您的来信收到，情况已了解，已转办，感谢您的来信。",
        "您好，您的來信收到，情況已了解，謝謝。",
        "哈哈哈哈哈哈哈哈哈哈哈",
        "1111111111111",
        "已 处 理 已 处 理 已 处 理",
        "Noted, thank you. Done.",
        "1234567890",
        "0755-12345678, 2026-11-25",
        "asdfghjkl",
        "qwertyuiop asdfghjkl 12345",
        "本单位高度重视，已按有关规定认真研究处理。",
        "本單位高度重視，已按有關規定認真研究處理。",
        "我局高度重视，将加强教育、加强管理，引以为戒。",
    ],
)
def test_an_empty_or_formula_answer_is_no_answer(text):
    assert is_vague(text)


@pytest.mark.parametrize(
    "text",
    [
        "经查属实，已整改。",
        "已向您致歉并退费 50 元。",
        "经调取录像，当天上午九点至十点窗口无人值守，已安排专人顶岗。",
        "經查，該窗口當日確實提早關閉，已向您致歉。",
        "The clerk was away; a second one now stands in.",
        "我局高度重视，11 月 25 日已当面道歉并补办证件。",
        "已按有关规定退还多收的 50 元工本费，并加强教育。",
        "We were wrong. You were asked twice.",
    ],
)
def test_a_short_answer_that_says_something_is_one(text):
    assert not is_vague(text)


# In a complaint


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("他什么都没说", ()),
        ("窗口的人说“不知道”，又说不归我管", ("L05",)),
        ("佢話唔知，跟住話收工啦", ("L05", "L08")),
        ("说可能要等，也不好办", ("L06", "L07")),
    ],
)
def test_words_in_a_complaint_hint_at_categories(text, codes):
    assert hint_categories(text) == codes


# What always holds

filler = st.text("已经查明并整改到位二三四五六日abcXYZ", max_size=12)
marks = st.sampled_from(["", " ", "　", "\u200b", "·", "*", "-"])
pieces = st.lists(st.sampled_from("不知道可能，。「」” \n唔"), max_size=40).map("".join)
scripts = st.sampled_from([None, *TRADITIONAL])


@settings(max_examples=80, deadline=None)
@given(filler, st.sampled_from(LIST), filler, marks, scripts)
def test_positions_are_those_of_the_text_as_it_was_written(before, phrase, after, mark, script):
    word = script.convert(phrase.text) if script else phrase.text
    written = mark.join(word)
    text = f"{before}，{written}，{after}"
    spans = [(hit.start, hit.end) for hit in check(text)]
    assert (len(before) + 1, len(before) + 1 + len(written)) in spans


@settings(max_examples=80, deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from("不知道可能，。「」” \n唔"), max_size=40).map("".join)
)
def test_any_text_is_read_without_error_and_hits_do_not_overlap(text):
    hits = check(text)
    assert is_vague(text) or len(text) >= SHORTEST
    for one, other in pairwise(hits):
        assert one.end <= other.start
    for hit in hits:
        assert 0 <= hit.start < hit.end <= len(text)

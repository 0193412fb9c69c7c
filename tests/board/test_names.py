"""A name is found in Traditional characters, in pinyin with every reading, and by initials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board import names

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("區永權", "区永权"),
        ("陳大文", "陈大文"),
        ("鄺麗儀", "邝丽仪"),
        ("ＡＢＣ", "abc"),
        ("  张　三 ", "张 三"),
    ],
)
def test_search_reads_traditional_as_simplified(typed: str, stored: str) -> None:
    assert names.fold(typed) == names.fold(stored)


def test_places_that_are_written_alike_are_not_confused_by_folding() -> None:
    # 郁南 is a county's right name; folding is for finding and never written anywhere.
    assert names.fold("郁南") == "郁南"


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert names.fold(names.fold(text)) == names.fold(text)


@given(HAN, HAN)
def test_a_part_folds_like_the_whole(one: str, other: str) -> None:
    assert names.fold(one) + names.fold(other) == names.fold(one + other)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("单国强", "shanguoqiang"),
        ("单国强", "danguoqiang"),
        ("仇志明", "qiuzhiming"),
        ("仇志明", "qzm"),
        ("曾丽", "zengli"),
        ("曾丽", "cl"),
        ("区永权", "ouyongquan"),
        ("區永權", "oyq"),
        ("尉迟恭", "yuchigong"),
        ("尉迟恭", "weichigong"),
        ("吕芳", "lvfang"),
        ("吕芳", "lufang"),
        ("吕芳", "lyufang"),
        ("张长春", "zhchch"),
        ("张长春", "zcc"),
        ("欧阳慧", "ouyanghui"),
        ("万俟雪", "moqixue"),
    ],
)
def test_a_name_is_known_by_every_reading_and_its_initials(name: str, typed: str) -> None:
    assert typed in names.pinyin_keys(name)


@pytest.mark.parametrize("typed", ["wangguoqiang", "sgx", "", "guoqiang"])
def test_other_readings_do_not_name_the_person(typed: str) -> None:
    assert typed not in names.pinyin_keys("单国强")


def test_a_persons_own_reading_wins_over_the_dictionary() -> None:
    assert names.romanised("乐平") == "Yue Ping"
    assert names.romanised("乐平", own="le ping") == "Le Ping"
    assert "leping" in names.pinyin_keys("乐平", own="le ping")


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("单国强", "Shan Guoqiang"),
        ("区咏诗", "Ou Yongshi"),
        ("欧阳慧", "Ouyang Hui"),
        ("吕芳", "Lü Fang"),
        ("Alice Wong", "Alice Wong"),
        ("", ""),
    ],
)
def test_english_readers_see_the_surname_first(name: str, english: str) -> None:
    assert names.romanised(name) == english


@given(st.text(max_size=12))
def test_no_name_has_more_readings_than_can_be_searched(name: str) -> None:
    assert len(names.readings(name)) <= 32
    assert "" not in names.pinyin_keys(name) or not name.strip()

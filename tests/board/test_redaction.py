"""What is published names nobody: numbers in every writing, names in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.redaction import NAME, NUMBER, People, Piece, mask, masks_in, pieces

STAFF = People.of(
    ["陈志明", "区国强", "李娜", "Chan Siu Ming"],
    ["A1024", "0386", "R-17"],
    ["citizen@example.org"],
)


@pytest.mark.parametrize(
    "text",
    [
        "13800138000", "138 0013 8000", "138-0013-8000", "1 3 8 0 0 1 3 8 0 0 0",
        "１３８００１３８０００", "+86 138 0013 8000", "(0766) 755 2000", "0766-7552000", "7552000",
        "138\u200b0013\u200b8000", "一三八零零一三八零零零", "幺三八〇〇幺三八〇〇〇",
        "①③⑧00138000", "١٣٨٠٠١٣٨٠٠٠", "138 ０013 八000", "9123 4567", "138.0013.8000",
        "440102199001011234", "44010219900101123X", "44010219900101123x",
        "４４０１０２１９９００１０１１２３Ｘ",
        "440102 19900101 123X", "440102-19900101-1234", "440102900101123",
        "6222 0212 3456 7890", "2026-000123", "20261125", "2026-11-25 13800138000",
        "A1024", "a-1024", "Ａ１０２４", "a 1024", "0386", "０３８６", "R-17", "r17", "B2048",
        "citizen@example.org", "citizen ＠ example.org", "ＣＩＴＩＺＥＮ@example.ORG",
        "x.y+z@mail.gd.cn", "citizen＠example。org", "citizen@example．org",
    ],
)  # fmt: skip
def test_numbers_and_addresses_go_however_they_are_written(text: str) -> None:
    assert mask(text, STAFF) == NUMBER
    assert mask(f"他留了{text}，叫我等。", STAFF) == f"他留了{NUMBER}，叫我等。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("陈志明说", "某某说"),
        ("陳志明話", "某某話"),
        ("陈 志 明说", "某某说"),
        ("陈·志明说", "某某说"),
        ("陈\u200b志\u200b明说", "某某说"),
        ("是李娜和區國強", "是某某和某某"),
        ("Chan Siu Ming told me", "某某 told me"),
        ("CHAN SIU-MING told me", "某某 told me"),
        ("陈主任不在", "某主任不在"),
        ("王女士和張科長", "某女士和某科長"),
        ("小陈说没空", "小某说没空"),
        ("老王不在", "老某不在"),
        ("微信号 abc_123，QQ:987654", "微信号 ×××，QQ:×××"),
    ],
)
def test_names_go_in_any_script_and_with_anything_between(text: str, expected: str) -> None:
    assert mask(text, STAFF) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25 到窗口", "2026-11-25 09:30 到", "文书记录",
        "2026/1/5", "11 月 25 日上午 9:30", "12 号窗口",
        "共 3 次，花了 1200 元",
        "材料 15 份，限时 5 个工作日", "Channel", "高兴地等", "办理登记时，工作人员正在看手机。",
        "大陈列柜", "3 楼 301 室", "A4 纸", "《行政许可法》第四十二条", "一九九八年",
    ],
)  # fmt: skip
def test_what_tells_of_nobody_stays(text: str) -> None:
    assert mask(text, STAFF) == text


def test_the_complainant_is_taken_out_too() -> None:
    people = People.of(["何敏仪"], ["13800138000"], ["a@b.cn"])
    assert mask("我是何敏儀，電話 138 0013 8000，a@b.cn", people) == (
        f"我是{NAME}，電話 {NUMBER}，{NUMBER}"
    )


def test_the_pieces_say_what_is_taken_out_and_what_stands_there_instead() -> None:
    assert pieces("是陈志明，A1024。", STAFF) == (
        Piece("是"), Piece("陈志明", NAME), Piece("，"), Piece("A1024", NUMBER), Piece("。"),
    )  # fmt: skip
    assert masks_in("是某某和某主任，×××") == (
        Piece("是"), Piece(NAME, NAME), Piece("和"), Piece("某", "某"), Piece("主任，"),
        Piece(NUMBER, NUMBER),
    )  # fmt: skip


def test_words_that_somebody_names_besides_are_taken_out_too() -> None:
    people = STAFF.and_words(["陈智明", "Kam Kee", "明"])
    assert (
        mask("陈智明在金记（Kam-Kee）门口。明天再来", people) == "某某在金记（某某）门口。明天再来"
    )


def test_a_name_of_one_letter_masks_nothing() -> None:
    assert mask("陈旧的办法", People.of(["陈", ""], [""], [""])) == "陈旧的办法"


TEXTS = st.text(
    st.sampled_from("陈志明李娜王主任小老０１２3456789a-A 1024x@.·一二〇\u200b某×，")
    | st.characters(),
    max_size=60,
)


@given(TEXTS)
def test_the_pieces_are_the_whole_text(text: str) -> None:
    assert "".join(each.text for each in pieces(text, STAFF)) == text
    assert "".join(each.text for each in masks_in(text)) == text


@given(TEXTS)
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text, STAFF)
    assert mask(once, STAFF) == once


SEPARATORS = st.sampled_from(["", " ", "-", "·", "\u200b", "　", ".", " - "])
DIGIT = st.sampled_from("0０零〇").map(lambda c: ("0", c)) | st.sampled_from("8８八⑧").map(
    lambda c: ("8", c)
)


@given(st.lists(st.tuples(DIGIT, SEPARATORS), min_size=7, max_size=18))
def test_no_run_of_digits_is_left(digits: list[tuple[tuple[str, str], str]]) -> None:
    written = "".join(char + between for (_, char), between in digits)
    masked = mask(f"电话{written}谢谢", People())
    assert not any(char.isdigit() or char in "零〇八" for char in masked), masked


@given(st.sampled_from(["陈志明", "区国强"]), st.lists(SEPARATORS, min_size=3, max_size=3))
def test_no_name_is_left_whatever_stands_between(name: str, between: list[str]) -> None:
    written = "".join(char + each for char, each in zip(name, between, strict=True))
    masked = mask(f"是{written}说的", STAFF)
    assert not set(name) & set(masked)

"""A number that people retype in their own way is still the same number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.numbers import number_key

PRINTED = st.text("ABCDEFGHJKMNPQRSTUVWXYZ0123456789", min_size=1, max_size=12)
FULL_WIDTH = {chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)}
LOOKALIKES = {"0": "0OoＯ", "1": "1IiLlＩ"}
BETWEEN = ["", " ", "-", ".", "\u3000", "\u200b", "\u200d", "·", "—", "－", "_", "\t"]


@pytest.mark.parametrize("text", ["", " ", "---", "\u200b", "。", "()", "\x00", "\ud800"])
def test_nothing_is_left_where_there_is_no_number(text: str) -> None:
    assert number_key(text) == ""


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("a1024", "A1024"),
        ("A 1024", "A1024"),
        ("A-1O24", "A1024"),
        ("Ａ１０２４", "A1024"),
        ("a.lo24", "A1024"),
        ("A\u200b1024", "A1024"),
        ("p012", "P-012"),
        ("P－０１２", "P-012"),
        ("sl 2026 000123", "SL-2026-000123"),
        ("粤A1024", "粤A-1024"),
    ],
)
def test_retyped_numbers_are_the_printed_one(typed: str, printed: str) -> None:
    assert number_key(typed) == number_key(printed)


@pytest.mark.parametrize(("one", "other"), [("A1024", "A1042"), ("A1024", "B1024"), ("S5", "55")])
def test_numbers_that_do_not_look_alike_stay_apart(one: str, other: str) -> None:
    assert number_key(one) != number_key(other)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert number_key(number_key(text)) == number_key(text)


@given(PRINTED, st.data())
def test_every_way_to_retype_a_number_is_that_number(printed: str, data: st.DataObject) -> None:
    typed = ""
    for char in printed:
        ways = [char, char.lower(), FULL_WIDTH[char], *LOOKALIKES.get(char, "")]
        typed += data.draw(st.sampled_from(ways)) + data.draw(st.sampled_from(BETWEEN))
    assert number_key(typed) == number_key(printed)

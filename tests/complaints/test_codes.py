"""A tracking code survives being read aloud, copied by hand and typed on any keyboard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import codes

CODES = st.binary(min_size=16, max_size=40).map(codes.from_entropy)


@given(CODES, st.integers(0, 15), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(code: str, at: int, off: int) -> None:
    wrong = code[:at] + str((int(code[at]) + off) % 10) + code[at + 1 :]
    with pytest.raises(codes.CodeMisread, match="check"):
        codes.read(wrong)


@given(CODES, st.integers(0, 14))
def test_every_swap_of_neighbours_is_noticed(code: str, at: int) -> None:
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if swapped == code:
        assert codes.read(swapped) == code
    else:
        with pytest.raises(codes.CodeMisread, match="check"):
            codes.read(swapped)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" -- ", "empty"),
        ("\x00\u200b\ud800", "empty"),
        ("1234", "length"),
        ("1" * 17, "length"),
        ("1234 5678 9012 345X", "digits"),
        ("2026-000123是", "digits"),
        ("١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦", "digits"),
        ("1234567890123456", "check"),
    ],
)
def test_what_cannot_be_a_code_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(codes.CodeMisread) as refused:
        codes.read(typed)
    assert refused.value.reason == reason


CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@given(
    CODES,
    st.sampled_from(["", " ", "-", "　", "–", "\u200b", "·", "\n"]),
    st.sampled_from([{}, CHINESE, FULL_WIDTH]),
)
def test_a_code_reads_the_same_however_it_is_written(
    code: str, between: str, digits: dict[int, int]
) -> None:
    written = between.join(codes.groups(code)).translate(digits)
    assert codes.read(f" {written} ") == code


@given(CODES)
def test_a_code_has_sixteen_digits_in_four_groups(code: str) -> None:
    assert len(code) == 16
    assert [len(group) for group in codes.groups(code)] == [4, 4, 4, 4]
    assert "".join(codes.groups(code)) == code


def test_on_the_telephone_one_may_be_said_as_yao_and_two_as_liang() -> None:
    code = codes.from_entropy(b"\x01" * 16)
    spoken = code.translate(CHINESE).replace("一", "幺").replace("二", "两")
    assert codes.read(spoken) == code


def test_too_little_entropy_makes_no_code() -> None:
    with pytest.raises(ValueError, match="16"):
        codes.from_entropy(b"short")

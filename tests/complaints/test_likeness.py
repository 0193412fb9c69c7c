"""Which complaints the desk is shown side by side: likely the same thing, told twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.likeness import MOST_OFFERED, OFFERED, Sketch, likely, points
from tests.people import new_uuid

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TEXT = "我 3 月 2 日上午在 12 号窗口排了一个小时队，工作人员说系统坏了，让我改天再来，态度很差。"
SIMILAR = "3 月 2 日上午我在 12 号窗口排队一个小时，那个工作人员讲系统坏了叫我改天来，态度很差！"
TRADITIONAL = (
    "我 3 月 2 日上午在 12 號窗口排了一個小時隊，工作人員說系統壞了，讓我改天再來，態度很差。"
)
OTHER = "社保卡补办承诺五个工作日，已经过去二十天，打电话没有人接，请尽快答复办理进度。"


def sketch(text: str = TEXT, **more) -> Sketch:  # type: ignore[no-untyped-def]
    plain = Sketch(
        id=new_uuid(NOW), number="2026-000001", staff_badge="A1024", unit="RS", matter=None,
        receipt=None, on=date(2026, 3, 2), text=text,
    )  # fmt: skip
    return replace(plain, **more)


@pytest.mark.parametrize(
    ("other", "offered"),
    [
        # Another person in another place a month later.
        (sketch(OTHER, staff_badge="B0001", unit="TC", on=date(2026, 4, 9)), False),
        # The same person, weeks apart, over another thing.
        (sketch(OTHER, on=date(2026, 5, 9)), False),
        (sketch(OTHER, on=date(2026, 3, 3)), False),
        # The same unit on the same day is not enough.
        (sketch(OTHER, staff_badge=None), False),
        (sketch(SIMILAR), True),
        (sketch(TRADITIONAL), True),
        # A copy without the badge.
        (sketch(TEXT, staff_badge=None), True),
        # One receipt is one case, whatever was written.
        (sketch(OTHER, staff_badge=None, receipt="R-1"), True),
    ],
)
def test_what_is_offered(other: Sketch, offered: bool) -> None:
    mine = sketch(receipt="R-1", matter=None) if other.receipt else sketch()
    total, why = points(mine, other)
    assert (total >= OFFERED) is offered, (total, why)


def test_a_case_is_never_offered_to_itself_and_no_more_than_a_few_are() -> None:
    mine = sketch()
    assert likely(mine, [mine]) == []
    many = [sketch(number=f"2026-{n:06}") for n in range(20)]
    found = likely(mine, many)
    assert len(found) == MOST_OFFERED
    assert [each.number for each in found] == [f"2026-{n:06}" for n in range(MOST_OFFERED)]


def test_the_reasons_are_told() -> None:
    assert points(sketch(), sketch(SIMILAR))[1] == ("staff", "unit", "time", "words")


@given(
    days=st.integers(0, 400),
    text=st.sampled_from([TEXT, SIMILAR, OTHER, TRADITIONAL, ""]),
    badge=st.sampled_from(["A1024", "B0001", None]),
)
def test_it_does_not_matter_who_came_first(days: int, text: str, badge: str | None) -> None:
    mine, other = sketch(), sketch(text, staff_badge=badge, on=date(2026, 3, 2) + timedelta(days))
    assert points(mine, other) == points(other, mine)
    assert 0 <= points(mine, other)[0] <= 100

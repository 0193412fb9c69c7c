"""Figures that add up, rates that are told only where enough cases stand behind them."""

from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import counting
from complaints.counting import of_case, tally
from complaints.figures import (
    ALL,
    LEAST_SHOWN,
    Figures,
    add,
    months,
    next_month,
    percentile,
    published,
    rate_shown,
)
from complaints.store import figures as store
from tests.complaints.test_answers import filed, give

TODAY = date(2026, 3, 31)


def row(**more: Any) -> dict[str, Any]:
    plain = {
        "unit": "RS", "due_on": date(2026, 3, 20), "returns": 0, "state": "released",
        "filed_on": date(2026, 3, 2), "answered_on": date(2026, 3, 12), "upheld": False,
        "rated": None, "categories": ["L01"],
    }  # fmt: skip
    return plain | more


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (row(), Figures(1, 1, 1, days={10: 1})),
        (row(answered_on=date(2026, 3, 20)), Figures(1, 1, 1, days={18: 1})),
        (row(answered_on=date(2026, 3, 21)), Figures(1, 1, late=1, days={19: 1})),
        (row(answered_on=None, state="in_hand"), Figures(1, overdue=1)),
        (row(answered_on=None, state="withdrawn"), Figures(1)),
        (row(answered_on=None, due_on=TODAY, state="in_hand"), Figures(1)),
        (row(answered_on=None, due_on=None, state="received"), Figures(1)),
        (row(rated=51), Figures(1, 1, 1, rated=1, resolved=1, satisfied=1, days={10: 1})),
        (row(rated=20), Figures(1, 1, 1, rated=1, days={10: 1})),
        (row(returns=1, upheld=True), Figures(1, 1, 1, returned=1, upheld=1, days={10: 1})),
    ],
)
def test_what_a_case_counts_as(case: dict[str, Any], expected: Figures) -> None:
    assert of_case(case, TODAY) == expected


def test_nothing_has_no_rate_and_no_days() -> None:
    empty = Figures()
    assert (empty.response, empty.resolution, empty.satisfaction) == (None, None, None)
    assert (empty.median, empty.p90) == (None, None)
    assert tally([], TODAY) == {ALL: empty}


def test_the_three_rates() -> None:
    figures = Figures(
        filed=20, answered=15, in_time=12, late=3, overdue=1, rated=10, resolved=7, satisfied=9
    )
    assert figures.response == 12 / 16
    assert figures.resolution == 0.7
    assert figures.satisfaction == 0.9


@pytest.mark.parametrize(
    ("days", "median", "p90"),
    [({3: 1}, 3, 3), ({1: 5, 9: 5}, 1, 9), ({1: 9, 30: 1}, 1, 1), ({1: 8, 30: 2}, 1, 30)],
)
def test_half_and_nine_of_ten(days: dict[int, int], median: int, p90: int) -> None:
    assert (percentile(days, 0.5), percentile(days, 0.9)) == (median, p90)


CASES = st.builds(
    row,
    unit=st.sampled_from(["RS", "TC", "ZW", ""]),
    answered_on=st.none() | st.dates(date(2026, 3, 2), date(2026, 3, 30)),
    rated=st.sampled_from([None, 11, 20, 31, 50]),
    categories=st.lists(st.sampled_from(["L01", "L02", "T01"]), min_size=1, max_size=4),
)


@given(st.lists(CASES, max_size=40))
def test_the_parts_add_up_to_the_whole(cases: list[dict[str, Any]]) -> None:
    counted = tally(cases, TODAY)
    whole = counted[ALL]
    assert whole.filed == len(cases)
    assert whole.answered == whole.in_time + whole.late == sum(whole.days.values())
    assert whole.satisfied <= whole.rated <= whole.filed
    units = add(each for (kind, _), each in counted.items() if kind == "unit")
    named = [case for case in cases if case["unit"]]
    assert units == add(of_case(case, TODAY) for case in named)


@given(st.dictionaries(st.sampled_from("ABCDEFGH"), st.builds(Figures, filed=st.integers(0, 12))))
def test_nobody_can_work_out_what_is_hidden(rows: dict[str, Figures]) -> None:
    shown = published(rows)
    assert [each.name for each in shown] == list(rows)
    hidden = [each.name for each in shown if each.figures is None]
    small = [name for name, each in rows.items() if 0 < each.filed < LEAST_SHOWN]
    assert set(small) <= set(hidden)
    together = sum(rows[name].filed for name in hidden)
    shown_cases = [name for name in rows if rows[name].filed and name not in hidden]
    # The total less what is shown is that of two rows and five cases, or there is nothing else.
    assert not hidden or not shown_cases or (len(hidden) > 1 and together >= LEAST_SHOWN)


def test_a_rate_of_four_is_not_told() -> None:
    figures = Figures(filed=20, rated=4, resolved=4)
    assert rate_shown(figures, figures.resolution, figures.rated) is None
    figures = Figures(filed=20, rated=5, resolved=4)
    assert rate_shown(figures, figures.resolution, figures.rated) == 0.8


def test_months_follow_one_another_over_the_year() -> None:
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)
    assert months(date(2026, 11, 17), date(2027, 1, 2)) == [
        date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
    ]  # fmt: skip


async def test_a_month_is_counted_from_its_cases_and_can_be_counted_again(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    await give(conn, case, now + timedelta(days=2))
    await filed(conn, now + timedelta(minutes=1))
    last_month = await filed(conn, now - timedelta(days=30))
    assert last_month.number
    month = date(2026, 11, 1)
    for _ in range(2):
        assert await counting.count_month(conn, month, now + timedelta(days=3)) == 2
    found = await store.list_figures(conn, month, month, ["all", "unit", "category"])
    by_name = {(kind, name): figures for _, kind, name, figures in found}
    expected = Figures(filed=2, answered=1, in_time=1, upheld=1, days={2: 1})
    assert by_name["all", ""] == expected
    assert by_name["unit", "RS"] == expected
    assert by_name["category", "L02"] == expected

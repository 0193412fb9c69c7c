"""Figures in words: all and none are said only where it is all and none; what leads to cases."""

import pytest

from complaints.figures import Figures
from complaints.showing import Line
from gateway.figure_words import COLUMNS, has_cases, numbers, percent, told


@pytest.mark.parametrize(
    ("rate", "said"),
    [(None, "–"), (0, "0%"), (1, "100%"), (642 / 645, "99%"), (1 / 645, "1%"), (0.5, "50%")],
)
def test_a_rate_is_not_rounded_to_all_or_none(rate: float | None, said: str) -> None:
    assert percent(rate) == said


NOTHING = Figures(filed=2)
SAME_DAY = Figures(filed=2, answered=1, late=1, rated=1, days={0: 1})


@pytest.mark.parametrize(
    ("figures", "leading"),
    [
        (NOTHING, {"filed"}),
        # Answered on the day it came and yet late: a rate of 0%, and a median of 0 days.
        (SAME_DAY, {"filed", "late", "response", "resolution", "satisfaction", "median", "p90"}),
    ],
)
def test_a_rate_or_days_that_are_zero_have_cases_and_a_count_that_is_zero_has_none(
    figures: Figures, leading: set[str]
) -> None:
    line = told(Line("RS", figures), "Bureau", everybody=False)
    assert {column for column in COLUMNS if has_cases(line, column)} == leading
    assert not has_cases(told(Line("RS", None), "Bureau", everybody=False), "filed")


def test_a_workbook_has_counts_as_whole_numbers_and_rates_as_parts_of_one() -> None:
    found = numbers(SAME_DAY)
    assert (found["filed"], found["median"], found["commended"]) == (2, 0, 0)
    assert [type(found[name]) for name in ("filed", "median", "response")] == [int, int, float]
    assert numbers(NOTHING)["response"] is None

"""Rates in words: all and none are said only where it is all and none."""

import pytest

from gateway.figure_words import percent


@pytest.mark.parametrize(
    ("rate", "said"),
    [(None, "–"), (0, "0%"), (1, "100%"), (642 / 645, "99%"), (1 / 645, "1%"), (0.5, "50%")],
)
def test_a_rate_is_not_rounded_to_all_or_none(rate: float | None, said: str) -> None:
    assert percent(rate) == said

"""Values that take long: the first with every run, all of them under `.ci/run`."""

from collections.abc import Sequence

import hypothesis
import pytest

# What every run tries; see tests/conftest.py.
SAMPLE = 40


def first_of(values: Sequence[object], most: int = 1) -> list[object]:
    """`values` as parameters; those after the first `most` are marked `thorough`."""
    return [
        value if n < most else pytest.param(value, marks=pytest.mark.thorough)
        for n, value in enumerate(values)
    ]


def examples(number: int) -> int:
    """How many values a property tries: `number` under `.ci/run`, a sample with every run."""
    chosen = hypothesis.settings()
    return min(number, chosen.max_examples) if chosen.max_examples == SAMPLE else number

"""Values that take long: the first with every run, all of them under `.ci/run`."""

from collections.abc import Sequence

import pytest


def first_of(values: Sequence[object], most: int = 1) -> list[object]:
    """`values` as parameters; those after the first `most` are marked `thorough`."""
    return [
        value if n < most else pytest.param(value, marks=pytest.mark.thorough)
        for n, value in enumerate(values)
    ]

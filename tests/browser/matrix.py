"""Looks and languages of a page: one of each kind with every run, all combinations under CI.

A barrier is rarely one language's alone, and all of them together take minutes. `.ci/run` and
`pytest -m "thorough or not thorough"` leave none out.
"""

from itertools import product

import pytest


def combinations(*axes: tuple[object, ...], always: tuple[tuple[object, ...], ...]) -> list[object]:
    """Every combination of `axes` as parameters; those not in `always` are marked `thorough`."""
    return [
        pytest.param(
            *each,
            marks=() if each in always else pytest.mark.thorough,
            id="-".join(str(value) for value in each),
        )
        for each in product(*axes)
    ]

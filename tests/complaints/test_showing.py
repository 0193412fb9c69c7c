"""What everybody may see of figures: nothing of a few cases, whatever is subtracted from what."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.figures import ALL, LEAST_SHOWN, Figures, add, months, next_month
from complaints.periods import Period, choices, month_of, quarter_of, read
from complaints.showing import Shown, show, unhidden, wanted

TODAY = date(2026, 11, 28)
BEGINS = date(2025, 7, 1)
EVERY = months(BEGINS, TODAY)
UNITS = ("", "GT", "RS", "TC", "ZW")
Cells = Mapping[tuple[date, str], int]


def counted(cells: Cells) -> dict[date, dict[tuple[str, str], Figures]]:
    """Months of figures in which each unit got so many complaints; "" names none."""
    found: dict[date, dict[tuple[str, str], Figures]] = {}
    for month in EVERY:
        rows = {u: Figures(filed=cells.get((month, u), 0)) for u in UNITS}
        found[month] = {("unit", u): f for u, f in rows.items() if u and f.filed}
        found[month] |= {("category", u): f for u, f in rows.items() if u and f.filed}
        found[month][ALL] = add(rows.values())
    return found


def period(code: str) -> Period:
    found = read(code, TODAY)
    assert found
    return found


def seen(cells: Cells, code: str) -> Shown:
    return show(counted(cells), period(code), TODAY)


def lines(shown: Shown, kind: str = "unit") -> dict[str, int | None]:
    return {each.name: each.figures and each.figures.filed for each in shown.lines[kind]}


MARCH, APRIL, MAY, JUNE = (date(2026, n, 1) for n in (3, 4, 5, 6))


def test_four_cases_of_a_month_are_not_told() -> None:
    shown = seen({(date(2026, 11, 1), "RS"): 4}, "2026-11")
    assert (shown.total.figures, shown.total.left_out) == (None, 1)


def test_a_quarter_less_its_months_does_not_tell_the_third() -> None:
    cells = {(APRIL, "RS"): 20, (MAY, "RS"): 3, (JUNE, "RS"): 30}
    quarter = seen(cells, "2026-Q2")
    told = [each.figures and each.figures.filed for each in quarter.months]
    # While the quarter ran April and June were told; the whole must not bring May to light.
    assert told == [20, None, 30]
    assert quarter.total.figures
    assert (quarter.total.figures.filed, quarter.total.left_out) == (50, 1)
    assert lines(quarter) == {"RS": None}, "all of it would tell the whole"
    cells |= {(MAY, "TC"): 1, (APRIL, "GT"): 9, (JUNE, "ZW"): 9}
    assert lines(seen(cells, "2026-Q2")) == {"GT": None, "RS": 53, "TC": None, "ZW": 9}


def test_two_small_months_are_told_together() -> None:
    quarter = seen({(APRIL, "RS"): 3, (MAY, "RS"): 4, (JUNE, "RS"): 30}, "2026-Q2")
    assert quarter.total.figures
    assert (quarter.total.figures.filed, quarter.total.left_out) == (37, 0)


def test_no_quarter_tells_how_many_a_hidden_month_had() -> None:
    """Whoever knows the rule, and that what is hidden are one to four, goes through all that could
    have been."""
    could: dict[tuple[tuple[int | None, ...], int | None, int], list[tuple[int, ...]]] = {}
    for filed in product(range(8), repeat=3):
        cells = {(month, "RS"): n for month, n in zip((APRIL, MAY, JUNE), filed, strict=True)}
        shown = seen(cells, "2026-Q2")
        total = shown.total.figures and shown.total.figures.filed
        told = tuple(each.figures and each.figures.filed for each in shown.months)
        could.setdefault((told, total, shown.total.left_out), []).append(filed)
    for (told, _, _), several in could.items():
        for at, n in enumerate(told):
            if n is None:
                assert len({each[at] for each in several}) > 1, told


def test_a_year_less_its_quarters_tells_no_unit() -> None:
    cells = {(MARCH, "RS"): 9, (MARCH, "TC"): 9, (MAY, "RS"): 3, (MAY, "TC"): 9, (MAY, "GT"): 9}
    assert lines(seen(cells, "2026-Q1")) == {"RS": 9, "TC": 9}
    assert lines(seen(cells, "2026-Q2")) == {"GT": None, "RS": None, "TC": 9}
    year = seen(cells, "2026")
    assert lines(year) == {"GT": None, "RS": 9, "TC": 18}
    assert {each.name: each.left_out for each in year.lines["unit"]} == {
        "GT": 1, "RS": 1, "TC": 0
    }  # fmt: skip


def test_the_quarter_that_runs_is_not_told_by_unit() -> None:
    shown = seen({(date(2026, 10, 1), "RS"): 50}, "2026-Q4")
    assert shown.total.figures
    assert shown.total.figures.filed == 50
    assert shown.lines["unit"] == ()


def test_nothing_counted_is_nothing_hidden() -> None:
    shown = seen({}, "last12")
    assert shown.total.figures == Figures()
    assert shown.total.left_out == 0


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "2026-12", "2027", "last", "２０２６"])
def test_no_period_and_one_that_has_not_begun_are_refused(text: str) -> None:
    assert read(text, TODAY) is None


def test_periods_are_chosen_by_their_address() -> None:
    assert period("last12").months[0] == date(2025, 12, 1)
    assert period("2026-Q4") == quarter_of(TODAY)
    assert period("2026-11") == month_of(TODAY)
    assert wanted(period("last12")) == (date(2025, 10, 1), date(2026, 12, 1))
    assert all(read(each.code, TODAY) == each for each in choices(BEGINS, TODAY))


CELLS = st.dictionaries(
    st.tuples(st.sampled_from(EVERY), st.sampled_from(UNITS)), st.integers(0, 9), max_size=40
)


@settings(deadline=None)
@given(CELLS)
def test_every_period_adds_up_parts_that_are_shown_by_themselves(cells: dict) -> None:
    for chosen in choices(BEGINS, TODAY):
        shown = show(counted(cells), chosen, TODAY)
        parts = [seen(cells, each.code) for each in shown.quarters]
        inside = {month for each in shown.quarters for month in each.months}
        for name, filed in lines(shown).items():
            told = [lines(each).get(name) for each in parts]
            assert (filed or 0) == sum(each or 0 for each in told)
        outside = [each for each in shown.months if date.fromisoformat(each.name) not in inside]
        whole = [*(each.total for each in parts), *outside]
        total = shown.total.figures
        assert (total.filed if total else 0) == sum(
            each.figures.filed for each in whole if each.figures
        )


@settings(deadline=None)
@given(CELLS)
def test_nobody_can_subtract_their_way_to_a_few_cases(cells: dict) -> None:
    """All that was shown on the last day of any month, as sums over (month, unit); no small count
    is a sum of such sums. Known besides is only what is zero: months without a case, units without
    one in a quarter."""
    filled = [(month, unit) for month in EVERY for unit in UNITS if possible(cells, month, unit)]
    told: list[list[int]] = []
    secret: list[list[int]] = []

    def take(figures: Figures | None, of: Sequence[date], unit: str | None) -> None:
        row = [int(month in of and unit in (None, name)) for month, name in filled]
        if figures is None:
            n = sum(cells.get(cell, 0) for cell, inside in zip(filled, row, strict=True) if inside)
            if 0 < n < LEAST_SHOWN and row not in secret:
                secret.append(row)
        else:
            assert figures.filed == 0 or figures.filed >= LEAST_SHOWN
            if row not in told:
                told.append(row)

    months_counted = counted(cells)
    for today in [next_month(month) - timedelta(days=1) for month in EVERY[:-1]] + [TODAY]:
        for each in dict.fromkeys(quarter_of(month) for month in EVERY if month <= today):
            shown = show(months_counted, each, today)
            for line in shown.months:
                take(line.figures, [date.fromisoformat(line.name)], None)
            # What has parts left out is the sum of the months that are shown.
            if shown.quarters and not shown.total.left_out:
                take(shown.total.figures, each.months, None)
            for line in shown.lines["unit"]:
                take(line.figures, each.months, line.name)
    known = rank(told)
    assert all(rank([*told, row]) > known for row in secret)


def possible(cells: Cells, month: date, unit: str) -> bool:
    quarter = quarter_of(month).months
    return any(cells.get((month, each)) for each in UNITS) and any(
        cells.get((each, unit)) for each in quarter
    )


def rank(rows: Sequence[Sequence[int]]) -> int:
    left = [[Fraction(n) for n in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        at = next((i for i in range(found, len(left)) if left[i][column]), None)
        if at is None:
            continue
        left[found], left[at] = left[at], left[found]
        for i in range(found + 1, len(left)):
            factor = left[i][column] / left[found][column]
            if factor:
                left[i] = [a - factor * b for a, b in zip(left[i], left[found], strict=True)]
        found += 1
    return found


@settings(deadline=None)
@given(CELLS)
def test_who_may_see_the_cases_sees_all_of_them(cells: dict) -> None:
    total, rows = unhidden(counted(cells), period("2026"))
    inside = sum(n for (month, _), n in cells.items() if month.year == 2026)
    assert total.filed == inside
    assert sum(each.figures.filed for each in rows["unit"] if each.figures) == inside

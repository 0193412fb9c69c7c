"""A breach is computed: which limit, which unit, how many days over."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.calendar import packaged
from complaints.breaches import (
    ParallelStep,
    ParallelTable,
    assess,
    assess_parallel,
    promise_holds,
)
from complaints.deadlines import SHANGHAI, Exclusion, Extension, Limit

TABLE = {
    row["id"]: row
    for row in json.loads((Path(__file__).parents[1] / "data/time_limits.json").read_text())
}
CALENDAR = packaged()
TODAY = date(2026, 11, 23)
PROMISED, STATUTORY = Limit(8), Limit(20)


def day(text):
    return date.fromisoformat(text)


def measured(start, today, decided=None, **more):
    limits = {"promised": PROMISED, "statutory": STATUTORY} | more
    done = day(decided) if decided else None
    return assess("ZRZY", day(start), day(today), CALENDAR, decided=done, **limits)


# One matter, two limits


def test_a_matter_without_any_limit_cannot_be_late():
    found = measured("2026-01-05", "2026-09-30", promised=None, statutory=None)
    assert (found.promised, found.statutory) == (None, None)
    assert (found.late, found.charged, found.categories) == (False, None, ())


def test_e12_the_promise_is_broken_and_the_law_is_kept():
    row = TABLE["E12"]
    found = measured(row["accepted"], "2026-11-23", row["decided"])
    assert found.promised.due.at == day(row["promised_due"])
    assert found.statutory.due.at == day(row["statutory_due"])
    assert (found.promised.late, found.statutory.late) == (
        row["late_promised"],
        row["late_statutory"],
    )
    assert found.elapsed == row["elapsed"]
    assert (found.promised.days_over, found.statutory.days_over) == (3, 0)
    assert (found.charged, found.categories) == ("ZRZY", ("T04",))
    assert found.measured_on == day(row["decided"])


def test_an_undecided_matter_is_measured_today_and_both_breaches_are_reported():
    found = measured("2026-09-14", "2026-11-23")
    assert (found.decided, found.measured_on) == (None, TODAY)
    assert (found.promised.late, found.statutory.late) == (True, True)
    assert found.statutory.days_over == 26
    assert found.categories == ("T03", "T04")


@pytest.mark.parametrize(
    ("decided", "late", "over"),
    [
        ("2026-03-18", False, 0),
        ("2026-03-19", False, 0),  # on the due day
        ("2026-03-20", True, 1),
        ("2026-03-21", True, 1),  # a Saturday: late, but no further working day
        ("2026-03-23", True, 2),
    ],
)
def test_days_over_are_working_days_after_the_due_day(decided, late, over):
    found = measured("2026-03-09", "2026-11-23", decided)
    assert (found.promised.late, found.promised.days_over) == (late, over)


def test_decided_on_the_first_rest_day_after_is_late_by_no_working_day():
    found = measured("2026-03-03", "2026-11-23", "2026-03-14")
    assert found.promised.due.at == day("2026-03-13")
    assert (found.promised.late, found.promised.days_over, found.late) == (True, 0, True)


def test_before_the_due_day_nothing_is_over():
    found = measured("2026-03-09", "2026-03-10")
    assert (found.late, found.promised.days_over, found.elapsed) == (False, 0, 1)


def test_a_day_of_acceptance_that_lies_ahead_has_nothing_elapsed():
    found = measured("2026-03-09", "2026-03-02")
    assert (found.elapsed, found.late) == (0, False)


def test_excluded_time_stops_both_limits_and_an_extension_only_the_statutory_one():
    stop = Exclusion(day("2026-03-09"), day("2026-03-11"), 2)
    longer = Extension(10, day("2026-03-20"))
    found = measured("2026-03-09", "2026-03-20", exclusions=[stop], extensions=[longer])
    assert found.promised.due.at == day("2026-03-23")
    assert found.statutory.due.counted == 30
    assert found.promised.due.counted == 8


def test_hours_and_half_days_are_measured_by_the_minute():
    start = datetime(2026, 3, 13, 16, 0, tzinfo=SHANGHAI)
    found = assess(
        "HALL",
        start,
        day("2026-03-16"),
        CALENDAR,
        promised=Limit(1, "half_day"),
        statutory=Limit(24, "hour"),
        decided=datetime(2026, 3, 16, 12, 1, tzinfo=SHANGHAI),
        exclusions=[Exclusion(day("2026-01-05"), day("2026-01-06"), 1)],
    )
    assert (found.promised.late, found.promised.days_over) == (True, 0)
    assert (found.statutory.late, found.statutory.days_over) == (True, 1)


def test_an_unpublished_year_is_said_and_nothing_is_charged():
    found = measured("2026-12-15", "2027-03-01")
    assert found.calendar_unknown
    assert (found.statutory.late, found.statutory.days_over, found.elapsed) == (None, None, None)
    assert (found.promised.late, found.promised.days_over) == (True, None)
    assert found.categories == ("T04",)


def test_the_derivations_are_there_to_be_printed():
    found = measured("2026-09-14", "2026-11-23")
    assert (found.promised.due.counted, found.statutory.due.counted) == (8, 20)
    assert found.promised.due.calendar_version == CALENDAR.version


# R10


@pytest.mark.parametrize(
    ("promised", "statutory", "holds"),
    [
        (Limit(20), Limit(20), False),
        (Limit(21), Limit(20), False),
        (Limit(19), Limit(20), True),
        (Limit(5), Limit(7, "calendar_day"), False),  # a week either way
        (Limit(4), Limit(7, "calendar_day"), True),
        (Limit(7, "calendar_day"), Limit(5), False),
        (Limit(2, "half_day"), Limit(1), False),
        (Limit(1, "half_day"), Limit(1), True),
        (Limit(24, "hour"), Limit(1, "calendar_day"), False),
        (Limit(23, "hour"), Limit(1, "calendar_day"), True),
        (Limit(24, "hour"), Limit(1), True),
    ],
)
def test_a_promise_must_be_strictly_below_the_statutory_limit(promised, statutory, holds):
    assert promise_holds(promised, statutory) is holds


# R11


def parallel(**more):
    row = TABLE["E13"]
    given_table = {"lead": "发改局", "start": day(row["start"]), "overall": Limit(15)} | more
    return ParallelTable(**given_table)


def steps():
    row = TABLE["E13"]
    start = day(row["start"])
    return [
        ParallelStep(unit, Limit(number), start, day(done))
        for unit, number, _, done, _ in row["units"]
    ]


def test_e13_one_unit_is_late_though_the_whole_is_in_time():
    row = TABLE["E13"]
    table = parallel(put_together=Limit(2))
    found = assess_parallel(table, steps(), TODAY, CALENDAR, finished=day("2026-03-27"))
    for (unit, _, until, _, late), part in zip(row["units"], found.parts, strict=False):
        assert (part.unit, part.overrun.due.at, part.late) == (unit, day(until), late)
    together = found.parts[-1]
    assert (together.unit, together.role) == ("发改局", "put_together")
    assert together.overrun.due.at == day(row["lead_due_after_last"])
    assert found.overall.due.at == day(row["overall_due"])
    assert (found.overall.late, found.charged) == (False, ("生态环境分局",))
    assert found.parts[1].overrun.days_over == 2


def test_the_whole_late_through_one_unit_charges_that_unit_alone():
    late = [*steps()[:2], ParallelStep("住建局", Limit(7), day("2026-03-09"), day("2026-04-03"))]
    found = assess_parallel(parallel(), late, TODAY, CALENDAR, finished=day("2026-04-03"))
    assert found.overall.late is True
    assert found.charged == ("生态环境分局", "住建局")


def test_the_lead_unit_owns_handing_on():
    slow = [ParallelStep("住建局", Limit(7), day("2026-03-12"), day("2026-03-20"))]
    table = parallel(hand_on=Limit(1))
    found = assess_parallel(table, slow, TODAY, CALENDAR, finished=day("2026-03-24"))
    assert [(part.role, part.late) for part in found.parts] == [("hand_on", True), ("unit", False)]
    assert found.charged == ("发改局",)


def test_a_unit_that_never_got_the_file_is_not_charged_but_the_lead_is():
    waiting = [ParallelStep("住建局", Limit(7))]
    found = assess_parallel(parallel(hand_on=Limit(1)), waiting, day("2026-04-10"), CALENDAR)
    assert found.charged == ("发改局",)
    assert found.parts[1].overrun is None


def test_the_lead_unit_owns_putting_together():
    table = parallel(put_together=Limit(2))
    in_time = [ParallelStep("住建局", Limit(7), day("2026-03-09"), day("2026-03-17"))]
    found = assess_parallel(table, in_time, TODAY, CALENDAR, finished=day("2026-03-20"))
    assert found.charged == ("发改局",)
    assert found.overall.late is False


def test_putting_together_begins_only_when_all_units_are_done():
    table = parallel(put_together=Limit(2))
    unfinished = [*steps(), ParallelStep("水务局", Limit(7), day("2026-03-09"))]
    found = assess_parallel(table, unfinished, day("2026-03-12"), CALENDAR)
    assert {part.role for part in found.parts} == {"unit"}


def test_time_that_nobody_else_owned_is_the_lead_units():
    in_time = [ParallelStep("住建局", Limit(7), day("2026-03-09"), day("2026-03-17"))]
    found = assess_parallel(parallel(), in_time, TODAY, CALENDAR, finished=day("2026-04-03"))
    assert (found.overall.late, found.charged) == (True, ("发改局",))


def test_nobody_is_charged_when_everything_is_in_time():
    in_time = [ParallelStep("住建局", Limit(7), day("2026-03-09"), day("2026-03-17"))]
    found = assess_parallel(parallel(), in_time, TODAY, CALENDAR, finished=day("2026-03-30"))
    assert (found.overall.late, found.charged) == (False, ())


# What always holds

starts = st.dates(date(2024, 1, 1), date(2026, 6, 30))


@settings(max_examples=80, deadline=None)
@given(starts, st.integers(1, 20), st.integers(1, 20), st.integers(0, 90))
def test_whoever_breaks_the_law_has_broken_a_lower_promise_too(start, number, more, later):
    found = assess(
        "U",
        start,
        start + timedelta(later),
        CALENDAR,
        promised=Limit(number),
        statutory=Limit(number + more),
    )
    assert found.promised.late or not found.statutory.late
    assert found.promised.days_over >= found.statutory.days_over
    assert found.promised.late == (start + timedelta(later) > found.promised.due.at)


part = st.builds(
    lambda unit, number, start, took: ParallelStep(
        unit, Limit(number), start, start + timedelta(took)
    ),
    st.sampled_from("ABC"),
    st.integers(1, 15),
    st.dates(date(2025, 1, 1), date(2025, 3, 1)),
    st.integers(0, 40),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(part, min_size=2, max_size=5), st.integers(0, 60))
def test_a_unit_is_charged_exactly_when_its_own_part_is_late(parts, after):
    table = ParallelTable("LEAD", date(2025, 1, 1), Limit(30))
    finished = max(step.done for step in parts) + timedelta(after)
    found = assess_parallel(table, parts, finished, CALENDAR, finished=finished)
    late = {each.unit for each in found.parts if each.late}
    if late or not found.overall.late:
        assert set(found.charged) == late
    else:
        assert found.charged == ("LEAD",)

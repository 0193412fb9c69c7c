"""Due days as the law counts them, and the day-by-day proof that goes with each."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.calendar import REST, Calendar, packaged
from complaints.deadlines import (
    SHANGHAI,
    Day,
    Exclusion,
    Extension,
    Limit,
    clock_start,
    due,
    working_days_between,
)
from complaints.limits import CERTIFICATE, JOINT, JOINT_EXTENSION, PERMIT, PERMIT_EXTENSION
from tests.thorough import examples

TABLE = {
    row["id"]: row
    for row in json.loads((Path(__file__).parents[1] / "data/time_limits.json").read_text())
}
CALENDAR = packaged()


def day(text):
    return date.fromisoformat(text)


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def lines(found):
    """A derivation as ``day reason number`` texts."""
    return [f"{line.on} {line.reason} {line.number or '-'}" for line in found.days]


# What is refused


@pytest.mark.parametrize("number", [0, -1, 10_001])
def test_a_limit_of_no_or_absurdly_many_units_is_refused(number):
    with pytest.raises(ValueError, match="between 1 and 10000"):
        Limit(number)
    with pytest.raises(ValueError, match="between 1 and 10000"):
        Extension(number, day("2026-01-05"))


@pytest.mark.parametrize("unit", ["half_day", "hour"])
def test_half_days_and_hours_need_a_time_to_start_from(unit):
    with pytest.raises(ValueError, match="starts at a time"):
        due(day("2026-03-09"), Limit(1, unit), CALENDAR)


def test_a_moment_without_zone_is_refused():
    with pytest.raises(ValueError, match="has no zone"):
        due(datetime(2026, 3, 9, 10, 0), Limit(1), CALENDAR)


def test_an_hour_limit_cannot_be_interrupted():
    stop = Exclusion(day("2026-03-09"), day("2026-03-12"), 3)
    with pytest.raises(ValueError, match="without a break"):
        due(moment("2026-03-09T10:00"), Limit(24, "hour"), CALENDAR, exclusions=[stop])


def test_an_exclusion_runs_forwards_and_is_notified_in_whole_days():
    with pytest.raises(ValueError, match="before it starts"):
        Exclusion(day("2026-03-12"), day("2026-03-09"), 3)
    with pytest.raises(ValueError, match="0 or more"):
        Exclusion(day("2026-03-09"), day("2026-03-12"), -1)


def test_a_start_beyond_the_end_of_dates_is_refused():
    with pytest.raises(ValueError, match="too far away"):
        due(day("9998-01-01"), Limit(10_000, "calendar_day"), CALENDAR)


# The worked examples


def test_e01_twenty_working_days_across_national_day():
    row = TABLE["E01"]
    assert due(day(row["accepted"]), Limit(row["wd"]), CALENDAR).at == day(row["due"])


def test_e03_accepted_on_a_make_up_saturday():
    row = TABLE["E03"]
    assert due(day(row["accepted"]), Limit(row["wd"]), CALENDAR).at == day(row["due"])


def test_e04_after_closing_time_before_a_holiday():
    row = TABLE["E04"]
    at = moment(row["received"])
    same, following = Limit(row["wd"]), Limit(row["wd"], after_close="next_workday")
    assert due(at, same, CALENDAR).at == day(row["due_same_day"])
    assert due(at, following, CALENDAR).at == day(row["due_next_workday"])


@pytest.mark.parametrize(("event", "until"), TABLE["E06"]["cases"])
def test_e06_half_days(event, until):
    assert due(moment(event), Limit(1, "half_day"), CALENDAR).at == moment(until)


def test_e07_a_timely_notice_lets_the_clock_start_when_all_is_supplied():
    row = TABLE["E07"]
    start = clock_start(
        day(row["received"]),
        CALENDAR,
        noticed=day(row["notice_due"]),
        supplied=day(row["resubmitted"]),
    )
    assert start.notice.at == day(row["notice_due"])
    assert (start.on, start.reason) == (day(row["resubmitted"]), "supplied")
    assert due(start.on, Limit(row["wd"]), CALENDAR).at == day(row["due"])


def test_e09_excluded_time():
    row = TABLE["E09"]
    start, limit = day(row["accepted"]), Limit(row["wd"])
    first, last = map(day, row["suspend"])
    enough = Exclusion(first, last, notified=14)
    assert due(start, limit, CALENDAR).at == day(row["base"])
    assert due(start, limit, CALENDAR, exclusions=[enough]).at == day(row["due"])


def test_e11_extension():
    row = TABLE["E11"]
    more = Extension(row["ext"], day(row["base"]))
    found = due(day(row["accepted"]), Limit(row["wd"]), CALENDAR, extensions=[more])
    assert (found.base, found.at, found.status) == (day(row["base"]), day(row["due"]), "ok")


def test_e12_promised_and_statutory():
    row = TABLE["E12"]
    start = day(row["accepted"])
    assert due(start, Limit(8), CALENDAR).at == day(row["promised_due"])
    assert due(start, Limit(20), CALENDAR).at == day(row["statutory_due"])
    assert working_days_between(start, day(row["decided"]), CALENDAR) == row["elapsed"]


def test_e15_calendar_days_extended_from_before_the_move():
    row = TABLE["E15"]
    start, limit = day(row["accepted"]), Limit(60, "calendar_day")
    assert due(start, limit, CALENDAR).at == day(row["due"])
    more = Extension(30, day("2025-09-30"))
    assert due(start, limit, CALENDAR, extensions=[more]).at == day(row["due_extended"])


def test_e17_an_unpublished_year_is_unknown():
    row = TABLE["E17"]
    found = due(day(row["accepted"]), Limit(row["wd"]), CALENDAR)
    assert (found.at, found.day, found.base) == (None, None, None)
    assert (found.status, found.unknown_year) == (row["status"], 2027)
    assert found.counted == row["counted_in_2026"]
    assert found.days[-1].on == day("2026-12-31")


# R1, R2: working days


@pytest.mark.parametrize(
    ("start", "number", "until"),
    [
        ("2026-03-09", 1, "2026-03-10"),  # Monday
        ("2026-03-10", 1, "2026-03-11"),
        ("2026-03-11", 1, "2026-03-12"),
        ("2026-03-12", 1, "2026-03-13"),
        ("2026-03-13", 1, "2026-03-16"),  # Friday
        ("2026-03-14", 1, "2026-03-16"),  # Saturday
        ("2026-03-15", 1, "2026-03-16"),  # Sunday
        ("2026-02-13", 1, "2026-02-14"),  # make-up Saturday counts
        ("2026-02-14", 1, "2026-02-24"),  # and is no start of the count itself
        ("2026-02-16", 2, "2026-02-25"),  # from within a holiday
        ("2024-02-08", 1, "2024-02-09"),  # New Year's eve 2024 was worked
        ("2024-02-28", 1, "2024-02-29"),  # leap day
        ("2025-02-28", 1, "2025-03-03"),
        ("2025-12-31", 1, "2026-01-04"),  # make-up Sunday after New Year
        ("2023-12-31", 1, "2024-01-02"),  # nothing of 2023 is counted
    ],
)
def test_the_start_day_does_not_count_and_rest_days_do_not_either(start, number, until):
    assert due(day(start), Limit(number), CALENDAR).at == day(until)


def test_the_derivation_says_of_each_day_why_it_counts_or_not():
    assert lines(due(day("2025-09-26"), Limit(3), CALENDAR)) == [
        "2025-09-26 start -",
        "2025-09-27 weekend -",
        "2025-09-28 makeup 1",
        "2025-09-29 counted 2",
        "2025-09-30 counted 3",
    ]


def test_a_closure_stands_in_the_derivation():
    closed = CALENDAR.with_closures([day("2026-08-21")])
    found = due(day("2026-08-20"), Limit(1), closed)
    assert lines(found) == [
        "2026-08-20 start -",
        "2026-08-21 closure -",
        "2026-08-22 weekend -",
        "2026-08-23 weekend -",
        "2026-08-24 counted 1",
    ]
    assert found.calendar_version == closed.version != CALENDAR.version


@pytest.mark.parametrize(
    ("done", "late"),
    [("2026-03-15", False), ("2026-03-16", False), ("2026-03-17", True), ("2026-03-21", True)],
)
def test_on_time_means_on_or_before_the_due_day(done, late):
    assert due(day("2026-03-13"), Limit(1), CALENDAR).late(day(done)) is late


def test_on_the_due_day_at_any_hour_is_in_time():
    found = due(day("2026-03-13"), Limit(1), CALENDAR)
    assert found.late(moment("2026-03-16T23:59")) is False
    assert found.late(moment("2026-03-17T00:00")) is True


# R3: calendar days


@pytest.mark.parametrize(
    ("start", "number", "until"),
    [
        ("2026-03-09", 3, "2026-03-12"),
        ("2026-03-09", 5, "2026-03-16"),  # ends on a Saturday
        ("2026-02-09", 5, "2026-02-14"),  # a make-up Saturday is no rest day
        ("2026-02-10", 5, "2026-02-24"),  # ends within the holiday
        ("2024-02-28", 2, "2024-03-01"),  # over leap day
        ("2025-10-31", 61, "2025-12-31"),
    ],
)
def test_calendar_days_that_end_on_a_rest_day_move_on(start, number, until):
    assert due(day(start), Limit(number, "calendar_day"), CALENDAR).at == day(until)


def test_the_move_is_written_down_and_counts_nothing():
    found = due(day("2026-03-09"), Limit(5, "calendar_day"), CALENDAR)
    assert lines(found)[-3:] == [
        "2026-03-14 counted 5",
        "2026-03-15 weekend -",
        "2026-03-16 moved -",
    ]


def test_a_calendar_day_limit_that_ends_in_an_unpublished_year_is_unknown():
    found = due(day("2026-12-20"), Limit(15, "calendar_day"), CALENDAR)
    assert (found.at, found.status, found.unknown_year) == (None, "calendar_unknown", 2027)


def test_a_calendar_day_limit_only_asks_the_calendar_about_its_end():
    assert due(day("2023-12-20"), Limit(20, "calendar_day"), CALENDAR).at == day("2024-01-09")


# R4: the notice of missing materials


@pytest.mark.parametrize(
    ("noticed", "supplied", "on", "reason"),
    [
        (None, None, "2025-04-21", "complete"),
        ("2025-04-21", None, None, "waiting"),
        ("2025-04-27", None, None, "waiting"),  # the fifth day, a make-up Sunday
        ("2025-04-27", "2025-05-12", "2025-05-12", "supplied"),
        ("2025-04-28", None, "2025-04-21", "deemed"),  # a day late: accepted on receipt
        ("2025-04-28", "2025-05-12", "2025-04-21", "deemed"),
    ],
)
def test_when_the_clock_of_a_file_starts(noticed, supplied, on, reason):
    start = clock_start(
        day("2025-04-21"),
        CALENDAR,
        noticed=noticed and day(noticed),
        supplied=supplied and day(supplied),
    )
    assert (start.on, start.reason) == (on and day(on), reason)


def test_whether_a_notice_was_in_time_is_unknown_without_a_calendar():
    start = clock_start(day("2026-12-30"), CALENDAR, noticed=day("2027-01-04"))
    assert (start.on, start.reason) == (None, "calendar_unknown")


# R5: extension


def test_the_statutory_limits_are_those_of_the_law():
    assert [(limit.number, limit.unit) for limit in (PERMIT, JOINT, CERTIFICATE)] == [
        (20, "working_day"),
        (45, "working_day"),
        (10, "working_day"),
    ]
    assert (PERMIT_EXTENSION, JOINT_EXTENSION) == (10, 15)


@pytest.mark.parametrize(
    ("approved", "status", "until"),
    [
        ("2026-02-06", "ok", "2026-02-28"),
        ("2026-02-09", "ok", "2026-02-28"),
        ("2026-02-10", "extension_void", "2026-02-09"),
    ],
)
def test_an_extension_must_be_approved_on_or_before_the_due_day(approved, status, until):
    found = due(day("2026-01-12"), Limit(20), CALENDAR, extensions=[Extension(10, day(approved))])
    assert (found.status, found.at, found.base) == (status, day(until), day("2026-02-09"))


def test_a_second_extension_is_void_and_the_first_one_stays():
    once = Extension(10, day("2026-02-02"))
    twice = [once, Extension(10, day("2026-02-20"))]
    found = due(day("2026-01-12"), Limit(20), CALENDAR, extensions=twice)
    assert (found.status, found.at, found.counted) == ("extension_void", day("2026-02-28"), 30)


def test_a_moved_calendar_day_limit_can_be_extended_until_the_day_it_moved_to():
    limit, start = Limit(60, "calendar_day"), day("2025-08-04")
    on_the_day = due(start, limit, CALENDAR, extensions=[Extension(30, day("2025-10-09"))])
    too_late = due(start, limit, CALENDAR, extensions=[Extension(30, day("2025-10-10"))])
    assert (on_the_day.at, on_the_day.status) == (day("2025-11-03"), "ok")
    assert (too_late.at, too_late.status) == (day("2025-10-09"), "extension_void")


def test_an_extension_into_an_unpublished_year_is_unknown_and_keeps_the_base():
    found = due(
        day("2026-12-01"), Limit(20), CALENDAR, extensions=[Extension(10, day("2026-12-20"))]
    )
    assert (found.status, found.at, found.base) == ("calendar_unknown", None, day("2026-12-29"))


def test_a_second_extension_into_an_unpublished_year_is_first_of_all_unknown():
    twice = [Extension(10, day("2026-12-20")), Extension(5, day("2026-12-21"))]
    found = due(day("2026-12-01"), Limit(20), CALENDAR, extensions=twice)
    assert (found.status, found.at) == ("calendar_unknown", None)


# R6: exclusion


@pytest.mark.parametrize(
    ("notified", "until"),
    [
        (0, "2025-06-04"),  # no notice, no exclusion
        (1, "2025-06-05"),
        (5, "2025-06-11"),  # capped at what was notified
        (14, "2025-06-24"),
        (99, "2025-06-24"),  # and at what it really took
    ],
)
def test_only_notified_time_is_excluded(notified, until):
    stop = Exclusion(day("2025-05-15"), day("2025-06-05"), notified)
    found = due(day("2025-05-06"), Limit(20), CALENDAR, exclusions=[stop])
    assert found.at == day(until)


def test_the_start_day_of_an_exclusion_counts_and_its_end_day_does_not():
    stop = Exclusion(day("2026-03-10"), day("2026-03-12"), 9)
    assert lines(due(day("2026-03-09"), Limit(2), CALENDAR, exclusions=[stop])) == [
        "2026-03-09 start -",
        "2026-03-10 counted 1",
        "2026-03-11 excluded -",
        "2026-03-12 excluded -",
        "2026-03-13 counted 2",
    ]


def test_overlapping_exclusions_exclude_a_day_once():
    stops = [
        Exclusion(day("2026-03-10"), day("2026-03-12"), 9),
        Exclusion(day("2026-03-11"), day("2026-03-13"), 9),
    ]
    assert due(day("2026-03-09"), Limit(2), CALENDAR, exclusions=stops).at == day("2026-03-16")


def test_notified_days_before_the_clock_starts_are_used_up():
    stop = Exclusion(day("2026-03-04"), day("2026-03-13"), 4)  # 5, 6, 9, 10 March
    assert due(day("2026-03-09"), Limit(1), CALENDAR, exclusions=[stop]).at == day("2026-03-11")


def test_rest_days_inside_an_exclusion_do_not_use_up_calendar_days():
    stop = Exclusion(day("2026-03-12"), day("2026-03-17"), 2)  # Friday and Monday, 17 is over
    found = due(day("2026-03-11"), Limit(3, "calendar_day"), CALENDAR, exclusions=[stop])
    assert lines(found) == [
        "2026-03-11 start -",
        "2026-03-12 counted 1",
        "2026-03-13 excluded -",
        "2026-03-14 excluded -",
        "2026-03-15 excluded -",
        "2026-03-16 excluded -",
        "2026-03-17 counted 2",
        "2026-03-18 counted 3",
    ]


def test_rest_days_after_the_notified_time_count_as_calendar_days():
    stop = Exclusion(day("2026-03-12"), day("2026-03-17"), 1)  # Friday only
    found = due(day("2026-03-12"), Limit(2, "calendar_day"), CALENDAR, exclusions=[stop])
    assert lines(found)[1:4] == [
        "2026-03-13 excluded -",
        "2026-03-14 counted 1",
        "2026-03-15 counted 2",
    ]


def test_an_exclusion_from_an_unpublished_year_cannot_be_measured():
    stop = Exclusion(day("2023-12-20"), day("2024-01-10"), 5)
    found = due(day("2024-01-02"), Limit(5), CALENDAR, exclusions=[stop])
    assert (found.status, found.unknown_year) == ("calendar_unknown", 2023)


def test_an_exclusion_after_the_due_day_changes_nothing_even_into_an_unpublished_year():
    stop = Exclusion(day("2026-12-28"), day("2027-02-01"), 20)
    assert due(day("2026-12-01"), Limit(5), CALENDAR, exclusions=[stop]).at == day("2026-12-08")


# R7: after closing time


@pytest.mark.parametrize(
    ("at", "same", "following"),
    [
        ("2026-03-13T08:00", "2026-03-16", "2026-03-16"),
        ("2026-03-13T17:30", "2026-03-16", "2026-03-16"),  # closing time itself is in time
        ("2026-03-13T17:31", "2026-03-16", "2026-03-17"),
        ("2026-03-14T10:00", "2026-03-16", "2026-03-17"),  # a rest day is closed all day
        ("2026-02-14T10:00", "2026-02-24", "2026-02-24"),  # a make-up Saturday is not
        ("2026-02-14T18:00", "2026-02-24", "2026-02-25"),
    ],
)
def test_after_closing_time(at, same, following):
    assert due(moment(at), Limit(1), CALENDAR).at == day(same)
    deferring = Limit(1, after_close="next_workday")
    assert due(moment(at), deferring, CALENDAR).at == day(following)


def test_a_deferred_start_is_written_down():
    found = due(moment("2026-03-13T18:00"), Limit(1, after_close="next_workday"), CALENDAR)
    assert lines(found) == [
        "2026-03-13 start -",
        "2026-03-16 deferred -",
        "2026-03-17 counted 1",
    ]


def test_a_bare_date_has_no_hour_and_is_never_after_closing_time():
    limit = Limit(1, after_close="next_workday")
    assert due(day("2026-03-13"), limit, CALENDAR).at == day("2026-03-16")


def test_the_zone_is_shanghai_wherever_the_moment_was_written():
    utc = datetime(2026, 3, 13, 16, 30, tzinfo=UTC)  # Saturday 00:30 in Shanghai
    found = due(utc, Limit(1, after_close="next_workday"), CALENDAR)
    assert found.days[0].on == day("2026-03-14")
    assert found.at == day("2026-03-17")


# R8, R9: half days and hours


@pytest.mark.parametrize(
    ("at", "number", "until"),
    [
        ("2026-03-09T08:30", 1, "2026-03-09T12:00"),  # the session that begins now is whole
        ("2026-03-09T08:31", 1, "2026-03-09T17:30"),
        ("2026-03-09T14:31", 1, "2026-03-10T12:00"),
        ("2026-03-09T07:00", 2, "2026-03-09T17:30"),
        ("2026-03-13T15:00", 3, "2026-03-17T12:00"),  # over a weekend
        ("2026-03-14T10:00", 1, "2026-03-16T12:00"),
    ],
)
def test_half_days_are_whole_sessions(at, number, until):
    assert due(moment(at), Limit(number, "half_day"), CALENDAR).at == moment(until)


def test_half_days_say_which_session():
    found = due(moment("2026-03-09T10:15"), Limit(2, "half_day"), CALENDAR)
    assert found.days == (
        Day(day("2026-03-09"), "start"),
        Day(day("2026-03-09"), "counted", 1, "afternoon"),
        Day(day("2026-03-10"), "counted", 2, "morning"),
    )


def test_half_days_of_an_excluded_day_do_not_count():
    stop = Exclusion(day("2026-03-09"), day("2026-03-10"), 1)
    found = due(moment("2026-03-09T15:00"), Limit(1, "half_day"), CALENDAR, exclusions=[stop])
    assert found.at == moment("2026-03-11T12:00")


def test_half_days_into_an_unpublished_year_are_unknown():
    found = due(moment("2026-12-31T15:00"), Limit(1, "half_day"), CALENDAR)
    assert (found.at, found.unknown_year) == (None, 2027)


@pytest.mark.parametrize(
    ("at", "number", "until"),
    [
        ("2026-03-13T16:00", 24, "2026-03-14T16:00"),  # nights and weekends run
        ("2026-09-30T17:45", 48, "2026-10-02T17:45"),
        ("2026-12-31T23:30", 2, "2027-01-01T01:30"),  # and unpublished years too
    ],
)
def test_hours_run_without_a_break(at, number, until):
    found = due(moment(at), Limit(number, "hour"), CALENDAR)
    assert (found.at, found.status, found.counted) == (moment(until), "ok", number)


def test_an_hour_limit_after_closing_time_can_start_at_the_next_opening():
    limit = Limit(2, "hour", after_close="next_workday")
    assert due(moment("2026-03-13T18:00"), limit, CALENDAR).at == moment("2026-03-16T10:30")


def test_a_due_time_is_missed_by_the_minute_but_a_bare_date_is_given_the_benefit():
    found = due(moment("2026-03-09T10:15"), Limit(1, "half_day"), CALENDAR)
    assert found.late(moment("2026-03-09T17:30")) is False
    assert found.late(moment("2026-03-09T17:31")) is True
    assert found.late(day("2026-03-09")) is False
    assert found.late(day("2026-03-10")) is True


# R13: where a limit comes from, and when it holds


def test_a_limit_keeps_its_source_and_validity():
    limit = Limit(
        7, source="县公告 2026-3", valid_from=day("2026-03-01"), valid_until=day("2026-06-30")
    )
    held = [
        limit.in_force(day(d)) for d in ("2026-02-28", "2026-03-01", "2026-06-30", "2026-07-01")
    ]
    assert held == [False, True, True, False]
    assert Limit(7).in_force(day("1999-01-01"))
    assert due(day("2026-03-09"), limit, CALENDAR).limit.source == "县公告 2026-3"


# What always holds

FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
days = st.dates(FIRST, date(2026, 9, 30))
moments = st.datetimes(
    datetime(2024, 1, 1), datetime(2026, 9, 30), timezones=st.just(SHANGHAI)
).map(lambda at: at.replace(second=0, microsecond=0))
limits = st.builds(
    Limit,
    st.integers(1, 40),
    st.sampled_from(["working_day", "calendar_day", "half_day"]),
    st.sampled_from(["same_day", "next_workday"]),
)
stops = st.lists(
    st.builds(
        lambda start, length, notified: Exclusion(start, start + timedelta(length), notified),
        days,
        st.integers(0, 40),
        st.integers(0, 20),
    ),
    max_size=2,
)
more = st.lists(st.builds(Extension, st.integers(1, 15), days), max_size=1)
rules = st.tuples(limits, stops, more)
off_days = st.sets(st.dates(FIRST, LAST), max_size=8)


def order(found):
    """Unknown lies after every known day: it may still turn out to be any later one."""
    if found.at is None:
        return datetime.max.replace(tzinfo=UTC)
    if isinstance(found.at, datetime):
        return found.at
    return datetime.combine(found.at, datetime.min.time(), SHANGHAI)


@settings(max_examples=examples(150), deadline=None)
@given(moments, rules, off_days, off_days)
def test_adding_days_off_never_makes_a_due_day_earlier(at, rule, off, added):
    limit, excluded, longer = rule
    before = Calendar.of(range(2024, 2027), off)
    after = before.with_closures(added)
    one = due(at, limit, before, exclusions=excluded, extensions=longer)
    other = due(at, limit, after, exclusions=excluded, extensions=longer)
    assert order(other) >= order(one)


@settings(max_examples=examples(150), deadline=None)
@given(moments, moments, rules, off_days)
def test_a_later_start_never_gives_an_earlier_due_day(one, other, rule, off):
    limit, excluded, longer = rule
    calendar = Calendar.of(range(2024, 2027), off)
    first, second = sorted((one, other))
    early = due(first, limit, calendar, exclusions=excluded, extensions=longer)
    late = due(second, limit, calendar, exclusions=excluded, extensions=longer)
    assert order(early) <= order(late)


@settings(max_examples=examples(150), deadline=None)
@given(moments, rules)
def test_every_due_day_has_a_derivation_whose_counted_days_equal_the_limit(at, rule):
    limit, excluded, longer = rule
    found = due(at, limit, CALENDAR, exclusions=excluded, extensions=longer)
    held = sum(each.number for each in longer if found.status == "ok")
    numbers = [line.number for line in found.days if line.number is not None]
    assert [line.on for line in found.days] == sorted(line.on for line in found.days)
    if found.at is not None:
        assert numbers == list(range(1, limit.number + held + 1))
        assert found.days[-1].on == found.day
        assert CALENDAR.kind(found.day) not in REST


@settings(max_examples=examples(80), deadline=None)
@given(days, st.integers(1, 60))
def test_working_days_agree_with_the_array_of_ordinals(start, number):
    found = due(start, Limit(number), CALENDAR)
    if found.at is not None:
        assert found.at == CALENDAR.nth_after(start, number)
        assert working_days_between(start, found.at, CALENDAR) == number


@settings(max_examples=examples(80), deadline=None)
@given(moments, st.integers(1, 500))
def test_hours_are_counted_through_to_the_last(at, number):
    found = due(at, Limit(number, "hour"), CALENDAR)
    assert found.at - at == timedelta(hours=number)
    assert found.days[-1].number == number


@settings(max_examples=examples(80), deadline=None)
@given(st.dates(date(2026, 1, 1), LAST), limits, moments.map(lambda at: at.time()))
def test_nothing_is_ever_due_in_a_year_without_a_calendar(start, limit, at):
    found = due(datetime.combine(start, at, SHANGHAI), limit, CALENDAR)
    if found.status == "calendar_unknown":
        assert (found.at, found.unknown_year) == (None, 2027)
        assert all(line.reason == "counted" for line in found.days if line.on > LAST)
    else:
        assert found.day <= LAST

"""Working days: the published years, and nothing but the published years."""

import json
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.calendar import REST, Calendar, CalendarError, CalendarUnknown, packaged

YEARS = (2024, 2025, 2026)
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
days = st.dates(FIRST, LAST)
some_days = st.sets(days, max_size=12)


def day(text: str) -> date:
    return date.fromisoformat(text)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    off = draw(some_days)
    work = draw(some_days) - off
    return Calendar.of(YEARS, off, work, draw(some_days))


def counted_one_by_one(calendar: Calendar, after: date, through: date) -> int:
    span = (after + timedelta(n) for n in range(1, (through - after).days + 1))
    return sum(calendar.is_working_day(each) for each in span)


# What must not happen


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.kind(day("2027-01-01")),
        lambda c: c.is_working_day(day("2023-12-29")),
        lambda c: c.on_or_after(day("2027-03-01")),
        lambda c: c.nth_after(day("2026-12-31"), 1),
        lambda c: c.nth_after(day("2026-12-15"), 13),
        lambda c: c.nth_after(day("2023-12-29"), 1),
        lambda c: c.count(day("2026-12-30"), day("2027-01-05")),
        lambda c: c.count(day("2023-12-30"), day("2024-01-05")),
    ],
)
def test_a_year_that_is_not_published_is_unknown_and_never_guessed(ask):
    with pytest.raises(CalendarUnknown, match="is published for"):
        ask(packaged())


def test_the_error_names_the_missing_year():
    with pytest.raises(CalendarUnknown) as before:
        packaged().nth_after(day("2023-12-28"), 1)
    with pytest.raises(CalendarUnknown) as after:
        packaged().nth_after(day("2026-12-31"), 1)
    assert (before.value.year, after.value.year) == (2023, 2027)


def test_a_gap_between_published_years_is_not_counted_across():
    gap = Calendar.of([2024, 2026])
    assert gap.count(day("2024-12-30"), day("2024-12-31")) == 1
    with pytest.raises(CalendarUnknown) as missing:
        gap.count(day("2024-12-31"), day("2026-01-02"))
    assert missing.value.year == 2025
    with pytest.raises(CalendarUnknown):
        gap.nth_after(day("2024-12-31"), 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "one object of years"),
        ({}, "one object of years"),
        ({"26": {}}, "'26' is not a year"),
        ({"２０２６": {}}, "is not a year"),
        ({"2026": []}, "expected an object"),
        ({"2026": {"closures": []}}, "'closures' is not known"),
        ({"2026": {"off": "2026-01-01"}}, "expected a list"),
        ({"2026": {"off": ["2026-02-30"]}}, "is no date"),
        ({"2026": {"work": [20260104]}}, "is no date"),
        ({"2026": {"off": ["2024-05-01"]}}, "belongs to another year"),
        ({"2026": {"off": ["2026-01-04"], "work": ["2026-01-04"]}}, "list it once"),
    ],
)
def test_a_faulty_file_is_refused_with_the_value_that_is_wrong(data, said):
    with pytest.raises(CalendarError, match=said):
        Calendar.from_json(data)


# What is so


def test_the_packaged_years_are_the_published_ones():
    assert packaged().years == {2024, 2025, 2026}


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_another_library_that_knows_these_years(year):
    calendar = packaged()
    start = date(year, 1, 1)
    year_days = [start + timedelta(n) for n in range((date(year + 1, 1, 1) - start).days)]
    differ = [d for d in year_days if calendar.is_working_day(d) != chinese_calendar.is_workday(d)]
    assert differ == []


@pytest.mark.parametrize(
    ("when", "kind"),
    [
        ("2024-02-09", "workday"),  # New Year's eve was a working day
        ("2024-02-10", "holiday"),
        ("2024-02-18", "makeup"),
        ("2024-02-24", "weekend"),
        ("2024-02-29", "workday"),  # leap day
        ("2025-01-28", "holiday"),
        ("2025-09-28", "makeup"),
        ("2026-02-14", "makeup"),
        ("2026-02-23", "holiday"),
        ("2026-10-10", "makeup"),
        ("2026-10-11", "weekend"),
    ],
)
def test_kinds_of_day(when, kind):
    assert packaged().kind(day(when)) == kind


def test_a_closure_by_the_county_beats_a_make_up_day_and_names_a_new_version():
    before = packaged()
    after = before.with_closures([day("2026-02-14"), day("2026-08-21")])
    assert [after.kind(day(d)) for d in ("2026-02-14", "2026-08-21")] == ["closure", "closure"]
    assert after.version != before.version
    assert before.is_working_day(day("2026-08-21"))
    assert after.count(day("2026-08-20"), day("2026-08-24")) == 1


def test_closures_can_be_written_in_the_file():
    calendar = Calendar.from_json({"2026": {"off": [], "work": [], "closure": ["2026-08-21"]}})
    assert calendar.kind(day("2026-08-21")) == "closure"


def test_a_notice_may_name_days_of_the_year_before():
    calendar = Calendar.from_json({"2018": {}, "2019": {"off": ["2018-12-31"]}})
    assert calendar.kind(day("2018-12-31")) == "holiday"


def test_the_same_content_has_the_same_version_whatever_its_order():
    one = Calendar.of([2024, 2025], [day("2024-05-01"), day("2025-05-01")])
    other = Calendar.of([2025, 2024], [day("2025-05-01"), day("2024-05-01")])
    assert one.version == other.version
    assert one == other
    assert one.version != Calendar.of([2024, 2025], [day("2024-05-01")]).version


def test_a_given_version_is_kept():
    assert Calendar.from_json(json.loads('{"2026": {}}'), "7").version == "7"


def test_a_working_day_is_its_own_next_one_and_a_rest_day_moves_on():
    calendar = packaged()
    assert calendar.on_or_after(day("2026-02-14")) == day("2026-02-14")
    assert calendar.on_or_after(day("2026-02-15")) == day("2026-02-24")


# What always holds


@settings(max_examples=60, deadline=None)
@given(calendars(), days, days)
def test_counting_by_ordinals_equals_counting_one_by_one(calendar, one, other):
    after, through = sorted((one, other))
    number = counted_one_by_one(calendar, after, through)
    assert calendar.count(after, through) == number
    assert calendar.count(through, after) == -number


@settings(max_examples=60, deadline=None)
@given(calendars(), days, st.integers(1, 300))
def test_the_nth_day_is_a_working_day_n_working_days_later(calendar, start, n):
    if calendar.count(start, LAST) < n:
        with pytest.raises(CalendarUnknown):
            calendar.nth_after(start, n)
        return
    found = calendar.nth_after(start, n)
    assert calendar.kind(found) not in REST
    assert calendar.count(start, found) == n

"""The directory finds people by whatever a citizen or an operator types."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.directory import Directory
from board.model import County, Relative, Section, Staff, Unit, Window
from tests.thorough import examples

UNIT = Unit("EDU", "department", "云溪县教育局", "Education Bureau", "", "", "", "", "A1001", 1)
HOUSING = Unit("HUD", "department", "住房和城乡建设局", "Housing Bureau", "", "", "", "", None, 2)
SECTION = Section("EDU-1", "EDU", "民办教育股", "Private Education", "", "", "", "", 1)
WINDOW = Window("W12", "12号窗口", "大厅", "EDU-1", 12)


def person(badge: str, name: str, **more: object) -> Staff:
    """Somebody of the education bureau, unless told otherwise."""
    plain = Staff(
        badge, None, "EDU", "EDU-1", None, name, "", "科员", "clerk", "", None,
        date(2020, 1, 1), None,
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


STAFF = (
    person("A1001", "陈大文", rank="head", section=None, post="局长"),
    person("A1002", "单国强", superior="A1001", rank="chief", placard="P-012", window="W12"),
    person("A1003", "区永权", superior="A1002", placard="P-013"),
    person("A1004", "单国强", unit="HUD", section=None),
    person("A1005", "陈小明", superior="A1002", until=date(2025, 6, 30)),
    person("B2001", "吕芳", superior="A1003"),
)
COUNTY = County(
    units=(HOUSING, UNIT), sections=(SECTION,), windows=(WINDOW,), staff=STAFF,
    relatives=(Relative("A1002", "B2001"),),
)  # fmt: skip
DIRECTORY = Directory(COUNTY)


def badges(query: str, **where: str) -> list[str]:
    return [found.badge for found in DIRECTORY.find_staff(query, **where)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "typed", ["", "A9999", "窗口", "号", "A10", "陈A1002", "1001", "\ud800", "''; --"]
)
def test_a_number_that_nobody_has_is_nobodys(typed: str) -> None:
    assert DIRECTORY.by_number(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        "A1002",
        "a-1OO2",
        "ａ１００２",
        "p012",
        "P-O12",
        "P 0 1 2",
        "胸卡号：A1002",
        "台牌 P-012",
        "A1002号",
    ],
)
def test_badge_and_placard_name_the_same_person(typed: str) -> None:
    found = DIRECTORY.by_number(typed)
    assert found is not None
    assert found.badge == "A1002"


def test_staff_who_left_stay_known_for_their_time() -> None:
    left = DIRECTORY.by_number("A1005")
    assert left is not None
    assert left.until == date(2025, 6, 30)
    assert left.serves_on(date(2025, 6, 30))
    assert not left.serves_on(date(2025, 7, 1))
    assert not left.serves_on(date(2019, 12, 31))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("陈大文", ["A1001"]),
        ("陳大文", ["A1001"]),
        ("陈", ["A1001", "A1005"]),
        ("單國強", ["A1002", "A1004"]),
        ("shanguoqiang", ["A1002", "A1004"]),
        ("sgq", ["A1002", "A1004"]),
        ("ouyong", ["A1003"]),
        ("quyongquan", ["A1003"]),
        ("lvfang", ["B2001"]),
        ("LUFANG", ["B2001"]),
        ("A100", ["A1001", "A1002", "A1003", "A1004", "A1005"]),
        ("p-01", ["A1002", "A1003"]),
        ("12", ["A1002"]),
        ("12号窗口", ["A1002"]),
        ("W12", ["A1002"]),
        ("国强 住房", ["A1004"]),
        ("教育局 qz", []),
        ("局长", ["A1001"]),
    ],
)
def test_people_are_found_as_one_types(query: str, expected: list[str]) -> None:
    assert badges(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # Heard, not read.
        ("区勇全", ["A1003"]),
        ("陈晓鸣", ["A1005"]),
        # One character wrong, one letter wrong, two digits swapped.
        ("区永杈", ["A1003"]),
        ("shanguoqianf", ["A1002", "A1004"]),
        ("B2010", ["B2001"]),
    ],
)
def test_near_misses_are_offered_when_nothing_fits(query: str, expected: list[str]) -> None:
    assert badges(query)[: len(expected)] == expected


def test_a_near_miss_never_pushes_away_what_fits() -> None:
    assert badges("单国强") == ["A1002", "A1004"]


def test_a_search_keeps_to_the_unit_and_window_that_were_chosen() -> None:
    assert badges("单国强", unit="HUD") == ["A1004"]
    assert badges("sgq", window="W12") == ["A1002"]
    assert badges("陈大文", unit="HUD") == []
    assert badges("", unit="HUD") == ["A1004"]
    assert badges("") == []


@pytest.mark.parametrize("query", ["\x00", "'", "%", "(((", "\ud83d", "🙂", "a" * 5000, "陈" * 900])
def test_odd_queries_find_nobody_and_break_nothing(query: str) -> None:
    assert badges(query) == []


@given(st.text(max_size=20))
@settings(max_examples=examples(200), deadline=None)
def test_no_query_breaks_the_search(query: str) -> None:
    found = DIRECTORY.find_staff(query, limit=3)
    assert len(found) <= 3
    assert set(found) <= set(STAFF)
    DIRECTORY.find_units(query)
    DIRECTORY.find_matters(query)


@given(st.sampled_from(STAFF), st.integers(1, 4))
def test_whoever_is_typed_in_full_or_in_part_is_among_those_found(who: Staff, length: int) -> None:
    assert who in DIRECTORY.find_staff(who.name[:length])
    assert who in DIRECTORY.find_staff(who.badge[: length + 1])


def test_units_are_found_by_short_form_english_and_initials() -> None:
    found = [[unit.code for unit in DIRECTORY.find_units(q)] for q in ("住建局", "educ", "jyj")]
    assert found == [["HUD"], ["EDU"], ["EDU"]]
    assert DIRECTORY.find_units("zzzz") == ()


def test_the_superior_line_is_walked_up_and_ends_in_a_circle() -> None:
    assert DIRECTORY.superiors_of("B2001") == ("A1003", "A1002", "A1001")
    assert DIRECTORY.superiors_of("A1001") == ()
    assert DIRECTORY.superiors_of("nobody") == ()
    ring = Directory(
        replace(
            COUNTY,
            staff=(
                person("A1", "甲", superior="A2"),
                person("A2", "乙", superior="A3"),
                person("A3", "丙", superior="A2"),
            ),
        )
    )
    assert ring.superiors_of("A1") == ("A2", "A3")
    assert ring.superiors_of("A2") == ("A3",)


def test_relatives_are_known_in_both_directions() -> None:
    assert DIRECTORY.relatives_of("A1002") == {"B2001"}
    assert DIRECTORY.relatives_of("B2001") == {"A1002"}
    assert DIRECTORY.relatives_of("A1001") == frozenset()


def test_lists_are_in_the_countys_order_and_leave_out_who_is_not_in_office() -> None:
    assert [unit.code for unit in DIRECTORY.units] == ["EDU", "HUD"]
    today = DIRECTORY.staff_of("EDU-1", on=date(2026, 1, 1))
    assert [p.badge for p in today] == ["A1002", "A1003", "B2001"]
    assert [p.badge for p in DIRECTORY.staff_at("W12")] == ["A1002"]
    assert DIRECTORY.sections_of("HUD") == ()
    head = DIRECTORY.head_of("EDU")
    assert head is not None
    assert head.name == "陈大文"
    assert DIRECTORY.head_of("HUD") is None


def test_an_empty_county_answers_everything_with_nothing() -> None:
    empty = Directory(County())
    assert empty.profile is None
    assert empty.find_staff("陈") == ()
    assert empty.find_units("教育") == empty.find_matters("身份证") == ()
    assert empty.by_number("A1024") is None
    assert empty.unit(None) is None

"""A county's own time limits: what may be set, what they change, and that open cases follow."""

from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.calendar import packaged
from complaints.deadlines import due
from complaints.effects import Effect
from complaints.lifecycle import DUTIES, deadline, end_of
from complaints.limits import SHANGHAI, Limit
from complaints.recounting import recount
from complaints.standing import By, begin
from complaints.steps import desk, office
from complaints.steps.words import Refused
from complaints.store.recounting import BEGINNING, list_open
from complaints.store.standing import find_standing, update_case
from complaints.store.terms import list_limits, load_terms, replace_limits
from complaints.term_rules import find_fault
from complaints.terms import (
    DEFAULTS,
    IN_WORKING_DAYS,
    KINDS,
    MOST,
    Terms,
    in_force,
    limit,
    own_limits,
    plain,
)
from tests.complaints.test_recounting import file
from tests.complaints.test_steps import LIANG, waiting_at_desk
from tests.people import COUNTY, DIRECTORY

CALENDAR = COUNTY.calendar
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
OWN = st.dictionaries(
    st.sampled_from(sorted(KINDS)), st.builds(Limit, st.integers(1, MOST)), max_size=6
)


@pytest.mark.parametrize(
    ("kind", "number", "unit", "fault"),
    [
        ("sign", None, "working_day", "number"),
        ("sign", 0, "working_day", "number"),
        ("sign", MOST + 1, "working_day", "number"),
        ("sign", 2, "hour", "unit"),
        ("complaint", 20, "calendar_day", "working_days"),
        ("reply", 5, "calendar_day", "working_days"),
        ("sign", 2, "working_day", None),
        ("review", 60, "calendar_day", None),
        ("complaint", MOST, "working_day", None),
    ],
)
def test_what_a_county_may_set(kind: Any, number: int | None, unit: str, fault: str | None) -> None:
    assert find_fault(kind, number, unit) == fault


def test_every_default_may_be_set_and_every_duty_has_one() -> None:
    for kind, each in DEFAULTS.items():
        assert find_fault(kind, each.number, each.unit) is None
        assert kind not in IN_WORKING_DAYS or each.unit == "working_day"
    assert {duty.limit for duty in DUTIES.values()} - {None} <= set(DEFAULTS)


@given(OWN)
def test_own_limits_count_and_the_others_are_the_defaults(own: Any) -> None:
    terms = in_force(CALENDAR, own)
    for kind in KINDS:
        assert limit(kind, terms) == own.get(kind, DEFAULTS[kind])
    assert plain(terms) == plain(CALENDAR)
    assert plain(terms).version == CALENDAR.version
    assert in_force(terms, own_limits(terms)) == terms, "said twice is said once"
    changed = {kind for kind, each in own.items() if each != DEFAULTS[kind]}
    assert isinstance(terms, Terms) == bool(changed)
    assert (terms.version == CALENDAR.version) == (not changed), "or nothing is counted anew"


@given(OWN, OWN)
def test_other_limits_have_another_version(one: Any, other: Any) -> None:
    first, second = in_force(CALENDAR, one), in_force(CALENDAR, other)
    assert (first.version == second.version) == (own_limits(first) == own_limits(second))


def test_a_state_ends_by_the_countys_limit() -> None:
    terms = in_force(CALENDAR, {"sign": Limit(3), "rework": Limit(20, "calendar_day")})
    to_sign = deadline("dispatched", NOW.date(), terms)
    assert to_sign is not None
    assert to_sign.at == end_of(CALENDAR.nth_after(NOW.date(), 3))
    again = deadline("rework", NOW.date(), terms)
    assert again is not None
    assert again.due.day == due(NOW.date(), Limit(20, "calendar_day"), CALENDAR).day


@pytest.mark.parametrize(("kind", "days"), [("enquiry", 2), ("help", 10), ("complaint", 15)])
def test_what_a_case_is_decides_when_it_is_answered(kind: Any, days: int) -> None:
    to = DIRECTORY.office("O-RS")
    assert to is not None
    sent = desk.dispatch(waiting_at_desk(), to, "", LIANG, kind=kind, calendar=CALENDAR, now=NOW)
    assert sent.case.limit == Limit(days)
    assert sent.case.due_on == CALENDAR.nth_after(NOW.date(), days)
    assert sent.case.kind == kind


def test_extension_and_question_keep_to_the_countys_limits() -> None:
    terms = in_force(CALENDAR, {"extension": Limit(3), "reply": Limit(4)})
    case = begin(waiting_at_desk()._replace(office="O-RS"), terms, NOW).case
    case = case._replace(
        state="in_hand", owner="office", limit=Limit(15), limit_start=NOW.date(),
        due_on=CALENDAR.nth_after(NOW.date(), 15),
    )  # fmt: skip
    at: dict[str, Any] = {"calendar": terms, "now": NOW + timedelta(days=1)}
    with pytest.raises(Refused, match="number"):
        office.extend(case, "需要调取外单位的档案。", 4, **at)
    assert office.extend(case, "需要调取外单位的档案。", 3, **at).case.extension is not None
    asked = office.ask(case, "请问是哪一天？", **at).case
    assert asked.asked_days == 4


async def test_open_cases_follow_a_changed_limit_with_an_event(
    conn: asyncpg.Connection, now: datetime
) -> None:
    found = await file(conn, now)
    before = await find_standing(conn, found.id)
    assert before is not None
    await replace_limits(conn, {"sign": Limit(4), "complaint": Limit(20)}, now)
    terms = in_force(COUNTY.calendar, await list_limits(conn))
    effect = Effect()
    effect.add(await list_open(conn, BEGINNING, 500), terms, now)
    assert (effect.read, effect.moved) == (1, 1), "foreseen"
    await recount(conn, terms, now)
    after = await find_standing(conn, found.id)
    assert after is not None
    assert after.limit == Limit(20)
    assert after.due_on == COUNTY.calendar.nth_after(date(2026, 11, 23), 20)
    assert after.next_at == end_of(COUNTY.calendar.nth_after(date(2026, 11, 23), 4))
    (told,) = await conn.fetch("SELECT data FROM event WHERE kind = 'recounted'")
    assert told["data"]["was"] == str(before.due_on)
    assert told["data"]["due"] == str(after.due_on)
    await replace_limits(conn, {}, now)
    assert await list_limits(conn) == {}


async def test_what_was_answered_keeps_the_limit_that_it_was_held_against(
    conn: asyncpg.Connection, now: datetime
) -> None:
    found = await file(conn, now)
    case = await find_standing(conn, found.id)
    assert case is not None
    move = begin(case, COUNTY.calendar, now)
    by = By("office", case.office)
    released = move.then("sign", by).then("answer", by).then("release", By("system"))
    assert await update_case(conn, released)
    await recount(conn, in_force(COUNTY.calendar, {"complaint": Limit(3)}), now)
    after = await find_standing(conn, found.id)
    assert after is not None
    assert (after.limit, after.due_on) == (Limit(15), case.due_on)


async def test_a_county_without_own_limits_has_its_calendar_alone(
    conn: asyncpg.Connection,
) -> None:
    assert not isinstance(await load_terms(conn), Terms)
    assert packaged().version == in_force(packaged(), {}).version

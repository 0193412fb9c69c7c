"""Three upheld in 90 days, or two returns: supervision raises itself, once."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import upheld
from complaints.limits import SHANGHAI
from complaints.standing import By
from complaints.steps import keeping
from complaints.steps import office as office_steps
from complaints.store import standing as cases
from complaints.store import supervision
from complaints.upheld import WITHIN, is_many, is_upheld
from gateway.db import Database
from tests import database
from tests.complaints.test_answers import CALENDAR, DRAFT, filed, give, seen
from tests.people import DIRECTORY

DAY = timedelta(days=1)
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=SHANGHAI)
UNFOUNDED = replace(
    DRAFT, findings=tuple(replace(each, finding="unfounded") for each in DRAFT.findings)
)


@pytest.mark.parametrize(
    ("findings", "so"),
    [
        ([], False),
        (["unfounded", "undetermined", "exonerated"], False),
        (["partly"], True),
        (["unfounded", "substantiated"], True),
    ],
)
def test_one_point_that_holds_in_whole_or_in_part_upholds(findings: list[str], so: bool) -> None:
    assert is_upheld(findings) is so


@pytest.mark.parametrize(
    ("days", "so"),
    [
        ([], False),
        ([0, 0], False),
        ([0, 45, 91], False),
        ([0, 45, 90], True),
        ([0, 0, 0], True),
        ([0, -1, -2], False),
        ([91, 92, 93, 94], False),
    ],
)
def test_three_within_ninety_days_are_many(days: list[int], so: bool) -> None:
    assert is_many([NOON - day * DAY for day in days], NOON) is so


@given(st.lists(st.integers(-10, 200), max_size=8), st.integers(0, 200))
def test_one_more_never_lifts_it_and_two_never_raise_it(days: list[int], more: int) -> None:
    moments = [NOON - day * DAY for day in days]
    if is_many(moments, NOON):
        assert is_many([*moments, NOON - more * DAY], NOON)
    assert not is_many(moments[:2], NOON)
    inside = [at for at in moments if NOON - WITHIN <= at <= NOON]
    assert is_many(inside, NOON) is is_many(moments, NOON)


async def raised(conn: asyncpg.Connection) -> list[tuple[str, str]]:
    rows = await conn.fetch("SELECT why, subject FROM supervision ORDER BY raised_at")
    told = await conn.fetch(
        "SELECT data FROM event WHERE kind = 'supervised' AND actor_kind = 'system' ORDER BY at"
    )
    assert [row["data"]["why"] for row in told] == [row["why"] for row in rows]
    return [(row["why"], row["subject"]) for row in rows]


async def test_two_upheld_and_one_that_was_not_raise_nothing(
    conn: asyncpg.Connection, now: datetime
) -> None:
    for draft in (DRAFT, UNFOUNDED, DRAFT):
        await give(conn, await filed(conn, now), now, draft)
    assert await raised(conn) == []


async def test_the_same_case_upheld_again_counts_once(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    for each in range(4):
        await upheld.note_answer(
            conn, case.id, ("A1024", "RS"), ["partly"], calendar=CALENDAR, now=now + each * DAY
        )
    assert await raised(conn) == []


async def test_a_review_that_finds_otherwise_takes_it_back(
    conn: asyncpg.Connection, now: datetime
) -> None:
    first = await filed(conn, now)
    await give(conn, first, now)
    await upheld.note_answer(
        conn, first.id, ("A1024", "RS"), ["unfounded"], calendar=CALENDAR, now=now + DAY
    )
    for _ in range(2):
        await give(conn, await filed(conn, now), now)
    assert await raised(conn) == []


async def test_the_third_upheld_in_ninety_days_raises_supervision_once(
    conn: asyncpg.Connection, now: datetime
) -> None:
    for day in (0, 45, 90, 90):
        case = await filed(conn, now + day * DAY)
        await give(conn, case, now + day * DAY)
    assert await raised(conn) == [("upheld", "A1024")]
    marked = await conn.fetchval("SELECT count(*) FROM complaint WHERE supervised_at IS NOT NULL")
    assert marked == 1


async def test_three_people_of_one_unit_raise_supervision_of_the_unit_once(
    conn: asyncpg.Connection, now: datetime
) -> None:
    """Nobody is told of twice, but the window where it goes on with everybody is."""
    for badge in ("A1024", "", "A2048", "A0007"):
        await give(conn, await filed(conn, now, badge=badge, unit="RS"), now)
    assert await raised(conn) == [("upheld", "RS")]


async def test_a_person_under_supervision_brings_the_unit_none_but_the_next_person_does(
    conn: asyncpg.Connection, now: datetime
) -> None:
    for _ in range(5):
        await give(conn, await filed(conn, now, badge="A1024"), now)
    assert await raised(conn) == [("upheld", "A1024")]
    await give(conn, await filed(conn, now, badge="A2048"), now)
    assert await raised(conn) == [("upheld", "A1024"), ("upheld", "RS")]


async def test_two_of_one_unit_and_one_of_another_raise_nothing(
    conn: asyncpg.Connection, now: datetime
) -> None:
    for unit, badge in (("RS", "A1024"), ("RS", "A2048"), ("TC", "")):
        await give(conn, await filed(conn, now, badge=badge, unit=unit), now)
    assert await raised(conn) == []


async def test_three_spread_further_raise_nothing(conn: asyncpg.Connection, now: datetime) -> None:
    for day in (0, 45, 91):
        await give(conn, await filed(conn, now + day * DAY), now + day * DAY)
    assert await raised(conn) == []


async def test_three_upheld_at_the_same_moment_raise_one(db: Database, now: datetime) -> None:
    async with db.transaction(database.SCHEMA) as conn:
        found = [await filed(conn, now) for _ in range(6)]

    async def answer(at: int) -> None:
        async with db.transaction(database.SCHEMA) as conn:
            await give(conn, await seen(conn, found[at].id, found[at].office), now)

    await asyncio.gather(*(answer(at) for at in range(6)))
    async with db.transaction(database.SCHEMA) as conn:
        assert await raised(conn) == [("upheld", "A1024")]


async def test_a_case_returned_twice_is_under_supervision(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    await conn.execute("UPDATE complaint SET returns = 1 WHERE id = $1", case.id)
    standing = await cases.find_standing(conn, case.id)
    assert standing is not None
    move = office_steps.ask_return(
        standing, "该事项由大坪镇负责，请转办。", "O-TC", DIRECTORY, calendar=CALENDAR, now=now
    )
    assert await cases.update_case(conn, move)
    await upheld.note_return(conn, move)
    assert await raised(conn) == [("returned", case.number)]


async def test_once_it_was_lifted_one_more_upheld_within_the_days_raises_it_anew(
    conn: asyncpg.Connection, now: datetime
) -> None:
    found = [await filed(conn, now) for _ in range(3)]
    for case in found:
        await give(conn, case, now)
    third = await cases.find_standing(conn, found[-1].id)
    assert third is not None
    assert third.supervised_at is not None
    lifted = keeping.lift(
        third, "三件都已改正。", By("desk", "liang"), calendar=CALENDAR, now=now + DAY
    )
    assert await cases.update_case(conn, lifted)
    await supervision.close_supervision(conn, third.id, now + DAY)
    await give(conn, await filed(conn, now + 2 * DAY), now + 2 * DAY)
    assert await raised(conn) == [("upheld", "A1024")] * 2

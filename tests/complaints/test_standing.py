"""A case moves by comparing: one statement, an event for each step, an owner and a deadline."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any, get_args

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.ids import new_id
from complaints import intake, lifecycle, standing
from complaints.intake import Enclosed, Origin
from complaints.lifecycle import OPEN, Actor, InvalidStep
from complaints.limits import SHANGHAI, Extension, local
from complaints.standing import COMPLAINANT, SYSTEM, TOLD, By, Standing, begin
from complaints.store.standing import (
    find_id,
    find_standing,
    is_torn,
    list_awake,
    update_case,
)
from gateway.db import Database
from tests import database
from tests.people import CIPHER, COUNTY, draft

CALENDAR = COUNTY.calendar
OFFICE = By("office", "O-ST")
DESK = By("desk", "liang")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


async def filed(conn: asyncpg.Connection, now: datetime, **said: Any) -> Standing:
    found = await intake.file(
        conn,
        draft(**said),
        COUNTY,
        CIPHER,
        enclosed=Enclosed(b"k" * 32),
        origin=Origin("web", "zh-Hans"),
        now=now,
    )
    case = await find_standing(conn, found.id, lock=True)
    assert case is not None
    return case


def signed(case: Standing, now: datetime) -> standing.Move:
    return begin(case, CALENDAR, now).then("sign", By("office", case.office))


async def test_a_step_that_the_state_does_not_know_is_refused(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    with pytest.raises(InvalidStep):
        begin(case, CALENDAR, now).then("close", SYSTEM)
    with pytest.raises(InvalidStep):
        begin(case, CALENDAR, now).then("sign", COMPLAINANT)


async def test_of_two_who_saw_the_same_case_the_second_changes_nothing(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    assert await update_case(conn, signed(case, now + HOUR))
    late = begin(case, CALENDAR, now + HOUR).then("withdraw", COMPLAINANT)
    assert not await update_case(conn, late)
    kinds = await conn.fetch("SELECT kind FROM event WHERE complaint = $1 ORDER BY at", case.id)
    assert [row["kind"] for row in kinds] == ["received", "accepted", "dispatched", "signed"]


async def test_two_at_once_one_moves(db: Database, now: datetime) -> None:
    case = await db.run(database.SCHEMA, lambda conn: filed(conn, now))

    async def move(by: str) -> bool:
        return await db.run(
            database.SCHEMA,
            lambda conn: update_case(
                conn, begin(case, CALENDAR, now).then("sign", By("office", by))
            ),
        )

    assert sorted(await asyncio.gather(*[move(f"O-{n}") for n in range(4)])) == [False] * 3 + [True]


def asked(case: Standing, now: datetime) -> dict[str, Any]:
    return standing.asked(signed(case, now).case, CALENDAR, now)


async def test_what_is_written_is_what_was_decided(conn: asyncpg.Connection, now: datetime) -> None:
    case = await filed(conn, now)
    move = signed(case, now).then(
        "ask", OFFICE, words="请补充当天的取号单。", message="question", shown=True,
        **asked(case, now),
    )  # fmt: skip
    assert await update_case(conn, move)
    again = await find_standing(conn, case.id)
    assert again == move.case
    assert again is not None
    assert (again.state, again.owner, again.next_kind) == ("waiting", "complainant", "reply")
    words = await conn.fetchrow("SELECT kind, words, for_complainant FROM message")
    assert tuple(words) == ("question", "请补充当天的取号单。", True)


async def test_the_clock_stands_still_while_the_complainant_is_awaited(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    assert case.due_on == date(2026, 12, 14)
    asking = signed(case, now).then("ask", OFFICE, **asked(case, now))
    await update_case(conn, asking)
    waiting = await find_standing(conn, case.id)
    assert waiting is not None
    later = now + 3 * DAY  # Monday to Thursday: three working days
    reply = begin(waiting, CALENDAR, later).then(
        "reply", COMPLAINANT, **standing.replied(waiting, later)
    )
    await update_case(conn, reply)
    again = await find_standing(conn, case.id)
    assert again is not None
    assert again.due_on == date(2026, 12, 17)
    assert (again.asked_on, len(again.stops)) == (None, 1)


async def test_a_silent_complainant_stops_the_clock_for_ten_working_days_and_no_more(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    waiting = signed(case, now).then("ask", OFFICE, **asked(case, now)).case
    much_later = now + 21 * DAY  # fifteen working days
    resumed = begin(waiting, CALENDAR, much_later).then(
        "resume", SYSTEM, **standing.replied(waiting, much_later)
    )
    assert resumed.case.due_on == date(2026, 12, 28)


async def test_an_extension_counts_once_from_the_due_day(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = signed(await filed(conn, now), now).case
    longer = begin(case, CALENDAR, now).then(
        "extend", OFFICE, extension=Extension(5, local(now).date())
    )
    assert longer.case.due_on == date(2026, 12, 21)
    with pytest.raises(InvalidStep):
        longer.then("extend", OFFICE, extension=Extension(5, local(now).date()))


async def test_a_case_that_moves_to_another_office_takes_its_links_back(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    back = begin(case, CALENDAR, now).then("ask_return", By("office", case.office))
    assert not back.revokes_links
    moved = begin(back.case, CALENDAR, now).then("dispatch", DESK, office="O-TC")
    assert moved.revokes_links
    # Who had it reads that it was withdrawn.
    assert not begin(case, CALENDAR, now).then("withdraw", COMPLAINANT).revokes_links
    # The day that the complainant was told stays.
    assert moved.case.due_on == case.due_on


async def test_what_is_due_is_found_by_one_worker_each(db: Database, now: datetime) -> None:
    case = await db.run(database.SCHEMA, lambda conn: filed(conn, now))
    soon = now + 10 * DAY
    async with db.transaction(database.SCHEMA) as first, db.transaction(database.SCHEMA) as second:
        await first.execute("UPDATE complaint SET wake_at = $1", now)
        await first.execute("COMMIT")
        await first.execute(f"BEGIN; SET LOCAL search_path TO {database.SCHEMA}")
        assert await list_awake(first, now - DAY, 10) == []
        assert [each.id for each in await list_awake(first, soon, 10)] == [case.id]
        assert await list_awake(second, soon, 10) == []


async def test_a_case_is_found_by_its_number(conn: asyncpg.Connection, now: datetime) -> None:
    case = await filed(conn, now)
    assert await find_id(conn, case.number) == case.id
    assert await find_id(conn, "2026-999999") is None


def fresh(now: datetime) -> Standing:
    return Standing(
        id=new_id(now), number="2026-000001", state="received", steps=0, owner="desk",
        office=None, sealed=False, language="zh-Hans", created_at=now, next_at=now,
        next_kind="accept", wake_at=now, due_on=None, limit=None, limit_start=None,
        calendar_version=None, unit="RS", staff_badge=None, matter=None,
    )  # fmt: skip


@given(st.data())
def test_no_open_case_is_ever_without_owner_deadline_and_a_next_look(data: st.DataObject) -> None:
    now = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
    move = begin(fresh(now), CALENDAR, now)
    for _ in range(data.draw(st.integers(1, 15))):
        choices = [
            (actor, step)
            for actor in get_args(Actor)
            for step in lifecycle.allowed(move.case.case, actor)
        ]
        if not choices:
            break
        actor, step = data.draw(st.sampled_from(choices))
        now += timedelta(hours=data.draw(st.integers(0, 120)))
        facts: dict[str, Any] = {}
        if step == "dispatch" and move.case.limit is None:
            facts = standing.accepted(CALENDAR, now)
        if step == "ask":
            facts = standing.asked(move.case, CALENDAR, now)
        if step in ("reply", "resume"):
            facts = standing.replied(move.case, now)
        if step == "extend":
            facts = {"extension": Extension(3, local(now).date())}
        was = move.case
        move = begin(was, CALENDAR, now).then(step, By(actor, "x"), office="O-RS", **facts)
        case = move.case
        assert [each.kind for each in move.events] == [TOLD[step]]
        if case.state in OPEN:
            assert case.owner is not None
            assert case.next_at is not None
            assert case.wake_at is not None
            # What was owed already in the same turn stays owed.
            assert case.wake_at > now or case.wake_at == was.wake_at
        else:
            assert case.owner is None
            assert case.next_at is None
            # It is archived in time, and its words are wiped.
            assert case.wake_at is not None


@pytest.mark.parametrize(
    ("state", "asked", "torn"),
    [("waiting", True, False), ("in_hand", False, False), ("waiting", False, True),
     ("in_hand", True, True)],
)  # fmt: skip
async def test_a_case_whose_stops_are_older_than_its_state_is_read_again(
    conn: asyncpg.Connection, now: datetime, *, state: str, asked: bool, torn: bool
) -> None:
    """A question or its reply that was committed while the case was being locked."""
    assert is_torn(state, now.date() if asked else None) == torn
    case = await filed(conn, now)
    heard: list[str] = []
    await conn.execute("UPDATE complaint SET state = $1, wake_at = $2", state, now)
    if asked:
        await conn.execute(
            "INSERT INTO clock_stop (complaint, position, began_on, notified)"
            " VALUES ($1, 1, $2, 5)",
            *(case.id, now.date()),
        )
    conn.add_query_logger(lambda query: heard.append(query.query))
    (found,) = await list_awake(conn, now, 10)
    await asyncio.sleep(0)
    assert (found.id, len(heard)) == (case.id, 1 + torn)

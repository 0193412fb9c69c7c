"""The timers' round: each notice once, whoever runs it and however often."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from complaints import sweeping, timers
from complaints.standing import COMPLAINANT, begin
from complaints.store.facts import insert_recusal
from complaints.store.standing import REFUSED, find_standing, update_case
from gateway.db import Database
from tests import database
from tests.complaints.test_standing import filed
from tests.people import COUNTY, DIRECTORY

CALENDAR = COUNTY.calendar
DAY = timedelta(days=1)


async def sweep(conn: asyncpg.Connection, now: datetime) -> int:
    return (await sweeping.sweep(conn, DIRECTORY, CALENDAR, now)).cases


async def told(conn: asyncpg.Connection) -> list[str]:
    rows = await conn.fetch(
        "SELECT kind FROM event WHERE kind IN ('reminded', 'escalated') ORDER BY at"
    )
    return [row["kind"] for row in rows]


async def wake_now(conn: asyncpg.Connection, now: datetime) -> None:
    await conn.execute("UPDATE complaint SET wake_at = $1", now)


async def test_nothing_due_is_nothing_done(conn: asyncpg.Connection, now: datetime) -> None:
    await filed(conn, now)
    await wake_now(conn, now + DAY)
    assert await sweep(conn, now) == 0
    assert await told(conn) == []


async def test_nobody_signs_and_the_office_above_hears_of_it_once(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)  # a Monday; to be signed for by Tuesday
    await wake_now(conn, now)
    wednesday = now + 2 * DAY
    assert await sweep(conn, wednesday) == 1
    assert await told(conn) == ["escalated"]
    event = await conn.fetchrow("SELECT actor_kind, data FROM event WHERE kind = 'escalated'")
    assert event["actor_kind"] == "system"
    assert (event["data"]["to"], event["data"]["by"]) == ("O-JW", "2026-11-24")
    for _ in range(3):
        assert await sweep(conn, wednesday + timedelta(hours=5)) == 0
    again = await find_standing(conn, case.id)
    assert again is not None
    assert (again.escalations, again.state) == (1, "dispatched")
    # Five working days later, again, and higher.
    assert again.wake_at == datetime.fromisoformat("2026-12-02T08:30:00+08:00")
    assert await sweep(conn, again.wake_at) == 1
    assert await told(conn) == ["escalated", "escalated"]


async def test_many_workers_at_once_and_a_dead_one_in_between(db: Database, now: datetime) -> None:
    for n in range(5):
        await db.run(database.SCHEMA, lambda conn, n=n: filed(conn, now + n * timedelta(minutes=1)))
    await db.run(database.SCHEMA, lambda conn: wake_now(conn, now))
    later = now + 2 * DAY

    async def dies(conn: asyncpg.Connection) -> None:
        assert await sweep(conn, later) == 5
        raise RuntimeError("killed before its COMMIT")

    with pytest.raises(RuntimeError, match="killed"):
        await db.run(database.SCHEMA, dies)
    done = await asyncio.gather(
        *[db.run(database.SCHEMA, lambda conn: sweep(conn, later)) for _ in range(4)]
    )
    assert sum(done) == 5
    assert await db.run(database.SCHEMA, told) == ["escalated"] * 5


async def test_words_contact_and_files_are_wiped_when_their_time_is_over(
    conn: asyncpg.Connection, now: datetime
) -> None:
    secret = {"name": "何敏仪", "wish": "请道歉", "place": "12 号窗口"}
    case = await filed(conn, now, **secret, text="窗口人员让我等了三个小时。")
    withdrawn = begin(case, CALENDAR, now + timedelta(hours=1)).then(
        "withdraw", COMPLAINANT, words="不用了。", message="withdrawal"
    )
    assert await update_case(conn, withdrawn)
    almost = now + timers.KEPT
    assert await sweep(conn, almost) == 0
    assert await conn.fetchval("SELECT count(*) FROM complaint_secret") == 1

    assert await sweep(conn, almost + DAY) == 1
    assert await conn.fetchval("SELECT count(*) FROM complaint_secret") == 0
    row = await conn.fetchrow("SELECT body, wish, place, wiped_at, wake_at FROM complaint")
    assert tuple(row) == (None, None, None, almost + DAY, None)
    assert await conn.fetchval("SELECT words FROM message") == ""
    # Only code, time and what became of it stay, and that it was wiped.
    kinds = [row["kind"] for row in await conn.fetch("SELECT kind FROM event ORDER BY at")]
    assert kinds[-2:] == ["withdrawn", "wiped"]
    assert await sweep(conn, almost + 9000 * DAY) == 0


async def test_a_case_that_cannot_be_looked_at_does_not_stop_the_others(
    conn: asyncpg.Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await filed(conn, now)
    await filed(conn, now + timedelta(minutes=1))
    await wake_now(conn, now)
    wake = sweeping.wake

    def break_one(case, *rest):  # type: ignore[no-untyped-def]
        if case.id == bad.id:
            raise ValueError("an odd row")
        return wake(case, *rest)

    monkeypatch.setattr(sweeping, "wake", break_one)
    assert await sweep(conn, now + 2 * DAY) == 2
    assert await told(conn) == ["escalated"]
    left = await find_standing(conn, bad.id)
    assert left is not None
    assert left.wake_at == now + 2 * DAY + timedelta(hours=1)


async def test_an_office_that_stepped_back_hears_of_no_lateness(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    await wake_now(conn, now)
    await insert_recusal(conn, case.id, "O-JW", "chan", now)
    await sweep(conn, now + 2 * DAY)
    to = await conn.fetchval("SELECT data->>'to' FROM event WHERE kind = 'escalated'")
    assert to == "desk"


@pytest.mark.parametrize(
    ("rule", "left_for"), [("escalations = 0", timedelta(hours=1)), ("steps = 0", None)]
)
async def test_a_move_that_the_database_refuses_does_not_stop_the_others(
    conn: asyncpg.Connection, now: datetime, rule: str, left_for: timedelta | None
) -> None:
    bad = await filed(conn, now)
    await filed(conn, now + timedelta(minutes=1))
    await wake_now(conn, now)
    await conn.execute(
        f"ALTER TABLE complaint ADD CONSTRAINT odd CHECK (number <> '{bad.number}' OR {rule})"
    )
    later = now + 2 * DAY
    with pytest.raises(REFUSED):
        async with conn.transaction():
            await sweep(conn, later)
    swept = await sweeping.sweep(conn, DIRECTORY, CALENDAR, later, singly=True)
    assert swept.cases == (2 if left_for else 1), "what cannot be moved does not count as done"
    assert await told(conn) == ["escalated"]
    left = await find_standing(conn, bad.id)
    assert left is not None
    assert left.wake_at == (later + left_for if left_for else now)

"""A typhoon or a newly published year moves the due days of open cases, and each is told."""

from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from board.calendar import Calendar
from complaints import intake
from complaints.intake import Enclosed, Origin
from complaints.model import Filed
from complaints.recounting import recount
from tests.people import CIPHER, COUNTY, draft

CALENDAR = COUNTY.calendar
CLOSED = CALENDAR.with_closures([date(2026, 12, 1)])
PUBLISHED = Calendar.of(
    {*CALENDAR.years, 2027}, {*CALENDAR.off, date(2027, 1, 1)}, CALENDAR.work, CALENDAR.closures
)


async def file(conn: asyncpg.Connection, now: datetime, **said: Any) -> Filed:
    return await intake.file(
        conn,
        draft(**said),
        COUNTY,
        CIPHER,
        enclosed=Enclosed(b"k" * 32),
        origin=Origin("web", "zh-Hans"),
        now=now,
    )


async def case_of(conn: asyncpg.Connection, filed: Filed) -> asyncpg.Record:
    return await conn.fetchrow("SELECT * FROM complaint WHERE id = $1", filed.id)


async def told(conn: asyncpg.Connection) -> list[dict[str, Any]]:
    rows = await conn.fetch("SELECT data FROM event WHERE kind = 'recounted' ORDER BY id")
    return [row["data"] for row in rows]


async def test_the_same_calendar_changes_nothing(conn: asyncpg.Connection, now: datetime) -> None:
    filed = await file(conn, now)
    before = await case_of(conn, filed)
    assert await recount(conn, CALENDAR, now) == 0
    assert await case_of(conn, filed) == before


async def test_a_case_that_is_over_or_waits_for_the_desk_is_left_alone(
    conn: asyncpg.Connection, now: datetime
) -> None:
    waiting = await file(conn, now, badge="", staff_description="高个子")
    over = await file(conn, now)
    await conn.execute(
        "UPDATE complaint SET state = 'closed', owner = NULL, next_at = NULL WHERE id = $1", over.id
    )
    before = [await case_of(conn, each) for each in (waiting, over)]
    assert await recount(conn, CLOSED, now) == 0
    assert [await case_of(conn, each) for each in (waiting, over)] == before


async def test_a_closure_moves_the_due_day_once_and_says_so(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now)
    before = await case_of(conn, filed)
    assert await recount(conn, CLOSED, now) == 1
    row = await case_of(conn, filed)
    assert (before["due_on"], row["due_on"]) == (date(2026, 12, 14), date(2026, 12, 15))
    assert row["calendar_version"] == CLOSED.version
    # Signing for it is due as before.
    assert (row["next_at"], row["next_kind"]) == (before["next_at"], "sign")
    event = {"due": "2026-12-15", "was": "2026-12-14", "calendar": CLOSED.version}
    assert await told(conn) == [event]
    assert await recount(conn, CLOSED, now) == 0
    assert await told(conn) == [event]


@pytest.mark.parametrize("state", ["signed", "in_hand"])
async def test_the_deadline_of_an_office_at_work_moves_with_the_due_day(
    conn: asyncpg.Connection, now: datetime, state: str
) -> None:
    filed = await file(conn, now)
    await conn.execute(
        "UPDATE complaint SET state = $2, next_kind = 'answer' WHERE id = $1", filed.id, state
    )
    await recount(conn, CLOSED, now)
    row = await case_of(conn, filed)
    assert row["next_at"] == datetime.fromisoformat("2026-12-16T00:00:00+08:00")
    assert row["next_kind"] == "answer"


async def test_a_newly_published_year_gives_a_due_day_to_what_had_none(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now.replace(month=12, day=31))
    row = await case_of(conn, filed)
    assert (row["due_on"], row["next_kind"]) == (None, "calendar_unknown")
    assert await recount(conn, PUBLISHED, now) == 1
    row = await case_of(conn, filed)
    assert (row["due_on"], row["next_kind"]) == (date(2027, 1, 22), "sign")
    assert row["next_at"] == datetime.fromisoformat("2027-01-05T00:00:00+08:00")
    (event,) = await told(conn)
    assert (event["was"], event["due"]) == (None, "2027-01-22")


async def test_a_change_that_does_not_touch_the_case_is_no_news(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now)
    later = CALENDAR.with_closures([(now + timedelta(days=30)).date()])
    assert await recount(conn, later, now) == 1
    assert (await case_of(conn, filed))["calendar_version"] == later.version
    assert await told(conn) == []

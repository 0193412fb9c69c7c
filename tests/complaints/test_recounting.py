"""A typhoon or a newly published year moves the due days of open cases, and each is told."""

from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from board.calendar import Calendar
from board.ids import new_id
from complaints import intake, recounting, results
from complaints.effects import Effect
from complaints.intake import Enclosed, Origin
from complaints.lifecycle import end_of
from complaints.limits import SHANGHAI, Limit
from complaints.model import Filed
from complaints.recounting import recount, recount_closed
from complaints.store.recounting import (
    BEGINNING,
    LIST_CLOSED,
    LIST_OUTDATED,
    STAYS,
    list_open,
)
from complaints.store.standing import find_standing
from complaints.sweeping import sweep
from complaints.terms import in_force
from tests.complaints.test_answers import filed as answerable
from tests.complaints.test_answers import give, seen
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
    assert (await recount(conn, CALENDAR, now)).done == 0
    assert await case_of(conn, filed) == before


async def test_a_case_that_is_over_is_left_alone(conn: asyncpg.Connection, now: datetime) -> None:
    over = await file(conn, now)
    await conn.execute(
        "UPDATE complaint SET state = 'closed', owner = NULL, next_at = NULL WHERE id = $1", over.id
    )
    before = await case_of(conn, over)
    assert (await recount(conn, CLOSED, now)).done == 0
    assert await case_of(conn, over) == before


async def test_who_was_late_and_has_time_again_is_late_anew_from_the_office_above(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now)
    # To be signed for by Tuesday; on Wednesday the office above heard of it.
    wednesday = now + timedelta(days=2)
    await sweep(conn, COUNTY.directory, CALENDAR, wednesday)
    storm = CALENDAR.with_closures([date(2026, 11, 24), date(2026, 11, 25)])
    await recount(conn, storm, wednesday)
    monday = wednesday + timedelta(days=5)
    for day in range(6):
        await sweep(conn, COUNTY.directory, storm, wednesday + timedelta(days=day))
    rows = await conn.fetch(
        "SELECT at, kind, data -> 'times' AS times, data ->> 'to' AS heard FROM event"
        " WHERE complaint = $1 AND kind = ANY ('{breached,escalated}') ORDER BY at",
        filed.id,
    )
    (first, second) = [row for row in rows if row["kind"] == "escalated"]
    assert (first["times"], second["times"]) == (1, 1)
    assert first["heard"] == second["heard"]
    assert first["at"] < second["at"] < monday
    assert len(rows) == 4, "each time the breach is written down"


async def test_a_case_that_came_back_to_the_desk_follows_a_changed_limit_too(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now)
    await conn.execute(
        "UPDATE complaint SET state = 'received', owner = 'desk', office = NULL WHERE id = $1",
        filed.id,
    )
    shorter = in_force(CALENDAR, {"complaint": Limit(10)})
    assert (await recount(conn, shorter, now)).done == 1
    row = await case_of(conn, filed)
    assert (row["limit_number"], row["due_on"]) == (10, date(2026, 12, 7))


async def test_a_decided_review_keeps_the_calendar_that_its_due_day_came_from(
    conn: asyncpg.Connection, now: datetime
) -> None:
    found = await answerable(conn, now)
    await conn.execute(
        "UPDATE complaint SET state = 'review', calendar_version = 'before' WHERE id = $1", found.id
    )
    found = await seen(conn, found.id, found.office)
    assert await give(conn, found, now) == "done"
    row = await conn.fetchrow(
        "SELECT state, calendar_version FROM complaint WHERE id = $1", found.id
    )
    # It is over: nothing counts it anew.
    assert tuple(row) == ("closed", "before")


async def test_an_extension_that_was_granted_stays_where_the_limit_becomes_shorter(
    conn: asyncpg.Connection, now: datetime
) -> None:
    found = await answerable(conn, now)
    # Two days before the answer's due day, and after that of the shorter limit.
    await conn.execute(
        "UPDATE complaint SET state = 'in_hand', extended_by = 10, extended_on = '2026-12-10',"
        " due_on = '2026-12-28', next_kind = 'answer', next_at = $1",
        end_of(date(2026, 12, 28)),
    )
    shorter = in_force(CALENDAR, {"complaint": Limit(10)})
    assert (await recount(conn, shorter, datetime(2026, 12, 10, 10, tzinfo=SHANGHAI))).done == 1
    row = await conn.fetchrow("SELECT due_on, next_at FROM complaint WHERE id = $1", found.id)
    # Ten and ten working days after 20 November.
    assert tuple(row) == (date(2026, 12, 21), end_of(date(2026, 12, 21)))
    standing = await find_standing(conn, found.id)
    assert standing is not None
    counted = standing.answer_due(shorter)
    assert counted is not None
    assert counted.day == row["due_on"]


async def test_an_answer_by_a_process_that_held_the_calendar_before_is_counted_anew(
    conn: asyncpg.Connection, now: datetime
) -> None:
    found = await answerable(conn, now)
    late = CALENDAR.with_closures([date(2026, 12, 11)])
    assert (await recount(conn, late, now)).done == 1
    assert await give(conn, found, now) == "done"
    assert (await recount(conn, late, now)).done == 1
    row = await conn.fetchrow("SELECT next_at, next_kind FROM complaint WHERE id = $1", found.id)
    # The fifteenth working day after 23 November, with one that fell away.
    assert tuple(row) == (end_of(date(2026, 12, 15)), "rating")
    assert (await recount(conn, late, now)).done == 0


# The day after the filings: what is due that day moves to the next.
STORM = CALENDAR.with_closures([date(2026, 11, 24)])


async def test_the_desks_days_to_accept_move_and_it_is_said(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now, badge="", staff_description="高个子")
    before = await case_of(conn, filed)
    assert before["next_kind"] == "accept"
    assert (await recount(conn, STORM, now)).done == 1
    row = await case_of(conn, filed)
    assert row["next_at"] - before["next_at"] == timedelta(days=1)
    assert (row["next_kind"], row["due_on"]) == ("accept", None)
    event = {"next": "2026-11-27", "next_was": "2026-11-26", "calendar": STORM.version}
    assert await told(conn) == [event]
    assert (await recount(conn, STORM, now)).done == 0


@pytest.mark.parametrize("said", [{}, {"category": ("C02",)}], ids=["open", "sealed"])
async def test_the_offices_day_to_sign_moves_and_it_is_said(
    conn: asyncpg.Connection, now: datetime, said: dict[str, Any]
) -> None:
    filed = await file(conn, now, **said)
    assert (await recount(conn, STORM, now)).done == 1
    row = await case_of(conn, filed)
    assert row["next_at"] == datetime.fromisoformat("2026-11-26T00:00:00+08:00")
    (event,) = await told(conn)
    assert (event["next"], event["next_was"]) == ("2026-11-25", "2026-11-24")
    assert ("due" in event) == (not said)


async def test_a_deadline_counts_from_the_day_on_which_its_state_began(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now)
    released = now + timedelta(days=1)
    await conn.execute(
        "UPDATE complaint SET state = 'released', owner = 'complainant', next_kind = 'rating'"
        " WHERE id = $1",
        filed.id,
    )
    for kind, at in (("released", released), ("link_asked", now + timedelta(days=9))):
        await conn.execute(
            "INSERT INTO event (id, complaint, at, kind, actor_kind, data)"
            " VALUES ($1, $2, $3, $4, 'system', '{}')",
            new_id(at), filed.id, at, kind,
        )  # fmt: skip
    await recount(conn, CLOSED, now)
    # 15 working days after Tuesday the 24th, and one more for the closure.
    expected = datetime.fromisoformat("2026-12-17T00:00:00+08:00")
    assert (await case_of(conn, filed))["next_at"] == expected


async def test_a_sweep_goes_on_where_its_last_batch_ended(
    conn: asyncpg.Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "BATCH", 2)
    for n in range(5):
        await file(conn, now, text=f"第 {n} 件")
    seen, after = [], BEGINNING
    while after:
        swept = await recount(conn, CLOSED, now, after)
        after = swept.after
        seen.append(swept.done)
    assert seen == [2, 2, 1]
    assert len(await told(conn)) == 5


async def test_a_sweep_reads_open_cases_by_their_index(conn: asyncpg.Connection) -> None:
    await conn.execute("SET LOCAL enable_seqscan = off")
    lines = await conn.fetch("EXPLAIN " + LIST_OUTDATED, list(STAYS), *BEGINNING, 500, "v")
    plan = "\n".join(line[0] for line in lines)
    assert "complaint_next" in plan
    assert "next_at >= " in plan or "ROW(next_at, id)" in plan
    assert "event_complaint" in plan


async def test_a_closure_moves_the_due_day_once_and_says_so(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now)
    before = await case_of(conn, filed)
    assert (await recount(conn, CLOSED, now)).done == 1
    row = await case_of(conn, filed)
    assert (before["due_on"], row["due_on"]) == (date(2026, 12, 14), date(2026, 12, 15))
    assert row["calendar_version"] == CLOSED.version
    # Signing for it is due as before.
    assert (row["next_at"], row["next_kind"]) == (before["next_at"], "sign")
    event = {"due": "2026-12-15", "was": "2026-12-14", "calendar": CLOSED.version}
    assert await told(conn) == [event]
    assert (await recount(conn, CLOSED, now)).done == 0
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


async def test_who_agrees_to_no_publication_any_more_gives_nobody_more_time(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now, publish="yes")
    before = await case_of(conn, filed)
    later = now + timedelta(days=1)
    case = await find_standing(conn, filed.id, lock=True)
    assert case is not None
    assert await results.take_back_consent(conn, case, calendar=CALENDAR, now=later)
    assert (await recount(conn, CLOSED, later)).done == 1
    row = await case_of(conn, filed)
    assert (row["next_at"], row["next_kind"]) == (before["next_at"], "sign")


async def test_a_newly_published_year_gives_a_due_day_to_what_had_none(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now.replace(month=12, day=31))
    row = await case_of(conn, filed)
    assert (row["due_on"], row["next_kind"]) == (None, "calendar_unknown")
    assert (await recount(conn, PUBLISHED, now)).done == 1
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
    assert (await recount(conn, later, now)).done == 1
    assert (await case_of(conn, filed))["calendar_version"] == later.version
    assert await told(conn) == []


async def closed_until(conn: asyncpg.Connection, now: datetime, last: date) -> Filed:
    """A case that was closed on 23 November and may be reviewed until `last`."""
    filed = await file(conn, now)
    await conn.execute(
        "UPDATE complaint SET state = 'closed', owner = NULL, next_at = NULL, next_kind = NULL,"
        " wake_at = $2 WHERE id = $1",
        filed.id, end_of(last),
    )  # fmt: skip
    await conn.execute(
        "INSERT INTO event (id, complaint, at, kind, actor_kind, data)"
        " VALUES ($1, $2, $3, 'lapsed', 'system', '{}')",
        new_id(now), filed.id, now,
    )  # fmt: skip
    return filed


LAST = date(2026, 12, 23)


async def test_the_last_day_for_a_review_moves_off_a_day_that_is_closed_later(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await closed_until(conn, now, LAST)
    assert (await recount_closed(conn, CALENDAR, now)).done == 0
    shut = CALENDAR.with_closures([LAST])
    assert (await recount_closed(conn, shut, now)).done == 1
    row = await case_of(conn, filed)
    assert (row["wake_at"], row["state"], row["next_at"]) == (
        end_of(date(2026, 12, 24)), "closed", None,
    )  # fmt: skip
    event = {"next": "2026-12-24", "next_was": "2026-12-23", "calendar": shut.version}
    assert await told(conn) == [event]
    assert (await recount_closed(conn, shut, now)).done == 0
    # On the day that was the last one it is not archived.
    await sweep(conn, COUNTY.directory, shut, end_of(LAST))
    assert (await case_of(conn, filed))["state"] == "closed"
    # The closure is taken back while the old day is still to come.
    assert (await recount_closed(conn, CALENDAR, now)).done == 1
    assert (await case_of(conn, filed))["wake_at"] == end_of(LAST)


async def test_nobody_finds_a_last_day_over_that_was_told_as_still_to_come(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await closed_until(conn, now, date(2026, 12, 24))
    assert (await recount_closed(conn, CALENDAR, end_of(LAST) + timedelta(hours=9))).done == 0
    assert (await case_of(conn, filed))["wake_at"] == end_of(date(2026, 12, 24))


async def test_a_last_day_that_no_calendar_said_is_told_once_one_does(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await closed_until(conn, now, LAST)
    await conn.execute("UPDATE complaint SET next_kind = 'calendar_unknown'")
    await recount_closed(conn, CALENDAR, now)
    row = await case_of(conn, filed)
    assert (row["wake_at"], row["next_kind"]) == (end_of(LAST), None)
    (event,) = await told(conn)
    assert (event["next"], event["next_was"]) == ("2026-12-23", None)


async def test_closed_cases_are_counted_anew_batch_by_batch_by_the_index_of_the_timers(
    conn: asyncpg.Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "BATCH", 2)
    for _ in range(3):
        await closed_until(conn, now, LAST)
    shut, seen, after = CALENDAR.with_closures([LAST]), 0, BEGINNING
    while after:
        swept = await recount_closed(conn, shut, now, after)
        seen, after = seen + swept.done, swept.after
    assert seen == len(await told(conn)) == 3
    await conn.execute("SET LOCAL enable_seqscan = off")
    lines = await conn.fetch("EXPLAIN " + LIST_CLOSED, now, *BEGINNING, 500)
    assert "complaint_wake" in "\n".join(line[0] for line in lines)


async def test_a_case_that_cannot_be_counted_does_not_stop_the_others(
    conn: asyncpg.Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await file(conn, now), await file(conn, now + timedelta(minutes=1))
    counted_anew = recounting.counted_anew

    def break_one(row, *rest):  # type: ignore[no-untyped-def]
        if row["id"] == bad.id:
            raise ValueError("an odd row")
        return counted_anew(row, *rest)

    monkeypatch.setattr(recounting, "counted_anew", break_one)
    closed = COUNTY.calendar.with_closures([date(2026, 12, 1)])
    effect = Effect()
    effect.add(await list_open(conn, BEGINNING, 10), closed, now)
    assert (effect.read, effect.moved) == (2, 1), "nor does it keep the desk from seeing the rest"
    swept = await recounting.recount(conn, closed, now)
    assert swept.done == 1, "what cannot be counted is not tried again at once"
    rows = await conn.fetch("SELECT id, calendar_version FROM complaint ORDER BY created_at")
    assert [(row["id"], row["calendar_version"] == closed.version) for row in rows] == [
        (bad.id, False), (good.id, True)
    ]  # fmt: skip


async def test_a_closed_case_that_cannot_be_counted_does_not_stop_the_others(
    conn: asyncpg.Connection, now: datetime
) -> None:
    bad = await closed_until(conn, now, LAST)
    good = await closed_until(conn, now + timedelta(minutes=1), LAST)
    # As after a repair by hand: nothing says any more when it was closed.
    await conn.execute("UPDATE event SET kind = 'signed' WHERE complaint = $1", bad.id)
    shut = CALENDAR.with_closures([LAST])
    assert (await recount_closed(conn, shut, now)).done == 1
    assert (await case_of(conn, good))["wake_at"] == end_of(date(2026, 12, 24))
    assert (await case_of(conn, bad))["wake_at"] == end_of(LAST)

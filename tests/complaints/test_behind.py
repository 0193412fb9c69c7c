"""Every figure is the number of the cases behind it; months are counted by whoever is free."""

import asyncio
import random
from datetime import date, datetime, timedelta

import asyncpg
import pytest

from board.ids import new_id
from complaints import behind, counting
from complaints.figures import ALL
from complaints.limits import local
from complaints.periods import month_of
from complaints.store import commendations
from complaints.store import figures as store
from gateway.db import Database
from tests.complaints.test_answers import filed, give, seen
from tests.database import SCHEMA

RATED = "INSERT INTO rating (complaint, answer, level, resolved, at) VALUES ($1, $2, $3, $4, $5)"


async def lived(conn: asyncpg.Connection, now: datetime, chance: random.Random) -> None:
    """A case that went some way: answered or not, late or not, rated, returned, over."""
    category = tuple(chance.sample(["L01", "L02", "T01", "V04"], chance.randint(1, 3)))
    case = await filed(conn, now, category=category)
    if chance.random() < 0.6:
        await give_all(conn, case, now + timedelta(days=chance.randint(0, 40)), chance)
    if chance.random() < 0.3:
        await conn.execute("UPDATE complaint SET returns = 1 WHERE id = $1", case.id)
    state = chance.choice(["", "", "withdrawn", "closed", "merged", "declined", "in_hand"])
    if state:
        await conn.execute("UPDATE complaint SET state = $2 WHERE id = $1", case.id, state)


async def give_all(conn: asyncpg.Connection, case, at: datetime, chance: random.Random) -> None:
    answer = new_id(at)
    await conn.execute(
        "INSERT INTO answer (id, complaint, office, round, done, reply, right_of_reply, at)"
        " VALUES ($1, $2, $3, 1, 'x', 'y', '', $4)",
        answer, case.id, case.office, at,
    )  # fmt: skip
    finding = chance.choice(["substantiated", "partly", "unfounded"])
    await conn.execute(
        "INSERT INTO finding (answer, position, finding, reason) VALUES ($1, 1, $2, 'z')",
        answer, finding,
    )  # fmt: skip
    if chance.random() < 0.7:
        level, resolved = chance.randint(1, 5), chance.random() < 0.5
        await conn.execute(RATED, case.id, answer, level, resolved, at)


@pytest.mark.parametrize("seed", range(4))
async def test_every_figure_is_the_number_of_its_cases(
    conn: asyncpg.Connection, now: datetime, seed: int
) -> None:
    chance = random.Random(seed)
    for n in range(25):
        await lived(conn, now + timedelta(minutes=n), chance)
    today = now + timedelta(days=chance.choice([3, 20, 60]))
    period = month_of(local(now).date())
    await counting.count_month(conn, period.first, today)
    counted = (await counting.find_counted(conn, period.first, period.last))[period.first]
    assert counted[ALL].filed
    for key, figures in counted.items():
        for count in behind.CASE_COUNTS:
            found = await behind.find_page(conn, period, key, count, now=today)
            assert found.count == getattr(figures, count), (key, count)


async def test_a_long_list_comes_page_by_page_and_misses_none(
    conn: asyncpg.Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "PAGE", 3)
    filed_ids = [(await filed(conn, now + timedelta(minutes=n))).id for n in range(7)]
    period, after, read = month_of(local(now).date()), None, []
    while True:
        page = await behind.find_page(conn, period, ALL, "filed", after=after, now=now)
        assert page.count == 7 - len(read)
        read += [row["id"] for row in page.rows]
        after = page.after
        if after is None:
            break
    assert read == filed_ids[::-1]


async def test_a_rare_figure_of_a_large_county_is_looked_for_a_stretch_at_a_time(
    conn: asyncpg.Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filed(conn, now - timedelta(days=40))
    old = await filed(conn, now)
    for n in range(1, 9):
        await filed(conn, now + timedelta(minutes=n))
    await conn.execute("UPDATE complaint SET returns = 1 WHERE id = $1", old.id)
    monkeypatch.setattr(behind, "STRETCH", 4)
    period = month_of(local(now).date())
    pages, after = [], None
    while True:
        page = await behind.find_page(conn, period, ALL, "returned", after=after, now=now)
        pages.append((len(page.rows), page.more_to_search))
        after = page.after
        if after is None:
            break
    assert pages == [(0, True), (0, True), (1, False)]
    whole = await behind.find_page(conn, period, ALL, "filed", now=now)
    assert (whole.count, whole.more_to_search) == (4, True), "it says that there may be more"
    unit = await behind.find_page(conn, period, ("unit", page.rows[0]["unit"]), "returned", now=now)
    assert [row["id"] for row in unit.rows] == [old.id], "a unit's are found at once"


def old_unit(page: behind.Behind) -> str:
    return str(page.rows[0]["unit"])


# The work that counts


async def count_all(conn: asyncpg.Connection, now: datetime) -> int:
    done = 0
    while await counting.count_next(conn, now):
        done += 1
    return done


async def test_without_a_complaint_nothing_is_counted(
    conn: asyncpg.Connection, now: datetime
) -> None:
    assert await count_all(conn, now) == 0


async def test_each_month_since_the_first_case_is_counted_also_an_empty_one(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await filed(conn, now - timedelta(days=70))
    await filed(conn, now)
    assert await count_all(conn, now) == 3
    found = await counting.find_counted(conn, date(2026, 9, 1), date(2026, 11, 1))
    assert [found[month][ALL].filed for month in sorted(found)] == [1, 0, 1]


async def test_recent_months_are_counted_often_and_older_ones_nightly(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now - timedelta(days=500))
    months = await count_all(conn, now)
    assert months == 17
    assert await count_all(conn, now + timedelta(minutes=4)) == 0
    assert await count_all(conn, now + timedelta(minutes=6)) == 2
    await give(conn, await seen(conn, case.id, case.office), now)
    assert await count_all(conn, now + timedelta(days=1)) == 13
    assert await count_all(conn, now + timedelta(days=7)) == months
    month = local(now - timedelta(days=500)).date().replace(day=1)
    found = await counting.find_counted(conn, month, month)
    assert found[month][ALL].answered == 1


async def test_an_old_month_is_counted_minutes_after_something_happened_to_its_cases(
    conn: asyncpg.Connection, now: datetime
) -> None:
    """The list behind a figure is of this moment: it must not tell another number for a week."""
    case = await filed(conn, now - timedelta(days=500))
    await count_all(conn, now)
    at = now + timedelta(minutes=1)
    await give(conn, await seen(conn, case.id, case.office), at)
    assert await count_all(conn, at) == 0
    assert await count_all(conn, now + timedelta(minutes=6)) == 3, "two recent ones, and that one"
    assert await count_all(conn, now + timedelta(minutes=12)) == 2
    period = month_of(local(now - timedelta(days=500)).date())
    found = await counting.find_counted(conn, period.first, period.first)
    assert found[period.first][ALL].answered == 1
    page = await behind.find_page(conn, period, ALL, "answered", now=now)
    assert [row["id"] for row in page.rows] == [case.id]


async def test_confirmed_praise_stands_beside_the_complaints_and_other_praise_does_not(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await filed(conn, now)
    kept = [new_id(now) for _ in range(3)]
    for n, id_ in enumerate(kept):
        await commendations.insert_commendation(
            conn, id_, b"%d" % n, about=("TC", None), said=("", "好"), now=now
        )
    await commendations.insert_commendation(
        conn, new_id(now), b"0", about=("TC", None), said=("", "好"), now=now
    )
    assert await commendations.update_decided(conn, kept[0], "counted", "chan", now)
    assert await commendations.update_decided(conn, kept[1], "refused", "chan", now)
    assert not await commendations.update_decided(conn, kept[0], "refused", "wong", now)
    await count_all(conn, now)
    found = await counting.find_counted(conn, date(2026, 11, 1), date(2026, 11, 1))
    rows = found[date(2026, 11, 1)]
    assert rows["unit", "TC"].commended == 1
    assert rows[ALL].commended == 1
    assert rows["unit", "RS"].commended == 0
    assert [row["id"] for row in await commendations.list_waiting(conn, 9)] == [kept[2]]


async def test_two_workers_share_the_months_and_a_dead_one_leaves_its_month_due(
    db: Database, now: datetime
) -> None:
    async with db.transaction(SCHEMA) as conn:
        await filed(conn, now - timedelta(days=70))
        await filed(conn, now)

    async def dies(conn: asyncpg.Connection) -> None:
        assert await counting.count_next(conn, now)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.run(SCHEMA, dies)

    async def worker() -> int:
        done = 0
        while await db.run(SCHEMA, lambda conn: counting.count_next(conn, now)):
            done += 1
        return done

    assert sum(await asyncio.gather(worker(), worker(), worker())) == 3
    async with db.transaction(SCHEMA) as conn:
        found = await counting.find_counted(conn, date(2026, 9, 1), date(2026, 11, 1))
        at = await store.find_counted_at(conn, date(2026, 9, 1), date(2026, 11, 1))
    assert [found[month][ALL].filed for month in sorted(found)] == [1, 0, 1]
    assert at == now

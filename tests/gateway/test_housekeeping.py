"""What is swept, and above all what is not: nothing goes that somebody may still ask for."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from board.ids import new_id
from complaints.store import throttle
from gateway import background, housekeeping, links
from gateway.context import Context
from gateway.db import Database
from gateway.mail.spool import spool_folder
from gateway.store import links as link_store
from tests.gateway.mail.world import COUNTY, SCHEMA, file_complaint, settle, surroundings

DAY = timedelta(days=1)


@pytest.fixture
async def context(db: Database, now: datetime, tmp_path: Path) -> Context:
    async with db.transaction(SCHEMA) as conn:
        await settle(conn)
    return surroundings(db, now, tmp_path)


async def file_one(context: Context, number: str = "2026-000001", **more: Any) -> UUID:
    async with context.db.transaction(SCHEMA) as conn:
        return await file_complaint(conn, context.clock(), number, **more)


async def rows(context: Context, query: str) -> list[Any]:
    async with context.db.transaction(SCHEMA) as conn:
        return [row[0] for row in await conn.fetch(query)]


async def all_of(context: Context, sweep: housekeeping.Sweep) -> int:
    """Runs one sweep until it finds nothing."""
    done = 0
    while found := await sweep(context, COUNTY, context.clock()):
        done += found
    return done


def test_housekeeping_is_part_of_the_background_work() -> None:
    assert housekeeping.run_once in [job.run for job in background.jobs()]


# Letters


async def insert_letter(
    conn: asyncpg.Connection, complaint: UUID, state: str, done: datetime
) -> UUID:
    id_, event = new_id(done - timedelta(minutes=1)), new_id(done)
    await conn.execute(
        "INSERT INTO event (id, complaint, at, kind, actor_kind, data)"
        " VALUES ($1, $2, $3, 'dispatched', 'system', '{}')",
        event, complaint, done,
    )  # fmt: skip
    await conn.execute(
        "INSERT INTO letter (id, event, complaint, template, recipient, office, language, state,"
        " attempts, next_at, last_error, created_at, done_at)"
        " VALUES ($1, $2, $3, 'dispatched', 'office', 'u1', 'zh-Hans', $4, 1, $5, '', $5, $6)",
        id_, event, complaint, state, done, None if state == "waiting" else done,
    )  # fmt: skip
    return id_


@pytest.mark.parametrize(
    ("state", "days", "stays"),
    [
        ("waiting", 400, True),
        ("given_up", 400, True),
        ("sent", 89, True),
        ("dropped", 89, True),
        ("sent", 91, False),
        ("dropped", 91, False),
    ],
)
async def test_a_letter_stays_until_it_is_done_and_its_days_are_over(
    context: Context, now: datetime, state: str, days: int, stays: bool
) -> None:
    complaint = await file_one(context)
    async with context.db.transaction(SCHEMA) as conn:
        letter = await insert_letter(conn, complaint, state, now - days * DAY)
        # Its link outlives it.
        _, link = links.make(complaint, "u1", letter, now)
        await link_store.insert_links(conn, [link])
    await all_of(context, housekeeping.letters)
    assert await rows(context, "SELECT id FROM letter") == ([letter] if stays else [])
    assert await rows(context, "SELECT letter FROM link") == [letter]
    assert len(await rows(context, "SELECT id FROM event")) == 1, "the timeline keeps everything"


async def test_how_long_letters_stay_is_a_setting(
    db: Database, context: Context, now: datetime, tmp_path: Path
) -> None:
    complaint = await file_one(context)
    async with db.transaction(SCHEMA) as conn:
        await insert_letter(conn, complaint, "sent", now - 10 * DAY)
    short = surroundings(db, now, tmp_path, keep_mail_days=7)
    assert await all_of(short, housekeeping.letters) == 1


async def test_a_sweep_takes_a_batch_and_passes_over_what_another_process_holds(
    context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    complaint = await file_one(context)
    async with context.db.transaction(SCHEMA) as conn:
        letters = [await insert_letter(conn, complaint, "sent", now - 99 * DAY) for _ in range(5)]
    async with context.db.transaction(SCHEMA) as conn:
        await conn.fetchval("SELECT id FROM letter WHERE id = $1 FOR UPDATE", letters[0])
        assert await housekeeping.letters(context, COUNTY, now) == 2
        assert await housekeeping.letters(context, COUNTY, now) == 2
        assert await housekeeping.letters(context, COUNTY, now) == 0
    assert await rows(context, "SELECT id FROM letter") == letters[:1]


# Links


@pytest.mark.parametrize(
    ("case", "revoked", "ended", "stays"),
    [
        # The office has yet to act: an old link still offers it a new one.
        ({}, False, 400, True),
        ({}, False, -1, True),
        ({"owner": "complainant", "state": "released"}, False, 89, True),
        ({"office": "b1"}, False, 89, True),
        ({}, True, 89, True),
        ({}, True, 91, False),
        ({"office": "b1"}, False, 91, False),
        ({"owner": "complainant", "state": "released"}, False, 91, False),
        ({"owner": None, "next_at": None, "state": "closed"}, False, 91, False),
    ],
)
async def test_a_link_stays_while_its_office_may_need_it(
    context: Context, case: dict[str, Any], revoked: bool, ended: int, stays: bool
) -> None:
    now = context.clock()
    complaint = await file_one(context, **case)
    async with context.db.transaction(SCHEMA) as conn:
        _, link = links.make(complaint, "u1", None, now - ended * DAY - links.LIFETIME)
        await link_store.insert_links(conn, [link])
        if revoked:
            await link_store.revoke_links(conn, complaint, now)
    assert await all_of(context, housekeeping.links) == (0 if stays else 1)
    assert len(await rows(context, "SELECT token_hash FROM link")) == stays


# Brakes


async def test_what_was_counted_is_forgotten_after_two_days(
    context: Context, now: datetime
) -> None:
    async with context.db.transaction(SCHEMA) as conn:
        await throttle.update_tries(conn, "new", now - 2 * DAY + timedelta(seconds=1))
        await throttle.update_tries(conn, "old", now - 2 * DAY - timedelta(seconds=1))
    await all_of(context, housekeeping.brakes)
    assert await rows(context, "SELECT bucket FROM throttle") == ["new"]


# Mails as files


def age(path: Path, now: datetime, days: float) -> None:
    moment = (now - timedelta(days=days)).timestamp()
    os.utime(path, (moment, moment))


async def test_spooled_mails_go_after_their_days(
    context: Context, now: datetime, tmp_path: Path
) -> None:
    assert await all_of(context, housekeeping.spooled) == 0, "there is no folder yet"
    folder = spool_folder(tmp_path, SCHEMA)
    folder.mkdir(parents=True)
    for name, days in (("a.eml", 89), ("b.eml", 91), ("c.1.part", 91), ("notes.txt", 400)):
        (folder / name).write_text("mail")
        age(folder / name, now, days)
    assert await all_of(context, housekeeping.spooled) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["a.eml", "notes.txt"]


# Attachments


def file_of(folder: Path, key: UUID) -> Path:
    return folder / SCHEMA / key.hex[-2:] / key.hex


async def keep(context: Context, folder: Path, now: datetime, days: float) -> UUID:
    """An attachment in the store, written so many days ago."""
    key = new_id(now)
    await context.attachments.put(SCHEMA, key, b"sealed")
    age(file_of(folder, key), now, days)
    return key


async def name_it(context: Context, key: UUID, complaint: UUID) -> None:
    async with context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "INSERT INTO attachment (id, complaint, position, name, media_type, size, sha256)"
            " VALUES ($1, $2, 1, 'a.jpg', 'image/jpeg', 6, $3)",
            key, complaint, b"x" * 32,
        )  # fmt: skip


async def all_shelves(context: Context) -> int:
    done = 0
    for _ in range(housekeeping.TURNS):
        done += await all_of(context, housekeeping.attachments)
        context.clock.forward(hours=1)  # type: ignore[attr-defined]
    return done


async def test_a_file_that_a_complaint_names_stays_however_old(
    context: Context, now: datetime, tmp_path: Path
) -> None:
    key = await keep(context, tmp_path, now, 4_000)
    await name_it(context, key, await file_one(context))
    assert await all_shelves(context) == 0
    assert await context.attachments.get(SCHEMA, key) == b"sealed"


async def test_a_file_of_a_filing_that_is_still_under_way_stays(
    context: Context, now: datetime, tmp_path: Path
) -> None:
    key = await keep(context, tmp_path, now, 0.9)
    assert await housekeeping.attachments(context, COUNTY, now) == 0
    for hours in range(housekeeping.TURNS):
        moment = now + timedelta(minutes=hours)
        assert await housekeeping.attachments(context, COUNTY, moment) == 0
    assert file_of(tmp_path, key).exists()


async def test_a_file_that_nobody_names_is_set_aside_and_goes_a_month_later(
    context: Context, now: datetime, tmp_path: Path
) -> None:
    key = await keep(context, tmp_path, now, 2)
    assert await all_shelves(context) == 1
    assert not file_of(tmp_path, key).exists()
    assert await context.attachments.get(SCHEMA, key) == b"sealed", "it can still be had"

    context.clock.forward(days=28)  # type: ignore[attr-defined]
    assert await all_shelves(context) == 0
    context.clock.forward(days=2)  # type: ignore[attr-defined]
    assert await all_shelves(context) == 1
    with pytest.raises(KeyError):
        await context.attachments.get(SCHEMA, key)


async def test_what_was_set_aside_over_the_wrong_database_comes_back(
    context: Context, now: datetime, tmp_path: Path
) -> None:
    key = await keep(context, tmp_path, now, 2)
    await all_shelves(context)
    await name_it(context, key, await file_one(context))
    context.clock.forward(days=31)  # type: ignore[attr-defined]
    await all_shelves(context)
    assert file_of(tmp_path, key).read_bytes() == b"sealed"


async def test_half_written_files_go_and_what_is_not_ours_stays(
    context: Context, now: datetime, tmp_path: Path
) -> None:
    key = await keep(context, tmp_path, now, 0)
    shelf = file_of(tmp_path, key).parent
    half, other = shelf / f"{new_id(now).hex}.part", shelf / "README"
    for path in (half, other):
        path.write_bytes(b"half")
        age(path, now, 2)
    assert await all_shelves(context) == 0
    assert (half.exists(), other.exists()) == (False, True)


# All together


async def test_one_sweeps_fault_does_not_keep_the_rest_and_is_told(
    context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(context: Context, county: Any, now: datetime) -> int:
        raise OSError("disk")

    monkeypatch.setattr(housekeeping, "SWEEPS", (broken, *housekeeping.SWEEPS))
    async with context.db.transaction(SCHEMA) as conn:
        await throttle.update_tries(conn, "old", now - 3 * DAY)
    with pytest.raises(OSError, match="disk"):
        await housekeeping.run_once(context)
    assert await rows(context, "SELECT bucket FROM throttle") == []


async def test_where_there_is_nothing_to_do_nothing_is_done(context: Context) -> None:
    await file_one(context)
    assert await housekeeping.run_once(context) == 0

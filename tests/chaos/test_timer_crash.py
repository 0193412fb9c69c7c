"""kill -9 in the middle of the timers' round: each notice once, each of its letters once."""

import asyncio
import random
import sys
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from gateway.db import Database
from tests import database
from tests.complaints.test_standing import filed
from tests.gateway.mail.world import rows
from tests.thorough import first_of

PROJECT = Path(__file__).parents[2]
CASES = 30
OFFICES = """
INSERT INTO office (code, kind, name, name_en, email, phone, address) VALUES
  ('O-JW', 'discipline', '县纪委监委', 'Discipline office', 'jw@example.org', '', '')
"""
PROFILE = """
INSERT INTO county_profile (code, name, name_en, address, hotline, desk_phone, desk_email)
VALUES ('test', '云溪县', 'Yunxi County', '', '12345', '0755-00001234', 'desk@example.org')
"""


async def worker(
    url: str, folder: Path, chance: float, moment: datetime
) -> asyncio.subprocess.Process:
    """A worker that has begun."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.timer_worker",
        url, str(folder), str(chance), moment.isoformat(),
        cwd=PROJECT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"ready\n"
    return process


async def killed(process: asyncio.subprocess.Process) -> int:
    """Lets it work a moment and kills it, unless it was quicker."""
    with suppress(TimeoutError):
        return await asyncio.wait_for(process.wait(), random.uniform(0.05, 0.5))
    with suppress(ProcessLookupError):  # it may die by itself this very moment
        process.kill()
    return await process.wait()


async def late_cases(conn: asyncpg.Connection, now: datetime) -> None:
    """Nobody signed for them; all are due to be looked at."""
    await conn.execute(OFFICES)
    await conn.execute(PROFILE)
    for n in range(CASES):
        await filed(conn, now + timedelta(seconds=n))
    # What was written as they came in is another test's.
    await conn.execute("DELETE FROM outbox")
    await conn.execute("UPDATE complaint SET wake_at = $1", now)


@pytest.mark.thorough
@pytest.mark.parametrize("chance", first_of([0.02, 1e-12], 2), ids=["at every step", "outside"])
async def test_each_notice_and_each_letter_is_there_once_whoever_dies(
    db: Database, fresh_database: str, now: datetime, tmp_path: Path, chance: float
) -> None:
    await db.run(database.SCHEMA, lambda conn: late_cases(conn, now))
    # The first working day after they should have been signed for.
    wednesday = now + timedelta(days=2)
    for _ in range(3):
        pair = [await worker(fresh_database, tmp_path, chance, wednesday) for _ in range(2)]
        assert await asyncio.gather(*map(killed, pair)) == [-9, -9]
    last = await worker(fresh_database, tmp_path, 0.0, wednesday)
    assert await asyncio.wait_for(last.wait(), 60) == 0

    notices = Counter(
        row["complaint"]
        for row in await rows(db, "SELECT complaint FROM event WHERE kind = 'escalated'")
    )
    assert (len(notices), set(notices.values())) == (CASES, {1})
    letters = await rows(db, "SELECT event, template, recipient, office, state FROM letter")
    assert len({row["event"] for row in letters}) == len(letters) == CASES
    assert {tuple(row)[1:] for row in letters} == {("escalated", "above", "O-JW", "sent")}
    left = await rows(db, "SELECT count(*) FROM complaint WHERE escalations <> 1")
    assert left[0][0] == 0

"""kill -9 in the middle of sending: every letter arrives, and twice only as the same message.

CHAOS_KILLS=100 runs it a hundred times; the suite runs it short.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from gateway import links
from gateway.db import Database
from tests.gateway.mail.servers import Handler, serving
from tests.gateway.mail.world import (
    CITIZEN,
    SCHEMA,
    file_complaint,
    happen,
    rows,
    settle,
)
from tests.thorough import first_of

KILLS = int(os.environ.get("CHAOS_KILLS", "4"))
CASES_A_KILL = 5
PROJECT = Path(__file__).parents[2]


async def worker(url: str, port: int, folder: Path, chance: float) -> asyncio.subprocess.Process:
    """A worker that is ready to send."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.mail_worker", url, str(port), str(folder), str(chance),
        cwd=PROJECT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"ready\n"
    return process


async def killed(process: asyncio.subprocess.Process) -> int:
    """Waits a moment and kills it, unless it was quicker; how it ended."""
    try:
        return await asyncio.wait_for(process.wait(), random.uniform(0.0, 0.6))
    except TimeoutError:
        with suppress(ProcessLookupError):  # it may die by itself this very moment
            process.kill()
        return await process.wait()


async def some_cases(db: Database, now: datetime, first: int) -> None:
    """Five complaints, ten letters, in one transaction as intake would write them."""
    async with db.transaction(SCHEMA) as conn:
        for n in range(first, first + CASES_A_KILL):
            complaint = await file_complaint(conn, now, f"2026-{n:06}", email=f"{n}-{CITIZEN}")
            await happen(conn, complaint, "received", now)
            await happen(conn, complaint, "dispatched", now)


@pytest.mark.parametrize("chance", first_of([0.01, 0.0]), ids=["at every step", "from outside"])
@pytest.mark.thorough
async def test_killed_again_and_again_every_letter_arrives_and_none_as_two_messages(
    db: Database, fresh_database: str, now: datetime, tmp_path: Path, chance: float
) -> None:
    handler = Handler()
    async with db.transaction(SCHEMA) as conn:
        await settle(conn)
    async with serving(handler) as port:
        for kill in range(KILLS):
            await some_cases(db, now, kill * CASES_A_KILL)
            process = await worker(fresh_database, port, tmp_path, chance or 1e-12)
            assert await killed(process) == -9
        last = await worker(fresh_database, port, tmp_path, 0.0)
        assert await asyncio.wait_for(last.wait(), 60) == 0

    states = Counter(row["state"] for row in await rows(db, "SELECT state FROM letter"))
    assert states == {"sent": KILLS * CASES_A_KILL * 2}

    mails = [message_from_bytes(each.content, policy=policy.default) for each in handler.mails]
    arrived = Counter(str(mail["Message-ID"]) for mail in mails)
    letters = {row["id"].hex for row in await rows(db, "SELECT id FROM letter")}
    assert {name[1:33] for name in arrived} == letters
    # The same message always goes to the same person.
    assert len({(str(mail["Message-ID"]), str(mail["To"])) for mail in mails}) == len(letters)
    await every_link_opens(db, mails, now)
    print(f"{KILLS} kills, {len(letters)} letters, {len(mails) - len(letters)} sent again")


async def every_link_opens(db: Database, mails: list, now: datetime) -> None:
    """Also those of mails that were sent again: the office may press the button in either."""
    async with db.transaction(SCHEMA) as conn:
        for mail in mails:
            text = mail.get_body(("plain",)).get_content()
            for line in text.splitlines():
                if "/answer/" in line:
                    link = await links.find(conn, line.rpartition("/")[2])
                    assert link is not None
                    assert link.standing(now) == "good"

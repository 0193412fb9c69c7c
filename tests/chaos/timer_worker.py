"""The timers and the postman in a process that kills itself, or is killed, in mid-work.

`python -m tests.chaos.timer_worker DATABASE_URL FOLDER CHANCE MOMENT` works at that moment (ISO)
until it dies; with CHANCE 0 it ends when nothing is left to do.
"""

import asyncio
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from complaints import sweeping
from complaints.store import standing
from gateway.context import system_clock
from gateway.db import Database
from gateway.mail import outbox, postman
from gateway.store import letters as letter_store
from gateway.store import outbox as outbox_store
from tests.chaos.mail_worker import deadly
from tests.gateway.mail.world import rows, surroundings
from tests.people import COUNTY, DIRECTORY

POINTS: tuple[tuple[Any, str], ...] = (
    (standing, "list_awake"),
    (standing, "update_cases"),
    (outbox_store, "insert_letters"),
    (letter_store, "claim_letters"),
    (letter_store, "mark_letters"),
    (Database, "run"),
)
BATCH = 7
LEFT = """
SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM letter WHERE state = 'waiting')
"""


async def main(url: str, folder: str, chance: float, moment: datetime) -> None:
    # Short, so that a dead worker's letters are due again soon.
    postman.LEASE = timedelta(seconds=1)
    postman.BATCH = outbox.BATCH = 20
    for owner, name in POINTS:
        setattr(owner, name, deadly(getattr(owner, name), chance))
    db = await Database.connect(url)
    context = replace(surroundings(db, system_clock(), Path(folder)), clock=system_clock)

    async def sweep(conn: asyncpg.Connection) -> int:
        swept = await sweeping.sweep(conn, DIRECTORY, COUNTY.calendar, moment, limit=BATCH)
        return swept.cases

    print("ready", flush=True)
    while True:
        cases = await db.run("county_test", sweep)
        done = await postman.run_once(context)
        if not cases and not done:
            if not chance and not (await rows(db, LEFT))[0][0]:
                break
            await asyncio.sleep(0.05)
    await postman.close(context)
    await db.close()


if __name__ == "__main__":
    asyncio.run(
        main(sys.argv[1], sys.argv[2], float(sys.argv[3]), datetime.fromisoformat(sys.argv[4]))
    )

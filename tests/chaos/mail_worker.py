"""A postman in a process of its own that kills itself, or is killed, in the middle of its work.

`python -m tests.chaos.mail_worker DATABASE_URL SMTP_PORT FOLDER CHANCE` works until it dies;
CHANCE is how likely each of the points below is to be the last. With CHANCE 0 it ends when
nothing is left to do.
"""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.context import system_clock
from gateway.db import Database
from gateway.mail import outbox, postman
from gateway.mail.smtp import SmtpTransport
from gateway.store import letters as letter_store
from gateway.store import links as link_store
from gateway.store import outbox as outbox_store
from tests.gateway.mail.world import rows, surroundings

# Where it may die: before and after each of these.
POINTS: tuple[tuple[Any, str], ...] = (
    (outbox_store, "insert_letters"),
    (outbox_store, "delete_outbox"),
    (letter_store, "claim_letters"),
    (link_store, "insert_links"),
    (SmtpTransport, "send"),
    (letter_store, "mark_letters"),
    (Database, "run"),
)
LEFT = """
SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM letter WHERE state = 'waiting')
"""


def deadly(work: Callable[..., Awaitable[Any]], chance: float) -> Callable[..., Awaitable[Any]]:
    """The same work, and with it a chance to die before or after."""

    async def perhaps(*args: Any) -> Any:
        maybe_die(chance)
        result = await work(*args)
        maybe_die(chance)
        return result

    return perhaps


def maybe_die(chance: float) -> None:
    if random.random() < chance:
        os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, port: str, folder: str, chance: float) -> None:
    # Short, so that a dead worker's letters are due again soon.
    postman.LEASE = timedelta(seconds=1)
    postman.BATCH = outbox.BATCH = 20
    for owner, name in POINTS:
        setattr(owner, name, deadly(getattr(owner, name), chance))
    db = await Database.connect(url)
    start = surroundings(db, system_clock(), Path(folder), smtp_url=f"smtp://127.0.0.1:{port}")
    context = replace(start, clock=system_clock)
    print("ready", flush=True)
    while chance or (await rows(db, LEFT))[0][0]:
        if not await postman.run_once(context):
            await asyncio.sleep(0.05)
    await postman.close(context)
    await db.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))

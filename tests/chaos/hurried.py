"""`gateway`, with pauses of seconds where the product waits for minutes, and perhaps deadly.

`python -m tests.chaos.hurried serve …` is `gateway serve …`. While the file named by CHAOS_ARMED
exists, each of POINTS may be the last thing that a process does, with the chance CHAOS_CHANCE.
Nothing else differs from the product.
"""

import os
import random
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from complaints.store import complaints as complaint_store
from gateway import background, cli, supervisor
from gateway.attachments import FolderStore
from gateway.context import Context
from gateway.db import Database
from gateway.mail import postman, smtp, transport
from gateway.store import letters as letter_store
from gateway.store import links as link_store
from gateway.store import outbox as outbox_store

# Where a process may die: before and after each of these.
POINTS: tuple[tuple[Any, str], ...] = (
    (complaint_store, "insert_complaint"),
    (FolderStore, "put"),
    (Database, "run"),
    (outbox_store, "insert_letters"),
    (outbox_store, "delete_outbox"),
    (letter_store, "claim_letters"),
    (link_store, "insert_links"),
    (smtp.SmtpTransport, "send"),
    (letter_store, "mark_letters"),
)
LEASE = timedelta(seconds=3)
STEP_SECONDS = 2.0


def deadly(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same work, with a chance to die before or after it."""
    armed = Path(os.environ.get("CHAOS_ARMED", "/nonexistent"))
    chance = float(os.environ.get("CHAOS_CHANCE", "0"))

    def maybe_die() -> None:
        if random.random() < chance and armed.exists():
            os.kill(os.getpid(), signal.SIGKILL)

    async def perhaps(*args: Any, **named: Any) -> Any:
        maybe_die()
        result = await work(*args, **named)
        maybe_die()
        return result

    return perhaps


def hurry() -> None:
    """Makes the time limits short."""
    postman.LEASE = LEASE
    postman.BEAT_SECONDS = 0.5
    smtp.AWAY_SECONDS = 0.3
    transport.PAUSES = tuple(min(minutes, 5) / 200 for minutes in transport.PAUSES)
    supervisor.LONGEST_PAUSE_SECONDS = 1.0
    usual = postman.make_transport

    def impatient(context: Context) -> transport.Transport:
        made = usual(context)
        made._step_seconds = STEP_SECONDS
        return made

    postman.make_transport = impatient
    background.jobs = lambda: (background.Job("mail", 0.3, postman.run_once, close=postman.close),)


def name_roles() -> None:
    """Each process of `serve` says in /proc/…/comm what it is, so that it can be chosen."""
    usual = supervisor._be

    def named(child: supervisor.Child) -> None:
        Path("/proc/self/comm").write_text(child.name.split()[0])
        random.seed()  # a fork would draw its parent's numbers
        usual(child)

    supervisor._be = named


if __name__ == "__main__":
    hurry()
    name_roles()
    for owner, name in POINTS:
        setattr(owner, name, deadly(getattr(owner, name)))
    cli.main()

"""What is done to the system: killed, frozen, restarted, always by the id of one process."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.chaos.hurried import LEASE
from tests.chaos.site import Site


def send(pids: list[int], number: signal.Signals) -> int:
    """To each that is still there; how many that were."""
    sent = 0
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            sent += 1
    return sent


async def kill_web(site: Site, chances: random.Random) -> int:
    return send(site.pids("web")[:1], signal.SIGKILL)


async def kill_every_web(site: Site, chances: random.Random) -> int:
    return send(site.pids("web"), signal.SIGKILL)


async def kill_background(site: Site, chances: random.Random) -> int:
    return send(site.pids("background"), signal.SIGKILL)


async def kill_second_worker(site: Site, chances: random.Random) -> int:
    return send(site.pids("work"), signal.SIGKILL)


async def kill_supervisor(site: Site, chances: random.Random) -> int:
    return send(site.pids("supervisor"), signal.SIGKILL)


async def kill_postmaster(site: Site, chances: random.Random) -> int:
    return send(site.pids("postmaster"), signal.SIGKILL)


async def kill_backend(site: Site, chances: random.Random) -> int:
    """One of PostgreSQL's processes, at which it throws out everybody and recovers."""
    found = site.pids("backend")
    return send([chances.choice(found)] if found else [], signal.SIGKILL)


async def restart_database(site: Site, chances: random.Random) -> int:
    """An orderly end, as an upgrade of the machine does it."""
    return send(site.pids("postmaster"), signal.SIGINT)


async def kill_everything(site: Site, chances: random.Random) -> int:
    """As when the power fails, but for the disk's own memory."""
    kinds = ("supervisor", "postmaster", "web", "background", "work")
    return send([pid for kind in kinds for pid in site.pids(kind)], signal.SIGKILL)


async def _freeze(pids: list[int], seconds: float) -> int:
    frozen = send(pids, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        send(pids, signal.SIGCONT)
    return frozen


async def freeze_background(site: Site, chances: random.Random) -> int:
    """Longer than its lease: the other worker sends its letters, then it wakes up and goes on."""
    return await _freeze(site.pids("background"), LEASE.total_seconds() * chances.uniform(1.1, 1.8))


async def freeze_second_worker(site: Site, chances: random.Random) -> int:
    return await _freeze(site.pids("work"), LEASE.total_seconds() * chances.uniform(1.1, 1.8))


async def freeze_web(site: Site, chances: random.Random) -> int:
    return await _freeze(site.pids("web"), chances.uniform(0.5, 3))


async def freeze_database(site: Site, chances: random.Random) -> int:
    return await _freeze(site.pids("backend"), chances.uniform(0.5, 4))


Fault = Callable[[Site, random.Random], Awaitable[int]]
FAULTS: dict[str, tuple[Fault, float]] = {
    "web killed": (kill_web, 3),
    "all web killed": (kill_every_web, 2),
    "background killed": (kill_background, 3),
    "second worker killed": (kill_second_worker, 2),
    "supervisor killed": (kill_supervisor, 2),
    "postmaster killed": (kill_postmaster, 2),
    "backend killed": (kill_backend, 3),
    "database restarted": (restart_database, 2),
    "everything killed": (kill_everything, 1),
    "background frozen": (freeze_background, 2),
    "second worker frozen": (freeze_second_worker, 1),
    "web frozen": (freeze_web, 1),
    "database frozen": (freeze_database, 1),
}


def draw(chances: random.Random, span: float) -> list[tuple[float, str]]:
    """One to three faults and when they happen, in seconds from the round's begin."""
    names = chances.choices(
        list(FAULTS), [weight for _, weight in FAULTS.values()], k=chances.randint(1, 3)
    )
    return sorted((chances.uniform(0, span), name) for name in names)


async def happen(
    site: Site, when: float, name: str, chances: random.Random, done: Counter[str]
) -> None:
    await asyncio.sleep(when)
    fault, _ = FAULTS[name]
    done[name] += await fault(site, chances)

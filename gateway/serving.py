"""One process that answers on a port and does background work until it is told to stop."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import uvloop
from aiohttp import web

from gateway import background, door
from gateway.app import create_app
from gateway.attachments import FolderStore
from gateway.context import Context
from gateway.counties import load_counties
from gateway.db import POOL_SIZE, Database
from gateway.keys import Keyring
from gateway.logs import AccessCounter
from gateway.secret_file import secret_keys
from gateway.settings import Settings
from gateway.snapshots import RENEW_SECONDS, Snapshots

T = TypeVar("T")

# Above a proxy's usual 60 s, so that it is the proxy that closes first (stack.md).
KEEPALIVE_SECONDS = 75.0
DRAIN_SECONDS = 20.0
COUNTS_EVERY_SECONDS = 60.0


@asynccontextmanager
async def context_for(
    settings: Settings, url: str, *, demo: bool = False, size: int = POOL_SIZE
) -> AsyncIterator[Context]:
    """Everything that handlers and jobs need, on the database at `url`."""
    keys = Keyring(secret_keys(settings))
    db = await Database.connect(url, size=size)
    try:
        counties = await load_counties(db)
        if len(counties) == 1:
            await db.settle(url, next(iter(counties)).schema)
        yield Context(
            settings=settings,
            db=db,
            keys=keys,
            counties=counties,
            snapshots=Snapshots(db),
            attachments=FolderStore(settings.data_dir / "attachments"),
            demo=demo,
        )
    finally:
        await db.close()


@asynccontextmanager
async def serving(context: Context, bound: socket.socket) -> AsyncIterator[None]:
    """Answers on `bound` inside the block; at its end finishes the requests it took."""
    runner = web.AppRunner(
        create_app(context),
        access_log_class=AccessCounter,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=DRAIN_SECONDS,
    )
    await runner.setup()
    try:
        async with door.opened(runner, bound):
            yield
    finally:
        await runner.cleanup()


async def count_answers(_context: Context) -> int:
    """The job that writes down what was answered."""
    AccessCounter.flush()
    return 0


async def keep_warm(context: Context) -> int:
    """The job that makes directories ready that somebody looked at; a start is not slowed by it."""
    for county in context.counties:
        if context.snapshots.held(county):
            await context.snapshots.warm(county)
    return 0


def house_jobs() -> tuple[background.Job, ...]:
    """What every process does for itself."""
    return (
        background.Job("access", COUNTS_EVERY_SECONDS, count_answers),
        background.Job("directory", RENEW_SECONDS, keep_warm),
    )


class Stop:
    """Ctrl-C and SIGTERM: cancels the start, and ends the service in order once it runs."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self._starting = asyncio.current_task()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._asked)

    def _asked(self) -> None:
        self.event.set()
        if self._starting:
            self._starting.cancel()

    def started(self) -> None:
        """From now on a signal only sets `event`."""
        self._starting = None


def run(work: Callable[[Stop], Coroutine[Any, Any, T]]) -> T:
    """Runs `work` on uvloop; a start that was cut short ends as KeyboardInterrupt."""

    async def with_signals() -> T:
        return await work(Stop())

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(with_signals())
    except asyncio.CancelledError as error:
        raise KeyboardInterrupt from error


def settle() -> None:
    """After the start: what is loaded stays, so the collector need not look at it again.

    Turns on the collector, which `cli.main` turned off for the start.
    """
    gc.freeze()
    gc.enable()


async def follow_parent(parent: int, stop: asyncio.Event) -> None:
    """Sets `stop` when the supervisor is gone, so that no worker stays behind alone."""
    while os.getppid() == parent and not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 0.5)
    stop.set()

"""A database that hangs, which is worse than one that is away: nobody says no."""

import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from gateway import demo_county, embedded
from gateway.app import create_app
from gateway.context import system_clock
from gateway.serving import context_for
from gateway.settings import Settings
from gateway.snapshots import RENEW_SECONDS
from tests import database

MOST_SECONDS = 6.0


@contextmanager
def frozen(folder: Path) -> Iterator[None]:
    """Every process of the server whose data lie below `folder`, stopped in whatever it does."""
    postmaster = int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True, check=True
    )
    pids = [postmaster, *map(int, listed.stdout.split())]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def visited(folder: Path, url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser at the product, with the demo county on the database at `url`."""
    await demo_county.prepare(url, system_clock())
    async with (
        context_for(Settings(data_dir=folder), url) as context,
        TestServer(create_app(context)) as server,
        aiohttp.ClientSession(server.make_url("/")) as browser,
    ):
        yield browser


async def timed(asked: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> tuple[int, float]:
    started = time.monotonic()
    async with asked as answer:
        return answer.status, time.monotonic() - started


@pytest.mark.thorough
async def test_a_frozen_database_is_told_within_seconds_and_a_second_try_gets_its_receipt() -> None:
    with database.removed(database.new_folder()) as folder, embedded.running(folder) as url:
        async with visited(folder, url) as browser:
            form = {"unit": "DRC", "text": "窗口排队两小时", "request_id": "r" * 32}
            await timed(browser.get("/directory/"))
            with frozen(folder):
                time.sleep(RENEW_SECONDS + 0.1)  # what is held in memory is old by now
                status, seconds = await timed(browser.get("/directory/"))
                assert (status, seconds < 1) == (200, True)
                status, seconds = await timed(browser.post("/complaints", data=form))
                assert (status, seconds < MOST_SECONDS) == (503, True)
            async with browser.post("/complaints", data=form) as receipt:
                assert receipt.url.path.startswith("/complaints/receipt/")

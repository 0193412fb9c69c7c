"""Slow clients and too many at once: bounded, told quickly, and nobody who was taken is lost."""

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from gateway import db as database_module
from gateway import door, ports, serving
from gateway.app import create_app
from gateway.settings import Settings

HALF_A_HEAD = b"POST /complaints HTTP/1.1\r\nHost: example.org\r\nX-Slow: "


class Site:
    """The product on a port of the loopback, in this process."""

    def __init__(self, port: int, context) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.db = context.db

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)


@pytest.fixture
async def start(fresh_demo_database: str, tmp_path: Path):
    """Starts a site with `most` connections and `keepalive` seconds of patience."""
    async with AsyncExitStack() as opened:

        async def begin(most: int | None = None, keepalive: float = 75) -> Site:
            settings = Settings(data_dir=tmp_path)
            context = await opened.enter_async_context(
                serving.context_for(settings, fresh_demo_database, size=2)
            )
            runner = web.AppRunner(create_app(context), keepalive_timeout=keepalive)
            await runner.setup()
            opened.push_async_callback(runner.cleanup)
            bound = ports.listen("127.0.0.1", 0)
            await opened.enter_async_context(door.opened(runner, bound, most))
            return Site(bound.getsockname()[1], context)

        yield begin


async def closed_after(reader: asyncio.StreamReader) -> float:
    started = time.monotonic()
    await reader.read()
    return time.monotonic() - started


async def test_half_a_head_is_not_waited_for_for_ever(start):
    """Also when one more byte comes every now and then."""
    site = await start(keepalive=1)
    reader, writer = await site.connect()
    writer.write(HALF_A_HEAD)
    ended = asyncio.create_task(closed_after(reader))
    while not ended.done() and not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.1)
    assert await asyncio.wait_for(ended, 20) < 15
    writer.close()


async def test_a_hundred_slow_clients_keep_nobody_waiting(start):
    site = await start()
    slow = [await site.connect() for _ in range(100)]
    for _, writer in slow:
        writer.write(HALF_A_HEAD)
    async with (
        aiohttp.ClientSession() as session,
        session.get(site.url + "/health/live", timeout=aiohttp.ClientTimeout(20)) as answer,
    ):
        assert answer.status == 200
    for _, writer in slow:
        writer.close()


async def test_past_the_last_connection_a_503_comes_at_once_and_the_door_opens_again(start):
    site = await start(most=3)
    held = [await site.connect() for _ in range(3)]
    await asyncio.sleep(0.1)
    reader, _ = await site.connect()
    said = await asyncio.wait_for(reader.read(), 10)
    assert said.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: 10\r\n" in said
    for _, writer in held:
        writer.close()
    await asyncio.sleep(0.2)
    async with aiohttp.ClientSession() as session, session.get(site.url + "/health/live") as answer:
        assert answer.status == 200


async def test_in_a_rush_some_are_told_to_come_again_and_all_others_are_filed(start, monkeypatch):
    monkeypatch.setattr(database_module, "MOST_WAITING", 10)
    site = await start()
    outcomes: Counter[int] = Counter()

    async def file(n: int) -> None:
        connector = aiohttp.TCPConnector(local_addr=(f"127.1.{n // 50}.{n % 50 + 1}", 0))
        form = {"unit": "DRC", "text": f"第{n}件", "request_id": f"a-rush-of-many-people-{n}"}
        headers = {"Accept": "application/json"}
        async with (
            aiohttp.ClientSession(connector=connector, headers=headers) as session,
            session.post(site.url + "/complaints", data=form) as answer,
        ):
            outcomes[answer.status] += 1
            if answer.status == 503:
                assert int(answer.headers["Retry-After"]) > 0

    await asyncio.gather(*(file(n) for n in range(150)))
    assert set(outcomes) == {201, 503}
    async with site.db.transaction("county_test") as conn:
        assert await conn.fetchval("SELECT count(*) FROM complaint") == outcomes[201]


def test_the_door_leaves_files_for_everything_else(monkeypatch):
    given = {}
    monkeypatch.setattr(door.resource, "getrlimit", lambda _: (1024, 4096))
    monkeypatch.setattr(door.resource, "setrlimit", lambda kind, to: given.update({kind: to}))
    assert door.most_connections() == 4096 - door.FILES_KEPT_BACK
    assert given == {door.resource.RLIMIT_NOFILE: (4096, 4096)}

"""One request at a time in this process, to hear what it says to the database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from gateway.context import Context
from tests.bench.trace import Statement, recorded
from tests.bench.world import World

Send = Callable[[TestClient, int], Awaitable[int]]


@asynccontextmanager
async def client_of(context: Context) -> AsyncIterator[TestClient]:
    """A client of the whole application, as a browser sees it."""
    app = create_app(context)
    jar = CookieJar(unsafe=True)
    async with TestClient(TestServer(app), cookie_jar=jar) as client:
        yield client


async def statements_of(world: World, send: Send, *, wanted: int) -> list[Statement]:
    """What the second of two requests says; the first warms what is read once.

    `send(client, n)` sends number `n` and gives the status. Raises when that is not `wanted`.
    """
    with recorded() as heard:
        async with world.context() as context, client_of(context) as client:
            for number in (0, 1):
                heard.clear()
                status = await send(client, number)
                if status != wanted:
                    raise RuntimeError(f"status {status} instead of {wanted}")
            return list(heard)

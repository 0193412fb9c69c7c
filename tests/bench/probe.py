"""One request at a time in this process, to hear what it says to the database."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from gateway.context import Context
from tests.bench.trace import Statement

# In the statement that looks at the versions of directory, routing and calendar.
VERSIONS = "data_version"
Client = TestClient[web.Request, web.Application]
# Number `n` of several requests; gives the answer's status.
Send = Callable[[Client, int], Awaitable[int]]


@dataclass(frozen=True)
class Cost:
    """What one request cost the database."""

    statements: Sequence[Statement]
    wal_bytes: int

    @property
    def round_trips(self) -> int:
        """Messages to the database and back, BEGIN and COMMIT among them."""
        return len(self.statements)


@asynccontextmanager
async def client_of(context: Context) -> AsyncIterator[Client]:
    """A client of the whole application, as a browser sees it."""
    jar = CookieJar(unsafe=True)
    async with TestClient(TestServer(create_app(context)), cookie_jar=jar) as client:
        yield client


async def cost_of(
    context: Context, heard: list[Statement], send: Send, *, wanted: int, times: int = 4
) -> Cost:
    """What a request costs after one that warms what is read once: of those with the most round
    trips, so that no dear one is passed over, the one with the shortest log, which has split no
    page of an index. A look at the directory's versions, every few seconds, is nobody's request.

    `context` was made inside `recorded()`, which gave `heard`, on a pool of one. Raises when a
    status is not `wanted`.
    """
    costs = []
    async with client_of(context) as client:
        for number in range(times + 1):
            before = await wal_bytes(context)
            heard.clear()
            status = await send(client, number)
            if status != wanted:
                raise RuntimeError(f"status {status} instead of {wanted}")
            said = list(heard)
            costs.append(Cost(said, await wal_bytes(context) - before))
    own = [cost for cost in costs[1:] if not any(VERSIONS in said.sql for said in cost.statements)]
    return min(own, key=lambda cost: (-cost.round_trips, cost.wal_bytes))


async def wal_bytes(context: Context) -> int:
    """What the pool's one connection has written to the log so far; 0 before PostgreSQL 18."""
    async with context.db.connection() as conn:
        if conn.get_server_version().major < 18:
            return 0
        await conn.execute("SELECT pg_stat_force_next_flush()")
        return int(
            await conn.fetchval("SELECT wal_bytes FROM pg_stat_get_backend_wal(pg_backend_pid())")
        )

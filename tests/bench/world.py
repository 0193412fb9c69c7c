"""What is measured: an embedded server, the demo county with a history, and a web process."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from gateway import demo_county, embedded
from gateway.ciphers import KeyringCipher
from gateway.context import Context
from gateway.db import _set_codecs
from gateway.keys import Keyring
from gateway.serving import context_for
from gateway.settings import Settings
from tests import database
from tests.bench import due, processes, seed

SECRET = "a secret for measuring that guards nothing at all"
SCHEMA = "county_yunxi"
# As the product starts it, but as pgbench is measured: without waiting for the disk. Whole pages
# in the log and vacuuming depend on the hour, so they are left out of the figures.
OPTIONS = (
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=100",
)


@dataclass(frozen=True)
class World:
    """A seeded database and a folder for whatever a run needs."""

    url: str
    folder: Path
    size: int
    postmaster: int
    schema: str = SCHEMA

    @property
    def environment(self) -> dict[str, str]:
        """Settings of the processes under test; wrk plays many visitors behind a proxy."""
        return {
            "GATEWAY_DATABASE_URL": self.url,
            "GATEWAY_DATA_DIR": str(self.folder / "data"),
            "GATEWAY_SECRET_KEY": SECRET,
            "GATEWAY_TRUSTED_PROXIES": "127.0.0.1",
        }

    def settings(self, **more: str) -> Settings:
        """The same for a context in this process."""
        given = {
            name.removeprefix("GATEWAY_").lower(): value for name, value in self.environment.items()
        }
        return Settings(**{**given, **more})  # type: ignore[arg-type]

    @asynccontextmanager
    async def context(self, **more: str) -> AsyncIterator[Context]:
        """What handlers and jobs need, in this process; on one connection, in a fixed order."""
        async with context_for(self.settings(**more), self.url, size=1) as context:
            yield context

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A plain connection that sees the county's tables and knows JSON."""
        conn = await asyncpg.connect(self.url, server_settings={"search_path": self.schema})
        await _set_codecs(conn)
        try:
            yield conn
        finally:
            await conn.close()

    def pg_environment(self) -> dict[str, str]:
        """For programs of PostgreSQL."""
        parts = urlsplit(self.url)
        query = parse_qs(parts.query)
        return {
            "PGHOST": query["host"][0] if "host" in query else str(parts.hostname),
            "PGPORT": query["port"][0] if "port" in query else str(parts.port),
            "PGUSER": str(parts.username),
            "PGPASSWORD": str(parts.password),
            "PGDATABASE": parts.path.lstrip("/"),
            "PGOPTIONS": f"-c search_path={self.schema}",
        }


@dataclass(frozen=True)
class Site:
    """A running web server."""

    port: int
    pid: int

    @property
    def web_pid(self) -> int:
        """The process that answers: the supervisor's only child."""
        return processes.family(self.pid)[-1]


@contextmanager
def site(world: World, *, workers: int = 1, **settings: str) -> Iterator[Site]:
    """`gateway serve` on the world's database, without background work."""
    port = processes.free_port()
    log = world.folder / "serve.log"
    command = [sys.executable, "-m", "gateway", "serve", "--port", str(port)]
    command += ["--workers", str(workers), "--no-background"]
    environment = {**world.environment, **settings}
    with processes.started(command, environment=environment, log=log) as process:
        processes.wait_for_page(f"http://127.0.0.1:{port}/", process, log)
        yield Site(port, process.pid)


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, int]]:
    """The embedded PostgreSQL under `folder`: its URL and its process."""
    folder.mkdir(parents=True, exist_ok=True)
    with embedded.launch(folder, options=OPTIONS) as running:
        yield running.wait_ready(), running.pid


Fill = Callable[[str, int], Awaitable[None]]


async def make(server_url: str, size: int, prefix: str = "bench", fill: Fill | None = None) -> str:
    """The URL of a database with the demo county and what `fill` puts in, by default a history of
    `size` complaints; made once a server."""
    name = f"{prefix}_{size}"
    url = database.with_database(server_url, name)
    conn = await asyncpg.connect(server_url)
    try:
        if await conn.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", f"{name}_made"):
            return database.with_database(server_url, f"{name}_made")
        await conn.execute(f"DROP DATABASE IF EXISTS {name}")
        await conn.execute(f"CREATE DATABASE {name}")
        await (fill or fill_history)(url, size)
        # The new name says that it is whole.
        await conn.execute(f"ALTER DATABASE {name} RENAME TO {name}_made")
    finally:
        await conn.close()
    return database.with_database(server_url, f"{name}_made")


def make_keys() -> seed.Keys:
    """What the processes under test can open with their secret."""
    return seed.make_keys(KeyringCipher(Keyring((SECRET,))))


async def fill_history(url: str, size: int) -> None:
    """Migrates, loads the demo county and seeds `size` complaints."""
    now = datetime.now(UTC)
    await demo_county.prepare(url, now)
    conn = await asyncpg.connect(url)
    try:
        await seed.seed(conn, SCHEMA, size, make_keys(), now)
    finally:
        await conn.close()


def fill_open(due_cases: int) -> Fill:
    """Open cases alone, so many of them due to be looked at."""

    async def fill(url: str, size: int) -> None:
        now = datetime.now(UTC)
        await demo_county.prepare(url, now)
        conn = await asyncpg.connect(url, server_settings={"search_path": SCHEMA})
        try:
            await due.fill(conn, size, due_cases, now)
        finally:
            await conn.close()

    return fill

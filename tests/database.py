"""One PostgreSQL for a whole test run, and quick copies of migrated databases on it.

`TEST_DATABASE_URL` names a server to use instead (its user may create databases).
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from gateway import embedded, migrations
from gateway.db import Database

NAME = "test"
SCHEMA = "county_test"
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
# A test run may forget everything when the machine stops; a product may not.
OPTIONS = ("fsync=off", "full_page_writes=off", "autovacuum=off", "max_connections=200")


MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 * 1024**3


def new_folder() -> Path:
    """A temporary folder with a short path that the database's own user can pass through.

    In memory where there is room: making a thousand files costs a tenth of what a disk takes.
    Programs may not be allowed to run from there.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    folder = Path(tempfile.mkdtemp(prefix="gwtest-", dir=MEMORY if roomy else None))
    folder.chmod(0o711)
    return folder


class Server:
    """The server of this run; the process that made it stops it."""

    def __init__(self) -> None:
        self._started = contextlib.ExitStack()
        self._url = os.environ.get("TEST_DATABASE_URL", "")

    def url(self) -> str:
        if not self._url:
            folder = self._started.enter_context(removed(new_folder()))
            self._url = self._started.enter_context(embedded.running(folder, options=OPTIONS))
            asyncio.run(_make_passwords_cheap(self._url))
        return self._url

    def stop(self) -> None:
        self._started.close()


async def _make_passwords_cheap(url: str) -> None:
    """A test run connects thousands of times; a guessed password is not its worry."""
    parts = urlsplit(url)
    await _command(
        url,
        "SET scram_iterations = 1",
        f"ALTER ROLE {parts.username} PASSWORD '{parts.password}'",
    )


def with_database(url: str, name: str) -> str:
    """The same server's URL with another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


async def _command(url: str, *commands: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        for command in commands:
            await conn.execute(command)
    finally:
        await conn.close()


async def create_database(server_url: str, template: str = "template0") -> str:
    """A new database, a copy of `template`; gives its URL."""
    name = f"t_{uuid4().hex[:12]}"
    # Copied as files, not through the log: most tests need one, and that is half the time.
    await _command(server_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    return with_database(server_url, name)


async def drop_database(server_url: str, url: str) -> None:
    name = urlsplit(url).path.lstrip("/")
    await _command(server_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@asynccontextmanager
async def temporary_database(server_url: str, template: str = "template0") -> AsyncIterator[str]:
    url = await create_database(server_url, template)
    try:
        yield url
    finally:
        await drop_database(server_url, url)


async def migrate_with_county(url: str, name: str = NAME) -> str:
    """Migrates `url` and gives it one county; gives the county's schema."""
    await migrations.migrate(url, MADE_AT)
    conn = await asyncpg.connect(url)
    try:
        return await migrations.create_county(
            conn, name, "测试县", "Test County", host=None, now=MADE_AT
        )
    finally:
        await conn.close()


def name_of(url: str) -> str:
    """The database's name, to be a template."""
    return urlsplit(url).path.lstrip("/")


async def make_migrated(server_url: str) -> str:
    """A migrated database with the county `county_test`: the template of a worker's others."""
    url = await create_database(server_url)
    await migrate_with_county(url)
    return url


@contextlib.contextmanager
def removed(folder: Path) -> Iterator[Path]:
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def make_demo(server_url: str, template: str) -> str:
    """A copy of `template` with the demo county loaded; gives its URL."""
    from gateway.demo_county import load_demo_county

    url = await create_database(server_url, template)
    db = await Database.connect(url)
    try:
        await load_demo_county(db, SCHEMA, MADE_AT)
    finally:
        await db.close()
    return url

"""Fixtures for everybody: a migrated database a worker, a rolled-back connection a test."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import hypothesis
import pytest
from argon2 import PasswordHasher

from gateway.db import Database, _set_codecs
from tests import database
from tests.copies import Copies
from tests.thorough import SAMPLE

SERVER = database.Server()
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def pytest_configure(config: pytest.Config) -> None:
    """Every run tries a few dozen values for what must always hold, a thorough run all of them."""
    hypothesis.settings.register_profile("sample", max_examples=SAMPLE, deadline=None)
    if config.option.markexpr == "not thorough":
        hypothesis.settings.load_profile("sample")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Says a test's group at the end of its id, where xdist looks for it. xdist 3.8 does so itself
    in a field that pytest 9.2 no longer reads: groups were torn apart in silence (pytest-xdist
    1386)."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        groups = sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")})
        structured: Any = getattr(item, "_id", None)
        told = f"@{'_'.join(groups)}"
        if groups and structured is not None and not item.nodeid.endswith(told):
            item._id = type(structured).parse(item.nodeid + told)  # type: ignore[attr-defined]


def pytest_configure_node(node: Any) -> None:
    """In the process that starts the workers: one server for all of them."""
    node.workerinput["server_url"] = SERVER.url()


def pytest_unconfigure() -> None:
    SERVER.stop()


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Signing in takes a tenth of a second by intent; only tests of just that take their time."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr("gateway.desk.passwords._HASHER", cheap)
        yield


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> str:
    """A server whose user may create databases; nobody's tables are in this database."""
    workerinput = getattr(request.config, "workerinput", None)
    return workerinput["server_url"] if workerinput else SERVER.url()


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """A migrated database with one county, `county_test`; never connect to it, copy it."""
    url = asyncio.run(database.make_migrated(server_url))
    yield database.name_of(url)
    asyncio.run(database.drop_database(server_url, url))


@pytest.fixture(scope="session")
def demo_template(server_url: str, template: str) -> Iterator[str]:
    """Like `template`, with the demo county in `county_test`; never connect to it, copy it."""
    url = asyncio.run(database.make_demo(server_url, template))
    yield database.name_of(url)
    asyncio.run(database.drop_database(server_url, url))


@pytest.fixture(scope="session")
def database_url(server_url: str, template: str) -> Iterator[str]:
    """This worker's database. Only for tests that roll back; others take `fresh_database`."""
    url = asyncio.run(database.create_database(server_url, template))
    yield url
    asyncio.run(database.drop_database(server_url, url))


@pytest.fixture(scope="session")
def demo_database_url(server_url: str, demo_template: str) -> Iterator[str]:
    """Like `database_url`, with the demo county in `county_test`."""
    url = asyncio.run(database.create_database(server_url, demo_template))
    yield url
    asyncio.run(database.drop_database(server_url, url))


@pytest.fixture(scope="session")
def copies(server_url: str, template: str) -> Iterator[Copies]:
    """The databases behind `fresh_database`."""
    made = Copies(server_url, template)
    yield made
    asyncio.run(made.close())


@pytest.fixture(scope="session")
def demo_copies(server_url: str, demo_template: str) -> Iterator[Copies]:
    """The databases behind `fresh_demo_database`."""
    made = Copies(server_url, demo_template)
    yield made
    asyncio.run(made.close())


@pytest.fixture
async def fresh_database(copies: Copies) -> AsyncIterator[str]:
    """The URL of a migrated database of this test alone, for races and for tests that commit."""
    async with copies.lent() as url:
        yield url


@pytest.fixture
async def fresh_demo_database(demo_copies: Copies) -> AsyncIterator[str]:
    """Like `fresh_database`, with the demo county in `county_test`."""
    async with demo_copies.lent() as url:
        yield url


@pytest.fixture
async def db(fresh_database: str) -> AsyncIterator[Database]:
    """A pool on `fresh_database`; `db.transaction("county_test")` really commits."""
    pool = await Database.connect(fresh_database)
    yield pool
    await pool.close()


@pytest.fixture
async def demo_db(fresh_demo_database: str) -> AsyncIterator[Database]:
    """Like `db`, with the demo county in `county_test`."""
    pool = await Database.connect(fresh_demo_database)
    yield pool
    await pool.close()


@pytest.fixture
async def conn(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection in a transaction of `county_test` that is rolled back after the test."""
    async with _rolled_back(database_url) as connection:
        yield connection


@pytest.fixture
async def demo_conn(demo_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Like `conn`, with the demo county loaded."""
    async with _rolled_back(demo_database_url) as connection:
        yield connection


@pytest.fixture
def now() -> datetime:
    """A Monday morning in the county."""
    return MONDAY


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        monkeypatch.delenv(name)


@asynccontextmanager
async def _rolled_back(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    await _set_codecs(connection)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"SET LOCAL search_path TO {database.SCHEMA}")
    try:
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()

"""What a request costs the database: round trips, log, buffers, plans. Figures that never vary.

The table that `python -m tests.bench` prints has them at 10⁴ and 10⁶ complaints; here a smaller
history is enough, since a plan that reads a growing table from end to end shows at any size.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from tests import database
from tests.bench import requests, seed, targets
from tests.bench.probe import Cost
from tests.bench.rows.statements import Explained, explain_all
from tests.bench.trace import Statement, explain
from tests.bench.world import World, make_keys

pytestmark = pytest.mark.xdist_group("costs")

COMPLAINTS = 3_000
TARGETS = 40
# Statements alone, where one of them writes at most; else BEGIN with the county's scope and COMMIT.
MOST_TRIPS = {
    requests.FILE: 1,
    requests.MISSED: 1,
    "POST /track": 2,
    "tracking page": 1,
    "answer link, GET": 2,
    # Two of them find who was upheld against for the third time in 90 days.
    "answer link, POST": 7,
    requests.POSTMAN: 14,
}
MOST_BUFFERS = {
    requests.FILE: 60,
    requests.MISSED: 70,
    "POST /track": 10,
    "tracking page": 25,
    # Two of them for how long the clock may still stand.
    "answer link, GET": 32,
    "answer link, POST": 60,
    requests.POSTMAN: 80,
}
MOST_LOG = {
    requests.FILE: 4_096,
    requests.MISSED: 4_700,
    "POST /track": 0,
    "tracking page": 0,
    "answer link, GET": 0,
    "answer link, POST": 4_096,
}


@pytest.fixture(scope="module")
def world(
    server_url: str, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The demo county with a history of its own."""
    url = asyncio.run(database.create_database(server_url, demo_template))
    folder = Path(tmp_path_factory.mktemp("costs"))
    yield World(url, folder, COMPLAINTS, postmaster=0, schema=database.SCHEMA)
    asyncio.run(database.drop_database(server_url, url))


@pytest.fixture(scope="module")
def explained(world: World) -> dict[str, Explained]:
    """Every request of the bench, sent and explained."""

    async def hear() -> dict[str, Explained]:
        async with world.connection() as conn:
            await seed.seed(
                conn,
                world.schema,
                COMPLAINTS,
                make_keys(),
                datetime.now(UTC),
                targets=TARGETS,
            )
            found = await targets.prepare(conn, COMPLAINTS, targets=TARGETS)
        return await requests.explained(world, found)

    return asyncio.run(hear())


async def test_a_table_that_is_read_from_end_to_end_is_noticed(
    world: World, explained: dict[str, Explained]
) -> None:
    careless = Statement("SELECT id FROM complaint WHERE wish = $1", ("x",))
    async with world.connection() as conn:
        found = await explain_all(conn, Cost([careless], 0))
        plan = await explain(conn, careless, generic=True)
    assert found.whole_tables == ["complaint"]
    assert plan.buffers > 300


@pytest.mark.parametrize("name", MOST_TRIPS)
def test_a_request_makes_no_more_round_trips_than_agreed(
    explained: dict[str, Explained], name: str
) -> None:
    said = explained[name].cost.statements
    assert len(said) <= MOST_TRIPS[name], [each.sql for each in said]


@pytest.mark.parametrize("name", MOST_BUFFERS)
@pytest.mark.parametrize("generic", [False, True], ids=["custom plan", "generic plan"])
def test_a_request_touches_few_pages_whatever_the_plan(
    explained: dict[str, Explained], name: str, generic: bool
) -> None:
    assert explained[name].buffers(generic=generic) <= MOST_BUFFERS[name]


@pytest.mark.parametrize("name", MOST_TRIPS)
def test_no_request_reads_a_growing_table_from_end_to_end(
    explained: dict[str, Explained], name: str
) -> None:
    assert explained[name].whole_tables == []


@pytest.mark.parametrize("name", MOST_LOG)
async def test_a_request_writes_no_more_log_than_agreed(
    world: World, explained: dict[str, Explained], name: str
) -> None:
    conn = await asyncpg.connect(world.url)
    version = conn.get_server_version().major
    await conn.close()
    if version < 18:
        pytest.skip("PostgreSQL says what one connection wrote from version 18 on")
    assert explained[name].cost.wal_bytes <= MOST_LOG[name]

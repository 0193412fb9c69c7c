"""What the timers cost the database: hardly anything while nothing is due, however many wait."""

from datetime import timedelta
from pathlib import Path

import pytest

from complaints.store import standing as store
from gateway import timers
from tests import database
from tests.bench import due
from tests.bench.rows import sweep
from tests.bench.trace import Statement, explain, recorded
from tests.bench.world import World

pytestmark = pytest.mark.xdist_group("costs")

DUE = 40
# BEGIN with the county's scope, what is due, the facts of those that escalate, the moves in one go,
# COMMIT.
MOST_TRIPS = 5


@pytest.mark.parametrize("open_cases", [10_000, 60_000])
async def test_a_sweep_looks_at_what_is_due_and_at_nothing_else(
    fresh_demo_database: str, tmp_path: Path, open_cases: int
) -> None:
    world = World(fresh_demo_database, tmp_path, open_cases, postmaster=0, schema=database.SCHEMA)
    with recorded() as heard:
        async with world.context() as context, world.connection() as conn:
            now = context.clock()
            await due.fill(conn, open_cases, DUE, now)
            for plan in await sweep.empty_plans(conn, now - timedelta(days=30)):
                assert plan.buffers <= sweep.MOST_EMPTY_BUFFERS
                assert plan.scans == (("Index Scan", "complaint"),)
            for generic in (False, True):
                statement = Statement(store.LIST_AWAKE, (now, 1_000))
                plan = await explain(conn, statement, generic=generic)
                # Each due case is read, locked, and asked for its stops.
                assert plan.buffers <= 10 * DUE
                assert plan.whole_tables(frozenset()) == []
            await context.snapshots.of(next(iter(context.counties)))
            heard.clear()
            assert await timers.sweep(context) == DUE
            assert len(heard) <= MOST_TRIPS, [each.sql for each in heard]
            heard.clear()
            assert await timers.sweep(context) == 0
            assert len(heard) <= MOST_TRIPS, [each.sql for each in heard]

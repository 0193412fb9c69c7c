"""The timers: a sweep of what is due among a million open cases, and one that finds nothing."""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from complaints import sweeping
from complaints.store import standing as store
from gateway import timers
from gateway.context import Context
from tests.bench import processes
from tests.bench.table import Fact
from tests.bench.trace import Plan, Statement, explain
from tests.bench.world import World

MOST_EMPTY_MS = 1.0
MOST_EMPTY_BUFFERS = 5
MOST_READ_MS = 100.0
# The least that could be said: what is due, moved on, the breach written down, with an event and a
# letter to come each.
BARE = """
WITH due AS (
  SELECT id FROM complaint WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2
  FOR UPDATE SKIP LOCKED
), moved AS (
  UPDATE complaint AS c SET wake_at = $3, steps = c.steps + 1, escalations = c.escalations + 1
  FROM due AS d WHERE c.id = d.id
  RETURNING c.id, c.office, c.due_on
), told AS (
  INSERT INTO event (id, complaint, at, kind, actor_kind, data)
  SELECT gen_random_uuid(), m.id, $1, 'escalated', 'system',
    jsonb_build_object('office', m.office, 'owner', 'office', 'kind', 'answer', 'due', m.due_on,
      'by', m.due_on, 'to', m.office, 'times', 1)
  FROM moved AS m
  RETURNING id
), breached AS (
  INSERT INTO event (id, complaint, at, kind, actor_kind, data)
  SELECT gen_random_uuid(), m.id, $1, 'breached', 'system',
    jsonb_build_object('office', m.office, 'owner', 'office', 'kind', 'answer', 'since', m.due_on)
  FROM moved AS m
), posted AS (
  INSERT INTO outbox (event, at) SELECT t.id, $1 FROM told AS t RETURNING event
)
SELECT count(*) FROM posted
"""


@dataclass(frozen=True)
class Taken:
    """One run: seconds, and CPU seconds of this process and of PostgreSQL."""

    seconds: float
    ours: float
    postgres: float


async def empty_plans(conn: asyncpg.Connection, now: datetime) -> list[Plan]:
    """The timers' statement where nothing is due, under both kinds of plan."""
    statement = Statement(store.LIST_AWAKE, (now, sweeping.BATCH))
    return [await explain(conn, statement, generic=generic) for generic in (False, True)]


async def facts(world: World, due: int, rounds: int) -> list[Fact]:
    """Everything about the timers of a world that `due.fill` made."""
    async with world.context() as context, world.connection() as conn:
        (county,) = context.counties
        held = await context.snapshots.of(county)
        now = context.clock()

        async def swept() -> int:
            done = 0
            while more := (await sweeping.sweep(conn, held.directory, held.calendar, now)).cases:
                done += more
            return done

        async def bare() -> int:
            return int(await conn.fetchval(BARE, now, due, now + timedelta(days=5)))

        async def read() -> int:
            return len(await store.list_awake(conn, now, due))

        ours, least, reading = [
            [await _taken(world, conn, work, due) for _ in range(rounds)]
            for work in (swept, bare, read)
        ]
        return [
            *_due_facts(due, ours, least, reading),
            *await _empty_facts(world, context, conn, now - timedelta(days=30), rounds),
        ]


async def _taken(
    world: World, conn: asyncpg.Connection, work: Callable[[], Awaitable[int]], due: int
) -> Taken:
    """A run inside a transaction that is taken back, so that the next one finds the same."""
    transaction = conn.transaction()
    await transaction.start()
    spent, own, began = _cpu(world), time.process_time(), time.perf_counter()
    done = await work()
    seconds, own = time.perf_counter() - began, time.process_time() - own
    spent = _cpu(world) - spent
    await transaction.rollback()
    if done != due:
        raise RuntimeError(f"{done} cases were looked at instead of {due}")
    await conn.execute("VACUUM complaint, event, outbox", timeout=600)
    return Taken(seconds, own, spent)


def _cpu(world: World) -> float:
    return processes.cpu_seconds(world.postmaster) if world.postmaster else 0.0


def _due_facts(due: int, ours: list[Taken], least: list[Taken], reading: list[Taken]) -> list[Fact]:
    ratio = statistics.median(b.seconds / a.seconds for a, b in zip(ours, least, strict=True))
    best, bare, read = (min(each, key=lambda one: one.seconds) for each in (ours, least, reading))
    return [
        Fact(
            f"reading and locking {due:,} due", f"{read.seconds * 1000:.0f} ms",
            f"≤ {MOST_READ_MS:.0f} ms", read.seconds * 1000 <= MOST_READ_MS,
        ),
        Fact(
            f"sweep of {due:,} due, each with its event and letter",
            f"{best.seconds * 1000:.0f} ms; ours {best.ours / due * 1e6:.0f} µs, PostgreSQL's"
            f" {best.postgres / due * 1e6:.0f} µs a case",
        ),
        Fact(
            "… in bare SQL, one statement for all",
            f"{bare.seconds * 1000:.0f} ms; PostgreSQL's {bare.postgres / due * 1e6:.0f} µs a case",
        ),
        Fact("… rate beside bare SQL", f"{ratio:.2f}"),
    ]  # fmt: skip


async def _empty_facts(
    world: World, context: Context, conn: asyncpg.Connection, before: datetime, rounds: int
) -> list[Fact]:
    plans = await empty_plans(conn, before)
    args: tuple[Any, ...] = (before, sweeping.BATCH)
    statement = await _least(lambda: conn.fetch(store.LIST_AWAKE, *args), rounds * 20)
    (county,) = context.counties
    whole = await _least(lambda: timers._sweep(context, county, before), rounds * 20)
    buffers = [plan.buffers for plan in plans]
    scans = sorted({f"{node} {table}" for plan in plans for node, table in plan.scans})
    return [
        Fact(
            "empty sweep, buffers custom and generic", f"{buffers[0]}, {buffers[1]}",
            f"≤ {MOST_EMPTY_BUFFERS}", max(buffers) <= MOST_EMPTY_BUFFERS,
        ),
        Fact("… how it looks", "; ".join(scans)),
        Fact("… its statement, there and back", f"{statement * 1000:.2f} ms"),
        Fact(
            "… whole, with BEGIN and COMMIT", f"{whole * 1000:.2f} ms",
            f"≤ {MOST_EMPTY_MS:g} ms", whole * 1000 <= MOST_EMPTY_MS,
        ),
    ]  # fmt: skip


async def _least(work: Callable[[], Awaitable[Any]], times: int) -> float:
    """Seconds of the quickest of several runs."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - began)
    return min(taken)

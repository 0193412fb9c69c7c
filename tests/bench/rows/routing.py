"""The dry run of a changed routing table over the cases of the last years."""

import time
from collections.abc import Sequence
from datetime import timedelta

from complaints import rehearsal
from complaints.routing import Rule
from tests.bench.table import Fact
from tests.bench.world import World

YEARS = 3


def changed(rules: Sequence[Rule]) -> list[Rule]:
    """Another table: without the first half of its rules."""
    return list(rules[len(rules) // 2 :])


async def facts(world: World) -> list[Fact]:
    """Reading every case of the history, a year at a time, and routing it twice."""
    async with world.context() as context, world.connection() as conn:
        (county,) = context.counties
        held = await context.snapshots.of(county)
        year = rehearsal.Year()
        began, spent = time.perf_counter(), time.process_time()
        for back in range(YEARS):
            before = None
            while True:
                now = context.clock() - timedelta(days=365 * back)
                before = await rehearsal.read_batch(conn, year, held.directory, now, before)
                if before is None:
                    break
        read = time.perf_counter() - began, time.process_time() - spent
        began = time.perf_counter()
        found = rehearsal.rehearse(year, held.rules, changed(held.rules), held.directory)
        routed = time.perf_counter() - began
    cases = found.compared + found.sealed
    return [
        Fact(
            f"routing dry run over {cases:,} cases, reading them",
            f"{read[0] * 1000:.0f} ms; ours {read[1] / cases * 1e6:.1f} µs a case",
        ),
        Fact(
            f"… routing {len(year.groups):,} different ones by both tables",
            f"{routed * 1000:.0f} ms; {found.changed:,} cases would have gone elsewhere",
        ),
    ]

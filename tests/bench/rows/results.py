"""Results for everybody beside hello, and the desk's figures beside hello and beside pgbench with
their own statements; round trips, buffers and CPU of each at several sizes."""

import asyncio

from gateway import counting
from tests.bench.bench import Bench
from tests.bench.limits import Pgbench
from tests.bench.load import get
from tests.bench.measure import Row, Series
from tests.bench.probe import Client
from tests.bench.rows import desk
from tests.bench.rows.pages import ZIPPED
from tests.bench.trace import pgbench_script
from tests.bench.world import World

PAGE, MADE, FIGURES = "/results/", "/results/figures.csv", "/desk/figures"
# Each is asked for by a supervisor; the first two are for everybody.
PATHS = {
    "results page, from memory": PAGE,
    "… as CSV, made each time": MADE,
    "… single results": "/results/cases",
    "desk figures": FIGURES,
    "… cases behind one": "/desk/figures/cases?period=last12&count=late",
    "monthly report": "/desk/report",
}
# A row for each month, unit and category, whatever came in it, and what a supervisor released.
FEW = frozenset({"figure", "figure_month", "published_result", "commendation"})


def rows(bench: Bench) -> list[Row]:
    """Of a county whose months are counted, as the background work leaves it."""
    asyncio.run(count_months(bench.world))
    cookie = asyncio.run(_cookie(bench.world))
    page = bench.http([get(PAGE, ZIPPED)], wanted=200)
    made = bench.http([get(MADE)], wanted=200)
    figures = Series(bench.http([get(FIGURES, {"Cookie": cookie})], wanted=200))
    script = asyncio.run(_script(bench, cookie))
    limit = Series(Pgbench(bench.world, "figures", script, bench.seconds))
    return [
        Row("results page, from memory", "hello", Series(page), bench.hello, goal=0.80),
        Row("… as CSV, made each time", "hello", Series(made), bench.hello),
        Row("desk figures, made each time", "hello", figures, bench.hello),
        Row("… beside their statements", "pgbench", figures, limit),
    ]


async def count_months(world: World) -> None:
    """Counts every month that is due; those of a kept database are counted again when old."""
    async with world.context() as context:
        while await counting.run_once(context):
            pass


async def _cookie(world: World) -> str:
    async with world.context() as context:
        # The session lies in the database that the process under test reads as well.
        staff = await desk.supervisor(context, None)
    return staff.cookie["Cookie"]


async def _script(bench: Bench, cookie: str) -> str:
    async def send(client: Client, _n: int) -> int:
        return (await client.get(FIGURES, headers={"Cookie": cookie})).status

    said = await bench.said(send, wanted=200)
    async with bench.world.connection() as conn:
        return await pgbench_script(conn, said)


async def measure(world: World) -> dict[str, desk.Listed]:
    """Each page as `tests.bench.rows.desk` measures lists."""
    await count_months(world)
    return await desk.measure_paths(world, PATHS, few=desk.FEW | FEW)

"""`python -m tests.bench`: a table of ratios to limits that are measured in the same run."""

import argparse
import asyncio
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from board.directory import Directory
from board.store import directory as directory_store
from tests import database
from tests.bench import limits, load, processes, requests, table, targets, world
from tests.bench.bench import Bench
from tests.bench.measure import Row, Series, run_rounds
from tests.bench.rows import (
    answers,
    desk,
    intake,
    lookup,
    outbox,
    pages,
    results,
    routing,
    sizes,
    start,
    statements,
    sweep,
)
from tests.bench.rows import tracking as tracking_rows
from tests.bench.targets import Target

ROWS: dict[str, Callable[[Bench], list[Row]]] = {
    "pages": pages.rows,
    "intake": intake.rows,
    "tracking": tracking_rows.rows,
    "answers": answers.rows,
}
OTHERS = (
    *("outbox", "statements", "lookup", "sizes", "start"),
    *("desk", "sweep", "results", "routing"),
)
DUE = 10_000


def main() -> None:
    """Reads the options, measures size by size, prints the tables."""
    asked = _options()
    if not load.available() or limits.pgbench_program() is None:
        sys.exit("wrk or pgbench is missing: apt-get install wrk postgresql-contrib")
    report: dict[str, object] = {}
    lists: list[desk.Figures] = []
    figures: list[desk.Figures] = []
    with _folder(asked.keep) as folder, world.server(folder / "postgresql") as (url, pid):
        for size in asked.size:
            made = asyncio.run(world.make(url, size))
            here = world.World(made, folder, size, pid)
            report[str(size)] = _measure(here, asked)
            if "desk" in asked.rows:
                lists.append(asyncio.run(desk.measure(here)))
                table.print_facts(f"{size:,} complaints: desk", desk.facts(lists[-1]))
            if "results" in asked.rows:
                figures.append(asyncio.run(results.measure(here)))
                table.print_facts(f"{size:,} complaints: results", desk.facts(figures[-1], ""))
        if len(figures) > 1:
            title = f"Results, from {asked.size[0]:,} to {asked.size[-1]:,} complaints"
            table.print_facts(title, desk.growth(figures[0], figures[-1], ""))
        if len(lists) > 1:
            title = f"Desk, from {asked.size[0]:,} to {asked.size[-1]:,} complaints"
            table.print_facts(title, desk.growth(lists[0], lists[-1]))
        if "sweep" in asked.rows:
            open_ = world.World(asyncio.run(_open(url, asked.open)), folder, asked.open, pid)
            facts = asyncio.run(sweep.facts(open_, DUE, max(2, asked.rounds // 2)))
            table.print_facts(f"Timers, {asked.open:,} open cases", facts)
        if "start" in asked.rows:
            facts = start.facts(folder)
            table.print_facts("Start", facts)
            report["start"] = [vars(each) for each in facts]
    if asked.json:
        Path(asked.json).write_text(json.dumps(report, ensure_ascii=False, indent=1))


def _options() -> argparse.Namespace:
    every = [*ROWS, *OTHERS]
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=_names(every), default=every, help=",".join(every))
    parser.add_argument("--size", type=_sizes, default=[10_000], help="complaints: 10000,1000000")
    parser.add_argument("--open", type=int, default=1_000_000, help="open cases, for the sweep")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measure in a round")
    parser.add_argument("--json", help="a file for the figures")
    parser.add_argument("--keep", help="a folder where seeded databases stay for the next run")
    return parser.parse_args()


def _names(every: list[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        unknown = set(text.split(",")) - set(every)
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown rows: {', '.join(sorted(unknown))}")
        return text.split(",")

    return read


def _sizes(text: str) -> list[int]:
    return [int(part.replace("_", "")) for part in text.split(",")]


@contextmanager
def _folder(keep: str | None) -> Iterator[Path]:
    folder = Path(keep).absolute() if keep else database.new_folder()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _measure(here: world.World, asked: argparse.Namespace) -> list[object]:
    """All that depends on how many complaints there are; prints it and gives it for machines."""
    size = f"{here.size:,} complaints"
    found, directory = asyncio.run(_prepare(here))
    with ExitStack() as stack:
        hello = Series(stack.enter_context(limits.hello(here.folder, asked.seconds)))
        site = stack.enter_context(world.site(here))
        bench = Bench(here, site, hello, found, asked.seconds)
        rows = [row for name, make in ROWS.items() if name in asked.rows for row in make(bench)]
        if "outbox" in asked.rows:
            rows += stack.enter_context(outbox.rows(bench))
            if not limits.mail_programs():
                print("outbox is left out: apt-get install postfix (smtp-source, smtp-sink)")
        if "results" in asked.rows:
            rows += results.rows(bench)
        if rows:
            before = processes.memory_mb(site.web_pid)
            run_rounds(rows, asked.rounds)
            if not hello.samples:
                hello.run()
            table.print_rows(size, rows, hello)
            done = sum(each.operations for row in rows for each in row.work.samples)
            table.print_facts(f"{size}: memory", sizes.memory(bench, before, done))
        if "sizes" in asked.rows:
            table.print_facts(f"{size}: pages", sizes.facts(bench))
    if "statements" in asked.rows:
        table.print_facts(f"{size}: requests", asyncio.run(_statements(here, found)))
    if "routing" in asked.rows:
        table.print_facts(f"{size}: routing", asyncio.run(routing.facts(here)))
    if "lookup" in asked.rows:
        table.print_facts(f"{size}: look-up", lookup.facts(directory))
    return [table.as_json(row, hello) for row in rows]


async def _prepare(here: world.World) -> tuple[list[Target], Directory]:
    async with here.connection() as conn:
        found = await targets.prepare(conn, here.size)
        await targets.put_back(conn)
        return found, await directory_store.load(conn)


async def _open(url: str, cases: int) -> str:
    return await world.make(url, cases, "bench_open", world.fill_open(DUE))


async def _statements(here: world.World, found: list[Target]) -> list[table.Fact]:
    return statements.facts(await requests.explained(here, found))


if __name__ == "__main__":
    main()

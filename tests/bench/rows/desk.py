"""The desk's lists, each with each of its filters: pages read, and CPU, at several sizes."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlencode

import asyncpg

from board.ids import new_id
from complaints.store import supervision as store
from complaints.supervision import LISTS
from gateway.context import Context
from gateway.desk import waiting
from tests.bench import seed
from tests.bench.probe import VERSIONS, Client, Cost, client_of
from tests.bench.rows.statements import SMALL, Explained, explain_all
from tests.bench.table import Fact
from tests.bench.trace import Statement, recorded
from tests.bench.world import World
from tests.staff import Staff, add_user, signed_in

MOST_CPU, MOST_BUFFERS = 1.2, 2
# Tasks of the desk are done or few, and so are those who work there.
FEW = SMALL | {"desk_task", "county", "desk_role", "desk_session", "desk_user"}
TIMES = 8


@dataclass(frozen=True)
class Listed:
    """One list with one filter: pages of the database under the dearer plan, milliseconds in the
    database, round trips, tables read from end to end, and CPU of a page in µs."""

    buffers: int
    milliseconds: float
    trips: int
    whole: tuple[str, ...]
    ours: float


Figures = Mapping[str, Listed]
# What every page of a list does that finds the numbers of all lists too old.
COUNTING = {"letters, all lists counted anew": "/desk/cases?list=letters"}


async def filters(conn: asyncpg.Connection) -> dict[str, dict[str, str]]:
    """{name: filter}; each a value that few cases have, which is the hardest to find."""
    directory = await seed.read_directory(conn)
    return {
        "": {},
        "unit": {"unit": directory.units[-1]},
        "office": {"office": directory.offices[-1]},
        "state": {"state": "final_review"},
        "category": {"category": directory.categories[-1]},
        "number": {"number": "00777"},
    }


def pages(chosen: Mapping[str, dict[str, str]]) -> Iterator[tuple[str, str]]:
    """(name, address) of each list with each filter."""
    for list_ in LISTS:
        for name, narrowed in chosen.items():
            path = f"/desk/cases?{urlencode({'list': list_, **narrowed})}"
            yield f"{list_}, {name}" if name else list_, path


async def measure(world: World, *, times: int = TIMES) -> dict[str, Listed]:
    """Every list with every filter; each page is made a few times, for the best."""
    async with world.connection() as conn:
        chosen = await filters(conn)
    with patch.object(waiting, "KEPT", timedelta(0)):
        counting = await measure_paths(world, COUNTING, times=times)
    return counting | await measure_paths(world, dict(pages(chosen)), times=times)


async def measure_paths(
    world: World,
    paths: Mapping[str, str],
    *,
    few: frozenset[str] = FEW,
    times: int = TIMES,
) -> dict[str, Listed]:
    """Pages as a supervisor reads them, {name: address}; `few` are tables that stay small."""
    found = {}
    with recorded() as heard:
        async with (
            world.context() as context,
            world.connection() as conn,
            client_of(context) as client,
        ):
            staff = await supervisor(context, client)
            for name, path in paths.items():
                ours, said = await _page(staff, path, heard, times)
                explained = await explain_all(conn, Cost(said, 0), renew=False)
                found[name] = _listed(explained, ours, few)
    return found


async def supervisor(context: Context, client: Client | None) -> Staff:
    """Somebody new who may see every list, signed in."""
    (county,) = context.counties
    login = f"bench-{new_id(context.clock())}"
    user = await add_user(context, login, "supervisor", county=county.code)
    return await signed_in(client, context, user, county=county.code)  # type: ignore[arg-type]


def _listed(explained: Explained, ours: float, few: frozenset[str]) -> Listed:
    whole = sorted({table for plan in explained.plans for table in plan.whole_tables(few)})
    return Listed(
        max(explained.buffers(generic=generic) for generic in (False, True)),
        sum(plan.milliseconds for plan in explained.plans) / 2,
        len(explained.cost.statements),
        tuple(whole),
        ours,
    )


async def _page(
    staff: Staff, path: str, heard: list[Statement], times: int
) -> tuple[float, list[Statement]]:
    """CPU of one page in µs, client and server together, at best; and what it said to the
    database, of those that read nothing for the county and count no more than they have to."""
    taken, said = [], []
    for _ in range(times + 1):
        heard.clear()
        began = time.process_time()
        answer = await staff.get(path)
        await answer.read()
        spent = time.process_time() - began
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        counts = any(each.sql == store.COUNT_LISTS for each in heard)
        if (counts and waiting.KEPT) or any(VERSIONS in each.sql for each in heard):
            continue
        taken.append(spent)
        said = list(heard)
    return min(taken) * 1e6, said


def facts(found: Figures, of: str = "desk list: ") -> list[Fact]:
    """One line a list and filter; ``of`` stands before its name."""
    return [
        Fact(
            f"{of}{name}",
            f"{each.trips} round trips; {each.buffers} buffers;"
            f" {each.milliseconds:.1f} ms in the database;"
            f" page {each.ours:.0f} µs"
            + (f"; reads whole: {', '.join(each.whole)}" if each.whole else ""),
            good=not each.whole,
        )
        for name, each in found.items()
    ]


def growth(small: Figures, large: Figures, of: str = "desk list: ") -> list[Fact]:
    """From the smaller size to the larger: what each list costs more."""
    found = []
    for name, before in small.items():
        after = large[name]
        more, times = after.buffers - before.buffers, after.ours / before.ours
        found.append(
            Fact(
                f"{of}{name}",
                f"{more:+d} buffers; {times:.2f} × CPU",
                f"≤ {MOST_BUFFERS}; ≤ {MOST_CPU}",
                more <= MOST_BUFFERS and times <= MOST_CPU,
            )
        )
    return found

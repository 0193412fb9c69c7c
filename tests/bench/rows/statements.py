"""Deterministic figures of each request: round trips, log, buffers and plans of its statements."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from tests.bench.probe import Cost
from tests.bench.table import Fact
from tests.bench.trace import Plan, explain, fresh_values

# Tables that stay small whatever a county does, so that reading them whole is right.
SMALL = frozenset(
    [
        "county_profile",
        "data_version",
        "office",
        "unit",
        "counter",
        "outbox",
        "throttle",
        "letter",
        "desk_badge",
    ]
)
MOST_TRIPS = 2
MOST_WAL = 4096


@dataclass(frozen=True)
class Explained:
    """A request's cost and the plans of its statements, custom and generic."""

    cost: Cost
    plans: list[Plan]

    def buffers(self, *, generic: bool) -> int:
        """Pages touched by all its statements."""
        return sum(plan.buffers for plan in self.plans if plan.generic == generic)

    @property
    def whole_tables(self) -> list[str]:
        """Growing tables that some plan reads from end to end."""
        return sorted({table for plan in self.plans for table in plan.whole_tables(SMALL)})


async def explain_all(conn: asyncpg.Connection, cost: Cost, *, renew: bool = True) -> Explained:
    """Explains each statement under both kinds of plan; `renew`: with ids that nobody used."""
    said = [each for each in cost.statements if not each.is_frame and each.args is not None]
    number = str(secrets.randbits(47))
    unused = fresh_values(said) if renew else {}
    fresh = {old: new.replace(":n", number) for old, new in unused.items()}
    plans = [
        await explain(conn, each, generic=generic, fresh=fresh)
        for generic in (False, True)
        for each in said
    ]
    return Explained(cost, plans)


def facts(requests: Mapping[str, Explained]) -> list[Fact]:
    """One line a request."""
    found = []
    for name, each in requests.items():
        said = each.whole_tables
        figures = [
            f"{each.cost.round_trips} round trips",
            f"{each.cost.wal_bytes:,} B of log",
            f"{each.buffers(generic=False)} buffers custom, {each.buffers(generic=True)} generic",
            f"reads whole: {', '.join(said)}" if said else "no growing table read whole",
        ]
        goal, good = "", None if not said else False
        if name == "POST /complaints":
            goal = f"≤ {MOST_TRIPS} trips, ≤ {MOST_WAL:,} B"
            good = each.cost.round_trips <= MOST_TRIPS and each.cost.wal_bytes <= MOST_WAL
        found.append(Fact(name, "; ".join(figures), goal, good))
    return found

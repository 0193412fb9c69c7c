"""SQL for the county's own time limits."""

from collections.abc import Mapping
from datetime import datetime

import asyncpg

from board.calendar import Calendar
from board.store.directory import load_calendar
from complaints.limits import Limit
from complaints.terms import LimitKind, in_force

LIST_LIMITS = """
SELECT kind, number, unit FROM case_limit ORDER BY kind
"""


async def list_limits(conn: asyncpg.Connection) -> dict[LimitKind, Limit]:
    """What differs from the defaults."""
    rows = await conn.fetch(LIST_LIMITS)
    return {row["kind"]: Limit(row["number"], row["unit"]) for row in rows}


async def load_terms(conn: asyncpg.Connection) -> Calendar:
    """The calendar in force, with the county's own limits."""
    return in_force(await load_calendar(conn), await list_limits(conn))


DELETE_LIMITS = """
DELETE FROM case_limit WHERE kind <> ALL ($1::text[])
"""
INSERT_OR_UPDATE_LIMIT = """
INSERT INTO case_limit (kind, number, unit, changed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind) DO UPDATE
SET number = EXCLUDED.number, unit = EXCLUDED.unit, changed_at = EXCLUDED.changed_at
WHERE case_limit.number <> EXCLUDED.number OR case_limit.unit <> EXCLUDED.unit
"""


async def replace_limits(
    conn: asyncpg.Connection, own: Mapping[LimitKind, Limit], now: datetime
) -> None:
    """Makes these the limits that differ from the defaults."""
    await conn.execute(DELETE_LIMITS, list(own))
    rows = [(kind, each.number, each.unit, now) for kind, each in own.items()]
    await conn.executemany(INSERT_OR_UPDATE_LIMIT, rows)

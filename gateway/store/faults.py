"""SQL of `gateway check`: what is wrong with the data, counted."""

from datetime import datetime

import asyncpg

COUNT_UNITS = """
SELECT count(*) FROM unit
"""


async def count_units(conn: asyncpg.Connection) -> int:
    """How many units the county has; 0 before its first import."""
    count: int = await conn.fetchval(COUNT_UNITS)
    return count


COUNT_OFFICES = """
SELECT count(*) FROM office
"""


async def count_offices(conn: asyncpg.Connection) -> int:
    """How many offices a complaint could go to."""
    count: int = await conn.fetchval(COUNT_OFFICES)
    return count


COUNT_UPPERS = """
SELECT count(*) FROM office WHERE kind = 'upper'
"""


async def count_uppers(conn: asyncpg.Connection) -> int:
    """How many offices stand above the county."""
    count: int = await conn.fetchval(COUNT_UPPERS)
    return count


COUNT_RULES = """
SELECT count(*) FROM routing_rule
"""


async def count_rules(conn: asyncpg.Connection) -> int:
    """How many rules say where a complaint goes."""
    count: int = await conn.fetchval(COUNT_RULES)
    return count


COUNT_WITHOUT_OWNER = """
SELECT count(*) FROM complaint
WHERE state = ANY($1::text[]) AND (owner IS NULL OR next_at IS NULL)
"""


async def count_without_owner(conn: asyncpg.Connection, open_states: list[str]) -> int:
    """Open complaints that nobody has to act on; there must be none."""
    count: int = await conn.fetchval(COUNT_WITHOUT_OWNER, open_states)
    return count


LIST_CALENDAR_YEARS = """
SELECT year FROM calendar_year ORDER BY year
"""


async def list_calendar_years(conn: asyncpg.Connection) -> list[int]:
    """Years with a published calendar."""
    return [row["year"] for row in await conn.fetch(LIST_CALENDAR_YEARS)]


COUNT_STALE_LETTERS = """
SELECT count(*) FROM letter WHERE state = 'waiting' AND next_at < $1
"""


async def count_stale_letters(conn: asyncpg.Connection, before: datetime) -> int:
    """Letters that were due before `before` (aware datetime) and that nobody took up."""
    count: int = await conn.fetchval(COUNT_STALE_LETTERS, before)
    return count

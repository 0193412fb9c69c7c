"""The background work that counts what came of complaints, a month at a time in every county."""

import asyncpg

from complaints import counting
from gateway.background import in_each_county
from gateway.context import Context
from gateway.counties import County

# A month of a large county is read whole, which nobody waits for.
WITHIN_SECONDS = 240.0


async def run_once(context: Context) -> int:
    """Counts one month in each county that has one due; how many."""
    now = context.clock()

    async def work(conn: asyncpg.Connection) -> bool:
        return await counting.count_next(conn, now)

    async def count(county: County) -> int:
        return await context.db.run(county.schema, work, within=WITHIN_SECONDS)

    return await in_each_county(context, "figures", count)

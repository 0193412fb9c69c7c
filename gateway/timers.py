"""The background work that keeps a case from lying: its timers, and the chain over its events."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import asyncpg

from complaints import audit, sweeping
from complaints.sweeping import Swept
from gateway.ciphers import KeyringSigner
from gateway.context import Context
from gateway.counties import County


async def sweep(context: Context) -> int:
    """Looks at the cases that are due, a batch in every county; how many these were."""
    now = context.clock()
    return sum([await _sweep(context, county, now) for county in context.counties])


async def _sweep(context: Context, county: County, now: datetime) -> int:
    snapshot = await context.snapshots.of(county)

    async def work(conn: asyncpg.Connection) -> Swept:
        return await sweeping.sweep(conn, snapshot.directory, snapshot.calendar, now)

    swept = await context.db.run(county.schema, work)
    # Their key is gone already; a file that stays behind after a crash here is swept as a stray.
    for file in swept.files:
        await context.attachments.delete(county.schema, file)
    return swept.cases


async def seal(context: Context) -> int:
    """Adds what was written some seconds ago to the chain of each county's events."""
    now = context.clock()
    signer = KeyringSigner(context.keys)
    return await _in_each(context, lambda conn: audit.seal(conn, now, signer))


async def _in_each(context: Context, work: Callable[[asyncpg.Connection], Awaitable[int]]) -> int:
    return sum([await context.db.run(county.schema, work) for county in context.counties])

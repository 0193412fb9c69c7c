"""The background work that keeps a case from lying: its timers, and the chain over its events."""

import logging
from datetime import datetime
from functools import partial

import asyncpg

from complaints import audit, sweeping
from complaints.store.standing import REFUSED
from complaints.sweeping import Swept
from gateway.background import in_each_county
from gateway.ciphers import KeyringSigner
from gateway.context import Context
from gateway.counties import County

log = logging.getLogger(__name__)


async def sweep(context: Context) -> int:
    """Looks at the cases that are due, a batch in every county; how many these were."""
    now = context.clock()
    return await in_each_county(context, "timers", lambda county: _sweep(context, county, now))


async def _sweep(context: Context, county: County, now: datetime) -> int:
    snapshot = await context.snapshots.of(county)

    async def work(conn: asyncpg.Connection, *, singly: bool = False) -> Swept:
        return await sweeping.sweep(conn, snapshot.directory, snapshot.calendar, now, singly=singly)

    try:
        swept = await context.db.run(county.schema, work)
    except REFUSED:
        log.exception("a batch of %s was refused; its cases are looked at one by one", county.code)
        swept = await context.db.run(county.schema, partial(work, singly=True))
    # Their key is gone already; a file that stays behind after a crash here is swept as a stray.
    for file in swept.files:
        await context.attachments.delete(county.schema, file)
    return swept.cases


async def seal(context: Context) -> int:
    """Adds what was written some seconds ago to the chain of each county's events."""
    now = context.clock()
    signer = KeyringSigner(context.keys)

    async def work(conn: asyncpg.Connection) -> int:
        return await audit.seal(conn, now, signer)

    return await in_each_county(
        context, "chain", lambda county: context.db.run(county.schema, work)
    )

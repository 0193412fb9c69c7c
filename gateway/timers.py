"""The background work that keeps a case from lying: its timers, and the chain over its events."""

import asyncio
import logging
from datetime import datetime
from functools import partial

import asyncpg

from complaints import audit, sweeping
from complaints.store.standing import REFUSED
from complaints.sweeping import Swept
from gateway import chain_ends
from gateway.background import in_each_county
from gateway.ciphers import KeyringSigner
from gateway.context import Context
from gateway.counties import County

log = logging.getLogger(__name__)
# A thousand cases one by one, on a database that is milliseconds away: longer than visitors wait.
SINGLY_SECONDS = 120.0


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
        swept = await context.db.run(
            county.schema, partial(work, singly=True), within=SINGLY_SECONDS
        )
    # Their key is gone already; a file that stays behind after a crash here is swept as a stray.
    for file in swept.files:
        await context.attachments.delete(county.schema, file)
    return swept.cases


async def seal(context: Context) -> int:
    """Adds what was written some seconds ago to the chain of each county's events."""
    return await in_each_county(context, "chain", lambda county: _seal(context, county))


async def _seal(context: Context, county: County) -> int:
    now, signer = context.clock(), KeyringSigner(context.keys)
    sealed = await context.db.run(county.schema, lambda conn: audit.seal(conn, now, signer))
    if sealed:
        await _keep_end(context, county)
    return sealed


async def _keep_end(context: Context, county: County) -> None:
    """Writes down beside the database where the chain ends now. What was written down before and
    is gone from the chain stays there, for `check --audit` to miss."""
    folder = context.settings.data_dir
    kept = await asyncio.to_thread(chain_ends.find, folder, county.schema)

    async def work(conn: asyncpg.Connection) -> audit.End | None:
        whole = kept is None or await audit.holds(conn, kept)
        return await audit.find_end(conn) if whole else None

    end = await context.db.run(county.schema, work, single=True)
    if end is None:
        log.error("%s: the chain over the events was begun anew; see check --audit", county.code)
        return
    await asyncio.to_thread(chain_ends.keep, folder, county.schema, end)

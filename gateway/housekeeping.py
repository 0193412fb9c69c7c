"""What is no longer needed goes, a batch at a time: nothing here that somebody may still ask for.

Any number of processes may do this at once: rows that another one holds are passed over, and a file
that is gone already is no fault.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg

from complaints.store import attachments as attachment_store
from complaints.store import throttle as throttle_store
from gateway.attachments import SHELVES
from gateway.background import in_each_county
from gateway.context import Context
from gateway.counties import County
from gateway.mail import spool
from gateway.store import letters as letter_store
from gateway.store import links as link_store
from gateway.throttle import KEPT as BRAKES_KEPT

log = logging.getLogger(__name__)

BATCH = 500
# After a link's end. Until then it tells its office that it has ended, and what to do.
LINKS_KEPT = timedelta(days=90)
# A complaint's files are written before its row; nobody sends a form for longer than this.
FILING = timedelta(days=1)
# So long a file that no row names can be brought back, should the database have been the wrong one.
ASIDE_KEPT = timedelta(days=30)
# So many runs go once through all shelves. It shares no factor with 24: a machine that runs in
# office hours only gets to all of them.
TURNS = 23


async def run_once(context: Context) -> int:
    """A batch of everything in every county: how much went, 0 when there was nothing.

    One fault is logged and does not keep the rest; the last is raised.
    """
    done, fault = 0, None
    for sweep in SWEEPS:
        work = partial(_now, context, sweep)
        try:
            done += await in_each_county(context, sweep.__name__, work)
        except Exception as error:
            fault = error
    if fault is not None:
        raise fault
    return done


async def _now(context: Context, sweep: "Sweep", county: County) -> int:
    return await sweep(context, county, context.clock())


async def brakes(context: Context, county: County, now: datetime) -> int:
    """Counts of tries whose time is over."""
    return await context.db.run(
        county.schema,
        lambda conn: throttle_store.delete_old(conn, now - BRAKES_KEPT, BATCH),
        single=True,
    )


async def links(context: Context, county: County, now: datetime) -> int:
    """Links that ended long ago and whose office has nothing to do in the case."""
    return await context.db.run(
        county.schema,
        lambda conn: link_store.delete_ended(conn, now - LINKS_KEPT, BATCH),
        single=True,
    )


async def letters(context: Context, county: County, now: datetime) -> int:
    """Records of letters that were sent, or were not to be sent, long ago."""
    before = now - timedelta(days=context.settings.keep_mail_days)
    return await context.db.run(
        county.schema,
        lambda conn: letter_store.delete_done(conn, before, BATCH),
        single=True,
    )


async def spooled(context: Context, county: County, now: datetime) -> int:
    """Mails kept as files."""
    before = now - timedelta(days=context.settings.keep_mail_days)
    folder = spool.spool_folder(context.settings.data_dir, county.schema)
    return await asyncio.to_thread(spool.delete_old, folder, before, BATCH)


async def attachments(context: Context, county: County, now: datetime) -> int:
    """Encrypted files of complaints that were never stored, as a crash leaves them.

    They are set aside first. Who finds them there a month later asks the database once more.
    """
    turn = int(now.timestamp() // 3600) % TURNS
    done = 0
    for shelf in range(turn, SHELVES, TURNS):
        done += await _set_aside(context, county.schema, shelf, now)
        done += await _clear(context, county.schema, shelf, now)
    return done


async def _set_aside(context: Context, schema: str, shelf: int, now: datetime) -> int:
    store = context.attachments
    found = await store.list_old(schema, shelf, now - FILING, aside=False)
    lost = set(found) - await _named(context, schema, found)
    for key in lost:
        await store.move(schema, key, aside=True, now=now)
    if lost:
        log.warning("%s: %s files that no complaint names are set aside", schema, len(lost))
    return len(lost)


async def _clear(context: Context, schema: str, shelf: int, now: datetime) -> int:
    store = context.attachments
    found = await store.list_old(schema, shelf, now - ASIDE_KEPT, aside=True)
    named = await _named(context, schema, found)
    for key in found:
        if key in named:
            await store.move(schema, key, aside=False, now=now)
        else:
            await store.delete(schema, key)
    return len(found)


async def _named(context: Context, schema: str, keys: Sequence[UUID]) -> set[UUID]:
    """Which of these files a complaint names."""
    batches = [keys[at : at + BATCH] for at in range(0, len(keys), BATCH)]

    async def work(conn: asyncpg.Connection) -> set[UUID]:
        return set().union(*[await attachment_store.list_named(conn, each) for each in batches])

    return await context.db.run(schema, work, single=True) if batches else set()


Sweep = Callable[[Context, County, datetime], Awaitable[int]]
# Links go before the letters that brought them. What wipes whole cases after their period belongs
# in front: it leaves attachments that nobody names, and those go by themselves.
SWEEPS: tuple[Sweep, ...] = (brakes, links, letters, spooled, attachments)

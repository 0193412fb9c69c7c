"""What a change of the calendar would do to open cases, read a batch at a time."""

from datetime import datetime

import asyncpg

from board.calendar import Calendar
from complaints.effects import Effect
from complaints.hidden import NOTHING, Hidden
from complaints.store.recounting import BEGINNING, list_open
from gateway.db import Database

BATCH = 500
# What a person waits a few seconds for. With more open cases, those with the earliest deadlines
# are told, and that there are more.
MOST = 20_000


async def foresee(
    db: Database, schema: str, calendar: Calendar, now: datetime, hidden: Hidden = NOTHING
) -> Effect:
    """The effect of `calendar` on the county's open cases. Nothing is locked, and no connection is
    held between two batches."""
    effect, after = Effect(hidden), BEGINNING

    while True:

        async def work(
            conn: asyncpg.Connection, at: tuple[datetime, object] = after
        ) -> list[asyncpg.Record]:
            return await list_open(conn, at, BATCH)  # type: ignore[arg-type]

        rows = await db.run(schema, work, single=True)
        effect.add(rows, calendar, now)
        if len(rows) < BATCH:
            return effect
        if effect.read >= MOST:
            effect.whole = False
            return effect
        after = rows[-1]["next_at"], rows[-1]["id"]

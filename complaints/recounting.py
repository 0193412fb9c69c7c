"""A changed calendar recomputes open cases, with an event (domain.md R13)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg

from board.calendar import Calendar
from board.ids import new_id
from complaints.deadlines import due
from complaints.lifecycle import DUTIES, deadline
from complaints.limits import Limit
from complaints.store import recounting as store
from complaints.store.recounting import Recounted

BATCH = 500


async def recount(conn: asyncpg.Connection, calendar: Calendar, now: datetime) -> int:
    """Counts anew what another calendar counted, up to a batch; how many cases that were.

    The calendar must not change before the transaction ends, or two workers would undo each
    other's counting.
    """
    rows = await store.list_outdated(conn, calendar.version, BATCH)
    cases = [_recounted(row, calendar, now) for row in rows]
    await store.update_counted(conn, cases)
    await store.insert_recounted(conn, cases, now)
    return len(cases)


def _recounted(row: Mapping[str, Any], calendar: Calendar, now: datetime) -> Recounted:
    """The answer's due day; the next deadline too where it is the answer's or was unknown.

    Other deadlines, of a day or two, stay as they were told.
    """
    found = due(row["limit_start"], Limit(row["limit_number"], row["limit_unit"]), calendar)
    next_at, next_kind = row["next_at"], row["next_kind"]
    if next_kind == "calendar_unknown" or DUTIES[row["state"]].limit is None:
        following = deadline(row["state"], row["limit_start"], calendar, answer_due=found)
        assert following is not None  # the case is open
        next_at, next_kind = following.at, following.kind
    moved = found.day != row["due_on"]
    days = {"due": found.day, "was": row["due_on"]}
    return Recounted(
        complaint=row["id"],
        due_on=found.day,
        calendar_version=calendar.version,
        next_at=next_at,
        next_kind=next_kind,
        event=new_id(now) if moved else None,
        data={name: day.isoformat() if day else None for name, day in days.items()}
        | {"calendar": calendar.version},
    )

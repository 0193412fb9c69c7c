"""SQL for counting due days anew when the calendar has changed (domain.md R13)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class Recounted:
    """What becomes of one case; `event` None where its due day stayed what it was."""

    complaint: UUID
    due_on: date | None
    calendar_version: str
    next_at: datetime
    next_kind: str
    event: UUID | None
    data: dict[str, Any]


LIST_OUTDATED = """
SELECT id, state, next_at, next_kind, due_on, limit_number, limit_unit, limit_start
FROM complaint
WHERE next_at IS NOT NULL AND limit_number IS NOT NULL AND calendar_version <> $1
ORDER BY id
LIMIT $2
FOR UPDATE SKIP LOCKED
"""


async def list_outdated(conn: asyncpg.Connection, version: str, limit: int) -> list[asyncpg.Record]:
    """Open cases whose due day was counted by another calendar, locked for this transaction."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_OUTDATED, version, limit)
    return rows


UPDATE_COUNTED = """
UPDATE complaint SET due_on = $2, calendar_version = $3, next_at = $4, next_kind = $5
WHERE id = $1
"""


async def update_counted(conn: asyncpg.Connection, cases: list[Recounted]) -> None:
    """Writes the new days down."""
    await conn.executemany(
        UPDATE_COUNTED,
        [
            (each.complaint, each.due_on, each.calendar_version, each.next_at, each.next_kind)
            for each in cases
        ],
    )


INSERT_RECOUNTED = """
INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)
VALUES ($1, $2, $3, 'recounted', 'system', NULL, $4)
"""


async def insert_recounted(conn: asyncpg.Connection, cases: list[Recounted], now: datetime) -> None:
    """An event for each case whose due day is another one now."""
    await conn.executemany(
        INSERT_RECOUNTED,
        [(each.event, each.complaint, now, each.data) for each in cases if each.event],
    )

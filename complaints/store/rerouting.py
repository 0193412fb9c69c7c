"""SQL for open cases that another office gets: why that one, and how far the looking has got."""

from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

# A deadline and its case: where a round has got to.
Place = tuple[datetime, UUID]
BEGINNING: Place = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Progress:
    """Since this version came: rounds that moved nothing, where the present one goes on, and how
    many cases it moved."""

    version: str = ""
    clean: int = 0
    after_at: datetime = BEGINNING[0]
    after_id: UUID = BEGINNING[1]
    moved: int = 0


FIND_PROGRESS = """
SELECT version, clean, after_at, after_id, moved FROM rerouting WHERE one = 1
"""


async def find_progress(conn: asyncpg.Connection) -> Progress:
    """How far the county's open cases have been looked at."""
    row = await conn.fetchrow(FIND_PROGRESS)
    return Progress(*row) if row else Progress()


UPDATE_PROGRESS = """
INSERT INTO rerouting (one, version, clean, after_at, after_id, moved)
VALUES (1, $1, $2, $3, $4, $5)
ON CONFLICT (one) DO UPDATE
SET version = excluded.version, clean = excluded.clean, after_at = excluded.after_at,
  after_id = excluded.after_id, moved = excluded.moved
"""


async def update_progress(conn: asyncpg.Connection, progress: Progress) -> None:
    """Writes down how far it has got."""
    await conn.execute(UPDATE_PROGRESS, *astuple(progress))


UPDATE_ROUTING = """
UPDATE complaint SET routing = $2 WHERE id = $1
"""


async def update_routing(conn: asyncpg.Connection, complaint: UUID, packed: dict[str, Any]) -> None:
    """Keeps why the case has the office that it has now; see `decisions.pack_decision`."""
    await conn.execute(UPDATE_ROUTING, complaint, packed)

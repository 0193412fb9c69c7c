"""SQL for how complainants rate answers."""

from datetime import datetime
from uuid import UUID

import asyncpg

# The answer that is rated is the newest; the newest rating of it counts.
INSERT_RATING = """
INSERT INTO rating (complaint, answer, level, resolved, at)
SELECT w.complaint, w.id, $2, $3, $4
FROM answer AS w
WHERE w.complaint = $1
ORDER BY w.round DESC LIMIT 1
ON CONFLICT (answer) DO UPDATE SET
  level = excluded.level, resolved = excluded.resolved, at = excluded.at
"""


async def insert_rating(
    conn: asyncpg.Connection, complaint: UUID, level: int, now: datetime, *, resolved: bool
) -> None:
    """Keeps the rating of a case's newest answer: level 1 to 5, and whether it was resolved."""
    await conn.execute(INSERT_RATING, complaint, level, resolved, now)

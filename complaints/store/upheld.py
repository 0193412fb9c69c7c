"""SQL for what was upheld against whom, and for supervision that is raised by itself."""

from datetime import datetime
from uuid import UUID

import asyncpg

# Of two answers about one subject at the same moment, the second waits and then counts both.
COUNT_SUBJECT = """
INSERT INTO counter (name, n) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET n = counter.n + 1
"""
UPSERT_UPHELD = """
INSERT INTO upheld (complaint, subject, at) VALUES ($1, $2, $3)
ON CONFLICT (complaint) DO UPDATE SET subject = excluded.subject, at = excluded.at
"""
DELETE_UPHELD = """
DELETE FROM upheld WHERE complaint = $1
"""
LIST_UPHELD = """
SELECT at FROM upheld WHERE subject = $1 AND at >= $2 ORDER BY at DESC LIMIT $3
"""


async def upsert_upheld(
    conn: asyncpg.Connection, complaint: UUID, subject: str, at: datetime
) -> None:
    """Writes down that a complaint about `subject` was upheld; a later answer moves the moment."""
    await conn.execute(COUNT_SUBJECT, f"upheld {subject}")
    await conn.execute(UPSERT_UPHELD, complaint, subject, at)


async def delete_upheld(conn: asyncpg.Connection, complaint: UUID) -> None:
    """A later answer found otherwise."""
    await conn.execute(DELETE_UPHELD, complaint)


async def list_upheld(
    conn: asyncpg.Connection, subject: str, since: datetime, most: int
) -> list[datetime]:
    """When complaints about `subject` were upheld since then, newest first, `most` at most."""
    return [row["at"] for row in await conn.fetch(LIST_UPHELD, subject, since, most)]


FIND_RAISED = """
SELECT s.id FROM supervision AS s
WHERE s.closed_at IS NULL AND s.why = $1 AND s.subject = $2
LIMIT 1
"""


async def is_raised(conn: asyncpg.Connection, why: str, subject: str) -> bool:
    """Whether a subject is under supervision for this reason already."""
    return await conn.fetchval(FIND_RAISED, why, subject) is not None


INSERT_SUPERVISION = """
INSERT INTO supervision (id, complaint, why, subject, raised_at, closed_at, actor)
VALUES ($1, $2, $3, $4, $5, NULL, NULL)
"""


async def insert_supervision(
    conn: asyncpg.Connection, key: UUID, complaint: UUID, *, why: str, subject: str, at: datetime
) -> None:
    """Raises supervision in the system's name."""
    await conn.execute(INSERT_SUPERVISION, key, complaint, why, subject, at)

"""SQL for the dry run of a routing table over the cases of a year."""

from uuid import UUID

import asyncpg

# Ids are UUIDv7, so the primary key reads a year, newest first, from where it stopped.
LIST_FACTS_OF_YEAR = """
SELECT c.id, c.number, c.sealed, c.unit, c.staff_badge, c.subject_state, c.matter,
  (SELECT array_agg(a.category) FROM allegation AS a WHERE a.complaint = c.id) AS categories
FROM complaint AS c
WHERE c.id >= $1 AND c.id < $2
ORDER BY c.id DESC
LIMIT $3
"""


async def list_facts(
    conn: asyncpg.Connection, since: UUID, before: UUID, limit: int
) -> list[asyncpg.Record]:
    """id, number, sealed, and what routing asks of a case at its filing; newest first."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_FACTS_OF_YEAR, since, before, limit)
    return rows

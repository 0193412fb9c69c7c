"""SQL for what routing asks of a case that is stored already, and for who stepped back from it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

# Who stepped back from a complaint that waits for this case does not answer it here either; it may
# have been merged into one that was merged itself.
LIST_FACTS = """
SELECT c.id, c.unit, c.staff_badge, c.subject_state, c.matter,
  (SELECT array_agg(a.category ORDER BY a.position)
    FROM allegation AS a WHERE a.complaint = c.id) AS categories,
  (SELECT array_agg(r.who ORDER BY r.at, r.who)
    FROM recusal AS r
    WHERE r.complaint = ANY (ARRAY(
      WITH RECURSIVE joint AS (
        SELECT c.id
        UNION
        SELECT m.id FROM joint AS j
        JOIN complaint AS m ON m.merged_into = j.id AND m.state = 'merged'
      )
      SELECT id FROM joint))) AS recused,
  (SELECT array_agg(w.office ORDER BY w.round)
    FROM answer AS w WHERE w.complaint = c.id) AS answered,
  (SELECT e.actor_kind = 'desk' AND e.kind <> 'rerouted' FROM event AS e
    WHERE e.complaint = c.id AND e.kind IN ('dispatched', 'assigned', 'rerouted')
    ORDER BY e.at DESC LIMIT 1) AS by_hand
FROM complaint AS c
WHERE c.id = ANY ($1::text[]::uuid[])
"""


async def list_facts(conn: asyncpg.Connection, complaints: Sequence[UUID]) -> list[asyncpg.Record]:
    """id, unit, staff_badge, subject_state, matter; categories, recused, answered as lists of text;
    by_hand: whether the desk chose the office; None where no office has had it."""
    ids = [str(each) for each in complaints]
    rows: list[asyncpg.Record] = await conn.fetch(LIST_FACTS, ids)
    return rows


INSERT_RECUSAL = """
INSERT INTO recusal (complaint, who, at, actor) VALUES ($1, $2, $3, $4)
ON CONFLICT (complaint, who) DO NOTHING
"""
DELETE_RECUSAL = """
DELETE FROM recusal WHERE complaint = $1 AND who = $2 RETURNING who
"""


async def insert_recusal(
    conn: asyncpg.Connection, complaint: UUID, who: str, actor: str, now: datetime
) -> None:
    """Writes down that a person (badge) or an office (code) stepped back from a case."""
    await conn.execute(INSERT_RECUSAL, complaint, who, now, actor)


async def delete_recusal(conn: asyncpg.Connection, complaint: UUID, who: str) -> bool:
    """Takes a recusal back that was written by mistake; False when there was none."""
    return await conn.fetchval(DELETE_RECUSAL, complaint, who) is not None

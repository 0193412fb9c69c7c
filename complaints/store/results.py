"""SQL of published results: cases that may be, what was written of them, what everybody reads."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from complaints.hidden import NOTHING, Hidden

LIST_PUBLISHABLE = """
SELECT c.id, c.number, c.unit, c.office, c.state, c.created_at, r.title, r.released_at,
  r.withdrawn_at
FROM complaint AS c
LEFT JOIN published_result AS r ON r.complaint = c.id
WHERE c.publish AND NOT c.sealed AND c.state IN ('closed', 'archived')
  AND ($2 OR c.wiped_at IS NULL)
  AND c.id < $1 AND (r.id IS NOT NULL AND r.withdrawn_at IS NULL) = $2
  AND EXISTS (SELECT FROM answer AS w WHERE w.complaint = c.id)
  AND coalesce(c.staff_badge, 'unit:' || c.unit, '') <> ALL ($4::text[])
ORDER BY c.id DESC
LIMIT $3
"""


async def list_publishable(
    conn: asyncpg.Connection,
    after: UUID,
    limit: int,
    *,
    released: bool,
    hidden: Hidden = NOTHING,
) -> list[asyncpg.Record]:
    """Cases whose complainant consented and that ended with an answer, newest first; none that
    is `hidden`, and wiped ones only where everybody reads their result."""
    rows: list[asyncpg.Record] = await conn.fetch(
        LIST_PUBLISHABLE, after, released, limit, hidden.subjects
    )
    return rows


# Nothing of a sealed case, and of a wiped one only what everybody reads. The newest answer is what
# came of it.
FIND_MATERIAL = """
SELECT c.publish, c.unit, c.body, c.staff_name, c.badge_typed, c.receipt_number,
  w.done, w.reply, w.at AS answered_at,
  (SELECT array_agg(a.category ORDER BY a.position)
    FROM allegation AS a WHERE a.complaint = c.id) AS categories,
  (SELECT array_agg(f.finding ORDER BY f.position)
    FROM finding AS f WHERE f.answer = w.id) AS findings,
  r.id AS released, r.title, r.problem, r.outcome, r.released_at, r.withdrawn_at
FROM complaint AS c
JOIN answer AS w ON w.complaint = c.id
LEFT JOIN published_result AS r ON r.complaint = c.id
WHERE c.id = $1 AND NOT c.sealed
  AND (c.wiped_at IS NULL OR (r.id IS NOT NULL AND r.withdrawn_at IS NULL))
ORDER BY w.round DESC
LIMIT 1
"""


async def find_material(conn: asyncpg.Connection, complaint: UUID) -> asyncpg.Record | None:
    """What a result is written from; None of a case without an answer, and of a sealed one; of a
    wiped one only while everybody reads its result."""
    return await conn.fetchrow(FIND_MATERIAL, complaint)


# Written anew it is the newest: ids begin with the time, and nothing points at one.
INSERT_RESULT = """
INSERT INTO published_result
  (id, complaint, title, problem, outcome, unit, category, released_at, released_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (complaint) DO UPDATE SET
  id = excluded.id, title = excluded.title, problem = excluded.problem, outcome = excluded.outcome,
  unit = excluded.unit, category = excluded.category, released_at = excluded.released_at,
  released_by = excluded.released_by, withdrawn_at = NULL, withdrawn_by = NULL
"""


async def insert_result(
    conn: asyncpg.Connection,
    id_: UUID,
    complaint: UUID,
    *,
    words: Sequence[str],
    about: tuple[str, str],
    by: str,
    now: datetime,
) -> None:
    """Lets everybody read it; one that was written before is written anew. `words`: title,
    problem, outcome; `about`: unit and category."""
    await conn.execute(INSERT_RESULT, id_, complaint, *words, *about, now, by)


UPDATE_WITHDRAWN = """
UPDATE published_result SET withdrawn_at = $2, withdrawn_by = $3
WHERE complaint = $1 AND withdrawn_at IS NULL
RETURNING id
"""


async def update_withdrawn(
    conn: asyncpg.Connection, complaint: UUID, by: str, now: datetime
) -> bool:
    """Nobody reads it any more; False when nobody did."""
    return await conn.fetchval(UPDATE_WITHDRAWN, complaint, now, by) is not None


UPDATE_CONSENT = """
UPDATE complaint SET publish = false WHERE id = $1 AND publish RETURNING id
"""


async def update_consent(conn: asyncpg.Connection, complaint: UUID) -> bool:
    """Takes the complainant's consent back; False when there was none."""
    return await conn.fetchval(UPDATE_CONSENT, complaint) is not None


# Nothing here leads to the case.
LIST_RELEASED = """
SELECT id, title, problem, outcome, unit, category, released_at FROM published_result
WHERE withdrawn_at IS NULL AND id < $1
  AND ($2::text IS NULL OR unit = $2) AND ($3::text IS NULL OR category = $3)
ORDER BY id DESC
LIMIT $4
"""


async def list_released(
    conn: asyncpg.Connection, after: UUID, unit: str | None, category: str | None, limit: int
) -> list[asyncpg.Record]:
    """What everybody may read, newest first."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_RELEASED, after, unit, category, limit)
    return rows

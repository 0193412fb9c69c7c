"""SQL of letters for the county desk: those of a case, and the tasks about those that failed."""

from datetime import datetime
from uuid import UUID

import asyncpg

# A sealed case's number stays out of the desk's sight: its task names the letter alone.
INSERT_LETTER_TASK = """
INSERT INTO desk_task (id, kind, complaint, letter, created_at)
SELECT $1, $2, CASE WHEN c.sealed THEN NULL ELSE c.id END, l.id, $4
FROM letter l
JOIN complaint c ON c.id = l.complaint
WHERE l.id = $3 AND l.state = 'given_up'
ON CONFLICT DO NOTHING
"""


async def insert_letter_task(
    conn: asyncpg.Connection, id_: UUID, letter: UUID, now: datetime
) -> None:
    """Shows a given-up letter to the county desk, once."""
    await conn.execute(INSERT_LETTER_TASK, id_, "letter_given_up", letter, now)


INSERT_TASK = """
INSERT INTO desk_task (id, kind, complaint, letter, created_at) VALUES ($1, $2, $3, NULL, $4)
ON CONFLICT DO NOTHING
"""


async def insert_task(
    conn: asyncpg.Connection, id_: UUID, kind: str, complaint: UUID | None, now: datetime
) -> None:
    """A task for the county desk; the same `id_` twice is one task."""
    await conn.execute(INSERT_TASK, id_, kind, complaint, now)


COUNT_TASKS = """
SELECT kind, count(*) AS n FROM desk_task
WHERE kind IN ('letter_given_up', 'letters_missing', 'letters_dropped') AND done_at IS NULL
GROUP BY kind
"""


async def count_tasks(conn: asyncpg.Connection) -> dict[str, int]:
    """Letters that reach nobody and that the county desk has not dealt with, {kind: tasks}."""
    return {row["kind"]: row["n"] for row in await conn.fetch(COUNT_TASKS)}


LIST_GIVEN_UP = """
SELECT l.id, l.template, l.recipient, l.office, l.attempts, l.last_error, l.created_at, l.done_at,
       CASE WHEN c.sealed THEN NULL ELSE c.number END AS number
FROM desk_task t
JOIN letter l ON l.id = t.letter
JOIN complaint c ON c.id = l.complaint
WHERE t.kind = 'letter_given_up' AND t.done_at IS NULL
ORDER BY t.created_at
LIMIT $1
"""


async def list_given_up(conn: asyncpg.Connection, limit: int = 100) -> list[asyncpg.Record]:
    """Rows of id, template, recipient, office, attempts, last_error, created_at, done_at, number.

    `number` is None for a sealed case. Oldest first.
    """
    rows: list[asyncpg.Record] = await conn.fetch(LIST_GIVEN_UP, limit)
    return rows


LIST_OF_CASE = """
SELECT l.id, l.template, l.recipient, l.office, l.state, l.attempts, l.last_error, l.created_at,
       l.done_at, t.id AS task
FROM letter l
LEFT JOIN desk_task t ON t.letter = l.id AND t.done_at IS NULL
WHERE l.complaint = $1
ORDER BY t.id IS NULL, l.created_at DESC, l.id DESC
LIMIT $2
"""


async def list_of_case(
    conn: asyncpg.Connection, complaint: UUID, limit: int = 50
) -> list[asyncpg.Record]:
    """A case's letters: id, template, recipient, office, state, attempts, last_error, created_at,
    done_at, and `task` where the desk has still to deal with it. These first, however old and of
    however many; then newest first."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_OF_CASE, complaint, limit)
    return rows


LIST_TASKS_OF_CASE = """
SELECT t.id, t.kind, t.created_at FROM desk_task t
WHERE t.complaint = $1 AND t.letter IS NULL AND t.done_at IS NULL
  AND t.kind IN ('letters_missing', 'letters_dropped')
ORDER BY t.created_at
"""


async def list_tasks_of_case(conn: asyncpg.Connection, complaint: UUID) -> list[asyncpg.Record]:
    """Letters of a case that were never written, as tasks: id, kind, created_at."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_TASKS_OF_CASE, complaint)
    return rows


# Its task goes: when it is given up once more, there is a new one.
UPDATE_RESENT = """
WITH again AS (
  UPDATE letter SET state = 'waiting', attempts = 0, next_at = $3, last_error = '', done_at = NULL
  WHERE id = $1 AND complaint = $2 AND state = 'given_up'
  RETURNING id, template, recipient
), done AS (
  DELETE FROM desk_task AS t USING again AS a WHERE t.letter = a.id
)
SELECT a.template, a.recipient FROM again AS a
"""


async def update_resent(
    conn: asyncpg.Connection, letter: UUID, complaint: UUID, now: datetime
) -> asyncpg.Record | None:
    """A given-up letter of this case waits again from now on: template, recipient. None when it
    is no longer given up."""
    return await conn.fetchrow(UPDATE_RESENT, letter, complaint, now)


UPDATE_SETTLED = """
WITH done AS (
  UPDATE desk_task AS t SET done_at = $3
  WHERE t.id = $1 AND t.done_at IS NULL
    AND (t.complaint = $2
      OR EXISTS (SELECT l.id FROM letter AS l WHERE l.id = t.letter AND l.complaint = $2))
  RETURNING t.letter, t.kind
)
SELECT coalesce(l.template, d.kind) AS template, coalesce(l.recipient, '') AS recipient
FROM done AS d LEFT JOIN letter AS l ON l.id = d.letter
"""


async def update_settled(
    conn: asyncpg.Connection, task: UUID, complaint: UUID, now: datetime
) -> asyncpg.Record | None:
    """Closes a task about letters of this case: template (or the task's kind), recipient. None
    when it was closed before."""
    return await conn.fetchrow(UPDATE_SETTLED, task, complaint, now)

"""SQL of answers and their findings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

LIST_ANSWERS = """
SELECT
  w.id, w.office, w.round, w.done, w.reply, w.right_of_reply, w.at,
  (SELECT jsonb_agg(
      jsonb_build_object('position', f.position, 'finding', f.finding, 'reason', f.reason)
      ORDER BY f.position)
    FROM finding AS f WHERE f.answer = w.id) AS findings
FROM answer AS w
WHERE w.complaint = $1
ORDER BY w.round DESC
"""


async def list_answers(conn: asyncpg.Connection, complaint: UUID) -> list[asyncpg.Record]:
    """Every answer to a complaint, newest first, of whatever office."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_ANSWERS, complaint)
    return rows


FIND_ANSWER = """
SELECT
  w.id, w.office, w.round, w.done, w.reply, w.right_of_reply, w.at,
  (SELECT jsonb_agg(
      jsonb_build_object('position', f.position, 'finding', f.finding, 'reason', f.reason)
      ORDER BY f.position)
    FROM finding AS f WHERE f.answer = w.id) AS findings
FROM answer AS w
WHERE w.complaint = $1 AND w.office = $2
ORDER BY w.round DESC
LIMIT 1
"""


async def find_answer(
    conn: asyncpg.Connection, complaint: UUID, office: str
) -> asyncpg.Record | None:
    """The newest answer that this office gave, its findings as a list; None before there is one."""
    return await conn.fetchrow(FIND_ANSWER, complaint, office)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A row of `answer` with its findings, as they are written."""

    id: UUID
    complaint: UUID
    office: str
    done: str
    reply: str
    right_of_reply: str
    at: datetime
    findings: list[dict[str, Any]]


# One statement: the case moves, and only then are answer, findings, events and letters written.
# Two people at once: the second finds no row in a state that waits for an answer.
INSERT_ANSWER = """
WITH moved AS (
  UPDATE complaint SET state = $9, owner = $14, next_at = $10, next_kind = $11,
    wake_at = $15, reviews = reviews + $16, steps = steps + 1, escalations = 0,
    -- Where the next deadline is of another calendar than the due day, both are counted anew; a
    -- case that is over keeps what its due day came from.
    calendar_version = CASE
      WHEN calendar_version = $17 OR $14::text IS NULL THEN calendar_version
    END
  WHERE id = $2 AND office = $3 AND state = ANY ($12::text[])
  RETURNING id
), written AS (
  INSERT INTO answer (id, complaint, office, round, done, reply, right_of_reply, at)
  SELECT $1, m.id, $3,
    (SELECT coalesce(max(w.round), 0) + 1 FROM answer AS w WHERE w.complaint = $2), $4, $5, $6, $7
  FROM moved AS m
  RETURNING id
), found AS (
  INSERT INTO finding (answer, position, finding, reason)
  SELECT w.id, f.position, f.finding, f.reason
  FROM written AS w
  CROSS JOIN jsonb_to_recordset($8) AS f (position integer, finding text, reason text)
), told AS (
  INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)
  SELECT e.id, m.id, e.at, e.kind, e.actor_kind, e.actor, e.data
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset($13) AS e
    (id uuid, at timestamptz, kind text, actor_kind text, actor text, data jsonb)
), posted AS (
  INSERT INTO outbox (event, at)
  SELECT e.id, e.at
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset($13) AS e (id uuid, at timestamptz, letter boolean)
  WHERE e.letter
)
SELECT id FROM written
"""


async def insert_answer(
    conn: asyncpg.Connection,
    row: AnswerRow,
    *,
    state: str,
    owner: str | None,
    next_at: datetime | None,
    next_kind: str | None,
    wake_at: datetime | None,
    reviews: int,
    version: str,
    before: list[str],
    events: list[dict[str, Any]],
) -> bool:
    """Writes an answer to a case that is in one of the states `before`; False: it is not.

    `version`: of the calendar that counted `next_at`. `reviews`: 1 when the answer decides a
    review, else 0.
    Events are {id, at, kind, actor_kind, actor, data, letter}.
    """
    written = await conn.fetchval(
        INSERT_ANSWER,
        row.id,
        row.complaint,
        row.office,
        row.done,
        row.reply,
        row.right_of_reply,
        row.at,
        row.findings,
        state,
        next_at,
        next_kind,
        before,
        events,
        owner,
        wake_at,
        reviews,
        version,
    )
    return written is not None

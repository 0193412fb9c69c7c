"""SQL for the office that handles a case: what it may read, and signing for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

# One round trip for the whole page. Contact details leave the database only with consent, and
# the row only for the office that has the case now: any other gets none.
FIND_CASE = """
SELECT
  c.id, c.number, c.language, c.state, c.sealed, c.office, c.owner, c.next_at, c.next_kind,
  c.due_on, c.limit_number, c.limit_unit, c.limit_start, c.calendar_version,
  c.unit, c.staff_badge, c.subject_state, c.matter, c.receipt_number, c.accepted_on,
  c.happened_on, c.happened_at, c.place, c.badge_typed, c.staff_name, c.staff_description,
  c.body, c.wish, c.breach, c.share_contact, c.created_at,
  c.returns, c.assigned, c.reviews, c.extended_by, c.wiped_at,
  CASE WHEN c.state = ANY ('{dispatched,refused,assigned,signed}') THEN
    (SELECT max(e.at) FROM event AS e WHERE e.complaint = c.id AND e.kind = ANY (
      '{dispatched,return_refused,assigned,rerouted}'))
    END AS since,
  (SELECT jsonb_agg(
      jsonb_build_array(t.began_on, t.ended_on, t.notified) ORDER BY t.position)
    FROM clock_stop AS t WHERE t.complaint = c.id) AS stops,
  s.wrapped_key, s.sealed AS sealed_text, CASE WHEN c.share_contact THEN s.contact END AS contact,
  (SELECT jsonb_agg(
      jsonb_build_object('position', a.position, 'category', a.category, 'detail', a.detail)
      ORDER BY a.position)
    FROM allegation AS a WHERE a.complaint = c.id) AS allegations,
  (SELECT jsonb_agg(
      jsonb_build_object('position', t.position, 'name', t.name, 'media_type', t.media_type,
        'size', t.size)
      ORDER BY t.position)
    FROM attachment AS t WHERE t.complaint = c.id) AS attachments,
  (SELECT jsonb_agg(
      jsonb_build_object('kind', e.kind, 'at', e.at, 'person', e.data ->> 'person')
      ORDER BY e.at DESC)
    FROM event AS e
    WHERE e.complaint = c.id AND e.actor = c.office
      AND e.kind IN ('signed', 'receipt_confirmed', 'taken_up', 'resumed')) AS hands,
  (SELECT e.data FROM event AS e
    WHERE e.complaint = c.id AND e.kind = 'rated'
    ORDER BY e.at DESC LIMIT 1) AS rated,
  (SELECT jsonb_agg(
      jsonb_build_object('kind', m.kind, 'words', m.words, 'at', m.at,
        'number', e.data -> 'number', 'due', e.data -> 'due')
      ORDER BY m.at)
    FROM message AS m
    JOIN event AS e ON e.id = m.event
    WHERE m.complaint = c.id AND m.words <> ''
      -- What was said to another office would tell which one that was.
      AND (m.kind IN ('question', 'reply', 'extension', 'rating', 'follow_up', 'review',
          'withdrawal')
        OR m.kind IN ('return', 'refusal', 'assignment', 'dispatch', 'reminder')
          AND e.data ->> 'office' = c.office)) AS messages
FROM complaint AS c
LEFT JOIN complaint_secret AS s ON s.complaint = c.id
WHERE c.id = $1 AND c.office = $2
"""


# For those who are about to change it: nobody else moves the case until this transaction ends.
FIND_CASE_LOCKED = FIND_CASE + "FOR UPDATE OF c"


async def find_case(
    conn: asyncpg.Connection, complaint: UUID, office: str, *, lock: bool
) -> asyncpg.Record | None:
    """The case as `office` may see it; None when another office has it."""
    return await conn.fetchrow(FIND_CASE_LOCKED if lock else FIND_CASE, complaint, office)


FIND_ATTACHMENT = """
SELECT t.id, t.name, t.media_type, s.wrapped_key, s.sealed AS sealed_text
FROM attachment AS t
JOIN complaint AS c ON c.id = t.complaint
LEFT JOIN complaint_secret AS s ON s.complaint = t.complaint
WHERE t.complaint = $1 AND t.position = $2 AND c.office = $3
"""


async def find_attachment(
    conn: asyncpg.Connection, complaint: UUID, position: int, office: str
) -> asyncpg.Record | None:
    """One attachment of the office's own case, with what opens it and its sealed name."""
    return await conn.fetchrow(FIND_ATTACHMENT, complaint, position, office)


# One statement: no row moved means that somebody was first, and then nothing is written.
UPDATE_SIGNED = """
WITH moved AS (
  UPDATE complaint SET state = $3, next_at = $4, next_kind = $5, wake_at = $8,
    steps = steps + 1, escalations = 0
  WHERE id = $1 AND office = $2 AND state = ANY ($6::text[])
  RETURNING id
), told AS (
  INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)
  SELECT e.id, m.id, e.at, e.kind, 'office', $2, e.data
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset($7) AS e (id uuid, at timestamptz, kind text, data jsonb)
)
SELECT id FROM moved
"""


async def update_signed(
    conn: asyncpg.Connection,
    complaint: UUID,
    office: str,
    *,
    state: str,
    next_at: datetime,
    next_kind: str,
    wake_at: datetime | None,
    before: list[str],
    events: list[dict[str, Any]],
) -> bool:
    """Signs for a case that is still in one of the states `before`; False: it is not."""
    moved = await conn.fetchval(
        UPDATE_SIGNED, complaint, office, state, next_at, next_kind, before, events, wake_at
    )
    return moved is not None


# By its own statement, which sees what was committed while another one waited for the row.
FIND_SIGNER = """
SELECT e.data ->> 'person' FROM event AS e
WHERE e.complaint = $1 AND e.kind = 'signed' AND e.actor = $2
ORDER BY e.at DESC LIMIT 1
"""


async def find_signer(conn: asyncpg.Connection, complaint: UUID, office: str) -> str | None:
    """The name of the person who signed for this office; None when nobody did."""
    person: str | None = await conn.fetchval(FIND_SIGNER, complaint, office)
    return person


# Whether the office's newest step is this one, by that person: the same button pressed twice.
FIND_LAST_STEP = """
SELECT e.kind, e.data ->> 'person' AS person FROM event AS e
WHERE e.complaint = $1 AND e.actor = $2 AND e.kind <> 'link_asked'
ORDER BY e.at DESC LIMIT 1
"""


async def find_last_step(
    conn: asyncpg.Connection, complaint: UUID, office: str
) -> tuple[str, str | None]:
    """What this office did last, and the name typed with it; ("", None) before it did anything."""
    row = await conn.fetchrow(FIND_LAST_STEP, complaint, office)
    return (row["kind"], row["person"]) if row else ("", None)


# Likewise of what it wrote: a case that was waited for holds the messages from before the wait.
FIND_LAST_WORDS = """
SELECT m.words, e.kind, e.data FROM message AS m JOIN event AS e ON e.id = m.event
WHERE m.complaint = $1 AND m.kind = $3 AND e.actor = $2
ORDER BY m.at DESC LIMIT 1
"""


async def find_last_words(
    conn: asyncpg.Connection, complaint: UUID, office: str, kind: str
) -> asyncpg.Record | None:
    """What this office wrote last in a message of that kind, with its event's kind and data; None
    before it wrote any."""
    return await conn.fetchrow(FIND_LAST_WORDS, complaint, office, kind)


FIND_RENEWED_AT = """
SELECT max(e.at) FROM event AS e
WHERE e.complaint = $1 AND e.kind = 'link_asked' AND e.actor = $2
"""


async def find_renewed_at(
    conn: asyncpg.Connection, complaint: UUID, office: str
) -> datetime | None:
    """When this office last asked for a new link; None when it never did."""
    at: datetime | None = await conn.fetchval(FIND_RENEWED_AT, complaint, office)
    return at

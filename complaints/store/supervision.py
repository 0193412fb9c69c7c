"""SQL of the county desk: its lists of cases, one case as the desk reads it, its own notes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

# Of a sealed case only number, office, state and times leave the database.
_COLUMNS = """
SELECT c.id, c.number, c.state, c.sealed, c.office, c.owner, c.next_at, c.next_kind, c.due_on,
  c.created_at, c.supervised_at, c.steps, CASE WHEN c.sealed THEN NULL ELSE c.unit END AS unit
FROM complaint AS c
"""
# The same filters for every list; an array of the case's own categories is never read whole.
_FILTERS = """
  AND ($1::text IS NULL OR c.unit = $1)
  AND ($2::text IS NULL OR c.office = $2)
  AND ($3::text IS NULL OR c.state = $3)
  AND ($4::text IS NULL OR $4 = ANY (ARRAY(
    SELECT a.category FROM allegation AS a WHERE a.complaint = c.id)))
  AND ($5::text IS NULL OR strpos(c.number, $5) > 0)
"""
_BY_TIME = """
  AND (c.next_at, c.id) > ($7::timestamptz, $8::uuid)
ORDER BY c.next_at, c.id
LIMIT $6
"""
_BY_AGE = """
  AND c.id < $7::uuid
ORDER BY c.id DESC
LIMIT $6
"""
# Nobody is late, or soon late, by a day that no calendar says.
_KNOWN = " AND c.next_kind <> 'calendar_unknown'"
# Open cases are read along an index by their next deadline, each list along one of its own.
LIST_LATE = (
    _COLUMNS
    + "WHERE c.next_at IS NOT NULL AND c.next_at <= $9::timestamptz AND c.owner <> 'complainant'"
    + _KNOWN
    + _FILTERS
    + _BY_TIME
)
LIST_SOON = (
    _COLUMNS
    + "WHERE c.next_at > $9::timestamptz AND c.next_at <= $10::timestamptz"
    + " AND c.owner <> 'complainant'"
    + _KNOWN
    + _FILTERS
    + _BY_TIME
)
LIST_WAITING = (
    _COLUMNS
    + "WHERE c.owner = 'desk' AND c.next_at IS NOT NULL AND NOT c.sealed"
    + _FILTERS
    + _BY_TIME
)
LIST_UNIDENTIFIED = (
    _COLUMNS
    + "WHERE c.subject_state = 'unidentified' AND c.next_at IS NOT NULL"
    + _FILTERS
    + _BY_TIME
)
LIST_SEALED = (
    _COLUMNS
    + "WHERE c.sealed AND c.next_at IS NOT NULL"
    + " AND c.state IN ('received', 'accepted', 'dispatched', 'handed_over')"
    + _FILTERS
    + _BY_TIME
)
LIST_SUPERVISED = (
    _COLUMNS + "WHERE c.supervised_at IS NOT NULL AND c.next_at IS NOT NULL" + _FILTERS + _BY_TIME
)
_GIVEN_UP = """
WHERE c.id = ANY (ARRAY(
  SELECT t.complaint FROM desk_task AS t
  WHERE t.done_at IS NULL AND t.kind = 'letter_given_up'))
"""
LIST_LETTERS = _COLUMNS + _GIVEN_UP + _FILTERS + _BY_AGE
LIST_ALL = _COLUMNS + "WHERE true" + _FILTERS + _BY_AGE
# {list: its statement, whether it is read by time}.
LISTS: dict[str, tuple[str, bool]] = {
    "late": (LIST_LATE, True),
    "soon": (LIST_SOON, True),
    "waiting": (LIST_WAITING, True),
    "letters": (LIST_LETTERS, False),
    "unidentified": (LIST_UNIDENTIFIED, True),
    "sealed": (LIST_SEALED, True),
    "supervised": (LIST_SUPERVISED, True),
    "all": (LIST_ALL, False),
}


async def list_cases(
    conn: asyncpg.Connection, name: str, args: Sequence[Any]
) -> list[asyncpg.Record]:
    """Rows of one list; `args` as `complaints.supervision` puts them together."""
    rows: list[asyncpg.Record] = await conn.fetch(LISTS[name][0], *args)
    return rows


# Nothing of a sealed case, whoever asks.
FIND_WORDS = """
SELECT
  c.subject_state, c.receipt_number, c.accepted_on, c.happened_on, c.happened_at, c.place,
  c.badge_typed, c.staff_name, c.staff_description, c.body, c.wish, c.routing, c.breach,
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
      jsonb_build_object('at', e.at, 'kind', e.kind, 'data', e.data, 'actor_kind', e.actor_kind,
        'actor', e.actor, 'words', m.words)
      ORDER BY e.at, e.id)
    FROM event AS e LEFT JOIN message AS m ON m.complaint = e.complaint AND m.event = e.id
    WHERE e.complaint = c.id) AS events,
  (SELECT jsonb_agg(r.who ORDER BY r.at, r.who)
    FROM recusal AS r WHERE r.complaint = c.id) AS recused
FROM complaint AS c
WHERE c.id = $1 AND NOT c.sealed
"""


async def find_words(conn: asyncpg.Connection, complaint: UUID) -> asyncpg.Record | None:
    """What supervisors read of a case besides its standing; None when it is sealed."""
    return await conn.fetchrow(FIND_WORDS, complaint)


FIND_CONTACT = """
SELECT s.wrapped_key, s.contact
FROM complaint_secret AS s JOIN complaint AS c ON c.id = s.complaint
WHERE s.complaint = $1 AND NOT c.sealed
"""


async def find_contact(conn: asyncpg.Connection, complaint: UUID) -> asyncpg.Record | None:
    """The encrypted contact details; None without any, and of a sealed case."""
    return await conn.fetchrow(FIND_CONTACT, complaint)


FIND_ATTACHMENT = """
SELECT t.id, t.name, t.media_type, s.wrapped_key
FROM complaint AS c
JOIN attachment AS t ON t.complaint = c.id
JOIN complaint_secret AS s ON s.complaint = c.id
WHERE c.number = $1 AND t.position = $2 AND NOT c.sealed
"""


async def find_attachment(
    conn: asyncpg.Connection, number: str, position: int
) -> asyncpg.Record | None:
    """One file of a case that is not sealed, with what opens it."""
    return await conn.fetchrow(FIND_ATTACHMENT, number, position)


LIST_NEAR = """
SELECT c.id, c.number, c.staff_badge, c.unit, c.matter, c.receipt_number, c.happened_on,
  c.created_at, c.body
FROM complaint AS c
WHERE c.unit = $1 AND c.created_at BETWEEN $2 AND $3 AND NOT c.sealed AND c.next_at IS NOT NULL
ORDER BY c.created_at DESC
LIMIT $4
"""


async def list_near(
    conn: asyncpg.Connection, unit: str, since: datetime, until: datetime, limit: int
) -> list[asyncpg.Record]:
    """Open complaints of one unit and time, newest first, to be compared."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_NEAR, unit, since, until, limit)
    return rows


INSERT_SUPERVISION = """
INSERT INTO supervision (id, complaint, why, subject, raised_at, actor)
VALUES ($1, $2, 'desk', $3, $4, $5)
"""


async def insert_supervision(
    conn: asyncpg.Connection, id_: UUID, complaint: UUID, *, subject: str, now: datetime, actor: str
) -> None:
    """Supervision that somebody at the desk raised over a case."""
    await conn.execute(INSERT_SUPERVISION, id_, complaint, subject, now, actor)

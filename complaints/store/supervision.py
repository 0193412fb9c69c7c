"""SQL of the county desk: its lists of cases, one case as the desk reads it, its own notes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from complaints.hidden import Hidden

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
  AND ($6::text IS NULL OR c.staff_badge = $6)
  AND coalesce(c.staff_badge, 'unit:' || c.unit, '') <> ALL ($7::text[])
"""
_BY_TIME = """
  AND (c.next_at, c.id) > ($9::timestamptz, $10::uuid)
ORDER BY c.next_at, c.id
LIMIT $8
"""
_BY_AGE = """
  AND c.id < $9::uuid
ORDER BY c.id DESC
LIMIT $8
"""
# Nobody is late, or soon late, by a day that no calendar says.
_KNOWN = " AND c.next_kind <> 'calendar_unknown'"
# Open cases are read along an index by their next deadline, each list along one of its own.
LIST_LATE = (
    _COLUMNS
    + "WHERE c.next_at IS NOT NULL AND c.next_at <= $11::timestamptz AND c.owner <> 'complainant'"
    + _KNOWN
    + _FILTERS
    + _BY_TIME
)
LIST_SOON = (
    _COLUMNS
    + "WHERE c.next_at > $11::timestamptz AND c.next_at <= $12::timestamptz"
    + " AND c.owner <> 'complainant'"
    + _KNOWN
    + _FILTERS
    + _BY_TIME
)
_WAITING = "WHERE c.owner = 'desk' AND c.next_at IS NOT NULL AND NOT c.sealed"
# What the desk alone ends, by assigning; of all that waits for it there is never much.
_DISPUTES = _WAITING + " AND c.state = 'disputed'"
_UNIDENTIFIED = "WHERE c.subject_state = 'unidentified' AND c.next_at IS NOT NULL"
_SEALED = """
WHERE c.sealed AND c.next_at IS NOT NULL
  AND c.state IN ('received', 'accepted', 'dispatched', 'handed_over')
"""
# Who was upheld against three times stays under supervision until that is lifted, also when the
# case that raised it is over by then.
_SUPERVISED = """
WHERE c.id = ANY (ARRAY(SELECT s.complaint FROM supervision AS s WHERE s.closed_at IS NULL))
  AND (c.next_at IS NOT NULL OR EXISTS (
    SELECT FROM supervision AS u
    WHERE u.complaint = c.id AND u.closed_at IS NULL AND u.why = 'upheld'))
"""
# A task about a sealed case's letter names the letter alone.
_GIVEN_UP = """
WHERE c.id = ANY (ARRAY(
  SELECT coalesce(l.complaint, t.complaint)
  FROM desk_task AS t LEFT JOIN letter AS l ON l.id = t.letter
  WHERE t.done_at IS NULL
    AND t.kind IN ('letter_given_up', 'letters_missing', 'letters_dropped')))
"""
LIST_WAITING = _COLUMNS + _WAITING + _FILTERS + _BY_TIME
LIST_DISPUTES = _COLUMNS + _DISPUTES + _FILTERS + _BY_TIME
LIST_UNIDENTIFIED = _COLUMNS + _UNIDENTIFIED + _FILTERS + _BY_TIME
LIST_SEALED = _COLUMNS + _SEALED + _FILTERS + _BY_TIME
LIST_SUPERVISED = _COLUMNS + _SUPERVISED + _FILTERS + _BY_AGE
LIST_LETTERS = _COLUMNS + _GIVEN_UP + _FILTERS + _BY_AGE
# What no index serves is looked for in a stretch of ids, whose length is always the same.
LIST_ALL = _COLUMNS + "WHERE c.id >= $10::uuid" + _FILTERS + _BY_AGE
# {list: its statement, whether it is read by time}.
LISTS: dict[str, tuple[str, bool]] = {
    "late": (LIST_LATE, True),
    "soon": (LIST_SOON, True),
    "waiting": (LIST_WAITING, True),
    "disputes": (LIST_DISPUTES, True),
    "letters": (LIST_LETTERS, False),
    "unidentified": (LIST_UNIDENTIFIED, True),
    "sealed": (LIST_SEALED, True),
    "supervised": (LIST_SUPERVISED, False),
    "all": (LIST_ALL, False),
}


# How many there are from a place on, read along the same way and no further than can be told.
_HOW_MANY = "(SELECT count(*) FROM ("
COUNTS: dict[str, str] = {
    name: "SELECT " + _HOW_MANY + statement + ") AS found)"
    for name, (statement, _) in LISTS.items()
}


async def list_cases(
    conn: asyncpg.Connection, name: str, args: Sequence[Any]
) -> list[asyncpg.Record]:
    """Rows of one list; `args` as `complaints.supervision` puts them together."""
    rows: list[asyncpg.Record] = await conn.fetch(LISTS[name][0], *args)
    return rows


async def count_cases(conn: asyncpg.Connection, name: str, args: Sequence[Any]) -> int:
    """How many rows `list_cases` would give for the same `args`."""
    return int(await conn.fetchval(COUNTS[name], *args))


FIND_STRETCH_END = """
SELECT c.id FROM complaint AS c WHERE c.id < $1::uuid ORDER BY c.id DESC OFFSET $2 LIMIT 1
"""


async def find_stretch_end(conn: asyncpg.Connection, after: UUID, length: int) -> UUID | None:
    """The last of the next `length` cases, newest first; None where there are fewer."""
    found: UUID | None = await conn.fetchval(FIND_STRETCH_END, after, length - 1)
    return found


# Along the same indexes, and no further than can be told.
_COUNT = "(SELECT count(*) FROM (SELECT c.id FROM complaint AS c "
_CAPPED = """
  AND coalesce(c.staff_badge, 'unit:' || c.unit, '') <> ALL ($4::text[])
  LIMIT $3) AS found) AS """
COUNT_LISTS = (
    "SELECT "
    + _COUNT
    + "WHERE c.next_at IS NOT NULL AND c.next_at <= $1::timestamptz AND c.owner <> 'complainant'"
    + _KNOWN
    + _CAPPED
    + "late, "
    + _COUNT
    + "WHERE c.next_at > $1::timestamptz AND c.next_at <= $2::timestamptz"
    + " AND c.owner <> 'complainant'"
    + _KNOWN
    + _CAPPED
    + "soon, "
    + _COUNT
    + _WAITING
    + _CAPPED
    + "waiting, "
    + _COUNT
    + _DISPUTES
    + _CAPPED
    + "disputes, "
    + _COUNT
    + _GIVEN_UP
    + _CAPPED
    + "letters, "
    + _COUNT
    + _UNIDENTIFIED
    + _CAPPED
    + "unidentified, "
    + _COUNT
    + _SEALED
    + _CAPPED
    + "sealed, "
    + _COUNT
    + _SUPERVISED
    + _CAPPED
    + "supervised"
)


async def count_lists(
    conn: asyncpg.Connection, now: datetime, soon: datetime, most: int, hidden: Hidden
) -> asyncpg.Record:
    """How many stand in each list, `most` at most; everything is not counted."""
    row: asyncpg.Record = await conn.fetchrow(COUNT_LISTS, now, soon, most, hidden.subjects)
    return row


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
  (SELECT jsonb_agg(
      jsonb_build_object('who', r.who, 'at', r.at, 'actor', r.actor) ORDER BY r.at, r.who)
    FROM recusal AS r WHERE r.complaint = c.id) AS recused,
  (SELECT jsonb_agg(
      jsonb_build_object('why', s.why, 'subject', s.subject, 'at', s.raised_at, 'actor', s.actor)
      ORDER BY s.raised_at, s.id)
    FROM supervision AS s WHERE s.complaint = c.id AND s.closed_at IS NULL) AS supervised
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
  AND coalesce(c.staff_badge, 'unit:' || c.unit, '') <> ALL ($5::text[])
ORDER BY c.created_at DESC
LIMIT $4
"""


async def list_near(
    conn: asyncpg.Connection,
    unit: str,
    since: datetime,
    until: datetime,
    *,
    limit: int,
    hidden: Hidden,
) -> list[asyncpg.Record]:
    """Open complaints of one unit and time that are not `hidden`, newest first, to be compared."""
    rows: list[asyncpg.Record] = await conn.fetch(
        LIST_NEAR, unit, since, until, limit, hidden.subjects
    )
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


UPDATE_CLOSED = """
UPDATE supervision SET closed_at = $2 WHERE complaint = $1 AND closed_at IS NULL
"""


async def close_supervision(conn: asyncpg.Connection, complaint: UUID, now: datetime) -> None:
    """Ends all supervision of a case; three upheld may raise it anew, over another case."""
    await conn.execute(UPDATE_CLOSED, complaint, now)


UPDATE_SUBJECT = """
UPDATE complaint SET staff_badge = $2, unit = $3, subject_state = 'identified'
WHERE id = $1 AND subject_state = 'unidentified' AND NOT sealed
RETURNING id
"""


async def update_subject(conn: asyncpg.Connection, complaint: UUID, badge: str, unit: str) -> bool:
    """Writes down who it is; False when that is known by now, and of a sealed case."""
    return await conn.fetchval(UPDATE_SUBJECT, complaint, badge, unit) is not None


UPDATE_ROUTING = """
UPDATE complaint SET routing = $2 WHERE id = $1 AND NOT sealed
"""


async def update_routing(conn: asyncpg.Connection, complaint: UUID, packed: dict[str, Any]) -> None:
    """Why the office that has it now: the reasons of a routing that was done again."""
    await conn.execute(UPDATE_ROUTING, complaint, packed)

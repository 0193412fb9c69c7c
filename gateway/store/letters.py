"""SQL of `letter`, `outbox` and `desk_task`: from events to letters, and what became of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from board.ids import first_id


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that may ask for letters, with what decides to whom."""

    event: UUID
    kind: str
    data: dict[str, Any]
    complaint: UUID
    owner: str | None
    office: str | None
    sealed: bool
    language: str
    wrapped_key: bytes | None
    contact: bytes | None
    # As the complaint came in: intake writes its events microseconds apart.
    at_once: bool
    actor_kind: str
    actor: str | None


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A row of `letter`; `state` is waiting, or dropped when nobody is to get it."""

    id: UUID
    event: UUID
    complaint: UUID
    template: str
    recipient: str
    office: str | None
    language: str
    state: str
    last_error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter under our lease, with all that its text and address need."""

    id: UUID
    attempts: int
    template: str
    recipient: str
    office: str | None
    language: str
    data: dict[str, Any]
    complaint: UUID
    number: str
    sealed: bool
    due_on: date | None
    holder: str | None
    office_name: str | None
    office_name_en: str | None
    office_email: str | None
    wrapped_key: bytes | None
    contact: bytes | None
    county_name: str | None
    county_name_en: str | None
    desk_phone: str | None
    desk_email: str | None
    # The event's kind, and how the case stands now: what has become untrue is not sent.
    kind: str
    state: str
    owner: str | None
    next_kind: str | None
    next_at: datetime | None
    # The office that is late, when the letter goes to the one above it.
    late_name: str | None
    late_name_en: str | None


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one claimed letter; `attempts` must be the count of our own claim."""

    id: UUID
    attempts: int
    state: str
    next_at: datetime
    last_error: str
    done_at: datetime | None


# Events are UUIDv7, so their order is time's and the primary key serves it.
LIST_OUTBOX = """
SELECT o.event, e.kind, e.data, e.complaint, c.owner, c.office, c.sealed, c.language,
       s.wrapped_key, s.contact, e.at < c.created_at + interval '1 second' AS at_once,
       e.actor_kind, e.actor
FROM outbox o
JOIN event e ON e.id = o.event
JOIN complaint c ON c.id = e.complaint
LEFT JOIN complaint_secret s ON s.complaint = c.id
ORDER BY o.event
LIMIT $1
FOR UPDATE OF o SKIP LOCKED
"""


async def list_outbox(conn: asyncpg.Connection, limit: int) -> list[Pending]:
    """The oldest events without letters, locked until this transaction ends."""
    return [Pending(*row) for row in await conn.fetch(LIST_OUTBOX, limit)]


# A case that others were merged into may itself have been merged later.
LIST_JOINT = """
WITH RECURSIVE joint AS (
  SELECT e.id AS event, c.id
  FROM event e
  JOIN complaint c ON c.merged_into = e.complaint
  WHERE e.id = ANY ($1::text[]::uuid[])
  UNION
  SELECT j.event, c.id FROM joint j JOIN complaint c ON c.merged_into = j.id
)
SELECT e.id, e.kind, e.data, c.id, c.owner, c.office, c.sealed, c.language,
       s.wrapped_key, s.contact, false AS at_once, e.actor_kind, e.actor
FROM joint j
JOIN event e ON e.id = j.event
JOIN complaint c ON c.id = j.id
LEFT JOIN complaint_secret s ON s.complaint = c.id
ORDER BY e.id, c.id
"""


async def list_joint(conn: asyncpg.Connection, events: Iterable[UUID]) -> list[Pending]:
    """The same events, once for each complaint that was merged into theirs."""
    ids = [str(each) for each in events]
    return [Pending(*row) for row in await conn.fetch(LIST_JOINT, ids)]


INSERT_LETTER = """
INSERT INTO letter (id, event, complaint, template, recipient, office, language, state,
                    last_error, attempts, next_at, created_at, done_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10, $11)
ON CONFLICT (event, recipient, complaint) DO NOTHING
"""


async def insert_letters(conn: asyncpg.Connection, letters: Iterable[NewLetter]) -> None:
    """Writes letters; one that is there already is left alone."""
    await conn.executemany(
        INSERT_LETTER,
        [
            (
                each.id, each.event, each.complaint, each.template, each.recipient, each.office,
                each.language, each.state, each.last_error, each.at,
                None if each.state == "waiting" else each.at,
            )
            for each in letters
        ],
    )  # fmt: skip


DELETE_OUTBOX = """
DELETE FROM outbox WHERE event = $1
"""


async def delete_outbox(conn: asyncpg.Connection, events: Iterable[UUID]) -> None:
    """Takes events off the outbox, in the transaction that wrote their letters."""
    await conn.executemany(DELETE_OUTBOX, [(event,) for event in events])


COUNT_TO_ADDRESS = """
INSERT INTO throttle (bucket, since, n) VALUES ($1, $2, 1)
ON CONFLICT (bucket) DO UPDATE SET n = throttle.n + 1
RETURNING n
"""


async def count_to_address(conn: asyncpg.Connection, bucket: str, now: datetime) -> int:
    """Counts one more letter to the address behind `bucket`, and says how many that makes."""
    n: int = await conn.fetchval(COUNT_TO_ADDRESS, bucket, now)
    return n


CLAIM_LETTERS = """
WITH due AS (
  SELECT id FROM letter
  WHERE state = 'waiting' AND next_at <= $1
  ORDER BY next_at
  LIMIT $2
  FOR UPDATE SKIP LOCKED
)
UPDATE letter l
SET attempts = l.attempts + 1, next_at = $3
FROM due
JOIN letter d ON d.id = due.id
JOIN event e ON e.id = d.event
JOIN complaint c ON c.id = d.complaint
LEFT JOIN complaint_secret s ON s.complaint = c.id
LEFT JOIN office f ON f.code = d.office
LEFT JOIN office h ON h.code = e.data ->> 'office'
LEFT JOIN county_profile p ON true
WHERE l.id = due.id
RETURNING l.id, l.attempts, l.template, l.recipient, l.office, l.language,
  e.data, c.id, c.number, c.sealed, c.due_on, c.office,
  f.name, f.name_en, f.email,
  s.wrapped_key, s.contact,
  p.name, p.name_en, p.desk_phone, p.desk_email,
  e.kind, c.state, c.owner, c.next_kind, c.next_at, h.name, h.name_en
"""


async def claim_letters(
    conn: asyncpg.Connection, now: datetime, lease_until: datetime, limit: int
) -> list[Claimed]:
    """Up to `limit` due letters, each with one more attempt counted, ours until `lease_until`."""
    return [Claimed(*row) for row in await conn.fetch(CLAIM_LETTERS, now, limit, lease_until)]


# The attempt count is the claim's own: a slow worker whose lease ran out changes nothing.
EXTEND_LEASE = """
UPDATE letter SET next_at = $3 WHERE id = $1 AND attempts = $2 AND state = 'waiting'
"""


async def extend_leases(
    conn: asyncpg.Connection, held: Iterable[tuple[UUID, int]], lease_until: datetime
) -> None:
    """Keeps letters ours; `held` are (id, attempts) as claimed."""
    await conn.executemany(EXTEND_LEASE, [(id_, attempts, lease_until) for id_, attempts in held])


UPDATE_LETTER = """
UPDATE letter SET state = $3, next_at = $4, last_error = $5, done_at = $6
WHERE id = $1 AND attempts = $2 AND state = 'waiting'
"""


async def mark_letters(conn: asyncpg.Connection, marks: Iterable[Mark]) -> None:
    """Writes down what became of letters that are still ours."""
    await conn.executemany(
        UPDATE_LETTER,
        [(m.id, m.attempts, m.state, m.next_at, m.last_error, m.done_at) for m in marks],
    )


# Ids are UUIDv7, so the primary key finds the old ones. Whatever waits, or is a task of the county
# desk, stays.
DELETE_DONE = """
DELETE FROM letter WHERE id IN (
  SELECT id FROM letter
  WHERE id < $1 AND state IN ('sent', 'dropped') AND done_at < $2
  ORDER BY id
  LIMIT $3
  FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


async def delete_done(conn: asyncpg.Connection, before: datetime, limit: int) -> int:
    """Deletes up to `limit` letters that were done with before `before` (aware); how many."""
    return len(await conn.fetch(DELETE_DONE, first_id(before), before, limit))


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
ORDER BY l.created_at DESC, l.id DESC
LIMIT $2
"""


async def list_of_case(
    conn: asyncpg.Connection, complaint: UUID, limit: int = 50
) -> list[asyncpg.Record]:
    """A case's letters, newest first: id, template, recipient, office, state, attempts,
    last_error, created_at, done_at, and `task` where the desk has still to deal with it."""
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

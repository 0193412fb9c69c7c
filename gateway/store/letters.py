"""SQL of `letter` as a queue: claimed under a lease, marked with what became of them, deleted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from board.ids import first_id


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

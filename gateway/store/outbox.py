"""SQL of `outbox`: events that ask for letters, and the letters that they become."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg


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

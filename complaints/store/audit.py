"""SQL of the chain over the event log."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

LOCK_CHAIN = """
INSERT INTO counter (name, n) VALUES ('event-seal', 1)
ON CONFLICT (name) DO UPDATE SET n = counter.n + 1
"""


async def lock_chain(conn: asyncpg.Connection) -> None:
    """Keeps other sealers out until this transaction ends."""
    await conn.execute(LOCK_CHAIN)


class Head(NamedTuple):
    """Where the chain ends: so many seals, the last one's hash, signed with this key. `key` and
    `mac` are None for a chain that was never sealed with a key."""

    n: int
    hash: bytes
    key: bytes | None
    mac: bytes | None


class Seal(NamedTuple):
    """A row of `event_seal`."""

    seq: int
    event: UUID
    hash: bytes
    key: bytes | None
    words: bytes | None


FIND_HEAD = """
SELECT n, hash, key, mac FROM event_chain WHERE one = 1
"""


async def find_head(conn: asyncpg.Connection) -> Head | None:
    """The chain's end; None before the first seal."""
    row = await conn.fetchrow(FIND_HEAD)
    return Head(*row) if row else None


UPDATE_HEAD = """
INSERT INTO event_chain (one, n, hash, key, mac) VALUES (1, $1, $2, $3, $4)
ON CONFLICT (one) DO UPDATE
SET n = excluded.n, hash = excluded.hash, key = excluded.key, mac = excluded.mac
"""


async def update_head(conn: asyncpg.Connection, head: Head) -> None:
    """The chain ends here now."""
    await conn.execute(UPDATE_HEAD, *head)


FIND_HASH = """
SELECT hash FROM event_seal WHERE seq = $1
"""


async def find_hash(conn: asyncpg.Connection, seq: int) -> bytes | None:
    """The hash of a seal; None where there is none."""
    found: bytes | None = await conn.fetchval(FIND_HASH, seq)
    return found


FIND_LAST_SEALED = """
SELECT event FROM event_seal ORDER BY seq DESC LIMIT 1
"""


async def find_last_sealed(conn: asyncpg.Connection) -> UUID | None:
    """The event that was sealed last."""
    found: UUID | None = await conn.fetchval(FIND_LAST_SEALED)
    return found


# Ids begin with the time, so that the primary key leads to the newest rows alone. A message has
# the id of its event.
LIST_UNSEALED = """
SELECT e.id, e.complaint, e.at, e.kind, e.actor_kind, e.actor, e.data, m.words AS said
FROM event AS e
LEFT JOIN message AS m ON m.id = e.id
WHERE e.id > $1 AND e.id < $2
  AND NOT EXISTS (SELECT 1 FROM event_seal AS s WHERE s.event = e.id)
ORDER BY e.id
LIMIT $3
"""


async def list_unsealed(
    conn: asyncpg.Connection, after: UUID, before: UUID, limit: int
) -> list[asyncpg.Record]:
    """Events between two ids that have no seal, in the order of their ids; `said` is what the
    event's message says, None where it has none."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_UNSEALED, after, before, limit)
    return rows


INSERT_SEAL = """
INSERT INTO event_seal (seq, event, hash, key, words) VALUES ($1, $2, $3, $4, $5)
"""


async def insert_seals(conn: asyncpg.Connection, rows: Sequence[Seal]) -> None:
    """Adds links to the chain."""
    await conn.executemany(INSERT_SEAL, rows)


LIST_SEALED = """
SELECT s.seq, s.event, s.hash, s.key, s.words, e.id, e.complaint, e.at, e.kind, e.actor_kind,
  e.actor, e.data, m.words AS said, c.number, c.wiped_at
FROM event_seal AS s
LEFT JOIN event AS e ON e.id = s.event
LEFT JOIN message AS m ON m.id = e.id
LEFT JOIN complaint AS c ON c.id = e.complaint
WHERE s.seq > $1
ORDER BY s.seq
LIMIT $2
"""


async def list_sealed(conn: asyncpg.Connection, after: int, limit: int) -> list[asyncpg.Record]:
    """The chain after a seal, each link with its event as it stands now."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_SEALED, after, limit)
    return rows


LIST_NEVER_SEALED = """
SELECT e.id, c.number
FROM event AS e
JOIN complaint AS c ON c.id = e.complaint
WHERE (e.id < $1 OR e.id > $2) AND NOT EXISTS (SELECT 1 FROM event_seal AS s WHERE s.event = e.id)
ORDER BY e.id
LIMIT 1000
"""


async def list_never_sealed(
    conn: asyncpg.Connection, before: UUID, after: UUID
) -> list[asyncpg.Record]:
    """Events that claim to be older or newer than that and were never sealed."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_NEVER_SEALED, before, after)
    return rows


# A message has the id and the case of its event: the seal covers no other.
LIST_STRAY_WORDS = """
SELECT m.event, c.number
FROM message AS m
JOIN event AS e ON e.id = m.event
JOIN complaint AS c ON c.id = m.complaint
WHERE m.id <> m.event OR m.complaint <> e.complaint
ORDER BY m.id
LIMIT 1000
"""


async def list_stray_words(conn: asyncpg.Connection) -> list[asyncpg.Record]:
    """Messages that no event was written with, and the event that each claims."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_STRAY_WORDS)
    return rows

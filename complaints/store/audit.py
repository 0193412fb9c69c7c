"""SQL of the chain over the event log."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

LOCK_CHAIN = """
INSERT INTO counter (name, n) VALUES ('event-seal', 1)
ON CONFLICT (name) DO UPDATE SET n = counter.n + 1
"""


async def lock_chain(conn: asyncpg.Connection) -> None:
    """Keeps other sealers out until this transaction ends."""
    await conn.execute(LOCK_CHAIN)


FIND_HEAD = """
SELECT seq, hash FROM event_seal ORDER BY seq DESC LIMIT 1
"""


async def find_head(conn: asyncpg.Connection) -> tuple[int, bytes] | None:
    """The chain's last seal; None before the first."""
    row = await conn.fetchrow(FIND_HEAD)
    return (row["seq"], row["hash"]) if row else None


# Ids begin with the time, so that the primary key leads to the newest rows alone.
LIST_UNSEALED = """
SELECT e.id, e.complaint, e.at, e.kind, e.actor_kind, e.actor, e.data
FROM event AS e
WHERE e.id > $1 AND e.id < $2
  AND NOT EXISTS (SELECT 1 FROM event_seal AS s WHERE s.event = e.id)
ORDER BY e.id
LIMIT $3
"""


async def list_unsealed(
    conn: asyncpg.Connection, after: UUID, before: UUID, limit: int
) -> list[asyncpg.Record]:
    """Events between two ids that have no seal, in the order of their ids."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_UNSEALED, after, before, limit)
    return rows


INSERT_SEAL = """
INSERT INTO event_seal (seq, event, hash) VALUES ($1, $2, $3)
"""


async def insert_seals(conn: asyncpg.Connection, rows: Sequence[tuple[int, UUID, bytes]]) -> None:
    """Adds links to the chain."""
    await conn.executemany(INSERT_SEAL, rows)


LIST_SEALED = """
SELECT s.seq, s.event, s.hash, e.id, e.complaint, e.at, e.kind, e.actor_kind, e.actor, e.data,
  c.number
FROM event_seal AS s
LEFT JOIN event AS e ON e.id = s.event
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
WHERE e.id < $1 AND NOT EXISTS (SELECT 1 FROM event_seal AS s WHERE s.event = e.id)
ORDER BY e.id
LIMIT 1000
"""


async def list_never_sealed(conn: asyncpg.Connection, before: UUID) -> list[asyncpg.Record]:
    """Events that claim to be older than that and were never sealed."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_NEVER_SEALED, before)
    return rows

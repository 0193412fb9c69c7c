"""SQL of `link`: an office's way in to one case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class NewLink:
    """A row of `link`; only the SHA-256 of its secret is kept."""

    token_hash: bytes
    complaint: UUID
    office: str
    letter: UUID | None
    created_at: datetime
    expires_at: datetime


INSERT_LINK = """
INSERT INTO link (token_hash, complaint, office, letter, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (token_hash) DO NOTHING
"""


async def insert_links(conn: asyncpg.Connection, links: Iterable[NewLink]) -> None:
    """Writes links, before the letters that carry their secrets go out."""
    await conn.executemany(
        INSERT_LINK,
        [
            (each.token_hash, each.complaint, each.office, each.letter, each.created_at,
             each.expires_at)
            for each in links
        ],
    )  # fmt: skip


# Nobody has a case that was withdrawn or merged, whenever its link was made.
FIND_LINK = """
SELECT k.token_hash, k.complaint, k.office, k.expires_at, k.revoked_at, c.sealed,
       CASE WHEN c.state NOT IN ('withdrawn', 'merged') THEN c.office END AS holder,
       c.state = 'merged' AND c.office = k.office AS merged
FROM link k
JOIN complaint c ON c.id = k.complaint
WHERE k.token_hash = $1
"""


async def find_link(conn: asyncpg.Connection, token_hash: bytes) -> asyncpg.Record | None:
    """token_hash, complaint, office, expires_at, revoked_at, holder (who has the case), sealed,
    merged (its case was, while that office had it)."""
    return await conn.fetchrow(FIND_LINK, token_hash)


REVOKE_LINKS = """
UPDATE link SET revoked_at = $2 WHERE complaint = $1 AND revoked_at IS NULL
RETURNING token_hash
"""


async def revoke_links(conn: asyncpg.Connection, complaint: UUID, now: datetime) -> int:
    """Ends every link of a case; how many that were."""
    return len(await conn.fetch(REVOKE_LINKS, complaint, now))


# An ended link still offers its office a new one, for as long as that office has something to do.
DELETE_ENDED = """
DELETE FROM link WHERE token_hash IN (
  SELECT k.token_hash
  FROM link k
  JOIN complaint c ON c.id = k.complaint
  WHERE k.expires_at < $1
    AND (k.revoked_at IS NOT NULL
      OR c.office IS DISTINCT FROM k.office OR c.owner IS DISTINCT FROM 'office')
  ORDER BY k.expires_at
  LIMIT $2
  FOR UPDATE OF k SKIP LOCKED
)
RETURNING token_hash
"""


async def delete_ended(conn: asyncpg.Connection, before: datetime, limit: int) -> int:
    """Deletes up to `limit` links that ended before `before` (aware); how many."""
    return len(await conn.fetch(DELETE_ENDED, before, limit))


# The lock makes two requests at once count one another.
LOCK_COMPLAINT_OF_OFFICE = """
SELECT id FROM complaint WHERE id = $1 AND office = $2 FOR UPDATE
"""

COUNT_RENEWALS = """
SELECT count(*) FROM event
WHERE complaint = $1 AND kind = 'link_asked' AND actor = $2 AND at > $3 AND id <> $4
"""

INSERT_RENEWAL = """
WITH asked AS (
  INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)
  VALUES ($1, $2, $3, 'link_asked', 'office', $4, $5)
  ON CONFLICT (id) DO NOTHING
  RETURNING id, at
)
INSERT INTO outbox (event, at) SELECT id, at FROM asked
"""


async def is_with_office(conn: asyncpg.Connection, complaint: UUID, office: str) -> bool:
    """Whether the case is with that office; it stays so until this transaction ends."""
    return await conn.fetchval(LOCK_COMPLAINT_OF_OFFICE, complaint, office) is not None


async def count_renewals(
    conn: asyncpg.Connection, complaint: UUID, office: str, since: datetime, but: UUID
) -> int:
    """How many new links the office asked for after `since`, `but` for this very event."""
    n: int = await conn.fetchval(COUNT_RENEWALS, complaint, office, since, but)
    return n


async def insert_renewal(
    conn: asyncpg.Connection, id_: UUID, complaint: UUID, office: str, now: datetime
) -> None:
    """The event that an office asked for a new link, and its place in the outbox."""
    await conn.execute(INSERT_RENEWAL, id_, complaint, now, office, {"office": office})

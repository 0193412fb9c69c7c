"""SQL of the brakes: how often a bucket was counted in its time."""

from datetime import datetime

import asyncpg

COUNT_TRIES = """
SELECT bucket, n FROM throttle WHERE bucket = ANY($1::text[])
"""


async def count_tries(conn: asyncpg.Connection, *buckets: str) -> list[int]:
    """How often each bucket was counted; 0 for one that never was."""
    counted = dict(await conn.fetch(COUNT_TRIES, buckets))
    return [counted.get(bucket, 0) for bucket in buckets]


UPDATE_TRIES = """
INSERT INTO throttle (bucket, since, n) VALUES ($1, $2, 1)
ON CONFLICT (bucket) DO UPDATE SET n = throttle.n + 1
RETURNING n
"""


async def update_tries(conn: asyncpg.Connection, bucket: str, since: datetime) -> int:
    """Counts one more in a bucket and gives the new count."""
    n: int = await conn.fetchval(UPDATE_TRIES, bucket, since)
    return n


DELETE_OLD = """
DELETE FROM throttle WHERE bucket IN (
  SELECT bucket FROM throttle WHERE since < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING bucket
"""


async def delete_old(conn: asyncpg.Connection, before: datetime, limit: int) -> int:
    """Forgets up to `limit` buckets whose time is over; how many."""
    return len(await conn.fetch(DELETE_OLD, before, limit))

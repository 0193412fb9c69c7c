"""SQL of the desk's brakes: how often a bucket was tried, and when it may be again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class Tried:
    """`n` tries so far; the next one is not looked at before `free_at`."""

    n: int
    free_at: datetime


INSERT_BUCKET = """
INSERT INTO shared.desk_try (bucket, n, free_at, last_at) VALUES ($1, 0, $2, $2)
ON CONFLICT (bucket) DO NOTHING
"""

LOCK_BUCKET = """
SELECT n, free_at FROM shared.desk_try WHERE bucket = $1 FOR UPDATE
"""


async def lock_bucket(conn: asyncpg.Connection, bucket: str, now: datetime) -> Tried:
    """How a bucket stands; nobody else tries it until the transaction ends."""
    await conn.execute(INSERT_BUCKET, bucket, now)
    row = await conn.fetchrow(LOCK_BUCKET, bucket)
    return Tried(*row) if row else Tried(0, now)


FIND_BUCKET = """
SELECT bucket FROM shared.desk_try WHERE bucket = $1
"""


async def insert_bucket(conn: asyncpg.Connection, bucket: str, now: datetime) -> None:
    """Remembers a name for as long as tries are kept."""
    await conn.execute(INSERT_BUCKET, bucket, now)


async def is_kept(conn: asyncpg.Connection, bucket: str) -> bool:
    """Whether `insert_bucket` was given this name."""
    return await conn.fetchval(FIND_BUCKET, bucket) is not None


UPDATE_BUCKET = """
UPDATE shared.desk_try SET n = n + 1, free_at = $2, last_at = $3 WHERE bucket = $1
"""


async def update_bucket(
    conn: asyncpg.Connection, bucket: str, free_at: datetime, now: datetime
) -> None:
    """Counts one try."""
    await conn.execute(UPDATE_BUCKET, bucket, free_at, now)


DELETE_BUCKET = """
DELETE FROM shared.desk_try WHERE bucket = $1
"""

GIVE_BACK = """
UPDATE shared.desk_try SET n = n - 1 WHERE bucket = $1 AND n > 0
"""


async def delete_tries(
    conn: asyncpg.Connection, forget: Iterable[str], give_back: Iterable[str]
) -> None:
    """After a right password: some buckets begin anew, others only lose this one try."""
    for bucket in forget:
        await conn.execute(DELETE_BUCKET, bucket)
    for bucket in give_back:
        await conn.execute(GIVE_BACK, bucket)


DELETE_OLD_TRIES = """
DELETE FROM shared.desk_try WHERE last_at < $1
"""


async def delete_old(conn: asyncpg.Connection, before: datetime) -> None:
    """Forgets buckets whose day is over."""
    await conn.execute(DELETE_OLD_TRIES, before)

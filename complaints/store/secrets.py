"""SQL of `complaint_secret` by itself: whether the keys at hand open what is stored."""

import asyncpg

# The first and the last: a key that was lost opens neither, one that was forgotten when a newer one
# came not the first. Ids are UUIDv7.
LIST_WRAPPED = """
SELECT wrapped_key FROM complaint_secret
WHERE complaint IN (
  (SELECT s.complaint FROM complaint_secret AS s ORDER BY s.complaint LIMIT 1),
  (SELECT s.complaint FROM complaint_secret AS s ORDER BY s.complaint DESC LIMIT 1))
"""


async def list_wrapped(conn: asyncpg.Connection) -> list[bytes]:
    """The wrapped keys of the oldest and of the newest complaint that has one."""
    return [row["wrapped_key"] for row in await conn.fetch(LIST_WRAPPED)]

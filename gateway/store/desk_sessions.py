"""SQL of who is signed in to the desk: `shared.desk_session`, `desk_device`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class Found:
    """A session that is good now, its user, and what the user may be in its county."""

    token_hash: bytes
    county: str
    seen_at: datetime
    totp_passed: bool
    notice_at: datetime | None
    notice_agent: str | None
    user: UUID
    login: str
    name: str
    language: str
    must_change: bool
    has_totp: bool
    require_totp: bool
    badge: str | None
    roles: frozenset[str]


FIND_SESSION = """
SELECT s.token_hash, s.county, s.seen_at, s.totp_passed, s.notice_at, s.notice_agent,
  u.id, u.login, u.name, u.language, u.must_change, u.totp_secret IS NOT NULL, c.require_totp,
  b.badge,
  ARRAY(
    SELECT r.role FROM shared.desk_role r WHERE r.desk_user = u.id AND r.county = s.county
  ) AS roles
FROM shared.desk_session s
JOIN shared.desk_user u ON u.id = s.desk_user
JOIN shared.county c ON c.code = s.county
LEFT JOIN shared.desk_badge b ON b.desk_user = u.id AND b.county = s.county
WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.seen_at > $2 AND s.created_at > $3
  AND u.disabled_at IS NULL
"""


async def find_session(
    conn: asyncpg.Connection, token_hash: bytes, seen_after: datetime, made_after: datetime
) -> Found | None:
    """The session, unless it was ended, is too old, was idle too long or its user is disabled."""
    row = await conn.fetchrow(FIND_SESSION, token_hash, seen_after, made_after)
    return Found(*(*row[:14], frozenset(row[14]))) if row else None


UPDATE_SEEN = """
UPDATE shared.desk_session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $3
"""


async def update_seen(
    conn: asyncpg.Connection, token_hash: bytes, now: datetime, before: datetime
) -> None:
    """Remembers that the session is in use, unless that was written after `before`."""
    await conn.execute(UPDATE_SEEN, token_hash, now, before)


INSERT_SESSION = """
INSERT INTO shared.desk_session (
  token_hash, desk_user, county, created_at, seen_at, agent, totp_passed, new_device
) VALUES ($1, $2, $3, $4, $4, $5, $6, $7)
ON CONFLICT (token_hash) DO NOTHING
RETURNING token_hash
"""


async def insert_session(
    conn: asyncpg.Connection,
    token_hash: bytes,
    user: UUID,
    county: str,
    now: datetime,
    *,
    agent: str,
    totp_passed: bool,
    new_device: bool,
) -> bool:
    """A session that begins now; False when it is there already."""
    args = (token_hash, user, county, now, agent, totp_passed, new_device)
    return await conn.fetchval(INSERT_SESSION, *args) is not None


UPDATE_BEGINNING = """
UPDATE shared.desk_session AS s SET created_at = o.created_at
FROM shared.desk_session AS o
WHERE s.token_hash = $1 AND o.token_hash = $2
"""


async def update_beginning(conn: asyncpg.Connection, token_hash: bytes, before: bytes) -> None:
    """A session that goes on where the one `before` ended began when that did."""
    await conn.execute(UPDATE_BEGINNING, token_hash, before)


FIND_ONWARD = """
SELECT o.token_hash FROM shared.desk_session AS s
JOIN shared.desk_session AS o
  ON o.desk_user = s.desk_user AND o.created_at = s.created_at AND o.token_hash <> s.token_hash
WHERE s.token_hash = $1 AND o.county = $2 AND o.ended_at IS NULL
LIMIT 1
"""


async def goes_on(conn: asyncpg.Connection, token_hash: bytes, county: str) -> bool:
    """Whether the sign-in that this session was of goes on in another one, in that county."""
    return await conn.fetchval(FIND_ONWARD, token_hash, county) is not None


# An enrolled code app is a stronger sign-in: the session that enrolled it has shown a code.
UPDATE_PASSED = """
UPDATE shared.desk_session SET totp_passed = true WHERE token_hash = $1
"""


async def update_passed(conn: asyncpg.Connection, token_hash: bytes) -> None:
    """Remembers that a code was shown in this session."""
    await conn.execute(UPDATE_PASSED, token_hash)


END_SESSION = """
UPDATE shared.desk_session SET ended_at = coalesce(ended_at, $3)
WHERE token_hash = $1 AND desk_user = $2
RETURNING token_hash
"""


async def end_session(
    conn: asyncpg.Connection, token_hash: bytes, user: UUID, now: datetime
) -> bool:
    """Ends one session of a user, or leaves it ended; False when there was none."""
    return await conn.fetchval(END_SESSION, token_hash, user, now) is not None


END_LEFT = """
UPDATE shared.desk_session SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL
"""


async def end_left(conn: asyncpg.Connection, token_hash: bytes, now: datetime) -> None:
    """Ends whatever session a browser still carries when somebody signs in on it."""
    await conn.execute(END_LEFT, token_hash, now)


END_SESSIONS = """
UPDATE shared.desk_session SET ended_at = $3
WHERE desk_user = $1 AND token_hash <> $2 AND ended_at IS NULL
RETURNING token_hash
"""


async def end_sessions(
    conn: asyncpg.Connection, user: UUID, now: datetime, *, keep: bytes = b""
) -> int:
    """Ends a user's sessions, all or all but `keep`; how many that were."""
    return len(await conn.fetch(END_SESSIONS, user, keep, now))


FIND_OUT = """
SELECT s.ended_at IS NOT NULL AND NOT EXISTS (
  SELECT o.token_hash FROM shared.desk_session AS o
  WHERE o.desk_user = s.desk_user AND o.ended_at IS NULL AND o.seen_at > $2 AND o.created_at > $3
)
FROM shared.desk_session AS s WHERE s.token_hash = $1
"""


async def is_out(
    conn: asyncpg.Connection, token_hash: bytes, seen_after: datetime, made_after: datetime
) -> bool:
    """Whether this session was ended and its user has no good one left."""
    args = (token_hash, seen_after, made_after)
    return bool(await conn.fetchval(FIND_OUT, *args))


LIST_SESSIONS = """
SELECT token_hash, county, created_at, seen_at, agent, new_device
FROM shared.desk_session
WHERE desk_user = $1 AND ended_at IS NULL AND seen_at > $2 AND created_at > $3
ORDER BY seen_at DESC
LIMIT 50
"""


async def list_sessions(
    conn: asyncpg.Connection, user: UUID, seen_after: datetime, made_after: datetime
) -> list[asyncpg.Record]:
    """Rows of token_hash, county, created_at, seen_at, agent, new_device that are good now."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_SESSIONS, user, seen_after, made_after)
    return rows


UPDATE_NOTICES = """
UPDATE shared.desk_session SET notice_at = $3, notice_agent = $4
WHERE desk_user = $1 AND token_hash <> $2 AND ended_at IS NULL AND notice_at IS NULL
"""


async def update_notices(
    conn: asyncpg.Connection, user: UUID, but: bytes, now: datetime, agent: str
) -> None:
    """Tells a user's other sessions of a sign-in from a new device; those that still show an
    earlier one keep it, and are told when that is put aside."""
    await conn.execute(UPDATE_NOTICES, user, but, now, agent)


HAND_ON_NOTICE = """
UPDATE shared.desk_session SET notice_at = l.at, notice_agent = l.agent
FROM (
  SELECT l.at, l.data ->> 'agent' AS agent
  FROM shared.desk_log AS l
  JOIN shared.desk_device AS d ON d.desk_user = l.about
  WHERE d.token_hash = $2 AND d.desk_user = $3 AND l.at > coalesce(d.told_at, d.last_at)
    AND l.kind = 'signed_in' AND l.data ->> 'new_device' = 'true'
  ORDER BY l.at
  LIMIT 1
) AS l
WHERE token_hash = $1
"""


async def hand_on_notice(
    conn: asyncpg.Connection, token_hash: bytes, device: bytes, user: UUID
) -> None:
    """Tells a session on a known device of the oldest sign-in from a new one that was not put
    aside on this device yet; putting that aside leads to the next."""
    await conn.execute(HAND_ON_NOTICE, token_hash, device, user)


DELETE_NOTICE = """
UPDATE shared.desk_session SET notice_at = NULL, notice_agent = NULL WHERE token_hash = $1
"""


async def delete_notice(conn: asyncpg.Connection, token_hash: bytes) -> None:
    """The notice was read and put aside."""
    await conn.execute(DELETE_NOTICE, token_hash)


UPDATE_TOLD = """
UPDATE shared.desk_device SET told_at = $3 WHERE token_hash = $1 AND desk_user = $2
"""


async def update_told(conn: asyncpg.Connection, device: bytes, user: UUID, now: datetime) -> None:
    """What happened before is told on this device no more; on others of the user it is, since this
    one may be a stranger's."""
    await conn.execute(UPDATE_TOLD, device, user, now)


FIND_DEVICE = """
SELECT d.desk_user FROM shared.desk_device d
JOIN shared.desk_user u ON u.id = d.desk_user
WHERE d.token_hash = $1 AND u.login_key = $2
"""


async def find_device(conn: asyncpg.Connection, token_hash: bytes, login_key: str) -> bool:
    """Whether somebody signed in with this login on this device before."""
    return await conn.fetchval(FIND_DEVICE, token_hash, login_key) is not None


UPDATE_DEVICE = """
INSERT INTO shared.desk_device (token_hash, desk_user, last_at, told_at)
VALUES ($1, $2, $3, $3)
ON CONFLICT (token_hash, desk_user) DO UPDATE SET
  last_at = $3, told_at = coalesce(desk_device.told_at, desk_device.last_at)
"""


async def update_device(
    conn: asyncpg.Connection, token_hash: bytes, user: UUID, now: datetime
) -> None:
    """Knows the device again next time."""
    await conn.execute(UPDATE_DEVICE, token_hash, user, now)


DELETE_DEVICES = """
DELETE FROM shared.desk_device WHERE desk_user = $1
"""


async def delete_devices(conn: asyncpg.Connection, user: UUID) -> None:
    """Knows none of the user's devices any more."""
    await conn.execute(DELETE_DEVICES, user)


DELETE_OLD_SESSIONS = """
DELETE FROM shared.desk_session WHERE seen_at < $1
"""

DELETE_OLD_DEVICES = """
DELETE FROM shared.desk_device WHERE last_at < $1
"""


async def delete_old(conn: asyncpg.Connection, sessions: datetime, devices: datetime) -> None:
    """Forgets sessions and devices that were last seen before these times."""
    await conn.execute(DELETE_OLD_SESSIONS, sessions)
    await conn.execute(DELETE_OLD_DEVICES, devices)

"""SQL of who may sign in to the desk: `shared.desk_user`, `desk_role`, `desk_log`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class User:
    """A row of `shared.desk_user`; `totp_secret` is encrypted, None without a code app."""

    id: UUID
    login: str
    login_key: str
    name: str
    password_hash: str
    language: str
    must_change: bool
    totp_secret: bytes | None
    totp_used_step: int
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A user as a county's administrator sees one; `elsewhere`: also serves another county."""

    id: UUID
    login: str
    name: str
    language: str
    must_change: bool
    has_totp: bool
    disabled_at: datetime | None
    roles: tuple[str, ...]
    elsewhere: bool
    # Whom of the county's directory it is.
    badge: str | None


INSERT_USER = """
INSERT INTO shared.desk_user (
  id, login, login_key, name, password_hash, language, must_change, totp_secret,
  totp_used_step, created_at, disabled_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING
"""

FIND_ID = """
SELECT id FROM shared.desk_user WHERE login_key = $1
"""


async def insert_user(conn: asyncpg.Connection, user: User) -> bool:
    """Adds a user; False when somebody else has the login. The same user twice is one."""
    await conn.execute(
        INSERT_USER, user.id, user.login, user.login_key, user.name, user.password_hash,
        user.language, user.must_change, user.totp_secret, user.totp_used_step, user.created_at,
        user.disabled_at,
    )  # fmt: skip
    found: UUID = await conn.fetchval(FIND_ID, user.login_key)
    return found == user.id


FIND_BY_LOGIN = """
SELECT id, login, login_key, name, password_hash, language, must_change, totp_secret,
  totp_used_step, created_at, disabled_at
FROM shared.desk_user WHERE login_key = $1
"""


async def find_by_login(conn: asyncpg.Connection, login_key: str) -> User | None:
    """The user of a folded login, also a disabled one."""
    row = await conn.fetchrow(FIND_BY_LOGIN, login_key)
    return User(*row) if row else None


FIND_USER = """
SELECT id, login, login_key, name, password_hash, language, must_change, totp_secret,
  totp_used_step, created_at, disabled_at
FROM shared.desk_user WHERE id = $1
"""


async def find_user(conn: asyncpg.Connection, id_: UUID) -> User | None:
    """The user of an id, also a disabled one."""
    row = await conn.fetchrow(FIND_USER, id_)
    return User(*row) if row else None


FIND_HASH_HELD = """
SELECT password_hash FROM shared.desk_user WHERE id = $1 AND disabled_at IS NULL FOR SHARE
"""


async def find_hash_held(conn: asyncpg.Connection, id_: UUID) -> str | None:
    """The password's hash of a login that is open; both stay so until the transaction ends."""
    found: str | None = await conn.fetchval(FIND_HASH_HELD, id_)
    return found


REPLACE_HASH = """
UPDATE shared.desk_user SET password_hash = $3, must_change = $4
WHERE id = $1 AND password_hash = $2
RETURNING id
"""


async def update_password(
    conn: asyncpg.Connection, id_: UUID, old: str, new: str, *, must_change: bool
) -> bool:
    """Puts the hash `new` in place of `old`; False when that was changed meanwhile."""
    return await conn.fetchval(REPLACE_HASH, id_, old, new, must_change) is not None


RESET_HASH = """
UPDATE shared.desk_user SET password_hash = $2, must_change = true WHERE id = $1
"""


async def reset_password(conn: asyncpg.Connection, id_: UUID, new: str) -> None:
    """A password for one sign-in, whatever the old one was."""
    await conn.execute(RESET_HASH, id_, new)


UPDATE_TOTP = """
UPDATE shared.desk_user SET totp_secret = $2, totp_used_step = $3 WHERE id = $1
"""


async def update_totp(
    conn: asyncpg.Connection, id_: UUID, secret: bytes | None, used_step: int
) -> None:
    """Turns the code app on (`secret`, encrypted) or off (None)."""
    await conn.execute(UPDATE_TOTP, id_, secret, used_step)


UPDATE_USED_STEP = """
UPDATE shared.desk_user SET totp_used_step = $2 WHERE id = $1 AND totp_used_step < $2 RETURNING id
"""


async def update_used_step(conn: asyncpg.Connection, id_: UUID, step: int) -> bool:
    """Uses up the code of `step`; False when it, or a later one, was used before."""
    return await conn.fetchval(UPDATE_USED_STEP, id_, step) is not None


UPDATE_LANGUAGE = """
UPDATE shared.desk_user SET language = $2 WHERE id = $1
"""


async def update_language(conn: asyncpg.Connection, id_: UUID, language: str) -> None:
    """The language that the user reads."""
    await conn.execute(UPDATE_LANGUAGE, id_, language)


UPDATE_DISABLED = """
UPDATE shared.desk_user SET disabled_at = $2 WHERE id = $1
"""


async def update_disabled(conn: asyncpg.Connection, id_: UUID, at: datetime | None) -> None:
    """Closes a login, or opens it again with None."""
    await conn.execute(UPDATE_DISABLED, id_, at)


LIST_USERS = """
SELECT u.id, u.login, u.name, u.language, u.must_change, u.totp_secret IS NOT NULL, u.disabled_at,
  ARRAY(
    SELECT r.role FROM shared.desk_role r WHERE r.desk_user = u.id AND r.county = $1 ORDER BY 1
  ) AS roles,
  EXISTS (SELECT 1 FROM shared.desk_role o WHERE o.desk_user = u.id AND o.county <> $1),
  b.badge
FROM shared.desk_user u
LEFT JOIN shared.desk_badge b ON b.desk_user = u.id AND b.county = $1
WHERE EXISTS (SELECT 1 FROM shared.desk_role x WHERE x.desk_user = u.id AND x.county = $1)
  AND ($2::uuid IS NULL OR u.id = $2)
ORDER BY u.disabled_at IS NOT NULL, u.login_key
LIMIT 500
"""


async def list_users(
    conn: asyncpg.Connection, county: str, id_: UUID | None = None
) -> list[Listed]:
    """The users with a role in a county, or the one of them with this id; open logins first."""
    rows = await conn.fetch(LIST_USERS, county, id_)
    return [Listed(*(*row[:7], tuple(row[7]), row[8], row[9])) for row in rows]


UPSERT_BADGE = """
INSERT INTO shared.desk_badge (desk_user, county, badge) VALUES ($1, $2, $3)
ON CONFLICT (desk_user, county) DO UPDATE SET badge = excluded.badge
"""

DELETE_BADGE = """
DELETE FROM shared.desk_badge WHERE desk_user = $1 AND county = $2
"""


async def update_badge(conn: asyncpg.Connection, id_: UUID, county: str, badge: str | None) -> None:
    """Says whom of a county's directory a user is; None for nobody."""
    if badge is None:
        await conn.execute(DELETE_BADGE, id_, county)
    else:
        await conn.execute(UPSERT_BADGE, id_, county, badge)


LIST_COUNTIES_OF = """
SELECT DISTINCT county FROM shared.desk_role WHERE desk_user = $1 ORDER BY county
"""


async def list_counties_of(conn: asyncpg.Connection, id_: UUID) -> list[str]:
    """Codes of the counties that a user has a role in."""
    return [row["county"] for row in await conn.fetch(LIST_COUNTIES_OF, id_)]


DELETE_ROLES = """
DELETE FROM shared.desk_role
WHERE desk_user = $1 AND county = $2 AND NOT (role = ANY ($3::text[]))
"""

INSERT_ROLES = """
INSERT INTO shared.desk_role (desk_user, county, role)
SELECT $1, $2, role FROM unnest($3::text[]) AS role
ON CONFLICT DO NOTHING
"""


async def update_roles(
    conn: asyncpg.Connection, id_: UUID, county: str, roles: Iterable[str]
) -> None:
    """Gives a user exactly these roles in a county."""
    wanted = sorted(set(roles))
    await conn.execute(DELETE_ROLES, id_, county, wanted)
    await conn.execute(INSERT_ROLES, id_, county, wanted)


# The lock makes two administrators who take each other's role away count one another.
LOCK_COUNTY = """
SELECT code FROM shared.county WHERE code = $1 FOR UPDATE
"""


async def lock_county(conn: asyncpg.Connection, county: str) -> None:
    """Of two administrators who change somebody at once, the second waits for the first."""
    await conn.fetchval(LOCK_COUNTY, county)


COUNT_OTHER_ADMINISTRATORS = """
SELECT count(*) FROM shared.desk_role r
JOIN shared.desk_user u ON u.id = r.desk_user
WHERE r.county = $1 AND r.role = 'administrator' AND u.disabled_at IS NULL AND u.id <> $2
"""


async def count_other_administrators(conn: asyncpg.Connection, county: str, id_: UUID) -> int:
    """Administrators of a county besides one user; stays true until the transaction ends."""
    await lock_county(conn, county)
    n: int = await conn.fetchval(COUNT_OTHER_ADMINISTRATORS, county, id_)
    return n


FIND_REQUIRES_TOTP = """
SELECT require_totp FROM shared.county WHERE code = $1
"""


async def find_requires_totp(conn: asyncpg.Connection, county: str) -> bool:
    """Whether everybody at that county's desk needs a code app."""
    return bool(await conn.fetchval(FIND_REQUIRES_TOTP, county))


FIND_TOTP_REQUIRED = """
SELECT c.code FROM shared.county AS c
WHERE c.require_totp AND c.code IN (
  SELECT r.county FROM shared.desk_role AS r WHERE r.desk_user = $1)
LIMIT 1
"""


async def is_totp_required(conn: asyncpg.Connection, user: UUID) -> bool:
    """Whether any county that the user works for wants everybody to have a code app."""
    return await conn.fetchval(FIND_TOTP_REQUIRED, user) is not None


UPDATE_REQUIRES_TOTP = """
UPDATE shared.county SET require_totp = $2 WHERE code = $1
"""


async def update_requires_totp(conn: asyncpg.Connection, county: str, on: bool) -> None:
    """Says whether everybody at that county's desk needs a code app."""
    await conn.execute(UPDATE_REQUIRES_TOTP, county, on)


INSERT_LOG = """
INSERT INTO shared.desk_log (id, at, actor, kind, about, county, data)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO NOTHING
"""


async def insert_log(
    conn: asyncpg.Connection,
    id_: UUID,
    at: datetime,
    kind: str,
    *,
    actor: UUID | None,
    about: UUID | None,
    county: str | None,
    data: Mapping[str, Any],
) -> None:
    """One line of who did what about whom; `actor` None is the machine's command line."""
    await conn.execute(INSERT_LOG, id_, at, actor, kind, about, county, data)


LIST_LOG = """
SELECT l.id, l.at, l.kind, a.name AS actor, o.name AS about, l.data
FROM shared.desk_log l
LEFT JOIN shared.desk_user a ON a.id = l.actor
LEFT JOIN shared.desk_user o ON o.id = l.about
WHERE l.county = $1 AND ($2::uuid IS NULL OR l.about = $2)
  AND ($4::uuid IS NULL
    OR (l.at, l.id) < (SELECT b.at, b.id FROM shared.desk_log b WHERE b.id = $4))
ORDER BY l.at DESC, l.id DESC
LIMIT $3
"""


async def list_log(
    conn: asyncpg.Connection, county: str, about: UUID | None, limit: int, before: UUID | None
) -> list[asyncpg.Record]:
    """Rows of id, at, kind, actor (a name, None for the machine), about, data; newest first, those
    older than the line `before`."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_LOG, county, about, limit, before)
    return rows


LIST_LOG_OF_KIND = """
SELECT l.id, l.at, l.kind, a.name AS actor, NULL::text AS about, l.data
FROM shared.desk_log l
LEFT JOIN shared.desk_user a ON a.id = l.actor
WHERE l.county = $1 AND l.kind = $2
  AND ($4::uuid IS NULL
    OR (l.at, l.id) < (SELECT b.at, b.id FROM shared.desk_log b WHERE b.id = $4))
ORDER BY l.at DESC, l.id DESC
LIMIT $3
"""


async def list_log_of_kind(
    conn: asyncpg.Connection, county: str, kind: str, limit: int, before: UUID | None
) -> list[asyncpg.Record]:
    """The same of one kind."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_LOG_OF_KIND, county, kind, limit, before)
    return rows

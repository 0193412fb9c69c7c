"""SQL of commendations: words of praise, read by somebody at the desk before they count."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

INSERT_COMMENDATION = """
INSERT INTO commendation
  (id, request_hash, unit, staff_badge, nickname, words, created_at, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting')
ON CONFLICT (request_hash) DO NOTHING
"""


async def insert_commendation(
    conn: asyncpg.Connection,
    id_: UUID,
    request_hash: bytes,
    *,
    about: tuple[str, str | None],
    said: tuple[str, str],
    now: datetime,
) -> None:
    """Keeps what was written; the same form twice is one. `about`: unit and badge; `said`:
    nickname and words."""
    await conn.execute(INSERT_COMMENDATION, id_, request_hash, *about, *said, now)


FIND_KEPT = """
SELECT id FROM commendation WHERE request_hash = $1
"""


async def is_kept(conn: asyncpg.Connection, request_hash: bytes) -> bool:
    """Whether this very form was kept before."""
    return await conn.fetchval(FIND_KEPT, request_hash) is not None


LIST_WAITING = """
SELECT id, unit, staff_badge, nickname, words, created_at FROM commendation
WHERE state = 'waiting'
ORDER BY id
LIMIT $1
"""


async def list_waiting(conn: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    """What nobody has read yet, oldest first."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_WAITING, limit)
    return rows


LIST_COUNTED = """
SELECT id, unit, staff_badge, nickname, words, created_at FROM commendation
WHERE state = 'counted' AND created_at >= $1 AND created_at < $2
  AND ($3::text IS NULL OR unit = $3) AND id < $4
ORDER BY id DESC
LIMIT $5
"""


async def list_counted(
    conn: asyncpg.Connection,
    span: tuple[datetime, datetime],
    unit: str | None,
    after: UUID,
    limit: int,
) -> list[asyncpg.Record]:
    """What was confirmed of that time, newest first; of one unit, or of all."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_COUNTED, *span, unit, after, limit)
    return rows


FIND_PRAISED = """
SELECT staff_badge FROM commendation WHERE id = $1
"""


async def find_praised(conn: asyncpg.Connection, id_: UUID) -> str | None:
    """Whom one praises, by badge; None for a whole unit, and where there is no such praise."""
    badge: str | None = await conn.fetchval(FIND_PRAISED, id_)
    return badge


UPDATE_DECIDED = """
UPDATE commendation SET state = $2, decided_at = $3, decided_by = $4,
  words = CASE WHEN $2::text = 'refused' THEN '' ELSE words END,
  nickname = CASE WHEN $2::text = 'refused' THEN '' ELSE nickname END
WHERE id = $1 AND state = 'waiting'
RETURNING created_at
"""


async def update_decided(
    conn: asyncpg.Connection, id_: UUID, state: str, by: str, now: datetime
) -> datetime | None:
    """Confirms or refuses one, whose words then go; when it came, or None when it does not wait
    any more."""
    at: datetime | None = await conn.fetchval(UPDATE_DECIDED, id_, state, now, by)
    return at


FIND_DECIDED = """
SELECT decided_by FROM commendation WHERE id = $1 AND state = $2
"""


async def is_decided(conn: asyncpg.Connection, id_: UUID, state: str, by: str) -> bool:
    """Whether it was decided so, by this very person: pressed twice, or a commit not heard of."""
    decided_by: str | None = await conn.fetchval(FIND_DECIDED, id_, state)
    return decided_by == by


COUNT_BY_UNIT = """
SELECT unit, count(*) AS n FROM commendation
WHERE state = 'counted' AND created_at >= $1 AND created_at < $2
GROUP BY unit
"""


async def count_by_unit(
    conn: asyncpg.Connection, since: datetime, until: datetime
) -> Mapping[str, int]:
    """Confirmed ones of that time, {unit: n}."""
    return dict(await conn.fetch(COUNT_BY_UNIT, since, until))

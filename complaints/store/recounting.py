"""SQL for counting due days anew when the calendar has changed (domain.md R13)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from complaints.limits import Limit
from complaints.store.standing import is_torn, stops_of


@dataclass(frozen=True, slots=True)
class Recounted:
    """What becomes of one case; `event` None where its days stayed what they were."""

    complaint: UUID
    due_on: date | None
    limit: Limit | None
    calendar_version: str
    next_at: datetime
    next_kind: str
    wake_at: datetime | None
    # How many escalations there were for this deadline.
    escalations: int
    event: UUID | None
    data: dict[str, Any]


# A deadline and its case: where a sweep has got to.
Place = tuple[datetime, UUID]
BEGINNING: Place = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
# What leaves a case in the state in which it was.
STAYS = (
    "recounted", "link_asked", "reminded", "supervised", "escalated", "breached", "noted",
    "contact_viewed", "follow_up", "recused", "recusal_withdrawn", "supervision_lifted",
    "identified", "letter_resent", "letter_settled", "consent_withdrawn", "result_withdrawn",
)  # fmt: skip

# In the order of the index that holds open cases alone: it reads on from where it stopped, and no
# case that is over, however many there are.
_OPEN = """
SELECT c.id, c.number, c.office, c.state, coalesce(c.kind, 'complaint') AS kind, c.next_at,
  c.next_kind, c.due_on, c.limit_number, c.limit_unit, c.limit_start, c.extended_by, c.extended_on,
  c.wake_at, c.escalations, c.unit, c.staff_badge,
  (SELECT jsonb_agg(
      jsonb_build_array(s.began_on, s.ended_on, s.notified) ORDER BY s.position)
    FROM clock_stop AS s WHERE s.complaint = c.id) AS stops,
  (SELECT max(e.at) FROM event AS e
    WHERE e.complaint = c.id AND e.kind <> ALL ($1::text[])) AS since
FROM complaint AS c
WHERE c.next_at IS NOT NULL
"""
_FROM_HERE = """
  AND (c.next_at, c.id) > ($2, $3)
"""
_IN_ORDER = """
ORDER BY c.next_at, c.id
LIMIT $4
"""
LIST_OUTDATED = (
    _OPEN
    + _FROM_HERE
    + "AND c.calendar_version IS DISTINCT FROM $5"
    + _IN_ORDER
    + "FOR UPDATE OF c SKIP LOCKED"
)
LIST_OPEN = _OPEN + _FROM_HERE + _IN_ORDER


async def list_outdated(
    conn: asyncpg.Connection, version: str, after: Place, limit: int
) -> list[asyncpg.Record]:
    """Open cases after a place whose days another calendar counted, locked for this transaction.

    `since`: when the case came into its state.
    """
    rows: list[asyncpg.Record] = await conn.fetch(LIST_OUTDATED, STAYS, *after, limit, version)
    for at, row in enumerate(rows):
        _, asked = stops_of(row["stops"] or ())
        if is_torn(row["state"], asked and asked[0]):
            rows[at] = await find_open(conn, row["id"]) or row
    return rows


async def list_open(conn: asyncpg.Connection, after: Place, limit: int) -> list[asyncpg.Record]:
    """Open cases after a place, not locked, as `list_outdated` gives them."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_OPEN, STAYS, *after, limit)
    return rows


FIND_OPEN = (
    _OPEN
    + """
  AND c.id = $2
"""
)


async def find_open(conn: asyncpg.Connection, complaint: UUID) -> asyncpg.Record | None:
    """One open case, as `list_outdated` gives them; None when it is over."""
    return await conn.fetchrow(FIND_OPEN, STAYS, complaint)


UPDATE_COUNTED = """
UPDATE complaint SET due_on = $2, calendar_version = $3, next_at = $4, next_kind = $5,
  wake_at = $6, limit_number = $7, limit_unit = $8, escalations = $9, steps = steps + 1
WHERE id = $1
"""


async def update_counted(conn: asyncpg.Connection, cases: list[Recounted]) -> None:
    """Writes the new days down."""
    await conn.executemany(
        UPDATE_COUNTED,
        [
            (
                each.complaint,
                each.due_on,
                each.calendar_version,
                each.next_at,
                each.next_kind,
                each.wake_at,
                each.limit.number if each.limit else None,
                each.limit.unit if each.limit else None,
                each.escalations,
            )
            for each in cases
        ],
    )


INSERT_RECOUNTED = """
INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)
VALUES ($1, $2, $3, 'recounted', 'system', NULL, $4)
"""


async def insert_recounted(conn: asyncpg.Connection, cases: list[Recounted], now: datetime) -> None:
    """An event for each case that has another day now."""
    await conn.executemany(
        INSERT_RECOUNTED,
        [(each.event, each.complaint, now, each.data) for each in cases if each.event],
    )


@dataclass(frozen=True, slots=True)
class Reviewable:
    """Until when a closed case may be reviewed; `event` None where no day is told of it."""

    complaint: UUID
    wake_at: datetime
    next_kind: str | None
    event: UUID | None
    data: dict[str, Any]


# In the order of the timers' index, on from where it stopped.
LIST_CLOSED = """
SELECT c.id, c.wake_at, c.next_kind,
  (SELECT max(e.at) FROM event AS e
    WHERE e.complaint = c.id AND e.kind = ANY ('{closed,lapsed,review_decided}')) AS since
FROM complaint AS c
WHERE c.state = 'closed' AND c.wake_at > $1 AND (c.wake_at, c.id) > ($2, $3)
ORDER BY c.wake_at, c.id
LIMIT $4
FOR UPDATE OF c SKIP LOCKED
"""


async def list_closed(
    conn: asyncpg.Connection, now: datetime, after: Place, limit: int
) -> list[asyncpg.Record]:
    """Closed cases that may still be reviewed, after a place, locked for this transaction: id,
    wake_at, next_kind, since (when it was closed)."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_CLOSED, now, *after, limit)
    return rows


UPDATE_CLOSED = """
UPDATE complaint SET wake_at = $2, next_kind = $3, steps = steps + 1 WHERE id = $1
"""


async def update_closed(conn: asyncpg.Connection, cases: list[Reviewable], now: datetime) -> None:
    """Writes the new last days down, with an event for each that is told."""
    await conn.executemany(
        UPDATE_CLOSED, [(each.complaint, each.wake_at, each.next_kind) for each in cases]
    )
    await conn.executemany(
        INSERT_RECOUNTED,
        [(each.event, each.complaint, now, each.data) for each in cases if each.event],
    )

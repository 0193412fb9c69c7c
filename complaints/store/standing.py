"""SQL for a case as it stands, and for moving it: one statement, which compares."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from complaints.hidden import NOTHING, Hidden
from complaints.limits import Exclusion, Extension, Limit
from complaints.standing import Move, Standing

# What every reading of a case as it stands asks for.
_STANDING = """
SELECT
  c.id, c.number, c.state, c.steps, c.owner, c.office, c.sealed, c.language, c.created_at,
  c.next_at, c.next_kind, c.wake_at, c.due_on, c.limit_number, c.limit_unit, c.limit_start,
  c.calendar_version, c.unit, c.staff_badge, c.matter, c.returns, c.assigned, c.reviews,
  c.escalations, c.extended_by, c.extended_on, c.supervised_at, c.merged_into, c.wiped_at,
  coalesce(c.kind, 'complaint') AS kind,
  CASE WHEN c.state = ANY ('{dispatched,refused,assigned,signed,closed}') THEN
    (SELECT max(e.at) FROM event AS e WHERE e.complaint = c.id AND e.kind = ANY (
      '{dispatched,return_refused,assigned,rerouted,closed,lapsed,review_decided}'))
    END AS since,
  (SELECT jsonb_agg(
      jsonb_build_array(s.began_on, s.ended_on, s.notified) ORDER BY s.position)
    FROM clock_stop AS s WHERE s.complaint = c.id) AS stops
FROM complaint AS c
"""

FIND_STANDING = _STANDING + "WHERE c.id = $1\n"
# For those who are about to move it. By itself: what a statement that waited reads beside the row
# is as old as its beginning, and a question that was asked meanwhile would be missed.
LOCK_CASE = """
SELECT id FROM complaint WHERE id = $1 FOR UPDATE
"""

FIND_ID_BY_NUMBER = """
SELECT id FROM complaint
WHERE number = $1 AND coalesce(staff_badge, 'unit:' || unit, '') <> ALL ($2::text[])
"""


async def find_standing(
    conn: asyncpg.Connection, complaint: UUID, *, lock: bool = False
) -> Standing | None:
    """The case as it stands; None when there is none."""
    if lock:
        await conn.execute(LOCK_CASE, complaint)
    row = await conn.fetchrow(FIND_STANDING, complaint)
    return standing_of(row) if row else None


async def find_id(conn: asyncpg.Connection, number: str, hidden: Hidden = NOTHING) -> UUID | None:
    """The complaint with this case number, unless it is `hidden`."""
    found: UUID | None = await conn.fetchval(FIND_ID_BY_NUMBER, number, hidden.subjects)
    return found


# The timers' work: what is due to be looked at, oldest first; another worker takes others.
LIST_AWAKE = (
    _STANDING
    + """
WHERE c.wake_at <= $1
ORDER BY c.wake_at
LIMIT $2
FOR UPDATE OF c SKIP LOCKED
"""
)


async def list_awake(conn: asyncpg.Connection, now: datetime, limit: int) -> list[Standing]:
    """Cases to look at now, locked for this transaction."""
    return [standing_of(row) for row in await conn.fetch(LIST_AWAKE, now, limit)]


LIST_MERGED = (
    _STANDING
    + """
WHERE c.merged_into = $1 AND c.state = 'merged' AND c.wiped_at IS NULL
ORDER BY c.created_at, c.number
FOR UPDATE OF c
"""
)


async def list_merged(conn: asyncpg.Connection, into: UUID) -> list[Standing]:
    """Complaints that were merged into this one itself, oldest first, locked."""
    return [standing_of(row) for row in await conn.fetch(LIST_MERGED, into)]


# Open cases that an office has, in the order of the index that holds open cases alone.
LIST_HELD = (
    _STANDING
    + """
WHERE c.next_at IS NOT NULL AND (c.next_at, c.id) > ($2, $3)
  AND NOT c.sealed AND c.office IS NOT NULL AND c.state = ANY ($1::text[])
ORDER BY c.next_at, c.id
LIMIT $4
"""
)


async def list_held(
    conn: asyncpg.Connection, states: Sequence[str], after: tuple[datetime, UUID], limit: int
) -> list[Standing]:
    """Open cases in these states after a place, not locked."""
    rows = await conn.fetch(LIST_HELD, list(states), *after, limit)
    return [standing_of(row) for row in rows]


def standing_of(row: asyncpg.Record) -> Standing:
    """A row as the pure modules know it."""
    limited = row["limit_number"] is not None
    stops, asked = stops_of(row["stops"] or ())
    extended = row["extended_by"]
    same = {name: row[name] for name in _SAME}
    return Standing(
        **same,
        limit=Limit(row["limit_number"], row["limit_unit"]) if limited else None,
        extension=Extension(extended, row["extended_on"]) if extended else None,
        stops=stops,
        asked_on=asked[0] if asked else None,
        asked_days=asked[1] if asked else 0,
    )


_SAME = (
    "id", "number", "state", "steps", "owner", "office", "sealed", "language", "created_at",
    "next_at", "next_kind", "wake_at", "due_on", "limit_start", "calendar_version", "unit",
    "staff_badge", "matter", "returns", "assigned", "reviews", "escalations", "supervised_at",
    "merged_into", "wiped_at", "kind", "since",
)  # fmt: skip


def stops_of(
    rows: Sequence[Sequence[Any]],
) -> tuple[tuple[Exclusion, ...], tuple[date, int] | None]:
    """The stops that are over; and since when the complainant is awaited, for how many working
    days."""
    over = tuple(
        Exclusion(date.fromisoformat(began), date.fromisoformat(ended), notified)
        for began, ended, notified in rows
        if ended
    )
    asked = [(date.fromisoformat(began), days) for began, ended, days in rows if not ended]
    return over, asked[0] if asked else None


# Of two who saw the same case, the second finds another count of steps and writes nothing.
UPDATE_CASE = """
WITH moved AS (
  UPDATE complaint SET
    state = $3, steps = $4, owner = $5, office = $6, next_at = $7, next_kind = $8, wake_at = $9,
    due_on = $10, limit_number = $11, limit_unit = $12, limit_start = $13,
    calendar_version = $14, returns = $15, assigned = $16, reviews = $17, escalations = $18,
    extended_by = $19, extended_on = $20, supervised_at = $21, merged_into = $22,
    wiped_at = $23, kind = nullif($26, 'complaint')
  WHERE id = $1 AND steps = $2
  RETURNING id
), told AS (
  INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)
  SELECT e.id, m.id, e.at, e.kind, e.actor_kind, e.actor, e.data
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset($24) AS e
    (id uuid, at timestamptz, kind text, actor_kind text, actor text, data jsonb)
  RETURNING id
), posted AS (
  INSERT INTO outbox (event, at)
  SELECT e.id, e.at
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset($24) AS e (id uuid, at timestamptz, letter boolean)
  WHERE e.letter
), said AS (
  INSERT INTO message (id, complaint, event, kind, for_complainant, words, at)
  SELECT e.message_id, m.id, t.id, e.message, e.shown, e.words, e.at
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset($24) AS e
    (id uuid, at timestamptz, message_id uuid, message text, words text, shown boolean)
  JOIN told AS t ON t.id = e.id
  WHERE e.message <> ''
), stopped AS (
  INSERT INTO clock_stop (complaint, position, began_on, ended_on, notified)
  SELECT m.id, s.position, s.began_on, s.ended_on, s.notified
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset($25) AS s
    (position integer, began_on date, ended_on date, notified integer)
  ON CONFLICT (complaint, position) DO UPDATE SET ended_on = excluded.ended_on
)
SELECT id FROM moved
"""


async def update_case(conn: asyncpg.Connection, move: Move) -> bool:
    """Writes a move and everything told of it; False when somebody else was first."""
    return await conn.fetchval(UPDATE_CASE, *_values(move)) is not None


async def update_cases(conn: asyncpg.Connection, moves: Sequence[Move]) -> None:
    """Writes moves of cases that this transaction holds locked."""
    await conn.executemany(UPDATE_CASE, [_values(move) for move in moves])


def _values(move: Move) -> tuple[Any, ...]:
    case = move.case
    limit, extension = case.limit, case.extension
    return (
        case.id,
        move.was.steps,
        case.state,
        case.steps,
        case.owner,
        case.office,
        case.next_at,
        case.next_kind,
        case.wake_at,
        case.due_on,
        limit.number if limit else None,
        limit.unit if limit else None,
        case.limit_start,
        case.calendar_version,
        case.returns,
        case.assigned,
        case.reviews,
        case.escalations,
        extension.number if extension else None,
        extension.approved_on if extension else None,
        case.supervised_at,
        case.merged_into,
        case.wiped_at,
        events_of(move),
        _stop_rows(move),
        case.kind,
    )


FIND_WRITTEN = """
SELECT e.complaint FROM event AS e WHERE e.id = ANY ($1::text[]::uuid[]) LIMIT 1
"""


async def is_written(conn: asyncpg.Connection, move: Move) -> bool:
    """Whether this very move was written, by a transaction whose commit was not heard of."""
    ids = [str(each.id) for each in move.events]
    return await conn.fetchval(FIND_WRITTEN, ids) is not None


def events_of(move: Move) -> list[dict[str, Any]]:
    """The events of a move as the statement takes them."""
    return [
        {
            "id": str(each.id),
            "at": each.at.isoformat(),
            "kind": each.kind,
            "actor_kind": each.by.kind,
            "actor": each.by.name,
            "data": dict(each.data),
            "letter": each.letter,
            "message": each.message,
            "message_id": str(each.id),
            "words": each.words,
            "shown": each.shown,
        }
        for each in move.events
    ]


def _stop_rows(move: Move) -> list[dict[str, Any]]:
    """The stops that a move adds or ends, numbered from 1."""
    before, after = move.was.stops, move.case.stops
    rows = [
        {
            "position": place,
            "began_on": each.start.isoformat(),
            "ended_on": each.end.isoformat(),
            "notified": each.notified,
        }
        for place, each in enumerate(after, start=1)
        if place > len(before)
    ]
    if move.case.asked_on and move.case.asked_on != move.was.asked_on:
        rows.append(
            {
                "position": len(after) + 1,
                "began_on": move.case.asked_on.isoformat(),
                "ended_on": None,
                "notified": move.case.asked_days,
            }
        )
    return rows

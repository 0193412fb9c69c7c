"""SQL for a case as it stands, and for moving it: one statement, which compares."""

from collections.abc import Sequence
from datetime import date, datetime
from operator import itemgetter
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
    found = [standing_of(row) for row in await conn.fetch(LIST_AWAKE, now, limit)]
    for at, each in enumerate(found):
        if is_torn(each.state, each.asked_on):
            row = await conn.fetchrow(FIND_STANDING, each.id)
            found[at] = standing_of(row)
    return found


def is_torn(state: str, asked_on: date | None) -> bool:
    """Whether a question or its reply was committed between the beginning of the statement that
    read a case and its lock: the row is new then, and what stands beside it is old. See
    `LOCK_CASE`."""
    return (state == "waiting") != (asked_on is not None)


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
    number, extended, stood = row["limit_number"], row["extended_by"], row["stops"]
    stops, asked = stops_of(stood) if stood else ((), None)
    return Standing._make(
        (
            *_same(row),
            Limit(number, row["limit_unit"]) if number is not None else None,
            Extension(extended, row["extended_on"]) if extended else None,
            stops,
            *(asked or (None, 0)),
        )
    )


# What is put together comes last, in the order in which `standing_of` does it.
_same = itemgetter(*Standing._fields[: Standing._fields.index("limit")])


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


# One case or a thousand at once. Of two who saw the same case, the second finds another count of
# steps and writes nothing.
UPDATE_CASES = """
WITH wanted AS (
  SELECT w.id, w.was, w.state, w.steps, w.owner, w.office, w.next_at, w.next_kind, w.wake_at,
    w.due_on, w.limit_number, w.limit_unit, w.limit_start, w.calendar_version, w.returns,
    w.assigned, w.reviews, w.escalations, w.extended_by, w.extended_on, w.supervised_at,
    w.merged_into, w.wiped_at, w.kind, w.events, w.stops
  FROM jsonb_to_recordset($1) AS w
    (id uuid, was integer, state text, steps integer, owner text, office text,
    next_at timestamptz, next_kind text, wake_at timestamptz, due_on date, limit_number integer,
    limit_unit text, limit_start date, calendar_version text, returns integer, assigned boolean,
    reviews integer, escalations integer, extended_by integer, extended_on date,
    supervised_at timestamptz, merged_into uuid, wiped_at timestamptz, kind text, events jsonb,
    stops jsonb)
), moved AS (
  UPDATE complaint AS c SET
    state = w.state, steps = w.steps, owner = w.owner, office = w.office, next_at = w.next_at,
    next_kind = w.next_kind, wake_at = w.wake_at, due_on = w.due_on,
    limit_number = w.limit_number, limit_unit = w.limit_unit, limit_start = w.limit_start,
    calendar_version = w.calendar_version, returns = w.returns, assigned = w.assigned,
    reviews = w.reviews, escalations = w.escalations, extended_by = w.extended_by,
    extended_on = w.extended_on, supervised_at = w.supervised_at, merged_into = w.merged_into,
    wiped_at = w.wiped_at, kind = w.kind
  FROM wanted AS w
  WHERE c.id = w.id AND c.steps = w.was
  RETURNING c.id, w.events, w.stops
), told AS (
  INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)
  SELECT e.id, m.id, e.at, e.kind, e.actor_kind, e.actor, e.data
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset(m.events) AS e
    (id uuid, at timestamptz, kind text, actor_kind text, actor text, data jsonb)
), posted AS (
  INSERT INTO outbox (event, at)
  SELECT e.id, e.at
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset(m.events) AS e (id uuid, at timestamptz, letter boolean)
  WHERE e.letter
), said AS (
  INSERT INTO message (id, complaint, event, kind, for_complainant, words, at)
  SELECT e.id, m.id, e.id, e.message, e.shown, e.words, e.at
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset(m.events) AS e
    (id uuid, at timestamptz, message text, words text, shown boolean)
  WHERE e.message <> ''
), stopped AS (
  INSERT INTO clock_stop (complaint, position, began_on, ended_on, notified)
  SELECT m.id, s.position, s.began_on, s.ended_on, s.notified
  FROM moved AS m
  CROSS JOIN jsonb_to_recordset(m.stops) AS s
    (position integer, began_on date, ended_on date, notified integer)
  ON CONFLICT (complaint, position) DO UPDATE SET ended_on = excluded.ended_on
)
SELECT m.id FROM moved AS m
"""


async def update_case(conn: asyncpg.Connection, move: Move) -> bool:
    """Writes a move and everything told of it; False when somebody else was first."""
    return await conn.fetchval(UPDATE_CASES, [_row(move)]) is not None


async def update_cases(conn: asyncpg.Connection, moves: Sequence[Move]) -> None:
    """Writes moves of cases that this transaction holds locked."""
    if moves:
        await conn.fetch(UPDATE_CASES, [_row(move) for move in moves])


# What PostgreSQL says of a row that it does not take: by a rule of the table, or by its values.
REFUSED = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)


async def update_apart(conn: asyncpg.Connection, move: Move) -> bool:
    """As `update_case`; raises one of `REFUSED` when the database does not take it, and the rest of
    the transaction stays good."""
    await conn.execute("SAVEPOINT apart")
    try:
        first = await update_case(conn, move)
    except REFUSED:
        await conn.execute("ROLLBACK TO SAVEPOINT apart")
        raise
    await conn.execute("RELEASE SAVEPOINT apart")
    return first


def _row(move: Move) -> dict[str, Any]:
    """What a move writes, as the statement takes it."""
    case = move.case
    limit, extension = case.limit, case.extension
    return {
        "id": str(case.id),
        "was": move.was.steps,
        "state": case.state,
        "steps": case.steps,
        "owner": case.owner,
        "office": case.office,
        "next_at": _iso(case.next_at),
        "next_kind": case.next_kind,
        "wake_at": _iso(case.wake_at),
        "due_on": _iso(case.due_on),
        "limit_number": limit.number if limit else None,
        "limit_unit": limit.unit if limit else None,
        "limit_start": _iso(case.limit_start),
        "calendar_version": case.calendar_version,
        "returns": case.returns,
        "assigned": case.assigned,
        "reviews": case.reviews,
        "escalations": case.escalations,
        "extended_by": extension.number if extension else None,
        "extended_on": _iso(extension.approved_on) if extension else None,
        "supervised_at": _iso(case.supervised_at),
        "merged_into": str(case.merged_into) if case.merged_into else None,
        "wiped_at": _iso(case.wiped_at),
        # A complaint is what nothing else is said of.
        "kind": case.kind if case.kind != "complaint" else None,
        "events": events_of(move),
        "stops": _stop_rows(move),
    }


def _iso(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None


FIND_WRITTEN = """
SELECT e.complaint FROM event AS e WHERE e.id = ANY ($1::text[]::uuid[]) LIMIT 1
"""


async def is_written(conn: asyncpg.Connection, *moves: Move) -> bool:
    """Whether one of these very moves was written, by a transaction whose commit was not heard
    of. Asks nothing where there is none."""
    ids = [str(each.id) for move in moves for each in move.events]
    return bool(ids) and await conn.fetchval(FIND_WRITTEN, ids) is not None


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

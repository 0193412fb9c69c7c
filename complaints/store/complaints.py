"""SQL for filing a complaint and for finding it again by request or tracking code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class Brake:
    """A bucket of `throttle` that a filing counts in, and how many it lets pass; `name` None
    counts nothing and lets everything pass."""

    name: str | None
    since: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """The rows of one filing. `complaint` and the lists are {column: value}, times as ISO text."""

    counter: str
    prefix: str
    request_hash: bytes
    code_hash: bytes
    complaint: Mapping[str, Any]
    wrapped_key: bytes | None
    contact: bytes | None
    sealed: bytes | None
    allegations: Sequence[Mapping[str, Any]]
    attachments: Sequence[Mapping[str, Any]]
    # With `letter`: whether it goes to the outbox too.
    events: Sequence[Mapping[str, Any]]


# One statement and one round trip: number, rows, events and outbox stand or fall together.
# The same request id finds the first complaint and then writes nothing but the brake, and so does
# a filing that the brake stops: the statement may commit by itself.
INSERT_COMPLAINT = """
WITH braked AS (
  INSERT INTO throttle (bucket, since, n)
  SELECT $12::text, $13::timestamptz, 1 WHERE $12::text IS NOT NULL
  ON CONFLICT (bucket) DO UPDATE SET n = throttle.n + 1
  RETURNING n
), counted AS (
  INSERT INTO counter (name, n)
  SELECT $1, 1
  WHERE NOT EXISTS (SELECT 1 FROM complaint WHERE request_hash = $3)
    AND coalesce((SELECT b.n FROM braked AS b), 0) <= $14
  ON CONFLICT (name) DO UPDATE SET n = counter.n + 1
  RETURNING n
), filed AS (
  INSERT INTO complaint (
    id, number, request_hash, code_hash, channel, language, state, sealed, owner, office,
    next_at, next_kind, wake_at, due_on, limit_number, limit_unit, limit_start, calendar_version,
    unit, staff_badge, subject_state, matter, receipt_number, accepted_on, happened_on,
    happened_at, share_contact, publish, place, badge_typed, staff_name, staff_description,
    body, wish, routing, breach, created_at
  )
  SELECT
    c.id, $2 || lpad(k.n::text, greatest(6, length(k.n::text)), '0'), $3, $4, c.channel,
    c.language, c.state, c.sealed, c.owner, c.office, c.next_at, c.next_kind, c.wake_at,
    c.due_on, c.limit_number, c.limit_unit, c.limit_start, c.calendar_version, c.unit,
    c.staff_badge, c.subject_state, c.matter, c.receipt_number, c.accepted_on, c.happened_on,
    c.happened_at, c.share_contact, c.publish, c.place, c.badge_typed, c.staff_name,
    c.staff_description, c.body, c.wish, c.routing, c.breach, c.created_at
  FROM counted AS k
  CROSS JOIN jsonb_to_record($5) AS c (
    id uuid, channel text, language text, state text, sealed boolean, owner text, office text,
    next_at timestamptz, next_kind text, wake_at timestamptz, due_on date,
    limit_number integer, limit_unit text, limit_start date, calendar_version text, unit text,
    staff_badge text, subject_state text,
    matter text, receipt_number text, accepted_on date, happened_on date, happened_at time,
    share_contact boolean, publish boolean, place text, badge_typed text, staff_name text,
    staff_description text, body text, wish text, routing jsonb, breach jsonb,
    created_at timestamptz
  )
  ON CONFLICT (request_hash) DO NOTHING
  RETURNING id, number
), hidden AS (
  INSERT INTO complaint_secret (complaint, wrapped_key, contact, sealed)
  SELECT f.id, $6, $7, $8 FROM filed AS f WHERE $6::bytea IS NOT NULL
), alleged AS (
  INSERT INTO allegation (complaint, position, category, detail)
  SELECT f.id, a.position, a.category, a.detail
  FROM filed AS f
  CROSS JOIN jsonb_to_recordset($9) AS a (position integer, category text, detail text)
), attached AS (
  INSERT INTO attachment (id, complaint, position, name, media_type, size, sha256)
  SELECT t.id, f.id, t.position, t.name, t.media_type, t.size, decode(t.sha256, 'hex')
  FROM filed AS f
  CROSS JOIN jsonb_to_recordset($10) AS t
    (id uuid, position integer, name text, media_type text, size integer, sha256 text)
), told AS (
  INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)
  SELECT e.id, f.id, e.at, e.kind, e.actor_kind, e.actor, e.data
  FROM filed AS f
  CROSS JOIN jsonb_to_recordset($11) AS e
    (id uuid, at timestamptz, kind text, actor_kind text, actor text, data jsonb)
), posted AS (
  INSERT INTO outbox (event, at)
  SELECT e.id, e.at
  FROM filed AS f
  CROSS JOIN jsonb_to_recordset($11) AS e (id uuid, at timestamptz, letter boolean)
  WHERE e.letter
)
SELECT (SELECT f.number FROM filed AS f) AS number, (SELECT b.n FROM braked AS b) AS tries
"""


async def insert_complaint(
    conn: asyncpg.Connection, new: NewComplaint, brake: Brake
) -> tuple[str | None, int]:
    """The new case's number and the brake's count. The number is None when this request was filed
    before or the brake is on; nothing but the brake's count is written then."""
    row = await conn.fetchrow(
        INSERT_COMPLAINT,
        new.counter,
        new.prefix,
        new.request_hash,
        new.code_hash,
        new.complaint,
        new.wrapped_key,
        new.contact,
        new.sealed,
        new.allegations,
        new.attachments,
        new.events,
        brake.name,
        brake.since,
        brake.limit,
    )
    return row["number"], row["tries"] or 0


FIND_BY_REQUEST = """
SELECT c.id, c.number, c.code_hash, c.state, c.office, c.due_on,
  (SELECT count(t.id) FROM attachment AS t WHERE t.complaint = c.id) AS files
FROM complaint AS c
WHERE c.request_hash = $1
"""


async def find_by_request(conn: asyncpg.Connection, request_hash: bytes) -> asyncpg.Record | None:
    """The complaint of a request id; `code_hash` tells whether it said the same."""
    return await conn.fetchrow(FIND_BY_REQUEST, request_hash)


FIND_BY_CODE = """
SELECT id FROM complaint WHERE code_hash = $1
"""


async def find_by_code(conn: asyncpg.Connection, code_hash: bytes) -> UUID | None:
    """The complaint with this tracking code."""
    found: UUID | None = await conn.fetchval(FIND_BY_CODE, code_hash)
    return found


# Nothing here that only an office or the desk may read, and of the complaint's own words none:
# a code that was overheard shows how a case stands, not what it is about.
FIND_CASE = """
SELECT
  c.id, c.number, c.language, c.state, c.sealed, c.owner, c.office, c.next_at, c.next_kind,
  c.due_on, c.limit_number, c.limit_unit, c.limit_start, c.calendar_version, c.unit, c.matter,
  c.breach, c.routing, c.created_at, c.wake_at, c.returns, c.assigned, c.reviews,
  c.extended_by, c.extended_on, c.merged_into, c.wiped_at, c.publish,
  (SELECT jsonb_agg(
      jsonb_build_array(s.began_on, s.ended_on, s.notified) ORDER BY s.position)
    FROM clock_stop AS s WHERE s.complaint = c.id) AS stops,
  (SELECT jsonb_agg(jsonb_build_object('event', m.event, 'words', m.words))
    FROM message AS m WHERE m.complaint = c.id AND m.for_complainant) AS messages,
  (SELECT jsonb_agg(
      jsonb_build_object('position', a.position, 'category', a.category) ORDER BY a.position)
    FROM allegation AS a WHERE a.complaint = c.id) AS allegations,
  (SELECT count(t.id) FROM attachment AS t WHERE t.complaint = c.id) AS files,
  (SELECT jsonb_agg(
      jsonb_build_object('id', e.id, 'at', e.at, 'kind', e.kind, 'data', e.data)
      ORDER BY e.at, e.id)
    FROM event AS e WHERE e.complaint = c.id) AS events
FROM complaint AS c
WHERE c.id = $1
"""


async def find_case(conn: asyncpg.Connection, complaint: UUID) -> asyncpg.Record | None:
    """What its complainant may see of a case; lists as JSON, their times as ISO text."""
    return await conn.fetchrow(FIND_CASE, complaint)


LIST_ANSWERS = """
SELECT w.office, w.round, w.done, w.reply, w.at,
  coalesce(w.at <= (SELECT max(e.at) FROM event AS e
    WHERE e.complaint = w.complaint AND e.kind IN ('released', 'review_decided')), false)
    AS released,
  (SELECT jsonb_agg(
      jsonb_build_object('position', f.position, 'category', a.category, 'finding', f.finding,
        'reason', f.reason)
      ORDER BY f.position)
    FROM finding AS f
    JOIN allegation AS a ON a.complaint = w.complaint AND a.position = f.position
    WHERE f.answer = w.id) AS findings
FROM answer AS w
WHERE w.complaint = $1
ORDER BY w.round DESC
"""


async def list_answers(conn: asyncpg.Connection, complaint: UUID) -> list[asyncpg.Record]:
    """Answers to a case, newest first, each with its findings and whether it was released."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_ANSWERS, complaint)
    return rows


# A case that others were merged into may itself be merged later; nobody goes round in circles.
FIND_END_OF_MERGING = """
WITH RECURSIVE joint AS (
  SELECT c.id, c.state, c.merged_into, 1 AS far FROM complaint AS c WHERE c.id = $1
  UNION ALL
  SELECT c.id, c.state, c.merged_into, j.far + 1
  FROM joint AS j JOIN complaint AS c ON c.id = j.merged_into
  WHERE j.far < 20
)
SELECT id, state FROM joint ORDER BY far DESC LIMIT 1
"""


async def find_end_of_merging(conn: asyncpg.Connection, complaint: UUID) -> asyncpg.Record | None:
    """id and state of the case that answers for this one."""
    return await conn.fetchrow(FIND_END_OF_MERGING, complaint)

"""A county with nothing but open cases, some of them due to be looked at: for the timers."""

from datetime import date, datetime, timedelta

import asyncpg

from complaints.lifecycle import end_of
from tests.bench.seed import read_directory

# Made by the server: a million rows in a minute, and nothing hangs on what they say.
INSERT_OPEN = """
INSERT INTO complaint (
  id, number, request_hash, code_hash, channel, language, state, sealed, owner, office, next_at,
  next_kind, wake_at, due_on, limit_number, limit_unit, limit_start, calendar_version, unit,
  subject_state, share_contact, publish, body, routing, created_at)
SELECT
  (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
  '2026-' || lpad(n::text, 8, '0'), sha256(('request ' || n)::bytea),
  sha256(('code ' || n)::bytea), 'web', 'zh-Hans', 'in_hand', false, 'office',
  ($3::text[])[1 + n % array_length($3::text[], 1)],
  CASE WHEN n <= $2 THEN $4::timestamptz ELSE $6::timestamptz END, 'answer',
  CASE WHEN n <= $2 THEN $4::timestamptz ELSE $6::timestamptz END + n * interval '1 millisecond',
  CASE WHEN n <= $2 THEN $5::date ELSE $7::date END, 15, 'working_day', $5::date - 21, 'seed',
  ($8::text[])[1 + n % array_length($8::text[], 1)],
  'unit', false, false, repeat('到窗口办理登记', 15), '{"office": "bureau"}', $9::timestamptz
FROM (
  SELECT n, lpad(to_hex($10::bigint + n), 12, '0') AS h
  FROM generate_series(1, $1::bigint) AS n) AS each
"""
# As much of its story as every open case has: what it is about, and who sent it where it is.
INSERT_ALLEGATIONS = """
INSERT INTO allegation (complaint, position, category, detail)
SELECT c.id, 1, 'V01', '' FROM complaint AS c
"""
INSERT_EVENTS = """
INSERT INTO event (id, complaint, at, kind, actor_kind, data)
SELECT c.id, c.id, c.created_at, 'dispatched', 'system', jsonb_build_object('office', c.office)
FROM complaint AS c
"""


async def fill(conn: asyncpg.Connection, total: int, due: int, now: datetime) -> None:
    """`total` open cases, the first `due` of them due; `conn` sees an empty county."""
    directory = await read_directory(conn)
    late, far = _day(now, -3), _day(now, 12)
    created = now - timedelta(days=24)
    await conn.execute(
        INSERT_OPEN, total, due, list(directory.offices), end_of(late), late, end_of(far), far,
        list(directory.units), created, int(created.timestamp() * 1000),
        timeout=1_800,
    )  # fmt: skip
    for statement in (INSERT_ALLEGATIONS, INSERT_EVENTS):
        await conn.execute(statement, timeout=1_800)
    await conn.execute("VACUUM (ANALYZE) complaint, allegation, event", timeout=1_800)


def _day(now: datetime, days: int) -> date:
    return (now + timedelta(days=days)).date()

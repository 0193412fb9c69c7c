"""SQL for what was upheld against whom, and for supervision that is raised by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

# Of two answers about one subject at the same moment, the second waits and then counts both.
LOCK_SUBJECTS = """
INSERT INTO counter (name, n)
SELECT 'upheld ' || s.subject, 1 FROM unnest($1::text[]) AS s (subject) ORDER BY s.subject
ON CONFLICT (name) DO UPDATE SET n = counter.n + 1
"""
# A statement does not read what it writes itself: what is found are the earlier ones.
NOTE_UPHELD = """
WITH noted AS (
  INSERT INTO upheld (complaint, subject, unit, at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (complaint) DO UPDATE
  SET subject = excluded.subject, unit = excluded.unit, at = excluded.at
)
SELECT s.subject, u.at, r.id IS NOT NULL AS raised
FROM unnest($5::text[]) AS s (subject)
LEFT JOIN LATERAL (
  SELECT w.at FROM upheld AS w
  WHERE (w.subject = s.subject OR w.unit = s.subject) AND w.at >= $6 AND w.complaint <> $1
  ORDER BY w.at DESC LIMIT $7
) AS u ON true
LEFT JOIN LATERAL (
  SELECT v.id FROM supervision AS v
  WHERE v.closed_at IS NULL AND v.why = 'upheld' AND v.subject = s.subject
  LIMIT 1
) AS r ON true
"""
DELETE_UPHELD = """
DELETE FROM upheld WHERE complaint = $1
"""


class Earlier(NamedTuple):
    """What is known of a subject: when other complaints about it were upheld (newest first), and
    whether it is under supervision for that already."""

    moments: list[datetime]
    raised: bool


async def note_upheld(
    conn: asyncpg.Connection,
    complaint: UUID,
    subjects: Sequence[str],
    at: datetime,
    *,
    unit: str | None,
    since: datetime,
    most: int,
) -> dict[str, Earlier]:
    """Writes down that a complaint about `subjects`, the first of which is the person if there is
    one, was upheld; a later answer moves the moment. What is known of each: `most` others since
    then at most."""
    await conn.execute(LOCK_SUBJECTS, list(subjects))
    rows = await conn.fetch(
        NOTE_UPHELD, complaint, subjects[0], unit, at, list(subjects), since, most
    )
    found = {each: Earlier([], False) for each in subjects}
    for row in rows:
        moments = found[row["subject"]].moments + ([row["at"]] if row["at"] else [])
        found[row["subject"]] = Earlier(moments, row["raised"])
    return found


async def delete_upheld(conn: asyncpg.Connection, complaint: UUID) -> None:
    """A later answer found otherwise."""
    await conn.execute(DELETE_UPHELD, complaint)


FIND_GIVEN = """
SELECT coalesce(u.at, w.at) AS at, u.unit,
  (SELECT array_agg(f.finding ORDER BY f.position) FROM finding AS f
    WHERE f.answer = w.id) AS findings
FROM answer AS w LEFT JOIN upheld AS u ON u.complaint = w.complaint
WHERE w.complaint = $1
ORDER BY w.round DESC
LIMIT 1
"""


async def find_given(conn: asyncpg.Connection, complaint: UUID) -> asyncpg.Record | None:
    """The newest answer: at (the moment from which it counts), findings, and the unit that it
    counts against already; None before the first."""
    return await conn.fetchrow(FIND_GIVEN, complaint)


INSERT_SUPERVISION = """
INSERT INTO supervision (id, complaint, why, subject, raised_at, closed_at, actor)
VALUES ($1, $2, $3, $4, $5, NULL, NULL)
"""


async def insert_supervision(
    conn: asyncpg.Connection, key: UUID, complaint: UUID, *, why: str, subject: str, at: datetime
) -> None:
    """Raises supervision in the system's name."""
    await conn.execute(INSERT_SUPERVISION, key, complaint, why, subject, at)

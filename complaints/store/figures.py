"""SQL that counts a month's complaints, and the table that keeps the counts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from board.ids import made_at
from complaints.figures import COUNTS, Figures
from complaints.hidden import NOTHING, Hidden

# A month is a range of ids, which begin with the time: the primary key leads to its cases alone.
# The newest rating of a case counts, and its first answer is what was due: on the day that was told
# last before it, whatever a rework or a review was due on. While the clock stands still for a
# question, nothing is due.
LIST_CASES = """
SELECT c.id, c.number, c.created_at, coalesce(c.unit, '') AS unit, c.office, c.returns,
  c.staff_badge,
  c.state,
  (c.created_at AT TIME ZONE 'Asia/Shanghai')::date AS filed_on,
  (a.at AT TIME ZONE 'Asia/Shanghai')::date AS answered_on,
  CASE
    WHEN c.limit_start >= (a.at AT TIME ZONE 'Asia/Shanghai')::date THEN coalesce(
      (SELECT (e.data ->> 'due')::date FROM event AS e
        WHERE e.complaint = c.id AND e.at <= a.at AND e.data ->> 'due' <> ''
        ORDER BY e.at DESC LIMIT 1),
      c.due_on)
    WHEN c.state = 'waiting' AND EXISTS (SELECT FROM clock_stop AS s
      WHERE s.complaint = c.id AND s.ended_on IS NULL AND s.notified > 0) THEN NULL
    ELSE c.due_on END AS due_on,
  (SELECT bool_or(f.finding IN ('substantiated', 'partly'))
    FROM answer AS w JOIN finding AS f ON f.answer = w.id WHERE w.complaint = c.id) AS upheld,
  (SELECT t.level * 10 + t.resolved::integer
    FROM rating AS t WHERE t.complaint = c.id ORDER BY t.at DESC LIMIT 1) AS rated,
  (SELECT array_agg(g.category) FROM allegation AS g WHERE g.complaint = c.id) AS categories
FROM complaint AS c
LEFT JOIN LATERAL (SELECT min(w.at) AS at FROM answer AS w WHERE w.complaint = c.id) AS a ON true
WHERE c.id >= $1 AND c.id < $2 AND NOT c.sealed AND c.state NOT IN ('merged', 'declined')
"""


async def list_cases(conn: asyncpg.Connection, first: UUID, end: UUID) -> list[asyncpg.Record]:
    """What is counted of each case that was filed between two ids."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_CASES, first, end)
    return rows


# The same rules as `complaints.counting.of_case`, which a property test compares.
_SHOWN = """f.id, f.number, f.created_at, f.unit, f.office, f.due_on, f.state, f.answered_on,
  f.rated
"""
_THAT_COUNT = """) AS f
WHERE f.id < $3 AND coalesce(f.staff_badge, 'unit:' || f.unit, '') <> ALL ($9::text[])
  AND CASE $4 WHEN 'unit' THEN f.unit = $5 WHEN 'category' THEN $5 = ANY (f.categories)
    ELSE true END
  AND CASE $6
    WHEN 'filed' THEN true
    WHEN 'answered' THEN f.answered_on IS NOT NULL
    WHEN 'in_time' THEN f.answered_on IS NOT NULL
      AND (f.due_on IS NULL OR f.answered_on <= f.due_on)
    WHEN 'late' THEN f.answered_on > f.due_on
    WHEN 'overdue' THEN f.due_on < $8
      AND f.state NOT IN ('withdrawn', 'archived', 'closed') AND f.answered_on IS NULL
    WHEN 'due' THEN (f.due_on < $8 AND f.state NOT IN ('withdrawn', 'archived', 'closed'))
      OR f.answered_on IS NOT NULL
    WHEN 'returned' THEN f.returns > 0
    WHEN 'upheld' THEN f.upheld
    WHEN 'rated' THEN f.rated IS NOT NULL
    WHEN 'resolved' THEN f.rated % 10 = 1
    WHEN 'satisfied' THEN f.rated >= 30
    ELSE false END
ORDER BY f.id DESC
LIMIT $7
"""
LIST_BEHIND = "SELECT " + _SHOWN + "FROM (" + LIST_CASES + _THAT_COUNT
# Of one unit, along the index that has its cases by time.
LIST_BEHIND_UNIT = (
    "SELECT "
    + _SHOWN
    + "FROM ("
    + LIST_CASES
    + "AND c.unit = $5 AND c.created_at >= $10"
    + _THAT_COUNT
)


async def list_behind(
    conn: asyncpg.Connection,
    span: tuple[UUID, UUID],
    after: UUID,
    *,
    key: tuple[str, str],
    count: str,
    limit: int,
    today: date,
    hidden: Hidden = NOTHING,
) -> list[asyncpg.Record]:
    """Cases behind a figure, newest first: filed between two ids, below `after`, of the row `key`
    (kind, name), that count as `count` (one of `complaints.behind.CASE_COUNTS`); none that is
    `hidden`."""
    args = (*span, after, *key, count, limit, today, hidden.subjects)
    if key[0] == "unit" and key[1]:
        since = made_at(span[0])
        found: list[asyncpg.Record] = await conn.fetch(LIST_BEHIND_UNIT, *args, since)
        return found
    rows: list[asyncpg.Record] = await conn.fetch(LIST_BEHIND, *args)
    return rows


FIND_BEGINNING = """
SELECT least(
    (SELECT c.created_at FROM complaint AS c ORDER BY c.id LIMIT 1),
    (SELECT p.created_at FROM commendation AS p ORDER BY p.id LIMIT 1)) AS first,
  (SELECT array_agg(m.month::text) FROM figure_month AS m) AS months
"""


async def find_beginning(conn: asyncpg.Connection) -> tuple[datetime | None, set[date]]:
    """When the first complaint or praise came, and the months that have a row."""
    row = await conn.fetchrow(FIND_BEGINNING)
    return row["first"], {date.fromisoformat(each) for each in row["months"] or ()}


INSERT_MONTH = """
INSERT INTO figure_month (month) VALUES ($1) ON CONFLICT (month) DO NOTHING
"""


async def insert_months(conn: asyncpg.Connection, months: Sequence[date]) -> None:
    """Gives months their row; those that have one keep it."""
    await conn.executemany(INSERT_MONTH, [(month,) for month in months])


# Ids of events begin with the time.
LIST_CHANGED = """
SELECT date_trunc('month', c.created_at AT TIME ZONE 'Asia/Shanghai')::date AS month,
  max(e.at) AS at
FROM event AS e
JOIN complaint AS c ON c.id = e.complaint
WHERE e.id >= $1 AND e.kind = ANY ($2::text[])
GROUP BY 1
"""


async def list_changed(
    conn: asyncpg.Connection, since: UUID, kinds: Sequence[str]
) -> dict[date, datetime]:
    """Months whose cases had an event of these kinds since then, and when the last one was."""
    rows = await conn.fetch(LIST_CHANGED, since, list(kinds))
    return {row["month"]: row["at"] for row in rows}


FIND_DUE_MONTH = """
SELECT m.month FROM figure_month AS m
WHERE m.counted_at IS NULL
  OR m.counted_at <= CASE WHEN m.month >= $1::date THEN $3::timestamptz
    WHEN m.month >= $2::date THEN $4::timestamptz ELSE $5::timestamptz END
  OR (m.counted_at <= $3 AND EXISTS (
    SELECT FROM unnest($6::text[], $7::text[]) AS x (month, at)
    WHERE x.month::date = m.month AND x.at::timestamptz >= m.counted_at))
ORDER BY m.month DESC
LIMIT 1
FOR UPDATE OF m SKIP LOCKED
"""


async def find_due_month(
    conn: asyncpg.Connection,
    *,
    recent: date,
    last_year: date,
    since: tuple[datetime, datetime, datetime],
    changed: Mapping[date, datetime],
) -> date | None:
    """The newest month whose count is too old, locked for this transaction; `since`: how old it
    may be from `recent` on, from `last_year` on, and before; one that `changed` later than it was
    counted is as a recent one."""
    told = [each.isoformat() for each in changed], [at.isoformat() for at in changed.values()]
    month: date | None = await conn.fetchval(FIND_DUE_MONTH, recent, last_year, *since, *told)
    return month


UPDATE_COUNTED = """
UPDATE figure_month SET counted_at = $2 WHERE month = $1
"""


async def update_counted(conn: asyncpg.Connection, month: date, now: datetime | None) -> None:
    """Notes when a month was counted; None: it is to be counted again."""
    await conn.execute(UPDATE_COUNTED, month, now)


FIND_COUNTED_AT = """
SELECT max(counted_at) FROM figure_month WHERE month >= $1 AND month <= $2
"""


async def find_counted_at(conn: asyncpg.Connection, first: date, last: date) -> datetime | None:
    """When any of these months was last counted; None before the first count."""
    at: datetime | None = await conn.fetchval(FIND_COUNTED_AT, first, last)
    return at


# Of every month: who counts several at one moment, or began earlier and ends later than another,
# moves no latest time.
FIND_COUNTS = """
SELECT coalesce(string_agg(
  month || ' ' || extract(epoch FROM counted_at), ',' ORDER BY month), '') FROM figure_month
"""


async def find_counts(conn: asyncpg.Connection) -> str:
    """When each month was counted, as a text that changes with every count; "" before the first."""
    told: str = await conn.fetchval(FIND_COUNTS)
    return told


DELETE_MONTH = """
DELETE FROM figure WHERE month = $1
"""
INSERT_FIGURE = """
INSERT INTO figure (month, kind, name, counts, days, counted_at) VALUES ($1, $2, $3, $4, $5, $6)
"""


async def replace_month(
    conn: asyncpg.Connection,
    month: date,
    counted: Mapping[tuple[str, str], Figures],
    now: datetime,
) -> None:
    """Writes a month's figures anew; keys are (kind, name)."""
    await conn.execute(DELETE_MONTH, month)
    await conn.executemany(
        INSERT_FIGURE,
        [
            (month, kind, name, _counts(each), {str(n): of for n, of in each.days.items()}, now)
            for (kind, name), each in counted.items()
        ],
    )


def _counts(figures: Figures) -> dict[str, int]:
    return {name: n for name in COUNTS if (n := getattr(figures, name))}


LIST_FIGURES = """
SELECT month, kind, name, counts, days, counted_at FROM figure
WHERE month >= $1 AND month <= $2 AND kind = ANY ($3::text[])
ORDER BY month, kind, name
"""


async def list_figures(
    conn: asyncpg.Connection, first: date, last: date, kinds: Sequence[str]
) -> list[tuple[date, str, str, Figures]]:
    """(month, kind, name, figures) of the months from `first` to `last`."""
    rows = await conn.fetch(LIST_FIGURES, first, last, list(kinds))
    return [(row["month"], row["kind"], row["name"], _figures(row)) for row in rows]


def _figures(row: Mapping[str, Any]) -> Figures:
    return Figures(**row["counts"], days={int(n): of for n, of in row["days"].items()})

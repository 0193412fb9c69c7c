"""SQL that counts a month's complaints, and the table that keeps the counts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from complaints.figures import COUNTS, Figures

# A month is a range of ids, which begin with the time: the primary key leads to its cases alone.
# The newest rating of a case counts, and its first answer is what was due.
LIST_CASES = """
SELECT coalesce(c.unit, '') AS unit, c.due_on, c.returns, c.state,
  (c.created_at AT TIME ZONE 'Asia/Shanghai')::date AS filed_on,
  (SELECT (min(w.at) AT TIME ZONE 'Asia/Shanghai')::date
    FROM answer AS w WHERE w.complaint = c.id) AS answered_on,
  (SELECT bool_or(f.finding IN ('substantiated', 'partly'))
    FROM answer AS w JOIN finding AS f ON f.answer = w.id WHERE w.complaint = c.id) AS upheld,
  (SELECT t.level * 10 + t.resolved::integer
    FROM rating AS t WHERE t.complaint = c.id ORDER BY t.at DESC LIMIT 1) AS rated,
  (SELECT array_agg(a.category) FROM allegation AS a WHERE a.complaint = c.id) AS categories
FROM complaint AS c
WHERE c.id >= $1 AND c.id < $2 AND NOT c.sealed AND c.state NOT IN ('merged', 'declined')
"""


async def list_cases(conn: asyncpg.Connection, first: UUID, end: UUID) -> list[asyncpg.Record]:
    """What is counted of each case that was filed between two ids."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_CASES, first, end)
    return rows


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

"""Open cases for the rows that answer them, put back to where they were before every round."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from tests.bench.seed import TARGETS, code_of, token_of

CREATE = """
CREATE TABLE IF NOT EXISTS bench_target (
  n integer PRIMARY KEY, id uuid NOT NULL, token_hash bytea NOT NULL, allegations integer NOT NULL)
"""
FILL = """
INSERT INTO bench_target (n, id, token_hash, allegations)
SELECT row_number() OVER (ORDER BY c.number) - 1, c.id, k.token_hash,
  (SELECT count(*) FROM allegation AS a WHERE a.complaint = c.id)
FROM complaint AS c JOIN link AS k ON k.complaint = c.id
WHERE c.number >= $1 AND NOT EXISTS (SELECT 1 FROM bench_target)
"""
# Every tenth complaint was upheld and supervised, a quarter of a year and more ago.
UPHOLD = """
INSERT INTO upheld (complaint, subject, unit, at)
SELECT c.id, coalesce(c.staff_badge, c.unit), c.unit, c.created_at - interval '90 days'
FROM complaint AS c
WHERE c.number LIKE '%0' AND c.unit IS NOT NULL
ON CONFLICT (complaint) DO NOTHING
"""
SUPERVISED = """
INSERT INTO supervision (id, complaint, why, subject, raised_at, closed_at)
SELECT gen_random_uuid(), u.complaint, 'upheld', u.subject, u.at, u.at FROM upheld AS u
WHERE NOT EXISTS (SELECT 1 FROM supervision)
"""
# One answer in many raises supervision, which costs three statements more; the usual one is
# measured, where the unit is under supervision already.
SUPERVISE = """
INSERT INTO supervision (id, complaint, why, subject, raised_at)
SELECT gen_random_uuid(), (SELECT t.id FROM bench_target AS t ORDER BY t.n LIMIT 1),
  'upheld', u.code, now()
FROM unit AS u
WHERE NOT EXISTS (SELECT 1 FROM supervision AS v WHERE v.subject = u.code AND v.closed_at IS NULL)
"""
RESET = (
    "DELETE FROM outbox",
    "DELETE FROM throttle",
    "DELETE FROM finding WHERE answer IN"
    " (SELECT w.id FROM answer AS w JOIN bench_target AS t ON t.id = w.complaint)",
    "DELETE FROM answer WHERE complaint IN (SELECT id FROM bench_target)",
    "DELETE FROM event WHERE kind IN ('answered', 'released')"
    " AND complaint IN (SELECT id FROM bench_target)",
    "UPDATE complaint SET state = 'in_hand', owner = 'office', next_kind = 'answer'"
    " WHERE id IN (SELECT id FROM bench_target) AND state <> 'in_hand'",
    "UPDATE link SET revoked_at = NULL"
    " WHERE complaint IN (SELECT id FROM bench_target) AND revoked_at IS NOT NULL",
    # Those of letters that were sent once more.
    "DELETE FROM link WHERE complaint IN (SELECT id FROM bench_target)"
    " AND token_hash NOT IN (SELECT token_hash FROM bench_target)",
)


@dataclass(frozen=True)
class Target:
    """A case that waits for its office's answer."""

    number: int
    allegations: int

    @property
    def token(self) -> str:
        """The office's way in."""
        return token_of(self.number)

    @property
    def code(self) -> str:
        """The complainant's way in."""
        return code_of(self.number)


async def prepare(conn: asyncpg.Connection, size: int, *, targets: int = TARGETS) -> list[Target]:
    """The targets of a database with `size` complaints, noted in the table `bench_target` too."""
    await conn.execute(CREATE)
    first = await conn.fetchval("SELECT number FROM complaint ORDER BY created_at DESC LIMIT 1")
    prefix = first[:5]
    await conn.execute(FILL, f"{prefix}{size:07d}")
    for command in (UPHOLD, SUPERVISED, SUPERVISE):
        await conn.execute(command)
    await conn.execute("ANALYZE bench_target, upheld, supervision")
    rows = await conn.fetch("SELECT n, allegations FROM bench_target ORDER BY n")
    if len(rows) != targets:
        raise RuntimeError(f"{len(rows)} targets instead of {targets}")
    return [Target(size + row["n"], row["allegations"]) for row in rows]


async def put_back(conn: asyncpg.Connection) -> None:
    """Every target waits for its answer again."""
    for command in RESET:
        await conn.execute(command)
    # In life this happens by itself, within a minute.
    await conn.execute("VACUUM outbox, throttle, link, letter")


def first_tokens(targets: Sequence[Target], most: int) -> list[str]:
    """Some of them, for rows that only read."""
    return [each.token for each in targets[:most]]

"""SQL that wipes what is past its period: the key first, then the words that lie beside it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

import asyncpg

# With the row goes the case's own key: contact details, sealed text and files cannot be read any
# more, wherever a copy of the files lies.
DELETE_SECRETS = """
DELETE FROM complaint_secret WHERE complaint = ANY ($1::text[]::uuid[])
"""
# Every column that holds what people wrote about a case; a test looks through all tables for what
# is missing here. What the desk, the search for duplicates and the pages read is plain, and is
# overwritten: the key, a row of the same database, would hide it from no copy. event and upheld
# hold codes, days and who signed, and stay. Of a breach its figures stay, and no number that leads
# to the file; of results those that everybody reads.
WIPED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "complaint_secret": ("wrapped_key", "contact", "sealed"),
        "complaint": (
            *("body", "wish", "place", "badge_typed", "staff_name", "staff_description"),
            *("receipt_number", "breach"),
        ),
        "allegation": ("detail",),
        "message": ("words",),
        "answer": ("done", "reply", "right_of_reply"),
        "finding": ("reason",),
        "attachment": ("name",),
        "published_result": ("title", "problem", "outcome"),
    }
)
UPDATE_WORDS = """
UPDATE complaint SET
  body = NULL, wish = NULL, place = NULL, badge_typed = NULL, staff_name = NULL,
  staff_description = NULL, receipt_number = NULL, breach = breach || '{"receipt": null}'
WHERE id = ANY ($1::text[]::uuid[])
"""
UPDATE_ALLEGATIONS = """
UPDATE allegation SET detail = '' WHERE complaint = ANY ($1::text[]::uuid[])
"""
UPDATE_MESSAGES = """
UPDATE message SET words = '' WHERE complaint = ANY ($1::text[]::uuid[])
"""
# What nobody reads any more goes. What everybody reads stays, and whose it is, so that it can be
# taken back at any time.
DELETE_RESULTS = """
DELETE FROM published_result
WHERE complaint = ANY ($1::text[]::uuid[]) AND withdrawn_at IS NOT NULL
"""
UPDATE_ANSWERS = """
UPDATE answer SET done = '', reply = '', right_of_reply = ''
WHERE complaint = ANY ($1::text[]::uuid[])
"""
UPDATE_FINDINGS = """
UPDATE finding SET reason = ''
WHERE answer IN (SELECT a.id FROM answer AS a WHERE a.complaint = ANY ($1::text[]::uuid[]))
"""
DELETE_ATTACHMENTS = """
DELETE FROM attachment WHERE complaint = ANY ($1::text[]::uuid[]) RETURNING id
"""


async def wipe(conn: asyncpg.Connection, complaints: Sequence[UUID]) -> list[UUID]:
    """Wipes contact details, words (see `WIPED`) and files; gives the ids of the files, to be
    removed once this transaction is committed."""
    ids = [str(each) for each in complaints]
    await conn.execute(DELETE_SECRETS, ids)
    await conn.execute(UPDATE_WORDS, ids)
    await conn.execute(UPDATE_ALLEGATIONS, ids)
    await conn.execute(UPDATE_MESSAGES, ids)
    await delete_results(conn, complaints)
    await conn.execute(UPDATE_ANSWERS, ids)
    await conn.execute(UPDATE_FINDINGS, ids)
    return [row["id"] for row in await conn.fetch(DELETE_ATTACHMENTS, ids)]


async def delete_results(conn: asyncpg.Connection, complaints: Sequence[UUID]) -> None:
    """Deletes what was published of these cases and was taken back."""
    await conn.execute(DELETE_RESULTS, [str(each) for each in complaints])


LIST_DUE = """
SELECT number, state, wake_at FROM complaint
WHERE wake_at <= $1 AND state IN ('archived', 'declined', 'merged', 'withdrawn')
ORDER BY wake_at
LIMIT $2
"""


async def list_due(conn: asyncpg.Connection, now: datetime, limit: int) -> list[asyncpg.Record]:
    """Cases whose period is over: number, state, wake_at."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_DUE, now, limit)
    return rows

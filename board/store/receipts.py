"""Receipts: looked up one by one, for there may be millions."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from board.model import Receipt
from board.numbers import number_key

_BATCH = 5_000

FIND_RECEIPT = """
    SELECT number, matter, accepted_at, decided_at
    FROM receipt
    WHERE number_key = $1
"""


async def find_receipt(conn: asyncpg.Connection, number_key: str) -> Receipt | None:
    """The receipt with this folded number (`board.numbers.number_key`)."""
    row = await conn.fetchrow(FIND_RECEIPT, number_key)
    return Receipt(*row) if row else None


LIST_RECEIPTS = """
    SELECT number, matter, accepted_at, decided_at
    FROM receipt
    ORDER BY number
"""


async def list_receipts(conn: asyncpg.Connection) -> tuple[Receipt, ...]:
    """All receipts, for comparing and for export."""
    return tuple(Receipt(*row) for row in await conn.fetch(LIST_RECEIPTS))


INSERT_OR_UPDATE_RECEIPT = """
    INSERT INTO receipt (number, number_key, matter, accepted_at, decided_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (number) DO UPDATE
    SET matter = EXCLUDED.matter, accepted_at = EXCLUDED.accepted_at,
      decided_at = EXCLUDED.decided_at
"""


async def insert_or_update_receipts(conn: asyncpg.Connection, rows: Sequence[Receipt]) -> None:
    """Writes receipts; what has the number already is changed."""
    # In parts, each within the time that one command may take.
    for start in range(0, len(rows), _BATCH):
        await conn.executemany(
            INSERT_OR_UPDATE_RECEIPT, [_values(row) for row in rows[start : start + _BATCH]]
        )


def _values(row: Receipt) -> tuple[str, str, str, datetime, datetime | None]:
    return row.number, number_key(row.number), row.matter, row.accepted_at, row.decided_at

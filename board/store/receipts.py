"""Receipts: looked up one by one, for there may be millions."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, datetime
from typing import Any

import asyncpg

from board.model import Receipt, ReceiptStep
from board.numbers import number_key

_BATCH = 5_000

# With its steps in the same round trip; only receipts of parallel approvals have any.
FIND_RECEIPT = """
    SELECT r.number, r.matter, r.accepted_at, r.decided_at,
      (SELECT jsonb_agg(
          jsonb_build_array(s.position, s.unit, s.started_on, s.finished_on) ORDER BY s.position)
        FROM receipt_step AS s WHERE s.receipt = r.number) AS steps
    FROM receipt AS r
    WHERE r.number_key = $1
"""


async def find_receipt(conn: asyncpg.Connection, number_key: str) -> Receipt | None:
    """The receipt with this folded number (`board.numbers.number_key`), with its steps."""
    row = await conn.fetchrow(FIND_RECEIPT, number_key)
    if row is None:
        return None
    number, matter, accepted_at, decided_at, steps = row
    found = tuple(_step(number, *step) for step in steps or ())
    return Receipt(number, matter, accepted_at, decided_at, found)


def _step(receipt: str, position: int, unit: str, *days: str | None) -> ReceiptStep:
    started_on, finished_on = (date.fromisoformat(day) if day else None for day in days)
    return ReceiptStep(receipt, position, unit, started_on, finished_on)


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
    await _in_parts(conn, INSERT_OR_UPDATE_RECEIPT, [_values(row) for row in rows])


LIST_RECEIPT_STEPS = """
    SELECT receipt, position, unit, started_on, finished_on
    FROM receipt_step
    ORDER BY receipt, position
"""


async def list_receipt_steps(conn: asyncpg.Connection) -> tuple[ReceiptStep, ...]:
    """All steps of all receipts, for comparing and for export."""
    return tuple(ReceiptStep(*row) for row in await conn.fetch(LIST_RECEIPT_STEPS))


INSERT_OR_UPDATE_RECEIPT_STEP = """
    INSERT INTO receipt_step (receipt, position, unit, started_on, finished_on)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (receipt, position) DO UPDATE
    SET unit = EXCLUDED.unit, started_on = EXCLUDED.started_on,
      finished_on = EXCLUDED.finished_on
"""


async def insert_or_update_receipt_steps(
    conn: asyncpg.Connection, rows: Sequence[ReceiptStep]
) -> None:
    """Writes steps by receipt and place."""
    await _in_parts(conn, INSERT_OR_UPDATE_RECEIPT_STEP, [astuple(row) for row in rows])


DELETE_RECEIPT_STEP = """
    DELETE FROM receipt_step
    WHERE receipt = $1 AND position = $2
"""


async def delete_receipt_steps(conn: asyncpg.Connection, rows: Sequence[ReceiptStep]) -> None:
    """Takes back steps that were recorded by mistake."""
    await _in_parts(conn, DELETE_RECEIPT_STEP, [(row.receipt, row.position) for row in rows])


async def _in_parts(
    conn: asyncpg.Connection, statement: str, values: Sequence[tuple[Any, ...]]
) -> None:
    """In parts, each within the time that one command may take."""
    for start in range(0, len(values), _BATCH):
        await conn.executemany(statement, values[start : start + _BATCH])


def _values(row: Receipt) -> tuple[str, str, str, datetime, datetime | None]:
    return row.number, number_key(row.number), row.matter, row.accepted_at, row.decided_at

"""SQL of `attachment` by itself: which files of the store belong to a complaint."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

LIST_NAMED = """
SELECT id FROM attachment WHERE id = ANY($1::text[]::uuid[])
"""


async def list_named(conn: asyncpg.Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Those of `ids` that a complaint names."""
    rows = await conn.fetch(LIST_NAMED, [str(each) for each in ids])
    return {row["id"] for row in rows}

"""SQL of `shared.county`."""

import asyncpg

LIST_COUNTIES = """
SELECT code, schema_name, name, name_en, host FROM shared.county ORDER BY code
"""


async def list_counties(conn: asyncpg.Connection) -> list[asyncpg.Record]:
    """Rows of code, schema_name, name, name_en, host."""
    rows: list[asyncpg.Record] = await conn.fetch(LIST_COUNTIES)
    return rows

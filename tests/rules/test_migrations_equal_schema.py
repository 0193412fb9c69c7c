"""`migrations/schema.sql` is what the migrations make."""

from pathlib import Path

import asyncpg

from gateway import schema_text
from tests.database import SCHEMA

WRITTEN = Path(__file__).parents[2] / "migrations" / "schema.sql"


async def test_replayed_migrations_equal_schema_sql(database_url):
    conn = await asyncpg.connect(database_url)
    text = await schema_text.describe_all(conn, SCHEMA)
    await conn.close()
    assert text == WRITTEN.read_text("utf-8"), "run: python -m gateway.migrations --write-schema"

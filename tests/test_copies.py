"""The next test finds a lent database as new, or gets another one."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.copies import Copies
from tests.database import SCHEMA
from tests.thorough import first_of

OFFICE = f"""
INSERT INTO {SCHEMA}.office (code, kind, name, name_en, email, phone, address)
VALUES ('b1', 'bureau', '局', 'Bureau', 'b1@example.org', '', '')
"""


@pytest.fixture
async def copies(server_url: str, template: str) -> AsyncIterator[Copies]:
    made = Copies(server_url, template)
    yield made
    await made.close()


async def use(copies: Copies, *commands: str) -> str:
    """What a test does with a database; gives its URL."""
    async with copies.lent() as url:
        conn = await asyncpg.connect(url)
        for command in commands:
            await conn.execute(command)
        await conn.close()
    return url


@pytest.mark.parametrize(
    "command",
    first_of(
        [
            "UPDATE shared.county SET host = 'other.example.org'",
            "DELETE FROM shared.migration",
            "INSERT INTO shared.county (code, schema_name, name, name_en, host, created_at)"
            " VALUES ('b', 'county_b', '乙', 'B', NULL, '2026-01-01Z')",
            f"CREATE TABLE {SCHEMA}.more (a int)",
            f"ALTER TABLE {SCHEMA}.office ADD CHECK (code <> 'x')",
            f"ALTER TABLE {SCHEMA}.office ALTER name_en DROP NOT NULL",
            f"DROP TABLE {SCHEMA}.letter CASCADE",
            "CREATE SCHEMA more",
            "CREATE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path TO x',"
            " current_database()); END $$",
        ],
        most=4,
    ),
)
async def test_what_cannot_be_emptied_is_thrown_away(copies: Copies, command: str):
    first = await use(copies, command)
    assert await use(copies) != first


async def test_a_database_with_somebody_left_in_it_is_thrown_away(copies: Copies):
    async with copies.lent() as first:
        left = await asyncpg.connect(first)
    assert await use(copies) != first
    left.terminate()


async def test_one_that_is_in_use_is_lent_to_nobody_else(copies: Copies):
    async with copies.lent() as one, copies.lent() as other:
        assert one != other


async def test_filled_tables_are_empty_again_and_the_rest_is_kept(copies: Copies):
    first = await use(copies, OFFICE)
    async with copies.lent() as url:
        assert url == first
        conn = await asyncpg.connect(url)
        assert await conn.fetchval(f"SELECT count(*) FROM {SCHEMA}.office") == 0
        assert await conn.fetchval("SELECT count(*) FROM shared.county") == 1
        await conn.close()

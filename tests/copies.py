"""Databases lent to one test after the other, each as new as the template that it came from.

CREATE DATABASE takes a fifth of a second, emptying a few tables some milliseconds. Whatever a test
did beyond filling tables that the template has empty (another table, a changed staff list, a
connection left open) is seen, and then the copy is thrown away.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from tests import database

OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TABLES = r"""
SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
WHERE schemaname = 'shared' OR schemaname LIKE 'county\_%' ORDER BY 1
"""
# What says that tables, columns, constraints, functions and settings are the same.
CATALOGUE = ("pg_namespace", "pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_proc",
             "pg_trigger", "pg_type")  # fmt: skip
SETTINGS = """
SELECT array_agg(setconfig::text ORDER BY setrole) FROM pg_db_role_setting
WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass
class Copy:
    """One database, and what must be the same in it before the next test has it."""

    url: str
    emptied: str
    kept: str
    mark: list[object]


@dataclass
class Copies:
    """The copies of `template` that this worker has made."""

    server_url: str
    template: str
    _free: list[Copy] = field(default_factory=list)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[str]:
        """The URL of a database that nobody else uses meanwhile."""
        copy = self._free.pop() if self._free else await self._make()
        again = False
        try:
            yield copy.url
            again = await _as_new(copy)
        finally:
            if again:
                self._free.append(copy)
            else:
                await database.drop_database(self.server_url, copy.url)

    async def close(self) -> None:
        for copy in self._free:
            await database.drop_database(self.server_url, copy.url)

    async def _make(self) -> Copy:
        url = await database.create_database(self.server_url, self.template)
        conn = await asyncpg.connect(url)
        try:
            names = [row["name"] for row in await conn.fetch(TABLES)]
            filled = [
                name for name in names if await conn.fetchval(f"SELECT EXISTS (SELECT FROM {name})")
            ]
            emptied = ";".join(f"DELETE FROM {name}" for name in names if name not in filled)
            kept = " UNION ALL ".join(_counted(name) for name in (*CATALOGUE, *filled))
            return Copy(url, emptied, kept, await _mark(conn, kept))
        finally:
            await conn.close()


def _counted(table: str) -> str:
    """A row that differs as soon as one of the table's rows was added, changed or removed."""
    return f"SELECT '{table}', count(*), max(xmin::text::bigint) FROM {table}"


async def _mark(conn: asyncpg.Connection, kept: str) -> list[object]:
    rows = await conn.fetch(kept)
    return [*map(tuple, rows), await conn.fetchval(SETTINGS)]


async def _as_new(copy: Copy) -> bool:
    """Empties what a test has filled; whether nothing else is different."""
    try:
        conn = await asyncpg.connect(copy.url)
    except (OSError, asyncpg.PostgresError):
        return False
    try:
        if await conn.fetchval(OTHERS) or await _mark(conn, copy.kept) != copy.mark:
            return False
        # Foreign keys need no looking at: all of it goes.
        await conn.execute(f"SET session_replication_role = replica; {copy.emptied}")
    except asyncpg.PostgresError:
        return False
    else:
        return True
    finally:
        await conn.close()

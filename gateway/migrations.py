"""Brings a database up to the code: numbered `.sql` files, forward only, once each.

`migrations/shared` runs once a database, `migrations/county` once a county's schema. Which files
ran is a row of `shared.migration`; its primary key decides between two starters, the advisory
lock only spares them the collision.
"""

import asyncio
import hashlib
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import asyncpg

from gateway.db import SCHEMA_NAME, UNREACHABLE, DatabaseDown, connect_any

SHARED = "shared"
OLDEST_SERVER = 15
LOCK_KEY = 0x636F756E7479  # "county"
LOCK_SECONDS = 60.0
LOCK_POLL_SECONDS = 0.05
# Two first starters may both find the schema missing (23505, 42P06, 42P07, 42710).
_MADE_BY_SOMEBODY = (
    asyncpg.UniqueViolationError,
    asyncpg.DuplicateSchemaError,
    asyncpg.DuplicateTableError,
    asyncpg.DuplicateObjectError,
)

CREATE_SHARED = "CREATE SCHEMA IF NOT EXISTS shared"
CREATE_MIGRATION = """
CREATE TABLE IF NOT EXISTS shared.migration (
  schema_name text NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL,
  PRIMARY KEY (schema_name, name)
)"""
HAS_MIGRATION = "SELECT to_regclass('shared.migration') IS NOT NULL"
LIST_APPLIED = "SELECT schema_name, name, checksum FROM shared.migration ORDER BY schema_name, name"
LIST_SCHEMAS = "SELECT schema_name FROM shared.county ORDER BY schema_name"
INSERT_MIGRATION = """
INSERT INTO shared.migration (schema_name, name, checksum, applied_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (schema_name, name) DO NOTHING
RETURNING name"""
INSERT_COUNTY = """
INSERT INTO shared.county (code, schema_name, name, name_en, host, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING"""
FIND_COUNTY = "SELECT code FROM shared.county WHERE code = $1"
TRY_LOCK = "SELECT pg_try_advisory_lock($1)"
UNLOCK = "SELECT pg_advisory_unlock($1)"


class MigrationError(Exception):
    """Why the schema cannot be brought up to date, with the mend."""


class MigrationEdited(MigrationError):
    """A file was changed after it had run somewhere."""


class DatabaseAhead(MigrationError):
    """The database was migrated by a newer version of the program."""


class SchemaOutdated(MigrationError):
    """Files wait to be run; says which command does it."""


@dataclass(frozen=True)
class Migration:
    """One file: its name, its text and the hash of its text."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 in hex; line ends do not count."""
        return hashlib.sha256(self.text.replace("\r\n", "\n").encode()).hexdigest()


Pending = tuple[tuple[str, Migration], ...]


def available(kind: str) -> tuple[Migration, ...]:
    """The files of `shared` or `county`, in their order."""
    folder = files("migrations") / kind
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return tuple(
        Migration(entry.name, entry.read_text("utf-8"))
        for entry in sorted(found, key=lambda entry: entry.name)
    )


_TOKEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|(\$\w*\$).*?\1|(;)|.", re.DOTALL)


def commands(text: str) -> list[str]:
    """Splits a file at its semicolons, not at those in comments, strings or quoted names."""
    found, part, has_code = [], "", False
    for token in _TOKEN.finditer(text):
        if token.group(2):
            found.append(part.strip())
            part, has_code = "", False
            continue
        part += token.group()
        has_code = has_code or not (token.group().startswith(("--", "/*")) or token[0].isspace())
    if has_code:
        found.append(part.strip())
    return found


async def pending(conn: asyncpg.Connection) -> Pending:
    """Files that have not run here, as (schema, migration), in order.

    Raises `MigrationEdited` and `DatabaseAhead`.
    """
    applied: dict[tuple[str, str], str] = {}
    if await conn.fetchval(HAS_MIGRATION):
        rows = await conn.fetch(LIST_APPLIED)
        applied = {(row["schema_name"], row["name"]): row["checksum"] for row in rows}
    waiting = _compare(SHARED, available(SHARED), applied)
    if waiting:  # the table of counties may not be there yet
        return waiting
    for row in await conn.fetch(LIST_SCHEMAS):
        waiting += _compare(row["schema_name"], available("county"), applied)
    return waiting


def _compare(
    schema: str, code: Sequence[Migration], applied: dict[tuple[str, str], str]
) -> Pending:
    names = {migration.name for migration in code}
    unknown = sorted(name for where, name in applied if where == schema and name not in names)
    if unknown:
        raise DatabaseAhead(
            f"the database is ahead of this program ({schema}: {unknown[0]}); "
            "install the newer version again"
        )
    for migration in code:
        checksum = applied.get((schema, migration.name))
        if checksum not in (None, migration.checksum):
            raise MigrationEdited(
                f"migration {migration.name} was changed after it ran in {schema}; "
                "restore the file and put the change into a new one"
            )
    return tuple((schema, entry) for entry in code if (schema, entry.name) not in applied)


async def require_current(conn: asyncpg.Connection) -> None:
    """Raises `SchemaOutdated` when a file waits, and what `pending` raises."""
    waiting = await pending(conn)
    if waiting:
        schema, first = waiting[0]
        raise SchemaOutdated(
            f"the database schema is old ({len(waiting)} to run, first {first.name} in {schema}); "
            "run: gateway migrate"
        )


async def migrate(url: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """Runs every waiting file of the database at `url`; gives (schema, name) of those that ran.

    `url` must be a direct one, not pgbouncer's in transaction mode (the lock is the session's).
    """
    conn = await _connect(url)
    try:
        if conn.get_server_version().major < OLDEST_SERVER:
            raise MigrationError(
                f"PostgreSQL {OLDEST_SERVER} or newer is needed, "
                f"this is {conn.get_server_version().major}; see GATEWAY_DATABASE_URL"
            )
        async with _locked(conn):
            await _bootstrap(conn)
            return await _run_waiting(conn, now)
    finally:
        await conn.close()


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await connect_any(url, timeout=10, command_timeout=600)
    except UNREACHABLE as error:
        raise DatabaseDown(str(error) or type(error).__name__) from error


async def create_county(
    conn: asyncpg.Connection,
    code: str,
    name: str,
    name_en: str,
    *,
    host: str | None,
    now: datetime,
) -> str:
    """Gives a county its schema and tables, and the schema's name; once more changes nothing.

    `conn` is outside any transaction. Raises ValueError for a code that makes no schema name.
    """
    schema = f"county_{code}"
    if not code or not SCHEMA_NAME.fullmatch(schema):
        raise ValueError(f"county code {code!r}: small letters, digits and _ only, e.g. yunxi")
    async with conn.transaction():
        # The row first: it makes a second starter wait.
        await conn.execute(INSERT_COUNTY, code, schema, name, name_en, host, now)
        if await conn.fetchval(FIND_COUNTY, code) is None:
            raise MigrationError(f"another county has the host name {host}; name a different one")
        await conn.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    await _run_waiting(conn, now)
    return schema


async def _bootstrap(conn: asyncpg.Connection) -> None:
    for command in (CREATE_SHARED, CREATE_MIGRATION):
        for _ in range(3):
            with suppress(*_MADE_BY_SOMEBODY):
                await conn.execute(command)
                break


async def _run_waiting(conn: asyncpg.Connection, now: datetime) -> tuple[tuple[str, str], ...]:
    done: list[tuple[str, str]] = []
    while waiting := await pending(conn):  # again: shared files bring the table of counties
        for schema, migration in waiting:
            if await _run(conn, schema, migration, now):
                done.append((schema, migration.name))
    return tuple(done)


async def _run(conn: asyncpg.Connection, schema: str, migration: Migration, now: datetime) -> bool:
    """One file in one transaction; False when another starter ran it meanwhile."""
    async with conn.transaction():
        await conn.execute(f"SET LOCAL search_path TO {schema}")
        row = await conn.fetchval(INSERT_MIGRATION, schema, migration.name, migration.checksum, now)
        if row is None:
            return False
        for command in commands(migration.text):
            await conn.execute(command)
    return True


@asynccontextmanager
async def _locked(conn: asyncpg.Connection) -> AsyncIterator[None]:
    """Tries for the lock again and again: a blocking wait holds a snapshot, and with CREATE
    INDEX CONCURRENTLY two starters then wait for each other. Goes on without it in the end.
    """
    held = False
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LOCK_SECONDS
    while not held and loop.time() < deadline:
        held = await conn.fetchval(TRY_LOCK, LOCK_KEY)
        if not held:
            await asyncio.sleep(LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        if held and not conn.is_closed():
            await conn.fetchval(UNLOCK, LOCK_KEY)


def main() -> None:
    """`python -m gateway.migrations --write-schema` writes `migrations/schema.sql` anew."""
    if sys.argv[1:] != ["--write-schema"]:
        sys.exit("usage: python -m gateway.migrations --write-schema")
    from gateway.schema_text import describe_new_database

    target = Path(str(files("migrations"))) / "schema.sql"
    target.write_text(describe_new_database(), "utf-8")


if __name__ == "__main__":
    main()

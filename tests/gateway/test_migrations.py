"""Files run once each, in order, whoever starts first; what was edited or is ahead is refused."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from gateway import embedded, migrations, schema_text
from gateway.db import DatabaseDown
from gateway.migrations import (
    DatabaseAhead,
    Migration,
    MigrationEdited,
    MigrationError,
    SchemaOutdated,
    commands,
)
from tests import database
from tests.database import MADE_AT
from tests.rules.sources import statements

DEBIAN_15 = Path("/usr/lib/postgresql/15")
COUNTY_FILES = [migration.name for migration in migrations.available("county")]


@pytest.fixture
async def empty(server_url: str):
    async with database.temporary_database(server_url) as url:
        yield url


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch):
    """Replaces what the code brings: `files(shared=…, county=…)`, each a list of (name, text)."""

    def replace(**kinds: list[tuple[str, str]]) -> None:
        shown = {kind: tuple(Migration(*entry) for entry in kinds[kind]) for kind in kinds}
        real = migrations.available
        monkeypatch.setattr(
            migrations, "available", lambda kind: shown[kind] if kind in shown else real(kind)
        )

    return replace


async def connected(url: str, work):
    conn = await asyncpg.connect(url)
    try:
        return await work(conn)
    finally:
        await conn.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("-- only a comment;\n", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;\n-- end; of file\n", ["SELECT 1"]),
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'; SELECT 'it''s; so'", ["SELECT ';'", "SELECT 'it''s; so'"]),
        ('SELECT 1 AS "a;b"; SELECT 2', ['SELECT 1 AS "a;b"', "SELECT 2"]),
        ("SELECT 1 /* a; b */; SELECT 2", ["SELECT 1 /* a; b */", "SELECT 2"]),
        ("SELECT $$a;b$$; SELECT $x$ $$;$$ $x$", ["SELECT $$a;b$$", "SELECT $x$ $$;$$ $x$"]),
        ("-- why; so\nSELECT 1;", ["-- why; so\nSELECT 1"]),
    ],
)
def test_a_file_is_split_at_its_own_semicolons_only(text, expected):
    assert commands(text) == expected


async def test_running_twice_changes_nothing(empty):
    first = await migrations.migrate(empty, MADE_AT)
    assert [schema for schema, _ in first] == ["shared"] * len(first) != []
    assert await migrations.migrate(empty, MADE_AT) == ()


async def test_a_new_county_gets_every_file_and_no_second_one(empty):
    await migrations.migrate(empty, MADE_AT)

    async def make(conn):
        made = await migrations.create_county(conn, "a", "甲县", "A", host=None, now=MADE_AT)
        again = await migrations.create_county(conn, "a", "乙县", "B", host=None, now=MADE_AT)
        rows = await conn.fetch("SELECT name FROM shared.migration WHERE schema_name = 'county_a'")
        name = await conn.fetchval("SELECT name FROM shared.county WHERE code = 'a'")
        return made, again, [row["name"] for row in rows], name

    assert await connected(empty, make) == ("county_a", "county_a", COUNTY_FILES, "甲县")


@pytest.mark.parametrize("code", ["", "A", "a-b", "甲", "a;DROP SCHEMA shared", "a" * 60])
async def test_a_county_code_that_makes_no_schema_name_is_refused(conn, code):
    with pytest.raises(ValueError, match="small letters"):
        await migrations.create_county(conn, code, "甲县", "A", host=None, now=MADE_AT)


async def test_two_counties_cannot_have_one_host_name(empty):
    await migrations.migrate(empty, MADE_AT)

    async def make(conn):
        for code in ("a", "b"):
            await migrations.create_county(conn, code, "县", "C", host="x.example", now=MADE_AT)

    with pytest.raises(MigrationError, match=r"host name x\.example"):
        await connected(empty, make)


async def test_an_edited_file_is_refused_by_name(fresh_database, files):
    text = migrations.available("county")
    files(county=[(each.name, each.text + "-- edited\n") for each in text])
    with pytest.raises(MigrationEdited, match=rf"{COUNTY_FILES[0]} was changed after it ran"):
        await migrations.migrate(fresh_database, MADE_AT)


async def test_line_ends_are_no_edit(fresh_database, files):
    text = migrations.available("county")
    files(county=[(each.name, each.text.replace("\n", "\r\n")) for each in text])
    assert await migrations.migrate(fresh_database, MADE_AT) == ()


async def test_a_database_ahead_of_the_code_is_refused(fresh_database, files):
    text = migrations.available("county")
    files(county=[(each.name, each.text) for each in text[:-1]])
    with pytest.raises(DatabaseAhead, match=rf"{text[-1].name}.*newer version"):
        await migrations.migrate(fresh_database, MADE_AT)


async def test_an_old_schema_names_the_command(empty, fresh_database):
    with pytest.raises(SchemaOutdated, match="run: gateway migrate"):
        await connected(empty, migrations.require_current)
    await connected(fresh_database, migrations.require_current)


async def test_a_new_file_reaches_every_county(fresh_database, files):
    async def second(conn):
        await migrations.create_county(conn, "other", "乙县", "Other", host=None, now=MADE_AT)

    await connected(fresh_database, second)
    text = [(each.name, each.text) for each in migrations.available("county")]
    files(county=[*text, ("9999_new.sql", "CREATE TABLE brand_new (id bigint PRIMARY KEY);")])
    assert await migrations.migrate(fresh_database, MADE_AT) == (
        ("county_other", "9999_new.sql"),
        ("county_test", "9999_new.sql"),
    )


async def test_a_file_that_fails_leaves_nothing_of_itself(fresh_database, files):
    text = [(each.name, each.text) for each in migrations.available("county")]
    bad = "CREATE TABLE half_made (id bigint PRIMARY KEY); SELECT 1/0;"
    files(county=[*text, ("9999_bad.sql", bad)])
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrations.migrate(fresh_database, MADE_AT)

    async def look(conn):
        table = await conn.fetchval("SELECT to_regclass('county_test.half_made')")
        rows = await conn.fetchval("SELECT count(*) FROM shared.migration WHERE name LIKE '9999%'")
        return table, rows

    assert await connected(fresh_database, look) == (None, 0)


@pytest.mark.parametrize("locked", [True, False], ids=["with lock", "without lock"])
async def test_many_starters_at_once_run_each_file_once(empty, monkeypatch, locked):
    """Without the lock, too: it only makes things faster, the primary key decides."""
    if not locked:
        monkeypatch.setattr(migrations, "LOCK_SECONDS", 0.0)
    ran = await asyncio.gather(*(migrations.migrate(empty, MADE_AT) for _ in range(6)))
    done = [entry for each in ran for entry in each]
    assert len(done) == len(set(done)) == len(migrations.available("shared"))


async def test_many_makers_of_one_county_make_one(empty):
    await migrations.migrate(empty, MADE_AT)

    async def make(conn):
        return await migrations.create_county(conn, "a", "甲县", "A", host=None, now=MADE_AT)

    assert await asyncio.gather(*(connected(empty, make) for _ in range(5))) == ["county_a"] * 5


async def test_a_starter_waits_for_the_lock_by_asking_again(empty):
    async def hold(conn):
        await conn.fetchval(migrations.TRY_LOCK, migrations.LOCK_KEY)
        waiting = asyncio.create_task(migrations.migrate(empty, MADE_AT))
        await asyncio.sleep(0.3)
        held_up = not waiting.done()
        idle = await conn.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        await conn.fetchval(migrations.UNLOCK, migrations.LOCK_KEY)
        return held_up, idle, len(await waiting) > 0

    assert await connected(empty, hold) == (True, 0, True)


async def test_a_database_that_is_away_is_said():
    with pytest.raises(DatabaseDown):
        await migrations.migrate("postgresql://x:y@127.0.0.1:1/none", MADE_AT)


async def test_a_server_that_is_too_old_is_refused(empty, monkeypatch):
    monkeypatch.setattr(migrations, "OLDEST_SERVER", 99)
    with pytest.raises(MigrationError, match="PostgreSQL 99 or newer is needed"):
        await migrations.migrate(empty, MADE_AT)


@pytest.fixture
def postgresql_15() -> Iterator[str]:
    if not DEBIAN_15.exists():
        pytest.skip("no PostgreSQL 15 here; apt-get install postgresql-15")
    with (
        database.removed(database.new_folder()) as folder,
        embedded.launch(folder, options=database.OPTIONS, programs=DEBIAN_15) as server,
    ):
        yield server.wait_ready()


def test_postgresql_15_gives_the_same_schema(postgresql_15):
    text = asyncio.run(schema_text.describe_empty(postgresql_15, MADE_AT))
    written = Path(migrations.__file__).parents[1] / "migrations" / "schema.sql"
    assert text == written.read_text("utf-8")


def test_postgresql_15_understands_every_statement(postgresql_15):
    async def prepare_all() -> list[str]:
        await database.migrate_with_county(postgresql_15)
        conn = await asyncpg.connect(
            postgresql_15, server_settings={"search_path": database.SCHEMA}
        )
        faults = []
        for statement in statements():
            try:
                await conn.prepare(statement.sql)
            except asyncpg.PostgresError as error:
                faults.append(f"{statement.id}: {error}")
        await conn.close()
        return faults

    assert asyncio.run(prepare_all()) == []

"""A schema that a sharded cluster takes as it is (scale.md); checked on what migrations made."""

import re

import asyncpg
import pytest

from gateway import migrations
from gateway.migrations import commands

FILES = [
    (kind, migration) for kind in ("shared", "county") for migration in migrations.available(kind)
]
OURS = "('shared', 'county_test')"

# Each finds what must not be there.
FORBIDDEN = {
    "triggers": f"""
SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT tgisinternal AND c.relnamespace::regnamespace::text IN {OURS}""",
    "rules": f"SELECT rulename FROM pg_rules WHERE schemaname IN {OURS}",
    "enums, domains, composite types, ranges": f"""
SELECT typname FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE typnamespace::regnamespace::text IN {OURS}
AND (typtype IN ('e', 'd', 'r', 'm') OR (typtype = 'c' AND c.relkind = 'c'))""",
    "inheritance": "SELECT inhrelid::regclass FROM pg_inherits",
    "row-level security": f"""
SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace::regnamespace::text IN {OURS}""",
    "deferrable constraints": f"""
SELECT conname FROM pg_constraint
WHERE condeferrable AND connamespace::regnamespace::text IN {OURS}""",
    "extensions": "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'",
    "functions": f"SELECT proname FROM pg_proc WHERE pronamespace::regnamespace::text IN {OURS}",
    "views": f"""
SELECT relname FROM pg_class
WHERE relkind IN ('v', 'm') AND relnamespace::regnamespace::text IN {OURS}""",
    "tables without a primary key": f"""
SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p')
AND relnamespace::regnamespace::text IN {OURS}
AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p')""",
    "identity columns that are no bigint": f"""
SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE attidentity <> '' AND atttypid <> 'bigint'::regtype
AND c.relnamespace::regnamespace::text IN {OURS}""",
    "serial columns": f"""
SELECT attname FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid
AND a.attnum = d.adnum JOIN pg_class c ON c.oid = d.adrelid
WHERE pg_get_expr(adbin, adrelid) LIKE 'nextval%'
AND c.relnamespace::regnamespace::text IN {OURS}""",
    "foreign keys across schemas": f"""
SELECT conname FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid
JOIN pg_class b ON b.oid = k.confrelid
WHERE contype = 'f' AND a.relnamespace <> b.relnamespace
AND a.relnamespace::regnamespace::text IN {OURS}""",
    "times without a zone": f"""
SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE atttypid = 'timestamp'::regtype AND c.relnamespace::regnamespace::text IN {OURS}""",
    "varying or padded texts": f"""
SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE atttypid IN ('varchar'::regtype, 'bpchar'::regtype)
AND c.relnamespace::regnamespace::text IN {OURS}""",
}


@pytest.mark.parametrize("what", FORBIDDEN)
async def test_there_are_no(conn: asyncpg.Connection, what: str):
    assert [row[0] for row in await conn.fetch(FORBIDDEN[what])] == []


@pytest.mark.parametrize(
    ("what", "bad"),
    [
        ("triggers", None),
        ("enums, domains, composite types, ranges", "CREATE TYPE mood AS ENUM ('good')"),
        ("enums, domains, composite types, ranges", "CREATE DOMAIN small AS text"),
        ("enums, domains, composite types, ranges", "CREATE TYPE pair AS (a text, b text)"),
        ("tables without a primary key", "CREATE TABLE loose (a text)"),
        (
            "identity columns that are no bigint",
            "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY)",
        ),
        ("serial columns", "CREATE TABLE t (a bigserial)"),
        ("views", "CREATE VIEW v AS SELECT 1 AS a"),
        ("times without a zone", "CREATE TABLE t (a timestamp)"),
    ],
)
async def test_the_check_would_find_them(conn: asyncpg.Connection, what: str, bad: str | None):
    if bad is None:
        await conn.execute("CREATE TABLE t (a text PRIMARY KEY)")
        await conn.execute(
            "CREATE TRIGGER quiet BEFORE UPDATE ON t FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        )
    else:
        await conn.execute(bad)
    assert await conn.fetch(FORBIDDEN[what])


@pytest.mark.parametrize(("kind", "migration"), FILES, ids=lambda each: getattr(each, "name", each))
def test_an_alter_table_does_one_thing(kind, migration):
    for command in commands(migration.text):
        text = re.sub(r"--[^\n]*", "", command)
        if text.strip().upper().startswith("ALTER TABLE"):
            outside = re.sub(r"\([^()]*(\([^()]*\)[^()]*)*\)", "", text)
            assert "," not in outside, f"two subcommands: {command}"


@pytest.mark.parametrize(("kind", "migration"), FILES, ids=lambda each: getattr(each, "name", each))
def test_generated_columns_are_stored(kind, migration):
    text = re.sub(r"--[^\n]*", "", migration.text).upper()
    for match in re.finditer(r"GENERATED ALWAYS AS \(", text):
        assert re.search(r"\)\s*STORED", text[match.start() :])


def test_files_are_numbered_without_gaps():
    for kind in ("shared", "county"):
        numbers = [int(each.name[:4]) for each in migrations.available(kind)]
        assert numbers == list(range(1, len(numbers) + 1))

"""SQL that one PostgreSQL, a pair and a sharded cluster all run alike (scale.md)."""

import ast
import re
from collections.abc import Callable

import pytest

from tests.rules.sources import bare, is_sql, python_files, short, statements, tree

ALL = statements()


def faults(is_fault: Callable[[str], object]) -> list[str]:
    """The statements that break a rule; one test a rule, since there are hundreds of statements."""
    return [each.id for each in ALL if is_fault(bare(each.sql))]


# Who may talk to the driver: the stores, and what opens connections or changes the schema.
DRIVER_USERS = {
    "gateway/db.py",
    "gateway/embedded.py",
    "gateway/migrations.py",
    "gateway/schema_text.py",
}
# May name its types in signatures, and nothing else.
TYPES_ONLY = {"Connection", "Record", "PostgresError", "Pool"}


def test_columns_are_listed():
    """Neither `SELECT *` nor `RETURNING x.*`: a new column must not change an old answer."""

    def has_star(text: str) -> object:
        counted = re.sub(r"count\(\s*\*\s*\)", "", text)
        return re.search(r"(SELECT|RETURNING|,)\s+(\w+\.)?\*", counted)

    assert has_star("SELECT a, t.* FROM t")
    assert faults(has_star) == []


def test_the_event_log_is_only_ever_added_to():
    """Neither events nor their seals are changed or removed by any statement of ours."""

    def touches(text: str) -> object:
        return re.search(r"(UPDATE|DELETE FROM|TRUNCATE)\s+(ONLY\s+)?event(_seal)?\b", text)

    assert touches("DELETE FROM event WHERE id = $1")
    assert not touches("UPDATE event_chain SET n = $1")
    assert faults(touches) == []


def test_an_insert_names_its_columns():
    def unnamed(text: str) -> object:
        inserts = re.finditer(r"INSERT INTO\s+[\w.]+\s*(\S)", text)
        return [each for each in inserts if each.group(1) != "(" and "AS" not in each.group(0)]

    assert unnamed("INSERT INTO t VALUES ($1)")
    assert faults(unnamed) == []


def test_keywords_are_upper():
    """Only where they cannot be names: after a line's start or a space, before a space."""
    keywords = {"select", "insert", "update", "delete", "from", "where", "returning", "values"}

    def lower(text: str) -> object:
        unquoted = re.sub(r'"[^"]*"', "", text)
        return keywords.intersection(re.findall(r"(?<![\w.$])([a-z_]+)(?=\s|$)", unquoted))

    assert lower("SELECT a from t")
    assert faults(lower) == []


def writes(sql: str) -> list[str]:
    """What UPDATE, DELETE and DO UPDATE compute: the text behind them."""
    text = bare(sql)
    # FOR UPDATE only locks.
    text = re.sub(r"FOR (NO KEY )?UPDATE", " ", text)
    return re.findall(r"(?:\bUPDATE\b|\bDELETE\b).*?(?=\bRETURNING\b|$)", text, re.DOTALL)


async def _unsteady(conn) -> set[str]:
    """Names of volatile and stable functions; those that also exist immutable are left out."""
    rows = await conn.fetch(
        "SELECT proname, bool_or(provolatile = 'i') AS also_immutable FROM pg_proc"
        " WHERE pronamespace = 'pg_catalog'::regnamespace GROUP BY proname"
    )
    return {row["proname"] for row in rows if not row["also_immutable"]}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT now() FROM t FOR UPDATE", []),
        ("UPDATE t SET a = now() RETURNING random()", ["UPDATE t SET a = now() "]),
        ("DELETE FROM t WHERE a < now()", ["DELETE FROM t WHERE a < now()"]),
        ("INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = 2", ["UPDATE SET a = 2"]),
    ],
)
def test_what_a_statement_writes_is_seen(sql, expected):
    assert writes(sql) == expected


async def test_updates_and_deletes_call_no_unsteady_function(conn):
    unsteady = await _unsteady(conn)
    assert {"now", "random", "clock_timestamp", "nextval"} <= unsteady
    found = []
    for statement in ALL:
        for part in writes(statement.sql):
            called = set(re.findall(r"\b([a-z_][a-z0-9_]*)\s*\(", part)) & unsteady
            called |= set(re.findall(r"\bcurrent_(?:timestamp|date|time)\b|\blocaltime\w*", part))
            found += [f"{statement.id} calls {name}" for name in sorted(called)]
    assert found == []


def test_no_clock_of_the_database():
    """Times are bound: the session's clock and zone do not reach other nodes."""
    clocks = re.compile(
        r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\("
        r"|\bCURRENT_(DATE|TIME\w*)\b|\bLOCALTIME\w*",
        re.I,
    )
    assert clocks.search("SELECT now()")
    assert faults(clocks.search) == []


def test_locks_are_row_locks_only():
    others = re.compile(r"LOCK TABLE|PG_ADVISORY|NOTIFY", re.I)
    assert faults(others.search) == []


def test_each_is_one_command():
    assert faults(lambda text: ";" in text.strip().rstrip(";")) == []


async def test_parameters_and_results_are_no_odd_arrays(conn):
    """Arrays of text alone go over the wire; `$1::text[]::bigint[]` is the way for others."""
    odd = []
    for statement in ALL:
        prepared = await conn.prepare(statement.sql)
        kinds = [*prepared.get_parameters(), *(each.type for each in prepared.get_attributes())]
        odd += [
            f"{statement.id}: {kind.name}"
            for kind in kinds
            if (kind.kind == "array" and "text" not in kind.name) or kind.kind == "range"
        ]
    assert odd == []


@pytest.mark.parametrize("path", python_files(), ids=short)
def test_only_the_stores_hold_sql(path):
    """No SQL elsewhere, and nowhere an f-string or a sum that makes SQL out of values."""
    where = short(path)
    allowed = "/store/" in where or where in DRIVER_USERS
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.JoinedStr):
            text = "".join(v.value for v in node.values if isinstance(v, ast.Constant))
            made = re.match(r"\s*(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\s", text)
            assert not made, f"{where}:{node.lineno} makes SQL with an f-string"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not allowed:
            looks = is_sql(node.value) and re.search(r"\b(FROM|INTO|SET)\b", node.value)
            assert not looks, f"{where}:{node.lineno} holds SQL outside a store"


@pytest.mark.parametrize("path", python_files(), ids=short)
def test_only_the_stores_use_the_driver(path):
    where = short(path)
    if "/store/" in where or where in DRIVER_USERS:
        return
    used = {
        node.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "asyncpg"
    }
    assert used <= TYPES_ONLY, f"{where} uses the driver: {sorted(used - TYPES_ONLY)}"


@pytest.mark.parametrize(
    "path", [path for path in python_files() if "/store/" in short(path)], ids=short
)
def test_a_store_function_is_named_for_what_it_does(path):
    """Reads find_, list_, count_, load_; writes insert_, update_, delete_ or a verb of the case."""
    for node in tree(path).body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            assert node.args.args, f"{node.name} takes a connection first"
            assert node.args.args[0].arg == "conn", f"{node.name} takes a connection first"

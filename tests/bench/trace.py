"""What a request says to the database: recorded, explained, and replayed as a pgbench script."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from gateway import db as gateway_db

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BUCKET = re.compile(r"\w+:[\dT-]+:([0-9a-f]{24})")


@dataclass(frozen=True)
class Statement:
    """One round trip: SQL and its arguments, None where it was run for no row at all."""

    sql: str
    args: tuple[Any, ...] | None

    @property
    def is_frame(self) -> bool:
        """Whether it only opens or ends a transaction."""
        return self.sql.startswith(("BEGIN", "COMMIT", "ROLLBACK"))

    @property
    def writes(self) -> bool:
        """Whether it changes rows."""
        return any(f"{verb} " in self.sql for verb in ("INSERT", "UPDATE", "DELETE"))


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Every round trip of pools that are opened inside the block, in order.

    A statement's first use on a connection costs one more for its preparation; that one is not
    counted, since a server prepares once and runs a million times.
    """
    heard: list[Statement] = []
    original = gateway_db._set_codecs

    def note(query: asyncpg.connection.LoggedQuery) -> None:
        args = query.args or ()
        if isinstance(args, list):  # executemany sends all rows at once; the first stands for them
            args = args[0] if args else None
        heard.append(Statement(query.query, args if args is None else tuple(args)))

    async def set_codecs(conn: asyncpg.Connection) -> None:
        await original(conn)
        conn.add_query_logger(note)

    gateway_db._set_codecs = set_codecs
    try:
        yield heard
    finally:
        gateway_db._set_codecs = original


@dataclass(frozen=True)
class Plan:
    """What EXPLAIN ANALYZE said of one statement."""

    sql: str
    generic: bool
    buffers: int
    scans: tuple[tuple[str, str], ...]  # (node type, table), of every scan that was run
    milliseconds: float = 0.0

    def whole_tables(self, small: frozenset[str]) -> list[str]:
        """Tables read from end to end, other than the `small` ones."""
        return [table for node, table in self.scans if node == "Seq Scan" and table not in small]


async def explain(
    conn: asyncpg.Connection,
    statement: Statement,
    *,
    generic: bool,
    fresh: Mapping[str, str] | None = None,
) -> Plan:
    """Runs the statement in a transaction that is rolled back, under one kind of plan.

    `conn` is scoped to the county. Twice, so that the buffers of catalogues do not count.
    """
    types = await _types(conn, statement.sql)
    values = ", ".join(
        literal(value, type_name, fresh)
        for value, type_name in zip(statement.args or (), types, strict=True)
    )
    mode = "force_generic_plan" if generic else "force_custom_plan"
    await conn.execute(f"SET plan_cache_mode TO {mode}")
    taken, given = (f"({', '.join(types)})", f"({values})") if types else ("", "")
    await conn.execute(f"PREPARE explained {taken} AS {statement.sql}")
    text = ""
    for _ in range(2):
        transaction = conn.transaction()
        await transaction.start()
        try:
            text = await conn.fetchval(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE explained {given}"
            )
        finally:
            await transaction.rollback()
    await conn.execute("DEALLOCATE explained")
    told = json.loads(text)[0]
    root = told["Plan"]
    return Plan(
        sql=statement.sql,
        generic=generic,
        buffers=root["Shared Hit Blocks"] + root["Shared Read Blocks"],
        scans=tuple(_scans(root)),
        milliseconds=told["Execution Time"],
    )


def _scans(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "Relation Name" in node and "Scan" in node["Node Type"] and node.get("Actual Loops", 0):
        yield node["Node Type"], node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _scans(child)


async def _types(conn: asyncpg.Connection, sql: str) -> list[str]:
    prepared = await conn.prepare(sql)
    return [each.name for each in prepared.get_parameters()]


def literal(value: Any, type_name: str, fresh: Mapping[str, str] | None = None) -> str:
    """A value as SQL text. Occurrences of a key of `fresh` become its SQL expression."""
    if value is None:
        return f"NULL::{type_name}"
    if isinstance(value, list | tuple) and type_name.endswith("[]"):
        parts = ", ".join(literal(each, type_name[:-2], fresh) for each in value)
        return f"ARRAY[{parts}]::{type_name}"
    if isinstance(value, bytes):
        found = (fresh or {}).get(value.hex())
        return found or f"'\\x{value.hex()}'::bytea"
    if type_name in ("json", "jsonb"):
        value = json.dumps(value, ensure_ascii=False)
    return f"{_quoted(str(value), fresh or {})}::{type_name}"


def _quoted(text: str, fresh: Mapping[str, str]) -> str:
    """E'…' without a colon, which pgbench would take for one of its variables."""
    for old, expression in fresh.items():
        if old in text:
            parts = [_quoted(part, fresh) for part in text.split(old)]
            return "(" + f" || ({expression}) || ".join(parts) + ")"
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a")
    return f"E'{escaped.replace(chr(10), chr(92) + 'n')}'"


def fresh_values(statements: Sequence[Statement]) -> dict[str, str]:
    """SQL that makes new ids, hashes and buckets from pgbench's `:n` where a write had new ones.

    Keys are texts as `literal` finds them. What was read before it was written is not new.
    """
    known = {text for text, _ in _new_in([each.args for each in statements if not each.writes])}
    written = _new_in([each.args for each in statements if each.writes])
    return {text: expression for text, expression in written if text not in known}


def _new_in(value: Any) -> Iterator[tuple[str, str]]:
    """Whatever is unique to one request, anywhere inside arguments, with SQL for another one."""
    if isinstance(value, Mapping):
        yield from _new_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _new_in(each)
    elif isinstance(value, bytes):
        if len(value) == 32:
            yield value.hex(), f"sha256('\\x{value.hex()}'::bytea || ((:n)::bigint)::text::bytea)"
    elif value is not None:
        text = str(value)
        if _ID.fullmatch(text):
            yield text, f"'{text[:24]}' || lpad(to_hex((:n)::bigint), 12, '0')"
        elif bucket := _BUCKET.fullmatch(text):
            # Another visitor, with a bucket of his own.
            yield bucket.group(1), "lpad(to_hex((:n)::bigint), 24, '0')"


async def pgbench_script(
    conn: asyncpg.Connection,
    statements: Sequence[Statement],
    *,
    replaced: Mapping[str, str] | None = None,
    each_target: bool = False,
) -> str:
    """The same statements for pgbench, each run with ids of its own.

    One statement needs no transaction around it, and reads none either: the limit is the least
    that could be said. `replaced` are further texts to replace with expressions.
    """
    said = [each for each in statements if not each.is_frame]
    fresh = {**fresh_values(said), **(replaced or {})}
    lines = []
    for each in said:
        types = await _types(conn, each.sql)
        lines.append(_with_literals(each, types, fresh))
    if sum(each.writes for each in said) > 1:
        lines = ["BEGIN;", *lines, "END;"]
    number = "random(1, 281474976710655)"
    if each_target:
        lines.insert(0, "\\set i :i + 1")
        number = ":client_id * :per + :i + 1"
    return f"\\set n {number}\n" + "\n".join(lines) + "\n"


def _with_literals(statement: Statement, types: Sequence[str], fresh: Mapping[str, str]) -> str:
    lines = [line.partition("--")[0].strip() for line in statement.sql.splitlines()]
    sql = " ".join(line for line in lines if line)
    for number in range(len(types), 0, -1):
        sql = sql.replace(f"${number}", f"\0{number}\0")
    for number, (value, type_name) in enumerate(zip(statement.args or (), types, strict=True), 1):
        text = literal(value, type_name, fresh)
        sql = sql.replace(f"\0{number}\0", text)
    return sql.rstrip(";") + ";"

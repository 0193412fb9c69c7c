"""The bench's own tools: a figure is worth what its replay is."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from tests.bench.cases import Directory, draw
from tests.bench.trace import Statement, fresh_values, literal, pgbench_script

ID = UUID("01a2072d-2ba4-7986-a521-98ae5ab25b02")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "type_name"),
    [
        ("it's 12:30 \\ a\nnew line :n ::text", "text"),
        ({"at": "10:00", "who": "O'Neill\\"}, "jsonb"),
        (["a:b", "c'd"], "text[]"),
        (b"\x00:'\\", "bytea"),
        (ID, "uuid"),
        (NOW, "timestamptz"),
        (True, "bool"),
        (None, "text"),
    ],
)
async def test_a_literal_is_the_value_again(
    conn: asyncpg.Connection, value: object, type_name: str
) -> None:
    assert await conn.fetchval(f"SELECT {literal(value, type_name)}") == value


def test_no_literal_holds_what_pgbench_would_take_for_a_variable() -> None:
    assert ":n" not in literal("ask :n", "text").replace("::text", "")


async def test_a_fresh_id_replaces_the_old_one_wherever_it_stands(
    conn: asyncpg.Connection,
) -> None:
    written = Statement("INSERT INTO t", (ID, [{"id": str(ID), "x": 1}]))
    fresh = {old: new.replace(":n", "255") for old, new in fresh_values([written]).items()}
    alone = await conn.fetchval(f"SELECT {literal(ID, 'uuid', fresh)}")
    (within,) = await conn.fetchval(f"SELECT {literal([{'id': str(ID)}], 'jsonb', fresh)}")
    assert str(alone) == within["id"] == "01a2072d-2ba4-7986-a521-0000000000ff"


def test_an_id_that_was_read_before_stays() -> None:
    read, written = Statement("SELECT", (ID,)), Statement("UPDATE ", (ID, b"x" * 32))
    assert list(fresh_values([read, written])) == [(b"x" * 32).hex()]


async def test_reads_are_replayed_without_a_transaction_around_them(
    conn: asyncpg.Connection,
) -> None:
    said = [Statement("BEGIN; SET LOCAL x", ()), Statement("SELECT $1::int", (7,))]
    script = await pgbench_script(conn, said)
    assert script.splitlines()[1:] == ["SELECT E'7'::int4::int;"]


def test_the_same_seed_draws_the_same_case_and_youth_is_open() -> None:
    directory = Directory(["O1", "O2"], ["U"], ["A1"], ["M"], ["L05"])
    first, again = (draw(999, 1000, directory, NOW, 1) for _ in range(2))
    assert first == again
    old = [draw(n, 1000, directory, NOW, 1) for n in range(500)]
    assert not any(case.state in ("received", "dispatched") for case in old)
    assert {case.office for case in old} == {"O1", "O2"}

"""Whoever empties the chain in the database has it sealed anew by us, and is still found out."""

from pathlib import Path

import asyncpg
import pytest

from gateway import chain_ends, checks, timers
from gateway.context import Context
from tests.browser.cases import file_case
from tests.database import SCHEMA
from tests.gateway.desk.conftest import Desk, clock, desk

__all__ = ["clock", "desk"]

EMPTIED = ("DELETE FROM event_chain", "DELETE FROM event_seal")


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


async def sealed(desk: Desk) -> int:
    """Files a case and seals its events."""
    await file_case(desk.context)
    desk.clock.forward(minutes=5)
    return await timers.seal(desk.context)


def kept(context: Context) -> tuple[int, bytes] | None:
    return chain_ends.find(context.settings.data_dir, SCHEMA)


async def end(desk: Desk) -> tuple[int, bytes]:
    row = await desk.rows(f"SELECT n, hash FROM {SCHEMA}.event_chain")
    return tuple(row[0])


async def audited(desk: Desk, database: str) -> list[str]:
    """The findings of `gateway check --audit`."""
    settings, now = desk.context.settings, desk.clock()
    chains = checks.audit_chains(settings, database, now)
    return [line for _, lines in [each async for each in chains] for line in lines]


async def test_before_anything_is_sealed_nothing_is_kept(desk: Desk):
    assert await timers.seal(desk.context) == 0
    assert kept(desk.context) is None


async def test_the_end_moves_on_with_the_chain(desk: Desk):
    await sealed(desk)
    assert kept(desk.context) == await end(desk)
    await sealed(desk)
    assert kept(desk.context) == await end(desk)
    assert (await end(desk))[0] > 3


async def test_a_chain_that_was_begun_anew_is_told_and_stays_told(desk: Desk, fresh_database: str):
    await sealed(desk)
    before = kept(desk.context)
    assert before
    conn = await asyncpg.connect(fresh_database, server_settings={"search_path": SCHEMA})
    for statement in (*EMPTIED, "UPDATE event SET actor = 'x' WHERE kind = 'accepted'"):
        await conn.execute(statement)
    await conn.close()
    # We ourselves make seals of what was changed, and more.
    assert await sealed(desk) > 3
    assert kept(desk.context) == before != await end(desk)
    lost, mend = await audited(desk, fresh_database)
    assert lost == f"test: noted: seq {before[0]}"
    path = chain_ends.path_of(desk.context.settings.data_dir, SCHEMA)
    assert str(path) in mend
    path.unlink()
    assert await audited(desk, fresh_database) == []


async def test_a_chain_of_which_nothing_is_left_is_told(desk: Desk, fresh_database: str):
    await sealed(desk)
    conn = await asyncpg.connect(fresh_database, server_settings={"search_path": SCHEMA})
    for statement in (*EMPTIED, "DELETE FROM outbox", "DELETE FROM event"):
        await conn.execute(statement)
    await conn.close()
    assert "noted: seq " in (await audited(desk, fresh_database))[0]


@pytest.mark.parametrize("text", ["", "x", "3:zz", "3"])
def test_a_file_that_says_nothing_is_no_end_of_any_chain(tmp_path: Path, text: str):
    path = chain_ends.path_of(tmp_path, SCHEMA)
    path.parent.mkdir()
    path.write_text(text)
    assert chain_ends.find(tmp_path, SCHEMA) == chain_ends.UNREADABLE

"""Whoever empties the chain in the database has it sealed anew by us, and is still found out."""

from hashlib import sha256
from pathlib import Path

import asyncpg
import pytest

from complaints import audit
from complaints.store import audit as audit_store
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


async def test_events_that_nobody_seals_are_a_fault_of_the_installation(desk: Desk):
    await file_case(desk.context)
    (county,) = desk.context.counties

    async def told() -> list[str]:
        now = desk.clock()
        found = await checks.county_faults(desk.context.db, county, now)
        return [each for each in found if "no seal" in each]

    assert await told() == []
    desk.clock.forward(minutes=31)
    assert len(await told()) == 1
    await timers.seal(desk.context)
    assert await told() == []


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


async def test_a_chain_that_was_written_anew_as_from_before_there_was_a_key_is_told(
    desk: Desk, fresh_database: str
):
    """Seals without a key can be made by anybody; by themselves they fit."""
    await sealed(desk)
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute("UPDATE event SET actor = 'x' WHERE kind = 'accepted'")
        head = audit.START
        for row in await audit_store.list_sealed(conn, 0, audit.BATCH):
            head = sha256(audit.content(head, row, None)).digest()
            await conn.execute(
                "UPDATE event_seal SET hash = $2, key = NULL, words = NULL WHERE seq = $1",
                row["seq"], head,
            )  # fmt: skip
        await conn.execute("UPDATE event_chain SET hash = $1, key = NULL, mac = NULL", head)
    (lost, _mend) = await audited(desk, fresh_database)
    assert "noted: seq " in lost


async def test_a_chain_of_which_nothing_is_left_is_told(desk: Desk, fresh_database: str):
    await sealed(desk)
    conn = await asyncpg.connect(fresh_database, server_settings={"search_path": SCHEMA})
    for statement in (*EMPTIED, "DELETE FROM outbox", "DELETE FROM event"):
        await conn.execute(statement)
    await conn.close()
    assert "noted: seq " in (await audited(desk, fresh_database))[0]


async def test_an_end_that_cannot_be_read_is_a_fault_and_none_is_said(
    desk: Desk, fresh_database: str
):
    await sealed(desk)
    settings, path = (
        desk.context.settings,
        chain_ends.path_of(desk.context.settings.data_dir, SCHEMA),
    )
    path.unlink()
    chains = checks.audit_chains(settings, fresh_database, desk.clock())
    assert [
        (head.endswith("no end of it is kept here"), lines) async for head, lines in chains
    ] == [(True, [])]
    path.mkdir()
    (told,) = await audited(desk, fresh_database)
    assert told.startswith(f"test: {path} cannot be read")


@pytest.mark.parametrize("text", ["", "x", "3:zz", "3"])
def test_a_file_that_says_nothing_is_no_end_of_any_chain(tmp_path: Path, text: str):
    path = chain_ends.path_of(tmp_path, SCHEMA)
    path.parent.mkdir()
    path.write_text(text)
    assert chain_ends.find(tmp_path, SCHEMA) == chain_ends.UNREADABLE

"""`gateway check --audit` and `gateway retention`, on a county with a history."""

import asyncio
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from click import Command
from click.testing import CliRunner

from complaints import audit, timers
from complaints.standing import COMPLAINANT, begin
from complaints.store.standing import update_case
from gateway import retention as wiping
from gateway.attachments import FolderStore
from gateway.commands.check import check
from gateway.commands.retention import retention
from gateway.context import system_clock
from gateway.counties import load_counties
from gateway.db import Database
from gateway.snapshots import Snapshots
from tests import database
from tests.complaints.test_standing import filed
from tests.people import COUNTY, SECRET, SIGNER


@pytest.fixture(autouse=True)
def here(fresh_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", fresh_database)
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GATEWAY_SECRET_KEY", SECRET)


def call(command: Command, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


async def with_history(db: Database) -> str:
    """A case of yesterday, all of whose events are in the chain; its number."""
    yesterday = system_clock() - timedelta(days=1)

    async def work(conn: asyncpg.Connection) -> str:
        case = await filed(conn, yesterday)
        assert await audit.seal(conn, system_clock(), SIGNER) == 3
        return case.number

    return await db.run(database.SCHEMA, work)


async def change(db: Database, sql: str) -> None:
    """As somebody with the database's own password would."""

    async def work(conn: asyncpg.Connection) -> None:
        await conn.execute("ALTER TABLE event DISABLE TRIGGER ALL")
        await conn.execute(sql)

    await db.run(database.SCHEMA, work)


async def in_thread(command: Command, *arguments: str) -> tuple[int, str]:
    return await asyncio.to_thread(call, command, *arguments)


async def test_an_untouched_chain_has_a_head_and_no_findings(db: Database) -> None:
    await with_history(db)
    status, output = await in_thread(check, "--audit")
    assert status == 0
    head = await db.run(database.SCHEMA, audit_head)
    assert f"3 events in the chain, head {head.hex()}" in output
    assert output.endswith("No faults found.\n")


async def test_an_end_that_was_written_down_is_looked_for(db: Database) -> None:
    await with_history(db)
    head = await db.run(database.SCHEMA, audit_head)
    assert (await in_thread(check, "--audit", "--head", f"3:{head.hex()}"))[0] == 0
    status, output = await in_thread(check, "--head", f"3:{'00' * 32}")
    assert (status, "noted: seq 3" in output) == (1, True)
    assert (await in_thread(check, "--head", "3"))[0] == 2


async def audit_head(conn: asyncpg.Connection) -> bytes:
    head: bytes = await conn.fetchval("SELECT hash FROM event_seal WHERE seq = 3")
    return head


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE event SET actor = 'x' WHERE kind = 'accepted'", "changed: case {}, seq "),
        ("DELETE FROM event_seal WHERE seq = 2", "removed: seq 2"),
        (
            "INSERT INTO event (id, complaint, at, kind, actor_kind, data) SELECT"
            " '01900000-0000-7000-8000-000000000000', id, created_at, 'signed', 'office', '{}'"
            " FROM complaint",
            "inserted: case {}, not in the chain, event 01900000-0000-7000-8000-000000000000",
        ),
    ],
    ids=["changed", "removed", "inserted"],
)
async def test_whoever_touched_the_log_is_found_out_row_by_row(
    db: Database, sql: str, told: str
) -> None:
    number = await with_history(db)
    await change(db, sql)
    status, output = await in_thread(check, "--audit")
    assert status == 1
    assert told.replace("{}", number) in output
    assert "No faults found" not in output


async def withdrawn(db: Database, ago: timedelta) -> str:
    """A case that was withdrawn so long ago; its number."""
    then = system_clock() - ago

    async def work(conn: asyncpg.Connection) -> str:
        case = await filed(conn, then, name="何敏仪")
        assert await update_case(
            conn, begin(case, COUNTY.calendar, then).then("withdraw", COMPLAINANT)
        )
        return case.number

    return await db.run(database.SCHEMA, work)


async def secrets_left(conn: asyncpg.Connection) -> int:
    n: int = await conn.fetchval("SELECT count(*) FROM complaint_secret")
    return n


async def test_what_is_not_due_is_neither_shown_nor_wiped(db: Database) -> None:
    await withdrawn(db, timedelta(days=1))
    assert await in_thread(retention, "--dry-run") == (
        0, "Due within 30 days: 0. Nothing was wiped.\n",
    )  # fmt: skip
    assert await in_thread(retention) == (0, "Wiped: 0.\n")
    assert await db.run(database.SCHEMA, secrets_left) == 1


async def test_what_is_due_is_shown_first_and_then_wiped_once(db: Database) -> None:
    past = await withdrawn(db, timers.KEPT + timedelta(days=2))
    soon = await withdrawn(db, timers.KEPT - timedelta(days=10))
    status, output = await in_thread(retention, "--dry-run")
    assert status == 0
    assert f"{past} (withdrawn), due since" in output
    assert f"{soon} (withdrawn), due on" in output
    assert await db.run(database.SCHEMA, secrets_left) == 2

    status, output = await in_thread(retention)
    assert (status, output.count("wiped\n")) == (0, 1)
    assert f"{past} wiped" in output
    assert await db.run(database.SCHEMA, secrets_left) == 1
    assert await in_thread(retention) == (0, "Wiped: 0.\n")


async def test_where_more_is_due_than_is_shown_that_is_said(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (2, 3):
        await withdrawn(db, timers.KEPT + timedelta(days=days))
    monkeypatch.setattr("gateway.retention.MOST_SHOWN", 1)
    _, output = await in_thread(retention, "--dry-run")
    assert output.count("(withdrawn), due since") == 1
    assert "test: only the first 1 are shown" in output
    assert "Due within 30 days: more than 1. Nothing was wiped." in output


async def test_wiping_for_hours_writes_no_event_that_looks_put_in(
    db: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for days in (2, 3):
        await withdrawn(db, timers.KEPT + timedelta(days=days))
    times = iter([system_clock() + timedelta(hours=n) for n in range(9)])
    monkeypatch.setattr("gateway.retention.BATCH", 1)
    (county,) = await load_counties(db)
    files = FolderStore(tmp_path / "attachments")
    done = await wiping.wipe(db, county, Snapshots(db), files, lambda: next(times))
    assert len(done.numbers) == 2

    async def told(conn: asyncpg.Connection) -> list[timedelta]:
        rows = await conn.fetch("SELECT at FROM event WHERE kind = 'wiped' ORDER BY at")
        return [row["at"] - rows[0]["at"] for row in rows]

    first, second = await db.run(database.SCHEMA, told)
    assert (first, round(second / timedelta(hours=1))) == (timedelta(), 1)


async def test_a_case_that_cannot_be_wiped_keeps_no_other_from_it_and_is_named(
    db: Database,
) -> None:
    odd = await withdrawn(db, timers.KEPT + timedelta(days=3))
    past = await withdrawn(db, timers.KEPT + timedelta(days=2))
    rule = f"CHECK (number <> '{odd}' OR wiped_at IS NULL)"
    await change(db, f"ALTER TABLE complaint ADD CONSTRAINT odd {rule}")
    status, output = await in_thread(retention)
    assert f"{past} wiped" in output
    assert f"{odd} could not be wiped" in output
    assert (status, "Wiped: 1." in output) == (1, True)
    assert await db.run(database.SCHEMA, secrets_left) == 1


async def test_an_end_of_a_county_that_is_not_here_is_not_called_found(db: Database) -> None:
    await with_history(db)
    status, output = await in_thread(check, "--head", f"elsewhere:3:{'00' * 32}")
    assert status == 1
    assert "noted: there is no county elsewhere" in output

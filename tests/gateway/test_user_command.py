"""`gateway user`: logins from the machine's own command line."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from gateway import demo_staff
from gateway.commands.user import ROLES, user
from gateway.db import Database
from gateway.desk import access, passwords, throttling
from tests import database
from tests.people import SECRET
from tests.site import site_context


@pytest.fixture
def empty_site(fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", fresh_database)
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path))
    return fresh_database


def call(*arguments: str, typed: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(user, arguments, input=typed)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


ADD = ("add", "Chan", "--name", "陈小窗", "--role", "administrator")


def test_the_command_knows_the_same_roles_as_the_desk():
    assert access.ROLES == ROLES


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "a b", "--name", "x", "--role", "operator"), "no spaces"),
        (("add", "", "--name", "x", "--role", "operator"), "enter the login"),
        (("add", "x", "--name", "  ", "--role", "operator"), "enter the name"),
        (("add", "x", "--name", "x" * 61, "--role", "operator"), "too long"),
        (("add", "x", "--name", "x", "--role", "king"), "king"),
        (("add", "x", "--name", "x"), "--role"),
    ],
)
def test_a_faulty_login_is_refused_before_a_database_is_asked(arguments, told):
    status, output = call(*arguments)
    assert status == 2
    assert told in output


def test_nobody_can_be_reset_or_disabled_who_is_not_there(empty_site):
    for command in ("reset", "disable"):
        status, output = call(command, "nobody")
        assert status == 2
        assert "gateway user list" in output


def test_a_weak_password_is_refused_and_nothing_is_stored(empty_site):
    status, output = call(*ADD, "--ask", typed="password1234\npassword1234\n")
    assert status == 2
    assert "common" in output
    assert call("list") == (0, "")


def test_a_login_is_added_listed_reset_and_disabled(empty_site):
    status, output = call(*ADD)
    assert status == 0
    first = output.strip().rpartition(" ")[2]
    assert passwords.find_fault(first, "Chan") is None
    assert call("list") == (0, "Chan\t陈小窗\tadministrator\tone-time password\n")
    status, output = call("reset", "CHAN")
    assert status == 0
    assert output.strip().rpartition(" ")[2] != first
    status, output = call("disable", "chan")
    assert status == 1
    assert "last administrator" in output
    call("add", "wong", "--name", "黄", "--role", "administrator")
    assert call("disable", "chan") == (0, "Chan is disabled.\n")
    assert "disabled" in call("list")[1]
    assert call("disable", "chan", "--undo") == (0, "Chan can sign in again.\n")


def test_a_login_that_exists_gets_more_roles_and_keeps_its_password(empty_site):
    call(*ADD)
    status, output = call("add", "ｃｈａｎ", "--name", "x", "--role", "operator")
    assert status == 0
    assert "administrator, operator" in output
    assert "assword" not in output


async def test_what_was_done_stands_in_the_log_without_the_password(empty_site):
    _, output = await asyncio.to_thread(call, *ADD)
    conn = await asyncpg.connect(empty_site)
    row = await conn.fetchrow("SELECT actor, kind, data::text AS data FROM shared.desk_log")
    kept = await conn.fetchval("SELECT password_hash FROM shared.desk_user")
    await conn.close()
    password = output.strip().rpartition(" ")[2]
    assert (row["actor"], row["kind"]) == (None, "user_added")
    assert password not in row["data"]
    assert kept.startswith("$argon2id$")


async def test_a_reset_begins_the_logins_count_of_wrong_tries_anew(
    empty_site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GATEWAY_SECRET_KEY", SECRET)
    await asyncio.to_thread(call, *ADD)
    async with site_context(empty_site, tmp_path, secret_key=(SECRET,)) as context:
        at = {"address": "203.0.113.7", "device": None, "now": context.clock()}
        tried = throttling.buckets(context, "login", login_key="chan", **at)
        async with context.db.connection() as conn:
            await throttling.claim(conn, tried, context.clock())
    status, output = await asyncio.to_thread(call, "reset", "chan")
    assert status == 0, output
    conn = await asyncpg.connect(empty_site)
    rows = await conn.fetch("SELECT bucket FROM shared.desk_try")
    await conn.close()
    left = {row["bucket"].split(":")[1] for row in rows}
    assert left == {"pair", "network"}, "who guessed still waits; the owner does not"


# The demo's logins


@pytest.fixture
def demo_county(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_staff, "CODE", database.NAME)


async def test_the_demo_makes_one_login_a_role_once(
    fresh_database: str, demo_county, tmp_path: Path, now
):
    kept = tmp_path / "data" / "desk-logins.json"
    first = await demo_staff.prepare(fresh_database, kept, now)
    assert set(first) == set(ROLES)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert await demo_staff.prepare(fresh_database, kept, now) == first
    db = await Database.connect(fresh_database)
    async with db.connection() as conn:
        rows = await conn.fetch(
            "SELECT u.login, u.password_hash, r.role FROM shared.desk_user u"
            " JOIN shared.desk_role r ON r.desk_user = u.id"
        )
    await db.close()
    assert {row["role"]: row["login"] for row in rows} == {role: role for role in ROLES}
    for row in rows:
        assert await passwords.verify(row["password_hash"], first[row["login"]])


async def test_a_spoiled_file_of_the_demo_is_made_anew(
    fresh_database: str, demo_county, tmp_path: Path, now
):
    kept = tmp_path / "desk-logins.json"
    kept.write_text("{]")
    assert set(await demo_staff.prepare(fresh_database, kept, now)) == set(ROLES)

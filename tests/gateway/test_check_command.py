"""`gateway check`: one line for each fault, with its mend; exit 1."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from board.ids import new_id
from gateway import checks
from gateway.keys import Keyring
from gateway.settings import Settings
from tests import database
from tests.gateway.processes import run

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


async def faults_of(url: str, now: datetime = NOW, **settings: str) -> list[str]:
    given = Settings(**settings)
    return [fault async for fault in checks.find_faults(given, url, now)]


@pytest.mark.parametrize(
    ("years", "today", "missing"),
    [
        ([2026], date(2026, 1, 1), []),
        ([2026], date(2026, 11, 15), []),
        ([2026], date(2026, 11, 16), [2027]),
        ([2026, 2027], date(2026, 12, 31), []),
        ([2026, 2027], date(2027, 1, 1), []),
        ([2025], date(2026, 6, 1), [2026]),
        ([], date(2026, 12, 1), [2026, 2027]),
        ([2027], date(2026, 12, 1), [2026]),
    ],
)
def test_calendars_that_are_needed_by_now(years, today, missing):
    found = checks.calendar_faults(years, today)
    assert [line.split()[2] for line in found] == [str(year) for year in missing]
    assert all("gateway county import" in line for line in found)


async def test_a_sound_county_has_no_fault(demo_database_url):
    assert await faults_of(demo_database_url, now=datetime(2026, 6, 1, tzinfo=UTC)) == []


async def test_a_missing_calendar_is_a_fault_of_its_county(demo_database_url):
    assert await faults_of(demo_database_url) == [
        "test: calendar of 2027 is missing, due days in it are unknown; "
        "put the year into calendar.json and run: gateway county import DIR"
    ]


async def test_letters_that_were_given_up_and_that_wait_are_faults(fresh_demo_database):
    await add_complaint(fresh_demo_database, letters=["given_up", "waiting", "waiting", "sent"])
    found = await faults_of(fresh_demo_database, now=datetime(2026, 6, 1, tzinfo=UTC))
    assert found[1].startswith("test: ")
    assert "was given up" in found[1]
    assert [found[0], *found[2:]] == [
        "test: 1 letters were given up; the county desk has a task for each",
        "test: 2 letters wait for more than half an hour; run: gateway work",
    ]


def test_letters_that_were_never_written_or_held_back_are_faults_too():
    assert checks.letter_faults({}, []) == []
    tasks = {"letters_missing": 2, "letters_dropped": 1, "another": 5}
    found = checks.letter_faults(tasks, [])
    assert [line.split()[0] for line in found] == ["2", "1"]
    assert all("task" in line for line in found)


def test_a_letter_that_was_given_up_is_named_with_why_and_without_an_address():
    row = {"number": None, "office": "O-JW", "recipient": "office", "template": "sealed"}
    (line,) = checks.letter_faults({}, [{**row, "last_error": "550 no such user"}])
    assert line == "a sealed case: the letter 'sealed' to O-JW was given up: 550 no such user"


async def test_an_open_complaint_without_an_owner_is_a_fault(fresh_demo_database):
    await add_complaint(fresh_demo_database, state="in_hand", owner=None)
    await add_complaint(fresh_demo_database, state="archived", owner=None)
    await add_complaint(fresh_demo_database, state="in_hand", owner="office")
    found = await faults_of(fresh_demo_database, now=datetime(2026, 6, 1, tzinfo=UTC))
    assert len(found) == 1
    assert found[0].startswith("test: 1 open complaints have no owner or no deadline")


async def test_no_offices_and_no_rules_are_faults_with_their_mend(db, fresh_database):
    found = await faults_of(fresh_database)
    assert [line for line in found if "offices.csv" in line and "gateway county import" in line]
    assert [line for line in found if "routing.csv" in line and "gateway county import" in line]


@pytest.mark.parametrize(
    ("now_set", "fault"),
    [
        (("n" * 32, "o" * 32), False),
        (("o" * 32,), False),
        (("n" * 32,), True),
        ((), True),
    ],
    ids=["rotated", "as it was", "the old one forgotten", "none at all"],
)
async def test_a_key_that_is_missing_is_a_fault(fresh_demo_database, tmp_path, now_set, fault):
    await add_complaint(fresh_demo_database)
    conn = await asyncpg.connect(
        fresh_demo_database, server_settings={"search_path": "county_test"}
    )
    await conn.execute(
        "INSERT INTO complaint_secret (complaint, wrapped_key) SELECT id, $1 FROM complaint",
        Keyring(("o" * 32,)).wrap(b"k" * 32),
    )
    await conn.close()
    found = await faults_of(
        fresh_demo_database,
        now=datetime(2026, 6, 1, tzinfo=UTC),
        data_dir=tmp_path,
        secret_key=now_set,
    )
    assert ["GATEWAY_SECRET_KEY" in line for line in found] == [True] * fault
    assert not list(tmp_path.iterdir()), "a check makes no key"


COLUMNS = (
    "id, number, request_hash, code_hash, channel, language, state, sealed, owner, next_at,"
    " subject_state, share_contact, publish, routing, created_at"
)


async def add_complaint(
    url: str, *, state: str = "in_hand", owner: str | None = "office", letters: list[str] = ()
) -> None:
    """A complaint with one event, and a letter about it for each state, due in May."""
    key, event = new_id(NOW), new_id(NOW)
    may = datetime(2026, 5, 1, tzinfo=UTC)
    conn = await asyncpg.connect(url, server_settings={"search_path": "county_test"})
    await conn.execute(
        f"INSERT INTO complaint ({COLUMNS}) VALUES ($1, $2, $3, $3, 'web', 'en', $4, false, $5,"
        " $6, 'unit', false, false, '{}', $7)",
        key, str(key), key.bytes, state, owner, may if owner else None, may,
    )  # fmt: skip
    await conn.execute(
        "INSERT INTO event (id, complaint, at, kind, actor_kind, data)"
        " VALUES ($1, $2, $3, 'filed', 'complainant', '{}')",
        event, key, may,
    )  # fmt: skip
    for number, letter in enumerate(letters):
        each = new_id(NOW + timedelta(seconds=number))
        other = new_id(NOW + timedelta(seconds=number))
        await conn.execute(
            "INSERT INTO event (id, complaint, at, kind, actor_kind, data)"
            " VALUES ($1, $2, $3, 'filed', 'complainant', '{}')",
            other, key, may,
        )  # fmt: skip
        await conn.execute(
            "INSERT INTO letter (id, event, complaint, template, recipient, language, state,"
            " attempts, next_at, last_error, created_at)"
            " VALUES ($1, $2, $3, 't', 'office', 'en', $4, 0, $5, '', $5)",
            each, other, key, letter, may,
        )  # fmt: skip
        if letter == "given_up":
            await conn.execute(
                "INSERT INTO desk_task (id, kind, complaint, letter, created_at)"
                " VALUES ($1, 'letter_given_up', $2, $3, $4)",
                new_id(NOW), key, each, may,
            )  # fmt: skip
    await conn.close()


async def test_a_database_that_is_away_is_the_only_fault():
    (line,) = await faults_of("postgresql://x:hush@127.0.0.1:1/x")
    assert line.startswith("database: cannot be reached")
    assert "GATEWAY_DATABASE_URL" in line
    assert "hush" not in line


async def test_an_old_schema_is_a_fault(server_url):
    async with database.temporary_database(server_url) as url:
        (line,) = await faults_of(url)
    assert line.startswith("schema: ")
    assert "run: gateway migrate" in line


@pytest.fixture
def smtp() -> Iterator[int]:
    class Nobody:
        async def handle_DATA(self, _server, _session, _envelope) -> str:
            raise AssertionError("a check sends nothing")

    def sign_in(_server, _session, _envelope, _mechanism, data) -> AuthResult:
        return AuthResult(success=data.password == b"right", handled=False)

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        Nobody(), "127.0.0.1", port, authenticator=sign_in, auth_require_tls=False
    )
    controller.start()
    yield port
    controller.stop()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("smtp://127.0.0.1:{port}?starttls=0", None),
        ("smtp://u:right@127.0.0.1:{port}?starttls=0", None),
        ("smtp://u:wrong@127.0.0.1:{port}?starttls=0", "Authentication"),
        ("smtp://127.0.0.1:{port}?starttls=1", "STARTTLS"),
        ("smtp://127.0.0.1:1", "GATEWAY_SMTP_URL"),
    ],
)
async def test_the_mail_server_is_greeted_as_it_will_be_used(smtp, url, words):
    line = await asyncio.wait_for(checks.smtp_fault(url.format(port=smtp)), 20)
    if words is None:
        assert line is None
    else:
        assert line.startswith("mail: 127.0.0.1")
        assert words.lower() in line.lower()
        assert "wrong" not in line


def test_the_command_prints_faults_and_ends_with_1(demo_database_url, folder):
    done = run(
        "check",
        database_url=demo_database_url,
        data_dir=str(folder),
        smtp_url="smtp://127.0.0.1:1?starttls=0",
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert any(line.startswith("settings: ") for line in lines)
    assert any(line.startswith("mail: ") for line in lines)
    assert done.stdout == ""


def test_bad_settings_are_lines_of_the_check():
    done = run("check", log_format="xml", base_url="x")
    assert done.returncode == 1
    assert sorted(line.split()[0] for line in done.stderr.splitlines()) == [
        "GATEWAY_BASE_URL",
        "GATEWAY_LOG_FORMAT",
    ]


def test_no_database_at_all_is_said_and_none_is_made(folder):
    done = run("check", data_dir=str(folder / "none"))
    assert done.returncode == 1
    assert "run: gateway migrate" in done.stderr
    assert not (folder / "none").exists()


def test_settings_are_listed_without_secrets():
    done = run("check", "--settings", secret_key="s" * 40, mail_from="desk@county.example.org")
    assert done.returncode == 0
    assert "GATEWAY_MAIL_FROM=desk@county.example.org " in done.stdout
    assert "GATEWAY_SECRET_KEY=(set) " in done.stdout
    assert "sss" not in done.stdout


def test_migrate_makes_the_embedded_database_that_check_then_finds(folder):
    assert run("migrate", data_dir=str(folder)).returncode == 0
    done = run("check", data_dir=str(folder))
    assert (done.returncode, done.stdout) == (1, "")
    assert "run: gateway county import DIR" in done.stderr

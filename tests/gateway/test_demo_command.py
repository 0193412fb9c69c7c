"""`gateway demo`, the first thing that anybody does with the product."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import gateway
from gateway.ports import PortTaken
from tests import database
from tests.gateway.processes import (
    children,
    eventually,
    get,
    is_running,
    run,
    running,
    start,
    until_line,
)
from tests.thorough import first_of

# One worker for all of them: the first start of a demo is the longest part.
pytestmark = pytest.mark.xdist_group("demo")
READY = r"Ready: (http://\S+)"
STAFF_PAGE = "/staff/A1024"


@pytest.fixture(scope="module")
def used_folder() -> Iterator[Path]:
    """A data folder in which a demo ran before; its tests only read."""
    with database.removed(database.new_folder()) as made:
        with running(READY, "demo", "--port", "0", "--data-dir", str(made)):
            pass
        yield made


def demo(folder: Path, *more: str):
    return running(READY, "demo", "--port", "0", "--data-dir", str(folder), *more)


def test_the_first_start_shows_the_county_and_says_where_mail_is(folder):
    with demo(folder / "数 据") as (process, ready):
        assert until_line(process, r"Mail can be read at (\S+)/demo/mailbox")[1] == ready[1]
        assert get(ready[1] + "/health/ready") == (200, '{"ready": true}')
        status, page = get(ready[1] + "/")
        assert status == 200
        assert "云溪县" in page
        assert get(ready[1] + STAFF_PAGE)[0] == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stdout.read().endswith("Stopped.\n")
        assert process.stderr.read() == ""


@pytest.mark.parametrize("number", first_of([signal.SIGTERM, signal.SIGINT]))
def test_a_second_start_finds_the_same_county_and_stops_on_a_signal(used_folder, number):
    with demo(used_folder) as (process, ready):
        assert get(ready[1] + STAFF_PAGE)[0] == 200
        below = children(process.pid)
        assert below
        process.send_signal(number)
        assert process.wait(30) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in below)


def test_fresh_forgets_nothing_when_the_demo_cannot_start(tmp_path):
    kept = tmp_path / "attachments" / "one"
    kept.parent.mkdir()
    kept.write_text("yesterday's")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        words = ["demo", "--fresh", "--port", port, "--data-dir", str(tmp_path)]
        refused = CliRunner().invoke(gateway, words)
    assert isinstance(refused.exception, PortTaken)
    assert kept.exists()


@pytest.mark.thorough
def test_fresh_begins_anew_and_keeps_the_key(used_folder):
    key = (used_folder / "secret-key").read_text()
    password = (used_folder / "postgres" / "password").read_text()
    (used_folder / "attachments" / "x").mkdir(parents=True)
    with demo(used_folder, "--fresh") as (_, ready):
        assert get(ready[1] + STAFF_PAGE)[0] == 200
    assert (used_folder / "secret-key").read_text() == key
    assert (used_folder / "postgres" / "password").read_text() != password
    assert not (used_folder / "attachments").exists()


def test_the_key_is_readable_by_its_owner_alone(used_folder):
    assert (used_folder / "secret-key").stat().st_mode & 0o777 == 0o600


def test_a_port_in_use_is_said_before_anything_is_started(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("demo", "--port", str(port), "--data-dir", str(folder / "data"))
    assert done.returncode == 1
    assert done.stderr == (
        f"gateway: port {port} on 127.0.0.1 is in use; choose another with --port\n"
    )
    assert not (folder / "data").exists()


def test_a_second_demo_on_one_folder_is_refused_in_one_line(used_folder):
    with demo(used_folder) as (_, ready):
        done = run("demo", "--port", "0", "--data-dir", str(used_folder))
        assert done.returncode == 1
        assert "is in use by another running gateway" in done.stderr
        assert done.stderr.count("\n") == 1
        done = run("demo", "--fresh", "--port", "0", "--data-dir", str(used_folder))
        assert done.returncode == 1
        assert get(ready[1] + STAFF_PAGE)[0] == 200


@pytest.mark.thorough
def test_killed_with_everything_it_comes_back(used_folder):
    with demo(used_folder) as (process, _):
        for pid in [process.pid, *children(process.pid)]:
            os.kill(pid, signal.SIGKILL)
    with demo(used_folder) as (_, ready):
        assert get(ready[1] + STAFF_PAGE)[0] == 200


def test_killed_alone_it_comes_back(used_folder):
    with demo(used_folder) as (process, _):
        process.kill()
    with demo(used_folder) as (_, ready):
        assert get(ready[1] + STAFF_PAGE)[0] == 200


def test_a_database_that_dies_under_it_is_started_again(used_folder):
    with demo(used_folder) as (process, ready):
        os.kill(children(process.pid)[0], signal.SIGKILL)
        url = ready[1] + "/health/ready"
        assert eventually(lambda: get(url)[0] == 200 and children(process.pid) != [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "70000"], "70000"),
        (["--port", "x"], "'x' is not a valid integer"),
        (["--colour"], "No such option"),
        (["extra"], "unexpected extra argument"),
    ],
)
def test_bad_arguments_are_exit_2_and_one_line(arguments, words):
    done = run("demo", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "gateway demo --help" in done.stderr


def test_an_interrupted_start_leaves_nothing_running(folder):
    with start("demo", "--port", "0", "--data-dir", str(folder)) as process:
        assert eventually(lambda: bool(children(process.pid)))
        below = children(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 130
        assert "Traceback" not in process.stderr.read()
    # One that was killed in the middle of its start may take a moment to leave.
    assert eventually(lambda: not any(is_running(pid) for pid in below))

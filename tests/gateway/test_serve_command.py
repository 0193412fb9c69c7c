"""`gateway serve` and `work`: several processes, one port, an orderly end."""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import database
from tests.gateway.processes import (
    answers,
    children,
    eventually,
    get,
    is_running,
    run,
    running,
)
from tests.thorough import first_of

SERVING = r"Serving on (http://\S+) with"


def serve(url: str, folder: Path, *more: str):
    return running(SERVING, "serve", "--port", "0", *more, database_url=url, data_dir=str(folder))


def test_it_answers_with_every_process(fresh_demo_database, folder):
    with serve(fresh_demo_database, folder, "--workers", "2") as (process, ready):
        assert eventually(lambda: answers(ready[1] + "/health/ready"))
        assert eventually(lambda: len(children(process.pid)) == 3)  # two for the web, one for mail
        assert get(ready[1] + "/")[0] == 200


def test_background_work_can_be_left_to_others(fresh_demo_database, folder):
    with serve(fresh_demo_database, folder, "--workers", "1", "--no-background") as (
        process,
        ready,
    ):
        assert eventually(lambda: answers(ready[1] + "/health/live"))
        assert len(children(process.pid)) == 1


@pytest.mark.parametrize("number", first_of([signal.SIGTERM, signal.SIGINT]))
def test_a_signal_ends_all_of_it(fresh_demo_database, folder, number):
    with serve(fresh_demo_database, folder, "--workers", "2") as (process, ready):
        assert eventually(lambda: answers(ready[1] + "/health/live"))
        below = children(process.pid)
        process.send_signal(number)
        assert process.wait(30) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in below)


def test_a_process_that_dies_is_started_again(fresh_demo_database, folder):
    with serve(fresh_demo_database, folder, "--workers", "2", "--no-background") as (
        process,
        ready,
    ):
        assert eventually(lambda: answers(ready[1] + "/health/live"))
        before = set(children(process.pid))
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: len(set(children(process.pid)) - before) == 2)
        assert eventually(lambda: answers(ready[1] + "/health/ready"))


@pytest.mark.thorough
def test_workers_do_not_stay_behind_alone(fresh_demo_database, folder):
    with serve(fresh_demo_database, folder, "--workers", "2") as (process, ready):
        assert eventually(lambda: answers(ready[1] + "/health/live"))
        below = children(process.pid)
        process.kill()
        process.wait()
        assert eventually(lambda: not any(is_running(pid) for pid in below))


def test_requests_that_were_taken_are_finished(fresh_demo_database, folder):
    """Asked to stop in the middle of a rush: each answer is whole, or the door was closed."""
    with serve(fresh_demo_database, folder, "--workers", "2", "--no-background") as (
        process,
        ready,
    ):
        assert eventually(lambda: answers(ready[1] + "/health/ready"))

        def ask(_n: int) -> str:
            try:
                return str(get(ready[1] + "/health/ready")[0])
            except OSError as error:
                return type(getattr(error, "reason", error)).__name__

        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(ask, n) for n in range(400)]
            asked[50].result()
            process.send_signal(signal.SIGTERM)
            outcomes = {each.result() for each in asked}
        assert process.wait(30) == 0
    assert "200" in outcomes
    assert outcomes <= {"200", "ConnectionRefusedError", "ConnectionResetError"}


async def test_an_old_schema_is_refused_and_the_command_named(server_url, folder):
    async with database.temporary_database(server_url) as url:
        for command in ("serve", "work"):
            done = run(command, database_url=url, data_dir=str(folder))
            assert done.returncode == 1
            assert done.stderr.count("\n") == 1
            assert "run: gateway migrate" in done.stderr


async def test_a_database_without_a_county_is_refused(server_url, folder):
    async with database.temporary_database(server_url) as url:
        done = run("migrate", database_url=url, data_dir=str(folder))
        assert (done.returncode, done.stderr) == (0, "")
        assert "the schema is up to date" in done.stdout
        done = run("serve", "--port", "0", database_url=url, data_dir=str(folder))
        assert done.returncode == 1
        assert "run: gateway county import DIR" in done.stderr


@pytest.mark.parametrize("command", first_of(["serve", "work", "migrate"]))
def test_a_database_that_is_away_is_refused(folder, command):
    done = run(command, database_url="postgresql://u:hush@127.0.0.1:1/x", data_dir=str(folder))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "GATEWAY_DATABASE_URL" in done.stderr
    assert "hush" not in done.stderr


def test_without_any_database_it_says_how_to_get_one(folder):
    done = run("serve", "--port", "0", data_dir=str(folder / "none"))
    assert done.returncode == 1
    assert "run: gateway migrate" in done.stderr
    assert not (folder / "none").exists()


def test_a_port_in_use_is_said(fresh_demo_database, folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--port", port, database_url=fresh_demo_database, data_dir=str(folder))
    assert done.returncode == 1
    assert (
        done.stderr == f"gateway: port {port} on 127.0.0.1 is in use; choose another with --port\n"
    )


@pytest.mark.thorough
def test_a_second_serve_does_not_slip_onto_the_port(fresh_demo_database, folder):
    """Two servers that share ports would both be let in by the system."""
    with serve(fresh_demo_database, folder, "--no-background") as (_, ready):
        assert eventually(lambda: answers(ready[1] + "/health/live"))
        port = ready[1].rpartition(":")[2]
        done = run("serve", "--port", port, database_url=fresh_demo_database, data_dir=str(folder))
    assert done.returncode == 1
    assert "is in use" in done.stderr


@pytest.mark.parametrize(
    "arguments", first_of([["--workers", "0"], ["--workers", "x"], ["--port", "-1"]])
)
def test_bad_arguments_are_exit_2(arguments):
    done = run("serve", *arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_bad_setting_is_exit_2():
    done = run("serve", log_format="xml")
    assert done.returncode == 2
    assert done.stderr.startswith("gateway: GATEWAY_LOG_FORMAT")


@pytest.mark.parametrize("number", first_of([signal.SIGTERM, signal.SIGINT]))
def test_work_runs_until_it_is_told_to_stop(fresh_demo_database, folder, number):
    with running("Working", "work", database_url=fresh_demo_database, data_dir=str(folder)) as (
        process,
        _,
    ):
        process.send_signal(number)
        assert process.wait(30) == 0
        assert "Traceback" not in process.stderr.read()

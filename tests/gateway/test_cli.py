"""The command `gateway` as a whole, and `route` as a check would call it."""

import json
import subprocess
import sys

import asyncpg
import click
import pytest

from gateway import cli
from gateway.db import DatabaseDown
from gateway.embedded_home import EmbeddedError
from gateway.migrations import SchemaOutdated
from tests.gateway.processes import PROJECT, run


def ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        cli.main(list(arguments))
    captured = capsys.readouterr()
    return caught.value.code, captured.out, captured.err


def test_help_lists_every_command_and_is_quick(capsys):
    code, out, err = ended(capsys, "--help")
    assert (code, err) == (0, "")
    assert set(cli.COMMANDS) == set(cli.SUMMARIES)
    assert all(f"  {name} " in out for name in cli.COMMANDS)
    loads = (
        "import sys, gateway.cli; sys.exit('aiohttp' in sys.modules or 'pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", loads], cwd=PROJECT, check=False).returncode == 0


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(capsys, name):
    code, out, err = ended(capsys, name, "--help")
    assert (code, err) == (0, "")
    assert f"Usage: gateway {name}" in out


def test_the_version_is_that_of_the_package(capsys):
    code, out, _ = ended(capsys, "--version")
    assert code == 0
    assert out.startswith("gateway, version ")


@pytest.mark.parametrize("arguments", [[], ["county"]])
def test_without_a_command_the_help_is_shown_to_read_and_one_line_says_what_is_missing(
    capsys, arguments
):
    code, out, err = ended(capsys, *arguments)
    assert code == 2
    assert len(out.splitlines()) > 5
    name = " ".join(["gateway", *arguments])
    assert err == f"gateway: name a command. See: {name} --help\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-command"], "No such command 'no-such-command'"),
        (["--no-such-option"], "No such option"),
        (["migrate", "now"], "unexpected extra argument"),
        (["route"], "Missing option '--category'"),
        (["route", "--category", "X99"], "no category 'X99'"),
        (["route", "--category", "L05", "--lang", "fr"], "'fr' is not one of"),
    ],
)
def test_bad_arguments_are_exit_2_and_one_line_with_the_mend(capsys, arguments, words):
    code, out, err = ended(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert "--help" in err


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (DatabaseDown("refused"), "the database cannot be reached (refused); see GATEWAY_DATABASE"),
        (EmbeddedError("full;\n free some"), "full; free some"),
        (SchemaOutdated("old; run: gateway migrate"), "old; run: gateway migrate"),
        (click.ClickException("mend\nthis"), "mend this"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_our_own_errors_are_one_line_and_exit_1(error, line):
    said, code = cli.explain(error)
    assert code == 1
    assert said.startswith(line)
    assert "\n" not in said


def test_an_error_nobody_foresaw_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        cli.explain(ZeroDivisionError())


def test_the_trace_of_an_error_nobody_foresaw_quotes_no_row(capsys, monkeypatch):
    def refused(**_: object) -> None:
        error = asyncpg.CheckViolationError("new row violates check constraint")
        error.detail = "Failing row contains (13800138000)."
        raise error

    monkeypatch.setattr(cli, "gateway", type("Group", (), {"main": staticmethod(refused)}))
    with pytest.raises(SystemExit) as ended:
        cli.main(["retention"])
    err = capsys.readouterr().err
    assert ended.value.code == 1
    assert "Traceback" in err
    assert "new row violates check constraint" in err
    assert "13800138000" not in err


def route(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run("route", *arguments, database_url=url)


def test_route_gives_the_office_and_the_reasons_as_json(demo_database_url):
    done = route(demo_database_url, "--category", "L05", "--staff", "a-1024", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert set(found) == {"office", "kind", "sealed", "why"}
    assert found["sealed"] is False
    assert {tuple(step) for step in found["why"]} == {("rank", "verdict", "reason")}
    verdicts = [step["verdict"] for step in found["why"]]
    assert verdicts[-1] == "taken"
    assert set(verdicts) <= {"taken", "no match", "conflict"}


def test_route_sends_money_sealed_to_the_discipline_office(demo_database_url):
    done = route(demo_database_url, "--category", "C02", "--staff", "A1024", "--json")
    found = json.loads(done.stdout)
    assert (found["kind"], found["sealed"]) == ("discipline", True)


def test_route_says_it_in_words_too(demo_database_url):
    plain = route(demo_database_url, "--category", "L05", "--staff", "A1024")
    chinese = route(demo_database_url, "--category", "L05", "--staff", "A1024", "--lang", "zh-Hans")
    assert "taken" in plain.stdout
    assert plain.stdout != chinese.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--staff", "Z99999"], "nobody in Test County has the number 'Z99999'"),
        (["--unit", "nowhere"], "no unit 'nowhere'"),
        (["--county", "other"], "name one county with --county: test"),
    ],
)
def test_route_names_what_it_does_not_know(demo_database_url, arguments, words):
    done = route(demo_database_url, "--category", "L05", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1

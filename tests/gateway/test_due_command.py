"""`gateway due`: the due day, its proof, and errors that name the mend."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from board.calendar import packaged
from complaints.categories import categories
from complaints.routing import Facts, packaged_rules, route
from gateway.commands.rules import due, render_route
from gateway.i18n import words
from tests.complaints.county import directory

CALENDAR = str(Path(__file__).parents[2] / "board/data/calendar.json")


def call(*arguments, calendar=CALENDAR, **environment):
    where = ["--calendar", calendar] if calendar else []
    return CliRunner(env=environment).invoke(due, [*arguments, *where])


def answer(*arguments):
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


# What is refused, with exit code 2 and a mend


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2026-02-30", "5"], "'2026-02-30' is no date; write 2026-03-09"),
        (["tomorrow", "5"], "is no date"),
        (["20260309", "5"], "is no date"),
        (["2026-W10-1", "5"], "is no date"),
        (["2026-03-09T25:00", "5"], "is no date"),
        (["2026-03-09", "0"], "1<=x<=10000"),
        (["2026-03-09", "many"], "not a valid integer"),
        (["2026-03-09", "5", "--unit", "week"], "working-day"),
        (["2026-03-09", "5", "--after-close", "never"], "next-workday"),
        (["2026-03-09", "5", "--exclude", "2026-03-10"], "FROM:TO[:NOTIFIED]"),
        (["2026-03-09", "5", "--exclude", "2026-03-12:2026-03-10"], "TO not before FROM"),
        (["2026-03-09", "5", "--exclude", "2026-03-10:2026-03-12:x"], "is no exclusion"),
        (["2026-03-09", "5", "--exclude", "2026-03-10:2026-03-12:-1"], "is no exclusion"),
        (["2026-03-09", "5", "--exclude", "2026-03-10:2026-03-12:1:1"], "is no exclusion"),
        (["2026-03-09", "5", "--extend", "10"], "N:APPROVED_ON"),
        (["2026-03-09", "5", "--extend", "0:2026-03-10"], "is no extension"),
        (["2026-03-09", "1", "--unit", "hour"], "starts at a time"),
        (["2026-03-09", "1", "--unit", "half-day"], "a limit in half days starts at a time"),
        (
            ["2026-03-09T10:00", "9", "--unit", "hour", "--exclude", "2026-03-09:2026-03-10"],
            "without a break",
        ),
        (["2026-03-09", "5", "--lang", "de"], "zh-Hans"),
    ],
)
def test_a_bad_argument_is_refused_and_the_error_says_what_to_write(arguments, said):
    result = call(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"{", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "one object of years"),
        (b'{"2026": {"of": []}}', "'of' is not known"),
        (b'{"2026": {"off": ["2026-13-01"]}}', "is no date"),
    ],
)
def test_a_bad_calendar_file_is_refused_by_name(tmp_path, content, said):
    path = tmp_path / "calendar.json"
    if content is not None:
        path.write_bytes(content)
    result = call("2026-03-09", "5", calendar=str(path))
    assert result.exit_code == 2
    assert said in result.stderr
    assert str(path) in result.stderr


# What it prints


@pytest.mark.parametrize(
    ("arguments", "until"),
    [
        (["2025-09-25", "20"], "2025-10-29"),
        (["2026-02-14", "3"], "2026-02-26"),
        (["2025-09-30T17:45", "5"], "2025-10-14"),
        (["2025-09-30T17:45", "5", "--after-close", "next_workday"], "2025-10-15"),
        (["2025-09-30T17:45", "5", "--after-close", "next-workday"], "2025-10-15"),
        (["2025-09-30T17:45", "5", "--after-close", "same-day"], "2025-10-14"),
        (["2025-09-30T09:45Z", "5", "--after-close", "next-workday"], "2025-10-15"),
        (["2025-09-26T12:10", "1", "--unit", "half-day"], "2025-09-26T17:30"),
        (["2026-02-14T15:00", "1", "--unit", "half-day"], "2026-02-24T12:00"),
        (["2026-12-31T23:30", "2", "--unit", "hour"], "2027-01-01T01:30"),
        (["2026-12-31T23:30:15", "2", "--unit", "hour"], "2027-01-01T01:30:15"),
        (["2025-05-06", "20"], "2025-06-04"),
        (["2025-05-06", "20", "--exclude", "2025-05-15:2025-06-05"], "2025-06-24"),
        (["2025-05-06", "20", "--exclude", "2025-05-15:2025-06-05:14"], "2025-06-24"),
        (["2025-05-06", "20", "--exclude", "2025-05-15:2025-06-05:0"], "2025-06-04"),
        (["2026-01-12", "20", "--extend", "10:2026-02-09"], "2026-02-28"),
        (["2025-08-04", "60", "--unit", "calendar-day"], "2025-10-09"),
        (
            ["2025-08-04", "60", "--unit", "calendar-day", "--extend", "30:2025-10-09"],
            "2025-11-03",
        ),
        (
            ["2026-03-09", "2", "--exclude", "2026-03-09:2026-03-10", "--exclude",
             "2026-03-11:2026-03-12"],
            "2026-03-13",
        ),
    ],
)  # fmt: skip
def test_the_worked_examples(arguments, until):
    found = answer(*arguments)
    assert (found["due"], found["status"]) == (until, "ok")


def test_one_object_with_the_days_and_where_they_come_from():
    found = answer("2025-09-26", "3")
    assert found == {
        "due": "2025-09-30",
        "status": "ok",
        "days": [
            {"date": "2025-09-26", "counted": None, "reason": "start"},
            {"date": "2025-09-27", "counted": None, "reason": "weekend"},
            {"date": "2025-09-28", "counted": 1, "reason": "makeup"},
            {"date": "2025-09-29", "counted": 2, "reason": "counted"},
            {"date": "2025-09-30", "counted": 3, "reason": "counted"},
        ],
        "limit": {"number": 3, "unit": "working-day"},
        "base": "2025-09-30",
        "calendar": packaged().version,
        "unknown_year": None,
    }


def test_half_days_name_their_session():
    found = answer("2026-03-09T15:00", "1", "--unit", "half-day")
    assert found["days"][-1] == {
        "date": "2026-03-10",
        "counted": 1,
        "reason": "counted",
        "session": "morning",
    }


def test_an_unpublished_year_is_said_and_is_no_error():
    found = answer("2026-12-15", "20")
    assert (found["due"], found["status"], found["unknown_year"]) == (
        None,
        "calendar_unknown",
        2027,
    )
    assert sum(bool(line["counted"]) for line in found["days"]) == 12
    said = call("2026-12-15", "20").stdout.splitlines()[0]
    assert said.startswith("The calendar of 2027 is not published")


@pytest.mark.parametrize(
    "more",
    [
        ["--extend", "10:2026-02-10"],
        ["--extend", "5:2026-02-10", "--extend", "10:2026-02-02"],
    ],
)
def test_a_void_extension_leaves_the_due_day_as_it_was(more):
    found = answer("2026-01-12", "20", *more)
    assert (found["due"], found["status"]) == ("2026-02-09", "extension_void")
    assert "The extension is void" in call("2026-01-12", "20", *more).stdout


def test_people_get_a_line_for_each_day_in_their_language():
    lines = call("2025-09-26", "3", "--lang", "zh-Hans").stdout.splitlines()
    assert "2025" in lines[0]
    assert "3个工作日" in lines[1]
    assert packaged().version in lines[1]
    assert lines[2:][2].startswith("2025-09-28 ")
    assert lines[2:][2].endswith("调休上班日，计入")
    assert len(lines) == 2 + 5


def test_a_county_closure_in_the_file_counts(tmp_path):
    path = tmp_path / "calendar.json"
    path.write_text('﻿{"2026": {"closure": ["2026-08-21"]}}', "utf-8")
    result = call("2026-08-20", "1", "--json", calendar=str(path))
    assert json.loads(result.stdout)["due"] == "2026-08-24"


def test_without_file_and_database_the_packaged_calendar_is_used(tmp_path):
    result = call(
        "2025-09-25",
        "20",
        "--json",
        calendar=None,
        GATEWAY_DATABASE_URL="",
        GATEWAY_DATA_DIR=str(tmp_path / "nothing here"),
    )
    found = json.loads(result.stdout)
    assert (found["due"], found["calendar"]) == ("2025-10-29", packaged().version)


async def test_the_calendar_in_force_is_the_countys_own(demo_db, fresh_demo_database):
    async with demo_db.transaction("county_test") as conn:
        await conn.execute(
            "INSERT INTO calendar_day (day, kind, note) VALUES ('2026-08-21', 'closure', 'typhoon')"
        )
    result = await asyncio.to_thread(
        call,
        "2026-08-20",
        "1",
        "--json",
        calendar=None,
        GATEWAY_DATABASE_URL=fresh_demo_database,
    )
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [line["reason"] for line in found["days"]] == [
        "start", "closure", "weekend", "weekend", "counted",
    ]  # fmt: skip
    assert found["due"] == "2026-08-24"


# How a routing decision is printed


def decided(**known):
    facts = Facts((categories()["T03"],), "DEPT", state="unit", **known)
    return route(facts, packaged_rules(), directory())


def test_a_route_as_one_object():
    found = json.loads(render_route(decided(recused=frozenset({"O-BUREAU"})), as_json=True))
    assert (found["office"], found["kind"], found["sealed"]) == ("O-GOV", "government", False)
    assert found["why"][-2:] == [
        {"rank": 110, "verdict": "conflict", "reason": "O-BUREAU is recused"},
        {
            "rank": 110,
            "verdict": "taken",
            "reason": "goes to O-GOV. A statutory limit is a county matter.",
        },
    ]
    sealed = "is only for categories: I was punished for complaining, Asked for money or favours"
    assert {"rank": 10, "verdict": "no match", "reason": sealed} in found["why"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "is only for: unit head"),
        ("zh-Hans", "只适用于：单位主要负责人"),
        ("zh-Hant", "只適用於：單位主要負責人"),
    ],
)
def test_a_route_in_lines_and_in_three_languages(language, said):
    lines = render_route(decided(), as_json=False, said=words(language)).splitlines()
    assert lines[0].startswith("O-BUREAU (")
    assert any(line.endswith(said) for line in lines)
    assert len(lines) == 1 + len(decided().why)


def test_the_word_of_the_county_files_is_understood_too():
    found = call("2025-09-30T17:45", "5", "--after-close", "next_workday", "--json")
    assert json.loads(found.stdout)["due"] == "2025-10-15"

"""`gateway county import` and `export`, as somebody at a terminal meets them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway import migrations
from gateway.cli import gateway
from tests import database
from tests.gateway import small_county


@pytest.fixture
def new_database(server_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A migrated database without any county, which the commands of this test use."""
    url = asyncio.run(database.create_database(server_url, "template0"))
    asyncio.run(migrations.migrate(url, database.MADE_AT))
    monkeypatch.setenv("GATEWAY_DATABASE_URL", url)
    monkeypatch.delenv("LANG", raising=False)
    yield url
    asyncio.run(database.drop_database(server_url, url))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_county.write(tmp_path)


def call(*words: object, **environment: str) -> Result:
    return CliRunner().invoke(gateway, ["county", *map(str, words)], env=environment)


@pytest.mark.usefixtures("new_database")
def test_faults_go_to_standard_error_line_by_line_and_make_no_county(folder: Path) -> None:
    small_county.edit(folder, "staff.csv", "2021-05-01", "yesterday")
    small_county.edit(folder, "offices.csv", "edu@example.org", "")
    refused = call("import", folder)
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr.splitlines()[:2] == [
        "offices.csv:2: email: the mail address is missing; complaints are sent there",
        "staff.csv:3: since: ‘yesterday’ is not a date; write it like 2026-03-09",
    ]
    assert "2 faults; nothing was changed" in refused.stderr
    assert call("export", folder / "out").exit_code == 2
    assert not (folder / "out").exists()


@pytest.mark.usefixtures("new_database")
def test_a_folder_without_the_countys_own_file_cannot_make_a_county(folder: Path) -> None:
    (folder / "county.json").unlink()
    refused = call("import", folder)
    assert refused.exit_code == 1
    assert "add county.json" in refused.stderr


@pytest.mark.usefixtures("new_database")
def test_a_dry_run_an_import_a_second_import_and_an_export(folder: Path) -> None:
    tried = call("import", folder, "--dry-run")
    assert (tried.exit_code, tried.stderr) == (0, "")
    assert "staff: 3 new, 0 changed, 0 removed" in tried.stdout
    assert tried.stdout.endswith("dry run: nothing was changed\n")
    done = call("import", folder)
    assert done.stdout == tried.stdout.replace("dry run: nothing was changed", "taken in")
    assert call("import", folder).stdout == "nothing differs; nothing was changed\n"
    written = call("export", folder / "out")
    assert written.stdout == f"17 files written to {folder / 'out'}\n"
    assert call("import", folder / "out").stdout == "nothing differs; nothing was changed\n"


@pytest.mark.usefixtures("new_database")
@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh_CN.UTF-8", "没有差别；没有改动任何数据\n"),
        ("zh_HK.UTF-8", "冇分別；冇改動任何資料\n"),
        ("C.UTF-8", "nothing differs; nothing was changed\n"),
    ],
)
def test_the_terminals_language_is_spoken(folder: Path, lang: str, told: str) -> None:
    call("import", folder)
    assert call("import", folder, LANG=lang).stdout == told
    assert call("import", folder, "--lang", "en", LANG=lang).stdout.startswith("nothing")


@pytest.mark.usefixtures("new_database")
def test_a_folder_that_cannot_be_written_is_told_in_one_line(folder: Path) -> None:
    call("import", folder)
    (folder / "file").write_text("in the way")
    refused = call("export", folder / "file" / "out")
    assert refused.exit_code == 1
    assert "the folder cannot be written" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_folder_that_is_not_there_is_a_bad_argument(tmp_path: Path) -> None:
    assert call("import", tmp_path / "nowhere").exit_code == 2


@pytest.mark.usefixtures("new_database")
def test_a_county_without_offices_or_rules_is_taken_in_with_a_warning(folder: Path) -> None:
    for name in ("offices.csv", "routing.csv"):
        heading = (folder / name).read_text("utf-8").splitlines()[0]
        (folder / name).write_text(heading + "\n", "utf-8")
    taken = call("import", folder)
    assert taken.exit_code == 0, taken.stderr
    offices, routing = taken.stderr.splitlines()
    assert "put them into offices.csv and import again" in offices
    assert "put its rules into routing.csv and import again" in routing


@pytest.mark.usefixtures("new_database")
def test_a_whole_county_is_taken_in_without_a_warning(folder: Path) -> None:
    assert call("import", folder).stderr == ""

"""A county's files go in whole or not at all, every fault is told, and twice is once."""

import asyncio
import io
import os
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

import asyncpg
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from board.model import County
from board.store import directory as directory_store
from board.store import receipts as receipts_store
from gateway.county_files import CountyFilesError, Fault, Outcome, import_folder, sheets
from gateway.county_files.importing import import_files, plan, read_county
from gateway.county_files.parsing import read_folder
from gateway.db import Database
from gateway.i18n import LANGUAGES, words
from tests.gateway import small_county

DEMO = Path(str(files("board"))) / "data" / "demo"
SCHEMA = "county_test"


async def take_in(conn: asyncpg.Connection, folder: Path, now: datetime) -> Outcome:
    return await import_files(conn, read_folder(folder), now)


async def faults_of(conn: asyncpg.Connection, folder: Path, now: datetime) -> list[Fault]:
    with pytest.raises(CountyFilesError) as refused:
        await take_in(conn, folder, now)
    return list(refused.value.faults)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_county.write(tmp_path)


FAULTS = [
    # file, what stands there, what is written instead, line, column, fault
    ("units.csv", "EDU,department", "EDU,ministry", 2, "kind", "not_one_of"),
    ("units.csv", "A1001,1", "A2001,1", 2, "head_badge", "other_unit"),
    ("units.csv", "A1001,1", "A9,1", 2, "head_badge", "unknown"),
    ("units.csv", "HUD,dep", "EDU,dep", 3, "code", "duplicate_of"),
    ("units.csv", ",2\n", ",zwei\n", 3, "position", "bad_integer"),
    ("units.csv", "EDU,dep", "../x,dep", 2, "code", "bad_code"),
    ("units.csv", ",position", "", 1, "position", "missing_column"),
    ("units.csv", ",position", ",posit", 1, "posit", "unknown_column"),
    ("units.csv", ",position", ",name", 1, "name", "column_twice"),
    ("units.csv", "A1001,1", "A1001,1,x", 2, "", "too_many_cells"),
    ("sections.csv", "EDU-1,EDU", "EDU-1,XXX", 2, "unit", "unknown"),
    ("sections.csv", "办公室,Office", "办\u200b公室,Office", 2, "name", "bad_character"),
    ("sections.csv", "0700-00000101", "call me", 2, "phone", "bad_phone"),
    ("windows.csv", "EDU-1", "EDU-9", 2, "section", "unknown"),
    ("staff.csv", "A1002,P-012,EDU", "A1002,P-012,NIX", 3, "unit", "unknown"),
    ("staff.csv", "A1002,P-012,EDU,EDU-1", "A1002,P-012,EDU,HUD-1", 3, "section", "other_unit"),
    ("staff.csv", "W12", "W99", 3, "window", "unknown"),
    ("staff.csv", "A1002,P-012", "A1002,P-OO1", 3, "placard", "number_taken"),
    ("staff.csv", "A1002,P-012", "A1002,a-1oo1", 3, "placard", "number_taken"),
    ("staff.csv", "A1002,P-012", "A1002,A1002", 3, "placard", "number_taken"),
    ("staff.csv", "A2001,P", "A-1OO2,P", 4, "badge", "number_taken"),
    ("staff.csv", "A2001,P", "A1002,P", 4, "badge", "duplicate_of"),
    ("staff.csv", "A1002,P-012", "A1002,---", 3, "placard", "bad_number"),
    ("staff.csv", "A1002,P-012", "A1002,P|12", 3, "placard", "bad_number"),
    ("staff.csv", "单国强", "", 3, "name", "empty"),
    ("staff.csv", "单国强", '"单\n国强"', 3, "name", "line_break"),
    ("staff.csv", ",clerk,", ",king,", 3, "rank", "not_one_of"),
    ("staff.csv", "2021-05-01", "2021-02-30", 3, "since", "bad_date"),
    ("staff.csv", "2021-05-01", "last May", 3, "since", "bad_date"),
    ("staff.csv", "2021-05-01,", "2021-05-01,2021-04-30", 3, "until", "until_before_since"),
    ("staff.csv", "A1001,2021", "A7,2021", 3, "superior", "unknown"),
    ("staff.csv", "A1001,2021", "A1002,2021", 3, "superior", "circle"),
    ("staff.csv", "全面工作,,2020", "全面工作,A1002,2020", 2, "superior", "circle"),
    ("matters.csv", "10,working_day", "20,working_day", 2, "promised_number", "promise_not_below"),
    ("matters.csv", "10,working_day", "28,calendar_day", 2, "promised_number", "promise_not_below"),
    ("matters.csv", "10,working_day", "10,", 2, "promised_unit", "half_a_limit"),
    ("matters.csv", "20,working_day", ",working_day", 2, "statutory_number", "half_a_limit"),
    ("matters.csv", "10,working_day", "0,working_day", 2, "promised_number", "bad_integer"),
    ("matters.csv", "working_day,行政许可法", "working_day,", 2, "statutory_basis", "no_basis"),
    ("matters.csv", "same_day", "some_day", 2, "after_close", "not_one_of"),
    ("matters.csv", "M1,EDU,EDU-1", "M1,EDU,HUD-1", 2, "section", "other_unit"),
    ("matters.csv", "Start,parallel", "Start,approval", 2, "matter", "not_parallel"),
    ("matters.csv", "15,working_day", "14,working_day", 4, "promised_number", "table_too_long"),
    ("materials.csv", "M1,2", "M1,1", 3, "", "duplicate_of"),
    ("materials.csv", "M1,2", "M7,2", 3, "matter", "unknown"),
    ("parallel_steps.csv", "unit,EDU", "unit,HUD", 4, "role", "step_twice"),
    ("parallel_steps.csv", "M2,2,unit,EDU,10,working_day\n", "", 4, "kind", "too_few_units"),
    ("parallel_steps.csv", "hand_on,HUD", "hand_on,EDU", 2, "unit", "not_lead"),
    ("parallel_steps.csv", "10,working_day", "10,weeks", 3, "limit_unit", "not_one_of"),
    ("offices.csv", "edu@example.org", "", 2, "email", "no_mail"),
    ("offices.csv", "edu@example.org", "edu", 2, "email", "bad_mail"),
    ("offices.csv", "edu@example.org", "a@b.org; c@d.org", 2, "email", "bad_mail"),
    ("offices.csv", "edu@example.org", '"edu@example.org\nBcc: x@example.org"', 2, "email",
     "line_break"),
    ("offices.csv", "edu@example.org", '"edu@example.org\rBcc:x"', 2, "email", "line_break"),
    ("offices.csv", ",UPP,A1001", ",NIX,A1001", 2, "above", "unknown"),
    ("offices.csv", ",UPP,A1001", ",EDU-EFF,A1001", 2, "above", "circle"),
    ("offices.csv", "A1001|A1002", "A1001|A9", 2, "members", "unknown"),
    ("offices.csv", "A1001|A1002", "A1002|A1002", 2, "members", "named_twice"),
    ("relatives.csv", "A1002,A2001", "A1002,A1002", 2, "relative_badge", "own_relative"),
    ("relatives.csv", "A1002,A2001", "A1002,A2001\nA2001,A1002", 3, "relative_badge",
     "duplicate_of"),
    ("routing.csv", "discipline,unit", "nobody,unit", 2, "receives", "bad_rule"),
    ("routing.csv", "C02|C03", "C02|Z99", 2, "clause_or_code", "bad_rule"),
    ("routing.csv", "230,", "10,", 3, "rank", "duplicate_of"),
    ("receipts.csv", "SL-2,M1", "SL-2,M9", 3, "matter", "unknown"),
    ("receipts.csv", "SL-2,M1", "s l 1,M1", 3, "number", "number_taken"),
    ("receipts.csv", "2026-03-16T09", "2026-03-01T09", 2, "decided_at", "decided_before_accepted"),
    ("receipts.csv", "2026-03-10T10:15:00+08:00", "2026-03-10", 3, "accepted_at", "bad_moment"),
    ("county.json", "desk@example.org", "nobody", 8, "desk_email", "bad_mail"),
    ("county.json", '"small"', '"Small County"', 2, "code", "bad_county_code"),
    ("county.json", '"hotline"', '"fax"', 6, "fax", "unknown_column"),
    ("county.json", '"0700-00012345"', "12345", 1, "", "not_texts"),
    ("county.json", "}", "", 9, "", "bad_json"),
    ("calendar.json", "2026-01-04", "2026-01-05", 11, "2026", "work_on_weekday"),
    ("calendar.json", "2026-01-04", "2025-01-04", 11, "2026", "other_year"),
    ("calendar.json", "2026-01-02", "2026-01-32", 8, "2026", "bad_date"),
    ("calendar.json", "2026-01-02", "2026-01-01", 7, "2026", "duplicate"),
    ("calendar.json", '"https://example.org/2026"', "", 3, "2026", "no_notice"),
    ("calendar.json", "https://example.org/2026", "\\u0000", 3, "2026", "bad_character"),
    ("calendar.json", "https://example.org/2026", "\\ud800", 3, "2026", "bad_character"),
    ("county.json", "一号路", "\\ud800", 5, "address", "bad_character"),
    ("county.json", '"hotline"', '"\\ud800"', 1, "hotline", "missing_column"),
    ("staff.csv", "2021-05-01", "0001-01-01", 3, "since", "bad_date"),
    ("staff.csv", "2021-05-01", "9999-01-01", 3, "since", "bad_date"),
    ("receipts.csv", "2026-03-10T10:15:00+08:00", "0001-01-01T00:00+14:00", 3, "accepted_at",
     "bad_moment"),
    ("calendar.json", '"2026": {', '"26": {', 2, "26", "bad_year"),
    ("calendar.json", '"off"', '"holidays"', 2, "2026", "bad_year"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "there", "instead", "line", "column", "key"), FAULTS)
async def test_a_faulty_line_is_told_with_file_line_column_and_reason(
    *, conn: asyncpg.Connection, folder: Path, now: datetime,
    file: str, there: str, instead: str, line: int, column: str, key: str,
) -> None:  # fmt: skip
    small_county.edit(folder, file, there, instead)
    told = await faults_of(conn, folder, now)
    places = {(fault.line, fault.column, fault.key) for fault in told}
    assert (line, column, key) in places
    # Besides, only what named the thing that is gone now, or another link of a circle.
    besides = {fault.key for fault in told} - {key}
    assert besides <= {
        "too_few_units",
        "unknown",
        "other_unit",
        "missing_column",
        "unknown_column",
        "left_without_date",
    }
    assert (await read_county(conn)).units == ()


async def test_each_link_of_a_circle_is_told_and_the_line_that_leads_there_is_not(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    small_county.edit(folder, "staff.csv", "A1001,2021", "A2001,2021")
    small_county.edit(folder, "staff.csv", "全面工作,,2019", "全面工作,A1001,2019")
    small_county.edit(folder, "staff.csv", "全面工作,,2020", "全面工作,A2001,2020")
    told = await faults_of(conn, folder, now)
    assert [(fault.line, dict(fault.params)["value"]) for fault in told] == [
        (2, "A1001 → A2001 → A1001"),
        (4, "A2001 → A1001 → A2001"),
    ]


async def test_every_fault_is_told_at_once_in_the_order_of_the_files(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    small_county.edit(folder, "staff.csv", "W12", "W99")
    small_county.edit(folder, "offices.csv", "edu@example.org", "")
    small_county.edit(folder, "matters.csv", "10,working_day", "20,working_day")
    small_county.edit(folder, "matters.csv", "15,working_day", "ten,working_day")
    told = await faults_of(conn, folder, now)
    assert told == sorted(told)
    assert [(fault.file, fault.key) for fault in told] == [
        ("matters.csv", "promise_not_below"),
        ("matters.csv", "bad_integer"),
        ("offices.csv", "no_mail"),
        ("staff.csv", "unknown"),
    ]


async def test_a_row_that_cannot_be_read_does_not_make_its_readers_wrong(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    small_county.edit(folder, "units.csv", "0700-00000100", "call me")
    assert [fault.key for fault in await faults_of(conn, folder, now)] == ["bad_phone"]


def test_every_fault_is_worded_in_every_language() -> None:
    told = Fault("staff.csv", 3, "since", "bad_date", (("value", "x\ny" * 90),))
    assert told.told(words("en")).startswith("staff.csv:3: since: ‘x\\x0ay")
    assert "\n" not in told.told(words("zh-Hant"))
    for language in LANGUAGES:
        for *_, key in FAULTS:
            assert f"county.fault.{key}" in words(language)


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("units.csv", b"", "no_heading"),
        ("units.csv", b"\n\n,,\n", "no_heading"),
        ("units.csv", b"\xff\xff\xff", "bad_encoding"),
        ("units.csv", b"code,kind\nA\0B,x\n", "bad_encoding"),
        ("units.csv", b'code,kind\n"A"B,x\n', "bad_csv"),
        ("units.csv", b'code,kind\n"A,x\n', "bad_csv"),
        ("units.xlsx", b"PK\x03\x04 no archive", "bad_xlsx"),
        ("units.xlsx", b"plain text", "bad_xlsx"),
        ("county.json", b'{"code": "a", "code": "b"}', "duplicate"),
        ("county.json", b"[]", "not_texts"),
        ("calendar.json", b"[1]", "not_an_object"),
        ("calendar.json", b"[" * 100_000, "not_an_object"),
        ("calendar.json", b'{"2026": ' + b"9" * 5_000 + b"}", "not_texts"),
        ("Units.CSV", b"code\n", "unknown_file"),
        ("unit.csv", b"code\n", "unknown_file"),
        ("units.xls", b"", "unknown_file"),
        ("calender.json", b"{}", "unknown_file"),
    ],
)
async def test_a_file_that_is_no_table_is_named(
    *, conn: asyncpg.Connection, folder: Path, now: datetime, name: str, data: bytes, key: str
) -> None:
    (folder / "units.csv").unlink()
    (folder / name).write_bytes(data)
    told = await faults_of(conn, folder, now)
    assert (name, key) in {(fault.file, fault.key) for fault in told}


@pytest.mark.parametrize("name", ["units.csv", "units.xlsx", "county.json", "calendar.json"])
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
async def test_what_is_no_file_is_told_and_nobody_waits_for_it(
    *,
    conn: asyncpg.Connection,
    folder: Path,
    now: datetime,
    name: str,
    make: Callable[[Path], None],
) -> None:
    (folder / "units.csv").unlink()
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    told = await faults_of(conn, folder, now)
    assert (name, "no_file") in {(fault.file, fault.key) for fault in told}


async def test_what_a_spreadsheet_leaves_beside_an_open_table_does_no_harm(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    (folder / "~$units.xlsx").write_bytes(b"lock")
    (folder / "read me.txt").write_text("not ours")
    assert (await take_in(conn, folder, now)).counts["units"] == (2, 0, 0)


async def test_a_small_archive_that_unpacks_to_too_much_is_refused(
    conn: asyncpg.Connection, folder: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_MOST_UNPACKED", 1_000_000)
    (folder / "units.csv").unlink()
    with zipfile.ZipFile(folder / "units.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 1_000_001)
    told = await faults_of(conn, folder, now)
    assert ("units.xlsx", "too_large") in {(fault.file, fault.key) for fault in told}


async def test_two_files_of_one_name_and_an_empty_folder_are_refused(
    conn: asyncpg.Connection, folder: Path, tmp_path_factory: pytest.TempPathFactory, now: datetime
) -> None:
    (folder / "units.xlsx").write_bytes(xlsx(small_county.FILES["units"]))
    assert "two_files" in {fault.key for fault in await faults_of(conn, folder, now)}
    empty = tmp_path_factory.mktemp("empty")
    assert [fault.key for fault in await faults_of(conn, empty, now)] == ["no_files"]


async def test_the_demo_county_goes_in_and_a_second_time_changes_nothing(
    conn: asyncpg.Connection, now: datetime
) -> None:
    first = await take_in(conn, DEMO, now)
    assert first.counts["staff"] == (900, 0, 0)
    versions = await directory_store.find_versions(conn)
    assert versions == {"directory": 1, "routing": 1, "calendar": 1}
    assert (await take_in(conn, DEMO, now)).counts == {}
    assert await directory_store.find_versions(conn) == versions


async def test_only_what_differs_is_written_and_only_its_version_moves(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    await take_in(conn, folder, now)
    small_county.edit(folder, "staff.csv", "科员", "副科长")
    small_county.edit(folder, "relatives.csv", "A1002,A2001", "A1001,A2001")
    outcome = await take_in(conn, folder, now)
    assert outcome.counts == {"staff": (0, 1, 0), "relatives": (1, 0, 1)}
    assert await directory_store.find_versions(conn) == {
        "directory": 2,
        "routing": 1,
        "calendar": 1,
    }
    small_county.edit(folder, "calendar.json", '"2026-01-02"', '"2026-01-03"')
    small_county.edit(folder, "routing.csv", "sealed", "sealed at once")
    await take_in(conn, folder, now)
    assert await directory_store.find_versions(conn) == {
        "directory": 2,
        "routing": 2,
        "calendar": 2,
    }
    small_county.edit(folder, "receipts.csv", "2026-03-10T10:15", "2026-03-10T10:16")
    assert (await take_in(conn, folder, now)).counts == {"receipts": (0, 1, 0)}
    assert (await directory_store.find_versions(conn))["directory"] == 2


async def test_two_people_may_swap_their_placards(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    await take_in(conn, folder, now)
    text = small_county.FILES["staff"].replace("P-012", "P-x").replace("P-003", "P-012")
    (folder / "staff.csv").write_text(text.replace("P-x", "P-003"), "utf-8")
    await take_in(conn, folder, now)
    directory = await directory_store.load(conn)
    swapped = directory.by_number("p003")
    assert swapped is not None
    assert swapped.badge == "A1002"


@pytest.mark.parametrize(
    ("file", "line", "key"),
    [
        ("staff.csv", "A1002,", "left_without_date"),
        ("matters.csv", "M2,", "vanished"),
        ("offices.csv", "EDU-EFF,", "vanished"),
        ("receipts.csv", "SL-1,", "vanished"),
    ],
)
async def test_what_people_hold_a_number_of_never_vanishes(
    *, conn: asyncpg.Connection, folder: Path, now: datetime, file: str, line: str, key: str
) -> None:
    await take_in(conn, folder, now)
    before = await read_county(conn)
    kept = [row for row in (folder / file).read_text().splitlines() if not row.startswith(line)]
    (folder / file).write_text("\n".join(kept) + "\n", "utf-8")
    assert key in {fault.key for fault in await faults_of(conn, folder, now)}
    assert await read_county(conn) == before


async def test_somebody_who_left_is_still_found_with_the_last_day(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    await take_in(conn, folder, now)
    small_county.edit(folder, "staff.csv", "2021-05-01,", "2021-05-01,2026-10-31")
    await take_in(conn, folder, now)
    left = (await directory_store.load(conn)).by_number("a1OO2")
    assert left is not None
    assert left.until == date(2026, 10, 31)


async def test_a_section_and_a_window_that_nothing_needs_can_go(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    await take_in(conn, folder, now)
    small_county.edit(folder, "windows.csv", "W12,12号窗口,大厅,EDU-1,12\n", "")
    assert {f.key for f in await faults_of(conn, folder, now)} == {"unknown"}
    small_county.edit(folder, "staff.csv", "EDU-1,W12", "EDU-1,")
    outcome = await take_in(conn, folder, now)
    assert outcome.counts == {"windows": (0, 0, 1), "staff": (0, 1, 0)}


async def test_a_table_without_a_file_stays_as_it_is(
    conn: asyncpg.Connection, folder: Path, tmp_path_factory: pytest.TempPathFactory, now: datetime
) -> None:
    await take_in(conn, folder, now)
    only = tmp_path_factory.mktemp("only")
    (only / "staff.csv").write_text(small_county.FILES["staff"].replace("科员", "组长"), "utf-8")
    assert (await take_in(conn, only, now)).counts == {"staff": (0, 1, 0)}
    (only / "staff.csv").write_text(small_county.FILES["staff"].replace("W12", "W77"), "utf-8")
    assert [fault.key for fault in await faults_of(conn, only, now)] == ["unknown"]


def xlsx(text: str) -> bytes:
    """The same table as a spreadsheet, with numbers and dates as a person's program keeps them."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(text.strip().split("\n")):
            for column, cell in enumerate(row.split(",")):
                if cell.isdigit():
                    sheet.write_number(at, column, int(cell))
                elif len(cell) == 10 and cell[:2] == "20":
                    sheet.write_datetime(at, column, datetime.fromisoformat(cell), day)
                else:
                    sheet.write_string(at, column, cell)
    return data.getvalue()


async def test_spreadsheets_and_every_usual_encoding_say_the_same(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    await take_in(conn, folder, now)
    before = await read_county(conn)
    staff, units, sections = (small_county.FILES[stem] for stem in ("staff", "units", "sections"))
    (folder / "staff.csv").unlink()
    (folder / "staff.xlsx").write_bytes(xlsx(staff))
    (folder / "units.csv").write_bytes(units.replace("\n", "\r\n").encode("gb18030"))
    (folder / "sections.csv").write_bytes(b"\xef\xbb\xbf" + sections.encode())
    assert (await take_in(conn, folder, now)).counts == {}
    assert await read_county(conn) == before


async def test_a_receipt_is_found_however_its_number_is_typed(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    await take_in(conn, folder, now)
    found = await receipts_store.find_receipt(conn, "S11")
    assert found is not None
    assert found.number == "SL-1"
    assert found.decided_at == datetime.fromisoformat("2026-03-16T09:00:00+08:00")
    assert await receipts_store.find_receipt(conn, "S19") is None


async def test_a_dry_run_tells_what_would_change_and_changes_nothing(
    db: Database, folder: Path, now: datetime
) -> None:
    tried = await import_folder(db, SCHEMA, folder, now, dry_run=True)
    assert tried.counts["staff"] == (3, 0, 0)
    async with db.transaction(SCHEMA) as conn:
        assert (await read_county(conn)).staff == ()
    done = await import_folder(db, SCHEMA, folder, now)
    assert done == tried


async def test_two_imports_at_once_are_one_after_the_other(
    db: Database, folder: Path, now: datetime
) -> None:
    tries = [import_folder(db, SCHEMA, folder, now) for _ in range(4)]
    outcomes = await asyncio.gather(*tries)
    # One found an empty county, the others the one that it had made.
    assert sorted(len(outcome.counts) for outcome in outcomes) == [0, 0, 0, 14]
    async with db.transaction(SCHEMA) as conn:
        assert set((await directory_store.find_versions(conn)).values()) == {1}


async def test_ten_thousand_receipts_go_in_and_only_the_new_one_later(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    lines = [f"R-{n:06},M1,2026-03-09T10:15:00+08:00," for n in range(10_000)]
    (folder / "receipts.csv").write_text(
        "\n".join(["number,matter,accepted_at,decided_at", *lines])
    )
    assert (await take_in(conn, folder, now)).counts["receipts"] == (10_000, 0, 0)
    with (folder / "receipts.csv").open("a") as file:
        file.write("\nR-999999,M1,2026-03-09T10:15:00+08:00,\n")
    assert (await take_in(conn, folder, now)).counts == {"receipts": (1, 0, 0)}


@given(
    st.sampled_from([*small_county.FILES, "county.json", "calendar.json"]),
    st.lists(
        st.tuples(st.integers(0, 600), st.one_of(st.text(max_size=3), st.binary(max_size=3))),
        min_size=1,
        max_size=4,
    ),
)
@settings(max_examples=60, deadline=None)
def test_no_damage_to_a_file_is_worse_than_a_fault(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    damage: list[tuple[int, str | bytes]],
) -> None:
    folder = small_county.write(tmp_path_factory.mktemp("damaged"))
    path = folder / (name if "." in name else f"{name}.csv")
    data = path.read_bytes()
    for at, put in damage:
        new = put.encode("utf-8", "surrogatepass") if isinstance(put, str) else put
        data = data[:at] + new + data[at + len(new) :]
    path.write_bytes(data)
    told = [fault.told(words(language)) for fault in planned(folder) for language in LANGUAGES]
    assert all(line and "\n" not in line for line in told)


def planned(folder: Path) -> tuple[Fault, ...]:
    """The faults of a folder; where there are none, it must make a county."""
    try:
        changes = plan(read_folder(folder), County())
    except CountyFilesError as refused:
        return refused.faults
    assert changes["units"].added
    return ()


async def test_refused_files_leave_no_trace(db: Database, folder: Path, now: datetime) -> None:
    small_county.edit(folder, "receipts.csv", "SL-2,M1", "SL-2,M9")
    with pytest.raises(CountyFilesError):
        await import_folder(db, SCHEMA, folder, now)
    async with db.transaction(SCHEMA) as conn:
        assert (await read_county(conn)).units == ()
        assert await directory_store.find_versions(conn) == {}

"""Who had a file of a parallel approval, and when, comes in with the county's files."""

from datetime import date, datetime
from pathlib import Path

import asyncpg
import pytest

from board.model import ReceiptStep
from board.store import receipts
from gateway.county_files import CountyFilesError
from gateway.county_files.exporting import write_folder
from gateway.county_files.importing import import_files, read_county
from gateway.county_files.parsing import read_folder
from tests.gateway import small_county

STEPS = """\
receipt,position,unit,started_on,finished_on
SL-3,1,EDU,2026-03-11,2026-03-20
SL-3,2,HUD,2026-03-11,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small county with a receipt of its parallel matter."""
    receipt = "SL-3,M2,2026-03-10T10:15:00+08:00,\n"
    rows = small_county.FILES["receipts"] + receipt
    return small_county.write(tmp_path, {"receipts.csv": rows, "receipt_steps.csv": STEPS})


async def take_in(conn: asyncpg.Connection, folder: Path, now: datetime) -> dict[str, object]:
    return dict((await import_files(conn, read_folder(folder), now)).counts)


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "key"),
    [
        ("SL-3,1", "SL-9,1", 2, "receipt", "unknown"),
        ("SL-3,1", "SL-1,1", 2, "receipt", "not_parallel"),
        ("SL-3,2", "SL-3,1", 3, "", "duplicate_of"),
        ("1,EDU", "1,XXX", 2, "unit", "unknown"),
        ("1,EDU", "1,HUD", 3, "unit", "step_twice"),
        ("2026-03-11,2026-03-20", "2026-03-09,2026-03-20", 2, "started_on",
         "started_before_accepted"),
        ("2026-03-11,2026-03-20", "2026-03-11,2026-03-10", 2, "finished_on",
         "finished_before_started"),
        ("2026-03-11,2026-03-20", ",2026-03-20", 2, "started_on", "not_started"),
        ("2026-03-20", "soon", 2, "finished_on", "bad_date"),
        ("SL-3,1,EDU", "SL-3,-1,EDU", 2, "position", "bad_integer"),
        (",finished_on", "", 1, "finished_on", "missing_column"),
    ],
)  # fmt: skip
async def test_a_step_that_cannot_be_is_told_with_its_place(
    *, conn: asyncpg.Connection, folder: Path, now: datetime,
    old: str, new: str, line: int, column: str, key: str,
) -> None:  # fmt: skip
    small_county.edit(folder, "receipt_steps.csv", old, new)
    with pytest.raises(CountyFilesError) as refused:
        await take_in(conn, folder, now)
    told = {(fault.file, fault.line, fault.column, fault.key) for fault in refused.value.faults}
    assert ("receipt_steps.csv", line, column, key) in told
    assert await conn.fetchval("SELECT count(*) FROM receipt_step") == 0


async def test_a_unit_outside_the_matters_table_has_no_part_in_it(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    small_county.edit(
        folder, "units.csv", "HUD,", "FIN,department,财政局,Finance,路,0700-00000300,周一,,,3\nHUD,"
    )
    small_county.edit(folder, "receipt_steps.csv", "1,EDU", "1,FIN")
    with pytest.raises(CountyFilesError) as refused:
        await take_in(conn, folder, now)
    assert [fault.key for fault in refused.value.faults] == ["not_in_table"]


async def test_steps_come_with_their_receipt_in_one_look_and_in_order(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    assert (await take_in(conn, folder, now))["receipt_steps"] == (2, 0, 0)
    found = await receipts.find_receipt(conn, "S13")
    assert found is not None
    assert found.steps == (
        ReceiptStep("SL-3", 1, "EDU", date(2026, 3, 11), date(2026, 3, 20)),
        ReceiptStep("SL-3", 2, "HUD", date(2026, 3, 11), None),
    )
    plain = await receipts.find_receipt(conn, "S11")
    assert plain is not None
    assert plain.steps == ()


async def test_twice_is_once_a_change_is_one_and_a_line_that_goes_is_taken_back(
    conn: asyncpg.Connection, folder: Path, now: datetime
) -> None:
    await take_in(conn, folder, now)
    assert await take_in(conn, folder, now) == {}
    small_county.edit(folder, "receipt_steps.csv", "HUD,2026-03-11,", "HUD,2026-03-11,2026-03-30")
    assert await take_in(conn, folder, now) == {"receipt_steps": (0, 1, 0)}
    small_county.edit(folder, "receipt_steps.csv", "SL-3,1,EDU,2026-03-11,2026-03-20\n", "")
    # Without the receipts' own file the steps are held against those that are there.
    (folder / "receipts.csv").unlink()
    assert await take_in(conn, folder, now) == {"receipt_steps": (0, 0, 1)}
    (folder / "receipt_steps.csv").unlink()
    assert await take_in(conn, folder, now) == {}


@pytest.mark.parametrize("spreadsheets", [False, True], ids=["CSV", "XLSX"])
async def test_what_goes_out_comes_in_again(
    *, conn: asyncpg.Connection, folder: Path, now: datetime, tmp_path: Path, spreadsheets: bool
) -> None:
    await take_in(conn, folder, now)
    write_folder(await read_county(conn), tmp_path / "out", spreadsheets=spreadsheets)
    assert await take_in(conn, tmp_path / "out", now) == {}

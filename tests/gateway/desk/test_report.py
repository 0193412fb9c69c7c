"""The monthly report: on paper the first cases of each section, in the workbook all of them."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook

from gateway.i18n import LANGUAGES, words
from gateway.pages.desk import report
from gateway.pages.desk.workbook import HEAD_ROW, LONGEST_NAME, Sheet, workbook
from tests.gateway.desk.conftest import Desk, clock, desk
from tests.gateway.desk.test_cases import filed
from tests.gateway.desk.test_results import closed, count, fresh_database

__all__ = ["clock", "desk", "fresh_database"]


def read(body: bytes, name: str) -> list[list[object]]:
    """The lines of a sheet below its title."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    return book.get_sheet_by_name(name).to_python()[HEAD_ROW:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_of_a_sheet_is_cut_and_none_is_there_twice(language: str):
    names = [words(language)(f"desk.report.sheet.{each}") for each in report.SHEETS]
    assert max(map(len, names)) <= LONGEST_NAME
    assert len(set(names)) == len(names)
    assert not {char for name in names for char in name} & set("[]:*?/\\'")


def test_numbers_are_numbers_dates_are_dates_and_text_is_no_formula():
    cells = ["=1+1", "＝1", 3, 0.25, date(2026, 11, 2), None]
    body = workbook([Sheet("A", ("=2", "@3"), ["+4", *"bcdef"], [cells])])
    (head, row) = read(body, "A")
    assert head[0] == "'+4"
    assert row == ["'=1+1", "'＝1", 3.0, 0.25, date(2026, 11, 2), ""]
    files = zipfile.ZipFile(io.BytesIO(body))
    assert "<f>" not in files.read("xl/worksheets/sheet1.xml").decode()
    assert "0.0%" in files.read("xl/styles.xml").decode()


async def test_a_month_without_a_report_is_not_found(desk: Desk):
    staff = await desk.staff("chan", "supervisor")
    for month in ("2026-Q1", "x", "2030-01"):
        assert (await staff.get(f"/desk/report?month={month}")).status == 404
        assert (await staff.get(f"/desk/report.xlsx?month={month}")).status == 404


async def test_the_page_has_the_first_cases_and_the_workbook_all_of_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    in_time = await closed(desk)
    late = [await filed(desk) for _ in range(3)]
    desk.clock.now += timedelta(days=36)
    await count(desk)
    staff = await desk.staff("chan", "supervisor")
    monkeypatch.setattr(report, "PRINTED", 2)
    page = await staff.page("/desk/report?month=2026-11")
    for word in ("By unit", "Open now: past a deadline", "Received in 2026-11: answered late"):
        assert word in page.text
    assert "The first 2 are listed here" in page.text
    assert sum(f"/desk/cases/{each.number}" in page.links for each in late) == 2
    assert "{" not in page.text
    body = await (await staff.get("/desk/report.xlsx?month=2026-11")).read()
    head, *rows = read(body, "Open, past a deadline")
    assert {row[0] for row in rows} == {each.number for each in late}
    (row,) = (dict(zip(head, row, strict=True)) for row in rows if row[0] == late[0].number)
    assert row["Oversight office"]
    assert row["Received"] == date(2026, 11, 23)
    assert row["Next step due"] == date(2026, 11, 24)
    # From Tuesday 24 November to Tuesday 29 December are five weeks.
    assert row["Working days over"] == 25
    assert in_time.number.encode() not in body, "it was answered in time"
    head, whole = read(body, "On the whole")
    total = dict(zip(head, whole, strict=True))
    assert (total["Received"], total["Overdue"], total["Response rate"]) == (4, 3, 0.25)
    monkeypatch.setattr(report, "MOST_LISTED", 2)
    body = await (await staff.get("/desk/report.xlsx?month=2026-11")).read()
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    sheet = book.get_sheet_by_name("Open, past a deadline").to_python()
    assert "Only the first 2 are listed here" in str(sheet[1][0])
    assert len(sheet) == HEAD_ROW + 1 + 2

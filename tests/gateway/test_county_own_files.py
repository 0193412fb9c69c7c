"""What the desk sets beside the directory goes out into files and comes in again elsewhere."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import asyncpg
import pytest

from board.model import CalendarDay
from complaints.limits import Limit
from complaints.store.terms import list_limits, replace_limits
from gateway.county_files import own
from gateway.county_files.editing import Edit, apply_edits
from gateway.county_files.exporting import write_folder
from gateway.county_files.faults import CountyFilesError
from gateway.county_files.importing import import_files, read_county
from gateway.county_files.parsing import read_folder
from gateway.i18n import words
from gateway.store import message_texts
from tests.gateway import small_county

# A title that a blank parts from what follows; a subject with a particular, like a formula.
TITLE, SUBJECT = "mail.why_title", "mail.dispatched.subject"
STORM = CalendarDay(date(2026, 7, 20), "closure", "=台风")


async def export(conn: asyncpg.Connection, folder: Path, *, spreadsheets: bool = False) -> Path:
    kept = await own.read(conn)
    write_folder(await read_county(conn), folder, kept=kept, spreadsheets=spreadsheets)
    return folder


async def edited_at_the_desk(conn: asyncpg.Connection, folder: Path, now: datetime) -> None:
    folder.mkdir()
    await import_files(conn, read_folder(small_county.write(folder)), now)
    matter = (await read_county(conn)).matters[0]
    for first, promised in ((date(2025, 1, 1), 9), (date(2026, 1, 1), 8)):
        matter = replace(matter, valid_from=first, promised_number=promised)
        await apply_edits(conn, [Edit("matters", [matter])], now)
    await apply_edits(conn, [Edit("calendar_days", [STORM])], now)
    await replace_limits(conn, {"sign": Limit(2), "enquiry": Limit(4)}, now)
    own_words = {(TITLE, "en", 0): "Why us: ", (SUBJECT, "en", 0): "=Your complaint {number}"}
    await message_texts.insert_or_update_texts(conn, own_words, now, None)


@pytest.mark.parametrize("spreadsheets", [False, True])
async def test_a_county_imported_elsewhere_is_the_same(
    conn: asyncpg.Connection, tmp_path: Path, now: datetime, *, spreadsheets: bool
) -> None:
    here = conn.transaction()
    await here.start()
    await edited_at_the_desk(conn, tmp_path / "first", now)
    out = await export(conn, tmp_path / "out", spreadsheets=spreadsheets)
    assert (await import_files(conn, read_folder(out), now)).counts == {}
    county, kept = await read_county(conn), await own.read(conn)
    await here.rollback()
    assert await list_limits(conn) == {}
    await import_files(conn, read_folder(out), now)
    assert (await read_county(conn), await own.read(conn)) == (county, kept)
    assert [len(kept.parts[part]) for part in own.KEYS] == [2, 2, 2]
    assert STORM in county.calendar_days
    assert (await import_files(conn, read_folder(out), now)).counts == {}


async def test_a_line_that_goes_is_the_default_again_but_no_limit_of_the_past_is_lost(
    conn: asyncpg.Connection, tmp_path: Path, now: datetime
) -> None:
    await edited_at_the_desk(conn, tmp_path / "first", now)
    out = await export(conn, tmp_path / "out")
    for path in out.iterdir():
        if path.stem not in own.KEYS:
            path.unlink()
        else:
            path.write_text(path.read_text("utf-8").splitlines()[0], "utf-8")
    outcome = await import_files(conn, read_folder(out), now)
    assert outcome.counts == {"case_limits": (0, 0, 2), "message_texts": (0, 0, 2)}
    assert [len((await own.read(conn)).parts[part]) for part in own.KEYS] == [2, 0, 0]
    # Without a file everything stays as it is.
    await replace_limits(conn, {"sign": Limit(1)}, now)
    (out / "case_limits.csv").unlink()
    assert (await import_files(conn, read_folder(out), now)).counts == {}


async def test_words_that_fit_no_more_are_not_handed_on(
    conn: asyncpg.Connection, tmp_path: Path, now: datetime
) -> None:
    await edited_at_the_desk(conn, tmp_path / "first", now)
    unfit = {("mail.gone", "en", 0): "x", (SUBJECT, "en", 0): "no number"}
    await message_texts.insert_or_update_texts(conn, unfit, now, None)
    out = await export(conn, tmp_path / "out")
    assert "mail.gone" not in (out / "message_texts.csv").read_text("utf-8")
    assert "no number" not in (out / "message_texts.csv").read_text("utf-8")
    read_folder(out)


async def test_a_line_that_says_the_default_changes_nothing(
    conn: asyncpg.Connection, tmp_path: Path, now: datetime
) -> None:
    default = words("en").forms(SUBJECT)[0]
    lines = {
        "case_limits.csv": f"{LIMITS}sign,1,working_day\nenquiry,4,working_day\n",
        "message_texts.csv": f"{TEXTS}{SUBJECT},en,0,{default}\n{TITLE},en,0,Why us:\n",
    }
    files = read_folder(small_county.write(tmp_path, lines))
    counts = (await import_files(conn, files, now)).counts
    assert (counts["case_limits"], counts["message_texts"]) == ((1, 0, 0), (1, 0, 0))
    assert await list_limits(conn) == {"enquiry": Limit(4)}
    assert len(await message_texts.list_texts(conn)) == 1
    assert (await import_files(conn, files, now)).counts == {}


LIMITS = "kind,number,unit\n"
TEXTS = "key,language,form,wording\n"
FORMER = (
    "matter,valid_from,statutory_number,statutory_unit,statutory_basis,promised_number,"
    "promised_unit,after_close\n"
)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("case_limits.csv", "tea,1,working_day", "‘tea’ is not allowed"),
        ("case_limits.csv", "sign,0,working_day", "whole number from 1"),
        ("case_limits.csv", "help,5,calendar_day", "counted in working days only"),
        ("case_limits.csv", "sign,1,working_day\nsign,1,working_day", "already in line 2"),
        ("case_limits.csv", "sign,5,working_day", "must be shorter than ‘enquiry’ (2 working_day)"),
        ("case_limits.csv", "help,2,working_day", "must be longer than ‘decide_dispute’"),
        ("message_texts.csv", "tracking.title,en,0,Hello", "no message of a letter"),
        ("message_texts.csv", f"{SUBJECT},en,1,{{number}}", "no message of a letter"),
        ("message_texts.csv", f"{SUBJECT},fr,0,{{number}}", "‘fr’ is not allowed"),
        ("message_texts.csv", f"{SUBJECT},en,0,", "Write a wording"),
        ("message_texts.csv", f"{SUBJECT},en,0,Your complaint", "{number} is missing"),
        ("message_texts.csv", f"{SUBJECT},en,0,{{number.x}}", "only the bare name"),
        ("former_limits.csv", "M9,2020-01-01,,,,5,working_day,same_day", "‘M9’ is not in"),
        ("former_limits.csv", "M1,2020-01-01,,,,5,,same_day", "promised_unit"),
        ("former_limits.csv", "M1,2024-01-01,,,,5,working_day,same_day", "before 2024-01-01"),
        ("former_limits.csv", "M1,2020-01-01,5,working_day,法,5,working_day,same_day", "below"),
    ],
)
async def test_what_cannot_be_is_told_by_line_and_nothing_changes(
    conn: asyncpg.Connection, tmp_path: Path, now: datetime, *, name: str, text: str, told: str
) -> None:
    heading = {"case_limits.csv": LIMITS, "message_texts.csv": TEXTS, "former_limits.csv": FORMER}
    folder = small_county.write(tmp_path, {name: heading[name] + text + "\n"})
    with pytest.raises(CountyFilesError) as refused:
        await import_files(conn, read_folder(folder), now)
    said = [fault.told(words("en")) for fault in refused.value.faults]
    assert len(said) == 1
    assert said[0].startswith(f"{name}:")
    assert told in said[0]


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        ('{"2026-07-21": "x"}', "2026-07-21, which is no closure"),
        ('{"2026-07-20": ""}', "empty"),
        ('["x"]', "texts in quotation marks"),
    ],
)
def test_a_note_stands_beside_a_closure(tmp_path: Path, notes: str, told: str) -> None:
    closed = f'"work": ["2026-01-04"], "closure": ["2026-07-20"], "notes": {notes}'
    small_county.write(tmp_path)
    small_county.edit(tmp_path, "calendar.json", '"work": [\n   "2026-01-04"\n  ]', closed)
    (fault,) = read_folder(tmp_path).faults
    assert told in fault.told(words("en"))

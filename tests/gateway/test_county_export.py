"""What goes in comes out again, and going in once more changes nothing."""

import csv
import string
from datetime import date, datetime
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.data.make_demo import make_county
from board.model import County, CountyProfile, Material, Matter, Unit
from gateway.county_files import export_folder, import_folder, own
from gateway.county_files.cells import arm, defuse
from gateway.county_files.checking import county_of, whole
from gateway.county_files.exporting import write_folder
from gateway.county_files.importing import import_files, plan, read_county
from gateway.county_files.parsing import read_folder
from gateway.db import Database
from tests.gateway import small_county

DEMO = Path(__file__).parents[2] / "board" / "data" / "demo"
SCHEMA = "county_test"
FORMULAS = ("=cmd()", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠x", "\t=1", "'=1", "'")


def as_read(folder: Path) -> County:
    """The county that the files in `folder` describe; they must be without fault."""
    files = read_folder(folder)
    assert plan(files, County())
    return county_of(whole(files, County()))


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert defuse(text).startswith("'")
    assert arm(defuse(text)) == text


@given(st.text())
def test_taking_the_sting_out_of_any_text_can_be_undone(text: str) -> None:
    assert arm(defuse(text)) == text
    assert defuse(text)[:1] not in tuple("=+-@＝＋－＠\t\r")


@pytest.mark.parametrize("spreadsheets", [False, True])
async def test_files_in_files_out_files_in_changes_nothing(
    conn: asyncpg.Connection, tmp_path: Path, now: datetime, *, spreadsheets: bool
) -> None:
    await import_files(conn, read_folder(DEMO), now)
    county = await read_county(conn)
    write_folder(county, tmp_path, spreadsheets=spreadsheets)
    assert (await import_files(conn, read_folder(tmp_path), now)).counts == {}


async def test_the_demo_county_comes_out_byte_by_byte_as_it_went_in(
    conn: asyncpg.Connection, tmp_path: Path, now: datetime
) -> None:
    await import_files(conn, read_folder(DEMO), now)
    for path in write_folder(await read_county(conn), tmp_path):
        assert path.read_bytes() == (DEMO / path.name).read_bytes(), path.name


async def test_a_closure_and_a_made_up_day_come_out_in_the_published_form(
    conn: asyncpg.Connection, tmp_path: Path, now: datetime
) -> None:
    small_county.write(tmp_path)
    closed = '"work": [\n   "2026-01-04"\n  ],\n  "closure": ["2026-01-04", "2026-07-20"]'
    small_county.edit(tmp_path, "calendar.json", '"work": [\n   "2026-01-04"\n  ]', closed)
    await import_files(conn, read_folder(tmp_path), now)
    write_folder(await read_county(conn), tmp_path)
    text = (tmp_path / "calendar.json").read_text("utf-8")
    assert '"closure": [\n   "2026-01-04",\n   "2026-07-20"\n  ]' in text
    assert (await import_files(conn, read_folder(tmp_path), now)).counts == {}


def test_choosing_spreadsheets_leaves_no_second_file_of_the_name(tmp_path: Path) -> None:
    county = as_read(small_county.write(tmp_path))
    write_folder(county, tmp_path, spreadsheets=True)
    assert not (tmp_path / "staff.csv").exists()
    assert as_read(tmp_path) == county
    write_folder(county, tmp_path)
    assert not (tmp_path / "staff.xlsx").exists()
    assert not list(tmp_path.glob(".*.part"))


def test_a_spreadsheet_never_sees_a_formula(tmp_path: Path) -> None:
    county = as_read(small_county.write(tmp_path))
    wild = tuple(Material("M1", at, text.strip(), "", "") for at, text in enumerate(FORMULAS, 1))
    write_folder(county_with(county, wild), tmp_path)
    with (tmp_path / "materials.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠\t"))]
    assert as_read(tmp_path).materials == wild


def county_with(county: County, materials: tuple[Material, ...]) -> County:
    return County(**{
        part: getattr(county, part) for part in County.__dataclass_fields__ if part != "materials"
    }, materials=materials)  # fmt: skip


# Cells as people fill them in: trimmed, without invisible characters.
LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")),
    min_size=1, max_size=40,
).map(str.strip).filter(lambda text: text and text == text.strip(" \t\n\u3000"))  # fmt: skip
TEXTS = st.lists(LINES, max_size=3).map("\n".join)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
CODES = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8)


@st.composite
def counties(draw: st.DrawFn) -> County:
    codes = draw(st.lists(CODES, min_size=1, max_size=4, unique=True))
    units = tuple(
        Unit(code, "department", draw(LINES), draw(LINES), draw(LINES), "0700-00000001",
             draw(LINES), draw(TEXTS), None, draw(st.integers(0, 999_999)))
        for code in codes
    )  # fmt: skip
    matters = tuple(
        Matter(f"M{at}", draw(st.sampled_from(codes)), None, draw(LINES), draw(LINES), "service",
               None, None, draw(TEXTS), draw(st.integers(1, 99)), "hour", "same_day", draw(TEXTS),
               draw(TEXTS), draw(TEXTS), draw(TEXTS), draw(LINES), draw(DAYS), at)
        for at in range(draw(st.integers(0, 3)))
    )  # fmt: skip
    profile = CountyProfile(
        "any", draw(LINES), draw(LINES), draw(LINES), "0700-00000001", "0700-00000002",
        "desk@example.org",
    )  # fmt: skip
    return County(profile=(profile,), units=units, matters=matters)


@given(counties(), st.booleans())
@settings(max_examples=30, deadline=None)
def test_any_county_survives_its_files(
    tmp_path_factory: pytest.TempPathFactory, county: County, spreadsheets: bool
) -> None:
    folder = tmp_path_factory.mktemp("county")
    write_folder(county, folder, spreadsheets=spreadsheets)
    read = as_read(folder)
    assert set(read.units) == set(county.units)
    assert read.matters == county.matters
    assert read.profile == county.profile


def test_the_demo_maker_and_the_export_write_the_same(tmp_path: Path) -> None:
    for path in write_folder(make_county(), tmp_path):
        if path.name != "calendar.json":
            assert path.read_bytes() == (DEMO / path.name).read_bytes(), path.name


async def test_export_writes_the_county_of_the_database(
    demo_db: Database, tmp_path: Path, now: datetime
) -> None:
    paths = await export_folder(demo_db, SCHEMA, tmp_path / "new" / "folder")
    own_files = {f"{part}.csv" for part in own.KEYS}
    assert {path.name for path in paths} == {path.name for path in DEMO.iterdir()} | own_files
    assert (await import_folder(demo_db, SCHEMA, tmp_path / "new" / "folder", now)).counts == {}


async def test_what_is_imported_meanwhile_is_in_no_file_of_an_export(
    db: Database, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old").mkdir()
    await import_folder(db, SCHEMA, small_county.write(tmp_path / "old"), now)
    more = {
        "matters.csv": small_county.FILES["matters"]
        + "M3,EDU,EDU-1,新,New,approval,,,,10,working_day,same_day,,,,,,2024-01-01,3\n",
        "former_limits.csv": "matter,valid_from,statutory_number,statutory_unit,statutory_basis,"
        "promised_number,promised_unit,after_close\nM3,2020-01-01,,,,5,working_day,same_day\n",
    }
    (tmp_path / "new").mkdir()
    new, read, imported = small_county.write(tmp_path / "new", more), own.read, list[Path]()

    async def meanwhile(conn: asyncpg.Connection) -> own.Own:
        if not imported:
            imported.append(new)
            assert (await import_folder(db, SCHEMA, new, now)).counts["former_limits"] == (1, 0, 0)
        return await read(conn)

    monkeypatch.setattr(own, "read", meanwhile)
    await export_folder(db, SCHEMA, tmp_path / "out")
    assert imported
    for name in more:
        assert "M3" not in (tmp_path / "out" / name).read_text("utf-8")

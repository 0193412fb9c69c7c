"""A few bytes that want to be gigabytes are refused for what they would become."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from PIL import Image

from gateway import uploads
from gateway.bodies import Upload
from gateway.county_files.faults import CountyFilesError
from gateway.county_files.sheets import read_sheet

MEGABYTES = 450
TAKE = """
import resource, sys
from gateway import uploads
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
uploads._take("a", open(sys.argv[1], "rb").read())
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def one_colour(kind: str, mode: str, side: int, **more: object) -> bytes:
    drawn = io.BytesIO()
    Image.new(mode, (side, side)).save(drawn, kind, **more)  # type: ignore[arg-type]
    return drawn.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
async def test_a_picture_of_few_bytes_and_many_pixels_is_refused(kind: str) -> None:
    more = {"lossless": True, "method": 0} if kind == "WEBP" else {}
    mode = "RGB" if kind == "WEBP" else "L"
    data = one_colour(kind, mode, 4_100, **more)
    assert len(data) < 100_000
    with pytest.raises(uploads.Refused, match="pixels"):
        await uploads.take(Upload("a", data))


def test_the_largest_picture_that_is_taken_fits_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(one_colour("WEBP", "RGBA", 3_900, lossless=True, method=0))
    taken = subprocess.run(
        [sys.executable, "-c", TAKE, str(path)], capture_output=True, text=True, check=True
    )
    assert int(taken.stdout) < MEGABYTES


def test_one_far_cell_is_not_laid_out(tmp_path: Path) -> None:
    path = tmp_path / "units.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "code")
        sheet.write_string(1_048_575, 16_383, "x")
    with pytest.raises(CountyFilesError) as refused:
        read_sheet(path)
    assert [fault.key for fault in refused.value.faults] == ["too_many_rows"]


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    inside = b" " * 30_000_000
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", inside)
    claimed = len(inside).to_bytes(4, "little")
    path = tmp_path / "units.xlsx"
    path.write_bytes(data.getvalue().replace(claimed, (1000).to_bytes(4, "little")))
    with pytest.raises(CountyFilesError) as refused:
        read_sheet(path)
    assert [fault.key for fault in refused.value.faults] == ["bad_xlsx"]

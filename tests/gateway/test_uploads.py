"""What a file is, is decided by what is in it; pictures lose all but their pixels."""

import io
import struct
import wave
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway import sounds
from gateway.bodies import Upload, clean_name
from gateway.uploads import Refused, take


def picture(
    kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 20), **more: object
) -> bytes:
    drawn = io.BytesIO()
    Image.new(mode, size).save(drawn, kind, **more)  # type: ignore[arg-type]
    return drawn.getvalue()


def wav() -> bytes:
    drawn = io.BytesIO()
    with wave.open(drawn, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x00\x01" * 4000)
    return drawn.getvalue()


def ogg() -> bytes:
    head = b"OpusHead" + bytes(11)
    pages = (head, bytes(100))
    return b"".join(b"OggS" + bytes(22) + b"\x01" + bytes([len(page)]) + page for page in pages)


def m4a(track: bytes = b"soun", brand: bytes = b"M4A ") -> bytes:
    def box(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(body), name) + body

    return box(b"ftyp", brand + bytes(8)) + box(b"moov", b"hdlr" + track) + box(b"mdat", bytes(50))


def mp3() -> bytes:
    # MPEG 1, layer III, 128 kbit/s, 44.1 kHz: frames of 417 bytes.
    return b"ID3\x04\x00\x00\x00\x00\x00\x04abcd" + (b"\xff\xfb\x90\x00" + bytes(413)) * 5


def amr() -> bytes:
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * 4


SOUNDS = {
    "audio/wav": wav(),
    "audio/ogg": ogg(),
    "audio/mp4": m4a(),
    "audio/mpeg": mp3(),
    "audio/amr": amr(),
}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def bomb() -> bytes:
    """A PNG of a few kilobytes that would be 400 million pixels."""
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    data = (
        chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")
    )
    return b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.jpg", b"", "empty"),
        ("a.jpg", HTML, "kind"),
        ("a.png", SVG, "kind"),
        ("a.svg", b"<svg></svg>", "kind"),
        ("a.jpg", b"GIF89a", "kind"),
        ("a.jpg", picture("JPEG")[:-300], "broken"),
        ("a.png", picture("PNG", size=(400, 400))[:-60], "broken"),
        ("a.png", bomb(), "pixels"),
        ("a.bmp", picture("BMP"), "kind"),
        ("a.tif", picture("TIFF"), "kind"),
        ("a.exe", b"MZ" + bytes(500), "kind"),
        ("a.zip", b"PK\x03\x04" + bytes(500), "kind"),
        ("a.pdf", b"%PDF-1.7\n" + bytes(300), "kind"),
        ("a.pdf", b"<html>" + PDF, "kind"),
        ("a.wav", wav()[:-100], "kind"),
        ("a.ogg", ogg() + b"more", "kind"),
        ("a.mp3", mp3() + HTML, "kind"),
        ("a.m4a", m4a() + b"more", "kind"),
        ("a.amr", amr()[:-1], "kind"),
        ("a.mp4", m4a(b"vide soun"), "kind"),
        ("a.avif", m4a(brand=b"avif"), "kind"),
    ],
)
async def test_what_is_not_whole_or_not_wanted_is_refused(
    name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        await take(Upload(name, data))
    assert refused.value.reason == reason


async def test_a_file_that_was_too_big_to_keep_is_refused_as_such() -> None:
    with pytest.raises(Refused, match="too_big"):
        await take(Upload("a.jpg", None))


async def test_a_picture_is_turned_upright_and_keeps_nothing_but_pixels() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[2] = (22.0, 46.0, 0.0)  # where it was taken
    taken = await take(Upload("收据.png", picture("JPEG", exif=exif, comment=b"Secret comment")))
    with Image.open(io.BytesIO(taken.data)) as clean:
        assert (clean.format, clean.size) == ("JPEG", (20, 40))
        assert not clean.getexif()
        assert "comment" not in clean.info
    assert b"Secret" not in taken.data
    assert (taken.name, taken.media_type) == ("收据.jpg", "image/jpeg")


@pytest.mark.parametrize(
    ("kind", "mode", "media_type"),
    [
        ("JPEG", "CMYK", "image/jpeg"),
        ("JPEG", "L", "image/png"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "I;16", "image/jpeg"),
        ("PNG", "1", "image/png"),
        ("WEBP", "RGB", "image/jpeg"),
        ("GIF", "P", "image/png"),
    ],
)
async def test_pictures_of_every_make_are_taken(kind: str, mode: str, media_type: str) -> None:
    taken = await take(Upload("a", picture(kind, mode)))
    assert taken.media_type == media_type


async def test_a_text_hidden_behind_a_picture_is_gone() -> None:
    taken = await take(Upload("a.jpg", picture("JPEG") + HTML))
    assert b"script" not in taken.data


async def test_a_huge_picture_is_made_smaller() -> None:
    taken = await take(Upload("a.png", picture("PNG", size=(6000, 300))))
    with Image.open(io.BytesIO(taken.data)) as clean:
        assert clean.size == (4000, 200)


async def test_a_pdf_is_taken_as_it_is() -> None:
    taken = await take(Upload("回执.html", PDF))
    assert (taken.name, taken.media_type, taken.data) == ("回执.pdf", "application/pdf", PDF)


@pytest.mark.parametrize("media_type", SOUNDS)
async def test_recordings_of_every_make_are_taken(media_type: str) -> None:
    taken = await take(Upload("录音.txt", SOUNDS[media_type]))
    assert taken.media_type == media_type
    assert taken.data == SOUNDS[media_type]


@given(st.binary(max_size=400), st.sampled_from([b"", *(data[:12] for data in SOUNDS.values())]))
def test_no_bytes_upset_the_readers_of_sounds(data: bytes, head: bytes) -> None:
    assert sounds.media_type(head + data) in (None, *SOUNDS)


@given(st.sampled_from(sorted(SOUNDS)), st.integers(1, 40))
def test_a_recording_that_was_cut_is_no_recording(media_type: str, cut: int) -> None:
    # MP3 and AMR have no end: every whole frame could be the last.
    endless = media_type in ("audio/mpeg", "audio/amr")
    found = sounds.media_type(SOUNDS[media_type][:-cut])
    assert found in ((None, media_type) if endless else (None,))


def upright_by_exif() -> bytes:
    """A telephone's picture, held upright, with its place."""
    tags = Image.Exif()
    tags[0x112] = 6
    tags[0x10F] = "maker"
    tags.get_ifd(0x8825)[1] = "N"
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "blue").save(file, "JPEG", exif=tags)
    return file.getvalue()


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells of odd tags
async def test_whatever_stands_in_its_tags_a_picture_is_taken_or_refused() -> None:
    """Every byte of the head changed in turn: Pillow's own turning raised TypeError for some."""
    whole = upright_by_exif()
    for at in range(min(len(whole), 160)):
        for value in (0, 1, 2, 3, 5, 7, 10, 12, 13, 255):
            odd = whole[:at] + bytes([value]) + whole[at + 1 :]
            try:
                taken = await take(Upload("照片.jpg", odd))
            except Refused:
                continue
            assert taken.media_type == "image/jpeg"


async def test_a_picture_that_carries_a_second_one_may_be_as_large_as_any() -> None:
    file = io.BytesIO()
    large = Image.new("L", (5200, 4000))
    large.save(file, "MPO", save_all=True, append_images=[Image.new("L", (16, 16))])
    assert (await take(Upload("照片.jpg", file.getvalue()))).media_type == "image/png"


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("收据.jpg", "收据.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\我\\a.jpg", "a.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie x.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("\x00", "file"),
        ("", "file"),
        ("..", "file"),
        ('a"b<c>.jpg', "abc.jpg"),
        ("长" * 300 + ".jpg", "长" * 96 + ".jpg"),
    ],
)
def test_a_files_name_is_made_harmless(typed: str, clean: str) -> None:
    assert clean_name(typed) == clean

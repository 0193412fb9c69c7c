"""Files that a citizen sends along: what they are is decided by content, never by name.

Pictures are decoded and written anew, upright and without metadata (a photo tells where and when
it was taken, and of whom). PDF and sound are taken as they are when they are whole. Anything
else, SVG and HTML above all, is refused by name with the reason.
"""

import asyncio
import hashlib
import io
import threading
from dataclasses import dataclass
from typing import Literal

import puremagic
from PIL import ExifTags, Image, UnidentifiedImageError

from gateway import sounds
from gateway.bodies import Upload

# A telephone's largest photograph. A few bytes of the other kinds can be any number of pixels of
# one colour, at four bytes each, and nobody has a screen of more than this.
IMAGE_PIXELS = 50_000_000
OTHER_PIXELS = 16_000_000
# Pictures that are decoded at the same time in one process; the others wait.
_DECODED_AT_ONCE = threading.Semaphore(2)
LONGEST_SIDE = 4_000

Image.MAX_IMAGE_PIXELS = IMAGE_PIXELS

Reason = Literal["too_big", "too_many", "empty", "broken", "kind", "pixels"]
# How a picture is turned upright, by its EXIF orientation (1: it is).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PICTURES = ("JPEG", "PNG", "WEBP", "GIF")
# Never taken, even when a part of them could be read as something else.
_REFUSED = frozenset({"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml"})
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/amr": ".amr",
}


class Refused(Exception):
    """A file that is not taken; `reason` is why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that may be stored: a name that fits its content, and what it holds now."""

    name: str
    media_type: str
    data: bytes


async def take(file: Upload) -> Taken:
    """The file as it may be stored; raises `Refused`. Decoding runs in a thread."""
    if file.data is None:
        raise Refused("too_big")
    return await asyncio.to_thread(_take, file.name, file.data)


def _take(name: str, data: bytes) -> Taken:
    if not data:
        raise Refused("empty")
    if _REFUSED & _guesses(data):
        raise Refused("kind")
    if _is_pdf(data):
        return _taken(name, "application/pdf", data)
    sound = sounds.media_type(data)
    if sound:
        return _taken(name, sound, data)
    with _DECODED_AT_ONCE:
        media_type, picture = _picture(data)
    return _taken(name, media_type, picture)


def _taken(name: str, media_type: str, data: bytes) -> Taken:
    stem = name.rpartition(".")[0] or name
    return Taken(stem + _ENDINGS[media_type], media_type, data)


def _guesses(data: bytes) -> set[str]:
    try:
        found = puremagic.magic_string(data[:4096])
    except (puremagic.PureError, ValueError):
        return set()
    return {match.mime_type for match in found[:3]}


def _is_pdf(data: bytes) -> bool:
    tail = data[-2048:]
    return data.startswith(b"%PDF-") and b"startxref" in tail and b"%%EOF" in tail


def _picture(data: bytes) -> tuple[str, bytes]:
    """A picture, decoded to its last row, upright, and written anew with nothing but pixels."""
    try:
        with Image.open(io.BytesIO(data), formats=_PICTURES) as found:
            # Telephones put a second picture into a JPEG, which is then an MPO.
            most = IMAGE_PIXELS if found.format in ("JPEG", "MPO") else OTHER_PIXELS
            if found.width * found.height > most:
                raise Refused("pixels")
            found.seek(0)
            # Before anything is copied, so that the whole picture is in memory only once.
            found.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            found.load()
            upright = _upright(found)
    except Image.DecompressionBombError as error:
        raise Refused("pixels") from error
    except UnidentifiedImageError as error:
        raise Refused("kind") from error
    except Refused:
        raise
    except Exception as error:
        # Decoders raise whatever their authors did not think of; each is a file that is broken.
        raise Refused("broken") from error
    drawn = io.BytesIO()
    if upright.has_transparency_data or upright.mode in ("1", "L", "P"):
        # Screenshots and drawings: sharp edges that JPEG would smear.
        clean = Image.new("RGBA", upright.size)
        clean.paste(upright.convert("RGBA"))
        clean.save(drawn, "PNG", optimize=False)
        return "image/png", drawn.getvalue()
    clean = Image.new("RGB", upright.size)
    clean.paste(upright.convert("RGB"))
    clean.save(drawn, "JPEG", quality=88)
    return "image/jpeg", drawn.getvalue()


def _upright(found: Image.Image) -> Image.Image:
    """Turned as its EXIF says. Pillow's own way writes the EXIF anew, and odd tags break it."""
    try:
        turn = _TURNS.get(found.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        return found  # tags that cannot be read say nothing about the picture
    return found if turn is None else found.transpose(turn)


def digest(data: bytes) -> bytes:
    """SHA-256, as it is kept beside what lies in the store."""
    return hashlib.sha256(data).digest()

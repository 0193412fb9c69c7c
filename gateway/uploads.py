"""Files that a citizen sends along: what they are is decided by content, never by name.

Pictures are decoded and written anew, upright and without metadata (a photo tells where and when
it was taken, and of whom). PDF and sound are taken as they are when they are whole. Anything
else, SVG and HTML above all, is refused by name with the reason.
"""

import asyncio
import hashlib
import io
import struct
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import puremagic
from aiohttp import BodyPartReader, web
from PIL import Image, ImageOps, UnidentifiedImageError

from gateway import sounds
from gateway.forms import is_own_form

MOST_FILES = 8
FILE_BYTES = 10 * 1024 * 1024
# What is read and thrown away of files that are too big, so that their page can be shown.
BODY_BYTES = 256 * 1024 * 1024
WORDS_BYTES = 1024 * 1024
FIELD_BYTES = 64 * 1024
MOST_FIELDS = 300
IMAGE_PIXELS = 50_000_000
LONGEST_SIDE = 4_000
NAME_LENGTH = 100
_CHUNK = 64 * 1024

Image.MAX_IMAGE_PIXELS = IMAGE_PIXELS

Reason = Literal["too_big", "too_many", "empty", "broken", "kind", "pixels"]
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
class Upload:
    """A file as it arrived; `data` is None when it was larger than `FILE_BYTES`."""

    name: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that may be stored: a name that fits its content, and what it holds now."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """A form with its files; `files` leaves out file inputs that were left empty."""

    fields: Mapping[str, Sequence[str]]
    files: Sequence[Upload] = field(default_factory=tuple)


async def read_form(request: web.Request) -> Form:
    """The fields and files of a POST, however large the files are, so that no text is lost.

    Raises HTTPForbidden for another site's form, HTTPBadRequest for a malformed one and
    HTTPRequestEntityTooLarge beyond `BODY_BYTES`, `MOST_FIELDS` or, without files, `WORDS_BYTES`.
    """
    if not is_own_form(request):
        raise web.HTTPForbidden
    try:
        if request.content_type == "multipart/form-data":
            return await _read_multipart(request)
        form = await request.clone(client_max_size=WORDS_BYTES).post()
    except (ValueError, LookupError, AssertionError, RuntimeError, TypeError) as error:
        raise web.HTTPBadRequest(text="malformed form") from error
    if len(form) > MOST_FIELDS:
        raise _too_large(MOST_FIELDS, len(form))
    return Form({name: [str(value) for value in form.getall(name)] for name in form})


def _too_large(most: int, actual: int) -> web.HTTPRequestEntityTooLarge:
    return web.HTTPRequestEntityTooLarge(max_size=most, actual_size=actual)


async def _read_multipart(request: web.Request) -> Form:
    fields: dict[str, list[str]] = {}
    files: list[Upload] = []
    room = BODY_BYTES
    parts = 0
    async for part in await request.multipart():
        parts += 1
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ValueError("a part of the form has no name or is a form of its own")
        if parts > MOST_FIELDS:
            raise _too_large(MOST_FIELDS, parts)
        if part.filename is None:
            data, read = await _read_part(part, FIELD_BYTES, room)
            fields.setdefault(part.name, []).append(data.decode(errors="replace"))
        else:
            # Past the eighth nothing is kept but the name, which is told.
            most = FILE_BYTES if len(files) < MOST_FILES else 0
            data, read = await _read_part(part, most, room)
            if part.filename or read:
                files.append(Upload(clean_name(part.filename), data if read <= most else None))
        room -= read
    return Form(fields, tuple(files))


async def _read_part(part: BodyPartReader, keep: int, room: int) -> tuple[bytes, int]:
    """The first `keep` bytes of a part and its whole length, which `room` limits."""
    kept = bytearray()
    read = 0
    while chunk := await part.read_chunk(_CHUNK):
        read += len(chunk)
        if read > room:
            raise _too_large(BODY_BYTES, BODY_BYTES + 1)
        kept += chunk[: max(0, keep - len(kept))]
    return bytes(kept), read


def clean_name(name: str) -> str:
    """A file's name for people to read: no folders, no unseen characters, no line ends."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '"<>|:*?')
    return unicodedata.normalize("NFC", seen).strip(" .")[-NAME_LENGTH:] or "file"


def fingerprint(files: Sequence[Upload]) -> bytes:
    """The same bytes for the same files in the same order; empty for none."""
    digests = [hashlib.sha256(file.data or b"").digest() for file in files]
    return hashlib.sha256(b"".join(digests)).digest() if digests else b""


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
            if found.width * found.height > IMAGE_PIXELS:
                raise Refused("pixels")
            found.seek(0)
            found.load()
            upright = ImageOps.exif_transpose(found)
    except Image.DecompressionBombError as error:
        raise Refused("pixels") from error
    except UnidentifiedImageError as error:
        raise Refused("kind") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise Refused("broken") from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
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


def digest(data: bytes) -> bytes:
    """SHA-256, as it is kept beside what lies in the store."""
    return hashlib.sha256(data).digest()

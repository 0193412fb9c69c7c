"""The body of a POST: fields and files, within bounds of bytes, of fields and of time.

Every form of the site is read here, so that no page has bounds of its own to forget.
"""

import asyncio
import re
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, ClientError, web
from aiohttp.http_exceptions import HttpProcessingError
from yarl import query_to_pairs

from complaints.model import MOST_FILES
from gateway.forms import is_own_form

FILE_BYTES = 10 * 1024 * 1024
# What is read and thrown away of files that are too big, so that their page can be shown.
BODY_BYTES = 256 * 1024 * 1024
WORDS_BYTES = 1024 * 1024
FIELD_BYTES = 64 * 1024
MOST_FIELDS = 300
# Eight photographs over a village's line; words alone need no such patience.
FILES_SECONDS = 900.0
WORDS_SECONDS = 60.0
NAME_LENGTH = 100
_CHUNK = 64 * 1024
# Our pages are UTF-8, and so is what their forms send. Other encodings can make halves of
# characters (UTF-7) or take minutes to decode (punycode).
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})
_QUOTED = re.compile(r';\s*(name|filename)="([^"]*)"')
# What aiohttp and the standard library raise over a body that is not what it says it is.
_MALFORMED = (
    ValueError, LookupError, AssertionError, RuntimeError, TypeError,
    HttpProcessingError, ClientError, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived; `data` is None when it was larger than `FILE_BYTES`."""

    name: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Form:
    """A form with its files; `files` leaves out file inputs that were left empty."""

    fields: Mapping[str, Sequence[str]]
    files: Sequence[Upload] = field(default_factory=tuple)

    def first(self, name: str) -> str:
        """The field's first value, "" when it has none."""
        values = self.fields.get(name)
        return values[0] if values else ""


async def read_form(request: web.Request) -> Form:
    """The fields and files of a POST, however large the files are, so that no text is lost.

    Raises HTTPForbidden for another site's form, HTTPBadRequest for a malformed one,
    HTTPRequestTimeout for one that does not arrive in time, HTTPUnsupportedMediaType for a
    compressed one and HTTPRequestEntityTooLarge beyond `BODY_BYTES`, `MOST_FIELDS` or, without
    files, `WORDS_BYTES`.
    """
    if not is_own_form(request):
        raise web.HTTPForbidden
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType  # no browser does, and a few bytes could be gigabytes
    multipart = request.content_type == "multipart/form-data"
    most = BODY_BYTES if multipart else WORDS_BYTES
    if (request.content_length or 0) > most:
        raise _too_large(most, request.content_length or 0)
    try:
        async with asyncio.timeout(FILES_SECONDS if multipart else WORDS_SECONDS):
            return await (_read_multipart(request) if multipart else _read_words(request))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except _MALFORMED as error:
        raise web.HTTPBadRequest(text="malformed form") from error


def _too_large(most: int, actual: int) -> web.HTTPRequestEntityTooLarge:
    return web.HTTPRequestEntityTooLarge(max_size=most, actual_size=actual)


async def _read_words(request: web.Request) -> Form:
    if request.content_type != "application/x-www-form-urlencoded":
        return Form({})
    if (request.charset or "utf-8").lower() not in _CHARSETS:
        raise ValueError("a form in another encoding than UTF-8")
    told = request.content_length
    # A length that was told was looked at, and no more than that is read.
    bounded = request.clone(client_max_size=WORDS_BYTES) if told is None else request
    body = await bounded.read()
    if body.count(b"&") >= MOST_FIELDS:
        raise _too_large(MOST_FIELDS, body.count(b"&") + 1)
    fields: dict[str, list[str]] = {}
    for name, value in query_to_pairs(body.decode()):
        fields.setdefault(name, []).append(value)
    return Form(fields)


async def _read_multipart(request: web.Request) -> Form:
    fields: dict[str, list[str]] = {}
    files: list[Upload] = []
    room = BODY_BYTES
    parts = 0
    async for part in await request.multipart():
        parts += 1
        if not isinstance(part, BodyPartReader):
            raise ValueError("a part of the form is a form of its own")
        name, filename = _names(part)
        if parts > MOST_FIELDS:
            raise _too_large(MOST_FIELDS, parts)
        if filename is None:
            data, read = await _read_part(part, FIELD_BYTES, room)
            fields.setdefault(_text(name), []).append(data.decode(errors="replace"))
        else:
            # Past the eighth nothing is kept but the name, which is told.
            most = FILE_BYTES if len(files) < MOST_FILES else 0
            data, read = await _read_part(part, most, room)
            if filename or read:
                files.append(Upload(clean_name(filename), data if read <= most else None))
        room -= read
    return Form(fields, tuple(files))


def _names(part: BodyPartReader) -> tuple[str, str | None]:
    """A part's field and, for a file, its name; ValueError for a part of no field."""
    if part.name is not None:
        return part.name, part.filename
    # aiohttp gives up on two semicolons in a file's name, which any telephone may put there.
    found = dict(_QUOTED.findall(part.headers.get("Content-Disposition", "")))
    if "name" not in found:
        raise ValueError("a part of the form has no name")
    return found["name"], found.get("filename")


def _text(name: str) -> str:
    """A field's name as a page can show it: bytes that are no UTF-8 come as half characters."""
    return name.encode(errors="replace").decode()


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

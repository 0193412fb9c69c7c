"""Style, pictures and scripts: held in memory, compressed once, kept by browsers for a year."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parents[1] / "static"
FOR_EVER = "public, max-age=31536000, immutable"
# Who asks by an old or no hash gets the present file, and asks again next time.
ASK_AGAIN = "public, no-cache"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it goes out; `zipped` is None where gzip would gain nothing."""

    content: bytes
    zipped: bytes | None
    content_type: str
    digest: str


@cache
def static_files() -> dict[str, StaticFile]:
    """Every file of `static/` by name, read once a process."""
    return {path.name: _read(path) for path in sorted(FOLDER.iterdir()) if path.is_file()}


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    if path.suffix == ".css":
        content = squeezed(content)
    zipped = gzip.compress(content, 9, mtime=0)
    return StaticFile(
        content=content,
        zipped=zipped if len(zipped) < 0.9 * len(content) else None,
        content_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        digest=hashlib.sha256(content).hexdigest()[:12],
    )


def squeezed(css: bytes) -> bytes:
    """A style sheet without its comments, line breaks and needless blanks.

    Blanks in selectors and in `calc()` mean something and stay.
    """
    bare = re.sub(rb"/\*.*?\*/|\s*\n\s*", b"", css, flags=re.DOTALL)
    return re.sub(rb"\s*([{};,])\s*|(?<=:) ", rb"\1", bare).replace(b";}", b"}")


@cache
def static_url(name: str) -> str:
    """The address of a file in `static/`, with a piece of its hash so that it can be kept long.

    Raises KeyError for a file that does not exist.
    """
    return f"/static/{name}?v={static_files()[name].digest}"


async def show(request: web.Request) -> web.Response:
    """`GET /static/{name}`; raises 404 for anything that is not one of the known names."""
    file = static_files().get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    headers = {
        "Cache-Control": FOR_EVER if request.query.get("v") == file.digest else ASK_AGAIN,
        "ETag": f'"{file.digest}"',
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    body = file.content
    if file.zipped and "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers["Content-Encoding"] = file.zipped, "gzip"
    return web.Response(body=body, content_type=file.content_type, headers=headers)

"""Rendered public pages in memory: ETag, 304 and gzip, and nothing is rendered twice."""

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from email.utils import formatdate
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter

from board.directory import Directory
from complaints.limits import SHANGHAI
from gateway.context import CONTEXT
from gateway.counties import County, NoSuchCounty
from gateway.looks import Look, cookie_prefix
from gateway.middleware import host_of, look_of_request, promised_headers
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, ELDER, LANGUAGE, page, render

# About 4,000 pages of a directory; a web process may grow by this and no further.
MOST_BYTES = 24 * 1024 * 1024
# Below this gzip's gain is not worth its time.
FAST_LEVEL = 6
HTML: Mapping[str, str] = MappingProxyType({"Content-Type": "text/html; charset=utf-8"})

Content = Mapping[str, Any]
Make = Callable[[Directory, date], Content]
Write = Callable[[Snapshot, date], Awaitable[str]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# County, path as the browser sent it, look.
Key = tuple[str, str, Look]


class Ready(web.Response):
    """A whole answer as bytes. Nothing in it changes but the time, so one serves every visitor.

    aiohttp copies, checks and serialises fourteen headers each time, which costs more than
    everything else about a page from memory.
    """

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        super().__init__(status=status, headers=headers, body=body)
        lines = [f"HTTP/1.1 {status} {self.reason}", *(f"{k}: {v}" for k, v in headers.items())]
        if status != 304:
            lines.append(f"Content-Length: {len(body)}")
        self._head = "\r\n".join([*lines, "Date: "]).encode()
        self._bytes = body
        self._keep_alive = True

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Sends all of it."""
        now = _http_date(int(time.monotonic()))
        writer = request.writer
        await writer.write_eof(b"".join((self._head, now, b"\r\n\r\n", self._bytes)))
        return writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to be sent."""

    def afresh(self) -> web.Response:
        """The same as an ordinary answer, for a request that is not served alike."""
        return web.Response(status=self.status, headers=self.headers, body=self.body)


@lru_cache(maxsize=1)
def _http_date(_second: int) -> bytes:
    return formatdate(usegmt=True).encode()


@dataclass(frozen=True, slots=True)
class Kept:
    """One rendered page: plain, compressed, and as the answer to who has it already."""

    etag: str
    plain: Ready
    zipped: Ready
    unchanged: Ready
    size: int

    @classmethod
    def of(cls, text: str, promised: Mapping[str, str], kind: Mapping[str, str] = HTML) -> "Kept":
        """Compresses `text` once and works out its ETag; `promised` goes out with it too, and
        headers that say of what `kind` it is."""
        body = text.encode()
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
        headers = {
            **promised,
            **kind,
            "ETag": etag,
            # Browsers keep it and ask; language and size of type come with a cookie.
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding, Accept-Language, Cookie",
        }
        zipped = gzip.compress(body, FAST_LEVEL, mtime=0)
        return cls(
            etag=etag,
            plain=Ready(200, headers, body),
            zipped=Ready(200, {**headers, "Content-Encoding": "gzip"}, zipped),
            unchanged=Ready(304, headers),
            size=len(body) + len(zipped),
        )

    def answer(self, request: web.Request) -> Ready:
        """304 when the browser has this very page, else the page as it accepts it."""
        if has_etag(request, self.etag):
            return self.unchanged
        return self.zipped if "gzip" in request.headers.get("Accept-Encoding", "") else self.plain


def has_etag(request: web.Request, etag: str) -> bool:
    """Whether If-None-Match names `etag`; weak comparison (RFC 9110, 13.1.2)."""
    known = request.headers.get("If-None-Match")
    if not known:
        return False
    if known == etag:  # what nearly every browser sends
        return True
    opaque = etag.removeprefix("W/")
    return known == "*" or any(
        each.strip().removeprefix("W/") == opaque for each in known.split(",")
    )


class PageCache:
    """Pages by key, the least recently used dropped first, never more than `most` bytes.

    A key begins with the county's schema; a county's pages are dropped together when what they
    were made of is no longer what it shows.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._held: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0
        self._made_of: dict[str, tuple[object, date]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: Key) -> bool:
        return key in self._held

    @property
    def size(self) -> int:
        """Bytes held by all pages together."""
        return self._bytes

    def get(self, key: Key) -> Kept | None:
        """The page of `key`, or None."""
        kept = self._held.get(key)
        if kept:
            self._held.move_to_end(key)
        return kept

    def put(self, key: Key, kept: Kept) -> Kept:
        """Holds a page, makes room for it, and gives it back; one too large is not held."""
        self._drop(key)
        if kept.size > self._most:
            return kept
        self._held[key] = kept
        self._bytes += kept.size
        while self._bytes > self._most:
            self._drop(next(iter(self._held)))
        return kept

    def _drop(self, key: Key) -> None:
        old = self._held.pop(key, None)
        self._bytes -= old.size if old else 0

    def made_of(self, schema: str, source: object, today: date) -> None:
        """Drops the county's pages unless they were made of this very `source` and today."""
        known = self._made_of.get(schema)
        if known and known[0] is source and known[1] == today:
            return
        self._made_of[schema] = (source, today)
        for key in [key for key in self._held if key[0] == schema]:
            self._drop(key)


# Pages of what a county published, and pages of what was counted besides. Either kind is dropped
# when what it was made of is no longer what the county shows.
PAGES = web.AppKey("pages", PageCache)
COUNTED_PAGES = web.AppKey("counted pages", PageCache)
MOST_COUNTED_BYTES = 4 * 1024 * 1024


def add_caches(app: web.Application) -> None:
    """Gives an application its memory for pages."""
    app[PAGES] = PageCache()
    app[COUNTED_PAGES] = PageCache(MOST_COUNTED_BYTES)


@web.middleware
async def from_memory(request: web.Request, handler: Handler) -> web.StreamResponse:
    """First of all: a page that is held goes out before anything else is looked at."""
    path = request.raw_path
    if request.method not in ("GET", "HEAD") or "?" in path:
        return await handler(request)
    context = request.app[CONTEXT]
    try:
        county = context.counties.of_host(host_of(request))
    except NoSuchCounty:
        return await handler(request)
    look = look_of_request(request, cookie_prefix(context.settings.base_url))
    key = (county.schema, path, look)
    pages = request.app[PAGES]
    if key not in pages:
        pages = request.app[COUNTED_PAGES]
        if key not in pages:
            return await handler(request)
    await keep_to_the_present(request, county)
    kept = pages.get(key)
    if kept is None:
        return await handler(request)
    answer = kept.answer(request)
    usual = request.method == "GET" and request.version == HttpVersion11 and request.keep_alive
    return answer if usual else answer.afresh()


async def keep_to_the_present(request: web.Request, county: County) -> tuple[Snapshot, date]:
    """What the county shows now and today's date there; pages of anything else are dropped."""
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(county)
    today = context.clock().astimezone(SHANGHAI).date()
    request.app[PAGES].made_of(county.schema, snapshot.directory, today)
    request.app[COUNTED_PAGES].made_of(county.schema, snapshot, today)
    return snapshot, today


async def public_page(request: web.Request, template: str, make: Make) -> web.Response:
    """The page that `make(directory, today)` fills, held in memory until something changes.

    A page depends on county, path, language, size of type, the county's snapshot and the day, and
    on nothing else. With other words in the address (a search) it is made afresh. What `make`
    raises (HTTPNotFound, HTTPMovedPermanently) passes through; raises `DatabaseDown` when the
    county was never read.
    """
    county = request[COUNTY]
    snapshot, today = await keep_to_the_present(request, county)
    if any(name not in ("lang", "elder") for name in request.query):
        return page(request, template, **make(snapshot.directory, today))

    async def write(snapshot: Snapshot, today: date) -> str:
        return render(request, template, **make(snapshot.directory, today))

    path = request.raw_path.partition("?")[0]
    return await held_text(request, request.app[PAGES], path, write)


async def held_text(
    request: web.Request, pages: PageCache, path: str, write: Write, kind: Mapping[str, str] = HTML
) -> web.Response:
    """What is held in `pages` under `path`, for the reader's look, or what `write` gives, which is
    held from then on; `kind`: its own headers."""
    county = request[COUNTY]
    snapshot, today = await keep_to_the_present(request, county)
    key = (county.schema, path, Look(request[LANGUAGE], request[ELDER]))
    kept = pages.get(key)
    if kept is None:
        promised = promised_headers(request.app[CONTEXT].settings.base_url)
        kept = Kept.of(await write(snapshot, today), promised, kind)
        # While it was written something may have changed that is not in it.
        if (await keep_to_the_present(request, county)) == (snapshot, today):
            pages.put(key, kept)
    return kept.answer(request).afresh()  # a cookie may come with it

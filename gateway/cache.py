"""Rendered public pages in memory: ETag, 304 and gzip, and nothing is rendered twice."""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from board.directory import Directory
from gateway.context import CONTEXT
from gateway.i18n import ZONE
from gateway.views import COUNTY, ELDER, LANGUAGE, page, render

# About 4,000 pages of a directory; a web process may grow by this and no further.
MOST_BYTES = 24 * 1024 * 1024
# Below this gzip's gain is not worth its time.
FAST_LEVEL = 6

Content = Mapping[str, Any]
Make = Callable[[Directory, date], Content]


@dataclass(frozen=True, slots=True)
class Kept:
    """One rendered page; the headers are those of the plain and of the compressed answer."""

    body: bytes
    zipped: bytes
    etag: str
    headers: CIMultiDict[str]
    zipped_headers: CIMultiDict[str]

    @classmethod
    def of(cls, html: str) -> "Kept":
        """Compresses `html` once and works out its ETag."""
        body = html.encode()
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
        headers = CIMultiDict(
            {
                "Content-Type": "text/html; charset=utf-8",
                "ETag": etag,
                # Browsers keep it and ask; language and size of type come with a cookie.
                "Cache-Control": "no-cache",
                "Vary": "Accept-Encoding, Accept-Language, Cookie",
            }
        )
        zipped_headers = CIMultiDict(headers)
        zipped_headers["Content-Encoding"] = "gzip"
        zipped = gzip.compress(body, FAST_LEVEL, mtime=0)
        return cls(body, zipped, etag, headers, zipped_headers)

    @property
    def size(self) -> int:
        """Bytes held."""
        return len(self.body) + len(self.zipped)

    def answer(self, request: web.Request) -> web.Response:
        """304 when the browser has this very page, else the page as it accepts it."""
        if has_etag(request, self.etag):
            return web.Response(status=304, headers=self.headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=self.zipped, headers=self.zipped_headers)
        return web.Response(body=self.body, headers=self.headers)


def has_etag(request: web.Request, etag: str) -> bool:
    """Whether If-None-Match names `etag`; weak comparison (RFC 9110, 13.1.2)."""
    known = request.headers.get("If-None-Match")
    if not known:
        return False
    opaque = etag.removeprefix("W/")
    return known == "*" or any(
        each.strip().removeprefix("W/") == opaque for each in known.split(",")
    )


class PageCache:
    """Pages by key, the least recently used dropped first, never more than `most` bytes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._held)

    @property
    def size(self) -> int:
        """Bytes held by all pages together."""
        return self._bytes

    def get(self, key: Hashable) -> Kept | None:
        """The page of `key`, or None."""
        kept = self._held.get(key)
        if kept:
            self._held.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept) -> Kept:
        """Holds a page, makes room for it, and gives it back; one too large is not held."""
        old = self._held.pop(key, None)
        self._bytes -= old.size if old else 0
        if kept.size > self._most:
            return kept
        self._held[key] = kept
        self._bytes += kept.size
        while self._bytes > self._most:
            _, dropped = self._held.popitem(last=False)
            self._bytes -= dropped.size
        return kept


PAGES = web.AppKey("pages", PageCache)


async def public_page(request: web.Request, template: str, make: Make) -> web.Response:
    """The page that `make(directory, today)` fills, from memory where nothing has changed.

    A page depends on county, path, language, size of type, the directory's version and the day,
    and on nothing else. With other words in the address (a search) it is made afresh. What `make`
    raises (HTTPNotFound, HTTPMovedPermanently) passes through; raises `DatabaseDown` only when
    the county was never read.
    """
    context = request.app[CONTEXT]
    county = request[COUNTY]
    snapshot = await context.snapshots.of(county)
    today = context.clock().astimezone(ZONE).date()
    if any(name not in ("lang", "elder") for name in request.query):
        return page(request, template, **make(snapshot.directory, today))
    look = (request[LANGUAGE], request[ELDER])
    key = (county.schema, request.rel_url.raw_path, look, snapshot.tag, today)
    pages = request.app[PAGES]
    kept = pages.get(key)
    if kept is None:
        html = render(request, template, **make(snapshot.directory, today))
        kept = pages.put(key, Kept.of(html))
    return kept.answer(request)

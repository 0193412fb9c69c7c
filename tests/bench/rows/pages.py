"""A public page from memory, 304, and pages that are made each time, beside bare aiohttp."""

from urllib.request import urlopen

from tests.bench.bench import Bench
from tests.bench.load import get
from tests.bench.measure import Row, Series

PAGE = "/directory/"
# As a browser asks.
ZIPPED = {"Accept-Encoding": "gzip", "Accept-Language": "zh-CN"}
SEARCHED = "%E4%B8%8D%E5%8A%A8%E4%BA%A7"  # 不动产


def rows(bench: Bench) -> list[Row]:
    """The page as a browser asks for it, asked for again, and two that are made each time."""
    with urlopen(f"http://127.0.0.1:{bench.site.port}{PAGE}", timeout=10) as answer:
        etag = answer.headers["ETag"]
    page = bench.http([get(PAGE, ZIPPED)], wanted=200)
    again = bench.http([get(PAGE, {**ZIPPED, "If-None-Match": etag})], wanted=304)
    form = bench.http([get("/complaints/new", ZIPPED)], wanted=200)
    search = bench.http([get(f"/directory/?q={SEARCHED}", ZIPPED)], wanted=200)
    return [
        Row("public page from memory", "hello", Series(page), bench.hello, goal=0.80),
        Row("… 304", "hello", Series(again), bench.hello, goal=0.95),
        Row("page of a search, made each time", "hello", Series(search), bench.hello, goal=0.11),
        Row("complaint form, made each time", "hello", Series(form), bench.hello),
    ]

"""A public page from memory, and 304, beside bare aiohttp."""

from urllib.request import urlopen

from tests.bench.bench import Bench
from tests.bench.load import get
from tests.bench.measure import Row, Series

PAGE = "/directory/"


def rows(bench: Bench) -> list[Row]:
    """Two rows: the page as a browser asks for it, and asked for again."""
    with urlopen(f"http://127.0.0.1:{bench.site.port}{PAGE}", timeout=10) as answer:
        etag = answer.headers["ETag"]
    zipped = {"Accept-Encoding": "gzip", "Accept-Language": "zh-CN"}
    page = bench.http([get(PAGE, zipped)], wanted=200)
    again = bench.http([get(PAGE, {**zipped, "If-None-Match": etag})], wanted=304)
    return [
        Row("public page from memory", "hello", Series(page), bench.hello, goal=0.80),
        Row("… 304", "hello", Series(again), bench.hello, goal=0.95),
    ]

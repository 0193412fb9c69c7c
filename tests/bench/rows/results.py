"""The page of results, as a visitor asks for it, beside hello."""

from urllib.error import HTTPError
from urllib.request import urlopen

from tests.bench.bench import Bench
from tests.bench.load import get
from tests.bench.measure import Row, Series

PATH = "/results/"
LEFT_OUT = f"results is left out: there is no page at {PATH}"


def exists(bench: Bench) -> bool:
    """Whether this version of the program has the page."""
    try:
        with urlopen(f"http://127.0.0.1:{bench.site.port}{PATH}", timeout=60) as answer:
            return bool(answer.status == 200)
    except HTTPError:
        return False


def rows(bench: Bench) -> list[Row]:
    """The page, asked for again and again."""
    return [Row("results page", "hello", Series(bench.http([get(PATH)], wanted=200)), bench.hello)]

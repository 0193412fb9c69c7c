"""What pages weigh on the wire, and what a web process weighs after a run."""

import gzip
import re
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.bench import processes
from tests.bench.bench import Bench
from tests.bench.table import Fact

MOST_HTML = 14 * 1024
MOST_CSS = 15 * 1024
MOST_MB = 120.0
_STYLE = re.compile(r'href="(/static/[^"]*\.css[^"]*)"')


def facts(bench: Bench) -> list[Fact]:
    """Every public page that the bench knows, gzipped."""
    token, found = bench.targets[0].token, []
    pages = {
        "/": "/",
        "/directory/": "/directory/",
        "a unit": "/units/NRB",
        "a person": "/staff/A1024",
        "a matter": "/matters/NRB-002",
        "/complaints/new": "/complaints/new",
        "/track": "/track",
        "/answer/{token}": f"/answer/{token}",
    }
    for name, path in pages.items():
        body = _body(bench, path)
        size = len(gzip.compress(body, 6))
        found.append(
            Fact(f"HTML of {name}, gzipped", _kb(size), _at_most(MOST_HTML), size <= MOST_HTML)
        )
    styles = _STYLE.findall(_body(bench, "/complaints/new").decode())
    css = sum(len(_body(bench, path)) for path in styles)
    name = f"CSS of the form, {len(styles)} files, not compressed"
    return [*found, Fact(name, _kb(css), _at_most(MOST_CSS), css <= MOST_CSS)]


def memory(bench: Bench, before: float, requests: int) -> list[Fact]:
    """After the rounds: what the web process weighs, and how much more than after the first."""
    now = processes.memory_mb(bench.site.web_pid)
    return [
        Fact("memory of a web process", f"{now:.0f} MB", f"≤ {MOST_MB:.0f} MB", now <= MOST_MB),
        Fact(f"… more than {requests:,} requests before", f"{now - before:+.1f} MB"),
    ]


def _body(bench: Bench, path: str) -> bytes:
    """As a browser gets it, decompressed."""
    request = Request(f"http://127.0.0.1:{bench.site.port}{path}")
    try:
        with urlopen(request, timeout=10) as answer:
            return bytes(answer.read())
    except HTTPError as error:
        raise RuntimeError(f"{path}: {error.code}") from error


def _kb(size: int) -> str:
    return f"{size / 1024:.1f} KB"


def _at_most(size: int) -> str:
    return f"≤ {size // 1024} KB"

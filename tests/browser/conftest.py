"""Headless Chromium in front of the real server; without a browser these tests are skipped.

A worker starts one browser, which takes longer than most tests, and gives each test visitors of
its own; so these tests share an event loop. `site` is a test's own, `reading_site` is shared by
the tests that store nothing.
"""

import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from gateway.context import Context
from gateway.serving import serving
from tests.conftest import MONDAY
from tests.site import site_context

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text()
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
HOW_TO_GET_IT = (
    "no Chromium on this machine: install it (Debian: apt-get install chromium) "
    "or name one in TEST_CHROMIUM"
)
# WCAG 2.2 AA and everything before it, and what is good practice beside.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium() -> str:
    """The browser's path; skips the test where there is none, fails it under CI=true."""
    named = os.environ.get("TEST_CHROMIUM", "")
    found = next((path for name in (named, *NAMES) if name and (path := shutil.which(name))), "")
    if not found and os.environ.get("CI") == "true":
        pytest.fail(HOW_TO_GET_IT)
    if not found:
        pytest.skip(HOW_TO_GET_IT)
    return found


@dataclass(frozen=True, slots=True)
class Site:
    """A running site: `url` without a slash at its end, and what its handlers share."""

    url: str
    context: Context


OpenSite = Callable[..., Awaitable[Site]]
FOLDER = Path(__file__).parent
own = pytest_asyncio.fixture(loop_scope="session")
shared = pytest_asyncio.fixture(loop_scope="session", scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The loop of the shared browser for every test beside this file."""
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@asynccontextmanager
async def opened(url: str, folder: Path, now: datetime, **settings: Any) -> AsyncIterator[Site]:
    """The real server, on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        async with (
            site_context(url, folder, clock=lambda: now, base_url=address, **settings) as context,
            serving(context, bound),
        ):
            yield Site(address, context)


@own
async def open_site(
    fresh_demo_database: str, tmp_path: Path, now: datetime
) -> AsyncIterator[OpenSite]:
    """Starts a server on a database of this test's own: `await open_site(smtp_url=…)`."""
    async with AsyncExitStack() as stack:

        async def open_one(**settings: Any) -> Site:
            site = opened(fresh_demo_database, tmp_path, now, **settings)
            return await stack.enter_async_context(site)

        yield open_one


@own
async def site(open_site: OpenSite) -> Site:
    """The demo county on a database of this test alone, at ten on a Monday morning."""
    return await open_site()


@shared
async def reading_site(
    demo_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """Like `site`, for tests that store nothing."""
    folder = tmp_path_factory.mktemp("reading")
    async with opened(demo_database_url, folder, MONDAY) as site:
        yield site


@shared
async def chrome() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@own
async def visitor(chrome: Browser) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    """Opens a fresh visitor: `await visitor(java_script_enabled=False, color_scheme="dark")`."""
    contexts: list[BrowserContext] = []

    async def open_one(**options: Any) -> BrowserContext:
        contexts.append(await chrome.new_context(**options))
        return contexts[-1]

    yield open_one
    for context in contexts:
        await context.close()


@own
async def browser_page(chrome: Browser) -> AsyncIterator[Page]:
    """One page of a visitor with scripts, 1280 pixels wide."""
    context = await chrome.new_context(viewport={"width": 1280, "height": 900})
    yield await context.new_page()
    await context.close()


async def look_for_barriers(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds against WCAG 2.2 AA on `page`, what it could not decide included.

    `rules` asks for these alone.
    """
    # A click returns when the answer begins to arrive: measured then, the page has no style yet.
    await page.wait_for_load_state("load")
    # A content security policy forbids inline scripts; the debugger may evaluate all the same.
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    found = await page.evaluate(
        "(only) => axe.run(document, {runOnly: only, resultTypes: ['violations', 'incomplete']})",
        {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS},
    )
    return [
        f"{kind} {rule['id']}: {node['html'][:200]} ({node.get('failureSummary', '')[:300]})"
        for kind in ("violations", "incomplete")
        for rule in found[kind]
        for node in rule["nodes"]
    ]


@pytest.fixture
def axe() -> Callable[..., Awaitable[None]]:
    """`await axe(page)` fails with every barrier on the page, the undecided ones too."""

    async def check(page: Page, rules: Sequence[str] = ()) -> None:
        barriers = await look_for_barriers(page, rules)
        assert not barriers, f"{page.url}\n" + "\n".join(barriers)

    return check

"""Headless Chromium in front of the real server; without a browser these tests are skipped."""

import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from gateway.context import Context
from gateway.serving import serving
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


@pytest.fixture
async def open_site(
    fresh_demo_database: str, tmp_path: Path, now: datetime
) -> AsyncIterator[OpenSite]:
    """Starts the real server on a free port of this machine: `await open_site(smtp_url=…)`."""
    async with AsyncExitStack() as stack:

        async def open_one(**settings: Any) -> Site:
            bound = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            url = f"http://127.0.0.1:{bound.getsockname()[1]}"
            context = await stack.enter_async_context(
                site_context(
                    fresh_demo_database, tmp_path, clock=lambda: now, base_url=url, **settings
                )
            )
            await stack.enter_async_context(serving(context, bound))
            return Site(url, context)

        yield open_one


@pytest.fixture
async def site(open_site: OpenSite) -> Site:
    """The demo county on a database of this test alone, at ten on a Monday morning."""
    return await open_site()


@pytest.fixture
async def chrome() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def visitor(chrome: Browser) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    """Opens a fresh visitor: `await visitor(java_script_enabled=False, color_scheme="dark")`."""
    opened: list[BrowserContext] = []

    async def open_one(**options: Any) -> BrowserContext:
        opened.append(await chrome.new_context(**options))
        return opened[-1]

    yield open_one
    for context in opened:
        await context.close()


@pytest.fixture
async def browser_page(chrome: Browser) -> AsyncIterator[Page]:
    """One page of a visitor with scripts, 1280 pixels wide."""
    context = await chrome.new_context(viewport={"width": 1280, "height": 900})
    yield await context.new_page()
    await context.close()


async def look_for_barriers(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds against WCAG 2.2 AA on `page`, what it could not decide included.

    `rules` asks for these alone.
    """
    # A content security policy forbids inline scripts; the debugger may evaluate all the same.
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

"""A browser without a window, in front of the demo county."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from tests.site import site_context

Browser = TestClient[Any, Any]
OpenSite = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def open_site(
    demo_database_url: str, tmp_path: Path, now: datetime
) -> AsyncIterator[OpenSite]:
    """Opens the site as a visitor without cookies: `await open_site(base_url=…)`.

    The database is shared with other tests, so only for pages that read; `url=` names another.
    """
    async with AsyncExitStack() as stack:

        async def open_one(url: str = demo_database_url, **settings: Any) -> Browser:
            context = await stack.enter_async_context(
                site_context(url, tmp_path, clock=lambda: now, **settings)
            )
            client: Browser = TestClient(TestServer(create_app(context)))
            return await stack.enter_async_context(client)

        yield open_one


@pytest.fixture
async def browser(open_site: OpenSite) -> Browser:
    """A visitor of the demo county who has chosen nothing yet."""
    return await open_site()

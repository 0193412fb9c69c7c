"""A browser without a window, in front of the demo county."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from tests.clock import Clock
from tests.database import SCHEMA
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


@pytest.fixture
def clock(now: datetime) -> Clock:
    """The clock of `citizen`'s site."""
    return Clock(now)


@pytest.fixture
async def citizen(clock: Clock, fresh_demo_database: str, tmp_path: Path) -> AsyncIterator[Browser]:
    """A visitor of a demo county of this test's own, whose complaints really are stored."""
    async with site_context(fresh_demo_database, tmp_path, clock=clock) as context:
        client: Browser = TestClient(TestServer(create_app(context)))
        async with client:
            yield client


@pytest.fixture
async def stored(fresh_demo_database: str) -> AsyncIterator[asyncpg.Connection]:
    """Another look at what `citizen` left in the database."""
    conn = await asyncpg.connect(fresh_demo_database)
    await conn.execute(f"SET search_path TO {SCHEMA}")
    yield conn
    await conn.close()

"""The desk's door and pages, with a clock to move and a database of the test's own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from gateway.context import Context
from gateway.desk import waiting
from tests.gateway.pages.conftest import Clock, clock
from tests.site import site_context
from tests.staff import Browser, Staff, add_user, signed_in

__all__ = ["Clock", "clock"]


@dataclass
class Desk:
    """The site, who works there, and their browsers."""

    context: Context
    clock: Clock
    client: Browser
    # Keeps no cookies: for those who bring their own.
    plain: Browser

    def browser(self) -> Browser:
        """Another browser in front of the same site, without cookies yet."""
        return TestClient(TestServer(create_app(self.context)))

    async def user(self, login: str, *roles: str, **more: Any) -> UUID:
        return await add_user(self.context, login, *roles, **more)

    async def staff(self, login: str, *roles: str, **more: Any) -> Staff:
        """A new user, signed in."""
        return await signed_in(self.plain, self.context, await self.user(login, *roles, **more))

    async def rows(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        async with self.context.db.connection() as conn:
            found: list[asyncpg.Record] = await conn.fetch(sql, *args)
            return found

    async def value(self, sql: str, *args: Any) -> Any:
        async with self.context.db.connection() as conn:
            return await conn.fetchval(sql, *args)


@pytest.fixture
async def desk(
    clock: Clock, fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    # Tests write beside the site, at the same moment.
    monkeypatch.setattr(waiting, "KEPT", timedelta(0))
    async with (
        site_context(fresh_database, tmp_path, clock=clock) as context,
        TestClient(TestServer(create_app(context))) as client,
        TestClient(TestServer(create_app(context)), cookie_jar=DummyCookieJar()) as plain,
    ):
        yield Desk(context, clock, client, plain)

"""A hostile visitor of the real application, and the cast that it would harm."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from gateway.context import Context
from gateway.logs import AccessCounter
from gateway.mail import postman
from tests.clock import Clock
from tests.gateway.pages.conftest import Browser, OpenSite, browser, clock, open_site
from tests.site import site_context

__all__ = ["Browser", "OpenSite", "browser", "clock", "open_site"]

JSON = {"Accept": "application/json"}
# Something to put where a route has a hole; nothing that is there.
HOLES = {
    "{name}": "nothing.css",
    "{code}": "NOBODY",
    "{badge}": "NOBODY",
    "{pass}": "x",
    "{token}": "x" * 43,
    "{number}": "2020-000000",
    "{position}": "1",
    "{key}": "0" * 32,
}


class Site:
    """The demo county, with its clock, its mail and its database at hand."""

    def __init__(self, client: Browser, context: Context) -> None:
        self.client = client
        self.context = context

    async def file(self, *files: tuple[str, bytes], **said: str) -> dict[str, Any]:
        """A complaint, as a script sends it; gives number and code."""
        fields = {"text": "窗口说再等等。", "badge": "A1024", **said}
        form = FormData(quote_fields=False, default_to_multipart=bool(files))
        for name, value in fields.items():
            form.add_field(name, value)
        for name, data in files:
            form.add_field("files", data, filename=name)
        response = await self.client.post("/complaints", data=form, headers=JSON)
        assert response.status == 201, await response.text()
        told: dict[str, Any] = await response.json()
        return told

    async def mails(self) -> list[dict[str, str]]:
        """Lets the mail go out; the newest first."""
        while await postman.run_once(self.context):
            pass
        found: list[dict[str, str]] = await (await self.client.get("/demo/mailbox.json")).json()
        return found

    async def link(self) -> str:
        """The path of the newest letter's link to an office."""
        mails = await self.mails()
        words = next(mail["text"] for mail in mails if "/answer/" in mail["text"]).split()
        return urlsplit(next(word for word in words if "/answer/" in word)).path

    async def track(self, code: str, **headers: str) -> int:
        """The status that a typed code gets."""
        response = await self.client.post(
            "/track", data={"code": code}, headers=headers, allow_redirects=False
        )
        return response.status


@pytest.fixture
async def site(fresh_demo_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Site]:
    """A demo county of this test's own; a proxy on this machine is trusted."""
    proxies = ("127.0.0.0/8",)
    async with site_context(
        fresh_demo_database, tmp_path, clock=clock, trusted_proxies=proxies
    ) as found:
        server = TestServer(create_app(found))
        # The log of requests that `gateway.serving` keeps.
        await server.start_server(access_log_class=AccessCounter)
        async with TestClient(server) as client:
            yield Site(client, found)


async def raw(client: Browser, sent: bytes) -> bytes:
    """What the server says to these very bytes; nothing when it hung up while they were sent."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    try:
        writer.write(sent)
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def request_line(method: str, target: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    """A request as bytes, which no client library has made decent."""
    lines = [method.encode() + b" " + target + b" HTTP/1.1", b"Host: x", b"Connection: close"]
    length = [b"Content-Length: %d" % len(body)] if body else []
    return b"\r\n".join([*lines, *headers, *length, b"", b""]) + body


def routes_of(app: web.Application, *methods: str) -> list[tuple[str, str]]:
    """(method, path) of every route, with something in its holes."""
    found = []
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else "/"
        for hole, filled in HOLES.items():
            path = path.replace(hole, filled)
        if not methods or route.method in methods:
            found.append((route.method, path))
    return found

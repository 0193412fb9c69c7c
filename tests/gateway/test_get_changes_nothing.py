"""Mail scanners open every link and some press every button: nothing may come of it.

Every address found in pages and mails is asked for by GET and HEAD, and every form on the way is
sent as it stands, by each of its buttons. Afterwards every row and every file is as it was.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from gateway.context import Context
from gateway.keys import token_hash
from gateway.mail import postman
from tests.database import SCHEMA
from tests.forms import Form, Page
from tests.site import site_context

Make = Callable[..., Awaitable[Any]]
ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
# The demo county has a thousand pages of a kind; a few of each kind say the same.
MOST_OF_A_KIND = 4
SHARED = ("county", "migration")


class Robot:
    """Follows everything that it finds on one site."""

    def __init__(self, client: TestClient[Any, Any], base: str) -> None:
        self.client = client
        self.base = base
        self.seen: set[str] = set()
        self.kinds: Counter[str] = Counter()
        self.waiting: list[str] = []
        self.pressed: list[tuple[str, int]] = []
        self.failed: list[tuple[str, int]] = []

    def find(self, *addresses: str) -> None:
        """Remembers addresses of this site that were not seen before."""
        for address in addresses:
            url = urlsplit(urljoin(self.base + "/", address))
            path = url.path + (f"?{url.query}" if url.query else "")
            if f"{url.scheme}://{url.netloc}" != self.base or path in self.seen:
                continue
            kind = kind_of(url.path, url.query)
            self.kinds[kind] += 1
            if self.kinds[kind] <= MOST_OF_A_KIND or kind.startswith("/answer/"):
                self.seen.add(path)
                self.waiting.append(path)

    async def crawl(self) -> None:
        """Until nothing new turns up."""
        while self.waiting:
            await self.visit(self.waiting.pop())

    async def visit(self, path: str) -> None:
        head = await self.client.head(path)
        response = await self.client.get(path)
        # A query that changes nothing is the only thing that GET and HEAD may differ in.
        assert head.status == response.status, path
        if response.status >= 500:
            self.failed.append((path, response.status))
        text = await response.text(errors="replace")
        self.find(*ADDRESS.findall(text))
        if response.content_type == "text/html":
            page = Page(text)
            here = urljoin(self.base, path)
            self.find(*(urljoin(here, link) for link in page.links))
            for form in page.forms:
                await self.press(here, form)

    async def press(self, here: str, form: Form) -> None:
        """Every button of a form that a page shows, with nothing typed."""
        for action, name, value in dict.fromkeys(form.buttons) or [(form.action, "", "")]:
            fields = [*form.fields, *([(name, value)] if name else [])]
            target = urljoin(here, action or here).removeprefix(self.base)
            if form.method == "get":
                response = await self.client.get(target, params=fields)
            else:
                body = FormData(fields, default_to_multipart=form.multipart)
                response = await self.client.post(target, data=body, allow_redirects=False)
                self.pressed.append((kind_of(urlsplit(target).path, ""), response.status))
            if response.status >= 500:
                self.failed.append((target, response.status))


def kind_of(path: str, query: str) -> str:
    """Addresses that one handler serves: `/staff/A1024` is `/staff/*`."""
    parts = path.split("/")
    if len(parts) > 2 and parts[2]:
        parts[2] = parts[2] if parts[1] in ("complaints", "track", "demo") else "*"
    if len(parts) > 3 and parts[1] in ("complaints", "demo"):
        parts[3] = "*"
    names = sorted(part.partition("=")[0] for part in query.split("&") if part)
    return "/".join(parts) + ("?" + "&".join(names) if names else "")


async def everything(context: Context, folder: Path) -> dict[str, Any]:
    """Every row of every table, and every file."""
    found: dict[str, Any] = {}
    async with context.db.transaction(SCHEMA) as conn:
        tables = await conn.fetch(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname IN (current_schema(), 'shared') ORDER BY 1, 2"
        )
        for schema, name in tables:
            rows = await conn.fetch(f"SELECT t::text AS row FROM {schema}.{name} AS t ORDER BY 1")
            found[name] = [row["row"] for row in rows]
    found["files"] = sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))
    return found


async def file(client: TestClient[Any, Any], **said: str) -> dict[str, str]:
    """A complaint, as a script sends it."""
    fields = {"text": "窗口说再等等。", "badge": "A1024", "email": "citizen@example.org", **said}
    headers = {"Accept": "application/json"}
    response = await client.post("/complaints", data=FormData(fields), headers=headers)
    assert response.status == 201, await response.text()
    return await response.json()


async def links_in_mails(client: TestClient[Any, Any], context: Context) -> list[str]:
    """Lets the mail go out; gives every address that it holds."""
    while await postman.run_once(context):
        pass
    mails = await (await client.get("/demo/mailbox.json")).json()
    texts = [mail["text"] + " " + mail["html"] for mail in mails]
    return list(dict.fromkeys(link for text in texts for link in ADDRESS.findall(text)))


@pytest.fixture
async def world(
    aiohttp_client: Make, fresh_demo_database: str, tmp_path: Path, now: datetime
) -> Any:
    """The demo site with cases in every state that a page can show, and a robot before it."""
    async with site_context(fresh_demo_database, tmp_path, clock=lambda: now) as context:
        server = TestServer(create_app(context))
        client = await aiohttp_client(server)
        base = str(server.make_url("/")).rstrip("/")
        context.settings.base_url = base
        yield context, client, Robot(client, base)


async def prepare(client: TestClient[Any, Any], context: Context, robot: Robot) -> None:
    """Waiting, answered, sealed, undecided and expired cases; a citizen who looks at one."""
    answered = await file(client, category="L01")
    (link,) = [url for url in await links_in_mails(client, context) if "/answer/" in url]
    reply = {
        "finding-1": "partly",
        "reason-1": "调取窗口录像，工作人员确有推诿。",
        "done": "已当面道歉并补办。",
        "reply": "您反映的情况部分属实，证件 11 月 25 日寄出。",
    }
    path = link.removeprefix(robot.base)
    sent = await client.post(f"{path}/answer", data=reply, allow_redirects=False)
    assert sent.status == 303
    await file(client, category="C02", text="他要我交茶水费。")
    await file(client, badge="", staff_description="穿白衬衫的人")
    await file(client)
    await waiting_and_followed_up(client, context, robot)
    await file(client)
    robot.find(*await links_in_mails(client, context))
    async with context.db.transaction(SCHEMA) as conn:
        # The link of the last one that an office got expires.
        await conn.execute(
            "UPDATE link SET expires_at = created_at WHERE complaint ="
            " (SELECT id FROM complaint WHERE state = 'dispatched' ORDER BY number DESC LIMIT 1)"
        )
    code = {"code": answered["tracking_code"]}
    seen = await client.post("/track", data=code, allow_redirects=False)
    assert seen.status == 303
    robot.find("/", "/track", "/track/case", "/complaints/new", "/complaints/new?staff=A1024")
    robot.find("/directory/?q=chen", "/demo/mailbox", "/answer/unknown", "/nowhere")


async def waiting_and_followed_up(
    client: TestClient[Any, Any], context: Context, robot: Robot
) -> None:
    """Cases in hand, with a question to the complainant, and with the office above."""
    known = set(await links_in_mails(client, context))
    await file(client, category="L01")
    await file(client, category="L02")
    await file(client, category="L03")
    fresh = [url for url in await links_in_mails(client, context) if url not in known]
    asked, rated, taken = [url.removeprefix(robot.base) for url in fresh if "/answer/" in url]
    question = {"question": "请问您是哪一天到窗口的？"}
    name = {"person": "李工"}
    for way, said in (
        (f"{taken}/signature", name), (f"{asked}/signature", name), (f"{asked}/question", question)
    ):  # fmt: skip
        sent = await client.post(way, data=said, allow_redirects=False)
        assert sent.status == 303
    async with context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "UPDATE complaint SET state = 'followed_up', next_kind = 'follow_up' WHERE id ="
            " (SELECT complaint FROM link WHERE token_hash = $1)",
            token_hash(rated.rpartition("/")[2]),
        )


async def test_a_robot_that_opens_every_link_and_presses_every_button_changes_nothing(
    world: tuple[Context, TestClient[Any, Any], Robot], tmp_path: Path
) -> None:
    context, client, robot = world
    await prepare(client, context, robot)
    before = await everything(context, tmp_path)
    await robot.crawl()
    after = await everything(context, tmp_path)

    assert robot.failed == []
    assert {name for name in before if before[name] != after[name]} == set()
    # It did come by everything that acts.
    reached = {kind for kind, _ in robot.pressed}
    assert {"/answer/*/signature", "/answer/*/answer", "/answer/*/link", "/complaints"} <= reached
    verbs = ("take-up", "return", "extension", "question", "resume", "contact", "receipt")
    assert {f"/answer/*/{verb}" for verb in verbs} <= reached
    assert {status for kind, status in robot.pressed if kind.startswith("/answer/")} == {422}
    assert {"/units/*", "/staff/*", "/matters/*", "/answer/*"} <= set(robot.kinds)

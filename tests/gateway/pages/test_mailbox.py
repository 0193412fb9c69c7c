"""The demo's mailbox: a page, a list for machines, and nothing outside a demo."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from gateway.app import create_app
from gateway.context import Context
from gateway.db import Database
from gateway.mail import postman
from gateway.pages.mailbox import MAIL_POLICY
from tests.gateway.mail.world import CITIZEN, one_case, surroundings

Client = Callable[..., Awaitable[TestClient]]
PLACES = ["/demo/mailbox", "/demo/mailbox.json", f"/demo/mailbox/{'0' * 32}"]


@pytest.fixture
def context(demo_db: Database, now: datetime, tmp_path: Path) -> Context:
    return surroundings(demo_db, now, tmp_path)


@pytest.mark.parametrize("place", PLACES)
async def test_outside_a_demo_there_is_no_mailbox(
    context: Context, aiohttp_client: Client, place: str
) -> None:
    client = await aiohttp_client(create_app(replace(context, demo=False)))
    assert (await client.get(place)).status == 404


async def test_a_mail_that_is_not_there_is_not_found(
    context: Context, aiohttp_client: Client
) -> None:
    client = await aiohttp_client(create_app(context))
    assert (await client.get(PLACES[2])).status == 404
    assert (await client.get("/demo/mailbox/..%2f..%2fetc%2fpasswd")).status == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-Hans", "还没有邮件"), ("zh-Hant", "未有電郵"), ("en", "No mail yet")],
)
async def test_an_empty_mailbox_says_what_will_fill_it(
    context: Context, aiohttp_client: Client, language: str, words: str
) -> None:
    client = await aiohttp_client(create_app(context))
    assert words in await (await client.get(f"/demo/mailbox?lang={language}")).text()
    assert await (await client.get("/demo/mailbox.json")).json() == []


async def test_with_a_server_the_page_says_where_the_mail_went(
    demo_db: Database, now: datetime, tmp_path: Path, aiohttp_client: Client
) -> None:
    context = surroundings(demo_db, now, tmp_path, smtp_url="smtp://127.0.0.1:25")
    client = await aiohttp_client(create_app(context))
    assert "已设置邮件服务器" in await (await client.get("/demo/mailbox")).text()


async def test_what_was_sent_can_be_read_in_three_ways(
    demo_db: Database, context: Context, now: datetime, aiohttp_client: Client
) -> None:
    async with demo_db.transaction("county_test") as conn:
        office = await conn.fetchrow("SELECT code, email FROM office ORDER BY code LIMIT 1")
    await one_case(demo_db, now, "dispatched", settled=True, office=office["code"], email=CITIZEN)
    await postman.run_once(context)
    client = await aiohttp_client(create_app(context))

    (entry,) = await (await client.get("/demo/mailbox.json")).json()
    assert set(entry) == {"to", "subject", "text", "html", "message_id", "sent_at"}
    assert entry["to"] == office["email"]
    assert entry["subject"] == "有一件投诉请签收（2026-000001）"
    assert entry["message_id"].startswith("<")
    assert datetime.fromisoformat(entry["sent_at"]) == now
    link = next(line for line in entry["text"].split("\n") if "/answer/" in line)
    assert f'href="{link}"' in entry["html"]

    shown = await client.get("/demo/mailbox")
    text = await shown.text()
    assert f'<a href="{link}">{link}</a>' in text
    assert shown.headers["Cache-Control"] == "no-store"

    place = text.partition('href="/demo/mailbox/')[2].partition('"')[0]
    mail = await client.get(f"/demo/mailbox/{place}")
    assert await mail.text() == entry["html"]
    assert mail.headers["Content-Security-Policy"] == MAIL_POLICY

"""The main job, end to end, as people meet it: in a browser, with a real mail server.

A citizen reads a badge number off a placard and complains of a missed limit; the right office
gets a mail, signs and answers through its link; the citizen reads the answer under the code.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from playwright.async_api import BrowserContext, Page

from gateway.i18n import LANGUAGES, Words, words
from gateway.mail import postman
from tests.browser.conftest import OpenSite, Site, own
from tests.browser.matrix import combinations
from tests.gateway.mail.servers import Handler, serving

Visitor = Callable[..., Awaitable[BrowserContext]]

# Without scripts, which is the harder way; the thorough run has every language and way.
STORIES = (("zh-Hant", False),)
CITIZEN = "citizen@example.org"
STORY = "我把材料交齐了，窗口只说再等等，没有说要等到什么时候。"
REASON = "调取窗口录像和收件记录，11 月 12 日材料已经齐全。"
REPLY = "您反映的情况部分属实，证件 11 月 25 日寄出，向您道歉。"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/answer/[A-Za-z0-9_-]{43}")


@dataclass
class Post:
    """A mail server on this machine, and what came through it, letter by letter."""

    site: Site
    handler: Handler = field(default_factory=Handler)

    async def collect(self) -> list[EmailMessage]:
        """Lets the worker send what is due; gives what arrived since the last time."""
        before = len(self.handler.mails)
        while await postman.run_once(self.site.context):
            pass
        return [
            message_from_bytes(bytes(mail.content or b""), policy=policy.default)
            for mail in self.handler.mails[before:]
        ]


@own
async def post(open_site: OpenSite) -> AsyncIterator[Post]:
    handler = Handler()
    async with serving(handler) as port:
        site = await open_site(smtp_url=f"smtp://127.0.0.1:{port}")
        yield Post(site, handler)
        await postman.close(site.context)


async def reach(page: Page, selector: str) -> None:
    """Goes on, step by step where there are steps, until a field can be seen."""
    for _ in range(10):
        if await page.locator(selector).is_visible():
            return
        await page.locator(".step:not([hidden]) > .actions button.button").click()
    raise AssertionError(f"{selector} is on no step")


async def complain(page: Page, site: Site, say: Words) -> tuple[str, str]:
    """From a placard's QR code to the receipt; gives the case number and the tracking code."""
    await page.goto(f"{site.url}/staff/A1024?lang={say.language}")
    await page.locator('a[href="/complaints/new?staff=A1024"]').click()
    await page.wait_for_url("**/complaints/new?staff=A1024")
    assert await page.input_value("#badge") == "A1024"
    await reach(page, "details:has(#c-L01) > summary")
    await page.locator("details:has(#c-L01) > summary").click()
    await page.check("#c-L01")
    await reach(page, "#matter")
    await page.select_option("#matter", "NRB-001")
    await page.fill("#accepted_on", "2026-10-12")
    if await page.locator("#count").is_visible():
        await page.click("#count")
    # Promised and statutory day are stated before anything is sent.
    await page.locator("#figures > *").first.wait_for()
    assert "2026" in await page.inner_text("#figures")
    await reach(page, "#text")
    await page.fill("#text", STORY)
    await reach(page, "#email")
    await page.fill("#email", CITIZEN)
    await reach(page, "#send")
    await page.click("#send")
    await page.wait_for_url("**/complaints/receipt/**")
    number, code = await page.locator(".code-big").all_inner_texts()
    return number.strip(), code.strip()


async def answer(page: Page, link: str, say: Words) -> None:
    """What the clerk of an office does with the link of a mail."""
    await page.goto(f"{link}?lang={say.language}")
    main = await page.inner_text("main")
    assert STORY in main
    # The complainant did not agree to share how to be reached.
    assert CITIZEN not in main
    await page.fill("#person", "李建华")
    await page.click("form[action$='/signature'] button")
    assert "李建华" in await page.inner_text("main")
    for choice in await page.locator("input[type=radio][value=partly]").all():
        await choice.check()
    for area in await page.locator("form[action$='/answer'] textarea").all():
        await area.fill(REASON)
    await page.fill("#reply", "这件事不归我管，你去问别的单位吧。")
    await page.click("form[action$='/answer'] button")
    assert "不归我管" in await page.inner_text(".notice-warn")
    assert await page.input_value("#done") == REASON
    await page.fill("#reply", REPLY)
    await page.click("form[action$='/answer'] button")
    assert await page.inner_text(".panel h1") == say("answer.done_title")


async def track(page: Page, site: Site, code: str, say: Words) -> str:
    """What the citizen reads under the code."""
    await page.goto(f"{site.url}/track?lang={say.language}")
    await page.fill("#code", code)
    await page.click("form[action='/track'] button")
    await page.wait_for_url("**/track/case")
    return await page.inner_text("main")


@pytest.mark.parametrize(
    ("language", "scripts"),
    combinations(LANGUAGES, (True, False), always=STORIES),
)
async def test_a_citizen_complains_the_office_answers_and_the_citizen_reads_it(
    post: Post, visitor: Visitor, language: str, scripts: bool
):
    site, say = post.site, words(language)
    citizen = await (await visitor(java_script_enabled=scripts)).new_page()
    citizen.set_default_timeout(10_000)
    number, code = await complain(citizen, site, say)

    letters = {letter["To"]: letter for letter in await post.collect()}
    assert len(letters) == 2
    told = letters.pop(CITIZEN)
    assert told["Content-Language"] == language
    ((address, dispatched),) = letters.items()
    assert address.endswith("@example.org")
    for letter in (told, dispatched):
        said = str(letter.get_body(("plain",)).get_content())
        assert number in said
        assert STORY not in said
        assert code not in said
        assert "A1024" not in said
    before = await track(citizen, site, code, say)
    assert say("standing.dispatched") in before

    (link,) = set(LINK.findall(str(dispatched.get_body(("plain",)).get_content())))
    office = await (await visitor(java_script_enabled=scripts)).new_page()
    await answer(office, link, say)

    (released,) = await post.collect()
    assert released["To"] == CITIZEN
    assert REPLY not in str(released.get_body(("plain",)).get_content())
    read = await track(citizen, site, code, say)
    assert REPLY in read
    assert REASON in read
    assert say("finding.partly") in read

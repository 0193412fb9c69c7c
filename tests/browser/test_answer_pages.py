"""The office's pages for everybody: every state, any eye, any hand, any screen."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import BrowserContext, Page

from gateway.i18n import LANGUAGES
from tests.browser.cases import down, file_case
from tests.browser.conftest import Site
from tests.browser.matrix import combinations
from tests.browser.test_accessibility import LEAST, SIDEWAYS, TARGETS
from tests.database import SCHEMA

Axe = Callable[[Page], Awaitable[None]]
Visitor = Callable[..., Awaitable[BrowserContext]]
REASON = "调取窗口录像和收件记录，11 月 12 日材料已经齐全。"
SIGN = "form[action$=signature] button"
ANSWER = "form[action$='/answer'] button"


async def fill_in(page: Page, reply: str, finding: str = "partly") -> None:
    """Types a whole answer, and nothing that may not go out but in `reply`."""
    choices = page.locator(f"input[type=radio][value={finding}]")
    for n in range(await choices.count()):
        await choices.nth(n).check()
    for area in await page.locator("form[action$='/answer'] textarea").all():
        await area.fill(REASON)
    await page.fill("#reply", reply)


async def walk(site: Site, page: Page, look: Callable[[Page], Awaitable[None]], query: str) -> None:
    """Goes through every state of an office's pages and looks at each."""
    case = await file_case(site.context)
    await page.goto(f"{site.url}{case.path}?{query}")
    await look(page)
    await page.click(SIGN)
    await look(page)
    await page.fill("#person", "李建华")
    await page.click(SIGN)
    await look(page)
    await page.click(ANSWER)
    await look(page)
    await fill_in(page, "这件事不归我管，大概下周可以寄出，请您留意查收。")
    await page.click(ANSWER)
    await look(page)
    await fill_in(page, "您反映的情况部分属实，证件 11 月 25 日寄出，向您道歉。")
    late = await page.context.new_page()
    await late.goto(f"{site.url}{case.path}")
    await fill_in(late, "第二个人写的答复，内容完全不同，没有寄出。")
    await page.click(ANSWER)
    await look(page)
    await late.click(ANSWER)
    await look(late)
    await page.goto(f"{site.url}/answer/unknown")
    await look(page)
    sealed = await file_case(site.context, category=("C02",), text="他要我交茶水费。")
    await page.goto(site.url + sealed.path)
    await look(page)
    expired = await file_case(site.context)
    await page.goto(site.url + expired.path)
    await fill_in(page, "写到一半，数据库断开，链接过期，内容还要留下来。")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site.context.db, "run", down)
        await page.click(ANSWER)
        await look(page)
    async with site.context.db.transaction(SCHEMA) as conn:
        await conn.execute("UPDATE link SET expires_at = created_at")
    await page.click("form button >> nth=-1")
    await look(page)
    assert "内容还要留下来" in await page.input_value("#reply")


@pytest.mark.parametrize(
    ("language", "scheme", "elder", "width"),
    [
        # The largest type on the smallest screen leaves the least room.
        ("zh-Hans", "dark", "1", 320),
        *combinations(LANGUAGES, ("light", "dark"), ("0",), (1280,), always=()),
        *combinations(("en",), ("light",), ("0", "1"), (320,), always=()),
    ],
)
@pytest.mark.thorough
async def test_no_state_of_an_offices_page_has_a_barrier_or_is_too_small_for_a_finger(
    site: Site, visitor: Visitor, axe: Axe, *, language: str, scheme: str, elder: str, width: int
):
    screen = {"width": width, "height": 640}
    page = await (await visitor(color_scheme=scheme, viewport=screen)).new_page()

    async def look(page: Page) -> None:
        assert await page.locator("h1").count() == 1, page.url
        assert await page.get_attribute("html", "lang") == language
        assert await page.evaluate(SIDEWAYS) == 0
        assert await page.evaluate(TARGETS, LEAST[elder]) == []
        await axe(page)

    await walk(site, page, look, f"lang={language}&elder={elder}")


async def test_an_error_takes_the_focus_and_leads_to_its_field(site: Site, browser_page: Page):
    case = await file_case(site.context)
    await browser_page.goto(site.url + case.path)
    await browser_page.click(SIGN)
    await browser_page.locator("#error-summary:focus").wait_for()
    await browser_page.keyboard.press("Tab")
    await browser_page.keyboard.press("Enter")
    assert await browser_page.evaluate("document.activeElement.id") == "person"
    await browser_page.keyboard.type("李建华")
    await browser_page.keyboard.press("Enter")
    await browser_page.wait_for_url(f"**{case.path}")
    assert "李建华" in await browser_page.inner_text("main")

"""The long way of a case in a browser: taken up, more time, answered badly, worked on again,
reviewed twice, each time by a higher office; and the short way of what is sealed."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import BrowserContext, Page

from gateway import links
from gateway.i18n import Words, words
from gateway.store import links as link_store
from tests.browser.cases import Filed, file_case
from tests.browser.conftest import Site
from tests.browser.test_tracking_story import Offices, open_case

Visitor = Callable[..., Awaitable[BrowserContext]]
Axe = Callable[..., Awaitable[None]]
SAY = words("zh-Hans")
REASON = "调取当天窗口录像并询问当事人，工作人员确有推诿，已批评教育。"
SECRET = "他要我把茶水费交给他的司机。"


async def at_its_office(page: Page, site: Site, case: Filed) -> str:
    """Opens the case where it lies now, with a link of that office; which office it is."""
    county = next(iter(site.context.counties))
    async with site.context.db.transaction(county.schema) as conn:
        office: str = await conn.fetchval("SELECT office FROM complaint WHERE id = $1", case.id)
        token, row = links.make(case.id, office, None, site.context.clock())
        await link_store.insert_links(conn, [row])
    await page.goto(f"{site.url}/answer/{token}?lang=zh-Hans")
    return office


async def press(page: Page, verb: str, **typed: str) -> str:
    """Unfolds one form of the office's page, types and presses; what the page says then."""
    form = page.locator(f"form[action$='/{verb}']")
    if not await form.locator("button").is_visible():
        await page.locator(f"details:has(form[action$='/{verb}']) > summary").click()
    for name, text in typed.items():
        await form.locator(f"[name={name}]").fill(text)
    await form.locator("button").click()
    await page.wait_for_load_state()
    return await page.inner_text("main")


async def answer(page: Page) -> None:
    for choice in await page.locator("input[type=radio][value=partly]").all():
        await choice.check()
    for area in await page.locator("form[action$='/answer'] textarea").all():
        await area.fill(REASON)
    await page.click("form[action$='/answer'] button")
    assert await page.inner_text(".panel h1") == SAY("answer.done_title")


async def rate(page: Page, level: int, resolved: str) -> None:
    await page.reload()
    await page.check(f"input[name=level][value='{level}']")
    await page.check(f"input[name=resolved][value={resolved}]")
    await page.click("form[action$='/rating'] button")
    await page.wait_for_load_state()


async def ask_review(page: Page, say: Words) -> None:
    details = page.locator("details:has(form[action$='/review']) > summary")
    if await details.count():
        await details.first.click()
    await page.fill("form[action$='/review'] textarea", "没有看录像，也没有问旁边的人。")
    await page.click("form[action$='/review'] button")
    await page.wait_for_load_state()
    assert say("standing.review") in await page.inner_text(".lead") or say(
        "standing.final_review"
    ) in await page.inner_text(".lead")


@pytest.mark.thorough
async def test_more_time_rework_and_two_reviews_each_by_a_higher_office(
    site: Site, visitor: Visitor, axe: Axe
):
    case = await file_case(site.context)
    Offices(site, case.id)  # time goes on with each look at the clock
    clerk, citizen = [await (await visitor()).new_page() for _ in range(2)]
    first = await at_its_office(clerk, site, case)
    assert "吴敏" in await press(clerk, "signature", person="吴敏")
    assert SAY("answer.handler") in await press(clerk, "take-up", person="陆工")
    assert not await clerk.locator("form[action$='/return']").count()
    await axe(clerk)
    await press(clerk, "extension", number="5", reason="需要向省厅调取档案，要多等一个星期。")
    read = await open_case(citizen, site, case.code, SAY)
    assert SAY("timeline.taken_up") in read
    assert "向省厅调取档案" in read
    await answer(clerk)

    await rate(citizen, 1, "no")
    assert SAY("standing.followed_up") in await citizen.inner_text(".lead")
    second = await at_its_office(clerk, site, case)
    assert second != first
    await clerk.check("input[name=outcome][value=redo]")
    await press(clerk, "contact", account="已经电话联系，重新核查窗口录像。")
    await answer(clerk)
    await axe(clerk)

    await rate(citizen, 5, "yes")
    assert SAY("standing.closed") in await citizen.inner_text(".lead")
    had = [first, second]
    for _ in range(2):
        await ask_review(citizen, SAY)
        await axe(citizen)
        had.append(await at_its_office(clerk, site, case))
        await answer(clerk)
        await citizen.reload()
        assert REASON in await citizen.inner_text("#answer + *, section:has(#answer)")
    assert len(set(had)) == len(had), "nobody judges twice"
    assert not await citizen.locator("form[action$='/review']").count()


@pytest.mark.thorough
async def test_what_is_sealed_is_confirmed_and_gone(site: Site, visitor: Visitor, axe: Axe):
    case = await file_case(site.context, category=("C02",), text=SECRET)
    Offices(site, case.id)
    clerk, citizen = [await (await visitor()).new_page() for _ in range(2)]
    assert SAY("standing.sealed") in await open_case(citizen, site, case.code, SAY)
    await at_its_office(clerk, site, case)
    assert SECRET in await clerk.inner_text("main")
    await axe(clerk)
    gone = await press(clerk, "receipt", person="纪检受理员")
    assert SECRET not in gone
    assert SAY("answer.received_text") in gone
    await citizen.reload()
    over = await citizen.inner_text("main")
    assert SAY("standing.sealed_over") in over
    assert SECRET not in over
    await axe(citizen)

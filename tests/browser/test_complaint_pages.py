"""The complaint form in every state that a citizen can meet, with and without scripts."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import BrowserContext, Page

from gateway.i18n import LANGUAGES
from tests.browser.cases import down
from tests.browser.conftest import Site
from tests.browser.matrix import combinations
from tests.browser.test_accessibility import SIDEWAYS

Axe = Callable[..., Awaitable[None]]
Visitor = Callable[..., Awaitable[BrowserContext]]
NEXT = ".step:not([hidden]) > .actions button.button"
SEND = "document.getElementById('complaint').requestSubmit(document.getElementById('send'))"


async def fill(page: Page) -> None:
    """Everything that can be filled in on the long form."""
    await page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    await page.fill("#badge", "A1024")
    await page.fill("#staff_description", "戴眼镜，坐左边")
    for code in ("L03", "T04"):
        await page.check(f"#c-{code}")
        await page.fill(f"#detail-{code}", "问今天能不能办")
    await page.select_option("#matter", "NRB-002")
    await page.fill("#accepted_on", "2026-09-14")
    await page.fill("#text", "我九月交齐了材料，到今天还没有结果。" * 40)
    await page.fill("#happened_on", "2026-11-20")
    await page.fill("#happened_at", "09:30")
    await page.fill("#wish", "x" * 300)
    await page.fill("#name", "何小姐")
    await page.fill("#email", "he@example.org")


async def look(page: Page, axe: Axe) -> None:
    await axe(page)
    assert await page.evaluate(SIDEWAYS) == 0, page.url


@pytest.mark.parametrize("language", combinations(LANGUAGES, always=(("en",),)))
@pytest.mark.thorough
async def test_every_state_of_the_long_form_is_open_to_everybody(
    site: Site, visitor: Visitor, axe: Axe, language: str
):
    page = await (
        await visitor(java_script_enabled=True, viewport={"width": 320, "height": 640})
    ).new_page()
    # The script alone is withheld: the page still has to be measured.
    await page.route("**/complaint.js*", lambda route: route.abort())
    # The largest type leaves the least room.
    await page.goto(f"{site.url}/complaints/new?lang={language}&elder=1")
    await page.click("#send")
    await page.locator("#error-summary:focus").wait_for()
    await look(page, axe)
    await page.fill("#staff_name", "chen")
    await page.click("#find")
    assert await page.locator("input[name=pick]").count() > 2
    await look(page, axe)
    await fill(page)
    await page.click("#count")
    await page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    await look(page, axe)
    await page.click("#check")
    await look(page, axe)
    await page.click("main form .button >> nth=0")
    await page.wait_for_url("**/complaints/receipt/**")
    await page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    await look(page, axe)
    code = await page.locator(".code-big >> nth=1").inner_text()
    await page.goto(f"{site.url}/track")
    await page.fill("#code", "1234")
    await page.click("form[action='/track'] button")
    await look(page, axe)
    await page.fill("#code", code)
    await page.click("form[action='/track'] button")
    await page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    await look(page, axe)
    await page.goto(f"{site.url}/complaints/receipt/over")
    await look(page, axe)


async def test_step_by_step_with_the_keyboard_alone(site: Site, visitor: Visitor, axe: Axe):
    page = await (await visitor(viewport={"width": 1280, "height": 900})).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await page.goto(f"{site.url}/complaints/new")
    await page.focus("#badge")
    await page.keyboard.type("p-012")
    await page.locator(".suggestions button").first.wait_for()
    await look(page, axe)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.input_value("#badge") == "A1024"
    assert await page.input_value("#unit") == "NRB"
    assert not await page.locator("#find").is_visible()
    for step in range(2, 8):
        await page.focus(NEXT)
        await page.keyboard.press("Enter")
        # Who listens hears which step this is: the focus goes to its heading.
        assert await page.evaluate("document.activeElement.tagName") == "H2"
        if await page.locator("#text").is_visible():
            await page.fill("#text", "等了三个星期")
        assert str(step) in await page.inner_text(".progress")
        await look(page, axe)
    await page.locator("#summary .summary-list").first.wait_for()
    assert "区叔佩" in await page.inner_text("#summary")
    await look(page, axe)
    await page.focus("#send")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/complaints/receipt/**")
    assert faults == []


async def test_what_is_missing_is_told_on_the_last_step_and_leads_to_its_place(
    site: Site, browser_page: Page
):
    await browser_page.goto(f"{site.url}/complaints/new?staff=A1024")
    for _ in range(6):
        await browser_page.click(NEXT)
    await browser_page.locator("#summary a[href='#text']").click()
    assert await browser_page.locator("#text").is_visible()
    assert await browser_page.evaluate("document.activeElement.id") == "text"


async def test_figures_of_a_missed_limit_appear_while_typing(site: Site, browser_page: Page):
    await browser_page.goto(f"{site.url}/complaints/new?matter=NRB-002")
    for _ in range(2):
        await browser_page.click(NEXT)
    await browser_page.fill("#accepted_on", "2026-09-14")
    await browser_page.locator("#figures .summary-list").wait_for()
    assert "个工作日" in await browser_page.inner_text("#figures")
    assert not await browser_page.locator("#count").is_visible()


@pytest.mark.thorough
async def test_a_known_receipt_picks_its_matter_while_typing(site: Site, browser_page: Page):
    await browser_page.goto(f"{site.url}/complaints/new")
    for _ in range(2):
        await browser_page.click(NEXT)
    await browser_page.fill("#receipt_number", "sl2026000124")
    await browser_page.locator("#figures .summary-list").wait_for()
    assert await browser_page.input_value("#matter") == "NRB-002"


@pytest.mark.thorough
async def test_a_parallel_approval_shows_each_units_part_while_typing(
    site: Site, visitor: Visitor, axe: Axe
):
    page = await (await visitor(viewport={"width": 360, "height": 800})).new_page()
    await page.goto(f"{site.url}/complaints/new")
    for _ in range(2):
        await page.click(NEXT)
    await page.fill("#receipt_number", "SL-2026-000130")
    await page.locator("#figures .summary-list").wait_for()
    told = await page.inner_text("#figures")
    assert "超时由这里负责：云溪生态环境分局。" in told
    assert await page.input_value("#matter") == "NRB-P01"
    await page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    await look(page, axe)


async def test_a_faulty_form_opens_at_the_step_of_the_fault(site: Site, browser_page: Page):
    await browser_page.goto(f"{site.url}/complaints/new?staff=A1024")
    await browser_page.evaluate("document.getElementById('email').value = 'nobody'")
    await browser_page.evaluate("document.getElementById('text').value = '等了很久'")
    await browser_page.evaluate("document.getElementById('complaint').submit()")
    await browser_page.wait_for_url("**/complaints")
    assert await browser_page.locator("#email").is_visible()
    assert not await browser_page.locator("#badge").is_visible()
    assert await browser_page.input_value("#text") == "等了很久"


@pytest.mark.parametrize("scripts", [True, False])
async def test_going_back_and_sending_again_is_still_one_complaint(
    site: Site, visitor: Visitor, scripts: bool
):
    page = await (await visitor(java_script_enabled=scripts)).new_page()
    await page.goto(f"{site.url}/complaints/new")
    await page.select_option("#unit", "NRB")
    await page.evaluate("document.getElementById('text').value = '等了三个星期'")
    await page.evaluate(SEND)
    await page.wait_for_url("**/complaints/receipt/**")
    first = await page.inner_text(".panel")
    await page.go_back()
    assert await page.input_value("#text") == "等了三个星期"
    await page.evaluate(SEND)
    await page.wait_for_url("**/complaints/receipt/**")
    assert await page.inner_text(".panel") == first


@pytest.mark.thorough
async def test_enter_goes_on_to_the_next_step(site: Site, browser_page: Page):
    await browser_page.goto(f"{site.url}/complaints/new")
    await browser_page.fill("#badge", "A1024")
    await browser_page.press("#badge", "Enter")
    assert await browser_page.locator("#category").is_visible()
    assert browser_page.url.endswith("/complaints/new")
    assert await browser_page.locator("#error-summary").count() == 0


async def test_what_could_not_be_stored_is_ready_to_be_sent_again(
    site: Site, browser_page: Page, monkeypatch: pytest.MonkeyPatch
):
    await browser_page.goto(f"{site.url}/complaints/new?staff=A1024")
    await browser_page.evaluate("document.getElementById('text').value = '等了三个星期'")
    with monkeypatch.context() as patch:
        patch.setattr(site.context.db, "run", down)
        await browser_page.evaluate(SEND)
        await browser_page.locator("main > .notice-warn").wait_for()
        assert await browser_page.locator("#send").is_visible()
        assert await browser_page.locator(".step:visible").count() == 1
    await browser_page.click("#send")
    await browser_page.wait_for_url("**/complaints/receipt/**")


async def test_without_the_database_the_last_step_says_so(site: Site, browser_page: Page):
    await browser_page.goto(f"{site.url}/complaints/new?staff=A1024")
    down = "<main><p class=notice-warn>请稍后</p></main>"
    await browser_page.route(
        "**/complaints/new",
        lambda route: route.fulfill(status=503, content_type="text/html", body=down),
    )
    for _ in range(6):
        await browser_page.click(NEXT)
    await browser_page.locator("#summary .notice-warn").wait_for()
    assert "请稍后" in await browser_page.inner_text("#summary")

"""A supervisor's days in a browser: lists, reminders, returns and disputes, duplicates, contact."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page

from complaints.steps import office
from gateway.i18n import words
from tests.browser.cases import Filed, file_case
from tests.browser.conftest import Site
from tests.browser.test_accessibility import SIDEWAYS
from tests.browser.test_tracking_story import ANSWER, Offices, open_case
from tests.desk_pictures import fill_lists, find_pages
from tests.staff import PASSWORD, add_user, signed_in

Visitor = Callable[..., Awaitable[BrowserContext]]
Axe = Callable[..., Awaitable[None]]
SAY = words("en")
RETURN = "不是我单位的事项，请转办。"


@pytest_asyncio.fixture(loop_scope="session")
async def desk(site: Site, browser_page: Page) -> AsyncIterator[Page]:
    """A supervisor who is signed in, in front of the desk's first page."""
    await add_user(site.context, "liang", "supervisor")
    browser_page.set_default_timeout(10_000)
    await browser_page.goto(f"{site.url}/desk/sign-in?lang=en")
    await browser_page.fill("#login", "liang")
    await browser_page.fill("#password", PASSWORD)
    await browser_page.keyboard.press("Enter")
    await browser_page.wait_for_url("**/desk/")
    yield browser_page


async def open_number(page: Page, site: Site, case: Filed) -> None:
    await page.goto(f"{site.url}/desk/cases/{case.number}")


async def do(page: Page, verb: str, **typed: str) -> str:
    """Unfolds one thing to do, types and presses; what the page says then."""
    form = page.locator(f"form:has(input[name=do][value={verb}])").first
    if not await form.locator("button").is_visible():
        await page.locator(f"details:has(input[value={verb}]) > summary").first.click()
    for name, text in typed.items():
        await form.locator(f"[name={name}]").fill(text)
    await form.locator("button").click()
    await page.wait_for_load_state()
    return await page.inner_text("main")


def wait(site: Site, days: float) -> None:
    """So much later."""
    now = site.context.clock() + timedelta(days=days)
    object.__setattr__(site.context, "clock", lambda: now)


async def test_what_is_late_is_found_narrowed_and_pressed(site: Site, desk: Page, axe: Axe):
    found = [await file_case(site.context) for _ in range(3)]
    await file_case(site.context, badge="", unit="HRS", staff_description="x")
    wait(site, 3)
    await add_user(site.context, "wong", "supervisor")
    await desk.goto(f"{site.url}/desk/sign-in?lang=en")
    await desk.fill("#login", "wong")
    await desk.fill("#password", PASSWORD)
    await desk.keyboard.press("Enter")
    await desk.wait_for_url("**/desk/")
    await desk.click("nav >> text=Cases")
    assert await desk.locator("tbody tr").count() == 4
    await axe(desk)
    await desk.locator("summary", has_text=SAY("desk.cases.narrow")).click()
    await desk.fill("#staff", "A1024")
    await desk.click("text=" + SAY("desk.cases.show"))
    assert await desk.locator("tbody tr").count() == 3
    assert "A1024" in await desk.inner_text("dl")
    # On a narrow screen each case is a card, and still a row of its table to who hears it.
    await desk.set_viewport_size({"width": 360, "height": 740})
    assert await desk.evaluate(SIDEWAYS) == 0
    first = desk.get_by_role("row").filter(has=desk.get_by_role("checkbox")).first
    cells = [await cell.bounding_box() for cell in await first.get_by_role("cell").all()]
    assert len({round(box["y"]) for box in cells if box}) == len(cells), "below one another"
    await axe(desk)
    await desk.set_viewport_size({"width": 1280, "height": 900})
    for case in found[:2]:
        await desk.check(f"tbody input[value^='{case.number}:']")
    await desk.click("text=" + SAY("desk.cases.remind"))
    assert SAY("desk.cases.reminded", n=2) in await desk.inner_text("[role=status]")
    assert "staff=A1024" in desk.url
    await desk.click("text=" + SAY("desk.cases.tick_all"))
    assert await desk.locator("tbody input:checked").count() == 3
    await desk.click(f"text={found[0].number}")
    assert SAY("desk.event.reminded") in await desk.inner_text("main")
    told = await do(desk, "note", reason="rang the office twice")
    assert "rang the office twice" in told
    await axe(desk)

    fresh = await file_case(site.context)
    await Returns(site, fresh).take()
    await open_number(desk, site, fresh)
    told = await do(desk, "dispatch", reason="Yours after all.")
    assert SAY("desk.state.dispatched") in told
    assert "Yours after all." in told


class Returns:
    """An office that says that a case is another's."""

    def __init__(self, site: Site, case: Filed) -> None:
        self.site, self.case, self.offices = site, case, Offices(site, case.id)

    async def take(self) -> None:
        county = next(iter(self.site.context.counties))
        directory = (await self.site.context.snapshots.of(county)).directory
        other = next(each.code for each in directory.offices if each.code != self.case.office)
        await self.offices.act(
            lambda standing, calendar: office.ask_return(
                standing, RETURN, other, directory, calendar=calendar, now=self.offices.tick()
            )
        )


async def test_a_return_a_second_one_a_dispute_and_its_end(site: Site, desk: Page, axe: Axe):
    case = await file_case(site.context)
    returns = Returns(site, case)
    await returns.take()
    await open_number(desk, site, case)
    shown = await desk.inner_text("main")
    for each in (RETURN, SAY("desk.case.do_now"), SAY("desk.due.decide_return")):
        assert each in shown
    await axe(desk)
    empty = await do(desk, "refuse_return")
    assert SAY("desk.refused.missing") in empty
    assert await desk.locator(".error-summary a").count() == 1
    await axe(desk)
    assert SAY("desk.state.refused") in await do(desk, "refuse_return", reason="It is yours.")
    await returns.take()
    await desk.reload()
    assert SAY("desk.state.disputed") in await desk.inner_text("main")
    await axe(desk)
    told = await do(desk, "assign", reason="Decided after both were heard.")
    assert SAY("desk.state.assigned") in told
    assert "Decided after both were heard." in told


@pytest.mark.thorough
async def test_of_two_alike_one_is_merged_and_both_read_the_answer(
    site: Site, desk: Page, visitor: Visitor
):
    first, second = await file_case(site.context), await file_case(site.context)
    offices = Offices(site, first.id)
    await open_number(desk, site, second)
    assert first.number in await desk.inner_text("main")
    told = await do(desk, "merge")
    assert SAY("desk.state.merged") in told
    await offices.sign_and_ask()
    await offices.act(
        lambda standing, calendar: office.go_on(
            standing, "李工", calendar=calendar, now=offices.tick()
        )
    )
    await offices.answer()
    for case in (first, second):
        page = await (await visitor()).new_page()
        assert ANSWER in await open_case(page, site, case.code, SAY)


async def test_contact_is_shown_once_for_a_reason_that_stays(site: Site, desk: Page, axe: Axe):
    case = await file_case(site.context)
    await open_number(desk, site, case)
    assert "13800138000" not in await desk.inner_text("main")
    assert SAY("desk.refused.missing") in await do(desk, "contact")
    shown = await do(desk, "contact", reason="to call back")
    assert "13800138000" in shown
    await axe(desk)
    await open_number(desk, site, case)
    after = await desk.inner_text("main")
    assert "13800138000" not in after
    assert "to call back" in after


async def test_by_keyboard_alone_a_case_is_opened_and_a_note_written(site: Site, desk: Page):
    case = await file_case(site.context)
    await desk.goto(f"{site.url}/desk/cases?list=all")
    await _tab_to(desk, f"document.activeElement.getAttribute('href') == '{desk_path(case)}'")
    await desk.keyboard.press("Enter")
    await desk.wait_for_url(f"**{desk_path(case)}")
    summary = SAY("desk.do.note")
    await _tab_to(desk, f"document.activeElement.innerText == '{summary}'")
    await desk.keyboard.press("Enter")
    await desk.keyboard.press("Tab")
    await desk.keyboard.type("written without a mouse")
    await desk.keyboard.press("Tab")
    await desk.keyboard.press("Enter")
    await desk.wait_for_load_state()
    await desk.locator("text=written without a mouse").first.wait_for()


def desk_path(case: Filed) -> str:
    return f"/desk/cases/{case.number}"


async def _tab_to(page: Page, there: str) -> None:
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate(there):
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert outline == "3px", "where one is can be seen"
            return
    raise AssertionError(f"Tab leads to nothing of which {there}")


@pytest.mark.parametrize(
    ("language", "elder", "every"),
    [
        ("zh-Hant", "0", 8),
        pytest.param("zh-Hans", "1", 1, marks=pytest.mark.thorough),
        pytest.param("zh-Hant", "0", 1, marks=pytest.mark.thorough),
        pytest.param("en", "1", 1, marks=pytest.mark.thorough),
    ],
)
@pytest.mark.thorough
async def test_no_page_of_the_desk_has_a_barrier(
    site: Site, browser_page: Page, axe: Axe, *, language: str, elder: str, every: int
):
    """Every page that the table of access names, each list and the first case in it; without
    `thorough` every eighth of them."""
    page = browser_page
    user = await add_user(site.context, "liang", "supervisor", "administrator", "operator")
    await fill_lists(site.context)
    staff = await signed_in(None, site.context, user)  # type: ignore[arg-type]
    token = staff.cookie["Cookie"].partition("desk=")[2].partition(";")[0]
    await page.context.add_cookies([{"name": "desk", "value": token, "url": site.url}])
    for path in (await find_pages(page, site.url)).pages[::every]:
        look = ("&" if "?" in path else "?") + f"lang={language}&elder={elder}"
        await page.goto(site.url + path + look)
        assert await page.locator("h1").count() == 1, path
        await axe(page)

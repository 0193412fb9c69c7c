"""The rest of the desk's paths in a browser: somebody new comes in with a code, an unknown person
gets a name, what is not ours is declined, a relative takes a case from its office, a late answer
is still one."""

import re
from collections.abc import Awaitable, Callable

import pyotp
import pytest
from playwright.async_api import BrowserContext, Page

from gateway import rerouting
from gateway.i18n import words
from tests.browser.cases import Filed, file_case
from tests.browser.conftest import Site
from tests.browser.test_desk_story import do, open_number, wait
from tests.browser.test_long_life import REASON, at_its_office, press
from tests.browser.test_long_life import answer as write_answer
from tests.browser.test_tracking_story import open_case
from tests.staff import PASSWORD, add_user

Visitor = Callable[..., Awaitable[BrowserContext]]
Axe = Callable[..., Awaitable[None]]
SAY, CHINESE = words("en"), words("zh-Hans")
NEW = "four rainy umbrellas walk home"

pytestmark = pytest.mark.thorough


async def enter(page: Page, site: Site, login: str, password: str = PASSWORD) -> None:
    """Types a login and its password at the door."""
    page.set_default_timeout(10_000)
    await page.goto(f"{site.url}/desk/sign-in?lang=en")
    await page.fill("#login", login)
    await page.fill("#password", password)
    await page.keyboard.press("Enter")


async def at_desk(page: Page, site: Site, login: str, *roles: str) -> Page:
    """Somebody new with these roles, in front of the desk's first page."""
    await add_user(site.context, login, *roles)
    await enter(page, site, login)
    await page.wait_for_url("**/desk/")
    return page


async def tracked(visitor: Visitor, site: Site, case: Filed) -> str:
    """What the complainant reads."""
    page = await (await visitor()).new_page()
    return await open_case(page, site, case.code, SAY)


async def test_who_is_new_sets_a_password_and_a_code_app_and_comes_in_with_a_code(
    site: Site, browser_page: Page, visitor: Visitor, axe: Axe
):
    chief = await at_desk(browser_page, site, "ho", "administrator")
    await chief.goto(f"{site.url}/desk/users/new")
    await chief.click("main form .button")
    assert await chief.locator(".error-summary a").count() == 3
    await axe(chief)
    await chief.fill("#name", "Fong")
    await chief.fill("#login", "fong")
    await chief.check("input[name=roles][value=operator]")
    await chief.click("main form .button")
    once = await chief.inner_text(".code-big")
    await axe(chief)
    await chief.goto(f"{site.url}/desk/users")
    await chief.click("form[action$='/users/totp'] button")
    await chief.wait_for_url("**/desk/me/totp")

    page = await (await visitor()).new_page()
    await enter(page, site, "fong", once)
    await page.wait_for_url("**/desk/me/password")
    await page.goto(f"{site.url}/desk/cases/find")
    assert page.url.endswith("/desk/me/password"), "nothing else before that"
    await axe(page)
    for field, typed in (("old", once), ("new", NEW), ("again", NEW)):
        await page.fill(f"#{field}", typed)
    await page.click("main form .button")
    await page.goto(f"{site.url}/desk/")
    assert page.url.endswith("/desk/me/totp"), "required by the administrator"
    await axe(page)
    secret = re.sub(r"\s", "", await page.inner_text(".code-big"))
    await page.fill("#code", "12")
    await page.click("form[action$='/me/totp'] button")
    assert await page.locator(".error-summary a").count() == 1
    assert re.sub(r"\s", "", await page.inner_text(".code-big")) == secret, "the same app goes on"
    app = pyotp.TOTP(secret)
    await page.fill("#code", app.at(site.context.clock()))
    await page.click("form[action$='/me/totp'] button")
    await page.wait_for_url("**/desk/me?done=totp_on")

    wait(site, 2 / 24 / 60)
    other = await (await visitor()).new_page()
    await enter(other, site, "fong", NEW)
    await other.wait_for_url("**/desk/sign-in/code")
    await axe(other)
    await other.fill("#code", app.at(site.context.clock()))
    await other.keyboard.press("Enter")
    await other.wait_for_url("**/desk/")
    await page.goto(f"{site.url}/desk/")
    assert await page.locator("form[action$='/me/notice']").count() == 1, "told of the new sign-in"
    await axe(page)


async def test_who_was_not_named_is_found_and_keeps_the_case_from_the_own_office(
    site: Site, browser_page: Page, visitor: Visitor, axe: Axe
):
    case = await file_case(site.context, badge="", unit="NRB", staff_description="The tall one")
    desk = await at_desk(browser_page, site, "liang", "supervisor")
    await desk.goto(f"{site.url}/desk/cases?list=unidentified")
    await desk.click(f"text={case.number}")
    assert "The tall one" in await desk.inner_text("main")
    told = await do(desk, "identify", badge="Z9999", reason="By the duty roster.")
    assert "By the duty roster." in await desk.input_value("#identify-reason")
    assert await desk.locator(".error-summary a").count() == 1
    await axe(desk)
    head = await _head_of(site, case.office)
    told = await do(desk, "identify", badge=head, reason="By the duty roster.")
    assert SAY("desk.event.identified") in told
    assert head in told
    await axe(desk)
    await desk.goto(f"{site.url}/desk/cases?list=unidentified")
    assert case.number not in await desk.inner_text("main")
    office = await _office_of(site, case)
    assert office != case.office, "whom it is about does not judge it"
    assert SAY("timeline.rerouted") in await tracked(visitor, site, case)


async def _head_of(site: Site, office: str) -> str:
    held = await site.context.snapshots.of(next(iter(site.context.counties)))
    found = held.directory.office(office)
    assert found is not None
    assert found.head_badge is not None
    return found.head_badge


async def _office_of(site: Site, case: Filed) -> str | None:
    county = next(iter(site.context.counties))
    async with site.context.db.transaction(county.schema) as conn:
        office: str | None = await conn.fetchval(
            "SELECT office FROM complaint WHERE id = $1", case.id
        )
    return office


async def test_what_is_not_ours_is_declined_with_its_reason_and_where_to_turn(
    site: Site, browser_page: Page, visitor: Visitor, axe: Axe
):
    case = await file_case(site.context, badge="", unit="", staff_description="?", matter="")
    desk = await at_desk(browser_page, site, "liang", "supervisor")
    await desk.goto(f"{site.url}/desk/cases?list=waiting")
    await desk.click(f"text={case.number}")
    await do(desk, "decline", reason="The court decides on that.")
    assert await desk.locator(".error-summary a").count() == 1, "where to turn is missing"
    await axe(desk)
    told = await do(desk, "decline", channel="County court, 0700-00019999")
    assert SAY("desk.state.declined") in told
    read = await tracked(visitor, site, case)
    for each in ("The court decides on that.", "County court, 0700-00019999"):
        assert each in read
    await open_number(desk, site, case)
    assert not await desk.locator("input[name=do][value=decline]").count()


async def test_a_declared_relative_takes_the_case_from_its_office_at_once(
    site: Site, browser_page: Page, visitor: Visitor, axe: Axe
):
    case = await file_case(site.context)
    office = await (await visitor()).new_page()
    await office.goto(f"{site.url}{case.path}?lang=zh-Hans")
    assert case.number in await office.inner_text("main")
    desk = await at_desk(browser_page, site, "ho", "administrator")
    await desk.goto(f"{site.url}/desk/county/relatives")
    await desk.fill("#badge", "A1024")
    await desk.click("main form .button")
    assert await desk.locator(".error-summary a").count() == 1
    assert await desk.input_value("#badge") == "A1024"
    await axe(desk)
    await desk.fill("#relative_badge", await _head_of(site, case.office))
    await desk.click("form[action$='/relatives'] .button")
    assert SAY("county_desk.relative_added") in await desk.inner_text("[role=status]")
    while await rerouting.run_once(site.context):
        pass
    assert await _office_of(site, case) != case.office
    await office.reload()
    assert CHINESE("answer.closed.revoked.title") in await office.inner_text("main")
    read = await tracked(visitor, site, case)
    assert SAY("timeline.rerouted") in read
    later = await file_case(site.context)
    assert later.office != case.office, "and the next one goes there at once"


async def test_a_late_answer_is_still_an_answer_and_the_case_is_late_no_more(
    site: Site, browser_page: Page, visitor: Visitor, axe: Axe
):
    case = await file_case(site.context)
    page = await (await visitor()).new_page()
    await at_its_office(page, site, case)
    await press(page, "signature", person="李工")
    wait(site, 25)
    desk = await at_desk(browser_page, site, "liang", "supervisor")
    await desk.goto(f"{site.url}/desk/cases?list=late")
    await desk.click(f"text={case.number}")
    assert SAY("desk.cases.late") in await desk.inner_text("main .summary-list")
    await axe(desk)
    await at_its_office(page, site, case)
    await axe(page)
    await write_answer(page)
    assert REASON in await tracked(visitor, site, case)
    await desk.reload()
    assert SAY("desk.cases.late") not in await desk.inner_text("main .summary-list")
    await desk.goto(f"{site.url}/desk/cases?list=late")
    assert case.number not in await desk.inner_text("main")
    await axe(desk)

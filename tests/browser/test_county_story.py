"""An administrator's day in a browser: a typhoon closes the county, and a rule is tried out."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest
from playwright.async_api import BrowserContext, Page

from gateway.i18n import words
from gateway.recounting import run_once
from tests.browser.cases import file_case
from tests.browser.conftest import Site
from tests.browser.test_tracking_story import open_case
from tests.staff import PASSWORD, add_user

SAY = words("en")
PROMISED, MOVED = date(2026, 12, 14), date(2026, 12, 16)


@pytest.mark.thorough
async def test_a_typhoon_moves_the_day_that_the_complainant_reads_and_a_rule_is_tried(
    site: Site,
    browser_page: Page,
    visitor: Callable[..., Awaitable[BrowserContext]],
    axe: Callable[..., Awaitable[None]],
):
    case = await file_case(site.context)
    await add_user(site.context, "ho", "administrator")
    desk, public = browser_page, await (await visitor()).new_page()
    for page in (desk, public):
        page.set_default_timeout(10_000)
    assert SAY.day(PROMISED) in await open_case(public, site, case.code, SAY)
    await desk.goto(f"{site.url}/desk/sign-in?lang=en")
    await desk.fill("#login", "ho")
    await desk.fill("#password", PASSWORD)
    await desk.keyboard.press("Enter")
    await desk.click(f"nav >> text={SAY('desk.nav.county')}")

    await desk.click(f"main >> text={SAY('county_desk.editor.calendar')}")
    closing = desk.locator("form[action$='/closures']")
    await closing.locator("button").click()
    assert SAY("calendar_desk.fault.no_note") in await desk.inner_text(".error-summary")
    await desk.fill("#first", "2026-11-25")
    await desk.fill("#last", "2026-11-26")
    await desk.fill("#note", "台风“海燕”，全县停止办公")
    await closing.locator("button").click()
    shown = await desk.inner_text("main")
    assert SAY("calendar_desk.effect_moved", n=1, due=1, next=0) in shown
    line = desk.locator("tr", has_text=case.number)
    assert f"{SAY.day(PROMISED)} → {SAY.day(MOVED)}" in await line.inner_text()
    await axe(desk)
    assert SAY.day(PROMISED) in await open_case(public, site, case.code, SAY), "nothing is saved"
    await desk.click("form[action$='/closures'] button")
    assert SAY("calendar_desk.saved") in await desk.inner_text("[role=status]")

    await run_once(site.context)
    told = await open_case(public, site, case.code, SAY)
    assert SAY.day(MOVED) in told
    assert SAY("timeline.recounted") in told

    await desk.goto(f"{site.url}/desk/county/routing/new")
    await desk.fill("#rank", "5")
    await desk.fill("#clause_or_code", "l01, Z99")
    await desk.select_option("#receives", "government")
    await desk.click("main form .button")
    assert SAY("county.fault.no_category", value="Z99") in await desk.inner_text(".error-summary")
    await axe(desk)
    await desk.fill("#clause_or_code", "l01")
    await desk.click("main form .button")
    assert SAY("county_desk.rehearsal_count", compared=1, changed=1) in await desk.inner_text(
        "main"
    )
    assert await desk.locator(f"td a:has-text('{case.number}')").count() == 1
    await axe(desk)
    await desk.click("main form .button")
    assert SAY("county_desk.routing_saved") in await desk.inner_text("[role=status]")
    await desk.goto(f"{site.url}/desk/county")
    log = await desk.inner_text("main")
    assert "Ho changed the calendar: closed Wednesday, 25 November 2026" in log
    assert "Ho changed routing: 5" in log

"""A result without names, from the desk to everybody; and a figure that leads to its cases."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import BrowserContext, Page

from gateway import counting
from tests.browser.cases import file_case
from tests.browser.conftest import Site
from tests.browser.test_accessibility import SIDEWAYS, with_look
from tests.browser.test_desk_story import SAY, desk
from tests.browser.test_tracking_story import Offices
from tests.database import SCHEMA

__all__ = ["desk"]
Visitor = Callable[..., Awaitable[BrowserContext]]
Axe = Callable[..., Awaitable[None]]
TEXT = "我叫何敏仪，窗口的区叔佩说系统坏了。隔壁的区书培也听见。"


@pytest.mark.thorough
async def test_a_result_goes_out_without_names_and_a_figure_leads_to_its_cases(
    site: Site, desk: Page, visitor: Visitor, axe: Axe
):
    case = await file_case(site.context, text=TEXT, publish="yes")
    await Offices(site, case.id).sign_and_ask()
    async with site.context.db.transaction(SCHEMA) as conn:
        await conn.execute("UPDATE complaint SET state = 'in_hand' WHERE id = $1", case.id)
    await Offices(site, case.id).answer()
    async with site.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "UPDATE complaint SET state = 'closed', owner = NULL, next_at = NULL, next_kind = NULL"
            " WHERE id = $1",
            case.id,
        )
    while await counting.run_once(site.context):
        pass

    await desk.goto(f"{site.url}/desk/results")
    await desk.click(f"text={case.number}")
    await desk.fill("#title", "系统故障时应当如何办理")
    await desk.fill("#hide", "区书培")
    await desk.click("form[action$='/preview'] >> button")
    marked = await desk.locator("mark").all_inner_texts()
    assert {"何敏仪", "区叔佩", "区书培", "某某"} <= set(marked)
    await axe(desk)
    await desk.click("form[action$='/release'] >> button")
    assert SAY("desk.results.done.released") in await desk.inner_text("[role=status]")

    reader = await (await visitor(viewport={"width": 360, "height": 740})).new_page()
    await reader.goto(f"{site.url}/results/cases?lang=en")
    article = await reader.inner_text("article")
    assert "我叫某某，窗口的某某说系统坏了。隔壁的某某也听见。" in article
    assert case.number not in await reader.content()
    assert await reader.evaluate(SIDEWAYS) == 0
    await axe(reader)
    await reader.click("text=" + SAY("results.to_figures"))
    async with reader.expect_download() as download:
        await reader.click("text=" + SAY("results.csv"))
    assert (await download.value).suggested_filename == "results-last12.csv"

    await desk.goto(f"{site.url}/desk/figures?period=2026-11")
    await desk.locator("td[data-name='Answered in time'] a").first.click()
    assert case.number in await desk.inner_text("main")
    await desk.set_viewport_size({"width": 320, "height": 640})
    for path in ("/desk/figures?period=2026-11", "/desk/report?month=2026-11", "/desk/results"):
        await desk.goto(site.url + with_look(path, elder="1", lang="en"))
        assert await desk.evaluate(SIDEWAYS) == 0, path
        await axe(desk)

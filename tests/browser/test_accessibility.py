"""Public pages for everybody: any eye, any hand, any screen."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import BrowserContext, Page

from gateway.i18n import LANGUAGES
from tests.browser.conftest import Site
from tests.browser.matrix import combinations

PATHS = [
    "/",
    "/directory/",
    "/directory/?q=chen",
    "/directory/?q=qqqqzzzz",
    "/directory/hall",
    "/units/HRS",
    "/staff/A1024",
    "/staff/A1417",
    "/matters/HRS-001",
    "/matters/NRB-P01",
    "/complaints/new",
    "/track",
    "/results/",
    "/results/cases",
    "/commendations/new?unit=HRS",
    "/nowhere",
]
# Laid out as another of PATHS: looked at under CI, where all languages are.
ALIKE = {"/directory/?q=qqqqzzzz", "/staff/A1417", "/matters/NRB-P01", "/results/cases"}
LOOKS = ("color-contrast", "target-size", "link-in-text-block")
Axe = Callable[..., Awaitable[None]]
Visitor = Callable[..., Awaitable[BrowserContext]]


@pytest.fixture
def site(reading_site: Site) -> Site:
    """Nobody here sends anything."""
    return reading_site


def with_look(path: str, **look: str) -> str:
    return path + ("&" if "?" in path else "?") + "&".join(f"{k}={v}" for k, v in look.items())


def paths(whole: bool) -> list[str]:
    """All of PATHS, or one of each layout."""
    return [path for path in PATHS if whole or path not in ALIKE]


@pytest.mark.parametrize(
    ("language", "whole"), [("zh-Hant", False), *combinations(LANGUAGES, (True,), always=())]
)
async def test_no_public_page_has_a_barrier(
    site: Site, visitor: Visitor, axe: Axe, *, language: str, whole: bool
):
    page = await (await visitor(color_scheme="light")).new_page()
    for path in paths(whole):
        await page.goto(site.url + with_look(path, lang=language))
        assert await page.locator("h1").count() == 1, path
        assert await page.get_attribute("html", "lang") == language
        await axe(page)


@pytest.mark.parametrize(("language", "elder"), combinations(LANGUAGES, ("0", "1"), always=()))
async def test_dark_and_large_pages_can_be_read_and_pressed_as_well(
    site: Site, visitor: Visitor, axe: Axe, language: str, elder: str
):
    """The tags of a page are the same in every look, so only what looks decide is asked again."""
    page = await (await visitor()).new_page()
    for path in PATHS:
        await page.goto(site.url + with_look(path, lang=language, elder=elder))
        for scheme in ("dark", "light") if elder == "1" else ("dark",):
            await page.emulate_media(color_scheme=scheme)
            await axe(page, LOOKS)


SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


TARGETS = """
(least) => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
  .filter(e => {
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    // A link inside a sentence may be as high as its line (2.5.8); so may a hidden one.
    const inline = style.display === 'inline';
    return !inline && !e.matches('.visually-hidden') && style.visibility !== 'hidden'
      && box.width > 0 && box.right > 0 && e.type !== 'hidden'
      && Math.min(box.width, box.height) < least - 0.5;
  }).map(e => e.outerHTML.slice(0, 120) + ' ' + JSON.stringify(e.getBoundingClientRect()))
"""
# How high and wide what is pressed has to be, in usual type and in the largest.
LEAST = {"0": 24, "1": 44}
# 400 % on a screen of 1280 by 900 pixels (WCAG 2.2, 1.4.10).
ZOOMED = {"width": 320, "height": 225, "deviceScaleFactor": 4, "mobile": False}


@pytest.mark.parametrize(
    ("language", "elder", "whole"),
    [("en", "1", False), *combinations(LANGUAGES, ("0", "1"), (True,), always=())],
)
async def test_at_320_pixels_or_400_percent_nothing_scrolls_sideways_or_is_too_small_for_a_finger(
    site: Site, visitor: Visitor, *, language: str, elder: str, whole: bool
):
    context = await visitor(viewport={"width": 320, "height": 640})
    page = await context.new_page()
    screen = await context.new_cdp_session(page)
    for path in paths(whole):
        await page.goto(site.url + with_look(path, lang=language, elder=elder))
        assert await page.evaluate(SIDEWAYS) == 0, path
        assert await page.evaluate(TARGETS, LEAST[elder]) == [], path
        await screen.send("Emulation.setDeviceMetricsOverride", ZOOMED)
        assert await page.evaluate("devicePixelRatio") == 4
        assert await page.evaluate(SIDEWAYS) == 0, path
        await screen.send("Emulation.clearDeviceMetricsOverride")


async def test_by_keyboard_the_first_stop_skips_to_the_text(site: Site, browser_page: Page):
    await browser_page.goto(site.url + "/")
    await browser_page.keyboard.press("Tab")
    assert await browser_page.evaluate("document.activeElement.className") == "skip"
    await browser_page.keyboard.press("Enter")
    await browser_page.keyboard.press("Tab")
    assert await browser_page.evaluate("document.activeElement.id") == "q"


async def test_by_keyboard_alone_a_person_is_found_and_a_complaint_begun(
    site: Site, browser_page: Page
):
    await browser_page.goto(site.url + "/")
    await browser_page.focus("#q")
    await browser_page.keyboard.type("P-012")
    await browser_page.keyboard.press("Enter")
    await browser_page.wait_for_url("**/directory/?q=P-012")
    await tab_to(browser_page, "/staff/A1024")
    await browser_page.keyboard.press("Enter")
    await browser_page.wait_for_url("**/staff/A1024")
    await tab_to(browser_page, "/complaints/new?staff=A1024")


async def tab_to(page: Page, href: str) -> None:
    """Presses Tab until the link has the focus, which then can be seen."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.getAttribute('href')") == href:
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert outline == "3px"
            return
    raise AssertionError(f"{href} cannot be reached by Tab")


@pytest.mark.thorough
async def test_every_page_works_without_scripts_and_without_style(site: Site, visitor: Visitor):
    context = await visitor(java_script_enabled=False)
    await context.route(re.compile(r"/static/"), lambda route: route.abort())
    page = await context.new_page()
    for path in PATHS:
        await page.goto(site.url + path)
        assert (await page.locator("h1").inner_text()).strip(), path
        assert await page.locator("main").is_visible()
    await page.goto(site.url + "/")
    await page.fill("#q", "区叔佩")
    await page.locator("form[role=search] button").click()
    await page.get_by_role("link", name="区叔佩").click()
    assert page.url == site.url + "/staff/A1024"
    assert await page.locator('a[href="/complaints/new?staff=A1024"]').is_visible()


async def test_nothing_is_fetched_from_elsewhere_and_nothing_breaks_the_policy(
    site: Site, browser_page: Page
):
    asked: list[str] = []
    said: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.on("console", lambda message: said.append(message.text))
    for path in PATHS[:-1]:
        await browser_page.goto(site.url + path)
    assert all(url.startswith(site.url) for url in asked)
    assert said == []

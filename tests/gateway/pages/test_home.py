"""The first page: what can I do here, and whom do I call."""

import re

import pytest

from gateway.i18n import LANGUAGES, words
from tests.gateway.pages.conftest import Browser


async def page_of(browser: Browser, path: str) -> str:
    response = await browser.get(path)
    assert response.status == 200, path
    return await response.text()


async def test_a_person_without_internet_finds_telephone_numbers_and_an_address(browser: Browser):
    html = await page_of(browser, "/")
    assert 'href="tel:070000012345"' in html
    assert "0700-00001000" in html
    assert "榕荫路1号" in html
    assert html.count('href="tel:070000012345"') == 1, "the same number stands there twice"


async def test_every_page_but_the_first_repeats_the_numbers_at_its_foot(browser: Browser):
    foot = (await page_of(browser, "/directory/")).split("<footer")[1]
    assert "0700-00012345" in foot
    assert "0700-00001000" in foot


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_big_choices_and_what_follows_are_said_in_every_language(
    browser: Browser, language: str
):
    say = words(language)
    html = await page_of(browser, f"/?lang={language}")
    assert f'<html lang="{language}">' in html
    for key in ("home.heading", "home.complain", "home.track", "home.directory", "home.trust_name"):
        assert say(key) in html
    within = say("deadlines.limit.working_day", n=15)
    assert say("home.after_3_text", within=within) in html, "the answer's limit is the domain's"


async def test_the_search_leads_to_the_directory(browser: Browser):
    html = await page_of(browser, "/")
    assert re.search(r'<form[^>]+action="/directory/" method="get"', html)
    assert "A1024" in await page_of(browser, "/directory/?q=A1024")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path",
    ["/", "/directory/", "/directory/hall", "/units/HRS", "/staff/A1024", "/matters/NRB-P01"],
)
async def test_no_link_of_a_public_page_is_dead(browser: Browser, path: str, language: str):
    html = await page_of(browser, f"{path}?lang={language}")
    links = set(re.findall(r'(?:href|src)="(/[^"#]*)"', html))
    assert len(links) > 5
    for link in sorted(links):
        response = await browser.get(link.replace("&amp;", "&"), allow_redirects=False)
        assert response.status == 200, f"{path} links to {link}: {response.status}"

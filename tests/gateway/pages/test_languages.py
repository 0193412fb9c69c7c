"""Which language a visitor reads, how it is changed, and how large."""

import re

import pytest

from gateway.i18n import LANGUAGES, choose_language
from tests.gateway.pages.conftest import Browser, OpenSite


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        (None, None, "", "zh-Hans"),
        (None, None, "en-GB,en;q=0.9", "zh-Hans"),
        (None, None, "zh-CN,zh;q=0.9", "zh-Hans"),
        (None, None, "zh-SG", "zh-Hans"),
        (None, None, "zh-HK,zh;q=0.9", "zh-Hant"),
        (None, None, "zh-TW", "zh-Hant"),
        (None, None, "zh-MO", "zh-Hant"),
        (None, None, "yue", "zh-Hant"),
        (None, None, "ZH-HANT-HK", "zh-Hant"),
        (None, "en", "zh-HK", "en"),
        ("zh-Hans", "en", "zh-HK", "zh-Hans"),
        ("klingon", "en", "", "en"),
        ("klingon", "nonsense", "zh-TW", "zh-Hant"),
        ("EN", None, "", "zh-Hans"),
        ("", "", ",,;q=x", "zh-Hans"),
    ],
)
def test_the_address_comes_before_the_cookie_before_the_browser(
    asked: str | None, kept: str | None, accepted: str, chosen: str
):
    assert choose_language(asked, kept, accepted) == chosen


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_chosen_language_stays_chosen(browser: Browser, language: str):
    await browser.get(f"/?lang={language}")
    html = await (await browser.get("/directory/")).text()
    assert f'<html lang="{language}">' in html


async def test_nonsense_as_language_is_simplified_chinese_and_no_error(browser: Browser):
    response = await browser.get("/", params={"lang": "../../etc", "elder": "maybe"})
    assert response.status == 200
    assert '<html lang="zh-Hans">' in await response.text()


async def test_the_switch_is_plain_links_that_name_each_language_in_itself(browser: Browser):
    html = await (await browser.get("/units/HRS")).text()
    assert '<span lang="zh-Hans" aria-current="true">简体中文</span>' in html
    assert (
        '<a href="/units/HRS?lang=zh-Hant" lang="zh-Hant" hreflang="zh-Hant">繁體中文</a>' in html
    )
    assert '<a href="/units/HRS?lang=en" lang="en" hreflang="en">English</a>' in html


async def test_changing_language_keeps_what_was_searched_for(browser: Browser):
    html = await (await browser.get("/directory/", params={"q": "陈&x=1", "lang": "en"})).text()
    links = re.findall(r'href="(/directory/\?[^"]*)" lang', html)
    assert len(links) == 2
    for link in links:
        found = await (await browser.get(link.replace("&amp;", "&"))).text()
        assert 'value="陈&amp;x=1"' in found


async def test_larger_type_is_switched_on_and_off_and_remembered(browser: Browser):
    assert 'class="elder"' not in await (await browser.get("/")).text()
    on = await (await browser.get("/?elder=1")).text()
    assert '<html lang="zh-Hans" class="elder">' in on
    assert 'href="/?elder=0"' in on
    assert 'class="elder"' in await (await browser.get("/directory/")).text()
    await browser.get("/?elder=0")
    assert 'class="elder"' not in await (await browser.get("/directory/")).text()


async def test_the_answer_to_a_form_has_no_switch_that_would_lose_what_was_typed(
    browser: Browser,
):
    html = await (await browser.post("/")).text()
    assert "?lang=" not in html


async def test_stored_names_stay_as_they_are_and_are_marked_as_simplified(open_site: OpenSite):
    browser = await open_site()
    html = await (await browser.get("/units/HRS?lang=zh-Hant")).text()
    assert '<h1><span lang="zh-Hans">云溪县人力资源和社会保障局</span></h1>' in html
    assert "人力資源" not in html
    assert (
        '<span lang="zh-Hans">' not in await (await browser.get("/units/HRS?lang=zh-Hans")).text()
    )

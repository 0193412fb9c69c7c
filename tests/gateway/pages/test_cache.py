"""Rendered pages in memory: never stale, never unbounded, never another visitor's."""

from datetime import date, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from gateway import snapshots
from gateway.app import create_app
from gateway.cache import PAGES, Kept, PageCache
from gateway.looks import Look
from tests.database import SCHEMA
from tests.gateway.pages.conftest import Browser, OpenSite
from tests.site import site_context

# The cache itself


def key_of(path: str, county: str = "county_test") -> tuple[str, str, Look]:
    return county, path, Look("zh-Hans", False)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 400)), max_size=60))
def test_the_cache_never_holds_more_than_its_limit_and_counts_rightly(puts):
    cache = PageCache(most=1500)
    held: dict[tuple[str, str, Look], Kept] = {}
    for number, length in puts:
        key = key_of(str(number))
        kept = Kept.of("x" * length, {})
        assert cache.put(key, kept) is kept
        held[key] = kept
        assert cache.size <= 1500
    present = [cache.get(key) for key in held]
    assert cache.size == sum(kept.size for kept in present if kept)
    assert all(kept is None or kept is held[key] for key, kept in zip(held, present, strict=True))


def test_the_page_that_nobody_asked_for_longest_goes_first():
    page = Kept.of("x" * 100, {})
    cache = PageCache(most=2 * page.size)
    cache.put(key_of("old"), page)
    cache.put(key_of("newer"), page)
    assert cache.get(key_of("old")) is page
    cache.put(key_of("newest"), page)
    assert cache.get(key_of("newer")) is None
    assert cache.get(key_of("old")) is page
    assert len(cache) == 2


def test_a_page_larger_than_the_cache_is_given_but_not_held():
    cache = PageCache(most=10)
    assert cache.put(key_of("a"), Kept.of("x" * 1000, {})).plain.body == b"x" * 1000
    assert len(cache) == cache.size == 0


def test_a_county_that_changes_loses_its_own_pages_and_no_other():
    cache, page, first, second = PageCache(), Kept.of("x", {}), object(), object()
    today = date(2026, 11, 23)
    for county in ("county_a", "county_b"):
        cache.made_of(county, first, today)
        cache.put(key_of("/", county), page)
    cache.made_of("county_a", first, today)
    assert len(cache) == 2
    cache.made_of("county_a", second, today)
    assert cache.get(key_of("/", "county_a")) is None
    assert cache.get(key_of("/", "county_b")) is page
    cache.made_of("county_b", first, today + timedelta(days=1))
    assert len(cache) == cache.size == 0


# As a browser sees it


async def etag_of(browser: Browser, path: str, **headers: str) -> str:
    response = await browser.get(path, headers=headers)
    assert response.status == 200
    return response.headers["ETag"]


@pytest.mark.parametrize("known", ["{tag}", '"other", {tag}', "*", "{strong}"])
async def test_a_browser_that_has_the_page_is_told_so_in_a_304_without_body(
    browser: Browser, known: str
):
    tag = await etag_of(browser, "/units/HRS")
    known = known.format(tag=tag, strong=tag.removeprefix("W/"))
    response = await browser.get("/units/HRS", headers={"If-None-Match": known})
    assert response.status == 304
    assert await response.read() == b""
    assert response.headers["ETag"] == tag
    assert response.headers["Cache-Control"] == "no-cache"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("known", ['W/"0"', "", "rubbish", '"'])
async def test_a_browser_with_another_page_gets_this_one(browser: Browser, known: str):
    response = await browser.get("/units/HRS", headers={"If-None-Match": known})
    assert response.status == 200
    assert "云溪县人力资源和社会保障局" in await response.text()


async def test_language_size_of_type_and_path_each_have_a_page_of_their_own(open_site: OpenSite):
    tags = set()
    for path in ("/units/HRS", "/units/DRC"):
        for look in ("lang=zh-Hans", "lang=zh-Hant", "lang=en", "lang=en&elder=1"):
            browser = await open_site()
            tags.add(await etag_of(browser, f"{path}?{look}"))
    assert len(tags) == 8


async def test_the_same_page_is_rendered_once_and_zipped_for_those_who_take_it(browser: Browser):
    plain = await browser.get("/staff/A1024", headers={"Accept-Encoding": "identity"})
    zipped = await browser.get("/staff/A1024", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert int(zipped.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 1.5
    assert await plain.read() == await zipped.read()
    assert len(browser.app[PAGES]) == 1
    for response in (plain, zipped):
        assert set(response.headers["Vary"].split(", ")) >= {"Cookie", "Accept-Encoding"}


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@pytest.mark.parametrize("known", [False, True], ids=["first time", "asked again"])
async def test_the_page_from_memory_says_the_same_as_the_one_just_made(
    open_site: OpenSite, encoding: str, known: bool
):
    browser = await open_site()
    asked = {"Accept-Encoding": encoding}
    if known:
        asked["If-None-Match"] = await etag_of(await open_site(), "/units/HRS")
    said = []
    for headers in (asked, asked, {**asked, "Connection": "close"}):
        response = await browser.get("/units/HRS", headers=headers)
        passing = ("Date", "Server", "Connection")
        kept = {k: v for k, v in response.headers.items() if k not in passing}
        said.append((response.status, kept, await response.read()))
        assert response.headers["Date"].endswith("GMT")
    assert said[0] == said[1] == said[2]
    assert said[0][0] == (304 if known else 200)


async def test_a_head_from_memory_has_the_pages_length_and_no_body(browser: Browser):
    await browser.get("/units/HRS")
    for _ in range(2):  # a body would be taken for the beginning of the next answer
        response = await browser.head("/units/HRS")
        assert (response.status, await response.read()) == (200, b"")
    assert (await browser.get("/units/HRS")).status == 200


async def test_searches_and_made_up_parameters_do_not_fill_the_cache(browser: Browser):
    for number in range(5):
        assert (await browser.get(f"/directory/?q={number}")).status == 200
        assert (await browser.get(f"/units/HRS?x={number}")).status == 200
    assert len(browser.app[PAGES]) == 0


@pytest.mark.parametrize("cookie", ["lang=en", "elder=1; lang=en", "lang=en; other", "x=1;lang=en"])
async def test_a_kept_page_is_the_one_in_the_visitors_own_language(browser: Browser, cookie: str):
    for _ in range(2):
        html = await (await browser.get("/units/HRS", headers={"Cookie": cookie})).text()
        assert '<html lang="en"' in html
        assert ('class="elder"' in html) == ("elder=1" in cookie)
        html = await (await browser.get("/units/HRS", headers={"Accept-Language": "zh-HK"})).text()
        assert '<html lang="zh-Hant">' in html
        assert '<html lang="zh-Hans">' in await (await browser.get("/units/HRS")).text()


async def test_a_choice_in_the_address_sets_a_cookie_on_that_answer_alone(open_site: OpenSite):
    chooser = await open_site()
    assert "lang" in (await chooser.get("/?lang=en")).cookies
    assert not (await chooser.get("/")).cookies, "the kept page carries nobody's cookie"


async def test_a_change_in_the_county_changes_the_page(
    open_site: OpenSite, fresh_demo_database: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(snapshots, "RENEW_SECONDS", 0)
    monkeypatch.setattr(snapshots, "NEWS_SECONDS", 60)  # however busy this machine is
    browser = await open_site(url=fresh_demo_database)
    before = await etag_of(browser, "/units/HRS")
    assert await etag_of(browser, "/units/HRS") == before
    conn = await asyncpg.connect(fresh_demo_database)
    await conn.execute(f"UPDATE {SCHEMA}.unit SET phone = '0700-00009999' WHERE code = 'HRS'")
    await conn.execute(
        f"UPDATE {SCHEMA}.data_version SET version = version + 1 WHERE kind = 'directory'"
    )
    await conn.close()
    response = await browser.get("/units/HRS", headers={"If-None-Match": before})
    assert response.status == 200
    assert "0700-00009999" in await response.text()


async def test_who_leaves_at_midnight_is_gone_from_the_unit_the_day_after(
    demo_database_url: str, tmp_path: Path, now: datetime
):
    moments = [now]
    async with (
        site_context(demo_database_url, tmp_path, clock=lambda: moments[-1]) as context,
        TestClient(TestServer(create_app(context))) as browser,
    ):
        snapshot = await context.snapshots.of(next(iter(context.counties)))
        person = next(p for p in snapshot.directory.staff if p.until and p.section)
        last = datetime.combine(person.until, now.timetz())
        seen = []
        for moment in (last, last + timedelta(days=1)):
            moments.append(moment)
            html = await (await browser.get(f"/units/{person.unit}")).text()
            seen.append(f'href="/staff/{person.badge}"' in html)
    assert seen == [True, False]

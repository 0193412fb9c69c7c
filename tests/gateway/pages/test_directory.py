"""Units, people, matters and the service hall, as a citizen looks them up."""

import gzip
import re

import pytest

from gateway.i18n import LANGUAGES, words
from tests.gateway.pages.conftest import Browser, OpenSite

MOST_HTML = 14 * 1024
say = words("zh-Hans")


async def page_of(browser: Browser, path: str) -> str:
    response = await browser.get(path)
    assert response.status == 200, path
    return await response.text()


# What is not there


@pytest.mark.parametrize(
    "path",
    [
        "/units/NOPE",
        "/staff/Z9999",
        "/matters/NOPE-1",
        "/staff/%00",
        "/units/..%2f..%2fetc",
        "/staff/" + "9" * 3000,
        "/directory",
        "/directory/nope",
    ],
)
async def test_what_is_not_there_is_a_page_that_says_what_to_do(browser: Browser, path: str):
    response = await browser.get(path)
    assert response.status == 404
    html = await response.text()
    assert say("error.404.title") in html
    assert say("error.404.next") in html
    assert "0700-00012345" in html, "the telephone numbers stand on error pages too"


async def test_a_search_without_result_says_how_to_go_on(browser: Browser):
    html = await page_of(browser, "/directory/?q=qqqqzzzz")
    assert say("directory.nothing_text") in html
    assert 'href="/complaints/new"' in html


@pytest.mark.parametrize("query", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "\x00"])
async def test_what_was_searched_for_is_shown_as_text_and_never_as_markup(
    browser: Browser, query: str
):
    response = await browser.get("/directory/", params={"q": query})
    assert response.status == 200
    html = await response.text()
    assert "<script" not in html
    assert "<img" not in html


async def test_a_search_for_blanks_shows_the_whole_directory(browser: Browser):
    assert say("directory.departments") in await page_of(browser, "/directory/?q=%20%20")


# Numbers off a placard


@pytest.mark.parametrize(
    "typed",
    ["a1024", "A-1024", "A1O24", "AIO24", "Ａ１０２４", "A%201024", "P-012", "p012", "P－０１２"],
)
async def test_any_retyping_of_a_number_leads_to_the_one_address(browser: Browser, typed: str):
    response = await browser.get(f"/staff/{typed}", allow_redirects=False)
    assert response.status == 301
    assert response.headers["Location"] == "/staff/A1024"


async def test_language_and_size_of_type_are_kept_on_the_way_to_the_right_address(
    browser: Browser,
):
    html = await page_of(browser, "/staff/a1024?lang=en&elder=1")
    assert '<html lang="en"' in html
    assert "elder" in html.partition("<head")[0]


@pytest.mark.parametrize(
    ("typed", "right"), [("/units/hrs", "HRS"), ("/matters/nrb-p01", "NRB-P01")]
)
async def test_a_code_in_small_letters_leads_to_the_right_address(
    browser: Browser, typed: str, right: str
):
    response = await browser.get(typed, allow_redirects=False)
    assert response.status == 301
    assert response.headers["Location"].endswith(right)


async def test_the_page_of_a_placard_says_who_it_is_and_offers_to_complain(browser: Browser):
    html = await page_of(browser, "/staff/A1024")
    for text in ("区叔佩", "窗口首席", "云溪县自然资源局", "12号窗口", "A1024", "P-012"):
        assert text in html
    assert 'href="/complaints/new?staff=A1024"' in html
    assert "notice-warn" not in html, "somebody at work is not said to have left"


async def test_readers_of_english_get_the_letters_of_a_name_beside_it(browser: Browser):
    html = await page_of(browser, "/staff/A1024?lang=en")
    assert re.search(r'<h1>Ou Shupei <span lang="zh-Hans">区叔佩</span></h1>', html)


async def test_praise_is_offered_and_rating_absent_until_it_exists(browser: Browser):
    html = await page_of(browser, "/staff/A1024?lang=en")
    assert 'href="/commendations/new?staff=A1024"' in html
    assert "rate " not in html.lower()


# Those who left


async def one_who_left(browser: Browser) -> tuple[str, str]:
    """Badge and unit of somebody who has left, found as a citizen would."""
    html = await page_of(browser, "/directory/?q=A1417")
    assert say("directory.left_tag") in html
    return "A1417", "MKT"


async def test_of_a_person_who_left_the_day_is_said_and_a_complaint_still_offered(
    browser: Browser,
):
    badge, _unit = await one_who_left(browser)
    html = await page_of(browser, f"/staff/{badge}")
    notice = html.split("notice-warn")[1].split("</div>")[0]
    assert re.search(r"\d{4}年\d{1,2}月\d{1,2}日（星期.）为止", notice)
    assert say("directory.left_text") in notice
    assert f'href="/complaints/new?staff={badge}"' in html


async def test_a_unit_lists_only_who_serves_today(browser: Browser):
    badge, unit = await one_who_left(browser)
    html = await page_of(browser, f"/units/{unit}")
    assert f"/staff/{badge}" not in html
    assert len(re.findall(r'href="/staff/', html)) > 5


# Units, matters, hall


async def test_a_unit_says_what_it_does_where_it_is_and_who_oversees_it(browser: Browser):
    html = await page_of(browser, "/units/HRS")
    for key in ("functions", "address", "phone", "hours", "head", "oversight", "sections"):
        assert say(f"directory.{key}") in html, key
    assert "效能监督办公室" in html
    assert "劳动监察股" in html
    assert 'href="/matters/HRS-001"' in html
    assert 'href="/complaints/new?unit=HRS"' in html


async def test_a_matter_states_both_limits_materials_steps_fee_and_basis(browser: Browser):
    html = await page_of(browser, "/matters/HRS-001")
    assert say("deadlines.limit.working_day", n=20) in html
    assert say("deadlines.limit.working_day", n=9) in html
    for key in ("promised", "statutory", "materials", "steps", "fee", "basis", "place"):
        assert say(f"directory.{key}") in html, key
    assert 'href="/complaints/new?matter=HRS-001"' in html


async def test_where_no_law_sets_a_limit_the_page_says_so(browser: Browser):
    html = await page_of(browser, "/matters/DRC-007")
    assert say("directory.no_statutory") in html
    assert say("directory.no_statutory_text") in html


async def test_a_parallel_approval_shows_each_unit_with_its_own_limit(browser: Browser):
    html = await page_of(browser, "/matters/NRB-P01")
    table = html.split("<tbody>")[1].split("</tbody>")[0]
    limits = [int(n) for n in re.findall(r"(\d+)个工作日", table)]
    assert limits == [1, 7, 10, 7, 4]
    assert say("directory.role.hand_on") in table
    assert say("directory.role.put_together") in table
    assert "parallel" not in await page_of(browser, "/matters/HRS-001")


async def test_the_hall_lists_every_window_with_who_sits_there(browser: Browser):
    html = await page_of(browser, "/directory/hall")
    assert len(re.findall(r'<th scope="row">', html)) == 72
    assert 'href="/staff/A1024"' in html.split("12号窗口")[1].split("</tr>")[0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("A1024", "/staff/A1024"),
        ("p 012", "/staff/A1024"),
        ("区叔佩", "/staff/A1024"),
        ("區叔佩", "/staff/A1024"),
        ("oushupei", "/staff/A1024"),
        ("osp", "/staff/A1024"),
        ("人力资源", "/units/HRS"),
        ("人力資源", "/units/HRS"),
        ("labour dispatch", "/matters/HRS-001"),
    ],
)
async def test_the_search_finds_people_units_and_matters_as_people_type(
    browser: Browser, query: str, found: str
):
    response = await browser.get("/directory/", params={"q": query})
    assert f'href="{found}"' in await response.text()


# The whole county


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_unit_and_matter_and_many_people_have_a_page_of_small_size(
    open_site: OpenSite, language: str
):
    browser = await open_site()
    html = await page_of(browser, f"/directory/?lang={language}")
    units = re.findall(r'href="(/units/[^"]+)"', html)
    assert len(units) >= 41
    for unit in units:
        html = await page_of(browser, unit)
        assert len(gzip.compress(html.encode())) <= MOST_HTML, unit
        people = re.findall(r'href="(/staff/[^"]+)"', html)
        for path in re.findall(r'href="(/matters/[^"]+)"', html) + people[::9]:
            assert len(gzip.compress((await page_of(browser, path)).encode())) <= MOST_HTML, path


async def test_the_largest_lists_stay_small(browser: Browser):
    for path in ("/", "/directory/", "/directory/hall"):
        for language in LANGUAGES:
            html = await page_of(browser, f"{path}?lang={language}&elder=1")
            assert len(gzip.compress(html.encode())) <= MOST_HTML, path

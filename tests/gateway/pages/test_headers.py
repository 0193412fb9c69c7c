"""Headers that protect visitors, on every kind of answer."""

import re
from collections.abc import Callable

import pytest

from gateway import db, middleware
from gateway.pages.static import static_files, static_url
from tests.gateway.pages.conftest import Browser, OpenSite

ANSWERS = [
    ("GET", "/", 200),
    ("HEAD", "/", 200),
    ("GET", "/directory/?q=x", 200),
    ("GET", "/static/style.css", 200),
    ("GET", "/staff/a1024", 301),
    ("GET", "/nowhere", 404),
    ("GET", "/static/nothing.css", 404),
    ("POST", "/", 405),
    ("DELETE", "/units/HRS", 405),
]
EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
async def test_every_answer_carries_the_headers_that_are_promised(
    browser: Browser, method: str, path: str, status: int
):
    response = await browser.request(method, path, allow_redirects=False)
    assert response.status == status
    for name, value in EXPECTED.items():
        assert response.headers[name] == value
    assert "Cache-Control" in response.headers
    policy = dict(part.split(" ", 1) for part in response.headers[CSP].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in response.headers[CSP]
    assert "Strict-Transport-Security" not in response.headers, "this site is on plain http"


CSP = "Content-Security-Policy"


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
async def test_behind_tls_browsers_are_told_to_stay_there(
    open_site: OpenSite, method: str, path: str, status: int
):
    browser = await open_site(base_url="https://complaints.example.org")
    response = await browser.request(method, path, allow_redirects=False)
    assert response.status == status
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


async def test_a_refused_method_is_told_which_are_allowed(browser: Browser):
    response = await browser.post("/")
    assert set(response.headers["Allow"].split(",")) == {"GET", "HEAD"}


async def test_a_fault_of_ours_is_a_page_without_its_reason(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr("gateway.pages.directory._all_units", broken)
    response = await browser.get("/directory/?lang=en")
    assert response.status == 500
    html = await response.text()
    assert "Something went wrong here" in html
    assert "secret reason" not in html
    assert "the secret reason" in caplog.text, "whoever mends it finds the reason in the log"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.fixture
def database_gone(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, nothing can be read any more."""

    async def down(*_args: object) -> None:
        raise db.DatabaseDown("gone")

    monkeypatch.setattr("gateway.snapshots.RENEW_SECONDS", 0)
    return lambda: monkeypatch.setattr("gateway.snapshots.Snapshots._renewed", down)


async def test_without_a_database_the_page_says_so_and_when_to_come_back(
    browser: Browser, database_gone: Callable[[], None]
):
    database_gone()
    response = await browser.get("/units/HRS?lang=en")
    assert response.status == 503
    assert response.headers["Retry-After"] == str(middleware.RETRY_AFTER_SECONDS)
    assert "unavailable for the moment" in await response.text()


async def test_what_was_read_before_the_database_went_is_still_shown(
    browser: Browser, database_gone: Callable[[], None]
):
    assert (await browser.get("/")).status == 200
    database_gone()
    for path in ("/", "/staff/A1024", "/directory/?q=A1024"):
        response = await browser.get(path)
        assert response.status == 200
        assert "0700-00012345" in await response.text(), "the numbers to call are still known"


async def test_a_machine_that_asked_for_json_gets_errors_as_json(browser: Browser):
    response = await browser.get("/nowhere", headers={"Accept": "application/json"})
    assert response.status == 404
    assert await response.json() == {"error": 404}


# Cookies


async def test_cookies_are_out_of_reach_of_scripts_and_bound_to_the_host_behind_tls(
    open_site: OpenSite,
):
    plain = await (await open_site()).get("/?lang=en&elder=1")
    assert set(plain.cookies) == {"lang", "elder"}
    tls = await open_site(base_url="https://complaints.example.org")
    secure = await tls.get("/?lang=en&elder=1")
    assert set(secure.cookies) == {"__Host-lang", "__Host-elder"}
    for morsel in (*plain.cookies.values(), *secure.cookies.values()):
        assert morsel["httponly"]
        assert morsel["samesite"] == "Lax"
        assert morsel["path"] == "/"
        assert not morsel["domain"]
    assert all(morsel["secure"] for morsel in secure.cookies.values())


# No script or style in a page


@pytest.mark.parametrize("path", ["/", "/directory/", "/units/HRS", "/staff/A1024", "/nowhere"])
async def test_no_page_has_script_or_style_in_it(browser: Browser, path: str):
    html = await (await browser.get(path)).text()
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", html)


# Static files


@pytest.mark.parametrize("name", sorted(static_files()))
async def test_a_file_with_its_hash_is_kept_for_a_year(browser: Browser, name: str):
    response = await browser.get(static_url(name))
    assert response.status == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert await response.read() == static_files()[name].content
    again = await browser.get(static_url(name), headers={"If-None-Match": response.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("query", ["", "?v=000000000000", "?v="])
async def test_a_file_without_its_present_hash_is_asked_for_again(browser: Browser, query: str):
    response = await browser.get(f"/static/style.css{query}")
    assert response.headers["Cache-Control"] == "public, no-cache"


async def test_static_files_are_zipped_and_named_as_what_they_are(browser: Browser):
    response = await browser.get("/static/style.css", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.content_type == "text/css"
    assert int(response.headers["Content-Length"]) < 6000
    plain = await browser.get("/static/style.css", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize("name", ["..%2fviews.py", "%2e%2e/views.py", "sub/style.css", "%00"])
async def test_nothing_outside_the_folder_is_served(browser: Browser, name: str):
    assert (await browser.get(f"/static/{name}")).status == 404

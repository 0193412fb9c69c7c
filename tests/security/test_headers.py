"""Every answer of every route carries what docs/security.md promises, whatever went wrong."""

import re
from collections.abc import Iterator

import pytest
from aiohttp import ClientResponse, web

from gateway.db import DatabaseDown
from gateway.pages.static import static_files
from tests.security.conftest import Browser, OpenSite, Site, raw, request_line, routes_of

PROMISED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
TLS = "https://complaints.example.org"


def check(response: ClientResponse, *, tls: bool = False) -> None:
    where = f"{response.method} {response.url.path} {response.status}"
    for name, value in PROMISED.items():
        assert response.headers.getall(name) == [value], where
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; "), where
    assert "frame-ancestors 'none'" in policy, where
    assert "unsafe" not in policy, where
    assert response.headers["Cache-Control"], where
    told = response.headers.get("Strict-Transport-Security")
    assert told == ("max-age=31536000; includeSubDomains" if tls else None), where


def every(app: web.Application) -> Iterator[tuple[str, str]]:
    """Every route by its own method, and by methods that it may not know."""
    for method, path in routes_of(app):
        yield method, path
        for other in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
            yield other, path
    for name in static_files():
        yield "GET", f"/static/{name}"
    for path in ("/nowhere", "/static/..%2fapp.py", "/complaints/new/x"):
        yield "GET", path


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8080", TLS])
async def test_every_route_by_every_method(open_site: OpenSite, base_url: str) -> None:
    browser = await open_site(base_url=base_url)
    seen = set()
    for method, path in dict.fromkeys(every(browser.app)):
        if method == "POST" and path == "/complaints":
            continue  # files something; see below
        response = await browser.request(method, path, allow_redirects=False)
        check(response, tls=base_url == TLS)
        seen.add(response.status)
        assert response.status < 500, (method, path)
    assert {200, 303, 404, 405, 410, 422} <= seen


async def test_a_fault_of_ours_and_a_database_that_is_gone(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, status in ((RuntimeError("x"), 500), (DatabaseDown("x"), 503)):

        async def broken(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr("gateway.snapshots.Snapshots.of", broken)
        response = await browser.get("/complaints/new")
        assert response.status == status
        check(response)
        assert response.headers["Cache-Control"] == "no-store"


async def test_a_body_too_large_compressed_or_of_another_site(browser: Browser) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for sent, headers, status in (
        (b"text=" + b"x" * (1024 * 1024), {}, 413),
        (b"x", {"Content-Encoding": "gzip"}, 400),
        (b"text=x", {"Sec-Fetch-Site": "cross-site"}, 403),
        (b"text=\xff", {}, 400),
    ):
        response = await browser.post("/complaints", data=sent, headers={**form, **headers})
        assert response.status in (status, 415)
        check(response)


async def test_an_answer_that_no_handler_made(browser: Browser) -> None:
    answer = (await raw(browser, request_line("GET", b"/", b"Expect: miracles"))).decode()
    assert answer.startswith("HTTP/1.1 417 ")
    for name, value in PROMISED.items():
        assert f"{name}: {value}\r\n" in answer


async def test_a_held_page_and_304_carry_them_too(browser: Browser) -> None:
    first = await browser.get("/directory/")
    check(first)
    again = await browser.get("/directory/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    check(again)


async def test_what_shows_a_person_or_a_case_is_kept_by_nobody(site: Site) -> None:
    told = await site.file()
    assert await site.track(told["tracking_code"]) == 303
    link = await site.link()
    for path in ("/track/case", "/track", link, "/demo/mailbox"):
        assert (await site.client.get(path)).headers["Cache-Control"] == "no-store", path


async def test_every_cookie_is_bound_to_its_host_and_out_of_reach_of_scripts(
    open_site: OpenSite, fresh_demo_database: str
) -> None:
    browser = await open_site(fresh_demo_database, base_url=TLS)
    filed = await browser.post(
        "/complaints",
        data={"text": "x", "badge": "A1024"},
        headers={"Accept": "application/json"},
    )
    code = (await filed.json())["tracking_code"]
    answers = [
        await browser.get("/?lang=en&elder=1"),
        await browser.post("/track", data={"code": code}, allow_redirects=False),
        await browser.post("/track/end", allow_redirects=False),
    ]
    cookies = [line for each in answers for line in each.headers.getall("Set-Cookie")]
    assert len(cookies) == 4
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")}
        assert re.match(r"__Host-(lang|elder|track)=", cookie)
        assert {"secure", "httponly", "path=/"} <= parts
        assert parts & {"samesite=lax", "samesite=strict"}
        assert not any(part.startswith("domain") for part in parts)
    assert "SameSite=Strict" in cookies[2], "a case is not opened from another site"

"""Addresses, hosts and names that lie: nothing is served, sent or logged because of them."""

import re
from contextlib import nullcontext

import pytest
from aiohttp import BadContentDispositionHeader

from tests.gateway.test_uploads import PDF
from tests.security.conftest import Browser, Site, raw, request_line, routes_of

FORGED = {
    "Host": "evil.example.org",
    "X-Forwarded-Host": "evil.example.org",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Server": "evil.example.org",
    "Forwarded": "host=evil.example.org;proto=https",
    "X-Original-URL": "//evil.example.org/",
    "X-Rewrite-URL": "//evil.example.org/",
}


async def test_no_forged_host_gets_into_a_page_a_redirect_or_a_mail(site: Site) -> None:
    data = {"text": "x", "badge": "A1024", "email": "citizen@example.org"}
    filed = await site.client.post("/complaints", data=data, headers=FORGED, allow_redirects=False)
    assert filed.status == 303
    assert filed.headers["Location"].startswith("/complaints/receipt/")
    for path in ("/", "/nowhere", "/staff/a1024", "/complaints/new", "/track"):
        response = await site.client.get(path, headers=FORGED, allow_redirects=False)
        assert "evil" not in await response.text() + response.headers.get("Location", "")
    for mail in await site.mails():
        links = re.findall(r"https?://[^/\s\"<]+", mail["text"] + mail["html"])
        assert set(links) == {site.context.settings.base_url}


@pytest.mark.parametrize(
    "target",
    [
        b"//evil.example.org/x",
        b"//evil.example.org",
        b"/\\evil.example.org/x",
        b"///evil.example.org/..",
        b"http://evil.example.org/nowhere",
        b"//evil.example.org/static/..",
    ],
)
async def test_no_address_makes_a_page_link_to_another_site(
    browser: Browser, target: bytes
) -> None:
    page = (await raw(browser, request_line("GET", target))).decode(errors="replace")
    assert not re.findall(r"(?:href|action|src)=\"(?:/[/\\]|https?:)[^\"]*evil", page)
    assert not re.search(r"^location:.*evil", page, re.IGNORECASE | re.MULTILINE)


OUTSIDE = [
    "..%2f..%2fapp.py", "%2e%2e/app.py", "..", "%2e%2e", "..%5capp.py", "....//app.py", "%00",
    "style.css%00.py", "%2fetc%2fpasswd", "/etc/passwd", "C:%5cboot.ini", "style.css/../../app.py",
]  # fmt: skip


@pytest.mark.parametrize(
    "folder", ["/static/", "/demo/mailbox/", f"/answer/{'x' * 43}/attachments/", "/units/"]
)
async def test_no_address_leads_out_of_its_folder(browser: Browser, folder: str) -> None:
    for name in OUTSIDE:
        answer = await raw(browser, request_line("GET", (folder + name).encode()))
        assert re.match(rb"HTTP/1\.\d (400|404|405) ", answer), name
        assert b"def " not in answer
        assert b"root:" not in answer


async def test_bytes_that_are_no_text_break_no_route(browser: Browser) -> None:
    for method, path in routes_of(browser.app, "GET"):
        for tail in (
            b"%ff",
            b"%00",
            b"%ed%a0%80",
            b"%E2%80%AE",
            b"?q=%ff&unit=%00&staff=%ed%a0%80",
        ):
            odd = (b"Accept-Language: \xff;q=", b"Cookie: lang=\xff; track=\xff==; =; elder")
            answer = await raw(browser, request_line(method, path.encode() + tail, *odd))
            assert re.match(rb"HTTP/1\.1 (200|303|400|403|404|410|503) ", answer), (path, tail)
            assert b"\r\nX-Content-Type-Options: nosniff\r\n" in answer


NAMES = [
    "a\r\nBcc: third@example.org.pdf",
    'a"; filename="b.html',
    "../../etc/passwd.pdf",
    "\u202efdp.exe",
    "a%0d%0aSet-Cookie: x=1.pdf",
    "'; DROP TABLE attachment; --.pdf",
]


async def test_a_files_name_adds_no_header_and_names_no_folder(site: Site) -> None:
    for name in NAMES:
        sent = name.replace("\r\n", "%0D%0A").replace('"', "%22")
        # aiohttp stumbles over two semicolons in one name.
        unreadable = name.count(";") > 1
        with pytest.warns(BadContentDispositionHeader) if unreadable else nullcontext():
            await site.file((sent, PDF))
        link = await site.link()
        response = await site.client.get(f"{link}/attachments/1")
        assert response.status == 200
        assert not {"Bcc", "Set-Cookie"} & set(response.headers)
        told = response.headers["Content-Disposition"]
        assert re.fullmatch(r"attachment; filename\*=UTF-8''[A-Za-z0-9._~%-]+", told)
        assert "%2F" not in told
        assert await response.read() == PDF


CROWDED = [
    "a@example.org\r\nBcc: third@example.org",
    "a@example.org, third@example.org",
    "a@example.org\nSubject: x",
    '"a b"@example.org',
    "a@example.org>",
    "<a@example.org>",
    "a@ex\u2028ample.org",
    "third@example.org%0d%0a",
]


async def test_no_address_of_a_citizen_names_a_second_recipient(site: Site) -> None:
    for address in CROWDED:
        data = {"text": "x", "badge": "A1024", "email": address}
        response = await site.client.post("/complaints", data=data, allow_redirects=False)
        assert response.status in (303, 422)
        for mail in await site.mails():
            assert mail["to"].count("@") == 1
            assert not re.search(r"[\r\n,<> ]", mail["to"])
            assert not mail["to"].startswith("third@")

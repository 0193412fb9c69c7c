"""Whatever is sent to a form is answered in order: never a 500, never another site's doing."""

import asyncio
import time
from urllib.parse import quote_from_bytes

import pytest
from aiohttp import FormData, web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import bodies
from tests.security.conftest import Browser, Site, raw, request_line, routes_of
from tests.thorough import examples

WORDS = b"application/x-www-form-urlencoded"
PARTS = b"multipart/form-data; boundary=b"
FIELDS = (
    "code", "text", "badge", "unit", "matter", "category", "accepted_on", "happened_at", "phone",
    "email", "request_id", "receipt_number", "name", "detail-L01", "do", "pick", "person",
    "finding-1", "reason-1", "done", "reply", "confirm_phrases", "__class__", "state",
)  # fmt: skip


def part(*headers: bytes, body: bytes = b"x") -> bytes:
    return b"--b\r\n" + b"\r\n".join(headers) + b"\r\n\r\n" + body + b"\r\n--b--\r\n"


NAMED = b'Content-Disposition: form-data; name="code"'
BODIES = [
    (WORDS + b"; charset=utf-7", b"code=%2B2AA-&text=%2B2AA-&badge=A1024", 400),
    (WORDS + b"; charset=punycode", b"code=" + b"a" * 9000, 400),
    (WORDS + b"; charset=base64", b"code=1", 400),
    (WORDS + b"; charset=\xff", b"code=1", 400),
    (WORDS, b"code=\xff\xfe", 400),
    (WORDS, b"&".join([b"a"] * 100_000), 413),
    (WORDS, b"code=" + b"9" * 1_100_000, 413),
    (PARTS, b"", 400),
    (PARTS, b"--b", 400),
    (PARTS, b"\r\n" * 100_000, 400),
    (PARTS, part(b"X: y"), 400),
    (PARTS, part(*[b"A: b"] * 100_000), 400),
    (PARTS, part(NAMED + b"x" * 100_000), 400),
    (PARTS, part(b"A b: c", NAMED), 400),
    (PARTS, part(NAMED, b"Content-Type: multipart/mixed; boundary=c"), 400),
    (PARTS, (b"--b\r\n" + NAMED + b"\r\n\r\nx\r\n") * 1000 + b"--b--\r\n", 413),
    (b"multipart/form-data", b"x", 400),
    (b"multipart/form-data; boundary=" + b"b" * 100, b"x", 400),
    (b"multipart/form-data; boundary=\xff", b"x", 400),
]


@pytest.fixture
async def forms(site: Site) -> tuple[Browser, list[str]]:
    """A browser and every address that takes a form, with a link that is good."""
    await site.file()
    link = await site.link()
    paths = [
        path.replace("x" * 43, link.split("/")[2])
        for _, path in routes(site.client.app)
        # Whoever is not signed in is sent to the door before anything is read.
        if not path.startswith("/desk/") or path == "/desk/sign-in"
    ]
    return site.client, paths


def routes(app: web.Application) -> list[tuple[str, str]]:
    found = routes_of(app, "POST")
    assert len(found) >= 7
    return found


# A large body takes as long to send as all small ones together.
LARGE = 50_000


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.thorough)])
async def test_every_form_refuses_a_malformed_body_in_order(
    forms: tuple[Browser, list[str]], every: int
) -> None:
    """Each form gets each small body and some of the large ones, and each large one goes to every
    fourth form; the thorough run leaves none out."""
    browser, paths = forms
    for n, (kind, body, status) in enumerate(BODIES):
        for path in paths[n % every :: every] if len(body) > LARGE else paths:
            sent = request_line("POST", path.encode(), b"Content-Type: " + kind, body=body)
            answer = await raw(browser, sent)
            assert answer.startswith(b"HTTP/1.1 %d " % status), (path, kind, body[:60], answer[:60])


ELSEWHERE = [
    (b"Origin: https://evil.example.org",),
    (b"Origin: http://[",),
    (b"Origin: http://x.evil.example.org",),
    (b"Sec-Fetch-Site: cross-site", b"Origin: http://x"),
    (b"Sec-Fetch-Site: same-site",),
]


async def test_every_form_refuses_another_sites_page(
    forms: tuple[Browser, list[str]],
) -> None:
    for headers in ELSEWHERE:
        browser, paths = forms
        for path in paths:
            kind = b"Content-Type: " + WORDS
            sent = request_line("POST", path.encode(), kind, *headers, body=b"text=x&badge=A1024")
            assert (await raw(browser, sent)).startswith(b"HTTP/1.1 403 "), path


PACKED = [b"gzip", b"deflate", b"klingon"]


async def test_no_form_is_unpacked(forms: tuple[Browser, list[str]]) -> None:
    for encoding in PACKED:
        browser, paths = forms
        for path in paths:
            headers = (b"Content-Type: " + WORDS, b"Content-Encoding: " + encoding)
            sent = request_line("POST", path.encode(), *headers, body=b"code=1")
            answer = await raw(browser, sent)
            # What aiohttp could unpack, it refuses by itself where it is not what it says.
            assert answer.startswith((b"HTTP/1.1 415 ", b"HTTP/1.0 400 ")), path


async def test_a_body_that_dribbles_in_is_given_up(
    forms: tuple[Browser, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "WORDS_SECONDS", 0.2)
    browser, _ = forms
    reader, writer = await asyncio.open_connection(browser.host, browser.port)
    head = request_line("POST", b"/track", b"Content-Type: " + WORDS, b"Content-Length: 999")
    started = time.monotonic()
    writer.write(head + b"code=")
    answer = await asyncio.wait_for(reader.readline(), 5)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - started < 4
    writer.close()


async def test_a_body_that_says_it_is_huge_is_refused_before_it_comes(
    forms: tuple[Browser, list[str]],
) -> None:
    browser, paths = forms
    for path in paths:
        for kind in (WORDS, PARTS):
            length = b"Content-Length: 99999999999"
            reader, writer = await asyncio.open_connection(browser.host, browser.port)
            writer.write(request_line("POST", path.encode(), b"Content-Type: " + kind, length))
            assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 413 ")
            writer.close()


async def test_a_hundred_thousand_of_anything_in_the_head_is_refused(browser: Browser) -> None:
    for target, *headers in (
        (b"/?" + b"a&" * 100_000,),
        (b"/" + b"a" * 100_000,),
        (b"/", b"Cookie: " + b"a=b; " * 100_000),
        (b"/", b"Cookie: " + b"lang=" + b"x" * 9_000),
        (b"/", *(b"A%d: b" % n for n in range(100_000))),
    ):
        answer = await raw(browser, request_line("GET", target, *headers))
        assert answer.startswith(b"HTTP/1.0 400 ") or answer == b"", "hung up before all was sent"
    assert (await browser.get("/")).status == 200


TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    ["\0", "\ud800", "\u202e", "\u200b", "'; DROP TABLE complaint; --", "{{7*7}}", "%s", "0", "L01"]
)
SAID = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), TEXT, max_size=8)


# aiohttp says so of a name that it cannot read.
@pytest.mark.filterwarnings("ignore::aiohttp.BadContentDispositionHeader")
@given(said=SAID, as_parts=st.booleans(), tail=st.binary(max_size=20), at=st.integers(0, 99))
@settings(
    max_examples=examples(80),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_form_ever_ends_in_a_fault_of_ours(
    forms: tuple[Browser, list[str]], said: dict[str, str], as_parts: bool, tail: bytes, at: int
) -> None:
    browser, paths = forms
    encoded = {
        name.encode("utf-8", "surrogatepass"): value.encode("utf-8", "surrogatepass")
        for name, value in said.items()
    }
    path = paths[at % len(paths)]
    kind, data = (PARTS, _parts(encoded, tail)) if as_parts else (WORDS, _words(encoded, tail))
    response = await browser.post(
        path, data=data, headers={"Content-Type": kind.decode()}, allow_redirects=False
    )
    assert response.status < 500, (path, data)
    await response.read()


def _words(said: dict[bytes, bytes], tail: bytes) -> bytes:
    pairs = [f"{quote_from_bytes(name)}={quote_from_bytes(said[name])}" for name in said]
    return "&".join(pairs).encode() + tail


def _parts(said: dict[bytes, bytes], tail: bytes) -> bytes:
    heads = [b'--b\r\nContent-Disposition: form-data; name="' + name + b'"' for name in said]
    values = (b"\r\n\r\n" + value + b"\r\n" for value in said.values())
    return b"".join(map(b"".join, zip(heads, values, strict=True))) + b"--b--\r\n" + tail


ASKED = ("/directory/", "/complaints/new", "/complaints/lookup", "/complaints/limit")
OPENED = ("/staff/", "/units/", "/matters/", "/answer/", "/complaints/receipt/")


@given(
    target=st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
    asked=st.sampled_from(ASKED),
    opened=st.sampled_from(OPENED),
)
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_address_ever_ends_in_a_fault_of_ours(
    browser: Browser, target: str, asked: str, opened: str
) -> None:
    names = ("q", "staff", "unit", "matter", "accepted_on", "receipt_number", "lang", "elder")
    response = await browser.get(asked, params=dict.fromkeys(names, target))
    assert response.status == 200
    response = await browser.get(opened + quote_from_bytes(target.encode(), safe=""))
    assert response.status in (200, 404, 410)


async def test_unknown_fields_change_nothing_that_is_not_the_citizens(site: Site) -> None:
    """A complaint and an answer refuse them by name; `/track` reads its one field alone."""
    for name in ("state", "office", "number", "owner", "sealed", "due_on", "id", "tracking_code"):
        form = FormData({"text": "x", "badge": "A1024", name: "1"})
        refused = await site.client.post("/complaints", data=form, headers={"Accept": "text/html"})
        assert refused.status == 422, name
    told = await site.file()
    link = await site.link()
    answer = {"reply": "x", "state": "closed", "office": "X"}
    assert (await site.client.post(f"{link}/answer", data=answer)).status == 422
    extra = {"code": told["tracking_code"], "id": "1", "county": "other"}
    response = await site.client.post("/track", data=extra, allow_redirects=False)
    assert response.status == 303

"""The log helps whoever mends a fault and nobody else: no code, link, name or address in it."""

import io
import logging
import re
from urllib.parse import quote

import pytest

from gateway.logs import JsonFormatter, TextFormatter, no_nonsense
from tests.security.conftest import Site, raw, request_line

VISITOR = "203.0.113.77"


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
async def test_a_whole_story_leaves_no_secret_in_the_log(
    site: Site, formatter: logging.Formatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    handler.addFilter(no_nonsense)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        secrets = await story(site, monkeypatch)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    log = written.getvalue()
    assert "POST /answer/{token}/answer failed" in log, "the fault itself is told"
    for secret in secrets:
        assert secret not in log
    assert not re.search(r"127\.0\.0\.1|203\.0\.113", log), "no visitor's address"


async def story(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A complaint, its answer, its tracking, mistakes and a fault; gives what must stay secret."""
    said = {"email": "secret.citizen@example.org", "phone": "13900001234", "name": "王小明"}
    told = await site.file(text="只有我知道的话。", **said)
    code = told["tracking_code"]
    link = await site.link()
    token = link.split("/")[2]
    await site.client.get(link, headers={"X-Forwarded-For": VISITOR})
    await site.client.post(f"{link}/signature", data={"person": "李明"})
    await site.track(code, **{"X-Forwarded-For": VISITOR})
    await site.track(code[:-1] + "0")
    cookie = next(iter(site.client.session.cookie_jar)).value
    filed = await site.client.post(
        "/complaints", data={"text": "x", "badge": "A1024"}, allow_redirects=False
    )
    receipt = filed.headers["Location"].rpartition("/")[2]
    odd = b"Cookie: track=" + cookie.encode()
    await raw(site.client, request_line("GET", link.encode() + b"\xff", odd))
    await raw(
        site.client, request_line("GET", b"/complaints/receipt/" + receipt.encode() + b"\xff")
    )
    await raw(site.client, request_line("GET", b"/", odd, b"X y: " + cookie.encode()))

    def broken(*_: object) -> None:
        raise RuntimeError(f"while answering {link}, from request from {VISITOR}")

    monkeypatch.setattr("gateway.pages.answers.check", broken)
    assert (await site.client.post(f"{link}/answer", data={"reply": "x"})).status == 500
    secret = [code, token, cookie, receipt, quote(token), *said.values(), "只有我知道的话", "李明"]
    return [*secret, " ".join(code[at : at + 4] for at in range(0, 16, 4))]

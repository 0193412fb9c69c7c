"""What people type is text wherever it is shown: pages, mails, the mailbox, an answer."""

import re
from html.parser import HTMLParser

import pytest

from tests.forms import Page
from tests.gateway.test_uploads import HTML, PDF, SVG
from tests.security.conftest import Site
from tests.thorough import first_of

EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "</textarea></title></style><iframe srcdoc=x>",
    "javascript:alert(1)//http://x",
    "{{7*7}}${7*7}#{7*7}",
    "'; DROP TABLE complaint; --",
)
WORDS = ("text", "wish", "place", "staff_name", "staff_description", "name", "receipt_number")
# Own pages, parts of this one, telephones, and in the mailbox the demo's own address.
GOES_TO = re.compile(r"$|/(?!/)|\?|#|tel:|data:image/|http://127\.0\.0\.1:8080/")


class Running(HTMLParser):
    """Collects what of a page a browser would run or load from elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip().lower() for name, value in attrs}
        if tag in ("iframe", "style", "object", "embed", "base", "foreignobject"):
            self.found.append(tag)
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on") or name == "srcdoc"]
        for name in ("href", "src", "action", "formaction", "xlink:href"):
            if not GOES_TO.match(given.get(name, "")):
                self.found.append(f"{name}={given[name]}")


def runs(html: str) -> list[str]:
    """What hostile words got done on a page; nothing, if they stayed words."""
    return Running(html).found


def hostile(evil: str) -> dict[str, str]:
    return {**dict.fromkeys(WORDS, evil[:60]), "text": evil, "detail-L01": evil, "category": "L01"}


@pytest.mark.parametrize("evil", first_of(EVIL, 3))
async def test_a_hostile_complaint_is_text_on_every_page_of_its_way(site: Site, evil: str) -> None:
    said = {**hostile(evil), "share_contact": "yes", "email": "citizen@example.org"}
    pages = []
    for do in ("find", "check", "count", "change"):
        step = await site.client.post("/complaints/new", data={**said, "do": do, "badge": evil})
        pages.append(await step.text())
    refused = await site.client.post("/complaints", data={**said, evil[:40]: evil, "unit": evil})
    assert refused.status == 422
    pages.append(await refused.text())

    told = await site.file((f"{evil.replace('/', '')}.pdf", PDF), **said)
    filed = await site.client.post("/complaints", data={**said, "badge": "A1024"})
    assert filed.url.path.startswith("/complaints/receipt/")
    pages.append(await filed.text())
    link = await site.link()
    office = await (await site.client.get(link)).text()
    assert evil in Page(office).text or " ".join(evil.split()) in Page(office).text
    pages.append(office)
    bad = {"person": evil, "finding-1": evil, "reason-1": evil, "reply": evil, evil: evil}
    for way in ("signature", "answer", "link"):
        pages.append(await (await site.client.post(f"{link}/{way}", data=bad)).text())
    await site.client.post("/track", data={"code": told["tracking_code"]})
    pages.append(await (await site.client.get("/track/case")).text())
    wrong = await site.client.post("/track", data={"code": evil})
    pages.append(await wrong.text())
    for page in pages:
        assert runs(page) == []
        assert "49" not in re.findall(r"\b49\b", page) or "{{7*7}}" not in evil


async def test_a_hostile_answer_is_text_for_the_citizen_and_in_every_mail(site: Site) -> None:
    evil = " ".join(EVIL[:6])
    told = await site.file(email="citizen@example.org", text=evil, category="L01")
    link = await site.link()
    answer = {
        "finding-1": "partly",
        "reason-1": f"调取窗口录像，{evil}",
        "done": f"已当面道歉并补办。{evil}",
        "reply": f"您反映的情况部分属实，证件 11 月 25 日寄出。{evil}",
        "right_of_reply": evil,
        "confirm_phrases": "yes",
    }
    sent = await site.client.post(f"{link}/answer", data=answer, allow_redirects=False)
    assert sent.status == 303, await sent.text()
    mails = await site.mails()
    assert len(mails) >= 3
    await site.client.post("/track", data={"code": told["tracking_code"]})
    case = await (await site.client.get("/track/case")).text()
    assert "alert(1)" in Page(case).text, "the citizen does read the answer"
    pages = [case, await (await site.client.get(link)).text()]
    pages.append(await (await site.client.get("/demo/mailbox")).text())
    for page in pages:
        assert runs(page) == []
    for mail in mails:
        assert "alert(1)" not in mail["text"] + mail["html"], "no words of a case travel by mail"
    keys = re.findall(r"/demo/mailbox/[0-9a-f]{32}", pages[-1])
    for key in set(keys):
        shown = await site.client.get(key)
        assert "script" not in (await shown.text()).lower()
        assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'; ")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", SVG),
        ("a.png", SVG),
        ("a.jpg", HTML),
        ("a.pdf", b"<html>" + PDF),
        ("a.html", HTML),
        ("a.jpg", b"GIF89a/*" + HTML),
    ],
)
async def test_a_page_dressed_as_a_picture_is_refused_by_name(
    site: Site, name: str, data: bytes
) -> None:
    with pytest.raises(AssertionError, match=re.escape(name)):
        await site.file((name, data))


async def test_a_polyglot_pdf_is_only_ever_saved(site: Site) -> None:
    await site.file(("a.html", PDF.replace(b"<<>>", HTML)))
    link = await site.link()
    response = await site.client.get(f"{link}/attachments/1")
    assert response.content_type == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in response.headers["Content-Security-Policy"]


UNSEEN = "\0\u202e\u2066\u200b\u200d\ufeff\u00ad\x1b[2J"


async def test_what_nobody_can_see_misleads_nobody(site: Site) -> None:
    said = {name: f"甲{UNSEEN}乙" for name in WORDS if name != "receipt_number"}
    await site.file(("收据\u202egpj.pdf", PDF), **said)
    page = await (await site.client.get(await site.link())).text()
    assert "甲乙" in page or "甲[2J乙" in page
    assert not set(UNSEEN) & set(page) - set("[2J")

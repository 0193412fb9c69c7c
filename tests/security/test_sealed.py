"""What is said under seal stands readable nowhere but on the page of the office that has it."""

import logging
import re
from pathlib import Path

import asyncpg
import pytest

from tests.database import SCHEMA
from tests.forms import Page
from tests.security.conftest import JSON, Site, routes_of

# Everything that a sealed complaint can say; each marker stands nowhere else in the world.
SAID = {
    "text": "密语正文：他开口要两条烟。",
    "wish": "密语愿望",
    "place": "密语地点12号窗口",
    "staff_name": "密语姓名",
    "staff_description": "密语样貌",
    "detail-C03": "密语细节",
    "name": "密语投诉人",
    "phone": "13912345678",
    "email": "secret.marker@example.org",
    "share_contact": "yes",
    "category": "C03",
    "badge": "A1024",
    "unit": "NRB",
    "matter": "NRB-002",
    "receipt_number": "SL-2026-000124",
    "accepted_on": "2026-09-14",
    "happened_on": "2026-11-19",
    "happened_at": "09:37",
}
FILE = (
    "密语附件.pdf",
    b"%PDF-1.4\n% marker in a file\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n",
)
# Said, derived or looked up: what the codes and columns of an open complaint would give away.
SHORT = (
    *("C03", "T03", "T04", "L09", "A1024", "P-012", "W12", "NRB", "SL-2026-000124", "2026-09-14"),
    *("2026-11-19", "09:37", "identified", "application/pdf", "13912345678"),
)
LONG = ("密语", "两条烟", "secret.marker", "marker in a file", FILE[0].partition(".")[0])


async def dump(conn: asyncpg.Connection) -> dict[str, set[str]]:
    """Every row of every table as text, encrypted bytes as those bytes."""
    tables = await conn.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
        " WHERE schemaname = ANY ($1::text[])",
        [SCHEMA, "shared", "public"],
    )
    return {
        table["name"]: {
            " | ".join(_text(value) for value in row)
            for row in await conn.fetch(f"SELECT * FROM {table['name']}")
        }
        for table in tables
    }


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


async def rows_since(conn: asyncpg.Connection, before: dict[str, set[str]]) -> dict[str, str]:
    after = await dump(conn)
    return {name: "\n".join(rows - before.get(name, set())) for name, rows in after.items()}


def found(markers: tuple[str, ...], text: str) -> list[str]:
    return [marker for marker in markers if marker in text]


def files_below(folder: Path) -> list[tuple[str, bytes]]:
    return [
        (str(path.relative_to(folder)), path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    ]


async def test_an_open_complaint_would_be_found_by_this_very_search(
    site: Site, fresh_demo_database: str
) -> None:
    conn = await asyncpg.connect(fresh_demo_database)
    before = await dump(conn)
    await site.file(FILE, **{**SAID, "category": "L09"})
    rows = await rows_since(conn, before)
    await conn.close()
    told = {marker for text in rows.values() for marker in found((*LONG, *SHORT), text)}
    contact = {"密语投诉人", "13912345678", "secret.marker"}
    never_stored = {"C03", "P-012", "W12", "marker in a file"}
    assert told >= {*LONG, *SHORT} - contact - never_stored


async def test_nothing_of_a_sealed_complaint_is_readable_anywhere(
    site: Site, fresh_demo_database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    conn = await asyncpg.connect(fresh_demo_database)
    before = await dump(conn)
    with caplog.at_level(logging.DEBUG):
        told = await site.file(FILE, **SAID)
        mails = await site.mails()
        link = await site.link()
        shown = await (await site.client.get(link)).text()
        assert (await site.client.get(f"{link}/attachments/1")).status == 200
        signed = await site.client.post(f"{link}/question", data={"question": "密语？"})
        assert signed.status == 409
        signed = await site.client.get(link)
        assert signed.status == 200
        tracked = await site.client.post("/track", data={"code": told["tracking_code"]})
        receipt = await site.client.post("/complaints", data={**SAID, "request_id": "of-my-own"})
    rows = await rows_since(conn, before)
    await conn.close()

    assert not {name: said for name, text in rows.items() if (said := found((*LONG, *SHORT), text))}
    # Its own office reads all of it, the person's name and the missed limit too.
    words = ("密语正文：他开口要两条烟。", "密语细节", "密语附件.pdf", "区叔佩", "超了")
    assert [part for part in words if part not in shown] == []
    for name, data in files_below(tmp_path):
        assert not found(LONG, name + data.decode("utf-8", "replace")), name
    assert len(mails) == 1
    for mail in mails:
        said = re.sub(r"https?://\S+", "", mail["text"] + mail["subject"])
        assert not found((*LONG, *SHORT, told["number"]), said)
    for page in (tracked, receipt):
        assert page.status == 200
        assert not found((*LONG, *SHORT), Page(await page.text()).text)
    assert not found((*LONG, *SHORT), caplog.text)


async def test_no_page_without_a_link_knows_of_a_sealed_case(site: Site) -> None:
    told = await site.file(FILE, **SAID)
    await site.mails()
    site.client.session.cookie_jar.clear()
    app = site.client.app
    assert app is not None
    for method, path in routes_of(app, "GET"):
        text = await (await site.client.request(method, path, headers=JSON)).text()
        assert not found((*LONG, told["number"]), text), path
    for word in ("密语", told["number"]):
        answer = await site.client.get("/search", params={"q": word})
        assert not found(LONG, (await answer.text()).replace(word, "")), word

"""A citizen files a complaint: with a number off a placard, by name, or about nobody known."""

import asyncio
import gzip
import re
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import ClientResponse, FormData
from PIL import Image

from complaints.drafts import Draft
from tests.clock import Clock
from tests.forms import Page
from tests.gateway.pages.conftest import Browser

# aiohttp says so of a name that it cannot read.
BAD_HEADER = pytest.mark.filterwarnings("ignore::aiohttp.BadContentDispositionHeader")
SAID = {"text": "窗口说再等等，等了三个星期。", "badge": "A1024", "category": "L03"}
JSON = {"Accept": "application/json"}


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>"


async def count(stored: asyncpg.Connection) -> int:
    number: int = await stored.fetchval("SELECT count(*) FROM complaint")
    return number


async def send(citizen: Browser, data: Any, **more: Any) -> ClientResponse:
    return await citizen.post("/complaints", data=data, **more)


async def page(response: ClientResponse) -> Page:
    return Page(await response.text())


def picture(kind: str = "JPEG", **more: Any) -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (40, 20), "red").save(drawn, kind, **more)
    return drawn.getvalue()


def with_files(*files: tuple[str, bytes], **said: str) -> FormData:
    # As browsers send names: in UTF-8, not percent-encoded.
    form = FormData(quote_fields=False)
    for name, value in {**SAID, **said}.items():
        form.add_field(name, value)
    for name, data in files:
        form.add_field("files", data, filename=name, content_type="image/jpeg")
    return form


# What is refused, and that nothing typed is lost


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"text": ""}, "text"),
        ({"badge": ""}, "badge"),
        ({"email": "a@example.org\nBcc: b@example.org"}, "email"),
        ({"phone": "no"}, "phone"),
        ({"accepted_on": "2027-01-01"}, "accepted_on"),
        ({"category": "X1"}, "category"),
        ({"unit": "nowhere"}, "unit"),
    ],
)
async def test_a_faulty_form_comes_back_whole_with_a_link_to_the_fault(
    citizen: Browser, stored: asyncpg.Connection, said: dict[str, str], field: str
) -> None:
    typed = {**SAID, "wish": "<b>道歉</b>", "name": '"><script>alert(1)</script>', **said}
    response = await send(citizen, typed)
    source = await response.text()
    again = Page(source)
    assert response.status == 422
    assert f"#{field}" in again.links
    assert field in again.ids
    values = again.form("/complaints").values()
    assert values["wish"] == "<b>道歉</b>"
    assert values["name"] == '"><script>alert(1)</script>'
    assert "<script>alert" not in source
    assert await count(stored) == 0


async def test_a_machine_gets_every_fault_by_field(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    response = await send(citizen, {"email": "x", "owner": "desk"}, headers=JSON)
    assert response.status == 422
    errors = (await response.json())["errors"]
    assert set(errors) == {"badge", "text", "email", "owner"}
    assert all(errors.values())
    assert await count(stored) == 0


async def test_another_sites_form_files_nothing(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    for forged in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await send(citizen, SAID, headers=forged)).status == 403
    assert await count(stored) == 0


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\nnameless\r\n--b--\r\n"),
        pytest.param(
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: form-data; name=",
            marks=BAD_HEADER,
        ),
        ("multipart/form-data; boundary=b", b""),
        ("application/x-www-form-urlencoded; charset=klingon", b"text=x"),
        ("application/x-www-form-urlencoded", b"text=%ff%fe&badge=%00%ed%a0%80"),
    ],
)
async def test_a_malformed_body_is_the_senders_fault_and_never_ours(
    citizen: Browser, stored: asyncpg.Connection, content_type: str, body: bytes
) -> None:
    response = await send(citizen, body, headers={"Content-Type": content_type})
    assert response.status in (400, 303, 422, 200)
    if response.status != 200:
        assert await count(stored) == 0


async def test_a_half_sent_form_files_nothing_and_is_no_fault_of_ours(
    citizen: Browser, stored: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection(citizen.host, citizen.port)
    writer.write(
        b"POST /complaints HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhalf a sen'
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""
    assert (await citizen.get("/track")).status == 200
    assert await count(stored) == 0
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_ten_thousand_fields_are_too_many(citizen: Browser) -> None:
    body = "&".join(f"x{n}=1" for n in range(10_000))
    response = await send(
        citizen, body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert response.status == 413


async def test_a_form_filled_in_by_somebody_else_shows_nothing_of_the_first(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    first = await send(citizen, {**SAID, "request_id": "abc"})
    code = (await page(first)).text
    other = await send(citizen, {**SAID, "request_id": "abc", "text": "另一件事"})
    again = await page(other)
    assert other.status == 409
    assert again.form("/complaints").values()["text"] == "另一件事"
    fresh = again.form("/complaints").values()["request_id"]
    assert fresh not in ("", "abc")
    assert await count(stored) == 1
    # Pressing the button again files it as a complaint of its own.
    sent = await send(citizen, again.form("/complaints").values())
    assert sent.status == 200
    assert (await page(sent)).text != code
    assert await count(stored) == 2


async def test_past_the_brake_the_text_is_kept(
    citizen: Browser, stored: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.throttle.FILINGS_AN_HOUR", 1)
    assert (await send(citizen, SAID)).status == 200
    response = await send(citizen, {**SAID, "wish": "道歉"})
    assert response.status == 429
    assert (await page(response)).form("/complaints").values()["wish"] == "道歉"
    assert (await send(citizen, SAID, headers=JSON)).status == 429
    assert await count(stored) == 1
    # No visitor's address is stored.
    buckets = await stored.fetch("SELECT bucket FROM throttle")
    assert not [row for row in buckets if "127.0.0.1" in row["bucket"]]


async def test_while_the_database_is_down_the_form_keeps_the_text(
    citizen: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await citizen.get("/complaints/new")).status == 200
    monkeypatch.setattr("gateway.db.ATTEMPTS", 1)

    async def gone(*_: Any, **__: Any) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncpg.pool.Pool, "_acquire", gone)
    response = await send(citizen, {**SAID, "request_id": "kept"})
    values = (await page(response)).form("/complaints").values()
    assert response.status == 503
    assert "Retry-After" in response.headers
    assert (values["text"], values["request_id"]) == (SAID["text"], "kept")
    assert (await send(citizen, SAID, headers=JSON)).status == 503


# Filing


async def test_a_complaint_ends_on_a_receipt_that_can_be_reloaded(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    response = await send(citizen, SAID)
    receipt = await page(response)
    number = await stored.fetchval("SELECT number FROM complaint")
    assert response.history[0].status == 303
    assert number == "2026-000001"
    assert number in receipt.text
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", receipt.text)
    assert "2026年12月14日" in receipt.text
    assert "/track" in receipt.text, "a printed receipt says where the code is asked for"
    assert response.headers["Cache-Control"] == "no-store"
    again = await citizen.get(response.url.path)
    assert (await page(again)).text == receipt.text
    assert await count(stored) == 1


async def test_a_machine_gets_number_code_office_and_due_day(citizen: Browser) -> None:
    response = await send(citizen, SAID, headers=JSON)
    said = await response.json()
    assert response.status == 201
    assert set(said) == {"number", "tracking_code", "office", "due"}
    assert re.fullmatch(r"\d{16}", said["tracking_code"])
    assert said["due"] == "2026-12-14"
    assert said["office"]


async def test_a_lost_answer_and_a_double_click_are_one_complaint(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    said = {**SAID, "request_id": "2f8c6a"}
    answers = await asyncio.gather(*(send(citizen, said, headers=JSON) for _ in range(4)))
    told = [await answer.json() for answer in answers]
    assert [answer.status for answer in answers] == [201] * 4
    assert all(each == told[0] for each in told)
    assert await count(stored) == 1
    assert await stored.fetchval("SELECT count(*) FROM event WHERE kind = 'received'") == 1


async def test_the_receipt_ends_after_half_an_hour_and_says_so(
    citizen: Browser, clock: Clock
) -> None:
    response = await send(citizen, SAID)
    clock.now += timedelta(minutes=29)
    assert (await citizen.get(response.url.path)).status == 200
    clock.now += timedelta(minutes=2)
    over = await citizen.get(response.url.path)
    assert over.status == 410
    assert not re.search(r"\d{4} \d{4} \d{4} \d{4}", (await page(over)).text)
    assert (await citizen.get("/complaints/receipt/made-up")).status == 410
    assert (await citizen.get(response.url.path[:-4] + "AAAA")).status == 410


async def test_a_sealed_complaint_goes_to_the_discipline_office_alone(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    response = await send(citizen, {**SAID, "category": "C03", "text": "要两条烟"})
    receipt = await page(response)
    row = await stored.fetchrow("SELECT sealed, body, office FROM complaint")
    kind = await stored.fetchval("SELECT kind FROM office WHERE code = $1", row["office"])
    assert (row["sealed"], row["body"], kind) == (True, None, "discipline")
    assert "县纪委监委" in receipt.text
    assert "两条烟" not in receipt.text


async def test_nobody_known_goes_to_the_county_desk(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    said = {"text": "态度很差", "staff_description": "高个子", "place": "二楼大厅"}
    answer = await (await send(citizen, said, headers=JSON)).json()
    row = await stored.fetchrow("SELECT state, owner, place, staff_description FROM complaint")
    assert (answer["office"], answer["due"]) == (None, None)
    assert tuple(row) == ("received", "desk", "二楼大厅", "高个子")


# Files


async def test_files_are_stored_encrypted_under_clean_names(
    citizen: Browser, stored: asyncpg.Connection, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Secret Camera"
    turned = picture(exif=exif)
    files = (("..\\..\\收据\u202e.svg", turned), ("b.pdf", PDF))
    assert (await send(citizen, with_files(*files))).status == 200
    rows = await stored.fetch("SELECT id, name, media_type FROM attachment ORDER BY position")
    assert [row["name"] for row in rows] == ["收据.jpg", "b.pdf"]
    assert [row["media_type"] for row in rows] == ["image/jpeg", "application/pdf"]
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.name == rows[0]["id"].hex]
    assert len(kept) == 1
    assert b"Secret Camera" not in kept[0]
    assert not kept[0].startswith(b"\xff\xd8")


async def test_each_refused_file_is_named_with_its_reason_and_the_text_is_kept(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    files = (("a.jpg", picture()), ("page.jpg", HTML), ("draw.png", SVG), ("none.jpg", b""))
    response = await send(citizen, with_files(*files))
    again = await page(response)
    assert response.status == 422
    assert all(name in again.text for name in ("page.jpg", "draw.png", "none.jpg"))
    assert "a.jpg" not in again.text
    assert again.form("/complaints").values()["text"] == SAID["text"]
    assert await count(stored) == 0


async def test_a_ninth_file_and_a_huge_one_are_refused_by_name(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    many = await send(citizen, with_files(*((f"{n}.jpg", picture()) for n in range(9))))
    huge = await send(citizen, with_files(("huge.jpg", b"\xff" * (10 * 1024**2 + 1))))
    assert (many.status, huge.status) == (422, 422)
    assert "8.jpg" in (await page(many)).text
    assert "huge.jpg" in (await page(huge)).text
    assert await count(stored) == 0


async def test_an_empty_file_input_is_no_file(citizen: Browser, stored: asyncpg.Connection) -> None:
    assert (await send(citizen, with_files(("", b"")))).status == 200
    assert await stored.fetchval("SELECT count(*) FROM attachment") == 0


async def test_the_same_files_sent_again_are_stored_once(
    citizen: Browser, stored: asyncpg.Connection, tmp_path: Path
) -> None:
    for _ in range(2):
        sent = await send(citizen, with_files(("a.jpg", picture()), request_id="abc"))
        assert sent.status == 200
    key = await stored.fetchval("SELECT id FROM attachment")
    assert [path.name for path in (tmp_path / "attachments").rglob("*") if path.is_file()] == [
        key.hex
    ]


# The form


async def test_the_form_starts_from_a_placard_a_unit_or_a_matter(citizen: Browser) -> None:
    for query, field, value in (
        ("staff=p-012", "badge", "A1024"),
        ("staff=A1024", "unit", "NRB"),
        ("unit=EDU", "unit", "EDU"),
        ("matter=NRB-002", "matter", "NRB-002"),
        ("matter=NRB-002", "unit", "NRB"),
        ("staff=nobody&unit=nowhere&matter=none", "badge", ""),
    ):
        form = (await page(await citizen.get(f"/complaints/new?{query}"))).form("/complaints")
        assert form.values()[field] == value, query


async def test_sent_again_with_a_photo_that_the_first_had_not_the_receipt_says_that_it_is_not_added(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    await send(citizen, with_files(request_id="abc"))
    receipt = await page(await send(citizen, with_files(("a.jpg", picture()), request_id="abc")))
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", receipt.text)
    assert "没有加进去" in receipt.text
    same = await page(await send(citizen, with_files(request_id="abc")))
    assert "没有加进去" not in same.text
    assert await count(stored) == 1


async def test_each_form_has_a_request_id_of_its_own(citizen: Browser) -> None:
    ids = {
        (await page(await citizen.get("/complaints/new")))
        .form("/complaints")
        .values()["request_id"]
        for _ in range(3)
    }
    assert len(ids) == 3
    assert all(len(each) >= 32 for each in ids)


async def test_without_javascript_a_button_finds_the_person_and_keeps_the_rest(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    typed = {"do": "find", "badge": "", "staff_name": "qsp", "text": "等了很久", "unit": "NRB"}
    found = await page(await citizen.post("/complaints/new", data=typed))
    values = found.form("/complaints").values()
    assert "A1024" in found.text
    assert values["text"] == "等了很久"
    # Picking a match is what counts as the number.
    sent = await send(citizen, {**values, "pick": "A1024"})
    assert sent.status == 200
    assert await stored.fetchval("SELECT staff_badge FROM complaint") == "A1024"


async def test_who_was_picked_before_the_number_was_corrected_is_not_complained_of(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    typed = {"do": "find", "badge": "A1024", "text": "等了很久", "unit": "NRB"}
    found = await page(await citizen.post("/complaints/new", data=typed))
    values = {**found.form("/complaints").values(), "pick": "A1024", "badge": "ZZ-999999"}
    assert (await send(citizen, values)).status == 200
    row = await stored.fetchrow("SELECT staff_badge, badge_typed FROM complaint")
    assert tuple(row) == (None, "ZZ-999999")


async def test_nobody_found_is_said_and_can_still_be_sent(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    typed = {"do": "find", "badge": "ZZ-999999", "unit": "NRB", "text": "等了很久"}
    found = await page(await citizen.post("/complaints/new", data=typed))
    assert "照样可以投诉" in found.text
    assert (await send(citizen, found.form("/complaints").values())).status == 200
    row = await stored.fetchrow("SELECT subject_state, badge_typed, unit FROM complaint")
    assert tuple(row) == ("unidentified", "ZZ-999999", "NRB")


async def test_checking_shows_what_will_be_sent_to_whom_and_stores_nothing(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    typed = {**SAID, "do": "check", "name": "何小姐", "detail-L03": "问能不能今天办"}
    checked = await page(await citizen.post("/complaints/new", data=typed))
    for shown in ("区叔佩", "何小姐", "问能不能今天办", "12月14日", SAID["text"]):
        assert shown in checked.text
    assert await count(stored) == 0
    assert (await send(citizen, checked.form("/complaints").values())).status == 200
    assert await stored.fetchval("SELECT detail FROM allegation") == "问能不能今天办"


async def test_who_may_see_a_sealed_complaint_is_told_as_it_is(citizen: Browser) -> None:
    typed = {**SAID, "do": "check", "category": "C02"}
    checked = await page(await citizen.post("/complaints/new", data=typed))
    assert "您和县纪委监委" in checked.text
    assert "县受理台" not in checked.text.partition("谁能看到什么")[2].partition("照片")[0]


async def test_forbidden_words_in_a_complaint_are_only_a_hint(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    typed = {**SAID, "do": "check", "text": "她只说了一句“不知道”就走了。"}
    checked = await page(await citizen.post("/complaints/new", data=typed))
    assert "一句“不知道”“不清楚”打发人" in checked.text
    assert (await send(citizen, checked.form("/complaints").values())).status == 200
    assert await stored.fetchval("SELECT array_agg(category) FROM allegation") == ["L03"]


async def test_going_back_from_the_check_page_keeps_everything(citizen: Browser) -> None:
    typed = {**SAID, "do": "check", "wish": "道歉"}
    checked = await page(await citizen.post("/complaints/new", data=typed))
    held = {**checked.form("/complaints").values(), "do": "change"}
    again = await page(await citizen.post("/complaints/new", data=held))
    values = again.form("/complaints").values()
    assert {name: values[name] for name in (*SAID, "wish")} == {**SAID, "wish": "道歉"}


async def test_faults_are_told_before_the_check_page(citizen: Browser) -> None:
    response = await citizen.post("/complaints/new", data={"do": "check", "badge": "A1024"})
    assert response.status == 422
    assert "#text" in (await page(response)).links


NASTY = (
    "\x00",
    "\u202e\u200b\ufeff",
    "'; DROP TABLE complaint; --",
    "{{ 7 * 7 }}{% raw %}",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "＝cmd|' /C calc'!A0",
    "9" * 5000,
    "-1",
    "１８００－１－１",
    "2026-13-45",
    "%s%n%00",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
)


async def test_nothing_that_can_be_typed_anywhere_breaks_a_page(browser: Browser) -> None:
    for name in (*Draft.model_fields, "detail-V01", "detail-", "do", "pick", "x", ""):
        for nasty in NASTY:
            typed = {**SAID, "do": "check", name: nasty}
            response = await browser.post("/complaints/new", data=typed)
            source = await response.text()
            assert response.status in (200, 422), (name, nasty)
            assert "<svg/onload" not in source
            assert response.headers.getall("Set-Cookie", []) == []


# A missed limit, before sending


async def test_a_known_receipt_states_both_due_days_and_how_they_were_counted(
    citizen: Browser,
) -> None:
    asked = {"do": "count", "receipt_number": "sl2026ooo124"}
    counted = await page(await citizen.post("/complaints/new", data=asked))
    live = await page(await citizen.get("/complaints/limit?receipt_number=SL-2026-000124"))
    for shown in (counted, live):
        assert "承诺时限" in shown.text
        assert "法定时限" in shown.text
        assert "个工作日" in shown.text
        assert "起算日，不计" in shown.text


async def test_a_receipt_on_record_says_which_matter_it_is(citizen: Browser) -> None:
    asked = {"do": "count", "receipt_number": "SL-2026-000124", "text": "等了很久"}
    counted = await page(await citizen.post("/complaints/new", data=asked))
    held = counted.form("/complaints").values()
    assert held["matter"] == "NRB-002"
    assert (await send(citizen, held)).url.path.startswith("/complaints/receipt/")


async def test_one_day_and_many_days_are_told_apart_in_english(browser: Browser) -> None:
    for start, told in (("2026-11-10", "1 working day over"), ("2026-10-08", "working days over")):
        query = f"lang=en&matter=NRB-002&accepted_on={start}"
        shown = await page(await browser.get(f"/complaints/limit?{query}"))
        assert told in shown.text, start


async def test_a_year_without_calendar_is_said_plainly(citizen: Browser, clock: Clock) -> None:
    clock.now = datetime.fromisoformat("2027-01-04T10:00:00+08:00")
    shown = await page(await citizen.get("/complaints/limit?matter=NRB-002&accepted_on=2026-12-31"))
    assert "2027年的工作日历还没有公布" in shown.text


@pytest.mark.parametrize(
    "query", ["", "matter=NRB-002", "matter=none&accepted_on=x", "receipt_number=unknown"]
)
async def test_too_little_to_work_out_a_limit_is_said(citizen: Browser, query: str) -> None:
    response = await citizen.get(f"/complaints/limit?{query}")
    shown = await page(response)
    assert response.status == 200
    assert shown.text
    assert "承诺时限" not in shown.text
    assert ("没有查到这个回执号" in shown.text) == ("receipt_number" in query)


# As one types


@pytest.mark.parametrize("query", ["A1024", "a１０２４", "P-012", "区叔佩", "區叔佩", "qsp"])
async def test_a_person_is_found_as_one_types(citizen: Browser, query: str) -> None:
    found = await (await citizen.get("/complaints/lookup", params={"q": query})).json()
    assert "A1024" in [each["badge"] for each in found]
    assert {"name", "post", "unit", "unit_name"} <= set(found[0])


async def test_a_wrongly_guessed_unit_hides_nobody(citizen: Browser) -> None:
    asked = {"q": "区叔佩", "unit": "EDU"}
    found = await (await citizen.get("/complaints/lookup", params=asked)).json()
    assert [each["badge"] for each in found] == ["A1024"]


async def test_who_sits_at_a_window_is_found_by_it(browser: Browser) -> None:
    typed = {"do": "find", "place": "12号窗口"}
    found = await page(await browser.post("/complaints/new", data=typed))
    assert "区叔佩" in found.text


@pytest.mark.parametrize("query", ["", " ", "%00", "x" * 5000, "<script>"])
async def test_odd_lookups_find_nobody_and_break_nothing(citizen: Browser, query: str) -> None:
    response = await citizen.get("/complaints/lookup", params={"q": query})
    assert response.status == 200
    assert await response.json() == []


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_the_form_is_small_enough_for_a_slow_line(citizen: Browser, language: str) -> None:
    source = await (await citizen.get(f"/complaints/new?lang={language}")).read()
    assert len(gzip.compress(source)) <= 14 * 1024

"""The office's way in: a link shows, typing acts, and nothing typed is ever lost."""

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData

from board.ids import new_id
from complaints.model import Attachment
from gateway.app import create_app
from gateway.db import Database
from gateway.keys import Keyring
from gateway.links import RENEWALS_A_DAY
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.pages.office import (
    GOOD,
    CommitsUnheard,
    Down,
    Office,
    open_office,
    with_database,
)

Make = Callable[..., Awaitable[Any]]


@pytest.fixture
async def office(aiohttp_client: Make, db: Database, now: datetime, tmp_path: Path) -> Office:
    return await open_office(aiohttp_client, db, now, tmp_path)


async def page_of(response: ClientResponse) -> Page:
    return Page(await response.text())


# What a link shows


async def test_a_link_shows_the_case_to_its_office_and_signs_for_nothing(office: Office) -> None:
    filed = await office.file(text="窗口说再等等。", wish="尽快办好", place="12 号窗口")
    before = await office.everything()
    response = await office.get(filed.url)
    page = await page_of(response)
    assert response.status == 200
    for shown in (filed.number, "窗口说再等等。", "尽快办好", "陈晓岚", "A1024", "12 号窗口"):
        assert shown in page.text
    assert (await office.client.head(filed.url)).status == 200
    assert await office.everything() == before


async def test_nothing_says_which_other_offices_the_case_was_with(office: Office) -> None:
    filed = await office.file()
    text = await (await office.get(filed.url)).text()
    # A return may name any office; that list says nothing about this case.
    text = re.sub(r"<select.*?</select>", "", text, flags=re.DOTALL)
    others = {"O-RS", "O-ST", "O-JW", "O-ZW", "O-TC"} - {filed.office}
    assert not [code for code in others if code in text]


async def test_contact_stays_hidden_unless_the_complainant_shares_it(office: Office) -> None:
    told = {"name": "何敏仪", "email": "he@example.org", "phone": "13800138000"}
    hidden = await (await office.get((await office.file(**told)).url)).text()
    assert not [each for each in told.values() if each in hidden]
    shared = await (await office.get((await office.file(**told, share_contact="yes")).url)).text()
    assert all(each in shared for each in told.values())


async def test_the_page_is_kept_by_nobody_and_its_address_goes_nowhere(office: Office) -> None:
    filed = await office.file()
    for response in (
        await office.get(filed.url),
        await office.post(f"{filed.url}/signature", {}),
        await office.post(f"{filed.url}/answer", GOOD),
        await office.get("/answer/unknown"),
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


async def test_the_token_is_in_no_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    filed = await office.file()
    with caplog.at_level(logging.DEBUG):
        await office.get(filed.url)
        await office.post(f"{filed.url}/answer", GOOD)
        await office.get(f"{filed.url}/attachments/1")
        await office.get(f"{filed.url}x")
    assert filed.token not in caplog.text.replace("%", "")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
async def test_what_a_citizen_wrote_is_text_and_never_markup(office: Office, text: str) -> None:
    filed = await office.file(text=text, place=text[:99], staff_description=text)
    source = await (await office.get(filed.url)).text()
    assert text not in source
    assert text in Page(source).text


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_every_state_is_worded_in_every_language(office: Office, language: str) -> None:
    filed = await office.file(matter="M1", accepted_on="2026-10-12", happened_at="09:30")
    ways: list[tuple[str, dict[str, str]]] = [
        ("signature", {}),
        ("signature", {"person": "李工"}),
        ("answer", {**GOOD, "reply": "证件大概下周可以寄出，请您留意查收。"}),
        ("answer", {**GOOD, "reply": "这件事不归我管，你去问别的单位吧。"}),
        ("answer", {"other": "x"}),
        ("link", {}),
    ]
    for way, fields in ways:
        response = await office.post(f"{filed.url}/{way}?lang={language}", fields)
        assert response.status in (200, 303, 422)
        assert (await office.get(f"{filed.url}?lang={language}")).status == 200
    office.clock.forward(days=61)
    assert (await office.get(f"{filed.url}?lang={language}")).status == 410


# Links that open nothing


async def test_an_unknown_link_says_what_to_do_and_shows_nothing(office: Office) -> None:
    filed = await office.file()
    for token in (
        secrets.token_urlsafe(32),
        filed.token[:-1],
        filed.token.lower(),
        "%00",
        "x" * 500,
    ):
        response = await office.get(f"/answer/{token}")
        page = await page_of(response)
        assert response.status == 404
        assert filed.number not in page.text
        assert not page.forms


async def test_an_expired_link_offers_a_new_one_and_shows_nothing_of_the_case(
    office: Office,
) -> None:
    filed = await office.file(text="窗口说再等等。")
    office.clock.forward(days=60)
    response = await office.get(filed.url)
    page = await page_of(response)
    assert response.status == 410
    assert "窗口说再等等。" not in page.text
    assert filed.number not in page.text
    assert [form.action for form in page.forms] == [f"{filed.url}/link"]


async def test_a_case_that_moved_to_another_office_takes_its_links_along(office: Office) -> None:
    filed = await office.file(text="窗口说再等等。")
    await office.rows("UPDATE complaint SET office = 'O-TC' WHERE id = $1 RETURNING id", filed.id)
    before = await office.everything()
    for response in (
        await office.get(filed.url),
        await office.post(f"{filed.url}/signature", {"person": "李工"}),
        await office.post(f"{filed.url}/answer", GOOD),
        await office.post(f"{filed.url}/link", {"person": "李工"}),
    ):
        page = await page_of(response)
        assert response.status == 410
        assert "窗口说再等等。" not in page.text
    assert (await office.get(f"{filed.url}/attachments/1")).status == 404
    assert await office.everything() == before


async def test_a_new_link_goes_by_mail_to_the_offices_own_address(office: Office) -> None:
    filed = await office.file()
    office.clock.forward(days=60)
    response = await office.post(f"{filed.url}/link", {"person": "李工"})
    assert (response.status, response.headers["Location"]) == (303, filed.url)
    letters = await office.rows(
        "SELECT e.kind, e.actor FROM outbox JOIN event AS e ON e.id = event"
        " WHERE e.kind = 'link_asked'"
    )
    assert letters == [("link_asked", filed.office)]
    page = await page_of(await office.get(filed.url))
    assert "2027年1月22日" in page.text


async def test_new_links_are_few_a_day(office: Office) -> None:
    filed = await office.file()
    office.clock.forward(days=60)
    asked = [
        (await office.post(f"{filed.url}/link", {"person": "李工"})).status
        for _ in range(RENEWALS_A_DAY + 2)
    ]
    assert asked == [303] * RENEWALS_A_DAY + [429] * 2
    office.clock.forward(days=1)
    assert (await office.post(f"{filed.url}/link", {"person": "李工"})).status == 303


async def test_nobody_asks_for_a_link_without_typing_a_name(office: Office) -> None:
    filed = await office.file()
    office.clock.forward(days=60)
    before = await office.everything()
    assert (await office.post(f"{filed.url}/link", {})).status == 422
    assert (await office.post(f"{filed.url}/link", {"person": "123"})).status == 422
    assert await office.everything() == before


# Signing for


async def test_a_robot_that_presses_every_button_changes_nothing(office: Office) -> None:
    filed = await office.file()
    before = await office.everything()
    page = await page_of(await office.get(filed.url))
    assert {form.method for form in page.forms} == {"post"}
    for form in page.forms:
        assert (await office.post(form.action, form.values())).status == 422
    assert await office.everything() == before


async def test_whoever_types_a_name_signs_for_the_case(office: Office) -> None:
    filed = await office.file()
    response = await office.post(f"{filed.url}/signature", {"person": " 李 工 "})
    assert (response.status, response.headers["Location"]) == (303, filed.url)
    assert await office.state_of(filed) == "signed"
    page = await page_of(await office.get(filed.url))
    assert "李 工" in page.text
    assert f"{filed.url}/signature" not in [form.action for form in page.forms]


async def test_a_double_click_signs_once_and_a_colleague_sees_who_was_first(
    office: Office,
) -> None:
    filed = await office.file()
    url = f"{filed.url}/signature"
    clicks = await asyncio.gather(*(office.post(url, {"person": "李工"}) for _ in range(5)))
    assert {response.status for response in clicks} == {303}
    late = await office.post(url, {"person": "王工"})
    assert late.status == 409
    assert "李工" in (await page_of(late)).text
    assert len(await office.rows("SELECT id FROM event WHERE kind = 'signed'")) == 1


async def test_another_site_cannot_make_an_office_sign(office: Office) -> None:
    filed = await office.file()
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ):
        fields = {"person": "李工"}
        response = await office.post(f"{filed.url}/signature", fields, headers=headers)
        assert response.status == 403
    assert await office.state_of(filed) == "dispatched"


# Answering


async def test_an_answer_goes_out_and_is_shown(office: Office) -> None:
    filed = await office.file()
    await office.post(f"{filed.url}/signature", {"person": "李工"})
    response = await office.post(f"{filed.url}/answer", GOOD)
    assert (response.status, response.headers["Location"]) == (303, filed.url)
    assert await office.state_of(filed) == "released"
    page = await page_of(await office.get(filed.url))
    for shown in (GOOD["reason-1"], GOOD["reason-2"], GOOD["done"], GOOD["reply"], "不属实"):
        assert shown in page.text
    assert "部分属实" not in page.text
    assert not page.forms


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"finding-1": ""}, "finding-1"),
        ({"finding-2": "perhaps"}, "finding-2"),
        ({"reason-2": "属实"}, "reason-2"),
        ({"done": ""}, "done"),
        ({"reply": "已按规定办理。"}, "reply"),
        ({"reply": "这件事不归我管，你去问别的单位吧。"}, "reply"),
        ({"reply": "证件大概下周可以寄出，请您留意查收。"}, "confirm_phrases"),
        ({"reply": "复" * 4001}, "reply"),
    ],
)
async def test_a_refused_answer_comes_back_with_every_word_and_stores_nothing(
    office: Office, changed: dict[str, str], field: str
) -> None:
    filed = await office.file()
    before = await office.everything()
    typed = {**GOOD, "right_of_reply": "她说\n<b>解释过</b> & 道歉", **changed}
    response = await office.post(f"{filed.url}/answer", typed)
    page = await page_of(response)
    assert response.status == 422
    assert f"#{field}" in page.links
    assert field in page.ids
    given_back = page.form("/answer").values()
    for name, text in typed.items():
        expected = "" if text in ("", "perhaps") and name.startswith("finding") else text
        assert given_back.get(name, "") == expected
    assert await office.everything() == before


async def test_a_forbidden_phrase_is_shown_with_reason_and_suggestion(office: Office) -> None:
    filed = await office.file()
    hard = {**GOOD, "reply": "这件事不归我管，你去问别的单位吧。"}
    page = await page_of(await office.post(f"{filed.url}/answer", hard))
    assert "不归我管" in page.text
    assert "地址和电话" in page.text
    # Ticking a box does not help.
    again = await office.post(f"{filed.url}/answer", {**hard, "confirm_phrases": "yes"})
    assert again.status == 422


async def test_a_soft_phrase_goes_out_once_it_is_confirmed(office: Office) -> None:
    filed = await office.file()
    soft = {**GOOD, "reply": "证件大概下周可以寄出，请您留意查收。"}
    page = await page_of(await office.post(f"{filed.url}/answer", soft))
    assert "大概" in page.text
    assert "confirm_phrases" in page.ids
    confirmed = {**page.form("/answer").values(), "confirm_phrases": "yes"}
    assert (await office.post(f"{filed.url}/answer", confirmed)).status == 303
    assert await office.state_of(filed) == "released"


async def test_a_phrase_typed_after_the_tick_is_shown_and_asks_for_another_tick(
    office: Office,
) -> None:
    filed = await office.file()
    soft = {**GOOD, "reply": "证件大概下周可以寄出，请您留意查收。"}
    page = await page_of(await office.post(f"{filed.url}/answer", soft))
    ticked = {**page.form("/answer").values(), "confirm_phrases": "yes"}
    more = {**ticked, "reply": "证件大概下周可以寄出，可能是周三，请您留意查收。"}
    response = await office.post(f"{filed.url}/answer", more)
    page = await page_of(response)
    assert response.status == 422
    assert "又有了还没有确认的用语" in page.text
    again = page.form("/answer").values()
    assert "confirm_phrases" not in again, "the box is empty again"
    sent = await office.post(f"{filed.url}/answer", {**again, "confirm_phrases": "yes"})
    assert sent.status == 303


@pytest.mark.parametrize("more", [{"state": "closed"}, {"office": "O-TC"}, {"finding-3": "partly"}])
async def test_a_field_that_the_form_does_not_have_is_refused(
    office: Office, more: dict[str, str]
) -> None:
    filed = await office.file()
    assert (await office.post(f"{filed.url}/answer", {**GOOD, **more})).status == 422
    assert await office.state_of(filed) == "dispatched"


async def test_the_second_of_two_sees_what_the_first_wrote_and_keeps_his_own(
    office: Office,
) -> None:
    filed = await office.file()
    mine = {**GOOD, "reply": "第二个人写的答复，内容完全不同。"}
    await office.post(f"{filed.url}/answer", GOOD)
    before = await office.everything()
    for typed in (mine, {**mine, "done": ""}):
        response = await office.post(f"{filed.url}/answer", typed)
        page = await page_of(response)
        assert response.status == 409
        assert GOOD["reply"] in page.text
        assert mine["reply"] in await response.text()
    assert await office.everything() == before


async def test_a_double_click_answers_once(office: Office) -> None:
    filed = await office.file()
    url = f"{filed.url}/answer"
    clicks = await asyncio.gather(*(office.post(url, GOOD) for _ in range(5)))
    assert {response.status for response in clicks} == {303}
    assert len(await office.rows("SELECT id FROM answer")) == 1
    assert len(await office.rows("SELECT id FROM event WHERE kind = 'released'")) == 1


async def test_an_answer_through_an_expired_link_is_given_back_to_be_copied(
    office: Office,
) -> None:
    filed = await office.file()
    office.clock.forward(days=61)
    response = await office.post(f"{filed.url}/answer", GOOD)
    page = await page_of(response)
    assert response.status == 410
    kept = page.form("/link").values()
    assert {kept[name] for name in ("reason-1", "done", "reply")} == {
        GOOD[name] for name in ("reason-1", "done", "reply")
    }
    # Asking for the new link from this very page keeps it too, with or without a name.
    for person, status in (("", 422), ("李工", 200)):
        page = await page_of(
            again := await office.post(f"{filed.url}/link", {**kept, "person": person})
        )
        assert again.status == status
        assert page.form("/link").values()["reply"] == GOOD["reply"]


async def test_an_answer_while_the_database_is_down_is_given_back_to_be_sent_again(
    office: Office, aiohttp_client: Make
) -> None:
    filed = await office.file()
    down = await with_database(aiohttp_client, office, Down())
    response = await down.post(f"{filed.url}/answer", GOOD)
    page = await page_of(response)
    assert response.status == 503
    assert int(response.headers["Retry-After"]) > 0
    (form,) = page.forms
    assert form.action in ("", f"{filed.url}/answer")
    assert {name: form.values().get(name, "") for name in GOOD} == GOOD
    assert (await office.post(f"{filed.url}/answer", form.values())).status == 303
    assert (await down.post(f"{filed.url}/signature", {"person": "李工"})).status == 503
    assert (await down.get(filed.url)).status == 503


async def test_a_commit_whose_word_was_lost_happens_once(
    office: Office, aiohttp_client: Make
) -> None:
    filed = await office.file()
    forgetful = await with_database(aiohttp_client, office, CommitsUnheard(office.context.db))
    for way, fields in (
        ("signature", {"person": "李工"}),
        ("link", {"person": "李工"}),
        ("answer", GOOD),
    ):
        assert (await forgetful.post(f"{filed.url}/{way}", fields)).status == 303
    told = await office.rows(
        "SELECT kind FROM event WHERE kind NOT IN ('received', 'accepted', 'dispatched')"
    )
    assert sorted(kind for (kind,) in told) == ["answered", "link_asked", "released", "signed"]
    assert len(await office.rows("SELECT id FROM answer")) == 1


async def test_a_form_that_nobody_could_have_typed_is_refused(office: Office) -> None:
    filed = await office.file()
    url = f"{filed.url}/answer"
    many = {f"x{n}": "1" for n in range(101)}
    assert (await office.post(url, many)).status == 400
    assert (await office.post(url, {**GOOD, "reply": "长" * 600_000})).status == 413
    broken = {"Content-Type": "multipart/form-data"}
    assert (await office.client.post(url, data=b"--x", headers=broken)).status == 400
    with_file = FormData({**GOOD})
    with_file.add_field("reply", b"\x00\xff", filename="reply.txt")
    assert (await office.client.post(url, data=with_file, allow_redirects=False)).status in (
        303,
        422,
    )
    odd = await office.post(url, {**GOOD, "reply": "\x00\u202e" + GOOD["reply"], "done": "\x00"})
    assert odd.status in (409, 422)


RAW = [
    b"",
    b"&&&===",
    b"reply=%ED%A0%80&done=%00&finding-1=%FF&reason-1=%E2%80%AE",
    b"person=%ED%A0%80%00%0D%0ASet-Cookie:+x=1",
    b"person=" + "李".encode("gb18030"),
    b"reply=%&done=%zz&person=%u674e",
    b"finding-1=substantiated&finding-1=unfounded&reply=a&reply=b",
    b"finding-99999999999999999999=partly&reason-0=x&finding--1=x&finding-01=x",
    b"reply=" + b"%F0%9F%A4%B7" * 5000,
]


@pytest.mark.parametrize("body", RAW)
@pytest.mark.parametrize("expired", [False, True], ids=["good", "expired"])
async def test_whatever_a_form_sends_is_answered_in_order_and_changes_nothing(
    office: Office, body: bytes, expired: bool
) -> None:
    filed = await office.file()
    office.clock.forward(days=60 if expired else 0)
    before = await office.everything()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for way in ("signature", "answer", "link"):
        if b"person" in body and way != "answer":
            continue  # a name, however odd, is typed
        response = await office.client.post(f"{filed.url}/{way}", data=body, headers=kind)
        assert response.status in (400, 410, 422)
        assert "Set-Cookie" not in response.headers
    assert await office.everything() == before


@pytest.mark.parametrize("body", [body for body in RAW if b"person" in body])
async def test_an_oddly_encoded_name_breaks_nothing(office: Office, body: bytes) -> None:
    filed = await office.file()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    response = await office.client.post(
        f"{filed.url}/signature", data=body, headers=kind, allow_redirects=False
    )
    assert response.status in (303, 400, 422)
    assert "Set-Cookie" not in response.headers
    assert (await office.get(filed.url)).status == 200


# Attachments


async def attached(office: Office, now: datetime, name: str, kind: str, data: bytes) -> str:
    file = Attachment(new_id(now), 1, name, kind, len(data), b"h" * 32)
    await office.keep(file, data)
    filed = await office.file(attachments=(file,))
    return filed.url


async def test_a_picture_opens_within_a_sandbox(office: Office, now: datetime) -> None:
    url = await attached(office, now, "台牌.jpg", "image/jpeg", b"\xff\xd8picture")
    assert f"{url}/attachments/1" in (await page_of(await office.get(url))).links
    response = await office.get(f"{url}/attachments/1")
    assert await response.read() == b"\xff\xd8picture"
    assert response.content_type == "image/jpeg"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Disposition"] == (
        "inline; filename*=UTF-8''%E5%8F%B0%E7%89%8C.jpg"
    )


@pytest.mark.parametrize("kind", ["application/pdf", "audio/mpeg", "text/html", "image/svg+xml"])
async def test_anything_else_is_only_saved(office: Office, now: datetime, kind: str) -> None:
    url = await attached(office, now, 'a"\r\nX-Evil: 1;.pdf', kind, b"%PDF-1.7")
    response = await office.get(f"{url}/attachments/1")
    assert response.content_type == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=")
    assert "X-Evil" not in response.headers


async def test_no_link_opens_another_cases_files(office: Office, now: datetime) -> None:
    url = await attached(office, now, "a.jpg", "image/jpeg", b"x")
    other = await office.file()
    assert (await office.get(f"{other.url}/attachments/1")).status == 404
    assert (await office.get(f"{url}/attachments/2")).status == 404
    assert (await office.get(f"{url}/attachments/..%2f1")).status == 404
    assert (await office.get("/answer/unknown/attachments/1")).status == 404
    office.clock.forward(days=60)
    assert (await office.get(f"{url}/attachments/1")).status == 404


# Sealed


async def test_a_sealed_case_is_read_by_the_discipline_office_alone(office: Office) -> None:
    filed = await office.file(category=("C02",), text="他要我交茶水费。")
    assert filed.office == "O-JW"
    assert "他要我交茶水费。" in (await page_of(await office.get(filed.url))).text
    async with office.context.db.transaction(SCHEMA) as conn:
        stray = await office.link(conn, filed.id, "O-RS")
    assert (await office.get(f"/answer/{stray}")).status == 410


async def test_a_sealed_case_takes_no_signature_and_no_plain_answer(office: Office) -> None:
    filed = await office.file(category=("C02",), text="他要我交茶水费。")
    one = {name: text for name, text in GOOD.items() if not name.endswith("-2")}
    assert (await office.post(f"{filed.url}/answer", one)).status == 409
    assert (await office.post(f"{filed.url}/signature", {"person": "莫工"})).status == 409
    page = await page_of(await office.get(filed.url))
    assert [form.action for form in page.forms] == [f"{filed.url}/receipt"]
    assert await office.rows("SELECT id FROM answer") == []


# A key was lost


@pytest.fixture
async def keyless(aiohttp_client: Make, office: Office) -> Office:
    """The same office after somebody lost the key under which everything was written."""
    keys = Keyring(("a new secret of thirty-two characters",))
    return Office(
        await aiohttp_client(create_app(replace(office.context, keys=keys))), office.context
    )


async def test_under_a_lost_key_a_case_shows_all_that_was_not_hidden_and_can_be_answered(
    office: Office, keyless: Office
) -> None:
    filed = await office.file(text="窗口说再等等。", phone="13800138000", share_contact="yes")
    response = await keyless.get(filed.url)
    page = await page_of(response)
    assert response.status == 200
    assert "联系方式现在读不出来：系统缺少一把密钥" in page.text
    assert "窗口说再等等。" in page.text
    assert "13800138000" not in page.text
    assert (await keyless.post(f"{filed.url}/answer", GOOD)).status == 303


async def test_under_a_lost_key_a_sealed_case_says_why_there_is_no_text(
    office: Office, keyless: Office
) -> None:
    filed = await office.file(text="窗口收了两条烟。", category=("C02",))
    page = await page_of(await keyless.get(filed.url))
    assert "内容现在读不出来：系统缺少一把密钥" in page.text
    assert filed.number in page.text
    assert "两条烟" not in page.text
    assert "密钥" not in (await page_of(await office.get(filed.url))).text


@pytest.mark.parametrize("category", ["L01", "C02"])
async def test_under_a_lost_key_a_file_says_that_it_cannot_be_opened(
    office: Office, keyless: Office, now: datetime, category: str
) -> None:
    file = Attachment(new_id(now), 1, "a.pdf", "application/pdf", 4, b"h" * 32)
    await office.keep(file, b"%PDF")
    filed = await office.file(attachments=(file,), category=(category,))
    response = await keyless.get(f"{filed.url}/attachments/1")
    assert response.status == 503
    assert "这个文件现在打不开" in (await page_of(response)).text
    assert (await office.get(f"{filed.url}/attachments/1")).status == 200

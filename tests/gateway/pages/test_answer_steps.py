"""What an office does besides signing and answering: typing acts, and nothing typed is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from board.ids import new_id
from complaints.model import Attachment
from complaints.standing import COMPLAINANT, begin
from complaints.steps import complainant
from complaints.steps import office as steps
from complaints.store import standing as store
from gateway.db import Database
from tests import people
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.pages.office import (
    GOOD,
    CommitsUnheard,
    Down,
    Filed,
    Office,
    open_office,
    with_database,
)

Make = Callable[..., Awaitable[Any]]
RETURN = {"reason": "该事项由大坪镇负责，请转办。", "proposed": "O-TC"}
EXTENSION = {"reason": "需要向省局调取档案，请您谅解。", "number": "10"}
QUESTION = {"question": "请问您是哪一天到窗口的？"}
CONTACT = {"outcome": "redo", "account": "已电话联系，说好下周一补发证件。"}
NAMED = {"person": "李工"}
ALL = {
    "return": RETURN, "extension": EXTENSION, "question": QUESTION, "contact": CONTACT,
    "take-up": NAMED, "resume": NAMED, "receipt": NAMED,
}  # fmt: skip


@pytest.fixture
async def office(aiohttp_client: Make, db: Database, now: datetime, tmp_path: Path) -> Office:
    return await open_office(aiohttp_client, db, now, tmp_path)


async def page_of(office: Office, filed: Filed) -> Page:
    return Page(await (await office.get(filed.url)).text())


async def signed(office: Office) -> Filed:
    filed = await office.file()
    assert (await office.post(f"{filed.url}/signature", NAMED)).status == 303
    return filed


async def rated(office: Office) -> Filed:
    """Answered, badly rated, and with the office above, which has a link of its own."""
    filed = await office.file()
    assert (await office.post(f"{filed.url}/answer", GOOD)).status == 303
    above = people.DIRECTORY.office("O-JW")
    async with office.context.db.transaction(SCHEMA) as conn:
        case = await store.find_standing(conn, filed.id)
        assert case is not None
        move = complainant.rate(
            case, 1, False, "没有解决", above,
            calendar=people.COUNTY.calendar, now=office.clock(),
        )  # fmt: skip
        assert await store.update_case(conn, move)
        token = await office.link(conn, filed.id, "O-JW")
    return Filed(filed.id, filed.number, "O-JW", token)


def acts(page: Page) -> set[str]:
    return {form.action.rpartition("/")[2] for form in page.forms}


@pytest.mark.parametrize("verb", sorted(ALL))
async def test_a_button_that_is_pressed_without_typing_changes_nothing(
    office: Office, verb: str
) -> None:
    sealed = await office.file(category=("C02",), text="他要我交茶水费。")
    asked = await signed(office)
    await office.post(f"{asked.url}/question", QUESTION)
    cases = [await office.file(), await signed(office), await rated(office), sealed, asked]
    before = await office.everything()
    for filed in cases:
        for fields in ({}, dict.fromkeys(ALL[verb], " "), {"proposed": "O-TC", "outcome": "redo"}):
            assert (await office.post(f"{filed.url}/{verb}", fields)).status == 422
    assert await office.everything() == before


@pytest.mark.parametrize(
    ("verb", "wrong"),
    [
        ("return", {"proposed": "O-NONE"}),
        ("return", {"proposed": ""}),
        ("return", {"reason": "长" * 2_001}),
        ("extension", {"number": "11"}),
        ("extension", {"number": "0"}),
        ("extension", {"number": "１"}),
        ("extension", {"reason": "不归我管，你去问别的单位吧。"}),
        ("question", {"question": "无"}),
    ],
)
async def test_what_may_not_go_out_comes_back_with_every_word(
    office: Office, verb: str, wrong: dict[str, str]
) -> None:
    filed = await signed(office)
    before = await office.everything()
    fields = {**ALL[verb], **wrong}
    response = await office.post(f"{filed.url}/{verb}", fields)
    source = await response.text()
    assert response.status == 422
    assert 'id="error-summary"' in source
    (form,) = [each for each in Page(source).forms if each.action.endswith(f"/{verb}")]
    kept = dict(form.fields)
    assert {name: kept[name] for name in fields if name != "proposed"} == {
        name: text for name, text in fields.items() if name != "proposed"
    }
    for name in wrong:
        at = {"return": "return-reason", "extension": "extension-reason"}.get(verb, name)
        assert f'href="#{at if name == "reason" else name}"' in source
    assert await office.everything() == before


@pytest.mark.parametrize("verb", sorted(ALL))
async def test_while_the_database_is_down_everything_typed_can_be_sent_again(
    office: Office, aiohttp_client: Make, verb: str
) -> None:
    down = await with_database(aiohttp_client, office, Down())
    response = await down.post(f"/answer/token/{verb}", ALL[verb])
    page = Page(await response.text())
    assert (response.status, response.headers["Retry-After"] != "") == (503, True)
    kept = dict(page.forms[0].fields)
    assert {name: kept.get(name) for name in ALL[verb]} == ALL[verb]


@pytest.mark.parametrize("verb", sorted(ALL))
async def test_a_case_that_moved_on_says_so_and_keeps_the_words(office: Office, verb: str) -> None:
    filed = await signed(office)
    await office.post(f"{filed.url}/answer", GOOD)
    before = await office.everything()
    response = await office.post(f"{filed.url}/{verb}", ALL[verb])
    source = await response.text()
    assert response.status == 409
    assert all(text in source for name, text in ALL[verb].items() if name != "person")
    assert await office.everything() == before


async def test_each_form_is_shown_only_when_the_case_allows_it(office: Office) -> None:
    fresh = await office.file()
    assert acts(await page_of(office, fresh)) == {"signature", "answer", "return"}
    case = await signed(office)
    begun = {"answer", "extension", "question"}
    assert acts(await page_of(office, case)) == {*begun, "return", "take-up"}
    await office.post(f"{case.url}/question", QUESTION)
    assert acts(await page_of(office, case)) == {"resume"}
    await office.post(f"{case.url}/resume", NAMED)
    assert acts(await page_of(office, case)) == {"answer", "extension", "question"}
    await office.post(f"{case.url}/extension", EXTENSION)
    assert acts(await page_of(office, case)) == {"answer", "question"}
    sealed = await office.file(category=("C02",), text="他要我交茶水费。")
    assert acts(await page_of(office, sealed)) == {"receipt"}


async def test_whoever_returns_a_case_too_late_is_told_so_and_keeps_the_words(
    office: Office,
) -> None:
    filed = await signed(office)
    assert "退单的期限已经过了" not in (await page_of(office, filed)).text
    office.clock.now += timedelta(days=2)
    shown = await page_of(office, filed)
    assert "return" not in acts(shown)
    assert "退单的期限已经过了：派单后1个工作日内" in shown.text
    before = await office.everything()
    response = await office.post(f"{filed.url}/return", RETURN)
    source = await response.text()
    assert response.status == 422
    assert source.partition("<h1")[0].count("没有退单") == 1, "at the top, in the error summary"
    assert 'href="#return-reason"' in source
    assert source.count('id="return-reason"') == 1, "the summary leads somewhere"
    assert RETURN["reason"] in source
    assert await office.everything() == before


async def test_a_question_says_whether_the_clock_stands_still(office: Office) -> None:
    filed = await signed(office)
    assert "答复期限暂停，最多停10个工作日" in (await page_of(office, filed)).text
    asked = "INSERT INTO clock_stop (complaint, position, began_on, ended_on, notified) VALUES ($1,"
    await office.rows(f"{asked} 1, '2026-11-09', '2026-11-16', 5) RETURNING 1", filed.id)
    assert "最多停5个工作日" in (await page_of(office, filed)).text
    await office.rows(f"{asked} 2, '2026-11-16', '2026-11-23', 5) RETURNING 1", filed.id)
    shown = (await page_of(office, filed)).text
    assert "已经用完可以暂停的10个工作日" in shown
    assert "最多停" not in shown
    office.clock.now += timedelta(days=40)
    shown = (await page_of(office, filed)).text
    assert "提问不会让期限暂停" in shown
    assert "用完" not in shown
    assert (await office.post(f"{filed.url}/question", QUESTION)).status == 303
    assert "投诉人最迟回复日" not in (await page_of(office, filed)).text


async def test_on_the_due_day_the_office_reads_that_a_question_stops_no_clock(
    office: Office,
) -> None:
    filed = await signed(office)
    ((due,),) = await office.rows("SELECT due_on FROM complaint WHERE id = $1", filed.id)
    office.clock.now += timedelta(days=(due - office.clock.now.date()).days)
    shown = (await page_of(office, filed)).text
    assert "今天是答复的到期日，提问不会让期限暂停" in shown
    assert "最多停" not in shown
    assert (await office.post(f"{filed.url}/question", QUESTION)).status == 303
    office.clock.now += timedelta(days=1)
    assert "逾期" in (await page_of(office, filed)).text


@pytest.mark.parametrize("verb", ["return", "extension", "question"])
async def test_a_double_click_acts_once(office: Office, verb: str) -> None:
    filed = await signed(office)
    for _ in range(2):
        assert (await office.post(f"{filed.url}/{verb}", ALL[verb])).status == 303
    messages = await office.rows("SELECT kind, words FROM message")
    assert messages == [(verb, ALL[verb].get("reason") or ALL[verb]["question"])]
    assert messages[0][1] in (await page_of(office, filed)).text


@pytest.mark.parametrize(("verb", "fields"), [("extension", EXTENSION), ("answer", GOOD)])
async def test_whoever_waited_for_the_case_reads_what_was_written_meanwhile(
    office: Office, verb: str, fields: dict[str, str]
) -> None:
    filed = await signed(office)
    at: Any = {"calendar": people.COUNTY.calendar, "now": office.clock()}
    async with office.context.db.transaction(SCHEMA) as first:
        case = await store.find_standing(first, filed.id, lock=True)
        assert case is not None
        assert await store.update_case(first, steps.ask(case, QUESTION["question"], **at))
        waits = asyncio.create_task(office.post(f"{filed.url}/{verb}", fields))
        await asyncio.sleep(0.3)  # it has begun to wait
    response = await waits
    assert response.status == 409
    assert QUESTION["question"] in await response.text()


async def test_a_commit_whose_word_was_lost_returns_once(
    office: Office, aiohttp_client: Make
) -> None:
    filed = await signed(office)
    unheard = await with_database(aiohttp_client, office, CommitsUnheard(office.context.db))
    assert (await unheard.post(f"{filed.url}/return", RETURN)).status == 303
    assert await office.rows("SELECT kind FROM message") == [("return",)]


async def test_a_second_return_is_a_dispute_and_under_supervision(office: Office) -> None:
    filed = await signed(office)
    await office.rows("UPDATE complaint SET returns = 1 WHERE id = $1 RETURNING id", filed.id)
    assert (await office.post(f"{filed.url}/return", RETURN)).status == 303
    assert await office.state_of(filed) == "disputed"
    assert await office.rows("SELECT why, subject FROM supervision") == [("returned", filed.number)]


async def test_whoever_takes_a_case_up_is_named_and_it_is_not_returned_any_more(
    office: Office,
) -> None:
    filed = await signed(office)
    office.clock.forward(minutes=5)
    due = await office.rows("SELECT due_on, next_at FROM complaint")
    for _ in range(2):
        assert (await office.post(f"{filed.url}/take-up", {"person": "吴敏"})).status == 303
    assert await office.state_of(filed) == "in_hand"
    assert await office.rows("SELECT due_on, next_at FROM complaint") == due
    told = "SELECT actor_kind, data ->> 'person' FROM event WHERE kind = 'taken_up'"
    assert await office.rows(told) == [("office", "吴敏")]
    page = await page_of(office, filed)
    assert "吴敏" in page.text
    assert acts(page) == {"answer", "extension", "question"}
    assert (await office.post(f"{filed.url}/return", RETURN)).status == 409
    assert (await office.post(f"{filed.url}/take-up", {"person": "别的人"})).status == 409


async def test_an_extension_moves_the_due_day_once(office: Office) -> None:
    filed = await signed(office)
    await office.post(f"{filed.url}/extension", EXTENSION)
    moved = await office.rows("SELECT due_on::text, extended_by FROM complaint")
    assert moved == [("2026-12-28", 10)]
    for other in ({"reason": "还需要再等一等省局的档案。"}, {"number": "3"}):
        sent = await office.post(f"{filed.url}/extension", {**EXTENSION, **other})
        assert sent.status == 409, "nobody is told that these days were given"


async def test_a_sealed_case_is_confirmed_by_name_and_wiped(office: Office, now: datetime) -> None:
    file = Attachment(new_id(now), 1, "收条.jpg", "image/jpeg", 9, b"x" * 32)
    filed = await office.file(category=("C02",), text="他要我交茶水费。", attachments=(file,))
    await office.keep(file, b"secret")
    for _ in range(2):
        assert (await office.post(f"{filed.url}/receipt", {"person": "莫工"})).status == 303
    page = await page_of(office, filed)
    assert filed.number in page.text
    assert "莫工" in page.text
    assert not page.forms
    assert "茶水费" not in page.text
    assert "收条" not in page.text
    assert await office.rows("SELECT complaint FROM complaint_secret") == []
    assert await office.rows("SELECT id FROM attachment") == []
    with pytest.raises(KeyError):
        await office.context.attachments.get(SCHEMA, file.id)
    assert (await office.rows("SELECT state, owner FROM complaint")) == [("archived", None)]
    assert (await office.post(f"{filed.url}/receipt", {"person": "黎工"})).status == 409


async def test_the_office_above_follows_up_answers_again_and_sees_what_was_said(
    office: Office,
) -> None:
    filed = await rated(office)
    page = await page_of(office, filed)
    assert acts(page) == {"contact"}
    assert "没有解决" in page.text
    assert GOOD["reply"] in page.text
    assert (await office.post(f"{filed.url}/contact", CONTACT)).status == 303
    other = {**CONTACT, "outcome": "close"}
    assert (await office.post(f"{filed.url}/contact", other)).status == 409
    assert acts(await page_of(office, filed)) == {"answer"}
    assert (await office.post(f"{filed.url}/answer", GOOD)).status == 303
    assert await office.rows("SELECT office, round FROM answer ORDER BY round") == [
        ("O-ST", 1), ("O-JW", 2),
    ]  # fmt: skip
    assert await office.state_of(filed) == "released"


async def test_a_review_is_decided_by_an_answer_and_closes_the_case(office: Office) -> None:
    filed = await rated(office)
    await office.post(f"{filed.url}/contact", {**CONTACT, "outcome": "close"})
    async with office.context.db.transaction(SCHEMA) as conn:
        case = await store.find_standing(conn, filed.id)
        assert case is not None
        move = begin(case, people.COUNTY.calendar, office.clock()).then(
            "ask_review", COMPLAINANT, words="证件仍然没有补发。", message="review"
        )
        assert await store.update_case(conn, move)
    page = await page_of(office, filed)
    assert acts(page) == {"answer"}
    assert "证件仍然没有补发。" in page.text
    for _ in range(2):
        assert (await office.post(f"{filed.url}/answer", GOOD)).status == 303
    ((state, owner, reviews, wake),) = await office.rows(
        "SELECT state, owner, reviews, wake_at IS NOT NULL FROM complaint"
    )
    assert (state, owner, reviews, wake) == ("closed", None, 1, True)
    assert await office.rows("SELECT kind, actor FROM event WHERE kind = 'review_decided'") == [
        ("review_decided", "O-JW")
    ]


async def test_another_office_reads_nothing_of_why_the_first_gave_it_back(office: Office) -> None:
    filed = await signed(office)
    await office.post(f"{filed.url}/return", RETURN)
    await office.rows("UPDATE complaint SET office = 'O-TC' WHERE id = $1 RETURNING id", filed.id)
    async with office.context.db.transaction(SCHEMA) as conn:
        token = await office.link(conn, filed.id, "O-TC")
    text = await (await office.get(f"/answer/{token}")).text()
    assert RETURN["reason"] not in text


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_every_form_and_state_is_worded(office: Office, language: str) -> None:
    sealed = await office.file(category=("C02",), text="他要我交茶水费。")
    returned, asked, above = await signed(office), await signed(office), await rated(office)
    ways = [
        (asked, "take-up"), (asked, "return"), (asked, "question"), (asked, "resume"),
        (asked, "extension"),
        (returned, "return"), (above, "contact"), (sealed, "receipt"),
    ]  # fmt: skip
    for filed, verb in ways:
        for fields in ({}, *([ALL[verb]] if (filed, verb) != (asked, "return") else [])):
            response = await office.post(f"{filed.url}/{verb}?lang={language}", fields)
            assert response.status in (303, 422)
            assert (await office.get(f"{filed.url}?lang={language}")).status == 200


WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.mark.parametrize("verb", ["question", "return"])
async def test_the_same_press_twice_at_the_very_same_moment_is_one_and_answers_alike(
    office: Office, verb: str
) -> None:
    filed = await signed(office)
    url = f"{filed.url}/{verb}"
    async with office.context.db.transaction(SCHEMA) as conn:
        await conn.execute("SELECT id FROM complaint WHERE id = $1 FOR UPDATE", filed.id)
        both = [asyncio.create_task(office.post(url, ALL[verb])) for _ in range(2)]
        # Both have read how the case stands, and wait for it.
        for _ in range(500):
            if await conn.fetchval(WAITING) >= 2:
                break
            await asyncio.sleep(0.01)
    assert [(await each).status for each in both] == [303, 303]
    said = await office.rows("SELECT words FROM message WHERE kind = $1", verb)
    assert len(said) == 1
    other = {name: text + "？" for name, text in ALL[verb].items() if name != "proposed"}
    assert (await office.post(url, {**ALL[verb], **other})).status == 409

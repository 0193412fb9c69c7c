"""A citizen comes back with the tracking code, and nobody else gets in."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args
from uuid import UUID

import asyncpg
import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from board.ids import new_id
from complaints import codes, lifecycle
from gateway import recounting
from gateway.app import create_app
from gateway.context import CONTEXT
from tests.clock import Clock
from tests.forms import Page
from tests.gateway.pages.conftest import Browser
from tests.site import site_context

SAID = {"text": "窗口说再等等，等了三个星期。", "badge": "A1024", "category": "L03"}
ANSWERED_AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
WRONG = codes.from_entropy(b"nobody's code at all")


async def file(citizen: Browser, **said: str) -> dict[str, str]:
    answer = await citizen.post(
        "/complaints", data={**SAID, **said}, headers={"Accept": "application/json"}
    )
    told: dict[str, str] = await answer.json()
    return told


async def track(citizen: Browser, code: str) -> ClientResponse:
    return await citizen.post("/track", data={"code": code})


async def page(response: ClientResponse) -> Page:
    return Page(await response.text())


# What does not get in


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "请输入查询码"),
        ("1234", "位数不对"),
        ("2026-000001", "位数不对"),
        ("abcd efgh", "只有数字"),
        ("1234 5678 9012 3456", "有一位数字不对"),
    ],
)
async def test_a_slip_is_told_as_what_it_is_and_kept(
    browser: Browser, code: str, told: str
) -> None:
    response = await track(browser, code)
    shown = await page(response)
    assert response.status == 422
    assert told in shown.text
    assert shown.form("/track").values()["code"] == code


async def test_a_well_formed_code_of_nobody_is_not_found(citizen: Browser) -> None:
    response = await track(citizen, WRONG)
    assert response.status == 404
    assert "没有这个查询码" in (await page(response)).text


async def test_under_a_lost_key_nobody_is_told_that_a_right_code_is_wrong(
    citizen: Browser, fresh_demo_database: str, tmp_path: Path, clock: Clock
) -> None:
    code = (await file(citizen, name="何敏仪"))["tracking_code"]
    other = {"secret_key": ("another secret of thirty-two characters",), "clock": clock}
    async with (
        site_context(fresh_demo_database, tmp_path, **other) as context,
        TestClient(TestServer(create_app(context))) as keyless,
    ):
        response = await track(keyless, code)
        assert response.status == 503
        assert "现在核对不了查询码" in (await page(response)).text
    assert (await track(citizen, WRONG)).status == 404


async def test_guessing_is_stopped_even_for_the_right_code(citizen: Browser, clock: Clock) -> None:
    code = (await file(citizen))["tracking_code"]
    for n in range(20):
        guess = codes.from_entropy(f"guess number {n:05}".encode())
        assert (await track(citizen, guess)).status == 404
    braked = await track(citizen, code)
    assert braked.status == 429
    told = await page(braked)
    assert "一小时后" in told.text
    assert "error-summary" not in told.ids, "nothing that was typed has to be mended"
    clock.now += timedelta(hours=1)
    assert (await track(citizen, code)).status == 200


async def test_a_guess_from_everywhere_slows_guessers_and_not_the_citizen(
    citizen: Browser, stored: asyncpg.Connection, clock: Clock
) -> None:
    code = (await file(citizen))["tracking_code"]
    await stored.execute(
        "INSERT INTO throttle (bucket, since, n) VALUES ($1, $2, 2000)",
        f"track:{clock.now:%Y-%m-%dT%H}:all",
        clock.now,
    )
    assert (await track(citizen, code)).status == 200
    assert (await track(citizen, WRONG)).status == 404
    assert (await track(citizen, WRONG)).status == 429


async def test_a_slip_that_the_check_digit_finds_is_no_guess(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    for _ in range(3):
        await track(citizen, "1234 5678 9012 3456")
    assert await stored.fetchval("SELECT count(*) FROM throttle") == 0


async def test_the_case_page_needs_the_cookie_that_only_a_code_gives(citizen: Browser) -> None:
    await file(citizen)
    assert (await citizen.get("/track/case")).status == 403
    for forged in ("", "x", "A" * 200):
        answer = await citizen.get("/track/case", cookies={"track": forged})
        assert answer.status == 403


async def test_a_receipts_pass_opens_no_case(citizen: Browser) -> None:
    receipt = await citizen.post("/complaints", data=SAID)
    carried = receipt.url.path.rpartition("/")[2]
    assert (await citizen.get("/track/case", cookies={"track": carried})).status == 403


async def test_the_page_closes_after_half_an_hour(citizen: Browser, clock: Clock) -> None:
    code = (await file(citizen))["tracking_code"]
    assert (await track(citizen, code)).status == 200
    clock.now += timedelta(minutes=31)
    closed = await citizen.get("/track/case")
    assert closed.status == 403
    assert "请重新输入查询码" in (await page(closed)).text


async def test_a_shared_computer_can_forget_at_once(citizen: Browser) -> None:
    code = (await file(citizen))["tracking_code"]
    await track(citizen, code)
    ended = await citizen.post("/track/end", data={})
    assert ended.url.path == "/track"
    assert (await citizen.get("/track/case")).status == 403


# What is shown


async def test_a_right_code_leads_to_a_page_that_can_be_reloaded(citizen: Browser) -> None:
    told = await file(citizen)
    response = await track(citizen, " ".join(codes.groups(told["tracking_code"])))
    shown = await page(response)
    assert response.history[0].status == 303
    assert response.url.path == "/track/case"
    assert told["tracking_code"] not in str(response.url)
    assert response.headers["Cache-Control"] == "no-store"
    cookie = response.history[0].headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/;" in cookie
    assert told["tracking_code"] not in cookie
    for part in (told["number"], "收到投诉", "受理", "交办", "2026年12月14日", "起算日，不计"):
        assert part in shown.text
    assert (await page(await citizen.get("/track/case"))).text == shown.text


async def test_the_page_shows_none_of_the_words_and_no_name(citizen: Browser) -> None:
    told = await file(citizen, name="何小姐", phone="12345", wish="道歉")
    text = await (await track(citizen, told["tracking_code"])).text()
    assert not [word for word in ("等了三个星期", "何小姐", "道歉", "区叔佩") if word in text]


async def test_a_sealed_case_shows_state_and_office_and_no_more(citizen: Browser) -> None:
    told = await file(citizen, category="C03", text="要两条烟")
    shown = await page(await track(citizen, told["tracking_code"]))
    assert "县纪委监委" in shown.text
    assert "两条烟" not in shown.text
    assert "投诉事项" not in shown.text, "not even what kind of complaint it is"


async def test_a_case_at_the_desk_says_so_and_until_when(citizen: Browser) -> None:
    told = await file(citizen, badge="", staff_description="高个子")
    shown = await page(await track(citizen, told["tracking_code"]))
    assert "县受理台" in shown.text
    assert "2026年11月26日" in shown.text


async def test_an_overdue_answer_is_admitted(citizen: Browser, clock: Clock) -> None:
    told = await file(citizen)
    clock.now += timedelta(days=22)
    shown = await page(await track(citizen, told["tracking_code"]))
    assert "已经逾期" in shown.text


async def answer(stored: asyncpg.Connection, clock: Clock, state: str) -> None:
    """An answer as an office writes it, with the case in `state`."""
    case = await stored.fetchrow("SELECT id, office FROM complaint")
    key: UUID = new_id(clock.now)
    await stored.execute(
        "INSERT INTO answer (id, complaint, office, round, done, reply, right_of_reply, at)"
        " VALUES ($1, $2, $3, 1, '已批评教育', '对不起，<b>已办结</b>', '本人的申辩', $4)",
        *(key, case["id"], case["office"], clock.now),
    )
    await stored.execute(
        "INSERT INTO finding (answer, position, finding, reason)"
        " VALUES ($1, 1, 'substantiated', '录像显示属实')",
        key,
    )
    await stored.execute("UPDATE complaint SET state = $1", state)


async def test_a_released_answer_is_read_with_each_finding(
    citizen: Browser, stored: asyncpg.Connection, clock: Clock
) -> None:
    told = await file(citizen)
    await answer(stored, clock, "released")
    response = await track(citizen, told["tracking_code"])
    source = await response.text()
    shown = Page(source).text
    for part in ("对不起，<b>已办结</b>", "已批评教育", "录像显示属实", "属实", "没有明确答复"):
        assert part in shown
    assert "<b>已办结" not in source
    # Silence closes, so until when it can be rated is said.
    assert "天评价" in shown or "日评价" in shown or "）评价" in shown
    # What the named person said in defence is the office's record.
    assert "本人的申辩" not in shown


async def test_an_answer_that_is_not_released_is_not_shown(
    citizen: Browser, stored: asyncpg.Connection, clock: Clock
) -> None:
    told = await file(citizen)
    await answer(stored, clock, "answered")
    assert "已批评教育" not in (await page(await track(citizen, told["tracking_code"]))).text


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_every_state_is_worded_in_every_language(
    citizen: Browser, stored: asyncpg.Connection, clock: Clock, language: str
) -> None:
    told = await file(citizen)
    await track(citizen, told["tracking_code"])
    await answer(stored, clock, "released")
    for state in get_args(lifecycle.State):
        await stored.execute("UPDATE complaint SET state = $1", state)
        shown = await citizen.get(f"/track/case?lang={language}")
        assert shown.status == 200, state


@pytest.mark.parametrize(
    ("state", "parts", "untold"),
    [
        ("received", ("现在在谁手上", "核实该由哪个机构"), "最迟答复日"),
        ("dispatched", ("谁在办，哪天答复", "最迟答复日"), "答复日期"),
        ("in_hand", ("谁在办，哪天答复", "最迟答复日"), "答复日期"),
        ("waiting", ("现在在谁手上", "等您补充"), "最迟答复日"),
        ("released", ("谁作的答复", "答复日期"), "最迟答复日"),
        ("followed_up", ("现在在谁手上", "回访中"), "最迟答复日"),
        ("closed", ("谁作的答复", "已办结"), "最迟答复日"),
        ("disputed", ("正在确定由谁办", "最迟答复日"), "答复日期"),
        ("review", ("谁在办，哪天答复", "复查中"), "答复日期"),
        ("rework", ("谁在办，哪天答复", "重办中"), "答复日期"),
        ("archived", ("谁作的答复", "已归档"), "最迟答复日"),
        ("declined", ("案件情况", "不予受理"), "最迟答复日"),
        ("merged", ("案件情况", "已合并"), "最迟答复日"),
        ("withdrawn", ("案件情况", "不再办理"), "最迟答复日"),
    ],
)
async def test_the_page_says_what_is_true_in_each_state(
    citizen: Browser,
    stored: asyncpg.Connection,
    state: str,
    parts: tuple[str, ...],
    untold: str,
) -> None:
    filed = await file(citizen)
    await answer(stored, Clock(ANSWERED_AT), state)
    shown = (await page(await track(citizen, filed["tracking_code"]))).text
    assert not [part for part in parts if part not in shown]
    assert untold not in shown
    promises = "等答复" in shown or "等监督机构签收和答复" in shown
    assert promises == (state in ("dispatched", "in_hand"))


async def test_a_withdrawn_case_without_an_office_is_looked_for_by_nobody(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    told = await file(citizen, badge="", staff_description="高个子")
    await stored.execute("UPDATE complaint SET state = 'withdrawn', owner = NULL, next_at = NULL")
    shown = (await page(await track(citizen, told["tracking_code"]))).text
    assert "县受理台核实" not in shown.partition("案件情况")[2].partition("办理经过")[0]


async def test_after_thirty_days_no_review_is_offered(
    citizen: Browser, stored: asyncpg.Connection, clock: Clock
) -> None:
    told = await file(citizen)
    await answer(stored, clock, "closed")
    clock.now += timedelta(days=31)
    shown = (await page(await track(citizen, told["tracking_code"]))).text
    assert "复查" not in shown
    assert "这件投诉已经结束" in shown


async def test_a_sealed_case_promises_no_answer_and_says_how_it_stands(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    told = await file(citizen, category="C03", text="要两条烟")
    assert told["due"] is None
    ways = {
        "dispatched": ("最迟签收日", "2026年11月24日", "不在这里答复"),
        "signed": ("纪检机构已签收", "不在这里答复"),
        "archived": ("只留下编号、时间和回执",),
    }
    for state, parts in ways.items():
        await stored.execute("UPDATE complaint SET state = $1", state)
        shown = (await page(await track(citizen, told["tracking_code"]))).text
        assert not [part for part in parts if part not in shown], state
        assert "哪天答复" not in shown
        assert "最迟答复日" not in shown
        assert "日历还没有公布" not in shown


async def test_a_lost_code_is_told_honestly_what_is_possible(browser: Browser) -> None:
    shown = await page(await browser.get("/track"))
    assert "没有人能查回来" in shown.text
    assert "照常办理" in shown.text


async def test_a_closure_moves_the_due_day_and_the_citizen_is_told(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    context = citizen.server.app[CONTEXT]  # type: ignore[union-attr]
    filed = await file(citizen)
    for _ in range(3):
        assert await recounting.run_once(context) == 0
    assert "到期日重新计算" not in (await page(await track(citizen, filed["tracking_code"]))).text
    await stored.execute(
        "INSERT INTO calendar_day (day, kind, note) VALUES ('2026-12-01', 'closure', 'typhoon')"
    )
    assert await recounting.run_once(context) == 1
    assert await recounting.run_once(context) == 0
    shown = (await page(await track(citizen, filed["tracking_code"]))).text
    assert "到期日重新计算" in shown
    due = await stored.fetchval("SELECT due_on FROM complaint")
    assert (filed["due"], str(due)) == ("2026-12-14", "2026-12-15")
    assert "2026年12月15日" in shown
    # The typhoon went elsewhere.
    await stored.execute("DELETE FROM calendar_day WHERE kind = 'closure'")
    assert await recounting.run_once(context) == 1
    assert str(await stored.fetchval("SELECT due_on FROM complaint")) == "2026-12-14"

"""What people wrote about a case stands nowhere any more once the case is wiped or withdrawn."""

from datetime import date, timedelta

import asyncpg
import pytest

from board.ids import new_id
from complaints import counting, timers
from complaints.figures import Figures
from complaints.store import results, retention
from complaints.store.retention import WIPED
from gateway import checks, links
from gateway import timers as background
from gateway.mail import postman
from gateway.store import links as link_store
from tests.browser.cases import file_case
from tests.database import SCHEMA
from tests.gateway.desk.conftest import Desk, desk
from tests.security.test_sealed import dump

__all__ = ["desk"]

SAID = {
    "text": "记号正文：叫我下午再来，说系统坏了。",
    "wish": "记号愿望",
    "place": "记号地点",
    "details": {"L02": "记号细节"},
    "category": ("L02",),
    "name": "记号投诉人",
}
ANSWER = {
    "confirm_phrases": "yes",
    "done": "记号已办：十一月二十五日当面道歉并补办。",
    "reply": "记号答复：您反映的情况属实，证件 11 月 25 日寄出。",
    "right_of_reply": "记号陈述：当时系统升级，窗口没有告示。",
    **{f"finding-{n}": "partly" for n in (1, 2, 3)},
    **{f"reason-{n}": "记号理由：调取窗口录像，工作人员确有推诿。" for n in (1, 2, 3)},
}


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


async def way(desk: Desk, complaint, office: str) -> str:
    async with desk.context.db.transaction(SCHEMA) as conn:
        token, row = links.make(complaint, office, None, desk.clock())
        await link_store.insert_links(conn, [row])
    return f"/answer/{token}"


async def marked(database: str, *marks: str) -> dict[str, str]:
    """Tables in which a mark stands."""
    conn = await asyncpg.connect(database)
    rows = await dump(conn)
    await conn.close()
    texts = {name: "\n".join(rows) for name, rows in rows.items()}
    return {
        name.split(".")[1]: text for name, text in texts.items() if any(m in text for m in marks)
    }


async def withdraw(desk: Desk, code: str) -> None:
    opened = await desk.plain.post("/track", data={"code": code}, allow_redirects=False)
    cookie = "; ".join(f"{each.key}={each.value}" for each in opened.cookies.values())
    sent = await desk.plain.post(
        "/track/case/withdrawal",
        data={"reason": "记号不办了", "confirm": "yes"},
        headers={"Cookie": cookie},
        allow_redirects=False,
    )
    assert sent.status == 303


async def test_every_column_of_a_wiped_case_is_empty(desk: Desk, fresh_database: str):
    found = await file_case(desk.context, **SAID)
    desk.clock.forward(minutes=5)
    path = await way(desk, found.id, found.office)
    sent = await desk.plain.post(f"{path}/answer", data=ANSWER, allow_redirects=False)
    assert sent.status == 303
    staff = await desk.staff("chan", "supervisor")
    await staff.post(f"/desk/cases/{found.number}/contact", reason="记号好奇")
    before = await marked(fresh_database, "记号")
    assert before.keys() == {"complaint", "allegation", "message", "answer", "finding"}
    assert before.keys() <= WIPED.keys()
    async with desk.context.db.transaction(SCHEMA) as conn:
        await retention.wipe(conn, [found.id])
    assert await marked(fresh_database, "记号") == {}
    assert (await staff.get(f"/desk/cases/{found.number}")).status == 200


async def test_no_number_that_leads_to_the_file_stays_in_the_figures_of_a_breach(
    desk: Desk, fresh_database: str
):
    receipt = "SL-2026-000124"
    found = await file_case(desk.context, **SAID, receipt_number=receipt, matter="")
    assert (await marked(fresh_database, receipt)).keys() == {"complaint", "receipt"}
    async with desk.context.db.transaction(SCHEMA) as conn:
        await retention.wipe(conn, [found.id])
    assert (await marked(fresh_database, receipt)).keys() == {"receipt"}
    # The limit, and by how much it was missed, are told as before.
    assert await desk.value(f"SELECT breach -> 'promised' ->> 'late' FROM {SCHEMA}.complaint")
    staff = await desk.staff("chan", "supervisor")
    assert (await staff.get(f"/desk/cases/{found.number}")).status == 200


@pytest.mark.parametrize("taken_back", [True, False])
async def test_a_result_that_was_taken_back_goes_with_its_case(desk: Desk, taken_back: bool):
    found = await file_case(desk.context, **SAID, publish="yes")
    now = desk.clock()
    async with desk.context.db.transaction(SCHEMA) as conn:
        await results.insert_result(
            conn, new_id(now), found.id, words=("题", "记号经过", "结果"), about=("NRB", "L02"),
            by="liang", now=now,
        )  # fmt: skip
        if taken_back:
            assert await results.update_withdrawn(conn, found.id, "complainant", now)
        await retention.wipe(conn, [found.id])
    left = await desk.rows(f"SELECT complaint, problem FROM {SCHEMA}.published_result")
    assert [tuple(row) for row in left] == ([] if taken_back else [(found.id, "记号经过")])


async def test_after_its_years_a_case_is_wiped_and_log_and_figures_stay_whole(
    desk: Desk, fresh_database: str
):
    # In a year whose calendar is published to its end: nothing ends in another.
    desk.clock.now = desk.clock.now.replace(month=3, day=2)
    reached = {"phone": "13800138000", "email": "citizen@example.org"}
    found = await file_case(desk.context, **SAID, **reached, accepted_on="2026-01-12")
    desk.clock.forward(minutes=5)
    path = await way(desk, found.id, found.office)
    sent = await desk.plain.post(f"{path}/answer", data=ANSWER, allow_redirects=False)
    assert sent.status == 303
    staff = await desk.staff("chan", "supervisor")
    await staff.post(f"/desk/cases/{found.number}/contact", reason="记号好奇")
    while await postman.run_once(desk.context):
        pass
    before = await counted(desk)
    # Nobody rates it, then nobody asks for a review, then it is kept for three years.
    for days in (30, 45, timers.KEPT.days + 1):
        assert await desk.value(f"SELECT wiped_at FROM {SCHEMA}.complaint") is None
        desk.clock.now += timedelta(days=days)
        while await background.sweep(desk.context):
            pass
        await background.seal(desk.context)
    assert await desk.value(f"SELECT wiped_at FROM {SCHEMA}.complaint") == desk.clock()
    assert await marked(fresh_database, "记号", *reached.values()) == {}
    desk.clock.forward(minutes=5)
    assert await background.seal(desk.context) == 1, "that it was wiped"
    chains = checks.audit_chains(desk.context.settings, fresh_database, desk.clock())
    assert [lines async for _, lines in chains] == [[]]
    assert await counted(desk) == before


async def counted(desk: Desk) -> dict[tuple[str, str], Figures]:
    month = date(2026, 3, 1)
    async with desk.context.db.transaction(SCHEMA) as conn:
        await counting.count_month(conn, month, desk.clock())
        return (await counting.find_counted(conn, month, month))[month]


async def test_after_a_withdrawal_the_offices_link_shows_nothing(desk: Desk):
    found = await file_case(desk.context, **SAID, phone="13800138000", share_contact="yes")
    early = await way(desk, found.id, found.office)
    assert "记号" in await (await desk.plain.get(early)).text()
    await withdraw(desk, found.code)
    for path in (early, await way(desk, found.id, found.office)):
        shown = await (await desk.plain.get(path)).text()
        assert not [each for each in ("记号", "13800138000") if each in shown]
        assert (await desk.plain.get(f"{path}/attachments/1")).status == 404


async def test_what_was_withdrawn_under_seal_is_wiped_at_once(desk: Desk, fresh_database: str):
    said = {**SAID, "category": ("C03",), "details": {}}
    found = await file_case(desk.context, **said)
    path = await way(desk, found.id, found.office)
    assert "记号" in await (await desk.plain.get(path)).text()
    await withdraw(desk, found.code)
    assert "记号" not in await (await desk.plain.get(path)).text()
    assert await desk.value("SELECT count(*) FROM complaint_secret") == 0
    assert await desk.value("SELECT wiped_at FROM complaint") == desk.clock()
    assert await marked(fresh_database, "记号") == {}

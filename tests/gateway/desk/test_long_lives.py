"""What is late stays late whoever touches it, and what was answered stays answered."""

from datetime import timedelta

import pytest

from board.ids import new_id
from complaints import audit
from gateway import timers
from gateway.ciphers import KeyringSigner
from tests.database import SCHEMA
from tests.gateway.desk.conftest import Desk, desk
from tests.gateway.desk.test_case_ends import (
    answered,
    letters_to,
    link_of,
    merged,
    row_of,
    tracked,
)
from tests.gateway.desk.test_cases import fields, filed

__all__ = ["desk"]

REPLY = "您反映的情况部分属实"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


async def told(desk: Desk, found, *kinds: str) -> list[tuple[str, object]]:
    rows = await desk.rows(
        "SELECT kind, data FROM event WHERE complaint = $1 AND kind = ANY ($2) ORDER BY at",
        *(found.id, list(kinds)),
    )
    return [(row["kind"], row["data"].get("times")) for row in rows]


async def live(desk: Desk, days: int) -> None:
    """So many days, with the timers at work."""
    for _ in range(days):
        desk.clock.forward(days=1)
        while await timers.sweep(desk.context):
            pass


async def signed(desk: Desk):
    found = await filed(desk)
    way = await link_of(desk, found, found.office)
    desk.clock.forward(minutes=1)
    assert await act(desk, f"{way}/signature", person="李工") == 303
    return found, way


async def act(desk: Desk, path: str, **said: str) -> int:
    desk.clock.forward(minutes=5)
    return (await desk.plain.post(path, data=said, allow_redirects=False)).status


async def step(desk: Desk, staff, found, verb: str, **said: str) -> int:
    desk.clock.forward(minutes=5)
    typed = await fields(staff, found.number, verb, **said)
    return (await staff.post(f"/desk/cases/{found.number}/steps", **typed)).status


async def escalated(desk: Desk):
    """Signed for, and late until the office above heard of it."""
    found, way = await signed(desk)
    while not await told(desk, found, "escalated"):
        await live(desk, 1)
    return found, way


async def test_taking_up_a_late_case_does_not_begin_the_climb_anew(desk: Desk):
    found, way = await escalated(desk)
    assert await act(desk, f"{way}/take-up", person="李工") == 303
    await live(desk, 9)
    assert await told(desk, found, "escalated") == [("escalated", 1), ("escalated", 2)]
    assert len(await told(desk, found, "breached")) == 1


async def test_questions_on_a_late_case_breach_its_day_once(desk: Desk):
    found, way = await escalated(desk)
    for n in range(2):
        question = f"请问您是哪一天到窗口的？第 {n + 1} 次询问。"
        assert await act(desk, f"{way}/question", question=question) == 303
        await live(desk, 8)
        assert await act(desk, f"{way}/resume", person="李工") == 303
    assert len(await told(desk, found, "breached")) == 1
    times = [n for _, n in await told(desk, found, "escalated")]
    assert times == list(range(1, len(times) + 1))
    seen = await (await tracked(desk, found)).text()
    assert seen.count("Its time to answer runs on meanwhile.") == 2
    assert "stands still" not in seen


async def test_what_was_owed_while_nobody_worked_is_owed_after_the_office_acted(desk: Desk):
    found, way = await signed(desk)
    due = (await row_of(desk, found))["due_on"]
    while desk.clock().date() <= due:
        desk.clock.forward(days=1)
    assert await act(desk, f"{way}/take-up", person="李工") == 303
    await live(desk, 1)
    assert await told(desk, found, "breached", "escalated") == [
        ("breached", None),
        ("escalated", 1),
    ]


async def test_a_year_that_ends_without_a_calendar_escalates_no_faster(desk: Desk):
    found, _ = await signed(desk)
    while desk.clock().year == 2026:
        await live(desk, 1)
    assert [n for _, n in await told(desk, found, "escalated")] == [1, 2, 3]


async def in_review(desk: Desk, staff, found):
    """Answered, reviewed, and every office of the county stepped back; those that did."""
    await answered(desk, found, found.office)
    await tracked(desk, found, "rating", level="5", resolved="yes", comment="")
    assert (await tracked(desk, found, "review", reason="没有看录像")).status == 303
    gone = []
    while office := (await row_of(desk, found))["office"]:
        gone.append(office)
        assert await step(desk, staff, found, "recuse", who=office, reason="亲属回避") == 303
    return gone


async def test_a_review_that_lost_its_last_office_is_a_review_and_its_answer_stays(desk: Desk):
    first, second = await filed(desk), await filed(desk, email="b@example.org")
    staff = await desk.staff("chan", "supervisor")
    await merged(desk, staff, second, first)
    await in_review(desk, staff, first)
    row = await row_of(desk, first)
    assert (row["state"], row["owner"]) == ("review", "desk")
    for each in (first, second):
        assert REPLY in await (await tracked(desk, each)).text()
    channel = "市政务服务和数据管理局 12345"
    turned = f"县内没有机构可以复查，请找{channel}。"
    assert await step(desk, staff, first, "decline", reason=turned, channel=channel) == 422
    assert await step(desk, staff, first, "close", reason=turned) == 303
    assert (await row_of(desk, first))["state"] == "closed"
    assert (await row_of(desk, second))["state"] == "merged"
    seen = await (await tracked(desk, first)).text()
    assert REPLY in seen
    assert turned in seen


async def test_an_office_that_may_again_decides_the_review(desk: Desk):
    found = await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    gone = await in_review(desk, staff, found)
    assert await step(desk, staff, found, "take_back", who=gone[0], reason="误记") == 303
    assert await step(desk, staff, found, "dispatch", office=gone[0], kind="complaint") == 303
    await answered(desk, found, gone[0])
    row = await row_of(desk, found)
    assert (row["state"], row["reviews"]) == ("closed", 1)


async def test_who_was_upheld_against_three_times_stays_on_the_list_until_it_is_lifted(desk: Desk):
    staff = await desk.staff("chan", "supervisor")
    found = [await filed(desk) for _ in range(3)]
    for each in found:
        await answered(desk, each, each.office, "substantiated")
    await tracked(desk, found[2], "rating", level="5", resolved="yes", comment="")
    url = "/desk/cases?list=supervised"
    assert found[2].number in await (await staff.get(url)).text()
    assert await step(desk, staff, found[2], "lift", reason="已经约谈并调岗。") == 303
    assert found[2].number not in await (await staff.get(url)).text()
    more = await filed(desk)
    await answered(desk, more, more.office, "substantiated")
    assert more.number in await (await staff.get(url)).text()


async def test_who_was_merged_may_withdraw_and_is_not_drawn_in_again(desk: Desk):
    first, second = await filed(desk), await filed(desk, email="b@example.org")
    staff = await desk.staff("chan", "supervisor")
    await merged(desk, staff, second, first)
    assert (await tracked(desk, second, "withdrawal", reason="", confirm="yes")).status == 303
    await tracked(desk, first, "withdrawal", reason="", confirm="yes")
    assert (await row_of(desk, second))["state"] == "withdrawn"


async def test_who_was_merged_and_withdrew_hears_no_more_of_the_other(desk: Desk):
    first, second = await filed(desk), await filed(desk, email="b@example.org")
    staff = await desk.staff("chan", "supervisor")
    await merged(desk, staff, second, first)
    await tracked(desk, second, "withdrawal", reason="", confirm="yes")
    await answered(desk, first, first.office)
    assert "answered" not in await letters_to(desk, second)
    assert REPLY not in await (await tracked(desk, second)).text()


async def test_who_was_merged_twice_over_keeps_the_answer_when_the_one_between_withdraws(
    desk: Desk,
):
    last, between, first = [await filed(desk, email=f"{n}@example.org") for n in "abc"]
    staff = await desk.staff("chan", "supervisor")
    await merged(desk, staff, last, between)
    await merged(desk, staff, between, first)
    await answered(desk, first, first.office)
    await tracked(desk, between, "withdrawal", reason="", confirm="yes")
    assert (await row_of(desk, last))["state"] == "merged"
    assert REPLY in await (await tracked(desk, last)).text()
    await tracked(desk, first, "rating", level="5", resolved="yes", comment="")
    await tracked(desk, first, "review", reason="没有看录像")
    await answered(desk, first, (await row_of(desk, first))["office"])
    assert "decided" in await letters_to(desk, last)


async def test_an_event_that_claims_an_earlier_day_was_inserted(desk: Desk):
    found = await filed(desk)
    desk.clock.forward(minutes=5)
    await timers.seal(desk.context)
    now = desk.clock()
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)"
            " VALUES ($1, $2, $3, 'reminded', 'desk', 'chan', '{}')",
            *(new_id(now), found.id, now - timedelta(days=60)),
        )
    desk.clock.forward(minutes=5)
    await timers.seal(desk.context)
    async with desk.context.db.transaction(SCHEMA) as conn:
        verified = await audit.verify(conn, KeyringSigner(desk.context.keys), desk.clock())
    assert [(each.fault, each.number) for each in verified.findings] == [("inserted", found.number)]


async def test_a_case_that_the_database_refuses_to_move_holds_up_nobody(desk: Desk):
    odd, other = await filed(desk), await filed(desk)
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "ALTER TABLE complaint ADD CONSTRAINT odd CHECK"
            f" (number <> '{odd.number}' OR escalations = 0)"
        )
    desk.clock.now += timedelta(days=9)
    while await timers.sweep(desk.context):
        pass
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute("ALTER TABLE complaint DROP CONSTRAINT odd")
        told = await conn.fetch("SELECT complaint FROM event WHERE kind = 'escalated'")
    assert [row["complaint"] for row in told] == [other.id]

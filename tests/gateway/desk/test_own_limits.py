"""Each kind of case is pressed by its own due day, whoever signs for it and whenever."""

from datetime import date, timedelta

import pytest

from complaints.limits import local
from gateway import timers
from tests.gateway.desk.conftest import Desk, desk
from tests.gateway.desk.test_case_ends import answered, link_of, row_of, tracked
from tests.gateway.desk.test_cases import filed, unknown
from tests.gateway.desk.test_long_lives import act, step

__all__ = ["desk"]

OFFICE = "BUR-MAIN"
OVERDUE = "The answer is overdue"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


async def lived(desk: Desk, found, until: date) -> list[tuple[str, str]]:
    """What the timers do with a case, looked at every noon, and on which day."""
    while local(desk.clock()).date() < until:
        desk.clock.now = desk.clock().replace(hour=12) + timedelta(days=1)
        await timers.sweep(desk.context)
    rows = await desk.rows(
        "SELECT at, kind FROM event WHERE complaint = $1 AND kind = ANY ($2) ORDER BY at",
        *(found.id, ["reminded", "breached", "escalated"]),
    )
    return [(f"{local(row['at']):%m-%d}", row["kind"]) for row in rows]


async def test_an_enquiry_that_is_signed_for_is_not_left_lying_as_long_as_a_complaint(desk: Desk):
    found = await unknown(desk)
    staff = await desk.staff("chan", "supervisor")
    assert await step(desk, staff, found, "dispatch", office=OFFICE, kind="enquiry") == 303
    way = await link_of(desk, found, OFFICE)
    assert await act(desk, f"{way}/signature", person="李工") == 303
    # Taken up on Monday: two working days end on Wednesday, the 25th.
    assert (await row_of(desk, found))["due_on"] == date(2026, 11, 25)
    assert await lived(desk, found, date(2026, 12, 3)) == [
        ("11-24", "reminded"),
        ("11-26", "breached"),
        ("11-26", "escalated"),
        ("12-03", "escalated"),
    ]


async def test_an_office_that_gets_an_extended_case_is_reminded_before_its_day_alone(desk: Desk):
    found = await filed(desk)
    way = await link_of(desk, found, found.office)
    await act(desk, f"{way}/signature", person="李工")
    longer = {"number": "5", "reason": "窗口的录像要从外地调取，还需要核对。"}
    assert await act(desk, f"{way}/extension", **longer) == 303
    staff = await desk.staff("chan", "supervisor")
    assert await step(desk, staff, found, "recuse", who=found.office, reason="亲属回避") == 303
    row = await row_of(desk, found)
    assert row["due_on"] == date(2026, 12, 21)
    way = await link_of(desk, found, row["office"])
    assert await act(desk, f"{way}/signature", person="梁工") == 303
    assert await lived(desk, found, date(2026, 12, 22)) == [
        ("12-17", "reminded"),
        ("12-18", "reminded"),
        ("12-22", "breached"),
        ("12-22", "escalated"),
    ]


async def test_who_signs_for_it_after_its_day_is_late_with_the_answer_at_once(desk: Desk):
    found = await filed(desk)
    due = (await row_of(desk, found))["due_on"]
    desk.clock.forward(days=(due - local(desk.clock()).date()).days + 2)
    way = await link_of(desk, found, found.office)
    assert await act(desk, f"{way}/signature", person="李工") == 303
    today = local(desk.clock()).date()
    await timers.sweep(desk.context)
    assert await lived(desk, found, today) == [
        (f"{today:%m-%d}", "breached"),
        (f"{today:%m-%d}", "escalated"),
    ]


async def late_on(desk: Desk, found, way: str) -> tuple[bool, bool, bool]:
    """Whether the answer is called late on the page of the office, of the desk and of whoever
    complained."""
    staff = await desk.staff(f"u{desk.clock().timestamp():.0f}", "supervisor")
    office = await (await desk.plain.get(f"{way}?lang=en")).text()
    shown = await (await staff.get(f"/desk/cases/{found.number}")).text()
    return (
        "tag-bad" in office.split("</dl>")[0],
        "tag-bad" in shown.split("Answer due")[1].split("</dl>")[0],
        OVERDUE in await (await tracked(desk, found)).text(),
    )


async def test_nobody_is_called_late_while_the_clock_stands_still_or_once_it_was_answered(
    desk: Desk,
):
    asked, given, late = await filed(desk), await filed(desk), await filed(desk)
    ways = {each: await link_of(desk, each, each.office) for each in (asked, given, late)}
    for each in (asked, late):
        assert await act(desk, f"{ways[each]}/signature", person="李工") == 303
    await answered(desk, given, given.office)
    due = (await row_of(desk, asked))["due_on"]
    # The last day on which a question still stops the clock.
    before = due - timedelta(days=1) - local(desk.clock()).date()
    desk.clock.now = desk.clock().replace(hour=10) + before
    question = "请问您是哪一天到窗口的？"
    assert await act(desk, f"{ways[asked]}/question", question=question) == 303
    desk.clock.forward(days=2)
    assert await late_on(desk, late, ways[late]) == (True, True, True)
    desk.clock.forward(minutes=1)
    assert await late_on(desk, asked, ways[asked]) == (False, False, False)
    desk.clock.forward(minutes=1)
    assert await late_on(desk, given, ways[given]) == (False, False, False)

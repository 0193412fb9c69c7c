"""No case lies at the desk for ever, and nobody who complained is forgotten on the way."""

from datetime import datetime

import pytest

from complaints.facts import find_facts
from complaints.limits import SHANGHAI
from complaints.steps.desk import LEADS_ON
from gateway import links
from gateway.mail import postman
from gateway.pages.desk.case_steps import VERBS
from gateway.store import links as link_store
from tests.database import SCHEMA
from tests.gateway.desk.conftest import Desk, desk
from tests.gateway.desk.test_cases import fields, filed, unknown

__all__ = ["desk"]

ACCOUNT = "已电话联系投诉人，约好下周一补办。"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


async def link_of(desk: Desk, found, office: str) -> str:
    """A way into a case for the office that has it."""
    token, row = links.make(found.id, office, None, desk.clock())
    async with desk.context.db.transaction(SCHEMA) as conn:
        await link_store.insert_links(conn, [row])
    return f"/answer/{token}"


async def answered(desk: Desk, found, office: str, finding: str = "partly", **more: str) -> None:
    """The office answers every point alike."""
    points = await desk.value("SELECT count(*) FROM allegation WHERE complaint = $1", found.id)
    said = {"done": "已当面道歉并补办。", "reply": "您反映的情况部分属实，证件 11 月 25 日寄出。"}
    said |= more
    for each in range(1, points + 1):
        said |= {f"finding-{each}": finding, f"reason-{each}": "调取窗口录像，情况属实。"}
    path = await link_of(desk, found, office) + "/answer"
    desk.clock.forward(minutes=5)
    response = await desk.plain.post(path, data=said, allow_redirects=False)
    assert response.status == 303


async def tracked(desk: Desk, found, step: str = "", **said: str):
    """What the complainant sees, or does, under the tracking code."""
    opened = await desk.plain.post("/track", data={"code": found.code}, allow_redirects=False)
    cookie = {"Cookie": "; ".join(f"{each.key}={each.value}" for each in opened.cookies.values())}
    if not step:
        return await desk.plain.get("/track/case?lang=en", headers=cookie)
    desk.clock.forward(minutes=5)
    path = f"/track/case/{step}"
    return await desk.plain.post(path, data=said, headers=cookie, allow_redirects=False)


async def row_of(desk: Desk, found) -> dict:
    (row,) = await desk.rows("SELECT * FROM complaint WHERE id = $1", found.id)
    return dict(row)


async def at_the_desk(desk: Desk):
    """Answered, rated badly, and no office of the county left to follow it up."""
    found = await filed(desk)
    await answered(desk, found, found.office)
    sent = await tracked(desk, found, "rating", level="1", resolved="no", comment="没有办成")
    assert sent.status == 303
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "UPDATE complaint SET office = NULL, owner = 'desk' WHERE id = $1", found.id
        )
    return found


def test_all_that_leads_on_is_a_verb_of_the_page():
    assert set(VERBS) >= LEADS_ON - {"accept"}


@pytest.mark.parametrize(
    ("verb", "state", "owner"), [("redo", "rework", "office"), ("close", "closed", None)]
)
async def test_the_desk_ends_a_follow_up_that_no_office_has(desk: Desk, verb, state, owner):
    found = await at_the_desk(desk)
    staff = await desk.staff("chan", "supervisor")
    page = await (await staff.get(f"/desk/cases/{found.number}")).text()
    assert f'name="do" value="{verb}"' in page
    sent = await fields(staff, found.number, verb, office=found.office, reason="")
    refused = await staff.post(f"/desk/cases/{found.number}/steps", **sent)
    assert refused.status == 422
    sent = await fields(staff, found.number, verb, office=found.office, reason=ACCOUNT)
    assert (await staff.post(f"/desk/cases/{found.number}/steps", **sent)).status == 303
    row = await row_of(desk, found)
    assert (row["state"], row["owner"]) == (state, owner)
    assert ACCOUNT in await (await tracked(desk, found)).text()


async def test_no_day_is_shown_that_no_calendar_says(desk: Desk):
    desk.clock.now = datetime(2026, 12, 15, 10, tzinfo=SHANGHAI)
    late, ended = await filed(desk), await filed(desk)
    way = await link_of(desk, late, late.office)
    desk.clock.forward(minutes=1)
    await desk.plain.post(f"{way}/signature", data={"person": "李工"}, allow_redirects=False)
    await answered(desk, ended, ended.office)
    await tracked(desk, ended, "rating", level="5", resolved="yes", comment="")
    desk.clock.now = datetime(2026, 12, 31, 10, tzinfo=SHANGHAI)
    staff = await desk.staff("chan", "supervisor")
    for name in ("late", "soon"):
        assert late.number not in await (await staff.get(f"/desk/cases?list={name}")).text()
    page = await (await staff.get(f"/desk/cases/{late.number}")).text()
    assert "the calendar of that year is missing" in page
    seen = await (await tracked(desk, ended)).text()
    assert "once next year" in seen
    assert "/track/case/review" in seen


async def merged(desk: Desk, staff, found, into) -> None:
    sent = await fields(staff, found.number, "merge", into=into.number)
    assert (await staff.post(f"/desk/cases/{found.number}/steps", **sent)).status == 303
    desk.clock.forward(minutes=5)


async def letters_to(desk: Desk, found) -> set[str]:
    while await postman.run_once(desk.context):
        pass
    rows = await desk.rows(
        "SELECT template FROM letter WHERE complaint = $1 AND recipient = 'complainant'", found.id
    )
    return {row["template"] for row in rows}


async def test_the_oldest_merged_complaint_goes_on_when_the_other_is_withdrawn(desk: Desk):
    first, second, third = [await filed(desk, email=f"{n}@example.org") for n in "abc"]
    staff = await desk.staff("chan", "supervisor")
    for each in (second, third):
        await merged(desk, staff, each, first)
    due = (await row_of(desk, second))["due_on"]
    sent = await tracked(desk, first, "withdrawal", reason="", confirm="yes")
    assert sent.status == 303
    row = await row_of(desk, second)
    assert (row["state"], row["owner"], row["office"]) == ("dispatched", "office", first.office)
    assert (row["due_on"], row["merged_into"]) == (due, None)
    assert (await row_of(desk, third))["merged_into"] == second.id
    assert "unmerged" in await letters_to(desk, second)
    assert "goes on by itself" in await (await tracked(desk, second)).text()


@pytest.mark.parametrize("other", [True, False], ids=["another office", "the same office"])
async def test_an_office_that_loses_its_case_by_merging_is_told_once(desk: Desk, *, other: bool):
    first = await filed(desk)
    second = await filed(desk, **({"badge": "A1001"} if other else {}))
    assert (first.office != second.office) == other
    way, staff = await link_of(desk, second, second.office), await desk.staff("chan", "supervisor")
    await letters_to(desk, second)
    await merged(desk, staff, second, first)
    await letters_to(desk, second)
    told = await desk.rows(
        "SELECT office, state FROM letter WHERE complaint = $1 AND template = 'merged_away'",
        second.id,
    )
    assert [tuple(each) for each in told] == ([(second.office, "sent")] if other else [])
    for language, words in (("en", "made one case"), ("zh-Hans", "合并"), ("zh-Hant", "合併")):
        page = await desk.plain.get(f"{way}?lang={language}")
        assert page.status == 410
        seen = await page.text()
        assert words in seen
        assert first.number not in seen


async def test_it_waits_for_the_desk_when_the_office_of_the_other_may_not_judge_it(desk: Desk):
    first = await filed(desk)
    second = await filed(desk, email="b@example.org", badge="A1001")
    staff = await desk.staff("chan", "administrator")
    await merged(desk, staff, second, first)
    county = next(iter(desk.context.counties))
    office = (await desk.context.snapshots.of(county)).directory.office(first.office)
    # What is known only after the merging.
    kinship = {"badge": "A1001", "relative_badge": office.head_badge}
    assert (await staff.post("/desk/county/relatives", **kinship)).status == 303
    await desk.context.snapshots.forget(county)
    desk.clock.forward(minutes=5)
    await tracked(desk, first, "withdrawal", reason="", confirm="yes")
    row = await row_of(desk, second)
    assert (row["state"], row["owner"], row["office"]) == ("received", "desk", None)


async def test_who_stepped_back_from_a_merged_complaint_does_not_answer_it_elsewhere(desk: Desk):
    first, second = await filed(desk), await filed(desk, email="b@example.org")
    staff = await desk.staff("chan", "administrator")
    away = await fields(staff, second.number, "recuse", reason="亲属", who="GOV-MAIN")
    assert (await staff.post(f"/desk/cases/{second.number}/steps", **away)).status == 303
    await merged(desk, staff, second, first)
    for case in (first, second):  # what stands at one is not taken back, nor added to, at the other
        verb, who = ("take_back", "GOV-MAIN") if case is first else ("recuse", "BUR-MAIN")
        sent = await fields(staff, case.number, verb, reason="x", who=who)
        assert (await staff.post(f"/desk/cases/{case.number}/steps", **sent)).status == 422
    away = await fields(staff, first.number, "recuse", reason="亲属", who=first.office)
    assert (await staff.post(f"/desk/cases/{first.number}/steps", **away)).status == 303
    assert (await row_of(desk, first))["office"] not in (first.office, "GOV-MAIN", None)


async def test_nor_through_a_case_that_was_merged_itself_but_where_it_was_withdrawn(desk: Desk):
    first, second, third = [await filed(desk, email=f"{each}@example.org") for each in "abc"]
    staff = await desk.staff("chan", "administrator")
    away = await fields(staff, third.number, "recuse", reason="亲属", who="GOV-MAIN")
    assert (await staff.post(f"/desk/cases/{third.number}/steps", **away)).status == 303
    await merged(desk, staff, third, second)
    await merged(desk, staff, second, first)
    county = next(iter(desk.context.counties))
    directory = (await desk.context.snapshots.of(county)).directory

    async def recused() -> frozenset[str]:
        async with desk.context.db.transaction(SCHEMA) as conn:
            found = await find_facts(conn, first.id, directory)
        assert found is not None
        return found.recused

    assert await recused() == {"GOV-MAIN"}
    await tracked(desk, third, "withdrawal", reason="", confirm="yes")
    assert await recused() == frozenset()


async def test_it_waits_for_the_desk_when_the_other_is_declined(desk: Desk):
    first, second = await unknown(desk), await filed(desk, email="b@example.org")
    staff = await desk.staff("chan", "supervisor")
    await merged(desk, staff, second, first)
    sent = await fields(staff, first.number, "decline", reason="法院已经受理。", channel="县法院")
    assert (await staff.post(f"/desk/cases/{first.number}/steps", **sent)).status == 303
    row = await row_of(desk, second)
    assert (row["state"], row["owner"]) == ("received", "desk")
    assert "unmerged" in await letters_to(desk, second)


async def test_what_a_review_decides_reaches_the_merged_complainant(desk: Desk):
    first, second = await filed(desk), await filed(desk, email="b@example.org")
    staff = await desk.staff("chan", "supervisor")
    await merged(desk, staff, second, first)
    await answered(desk, first, first.office)
    await tracked(desk, first, "rating", level="5", resolved="yes", comment="")
    await tracked(desk, first, "review", reason="没有看录像")
    await answered(desk, first, (await row_of(desk, first))["office"], "substantiated")
    assert {"answered", "decided"} <= await letters_to(desk, second)


async def test_an_office_that_signed_does_not_return_the_case_weeks_later(desk: Desk):
    found = await filed(desk)
    way = await link_of(desk, found, found.office)
    assert 'action="' + way + '/return"' in await (await desk.plain.get(way)).text()
    await desk.plain.post(f"{way}/signature", data={"person": "李工"}, allow_redirects=False)
    desk.clock.forward(days=18)
    said = {"reason": "这件事属于住建局的职责范围。", "proposed": "HRS-EFF"}
    sent = await desk.plain.post(f"{way}/return", data=said, allow_redirects=False)
    assert sent.status == 422
    assert f"{way}/return" not in await (await desk.plain.get(way)).text()

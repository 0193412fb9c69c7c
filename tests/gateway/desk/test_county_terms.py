"""The county's own time limits at the desk: seen before they are saved, and by one at a time."""

import asyncio
import re
from typing import Any

import pytest

from complaints.terms import DEFAULTS, KINDS
from gateway import recounting
from tests.browser.cases import file_case
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, desk
from tests.staff import Staff

__all__ = ["desk"]
PATH = "/desk/county/terms"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


def typed(**own: Any) -> dict[str, str]:
    fields = {kind: str(DEFAULTS[kind].number) for kind in KINDS}
    fields |= {f"{kind}-unit": DEFAULTS[kind].unit for kind in KINDS}
    return fields | {name.replace("_unit", "-unit"): str(value) for name, value in own.items()}


async def seen(staff: Staff, **own: Any) -> dict[str, str]:
    """The fields of the page that shows the effect."""
    shown = await staff.post(f"{PATH}/preview", **typed(**own))
    assert shown.status == 200, await shown.text()
    form = next(form for form in Page(await shown.text()).forms if form.action == PATH)
    return {name: text for name, text in form.values().items() if name != "csrf"}


async def kept(desk: Desk) -> dict[str, int]:
    rows = await desk.rows(f"SELECT kind, number FROM {SCHEMA}.case_limit")
    return {row["kind"]: row["number"] for row in rows}


async def test_a_supervisor_reads_and_changes_nothing(desk: Desk):
    staff = await desk.staff("chan", "supervisor")
    body = await (await staff.get(PATH)).text()
    assert "Answer a complaint" in body
    assert 'name="complaint"' not in body
    assert (await staff.post(PATH, **typed(sign=2), seen="1")).status == 403


async def test_a_page_of_the_county_is_marked_in_the_navigation_and_leads_back(desk: Desk):
    staff = await desk.staff("ho", "administrator")
    for path, mark in (
        ("/desk/county", "page"),
        (PATH, "true"),
        ("/desk/county/routing/10", "true"),
    ):
        source = await (await staff.get(path)).text()
        marked = re.findall(r'<a href="([^"]+)" aria-current="([a-z]+)"', source)
        assert marked == [("/desk/county", mark)], path
    assert (await staff.page(PATH)).links.count("/desk/county") == 2


@pytest.mark.parametrize("number", ["", "0", "91", "-3", "１５", "two", "9" * 50])
async def test_what_may_not_be_comes_back_with_what_was_typed(desk: Desk, number: str):
    staff = await desk.staff("ho", "administrator")
    fields = await seen(staff, rating=20) | {"complaint": number}
    for way in (f"{PATH}/preview", PATH):
        sent = await staff.post(way, **fields)
        assert sent.status == 422
        assert "Answer a complaint: a whole number from 1 to 90" in Page(await sent.text()).text
    assert await kept(desk) == {}


async def test_limits_that_do_not_fit_together_are_told_beside_the_changed_one(desk: Desk):
    staff = await desk.staff("ho", "administrator")
    for own, told in (
        ({"sign": 90}, "Sign for or return: must be shorter than ‘Answer an enquiry’ (2 working"),
        ({"complaint": 1}, "Answer a complaint: cannot be shorter than ‘Extension at most’ (10"),
    ):
        for way, status in ((f"{PATH}/preview", 422), (PATH, 409)):
            sent = await staff.post(way, **typed(**own), seen="another")
            assert sent.status == status
            page = Page(await sent.text())
            assert told in page.text
            assert f"{next(iter(own))}-error" in page.ids
    assert await kept(desk) == {}


async def test_no_open_case_loses_its_day_to_a_limit_that_no_calendar_can_count(desk: Desk):
    """2027 is not published: what runs into it would have no due day (domain.md R12)."""
    staff = await desk.staff("ho", "administrator")
    for way in (f"{PATH}/preview", PATH):
        sent = await staff.post(way, **(await seen(staff, rating=20) | {"complaint": "60"}))
        assert sent.status == 422
        assert "it runs into 2027" in (text := Page(await sent.text()).text)
        assert "At most 28 for now" in text
    # New cases would have a day by it; one whose answer was extended would not.
    found = await file_case(desk.context)
    seen_before = await seen(staff, complaint=25)
    async with desk.context.db.connection() as conn:
        await conn.execute(
            f"UPDATE {SCHEMA}.complaint SET extended_by = 10, extended_on = limit_start"
            " WHERE number = $1",
            found.number,
        )
    for way in (f"{PATH}/preview", PATH):
        sent = await staff.post(way, **seen_before)
        assert sent.status == 422
        assert "1 open case would be left without a due day" in Page(await sent.text()).text
    assert await kept(desk) == {}


async def test_the_effect_is_seen_and_the_same_then_happens(desk: Desk):
    found = await file_case(desk.context)
    staff = await desk.staff("ho", "administrator")
    shown = await staff.post(f"{PATH}/preview", **typed(complaint=20))
    body = Page(await shown.text()).text
    assert "15 working days" in body
    assert "20 working days" in body
    assert found.number in body
    assert await kept(desk) == {}, "nothing is stored by looking"
    fields = await seen(staff, complaint=20)
    assert (await staff.post(PATH, **fields)).status == 303
    assert await kept(desk) == {"complaint": 20}
    while await recounting.run_once(desk.context):
        pass
    rows = await desk.rows(f"SELECT data FROM {SCHEMA}.event WHERE kind = 'recounted'")
    assert len(rows) == 1
    assert "20 working days" in await (await desk.client.get("/?lang=en")).text(), "and it is said"
    assert "Ho changed time limits: Answer a complaint" in (await staff.page("/desk/county")).text
    # Everybody reads the log in the own language.
    staff.cookie = {"Cookie": staff.cookie["Cookie"].replace("lang=en", "lang=zh-Hans")}
    assert "Ho 修改了办理期限：答复投诉" in (await staff.page("/desk/county")).text


async def test_of_two_the_second_sees_how_things_stand(desk: Desk):
    one, two = [await desk.staff(name, "administrator") for name in ("ho", "lee")]
    first, second = await seen(one, rework=6), await seen(two, rating=20)
    assert (await one.post(PATH, **first)).status == 303
    late = await two.post(PATH, **second)
    assert late.status == 409
    assert "Somebody else changed" in await late.text()
    assert await kept(desk) == {"rework": 6}


async def test_a_calendar_changed_meanwhile_is_told_too(desk: Desk):
    one, two = [await desk.staff(name, "administrator") for name in ("ho", "lee")]
    fields = await seen(one, rework=6)
    closures = "/desk/county/calendar/closures"
    storm = {"first": "2026-11-24", "last": "2026-11-25", "note": "台风"}
    shown = Page(await (await two.post(closures, **storm)).text()).form("/closures").values()
    assert (await two.post(closures, **shown)).status == 303
    assert (await one.post(PATH, **fields)).status == 409
    assert await kept(desk) == {}


async def test_pressed_twice_it_is_saved_once(desk: Desk):
    staff = await desk.staff("ho", "administrator")
    fields = await seen(staff, rework=6)
    both = await asyncio.gather(staff.post(PATH, **fields), staff.post(PATH, **fields))
    assert [each.status for each in both] == [303, 303]
    assert (await staff.post(PATH, **fields)).status == 303
    lines = await desk.rows("SELECT 1 FROM shared.desk_log WHERE kind = 'county_edited'")
    assert len(lines) == 1

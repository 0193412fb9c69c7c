"""A sealed case that nobody in the county may have: the desk hands it over unread."""

import pytest

from gateway import checks
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, desk
from tests.gateway.desk.test_cases import fields, unknown
from tests.security.test_wiped import SCHEMA, way

__all__ = ["desk"]

SAID = "他叫我把茶水费交给他的司机。"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


async def names_the_level_above(desk: Desk, *, it_does: bool) -> None:
    kind, was = ("upper", "petition") if it_does else ("petition", "upper")
    await desk.rows(
        f"UPDATE {SCHEMA}.office SET kind = $1 WHERE kind = $2 AND code LIKE 'UPP%'", kind, was
    )
    await desk.rows(
        f"UPDATE {SCHEMA}.data_version SET version = version + 1 WHERE kind = 'directory'"
    )
    await desk.context.snapshots.forget(next(iter(desk.context.counties)))


async def against_the_head_of_discipline(desk: Desk):
    badge = await desk.value(f"SELECT head_badge FROM {SCHEMA}.office WHERE code = 'DIS-MAIN'")
    return await unknown(desk, category=("C02",), badge=badge, text=SAID, staff_description="")


async def page_of(staff, number: str) -> Page:
    return Page(await (await staff.get(f"/desk/cases/{number}")).text())


async def tracked(desk: Desk, code: str) -> str:
    browser = desk.browser()
    async with browser:
        await browser.post("/track", data={"code": code})
        return Page(await (await browser.get("/track/case?lang=en")).text()).text


async def test_nothing_is_called_handed_over_while_the_county_has_nobody_for_it(desk: Desk):
    await names_the_level_above(desk, it_does=False)
    case = await against_the_head_of_discipline(desk)
    assert case.office is None
    told = await tracked(desk, case.code)
    assert "waiting to be handed over" in told
    assert "No discipline office of the county may have this case" in told
    staff = await desk.staff("liang", "supervisor")
    page = await page_of(staff, case.number)
    assert "The county names no office of the level above" in page.text
    assert SAID not in page.text
    sent = await staff.post(
        f"/desk/cases/{case.number}/steps", do="hand_over", steps="0", office="DIS-MAIN"
    )
    assert sent.status in (409, 422)
    assert any("kind upper" in each for each in checks.way_faults(1, 1, 0))


@pytest.mark.parametrize("office", ["", "DIS-MAIN", "GOV-MAIN", "nobody"])
async def test_it_goes_to_no_office_of_the_county(desk: Desk, office: str):
    await names_the_level_above(desk, it_does=False)
    case = await against_the_head_of_discipline(desk)
    await names_the_level_above(desk, it_does=True)
    staff = await desk.staff("liang", "supervisor")
    typed = await fields(staff, case.number, "hand_over", office=office)
    sent = await staff.post(f"/desk/cases/{case.number}/steps", **typed)
    assert sent.status == 422
    assert await desk.value(f"SELECT state FROM {SCHEMA}.complaint") == "received"


async def test_the_level_above_gets_it_unread_and_reads_it(desk: Desk):
    await names_the_level_above(desk, it_does=False)
    case = await against_the_head_of_discipline(desk)
    await names_the_level_above(desk, it_does=True)
    staff = await desk.staff("liang", "supervisor")
    typed = await fields(staff, case.number, "hand_over", office="UPP-MAIN")
    url = f"/desk/cases/{case.number}/steps"
    assert [(await staff.post(url, **typed)).status for _ in range(2)] == [303, 409]
    assert await desk.value(f"SELECT state FROM {SCHEMA}.complaint") == "handed_over"
    by = f"SELECT DISTINCT actor FROM {SCHEMA}.event WHERE kind IN ('handed_over', 'dispatched')"
    assert await desk.value(by) == "liang"
    waiting = f"SELECT e.kind FROM {SCHEMA}.outbox o JOIN {SCHEMA}.event e ON e.id = o.event"
    assert "dispatched" in [row["kind"] for row in await desk.rows(waiting)]
    link = await way(desk, case.id, "UPP-MAIN")
    assert SAID in Page(await (await desk.plain.get(link)).text()).text
    assert SAID not in (await page_of(staff, case.number)).text
    assert "Handed over sealed" in await tracked(desk, case.code)

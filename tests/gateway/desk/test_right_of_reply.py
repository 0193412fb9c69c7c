"""What the named person said is kept for whoever looks at the answer again, and for nobody else."""

import pytest

from tests.gateway.desk.conftest import Desk, desk
from tests.gateway.desk.test_case_ends import answered, link_of, row_of, tracked
from tests.gateway.desk.test_cases import filed

__all__ = ["desk"]

SAID = "我当时没有解释清楚，已经向他道歉。"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


async def test_the_office_above_and_the_desk_read_what_the_named_person_said(desk: Desk):
    found = await filed(desk)
    await answered(desk, found, found.office, right_of_reply=SAID)
    await tracked(desk, found, "rating", level="1", resolved="no", comment="没有办成")
    above = (await row_of(desk, found))["office"]
    assert above != found.office
    way = await link_of(desk, found, above)
    assert SAID in await (await desk.plain.get(way)).text()
    for role, reads in (("supervisor", True), ("operator", False)):
        staff = await desk.staff(role, role)
        page = await (await staff.get(f"/desk/cases/{found.number}")).text()
        assert (SAID in page) == reads, role
        assert "已当面道歉并补办。" in page
    assert SAID not in await (await tracked(desk, found)).text()

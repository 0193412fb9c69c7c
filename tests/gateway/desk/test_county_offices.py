"""Offices and declared relatives at the desk: what is typed wrong, who may, and what follows."""

import pytest

from tests.forms import Page
from tests.gateway.desk.conftest import Desk, desk

__all__ = ["desk"]
OFFICES = "/desk/county/offices"
RELATIVES = "/desk/county/relatives"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    """The demo county's offices."""
    return fresh_demo_database


async def typed(staff, path: str, **changed: str) -> dict[str, str]:
    """The form at `path` as it stands, with some fields changed."""
    page = await staff.page(path)
    form = next(form for form in page.forms if "email" in form.values())
    return {**form.values(), **changed}


async def an_office(desk: Desk) -> str:
    return await desk.value("SELECT code FROM office WHERE kind = 'unit' ORDER BY code LIMIT 1")


WRONG = (
    ("name", ""), ("email", ""), ("email", "nonsense"), ("kind", "court"), ("unit", "NOBODY"),
    ("above", "NOBODY"), ("head_badge", "NOBODY-1"), ("members", "NOBODY-1"),
    ("members", "A1024, A1024"),
)  # fmt: skip


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_stored(desk: Desk):
    staff, code = await desk.staff("ho", "administrator"), await an_office(desk)
    before = await desk.rows("SELECT * FROM office ORDER BY code")
    fields = await typed(staff, f"{OFFICES}/{code}")
    for field, value in WRONG:
        sent = await staff.post(f"{OFFICES}/{code}", **{**fields, field: value})
        source = await sent.text()
        assert sent.status == 422, field
        assert f'id="{field}-error"' in source, field
        assert f'href="#{field}"' in source, field
    assert await desk.rows("SELECT * FROM office ORDER BY code") == before


async def test_an_office_cannot_stand_above_itself_nor_below_one_that_it_stands_above(desk: Desk):
    staff, code = await desk.staff("ho", "administrator"), await an_office(desk)
    above = await desk.value("SELECT above FROM office WHERE code = $1", code)
    for path, wrong, way in (
        (code, code, f"{code} → {code}"),
        (above, code, f"{above} → {code} → {above}"),
    ):
        fields = await typed(staff, f"{OFFICES}/{path}", above=wrong)
        sent = await staff.post(f"{OFFICES}/{path}", **fields)
        assert sent.status == 422
        page = Page(await sent.text())
        assert "above-error" in page.ids
        assert page.text.count("goes in a circle") == 2, "in the summary and beside the field"
        assert page.text.count(f"goes in a circle: {way}") == 2


async def test_nobody_at_the_desk_is_told_of_files(desk: Desk):
    staff, code = await desk.staff("ho", "administrator"), await an_office(desk)
    for field, what in (("members", "staff"), ("above", "oversight offices"), ("unit", "units")):
        fields = await typed(staff, f"{OFFICES}/{code}", **{field: "NOBODY-1"})
        text = Page(await (await staff.post(f"{OFFICES}/{code}", **fields)).text()).text
        assert f"‘NOBODY-1’ is not among the {what}" in text
        assert ".csv" not in text


async def test_a_change_counts_at_once_and_is_written_down(desk: Desk):
    staff, code = await desk.staff("ho", "administrator"), await an_office(desk)
    fields = await typed(staff, f"{OFFICES}/{code}", email="new@example.org", code="OTHER")
    sent = await staff.post(f"{OFFICES}/{code}", **fields)
    assert sent.status == 303, "an office keeps its code"
    assert "new@example.org" in await (await staff.get(sent.headers["Location"])).text()
    assert await desk.value("SELECT email FROM office WHERE code = $1", code) == "new@example.org"
    log = (await staff.page("/desk/county")).text
    assert f"Ho changed oversight offices: {code}" in log


async def test_of_two_who_edit_at_once_the_second_is_told_and_may_save_again(desk: Desk):
    staff, code = await desk.staff("ho", "administrator"), await an_office(desk)
    path = f"{OFFICES}/{code}"
    first = await typed(staff, path, phone="0700-1", kind="petition", members="A1024, A1030")
    second = await typed(staff, path, phone="0700-2")
    assert (await staff.post(path, **first)).status == 303
    late = await staff.post(path, **second)
    assert late.status == 409
    source = await late.text()
    page = Page(source)
    assert "Somebody else changed the county" in page.text
    # What the first saved stands beside each field, so that nobody takes it back unawares.
    for field, now in (
        ("phone", "0700-1"), ("kind", "the petition office"), ("members", "A1024, A1030"),
    ):  # fmt: skip
        assert f'id="{field}-error"' in source, field
        assert f"As it stands now: {now}" in page.text
    assert page.text.count("As it stands now") == 2 * 3, "in the summary, too"
    again = next(form for form in page.forms if "email" in form.values()).values()
    assert again["phone"] == "0700-2", "what was typed is kept"
    assert (await staff.post(path, **again)).status == 303
    assert await desk.value("SELECT phone FROM office WHERE code = $1", code) == "0700-2"


async def test_a_new_office_has_a_code_of_its_own(desk: Desk):
    staff = await desk.staff("ho", "administrator")
    fields = await typed(
        staff, f"{OFFICES}/new", code=await an_office(desk), name="新机构", name_en="New office",
        kind="petition", email="n@example.org", phone="0700-1", address="县城", members="A1024",
    )  # fmt: skip
    taken = await staff.post(OFFICES, **fields)
    assert taken.status == 422
    assert 'id="code-error"' in await taken.text()
    fields["code"] = "NEW-1"
    assert (await staff.post(OFFICES, **fields)).status == 303
    assert await desk.value("SELECT badge FROM office_member WHERE office = 'NEW-1'") == "A1024"


async def test_supervisors_read_offices_and_edit_none(desk: Desk):
    staff = await desk.staff("chan", "supervisor")
    page = await staff.page(OFFICES)
    assert not [link for link in page.links if link.startswith(f"{OFFICES}/")]
    assert (await staff.get(f"{OFFICES}/new")).status == 403
    assert (await (await desk.staff("ho", "administrator")).get(f"{OFFICES}/NOBODY")).status == 404


# Relatives


async def two_people(desk: Desk) -> tuple[str, str]:
    rows = await desk.rows(
        "SELECT badge FROM staff WHERE badge NOT IN (SELECT badge FROM declared_relative)"
        " AND badge NOT IN (SELECT relative_badge FROM declared_relative) ORDER BY badge LIMIT 2"
    )
    return rows[0]["badge"], rows[1]["badge"]


async def test_a_kinship_needs_two_known_people_and_stands_once(desk: Desk):
    staff = await desk.staff("chan", "supervisor")
    one, other = await two_people(desk)
    count = await desk.value("SELECT count(*) FROM declared_relative")
    for badge, relative in ((one, "NOBODY"), ("", other), (one, one)):
        sent = await staff.post(RELATIVES, badge=badge, relative_badge=relative)
        assert sent.status == 422, (badge, relative)
        assert 'aria-invalid="true"' in await sent.text()
    assert (await staff.post(RELATIVES, badge=one.lower(), relative_badge=other)).status == 303
    again = await staff.post(RELATIVES, badge=one, relative_badge=other)
    assert again.status == 303, "a double click"
    again = await staff.post(RELATIVES, badge=other, relative_badge=one)
    assert again.status == 422, "whichever of the two declared it"
    assert await desk.value("SELECT count(*) FROM declared_relative") == count + 1
    for _ in range(2):  # a double click
        gone = await staff.post(f"{RELATIVES}/removal", badge=one, relative_badge=other)
        assert gone.status == 303
    assert await desk.value("SELECT count(*) FROM declared_relative") == count

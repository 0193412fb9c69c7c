"""Limits of a matter at the desk: a promise stays below the law, and two editors are told apart."""

from datetime import date

import pytest

from complaints.measuring import County, measure
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, desk

__all__ = ["desk"]

LIMITS = "/desk/county/limits"
FIND = (
    "SELECT code, promised_number FROM matter WHERE kind = 'approval' AND promised_number > 1"
    " AND statutory_unit = 'working_day' AND promised_unit = 'working_day' ORDER BY code LIMIT 1"
)


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    """The demo county has matters."""
    return fresh_demo_database


async def test_a_promise_stays_below_the_law_and_the_second_editor_is_told(desk: Desk) -> None:
    ann, lin = await desk.staff("ann", "administrator"), await desk.staff("lin", "supervisor")
    (matter,) = await desk.rows(FIND)
    one = f"{LIMITS}/{matter['code']}"
    assert (await lin.post(one)).status == 403
    assert matter["code"] in (await lin.page(f"{LIMITS}?q={matter['code']}")).text
    for either in ("企业投资项目备案", "企業投資項目備案", "ｄｒｃ－００１"):
        assert "DRC-001" in (await lin.page(f"{LIMITS}?q={either}")).text, either
    assert (await ann.get(f"{LIMITS}/NOWHERE")).status == 404
    forms = [form.values() for form in (await ann.page(one)).forms]
    typed = next(form for form in forms if "seen" in form)
    del typed["csrf"]
    for wrong in ({"promised_number": "999"}, {"promised_number": "x"}, {"statutory_basis": ""}):
        answer = await ann.post(one, **(typed | wrong))
        assert answer.status == 422
        assert f'id="{next(iter(wrong))}-error"' in await answer.text()
    shorter = typed | {"promised_number": str(matter["promised_number"] - 1)}
    assert (await ann.post(one, **shorter)).status == 303
    assert (await ann.post(one, **typed)).status == 409
    (now,) = await desk.rows("SELECT promised_number FROM matter WHERE code = $1", matter["code"])
    assert now["promised_number"] == matter["promised_number"] - 1


async def test_a_basis_of_several_lines_is_no_change_by_somebody_else(desk: Desk) -> None:
    await desk.rows("UPDATE matter SET statutory_basis = E'第一条\n第二条' WHERE code = 'DRC-001'")
    ann, one = await desk.staff("ann", "administrator"), f"{LIMITS}/DRC-001"
    forms = [form.values() for form in (await ann.page(one)).forms]
    typed = next(form for form in forms if "seen" in form)
    del typed["csrf"]
    typed = {name: value.replace("\n", "\r\n") for name, value in typed.items()}
    assert (await ann.post(one, **(typed | {"promised_number": "2"}))).status == 303
    (now,) = await desk.rows("SELECT statutory_basis, promised_number FROM matter"
                             " WHERE code = 'DRC-001'")  # fmt: skip
    assert (now["statutory_basis"], now["promised_number"]) == ("第一条\n第二条", 2)


async def test_the_parts_of_a_parallel_approval_have_their_limits_beside_the_whole(
    desk: Desk,
) -> None:
    ann, bo = await desk.staff("ann", "administrator"), await desk.staff("bo", "administrator")
    one = f"{LIMITS}/ARA-P01"
    shown = [form.values() for form in (await ann.page(one)).forms]
    typed = next(form for form in shown if "step-2-number" in form)
    del typed["csrf"]
    assert (typed["step-2-number"], typed["step-2-unit"]) == ("12", "working_day")
    # Handing on (1), the slowest unit and putting together (4) fit into the whole (20).
    for wrong, at in (
        ({"step-2-number": "16"}, "promised_number"),
        ({"step-2-number": "0"}, "step-2-number"),
        ({"step-2-unit": "week"}, "step-2-unit"),
    ):
        answer = await ann.post(one, **(typed | wrong))
        assert answer.status == 422
        text = await answer.text()
        assert f'id="{at}-error"' in text
        assert f'href="#{at}"' in text
        assert next(iter(wrong.values())) in text
    assert (await ann.post(one, **(typed | {"step-2-number": "15"}))).status == 303
    late = await bo.post(one, **(typed | {"step-3-number": "7"}))
    assert late.status == 409
    source = await late.text()
    again = next(form for form in Page(source).forms if "seen" in form.values()).values()
    # What bo left as it was is what ann made of it; what he typed is there, with what stands.
    assert (again["step-2-number"], again["step-3-number"]) == ("15", "7")
    assert "As it stands now: 8" in Page(source).text
    assert "your change is not saved" in source
    steps = "SELECT limit_number FROM parallel_step WHERE matter = 'ARA-P01' ORDER BY position"
    assert [row["limit_number"] for row in await desk.rows(steps)] == [1, 15, 8, 9, 4]
    assert "15 working days" in (await ann.page("/matters/ARA-P01?lang=en")).text
    assert "Ann changed parallel approval: ARA-P01" in (await ann.page("/desk/county")).text


async def test_what_was_received_before_a_new_limit_is_measured_by_the_one_before(
    desk: Desk,
) -> None:
    ann = await desk.staff("ann", "administrator")
    (matter,) = await desk.rows(FIND)
    code, was = matter["code"], matter["promised_number"]
    one = f"{LIMITS}/{code}"

    async def saved(**said: str) -> None:
        forms = [form.values() for form in (await ann.page(one)).forms]
        typed = next(form for form in forms if "seen" in form)
        del typed["csrf"]
        assert (await ann.post(one, **(typed | said))).status == 303
        await desk.context.snapshots.forget(county)

    county = next(iter(desk.context.counties))
    # The same day again corrects a mistake; a later day keeps what held until then.
    await saved(promised_number=str(was + 1))
    assert await desk.value("SELECT count(*) FROM former_limit") == 0
    await saved(promised_number="1", valid_from="2027-03-01")
    held = await desk.context.snapshots.of(county)
    on = [date(2027, 2, 28), date(2027, 3, 1), date(1990, 1, 1)]
    found = [held.directory.matter_on(code, day) for day in on]
    assert [each and each.promised_number for each in found] == [was + 1, 1, 1]
    known = County(held.directory, held.calendar, held.rules)
    measured = measure(code, None, date(2026, 11, 2), date(2026, 11, 23), known)
    assert measured is not None
    assert measured.breach.promised is not None
    assert measured.breach.promised.due.limit.number == was + 1
    page = (await ann.page(f"/matters/{code}?lang=en")).text
    assert f"{was + 1} working days" in page
    assert "From Monday, 1 March 2027: promised limit 1 working day" in page
    # Taken back before they begin, they never hold, whatever is to begin later.
    await saved(promised_number=str(was + 1), valid_from="2027-05-01")
    await saved(promised_number=str(was), valid_from="2026-12-01")
    await saved(promised_number=str(was + 1), valid_from="2027-06-01")
    held = await desk.context.snapshots.of(county)
    on = [date(2026, 11, 30), date(2026, 12, 1), date(2027, 3, 1), date(2027, 6, 1)]
    found = [held.directory.matter_on(code, day) for day in on]
    assert [each and each.promised_number for each in found] == [was + 1, was, was, was + 1]

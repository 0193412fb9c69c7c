"""Limits of a matter at the desk: a promise stays below the law, and two editors are told apart."""

import pytest

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

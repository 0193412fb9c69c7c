"""What the desk keeps of a case on its page: letters, supervision, recusals, who it was."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from board.ids import new_id
from gateway.mail import postman
from gateway.store import letter_tasks
from gateway.store import letters as letter_store
from tests.browser.cases import Filed
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, desk
from tests.gateway.desk.test_case_ends import answered
from tests.gateway.desk.test_cases import fields, filed, fresh_database, text_of, unknown
from tests.staff import Staff

__all__ = ["desk", "fresh_database"]

ERROR = "550 mailbox unavailable"


async def directory_of(desk: Desk):
    return (await desk.context.snapshots.of(next(iter(desk.context.counties)))).directory


async def given_up(desk: Desk, case: Filed, template: str = "dispatched") -> UUID:
    """A letter to the case's office that did not arrive, with the desk's task; gives the task."""
    now = desk.clock.now
    letter, task = new_id(now), new_id(now)
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "INSERT INTO letter (id, event, complaint, template, recipient, office, language,"
            " state, attempts, next_at, last_error, created_at, done_at)"
            " SELECT $1, e.id, $2, $3, 'office', $4, 'zh-Hans', 'given_up', 8, $5, $6, $5, $5"
            " FROM event AS e WHERE e.complaint = $2 ORDER BY e.at LIMIT 1 OFFSET ("
            "SELECT count(*) FROM letter WHERE complaint = $2 AND state = 'given_up')",
            *(letter, case.id, template, case.office, now, ERROR),
        )
        await letter_tasks.insert_letter_task(conn, task, letter, now)
    return task


async def tasks(desk: Desk) -> dict[str, int]:
    async with desk.context.db.transaction(SCHEMA) as conn:
        return await letter_tasks.count_tasks(conn)


async def do(staff: Staff, case: Filed, verb: str, **more: str) -> int:
    sent = await fields(staff, case.number, verb, **more)
    return (await staff.post(f"/desk/cases/{case.number}/steps", **sent)).status


async def hidden(staff: Staff, case: Filed, name: str) -> str:
    source = await (await staff.get(f"/desk/cases/{case.number}")).text()
    return source.split(f'name="{name}" value="')[1].split('"')[0]


# Letters


async def test_a_letter_that_was_given_up_says_why_and_is_sent_again_once(desk: Desk):
    case = await filed(desk)
    await given_up(desk, case)
    staff = await desk.staff("chan", "supervisor")
    assert case.number in await text_of(await staff.get("/desk/cases?list=letters"))
    body = await text_of(await staff.get(f"/desk/cases/{case.number}"))
    for each in ("A case was dispatched", "Given up", "8 attempts", ERROR, "To the office"):
        assert each in body
    letter = await hidden(staff, case, "letter")
    sent = await fields(staff, case.number, "resend", letter=letter)
    path = f"/desk/cases/{case.number}/steps"
    both = await asyncio.gather(staff.post(path, **sent), staff.post(path, **sent))
    assert sorted(each.status for each in both) == [303, 409]
    assert await tasks(desk) == {}
    assert case.number not in await text_of(await staff.get("/desk/cases?list=letters"))
    body = await text_of(await staff.get(f"/desk/cases/{case.number}"))
    assert "Letter sent again" in body
    async with desk.context.db.transaction(SCHEMA) as conn:
        claimed = await letter_store.claim_letters(
            conn, desk.clock.now, desk.clock.now + timedelta(minutes=1), 5
        )
        assert [(each.template, each.attempts) for each in claimed] == [("dispatched", 1)]
        await conn.execute("UPDATE letter SET state = 'given_up'")
        await letter_tasks.insert_letter_task(
            conn, new_id(desk.clock.now), claimed[0].id, desk.clock.now
        )
    assert await tasks(desk) == {"letter_given_up": 1}, "given up once more is a new task"


async def test_what_was_told_otherwise_is_settled_with_a_reason_and_no_longer_a_fault(desk: Desk):
    case = await filed(desk)
    task = str(await given_up(desk, case))
    staff = await desk.staff("chan", "supervisor")
    assert await do(staff, case, "settle", task=task, reason=" ") == 422
    assert await tasks(desk) == {"letter_given_up": 1}
    assert await do(staff, case, "settle", task=task, reason="rang the office") == 303
    assert await do(staff, case, "settle", task=task, reason="rang the office") == 409
    assert await tasks(desk) == {}
    async with desk.context.db.transaction(SCHEMA) as conn:
        assert await letter_tasks.list_given_up(conn) == [], "gateway check names it no longer"
    body = await text_of(await staff.get(f"/desk/cases/{case.number}"))
    assert "Letter settled otherwise" in body
    assert "rang the office" in body


async def test_an_old_letter_can_be_dealt_with_however_many_came_after_it(desk: Desk):
    case, staff = await filed(desk), await desk.staff("chan", "supervisor")
    await given_up(desk, case)
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "WITH later AS ("
            " INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)"
            " SELECT gen_random_uuid(), $1, $2, 'reminded', 'system', NULL, '{}'"
            " FROM generate_series(1, 60) RETURNING id)"
            " INSERT INTO letter (id, event, complaint, template, recipient, office, language,"
            "  state, attempts, next_at, last_error, created_at, done_at)"
            " SELECT gen_random_uuid(), id, $1, 'reminded', 'office', $3, 'zh-Hans', 'sent', 1, $2,"
            "  '', $2, $2 FROM later",
            *(case.id, desk.clock.now + timedelta(days=1), case.office),
        )
    letter = await hidden(staff, case, "letter")
    assert await do(staff, case, "resend", letter=letter) == 303
    assert await tasks(desk) == {}


async def test_a_task_of_another_case_is_not_closed_from_here(desk: Desk):
    mine, other = await filed(desk), await filed(desk)
    task = str(await given_up(desk, other))
    staff = await desk.staff("chan", "supervisor")
    for verb, more in (("settle", {"task": task}), ("resend", {"letter": task}), ("settle", {})):
        assert await do(staff, mine, verb, reason="x", **more) == 409
    assert await tasks(desk) == {"letter_given_up": 1}


async def test_the_sealed_letter_of_a_sealed_case_can_be_sent_again_and_tells_nothing(desk: Desk):
    case = await filed(desk, category=("C03",), text="他收了我的红包才肯办")
    await given_up(desk, case, "sealed")
    staff = await desk.staff("chan", "supervisor")
    assert case.number in await text_of(await staff.get("/desk/cases?list=letters"))
    body = await (await staff.get(f"/desk/cases/{case.number}")).text()
    assert "Handed over sealed" in body
    assert "红包" not in body
    assert await do(staff, case, "resend", letter=await hidden(staff, case, "letter")) == 303
    operator = await desk.staff("ling", "operator")
    assert "Letters" not in await text_of(await operator.get(f"/desk/cases/{case.number}"))


# Supervision


async def test_supervision_is_lifted_with_a_reason_and_may_be_raised_again(desk: Desk):
    case = await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    assert await do(staff, case, "lift", reason="not yet") == 422
    assert await do(staff, case, "supervise") == 303
    body = await text_of(await staff.get(f"/desk/cases/{case.number}"))
    assert "By the county desk (since" in body
    assert await do(staff, case, "lift", reason="") == 422
    assert await do(staff, case, "lift", reason="put right") == 303
    body = await text_of(await staff.get(f"/desk/cases/{case.number}"))
    assert "Supervision lifted" in body
    assert "put right" in body
    assert "By the county desk: " not in body
    async with desk.context.db.transaction(SCHEMA) as conn:
        assert await conn.fetchval("SELECT count(*) FROM supervision WHERE closed_at IS NULL") == 0
    assert await do(staff, case, "supervise") == 303


# Recusals


async def test_a_recusal_names_who_wrote_it_down_and_is_taken_back(desk: Desk):
    case = await filed(desk)
    office = next(each for each in (await directory_of(desk)).offices if each.code != case.office)
    staff = await desk.staff("chan", "supervisor")
    assert await do(staff, case, "recuse", who=office.code, reason="a cousin") == 303
    source = await (await staff.get(f"/desk/cases/{case.number}")).text()
    assert "County desk chan" in Page(source).text
    assert await do(staff, case, "take_back", who="NOBODY", reason="x") == 422
    assert await do(staff, case, "take_back", who=office.code, reason="") == 422
    assert await do(staff, case, "take_back", who=office.code, reason="no cousin") == 303
    assert await do(staff, case, "take_back", who=office.code, reason="no cousin") == 422
    body = await text_of(await staff.get(f"/desk/cases/{case.number}"))
    assert "Recusal taken back" in body
    assert "no cousin" in body
    assert "Recused from this case" not in body


async def test_the_office_that_stepped_back_has_the_case_no_longer(desk: Desk):
    case = await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    assert (await desk.client.get(case.path)).status == 200
    assert await do(staff, case, "recuse", who=case.office, reason="its own clerk's case") == 303
    assert (await desk.client.get(case.path)).status == 410
    after = await desk.rows(f"SELECT office, state, owner FROM {SCHEMA}.complaint")
    assert after[0]["office"] != case.office
    assert (after[0]["state"], after[0]["owner"]) == ("dispatched", "office")


# Who it was


@pytest.fixture
async def unnamed(desk: Desk) -> Filed:
    """A case about somebody at a unit, with the unit's own office."""
    found = await filed(
        desk,
        badge="",
        unit="HRS",
        staff_description="一个高个子",
        category=("L01",),
        matter="",
        accepted_on=None,
        details={},
    )
    assert (await directory_of(desk)).office(found.office).unit == "HRS"
    desk.clock.now += timedelta(minutes=1)
    return found


async def test_nobody_has_that_number_and_a_reason_is_needed(desk: Desk, unnamed: Filed):
    staff = await desk.staff("chan", "supervisor")
    assert unnamed.number in await text_of(await staff.get("/desk/cases?list=unidentified"))
    response = await staff.post(
        f"/desk/cases/{unnamed.number}/steps",
        **await fields(staff, unnamed.number, "identify", badge="Z9999", reason="the roster"),
    )
    assert response.status == 422
    page = Page(await response.text())
    assert "Nobody in the county has this number" in page.text
    assert "Z9999" in await response.text(), "what was typed is still there"
    assert await do(staff, unnamed, "identify", badge="A1024", reason="") == 422


async def test_a_clerk_is_named_and_the_office_keeps_the_case(desk: Desk, unnamed: Filed):
    staff = await desk.staff("chan", "supervisor")
    assert await do(staff, unnamed, "identify", badge="A1024", reason="the roster") == 303
    (row,) = await desk.rows(f"SELECT staff_badge, subject_state, office FROM {SCHEMA}.complaint")
    assert tuple(row) == ("A1024", "identified", unnamed.office)
    body = await text_of(await staff.get(f"/desk/cases/{unnamed.number}"))
    assert "Person identified" in body
    assert "the roster" in body
    assert await do(staff, unnamed, "identify", badge="A1024", reason="the roster") == 422
    listed = await text_of(await staff.get("/desk/cases?list=all&staff=A1024"))
    assert unnamed.number in listed
    assert unnamed.number not in await text_of(await staff.get("/desk/cases?list=unidentified"))


async def test_who_is_named_after_the_answer_counts_among_those_upheld_against(
    desk: Desk, unnamed: Filed
):
    staff = await desk.staff("chan", "supervisor")
    await answered(desk, unnamed, unnamed.office)
    for _ in range(2):
        other = await filed(desk, badge="A1031")
        await answered(desk, other, other.office)
    about = f"SELECT why, subject FROM {SCHEMA}.supervision"
    before = [tuple(row) for row in await desk.rows(about)]
    assert ("upheld", "A1031") not in before
    desk.clock.now += timedelta(minutes=5)
    assert await do(staff, unnamed, "identify", badge="A1031", reason="the roster") == 303
    rows = await desk.rows(f"SELECT subject, unit FROM {SCHEMA}.upheld")
    assert [tuple(row) for row in rows] == [("A1031", "HRS")] * 3
    raised = [tuple(row) for row in await desk.rows(about)]
    assert raised.count(("upheld", "A1031")) == 1
    body = await text_of(await staff.get(f"/desk/cases/{unnamed.number}"))
    assert "Put under supervision" in body
    assert unnamed.number in await text_of(await staff.get("/desk/cases?list=supervised"))


async def test_whoever_is_named_raises_no_supervision_of_the_unit_that_was_lifted(
    desk: Desk, unnamed: Filed
):
    staff = await desk.staff("chan", "supervisor")
    await answered(desk, unnamed, unnamed.office)
    for badge in ("A1031", "A1032"):
        last = await filed(desk, badge=badge)
        await answered(desk, last, last.office)
    desk.clock.now += timedelta(minutes=5)
    about = f"SELECT count(*) FROM {SCHEMA}.supervision WHERE why = 'upheld' AND closed_at IS NULL"
    assert await desk.value(about) == 1
    assert await do(staff, last, "lift", reason="已整改。") == 303
    assert await do(staff, unnamed, "identify", badge="A1033", reason="the roster") == 303
    assert await desk.value(about) == 0, "nothing more was upheld against the unit"


async def test_who_is_named_where_not_even_the_unit_was_known_counts_too(desk: Desk):
    found = await unknown(desk)
    staff = await desk.staff("chan", "supervisor")
    assert await do(staff, found, "dispatch", office="BUR-MAIN", kind="complaint") == 303
    await answered(desk, found, "BUR-MAIN")
    desk.clock.now += timedelta(minutes=5)
    assert await do(staff, found, "identify", badge="A1031", reason="the roster") == 303
    rows = await desk.rows(f"SELECT subject, unit FROM {SCHEMA}.upheld")
    assert [tuple(row) for row in rows] == [("A1031", "HRS")]


async def test_when_it_was_the_head_the_case_goes_up_at_once(desk: Desk, unnamed: Filed):
    head = (await directory_of(desk)).unit("HRS").head_badge
    staff = await desk.staff("chan", "supervisor")
    assert await do(staff, unnamed, "identify", badge=head, reason="the roster") == 303
    (row,) = await desk.rows(f"SELECT office, state, owner FROM {SCHEMA}.complaint")
    assert row["office"] not in (None, unnamed.office)
    assert (row["state"], row["owner"]) == ("dispatched", "office")
    assert (await desk.client.get(unnamed.path)).status == 410, "the links are revoked"
    told = await desk.rows(
        f"SELECT e.kind, e.data ->> 'was' AS was FROM {SCHEMA}.outbox AS o"
        f" JOIN {SCHEMA}.event AS e ON e.id = o.event ORDER BY e.at DESC, e.id DESC LIMIT 1"
    )
    assert tuple(told[0]) == ("rerouted", unnamed.office), "office and complainant are written to"
    body = await text_of(await staff.get(f"/desk/cases/{unnamed.number}"))
    assert "Nobody judges the own head" in body, "the reasons are those of the routing done again"


async def test_of_two_who_name_the_person_the_second_is_told(desk: Desk, unnamed: Filed):
    staff = await desk.staff("chan", "supervisor")
    sent = await fields(staff, unnamed.number, "identify", badge="A1024", reason="the roster")
    path = f"/desk/cases/{unnamed.number}/steps"
    both = await asyncio.gather(staff.post(path, **sent), staff.post(path, **sent))
    assert sorted(each.status for each in both) == [303, 409]


async def test_an_office_in_conflict_is_not_made_to_keep_what_it_returned(
    desk: Desk, unnamed: Filed
):
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "UPDATE complaint SET state = 'return_asked', owner = 'desk',"
            " next_kind = 'decide_return'"
        )
    head = (await directory_of(desk)).unit("HRS").head_badge
    staff = await desk.staff("chan", "supervisor")
    assert await do(staff, unnamed, "identify", badge=head, reason="the roster") == 303
    assert await do(staff, unnamed, "refuse_return", reason="it is yours") == 422
    (row,) = await desk.rows(f"SELECT state, office FROM {SCHEMA}.complaint")
    assert row["state"] == "dispatched", "another office has it"
    assert row["office"] != unnamed.office


async def test_a_letter_to_the_complainant_names_no_office_as_its_reader(desk: Desk):
    found = await filed(desk)
    while await postman.run_once(desk.context):
        pass
    staff = await desk.staff("chan", "supervisor")
    text = (await staff.page(f"/desk/cases/{found.number}")).text
    assert "To the complainant" in text
    assert "To the complainant (" not in text
    assert "To the office (" in text


async def test_a_fault_leads_to_the_form_that_was_sent_where_there_are_several(desk: Desk):
    case = await filed(desk)
    codes = [o.code for o in (await directory_of(desk)).offices if o.code != case.office][:2]
    staff = await desk.staff("chan", "supervisor")
    for code in codes:
        assert await do(staff, case, "recuse", who=code, reason="a cousin") == 303
    first, second = [await given_up(desk, case) for _ in range(2)]
    path = f"/desk/cases/{case.number}/steps"
    for verb, name, all_ in (
        ("take_back", "who", codes),
        ("settle", "task", [str(first), str(second)]),
    ):
        for wanted in all_:
            sent = await fields(staff, case.number, verb, reason="", **{name: wanted})
            source = await (await staff.post(path, **sent)).text()
            assert f'href="#{verb}-reason"' in source
            before, _, after = source.partition(f'id="{verb}-reason"')
            assert f'id="{verb}-reason"' not in after
            assert before.split(f'name="{name}" value="')[-1].startswith(wanted)

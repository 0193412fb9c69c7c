"""Nobody at the desk sees a complaint about himself, a superior or a declared relative."""

import asyncio
import io

import pytest
from python_calamine import CalamineWorkbook

from complaints.hidden import kept_from
from tests import people
from tests.browser.cases import Filed
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, desk
from tests.gateway.desk.test_cases import fields, filed, unknown
from tests.security.test_wiped import SCHEMA
from tests.staff import signed_in

__all__ = ["desk"]


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


@pytest.mark.parametrize(
    ("badge", "hidden"),
    [
        (None, set()),
        ("A2048", {"A2048", "H001"}),
        # The head is the superior and a declared relative as well.
        ("A1024", {"A1024", "H001"}),
        ("H001", {"H001", "A1024"}),
        ("B0001", {"B0001"}),
        ("nobody", {"nobody"}),
    ],
)
def test_the_own_the_superiors_and_the_relatives_are_kept_away(badge: str, hidden: set[str]):
    assert kept_from(badge, people.DIRECTORY).badges == hidden


@pytest.mark.parametrize(
    ("badge", "works_in", "units"),
    [
        (None, "RS", set()),
        ("A2048", None, set()),
        ("A2048", "RS", {"RS"}),
        ("H001", None, {"RS"}),
        # Who heads another unit than the own.
        ("H001", "JW", {"RS", "JW"}),
    ],
)
def test_what_names_nobody_is_kept_from_the_own_unit(
    badge: str | None, works_in: str | None, units: set[str]
):
    found = kept_from(badge, people.DIRECTORY, works_in)
    assert found.units == units
    assert {f"unit:{code}" for code in units} <= set(found.subjects)


def test_the_head_of_the_unit_is_a_superior_also_where_none_was_filled_in():
    assert kept_from("A0007", people.DIRECTORY, "RS").badges >= {"A0007", "H001"}


async def known_as(desk: Desk, login: str, badge: str, *roles: str):
    """A user of the desk whom an administrator has found in the directory."""
    user = await desk.user(login, *roles)
    admin = await desk.staff(f"admin-{login}", "administrator")
    sent = await admin.post(f"/desk/users/{user}/badge", badge=badge)
    assert sent.status == 303
    return user


async def statuses(staff, case: Filed) -> list[int]:
    number = case.number
    read = [
        f"/desk/cases/{number}", f"/desk/cases/{number}/attachments/1",
        f"/desk/cases/find?number={number}", f"/desk/results/{number}",
    ]  # fmt: skip
    written = [
        (f"/desk/cases/{number}/steps", {"do": "note", "steps": "3", "reason": "x"}),
        (f"/desk/cases/{number}/contact", {"reason": "to call back"}),
    ]
    found = [(await staff.get(path)).status for path in read]
    return found + [(await staff.post(path, **typed)).status for path, typed in written]


async def test_an_administrator_finds_nobody_without_a_true_number_nor_himself(desk: Desk):
    user = await desk.user("chan", "supervisor")
    me = await desk.user("liang", "administrator")

    admin = await signed_in(desk.plain, desk.context, me)
    wrong = await admin.post(f"/desk/users/{user}/badge", badge="Z9999")
    assert wrong.status == 422
    assert 'value="Z9999"' in await wrong.text()
    own = await admin.post(f"/desk/users/{me}/badge", badge="A1024")
    assert own.status == 403
    assert await desk.value("SELECT count(*) FROM shared.desk_badge") == 0
    for _ in range(2):
        assert (await admin.post(f"/desk/users/{user}/badge", badge="a1024")).status == 303
    assert "A1024" in Page(await (await admin.get(f"/desk/users/{user}")).text()).text
    log = "SELECT count(*) FROM shared.desk_log WHERE kind = 'badge_changed'"
    assert await desk.value(log) == 1
    unseen = await admin.post(f"/desk/users/{user}/badge", badge="A1506", seen="")
    assert unseen.status == 409, "somebody else said who it is meanwhile"
    source = await unseen.text()
    assert 'value="A1506"' in source, "what was typed"
    assert "A1024" in Page(source).text, "beside who it is by now"
    nobody = await admin.post(f"/desk/users/{user}/badge", badge="", seen="A1024")
    assert nobody.status == 303
    assert await desk.value("SELECT count(*) FROM shared.desk_badge") == 0


async def test_of_two_who_say_at_once_whom_a_user_is_the_second_is_told(desk: Desk):
    both = [await desk.staff(name, "administrator") for name in ("ann", "bo")]
    path = f"/desk/users/{await desk.user('chan', 'supervisor')}/badge"
    found = await asyncio.gather(
        *(who.post(path, badge=badge, seen="")
          for who, badge in zip(both, ("A1024", "A1506"), strict=True))
    )  # fmt: skip
    assert sorted(each.status for each in found) == [303, 409]
    log = "SELECT count(*) FROM shared.desk_log WHERE kind = 'badge_changed'"
    assert await desk.value(log) == 1


async def test_a_complaint_about_oneself_does_not_exist(desk: Desk):

    case = await filed(desk)
    user = await known_as(desk, "chan", "A1024", "supervisor", "administrator", "operator")
    staff = await signed_in(desk.plain, desk.context, user)
    assert await statuses(staff, case) == [404] * 6
    for list_ in ("all", "soon", "late"):
        listed = await staff.get(f"/desk/cases?list={list_}&staff=A1024")
        assert case.number not in await listed.text()
    for path in ("/desk/figures/cases?period=2026-11&count=filed", "/desk/report?month=2026-11"):
        page = await staff.get(path)
        assert page.status == 200
        assert case.number not in await page.text()
    numbered = await staff.get(f"/desk/cases?list=all&number={case.number}")
    assert numbered.status == 200
    pressed = await staff.post("/desk/cases/reminders", list="all", case=f"{case.number}:3")
    assert pressed.status == 303
    assert await desk.value(f"SELECT count(*) FROM {SCHEMA}.event WHERE kind = 'reminded'") == 0
    other = await filed(desk, badge="A1030")
    into = await fields(staff, other.number, "merge", into=case.number)
    assert (await staff.post(f"/desk/cases/{other.number}/steps", **into)).status == 422
    colleague = await desk.staff("ng", "supervisor")
    assert (await colleague.get(f"/desk/cases/{case.number}")).status == 200


async def test_a_complaint_about_the_own_unit_as_a_whole_does_not_exist(desk: Desk):
    case = await filed(desk, badge="", details={})
    head = await desk.value(
        "SELECT u.head_badge FROM complaint AS c JOIN unit AS u ON u.code = c.unit"
        " WHERE c.id = $1 AND c.staff_badge IS NULL",
        case.id,
    )
    user = await known_as(desk, "chan", head, "supervisor", "administrator")
    staff = await signed_in(desk.plain, desk.context, user)
    assert await statuses(staff, case) == [404] * 6
    for list_ in ("all", "soon"):
        page = await staff.get(f"/desk/cases?list={list_}")
        assert case.number not in await page.text()
    behind = await staff.get("/desk/figures/cases?period=2026-11&count=filed")
    assert case.number not in await behind.text()
    colleague = await desk.staff("ng", "supervisor")
    assert (await colleague.get(f"/desk/cases/{case.number}")).status == 200


async def test_what_may_be_the_same_is_not_told_of_a_hidden_case(desk: Desk):
    """Somebody who reads one case is not told of another about himself."""
    own = await filed(desk)
    unit, matter = (await desk.rows("SELECT unit, matter FROM complaint WHERE id = $1", own.id))[0]
    body = await desk.value("SELECT body FROM complaint WHERE id = $1", own.id)
    other = await unknown(desk, unit=unit, matter=matter, text=body)
    colleague = await desk.staff("ng", "supervisor")
    assert own.number in await (await colleague.get(f"/desk/cases/{other.number}")).text()
    named = await known_as(desk, "chan", "A1024", "supervisor")
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute("UPDATE complaint SET staff_badge = 'A1007' WHERE id = $1", other.id)
    staff = await signed_in(desk.plain, desk.context, named)
    page = await staff.get(f"/desk/cases/{other.number}")
    assert page.status == 200
    assert own.number not in await page.text()
    # Nor where somebody else merges the two.
    into = await fields(colleague, other.number, "merge", into=own.number)
    assert (await colleague.post(f"/desk/cases/{other.number}/steps", **into)).status == 303
    for who, told in ((colleague, True), (staff, False)):
        page = await who.get(f"/desk/cases/{other.number}")
        assert page.status == 200
        assert (own.number in await page.text()) == told


async def test_no_effect_that_is_shown_before_saving_names_a_hidden_case(desk: Desk):
    """A number that is told and then not found would say whom that case is about."""
    own = await filed(desk)
    named = await known_as(desk, "chan", "A1024", "administrator")
    staff = await signed_in(desk.plain, desk.context, named)
    limits = (await staff.page("/desk/county/terms")).form("/preview").values()
    for path, typed in (
        ("calendar/closures", {"first": "2026-11-24", "note": "台风"}),
        ("terms/preview", {**limits, "complaint": "14"}),
        ("routing/preview", {"act": "drop 110"}),
    ):
        for who in (staff, await desk.staff(f"ng-{path}", "administrator")):
            sent = await who.post(f"/desk/county/{path}", **{**typed, "csrf": who.csrf})
            assert sent.status == 200, path
            assert (own.number in await sent.text()) == (who is not staff), path


async def test_nobody_removes_the_own_kinship_to_read_a_relatives_case(desk: Desk):
    case = await filed(desk)
    user = await known_as(desk, "chan", "A1506", "supervisor")
    colleague = await desk.staff("ng", "administrator")
    for pair in (("A1506", "A1024"), ("A1024", "A1506")):
        kinship = dict(zip(("badge", "relative_badge"), pair, strict=True))
        assert (await colleague.post("/desk/county/relatives", **kinship)).status == 303
        staff = await signed_in(desk.plain, desk.context, user)
        assert (await staff.get(f"/desk/cases/{case.number}")).status == 404
        own = await staff.post("/desk/county/relatives/removal", **kinship)
        assert own.status == 403
        page = Page(await own.text())
        assert "This kinship is your own." in page.text
        assert (await staff.get(f"/desk/cases/{case.number}")).status == 404
        gone = await colleague.post("/desk/county/relatives/removal", **kinship)
        assert gone.status == 303
        assert (await staff.get(f"/desk/cases/{case.number}")).status == 200


async def test_that_figures_count_what_no_list_shows_is_said_to_whom_it_concerns(desk: Desk):
    case = await filed(desk)
    chan = await signed_in(
        desk.plain, desk.context, await known_as(desk, "chan", "A1024", "supervisor")
    )
    wong = await desk.staff("wong", "supervisor")
    assert (await chan.post("/desk/figures/counts", period="2026-11")).status == 303
    told = "are counted in the figures and stand in no list"
    behind = "/desk/figures/cases?period=2026-11&count=filed"
    for path in ("/desk/figures?period=2026-11", behind, "/desk/report?month=2026-11"):
        assert told in (await chan.page(path)).text
        assert told not in (await wong.page(path)).text
    assert case.number in (await wong.page(behind)).text
    assert case.number not in (await chan.page(behind)).text
    for staff, said in ((chan, True), (wong, False)):
        body = await (await staff.get("/desk/report.xlsx?month=2026-11")).read()
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(4)
        assert (told in str(sheet.to_python()[1][0])) == said


async def test_nobody_counts_the_praise_of_the_own_work(desk: Desk):
    for n, badge in enumerate(("A1024", "A1001")):
        praise = {"staff": badge, "text": "很耐心", "request_id": str(n)}
        await desk.plain.post("/commendations", data=praise, allow_redirects=False)
    user = await known_as(desk, "chan", "A1024", "supervisor")
    staff, colleague = (
        await signed_in(desk.plain, desk.context, user),
        await desk.staff("ng", "supervisor"),
    )
    page = await staff.page("/desk/commendations")
    assert "This praises you" in page.text
    (other,) = [form.action for form in page.forms if "/desk/commendations/" in form.action]
    every = (await colleague.page("/desk/commendations")).forms
    (own,) = {form.action for form in every if "/desk/commendations/" in form.action} - {other}
    assert (await staff.post(own, state="counted")).status == 403
    assert (await staff.post(other, state="counted")).status == 303
    assert (await colleague.post(own, state="counted")).status == 303

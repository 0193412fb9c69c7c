"""The desk's lists and its case page: who sees what, and what a case allows."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from complaints import decisions, intake
from complaints.drafts import Draft
from complaints.hidden import NOTHING
from complaints.intake import Enclosed, Origin
from complaints.supervision import LISTS, SEES, Wanted, count_lists, find_page
from gateway.ciphers import KeyringCipher
from gateway.desk import waiting
from gateway.desk.access import ROLES
from tests.browser.cases import DATA_KEY, file_case
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, desk

__all__ = ["desk"]

TEXT = "上午九时到窗口办理登记，工作人员正在看手机，说系统坏了，叫我下午再来。"
CONTACT = ("何敏仪", "13800138000", "citizen@example.org")


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    """The desk of these tests has the demo county's offices."""
    return fresh_demo_database


async def filed(desk: Desk, **said):
    return await file_case(desk.context, **said)


async def unknown(desk: Desk, **said):
    """A case that waits for the desk: nobody knows whom it is about."""
    more = {"text": TEXT, "staff_description": "a tall man", "category": ("L01",), **said}
    context, county = desk.context, next(iter(desk.context.counties))
    held = await context.snapshots.of(county)
    async with context.db.transaction(county.schema) as conn:
        return await intake.file(
            conn,
            Draft.model_validate(more),
            decisions.County(held.directory, held.calendar, held.rules),
            KeyringCipher(context.keys),
            enclosed=Enclosed(DATA_KEY, ()),
            origin=Origin("web", "zh-Hant"),
            now=context.clock(),
        )


async def fields(staff, number: str, verb: str, **more: str) -> dict[str, str]:
    source = await (await staff.get(f"/desk/cases/{number}")).text()
    steps = source.split('name="steps" value="')[1].split('"')[0]
    return {"do": verb, "steps": steps, **more}


async def text_of(response) -> str:
    return Page(await response.text()).text


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_see_what_of_a_case(desk: Desk, role: str):
    found = await filed(desk)
    staff = await desk.staff("one", role)
    response = await staff.get(f"/desk/cases/{found.number}")
    body = await response.text()
    assert (response.status == 200) == ("state" in SEES[role])
    assert ("12 号窗口" in body) == ("text" in SEES[role])
    assert ("A1024" in body) == ("person" in SEES[role])
    assert ('name="do"' in body) == ("act" in SEES[role])
    assert not any(each in body for each in CONTACT), "never without a reason"
    assert found.code not in body
    assert "{" not in Page(body).text, "every word has its particulars"
    sent = await staff.post(f"/desk/cases/{found.number}/contact", reason="to call back")
    assert (CONTACT[1] in await sent.text()) == ("contact" in SEES[role])


async def test_a_number_of_nobody_and_of_another_county_is_not_found(desk: Desk):
    staff = await desk.staff("chan", "supervisor")
    assert (await staff.get("/desk/cases/2020-000001")).status == 404
    response = await staff.post("/desk/cases/2020-000001/steps", do="note", steps="0", reason="x")
    assert response.status == 404


async def test_contact_details_need_a_reason_which_is_written_down(desk: Desk):
    found = await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    path = f"/desk/cases/{found.number}/contact"
    refused = await staff.post(path, reason="  ")
    assert refused.status == 422
    assert CONTACT[1] not in await refused.text()
    shown = await staff.post(path, reason="asked to be called")
    assert shown.headers["Cache-Control"] == "no-store"
    seen = await shown.text()
    assert all(each in seen for each in CONTACT)
    after = await (await staff.get(f"/desk/cases/{found.number}")).text()
    assert CONTACT[1] not in after
    assert "asked to be called" in after
    assert "County desk chan" in after


async def test_a_sealed_case_shows_number_office_and_times_to_every_role(desk: Desk):
    found = await filed(desk, category=("C03",), text="他收了我的红包才肯办", wish="退钱")
    staff = await desk.staff("chan", *ROLES)
    body = await (await staff.get(f"/desk/cases/{found.number}")).text()
    assert "This case is sealed" in body
    assert "Missing" in body
    for word in ("红包", "退钱", "A1024", 'name="do"', *CONTACT):
        assert word not in body
    for path in ("contact", "steps"):
        sent = await staff.post(f"/desk/cases/{found.number}/{path}", do="note", reason="x")
        assert sent.status == 404
    assert (await staff.get(f"/desk/cases/{found.number}/attachments/1")).status == 404
    listed = await (await staff.get("/desk/cases?list=sealed")).text()
    assert found.number in listed
    for offer in (f'value="{found.number}:', "tick=1", "/desk/cases/reminders"):
        assert offer not in listed, "nobody is reminded from here"


async def test_a_file_is_handed_out_in_a_form_that_cannot_act(desk: Desk):
    found = await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    response = await staff.get(f"/desk/cases/{found.number}/attachments/1")
    assert response.status == 200
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert (await staff.get(f"/desk/cases/{found.number}/attachments/2")).status == 404


async def test_an_enquiry_is_answered_sooner(desk: Desk):
    found = await unknown(desk)
    staff = await desk.staff("chan", "supervisor")
    path = f"/desk/cases/{found.number}/steps"
    sent = await fields(staff, found.number, "dispatch", office="BUR-MAIN", kind="riddle")
    assert (await staff.post(path, **sent)).status == 422
    assert (await staff.post(path, **{**sent, "kind": "enquiry"})).status == 303
    body = await text_of(await staff.get(f"/desk/cases/{found.number}"))
    assert "2 working days" in body


async def test_of_two_who_dispatch_the_second_is_told(desk: Desk):
    found = await unknown(desk)
    staff = await desk.staff("chan", "supervisor")
    page = await (await staff.get(f"/desk/cases/{found.number}")).text()
    office = page.split(" selected>")[0].rsplit('option value="', 1)[1].split('"')[0]
    sent = await fields(staff, found.number, "dispatch", office=office)
    path = f"/desk/cases/{found.number}/steps"
    both = await asyncio.gather(staff.post(path, **sent), staff.post(path, **sent))
    assert sorted(each.status for each in both) == [303, 409]
    again = await staff.post(path, **await fields(staff, found.number, "dispatch", office=office))
    assert again.status == 422


async def test_declining_needs_a_reason(desk: Desk):
    found = await unknown(desk)
    staff = await desk.staff("chan", "supervisor")
    path = f"/desk/cases/{found.number}/steps"
    assert (await staff.post(path, **await fields(staff, found.number, "decline"))).status == 422
    reason, channel = "这是邻县的车站，本县管不到。", "请致电邻县热线 0755-12345。"
    for why, where in (("不归我管", channel), ("已按有关规定处理。", channel), (reason, "")):
        sent = await fields(staff, found.number, "decline", reason=why, channel=where)
        assert (await staff.post(path, **sent)).status == 422
    sent = await fields(staff, found.number, "decline", reason=reason, channel=channel)
    assert (await staff.post(path, **sent)).status == 303
    assert "Declined" in await text_of(await staff.get(f"/desk/cases/{found.number}"))


async def test_a_likely_duplicate_is_offered_and_merged(desk: Desk):
    unit = (
        (await desk.context.snapshots.of(next(iter(desk.context.counties)))).directory.units[0].code
    )
    first = await unknown(desk, unit=unit, text=TEXT)
    second = await unknown(desk, unit=unit, text=TEXT + "请处理。")
    staff = await desk.staff("chan", "supervisor")
    page = await (await staff.get(f"/desk/cases/{second.number}")).text()
    assert first.number in page
    path = f"/desk/cases/{second.number}/steps"
    itself = await fields(staff, second.number, "merge", into=second.number)
    assert (await staff.post(path, **itself)).status == 422
    sent = await fields(staff, second.number, "merge", into=first.number)
    assert (await staff.post(path, **sent)).status == 303


async def test_a_duplicate_that_is_over_is_neither_offered_nor_merged_into(desk: Desk):
    one, other, third = [await filed(desk) for _ in range(3)]
    staff = await desk.staff("chan", "supervisor")
    page = f"/desk/cases/{one.number}"
    shown = await (await staff.get(page)).text()
    assert other.number in shown
    assert third.number in shown
    for state in ("withdrawn", "declined", "closed", "archived"):
        async with desk.context.db.transaction(SCHEMA) as conn:
            await conn.execute(
                "UPDATE complaint SET state = $2, owner = NULL, next_at = NULL, next_kind = NULL"
                " WHERE id = $1",
                *(other.id, state),
            )
        shown = await (await staff.get(page)).text()
        assert other.number not in shown, state
        assert third.number in shown
        sent = await fields(staff, one.number, "merge", into=other.number)
        assert (await staff.post(f"{page}/steps", **sent)).status == 422, state


async def test_no_complaint_is_merged_into_a_case_of_an_office_that_stepped_back_from_it(
    desk: Desk,
):
    one, other = await filed(desk), await filed(desk)
    staff = await desk.staff("chan", "administrator")
    path = f"/desk/cases/{one.number}/steps"
    away = await fields(staff, one.number, "recuse", reason="亲属", who=other.office)
    assert (await staff.post(path, **away)).status == 303
    sent = await fields(staff, one.number, "merge", into=other.number)
    refused = await staff.post(path, **sent)
    assert refused.status == 422
    body = await text_of(refused)
    assert "has that case has a conflict of interest" in body
    assert await desk.value("SELECT merged_into FROM complaint WHERE id = $1", one.id) is None
    # The other way round the office that has it is in no conflict with either.
    path = f"/desk/cases/{other.number}/steps"
    sent = await fields(staff, other.number, "merge", into=one.number)
    assert (await staff.post(path, **sent)).status == 303


async def test_what_was_typed_is_kept_where_somebody_else_decided_first(desk: Desk):
    found = await unknown(desk)
    staff = await desk.staff("chan", "supervisor")
    path, why, channel = f"/desk/cases/{found.number}/steps", "法院已经受理。", "请向县法院反映"
    late = await fields(staff, found.number, "decline", reason=why, channel=channel)
    first = await fields(staff, found.number, "dispatch", office="BUR-MAIN", kind="complaint")
    assert (await staff.post(path, **first)).status == 303
    body = await text_of(response := await staff.post(path, **late))
    assert response.status == 409
    assert "What you had typed" in body
    assert why in body
    assert channel in body


async def test_notes_supervision_and_recusals_are_kept_with_who_did_it(desk: Desk):
    found = await filed(desk)
    staff = await desk.staff("chan", "administrator")
    path = f"/desk/cases/{found.number}/steps"
    nobody = await fields(staff, found.number, "recuse", reason="x", who="NOBODY")
    assert (await staff.post(path, **nobody)).status == 422
    directory = (await desk.context.snapshots.of(next(iter(desk.context.counties)))).directory
    who = directory.offices[0].code
    for verb, more in (
        ("note", {"reason": "rang twice"}),
        ("supervise", {}),
        ("remind", {}),
        ("recuse", {"reason": "a cousin", "who": who}),
    ):
        sent = await fields(staff, found.number, verb, **more)
        assert (await staff.post(path, **sent)).status == 303, verb
    body = await text_of(await staff.get(f"/desk/cases/{found.number}"))
    for each in (
        "rang twice",
        "Put under supervision",
        "Reminded",
        "a cousin",
        directory.offices[0].name_en,
    ):
        assert each in body
    listed = await text_of(await staff.get("/desk/cases?list=supervised"))
    assert found.number in listed


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_without_cases_says_so(desk: Desk, name: str):
    staff = await desk.staff("chan", "supervisor")
    response = await staff.get(f"/desk/cases?list={name}&unit=NOBODY")
    assert response.status == 200
    assert "There are no cases in this list" in await text_of(response)


@pytest.mark.parametrize("after", ["x", "2026-01-01~x", "~", "2026-01-01T00:00:00~" + "0" * 32])
async def test_an_odd_place_in_a_list_is_not_found(desk: Desk, after: str):
    staff = await desk.staff("chan", "supervisor")
    assert (await staff.get(f"/desk/cases?list=late&after={after}")).status == 404
    assert (await staff.get("/desk/cases?list=nothing")).status == 404


async def test_what_is_late_can_be_reminded_of_together_and_once(desk: Desk):
    found = [await filed(desk), await filed(desk)]
    staff = await desk.staff("chan", "supervisor")
    assert found[0].number not in await text_of(await staff.get("/desk/cases?list=late"))
    desk.clock.now += timedelta(days=30)
    staff = await desk.staff("wong", "supervisor")
    page = await (await staff.get("/desk/cases?list=late")).text()
    ticks = [each.split('"')[0] for each in page.split('name="case" value="')[1:]]
    assert len(ticks) == 2
    sent = await staff.post("/desk/cases/reminders", case=ticks[0], list="late")
    assert sent.headers["Location"] == "/desk/cases?list=late&reminded=1&left=0"
    again = await staff.post("/desk/cases/reminders", case=ticks[0], list="late")
    assert again.headers["Location"].endswith("reminded=0&left=1")
    assert "your pressing twice" in await text_of(await staff.get(again.headers["Location"]))


async def test_who_may_rate_is_not_reminded_and_nobody_is_of_what_is_over(desk: Desk):
    found = await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    path = "/desk/cases?list=all"
    assert f'value="{found.number}:' in await (await staff.get(path)).text()
    for state, owner in (("released", "complainant"), ("withdrawn", None)):
        async with desk.context.db.transaction(SCHEMA) as conn:
            await conn.execute(
                "UPDATE complaint SET state = $2, owner = $3, next_at = $4, next_kind = $5"
                " WHERE id = $1",
                *(found.id, state, owner),
                *((desk.clock.now, "rate") if owner else (None, None)),
            )
        listed = await (await staff.get(path)).text()
        assert found.number in listed
        assert "/desk/cases/reminders" not in listed, state
        assert 'value="remind"' not in await (await staff.get(f"/desk/cases/{found.number}")).text()


async def test_an_operator_finds_a_case_by_its_number_alone(desk: Desk):
    found = await filed(desk)
    staff = await desk.staff("chan", "operator")
    assert (await staff.get("/desk/cases")).status == 403
    assert (await staff.get("/desk/cases/find?number=nothing")).status == 404
    for typed in (found.number, "案号：２０２６－０００００１", "2026–000001", " 2026 000001 "):
        sent = await staff.get(f"/desk/cases/find?number={typed}")
        assert sent.headers["Location"] == f"/desk/cases/{found.number}", typed


async def test_a_list_says_its_filters_and_a_reminder_leads_back_to_the_same_place(desk: Desk):
    found = await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    source = await (await staff.get("/desk/cases?list=all&unit=HRS&staff=A1024")).text()
    page = Page(source)
    assert "Remove" in page.text
    assert 'href="/desk/cases?list=all&amp;staff=A1024"' in source, "without the unit"
    assert 'href="/desk/cases?list=all&amp;unit=HRS"' in source, "without the person"
    for typed in ("a1024", "Ａ１０２４", "P-012", "台牌号 P012"):
        listed = await (await staff.get(f"/desk/cases?list=all&staff={typed}")).text()
        assert found.number in listed, "the same person, whichever number was read off"
        assert 'value="A1024"' in listed
    assert " checked" not in source
    assert " checked" in await (await staff.get("/desk/cases?list=all&tick=1")).text()
    after = "ffffffff-ffff-ffff-ffff-ffffffffffff"
    sent = await staff.post(
        "/desk/cases/reminders",
        **{"list": "all", "unit": "HRS", "after": after, "case": f"{found.number}:0"},
    )
    assert sent.headers["Location"] == (
        f"/desk/cases?list=all&unit=HRS&after={after}&reminded=1&left=0"
    )
    assert "Reminders sent: 1" in await text_of(await staff.get(sent.headers["Location"]))
    none = await staff.post("/desk/cases/reminders", list="all")
    assert "choose at least one" in await text_of(await staff.get(none.headers["Location"]))


async def test_what_is_over_can_be_looked_for_where_it_is_listed(desk: Desk):
    found = await filed(desk)
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "UPDATE complaint SET state = 'withdrawn', owner = NULL, next_at = NULL,"
            " next_kind = NULL WHERE id = $1",
            found.id,
        )
    staff = await desk.staff("chan", "supervisor")
    page = await staff.page("/desk/cases?list=all&state=withdrawn")
    assert found.number in page.text
    assert "State Withdrawn Remove" in page.text, "not by its key"
    kept = next(form for form in page.forms if form.method == "get").values()
    assert kept["state"] == "withdrawn", "or narrowing further would drop it"
    late = await (await staff.get("/desk/cases?list=late")).text()
    assert 'value="withdrawn"' not in late


async def test_what_is_due_is_said_with_its_last_day_and_not_with_midnight(desk: Desk):
    found = await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    for path in ("/desk/cases?list=all", f"/desk/cases/{found.number}"):
        text = await text_of(await staff.get(path))
        assert "Sign for it" in text
        assert "00:00" not in text
    assert "Tuesday" in text, "a working day after Monday"


async def test_a_day_in_a_year_without_a_calendar_is_said_to_be_unknown(desk: Desk):
    desk.clock.now = desk.clock.now.replace(month=12, day=30)
    staff = await desk.staff("chan", "supervisor")
    found = await filed(desk)
    text = await text_of(await staff.get(f"/desk/cases/{found.number}"))
    assert "Answer due not known: the calendar of working days for 2027 is not published" in text


async def test_every_day_that_is_due_says_how_it_was_counted(desk: Desk):
    staff = await desk.staff("chan", "supervisor")
    answer = "How the day of the answer was counted: 15 working days"
    case, at_desk = await filed(desk), await unknown(desk)
    text = await text_of(await staff.get(f"/desk/cases/{case.number}"))
    sign = "How the day for “Sign for it” was counted: 1 working day Mon 23 November the start day"
    assert sign in text
    assert answer in text
    text = await text_of(await staff.get(f"/desk/cases/{at_desk.number}"))
    assert "How the day for “Accept or decline” was counted: 3 working days" in text
    assert answer not in text, "nobody has accepted it yet"
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute("UPDATE complaint SET state = 'in_hand' WHERE id = $1", case.id)
    text = await text_of(await staff.get(f"/desk/cases/{case.number}"))
    assert answer in text
    assert "How the day for" not in text, "the answer's is what is due"
    # A day that this calendar does not give is not explained by it.
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "UPDATE complaint SET next_at = next_at + interval '1 day' WHERE id = $1", at_desk.id
        )
    text = await text_of(await staff.get(f"/desk/cases/{at_desk.number}"))
    assert "How the day for" not in text


async def test_the_navigation_counts_what_waits(desk: Desk):
    await filed(desk)
    desk.clock.now += timedelta(days=30)
    staff = await desk.staff("chan", "supervisor")
    text = await text_of(await staff.get("/desk/cases?list=waiting"))
    assert "Late (1)" in text
    assert "Waiting for the desk (" not in text, "nothing is counted where nothing waits"


STANDING = (
    # Nobody is late by a day that no calendar gives, and none is counted as if.
    ("in_hand", "office", "calendar_unknown", {}),
    ("received", "desk", "calendar_unknown", {"waiting": 1}),
    ("in_hand", "office", "answer", {"late": 1}),
    ("disputed", "desk", "decide_dispute", {"late": 1, "waiting": 1, "disputes": 1}),
    ("return_asked", "desk", "decide_return", {"late": 1, "waiting": 1}),
    ("released", "complainant", "rating", {}),
)


async def test_a_list_holds_what_is_counted_for_it(desk: Desk):
    case, over = await filed(desk), desk.clock.now - timedelta(hours=1)
    calendar = (await desk.context.snapshots.of(next(iter(desk.context.counties)))).calendar
    for state, owner, kind, lists in STANDING:
        async with desk.context.db.transaction(SCHEMA) as conn:
            await conn.execute(
                "UPDATE complaint SET state = $2, owner = $3, next_at = $4, next_kind = $5"
                " WHERE id = $1",
                *(case.id, state, owner, over, kind),
            )
            found = {
                name: (await find_page(conn, Wanted(name), calendar, desk.clock.now)).count
                for name in LISTS
                if name != "all"
            }
            assert found == await count_lists(conn, calendar, desk.clock.now)
        assert {name: n for name, n in found.items() if n} == lists, (state, kind)


async def test_what_no_index_serves_is_looked_for_a_stretch_at_a_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("complaints.supervision.STRETCH", 1)
    old = await filed(desk, badge="", staff_name="", unit="HRS")
    desk.clock.now += timedelta(minutes=1)
    await filed(desk)
    desk.clock.now += timedelta(minutes=1)
    await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    path, steps = "/desk/cases?list=all&number=" + old.number[-2:], 0
    while True:
        source = await (await staff.get(path)).text()
        if old.number in source.split("<table")[-1] and "<table" in source:
            break
        assert "Look further back" in source
        path = "/desk/cases" + source.split('href="/desk/cases')[-1].split('"')[0]
        path, steps = path.replace("&amp;", "&"), steps + 1
    assert steps == 2


async def test_a_page_of_many_tells_too_that_older_ones_were_not_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    for _ in range(4):
        await filed(desk)
        desk.clock.now += timedelta(minutes=1)
    monkeypatch.setattr("complaints.supervision.STRETCH", 3)
    monkeypatch.setattr("complaints.supervision.PAGE", 2)
    staff = await desk.staff("chan", "supervisor")
    text = await text_of(await staff.get("/desk/cases?list=all&number=2026"))
    assert "3 from here on." in text
    assert "cases from here on were searched" in text


async def test_odd_places_in_a_list_and_odd_numbers_are_refused_and_no_fault(desk: Desk):
    staff = await desk.staff("chan", "supervisor")
    for moment in ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"):
        place = f"{moment}~00000000-0000-0000-0000-000000000000"
        assert (await staff.get(f"/desk/cases?list=late&after={place}")).status == 404
    sent = await staff.post("/desk/cases/reminders", case="\0:1", list="late")
    assert sent.status == 303


async def test_the_first_page_says_what_waits_to_whom_it_concerns(desk: Desk):
    chan, ann = await desk.staff("chan", "supervisor"), await desk.staff("ann", "operator")
    assert "Nothing is late, and nothing waits" in (await chan.page("/desk/")).text
    await unknown(desk)
    await filed(desk)
    desk.clock.forward(days=3)
    chan, ann = await desk.staff("ng", "supervisor"), await desk.staff("mei", "operator")
    page = await chan.page("/desk/")
    assert "Waiting for the desk" in page.text
    assert "/desk/cases?list=late" in page.links
    assert "/desk/cases?list=sealed" not in page.links
    other = await ann.page("/desk/")
    assert not [link for link in other.links if link.startswith("/desk/cases?")]


async def test_the_numbers_of_the_lists_are_three_seconds_old_at_most(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(waiting, "KEPT", timedelta(seconds=3))
    await filed(desk)
    desk.clock.now += timedelta(days=30)
    staff = await desk.staff("chan", "supervisor")
    assert "Late (1)" in await text_of(await staff.get("/desk/cases"))
    await desk.rows("UPDATE complaint SET next_at = now() + interval '99 years' RETURNING id")
    desk.clock.now += timedelta(seconds=2)
    source = await text_of(await staff.get("/desk/cases"))
    assert "Late (1)" in source
    assert "no cases in this list" in source, "the list itself is always as it stands"
    desk.clock.now += timedelta(seconds=1)
    assert "Late (" not in await text_of(await staff.get("/desk/cases"))


async def test_who_writes_something_finds_it_counted_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(waiting, "KEPT", timedelta(seconds=3))
    found = await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    assert "Supervised (1)" not in await text_of(await staff.get("/desk/cases"))
    sent = await fields(staff, found.number, "supervise", reason="too long")
    assert (await staff.post(f"/desk/cases/{found.number}/steps", **sent)).status == 303
    assert "Supervised (1)" in await text_of(await staff.get("/desk/cases"))


def test_what_was_counted_while_somebody_wrote_is_not_held():
    held, now = waiting.Waiting(), datetime(2026, 11, 23, tzinfo=UTC)
    before = held.writes("a")
    held.forget("a")
    assert held.keep("a", NOTHING, now, {"late": 1}, writes=before) == {"late": 1}
    assert held.find("a", NOTHING, now) is None
    held.keep("a", NOTHING, now, {"late": 0}, writes=held.writes("a"))
    assert held.find("a", NOTHING, now) == {"late": 0}


async def test_a_list_longer_than_a_page_says_how_long_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("complaints.supervision.PAGE", 2)
    for _ in range(5):
        await filed(desk)
        desk.clock.now += timedelta(minutes=1)
    desk.clock.now += timedelta(days=30)
    staff = await desk.staff("chan", "supervisor")
    source = await (await staff.get("/desk/cases?list=late")).text()
    assert "Cases: 5." in source
    path = "/desk/cases" + source.split('href="/desk/cases')[-1].split('"')[0].replace("&amp;", "&")
    assert "3 from here on." in await text_of(await staff.get(path))
    narrowed = await text_of(await staff.get("/desk/cases?list=late&state=dispatched"))
    assert "Cases: 5." in narrowed


async def test_the_summary_says_which_of_the_forms_is_wrong(desk: Desk):
    found = await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    sent = await fields(staff, found.number, "note", reason="")
    answer = await staff.post(f"/desk/cases/{found.number}/steps", **sent)
    assert answer.status == 422
    summary = (await answer.text()).split('id="error-summary"')[1].split("</div>")[0]
    assert '<a href="#note-reason">Write a note: Please fill this in' in summary


async def test_contact_details_that_no_key_opens_lose_no_reason_that_was_typed(desk: Desk):
    case = await filed(desk)
    await desk.rows(f"UPDATE {SCHEMA}.complaint_secret SET contact = contact || '\\x00'")
    staff = await desk.staff("chan", "supervisor")
    sent = await staff.post(f"/desk/cases/{case.number}/contact", reason="asked to be called")
    assert sent.status == 422
    assert "asked to be called" in await sent.text()
    viewed = f"SELECT count(*) FROM {SCHEMA}.event WHERE kind = 'contact_viewed'"
    assert await desk.value(viewed) == 0

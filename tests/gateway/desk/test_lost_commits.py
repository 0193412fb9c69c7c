"""What the desk wrote, but whose commit the database could not tell any more; and what was pressed
twice: it is told as done, and is done once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pyotp
import pytest
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from tests.database import NAME
from tests.forms import Form, Page
from tests.gateway.desk.conftest import Desk, desk
from tests.gateway.desk.test_cases import fields, filed, fresh_database, unknown
from tests.gateway.desk.test_results import closed
from tests.gateway.pages.office import CommitsUnheard
from tests.staff import Staff, try_sign_in

__all__ = ["desk", "fresh_database"]


class Unheard(CommitsUnheard):
    """Everything else as the database does it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


class CommitsLate(Unheard):
    """A database that commits only when all is being tried again already."""

    async def run(self, schema: str, work: Any, **more: Any) -> Any:
        if more.get("single"):
            return await self._db.run(schema, work, **more)
        async with self._db.transaction(schema) as conn:
            await work(conn)
            again = asyncio.create_task(self._db.run(schema, work, **more))
            await asyncio.sleep(0.05)  # it waits for the case by now
        return await again


@pytest.fixture
async def staff(desk: Desk) -> AsyncIterator[Staff]:
    """An administrator before a site whose every commit is lost once."""
    signed = await desk.staff("chan", "administrator")
    context = replace(desk.context, db=Unheard(desk.context.db))  # type: ignore[arg-type]
    async with TestClient(TestServer(create_app(context)), cookie_jar=DummyCookieJar()) as client:
        signed.client = client
        yield signed


async def test_a_commit_that_comes_late_is_nobody_elses(desk: Desk, staff: Staff):
    case = await unknown(desk)
    context = replace(desk.context, db=CommitsLate(desk.context.db))  # type: ignore[arg-type]
    async with TestClient(TestServer(create_app(context)), cookie_jar=DummyCookieJar()) as client:
        staff.client = client
        sent = await fields(staff, case.number, "note", reason="called back")
        written = await staff.post(f"/desk/cases/{case.number}/steps", **sent)
    assert written.status == 303
    assert await kinds(desk, case.number) == ["noted"]


async def kinds(desk: Desk, number: str) -> list[str]:
    rows = await desk.rows(
        "SELECT e.kind FROM event AS e JOIN complaint AS c ON c.id = e.complaint"
        " WHERE c.number = $1 AND e.actor_kind = 'desk' ORDER BY e.at, e.id",
        number,
    )
    return [row["kind"] for row in rows]


async def test_who_was_really_late_is_told_so(desk: Desk, staff: Staff):
    case = await unknown(desk)
    sent = await fields(staff, case.number, "note", reason="called back")
    other = await desk.staff("ng", "supervisor")
    same = {**await fields(other, case.number, "note"), "reason": "called back"}
    assert (await other.post(f"/desk/cases/{case.number}/steps", **same)).status == 303
    late = await staff.post(f"/desk/cases/{case.number}/steps", **sent)
    assert late.status == 409
    assert await kinds(desk, case.number) == ["noted"]


async def test_a_step_is_taken_once_and_nobody_is_told_that_another_was_first(
    desk: Desk, staff: Staff
):
    case = await unknown(desk)
    path = f"/desk/cases/{case.number}/steps"
    steps = (
        ("note", {"reason": "called back"}),
        ("recuse", {"who": "A1024", "reason": "a neighbour"}),
        ("supervise", {}),
        ("dispatch", {"office": "BUR-MAIN", "reason": "", "kind": "complaint"}),
    )
    for verb, typed in steps:
        desk.clock.forward(minutes=1)
        sent = await staff.post(path, **await fields(staff, case.number, verb, **typed))
        assert sent.status == 303, verb
    told = ["noted", "recused", "supervised", "accepted", "dispatched"]
    assert await kinds(desk, case.number) == told
    # The same form once more is another matter.
    again = await staff.post(path, **{**await fields(staff, case.number, "note"), "steps": "1"})
    assert again.status == 409


async def test_a_view_of_contact_details_is_written_down_once(desk: Desk, staff: Staff):
    case = await filed(desk)
    shown = await staff.post(f"/desk/cases/{case.number}/contact", reason="to call back")
    assert "13800138000" in await shown.text()
    assert await kinds(desk, case.number) == ["contact_viewed"]


async def test_reminders_of_many_count_what_was_written(desk: Desk, staff: Staff):
    case = await filed(desk)
    steps = await desk.value("SELECT steps FROM complaint WHERE id = $1", case.id)
    sent = await staff.post("/desk/cases/reminders", list="all", case=f"{case.number}:{steps}")
    assert sent.status == 303
    assert "reminded=1" in sent.headers["Location"]
    assert "left=0" in sent.headers["Location"]
    assert await kinds(desk, case.number) == ["reminded"]


async def test_a_result_is_released_and_taken_back_once(desk: Desk, staff: Staff):
    case = await closed(desk)
    path = f"/desk/results/{case.number}"
    page = await staff.page(path)
    preview = await staff.post(f"{path}/preview", **page.form("/preview").values())
    form = Page(await preview.text()).form("/release").values()
    assert (await staff.post(f"{path}/release", **form)).status == 303
    form = (await staff.page(path)).form("/withdrawal").values()
    desk.clock.forward(minutes=1)
    assert (await staff.post(f"{path}/withdrawal", **form)).status == 303
    assert await kinds(desk, case.number) == ["result_released", "result_withdrawn"]


async def test_praise_is_confirmed_once_and_by_whoever_confirmed_it(desk: Desk, staff: Staff):
    data = {"staff": "A1024", "text": "很耐心", "request_id": "1"}
    await desk.plain.post("/commendations", data=data, allow_redirects=False)
    page = await staff.page("/desk/commendations")
    (form,) = [each for each in page.forms if "/desk/commendations/" in each.action]
    for _ in range(2):  # pressed twice
        assert (await staff.post(form.action, state="counted")).status == 303
    assert (await staff.post(form.action, state="refused")).status == 409
    other = await desk.staff("ng", "moderator")
    assert (await other.post(form.action, state="counted")).status == 409
    assert await desk.value("SELECT state FROM commendation") == "counted"


async def test_a_look_at_contact_details_is_written_down_once(desk: Desk, staff: Staff):
    case = await filed(desk)
    shown = await staff.post(f"/desk/cases/{case.number}/contact", reason="asked to be called")
    assert "13800138000" in await shown.text()
    assert await kinds(desk, case.number) == ["contact_viewed"]


async def test_what_is_done_about_users_has_one_line_in_the_log(desk: Desk, staff: Staff):
    new = {"login": "ng", "name": "Ng", "roles": "operator", "language": "en"}
    made = await staff.post("/desk/users", **new)
    password = (await made.text()).split('<span class="code-big">')[1].split("<")[0]
    door = {"login": "ng", "password": password, "next": "/desk/"}
    came = await staff.client.post("/desk/sign-in", data=door, allow_redirects=False)
    assert came.status == 303
    user = await desk.value("SELECT id FROM shared.desk_user WHERE login = 'ng'")
    for verb in ("closure", "reopening"):
        assert (await staff.post(f"/desk/users/{user}/{verb}")).status == 303
    lines = await desk.rows("SELECT kind, data FROM shared.desk_log ORDER BY at, id")
    told = ["user_added", "signed_in", "user_disabled", "user_enabled"]
    assert sorted(row["kind"] for row in lines) == sorted(told)
    assert next(row["data"] for row in lines if row["kind"] == "signed_in")["new_device"]


async def test_who_changes_the_county_comes_in_once(desk: Desk, staff: Staff):
    sent = await staff.post("/desk/me/county", county=NAME)
    assert sent.headers["Location"] == "/desk/"
    fresh = {"Cookie": f"desk={sent.cookies['desk'].value}"}
    assert (await desk.plain.get("/desk/", headers=fresh)).status == 200
    assert await desk.value("SELECT count(*) FROM shared.desk_log") == 1


async def test_a_code_whose_commit_was_not_heard_of_lets_in(desk: Desk, staff: Staff):
    secret = pyotp.random_base32()
    await desk.user("ng", "operator", secret=secret)
    step = (await try_sign_in(staff.client, "ng")).cookies["desk-step"].value
    came = await staff.client.post(
        "/desk/sign-in/code",
        data={"code": pyotp.TOTP(secret).at(desk.clock())},
        headers={"Cookie": f"desk-step={step}"},
        allow_redirects=False,
    )
    assert came.headers["Location"] == "/desk/me"


COUNTY = "/desk/county"
CALENDAR = f"{COUNTY}/calendar"
RULE = {"rank": "999", "receives": "bureau", "unit_kind": "town", "why": "towns last"}
OFFICE = {"code": "NEW-EFF", "name": "新办", "name_en": "New", "address": "1 号", "phone": "123456",
          "email": "new@example.org", "kind": "unit"}  # fmt: skip
LIMIT = f"{COUNTY}/limits/DRC-001"
# (where the form stands, where it is sent to, what is typed, whether it is looked at before).
EDITS = (
    (CALENDAR, f"{CALENDAR}/closures", {"first": "2026-11-24", "note": "台风"}, True),
    (CALENDAR, f"{CALENDAR}/closures/end", {"first": "2026-11-24"}, True),
    (CALENDAR, f"{CALENDAR}/years", {"year": "2027", "notice": "n", "off": "2027-01-01"}, True),
    (f"{COUNTY}/terms", f"{COUNTY}/terms", {"complaint": "14"}, True),
    (f"{COUNTY}/routing/new", f"{COUNTY}/routing", RULE, True),
    (f"{COUNTY}/routing/10", f"{COUNTY}/routing", {"why": "another reason"}, True),
    (f"{COUNTY}/routing/999", f"{COUNTY}/routing", {"rank": "998"}, True),
    (f"{COUNTY}/routing", f"{COUNTY}/routing", {"act": "up 998"}, True),
    (f"{COUNTY}/routing", f"{COUNTY}/routing", {"act": "drop 998"}, True),
    (f"{COUNTY}/offices/new", f"{COUNTY}/offices", OFFICE, False),
    (f"{COUNTY}/offices/BUR-MAIN", f"{COUNTY}/offices/BUR-MAIN", {"email": "b@x.example"}, False),
    (LIMIT, LIMIT, {"promised_number": "3"}, False),
)


def form_of(page: Page, to: str) -> Form:
    """The form that is sent there, or to the preview before it, or to its own page."""
    found = [form for form in page.forms if form.method == "post"]
    return next(form for form in found if form.action in (to, f"{to}/preview", ""))


async def test_what_an_editor_saved_is_told_as_saved_and_once(desk: Desk, staff: Staff):
    for at, to, typed, looked in EDITS:
        form = form_of(await staff.page(at), to)
        sent = {**form.values(), **typed}
        if looked:
            seen = await staff.post(form.action or to, **sent)
            assert seen.status == 200, to
            sent = form_of(Page(await seen.text()), to).values()
        for _ in range(2):
            desk.clock.forward(seconds=1)
            saved = await staff.post(to, **sent)
            assert saved.status == 303, (to, Page(await saved.text()).text)
    edits = await desk.value("SELECT count(*) FROM shared.desk_log WHERE kind = 'county_edited'")
    assert edits == len(EDITS) + 1, "a year has two parts"

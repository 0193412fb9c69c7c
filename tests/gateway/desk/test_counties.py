"""A user of two counties sees one at a time, and never a case of the other by its number."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pyotp
import pytest
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer
from python_calamine import CalamineWorkbook

from complaints import counting
from gateway import counting as background
from gateway import migrations
from gateway.app import create_app
from gateway.demo_county import load_demo_county
from gateway.desk import users
from gateway.desk.access import ACCESS, ROLES
from gateway.keys import token_hash
from gateway.store import desk_users as store
from tests.browser.cases import file_case
from tests.clock import Clock
from tests.database import NAME, SCHEMA
from tests.gateway.desk.conftest import Desk, clock
from tests.site import site_context
from tests.staff import PASSWORD, Staff, signed_in, try_sign_in

__all__ = ["clock"]
OTHER, OTHER_SCHEMA = "zz_other", "county_zz_other"


@pytest.fixture
async def desk(clock: Clock, fresh_demo_database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A site of two counties; the second has the demo county's offices too."""
    conn = await asyncpg.connect(fresh_demo_database)
    made = await migrations.create_county(
        conn, OTHER, "另县", "Other County", host="other.example.org", now=clock()
    )
    assert made == OTHER_SCHEMA
    # With several counties the host says which: the one of the test's own address is the first.
    await conn.execute("UPDATE shared.county SET host = '127.0.0.1' WHERE code <> $1", OTHER)
    await conn.close()
    async with (
        site_context(fresh_demo_database, tmp_path, clock=clock) as context,
        TestClient(TestServer(create_app(context))) as client,
        TestClient(TestServer(create_app(context)), cookie_jar=DummyCookieJar()) as plain,
    ):
        await load_demo_county(context.db, OTHER_SCHEMA, clock())
        yield Desk(context, clock, client, plain)


async def of_both(desk: Desk) -> tuple[object, Staff]:
    """A user who may do everything in both counties, signed in to the first."""
    user = await desk.user("chan", *ROLES)
    async with desk.context.db.transaction(SCHEMA) as conn:
        await store.update_roles(conn, user, OTHER, ROLES)
    return user, await signed_in(desk.plain, desk.context, user)


async def test_who_has_roles_in_two_counties_chooses_one_at_the_door(desk: Desk):
    await of_both(desk)
    sent = await try_sign_in(desk.client, "chan")
    assert sent.headers["Location"] == "/desk/sign-in/county"
    refused = await desk.client.post("/desk/sign-in/county", data={"county": "nowhere"})
    assert refused.status == 422
    await desk.client.post("/desk/sign-in/county", data={"county": OTHER})
    assert "Other County" in await (await desk.client.get("/desk/")).text()


async def test_the_county_is_changed_without_signing_in_again(desk: Desk):
    _, staff = await of_both(desk)
    assert "Go on in this county" in (await staff.page("/desk/me")).text
    assert (await staff.post("/desk/me/county", county="nowhere")).status == 422
    sent = await staff.post("/desk/me/county", county=OTHER)
    assert sent.status == 303
    assert (await staff.get("/desk/")).status == 303, "the session before has ended"
    staff.cookie = {"Cookie": f"desk={sent.cookies['desk'].value}; lang=en"}
    assert "Other County" in (await staff.page("/desk/")).text


async def test_who_changes_the_county_has_no_longer_until_the_next_sign_in(desk: Desk):
    _, staff = await of_both(desk)
    settings, county = desk.context.settings, OTHER
    ends = desk.clock.now + timedelta(hours=settings.desk_longest_hours)
    step = timedelta(minutes=settings.desk_idle_minutes / 2)
    while desk.clock.now + step < ends:
        desk.clock.now += step
        sent = await staff.post("/desk/me/county", county=county)
        assert sent.status == 303
        token = sent.cookies["desk"].value
        staff = Staff(desk.plain, desk.context, token, token_hash(token))
        county = NAME if county == OTHER else OTHER
    assert (await staff.get("/desk/")).status == 200
    desk.clock.now = ends
    assert (await staff.get("/desk/")).status == 303, "it is one sign-in"


async def test_who_is_reset_while_changing_the_county_is_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    user, staff = await of_both(desk)
    look = store.find_hash_held

    async def meanwhile(conn: asyncpg.Connection, id_: UUID) -> str | None:
        async with desk.context.db.transaction(SCHEMA) as other:
            (listed,) = await store.list_users(other, NAME, id_)
            by = users.Actor(None, NAME, desk.clock.now)
            keys = desk.context.keys
            await users.reset(other, by, listed, "x", without_totp=False, keys=keys)
        return await look(conn, id_)

    monkeypatch.setattr(store, "find_hash_held", meanwhile)
    sent = await staff.post("/desk/me/county", county=OTHER)
    assert sent.headers["Location"] == "/desk/sign-in?ended=1"
    assert "desk" not in sent.cookies
    alive = "SELECT count(*) FROM shared.desk_session WHERE desk_user = $1 AND ended_at IS NULL"
    assert await desk.value(alive, user) == 0


async def test_who_changes_the_county_by_a_double_click_is_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    _, staff = await of_both(desk)
    look, first = store.find_hash_held, []

    async def late(conn: asyncpg.Connection, id_: UUID) -> str | None:
        """Of the second press; the first is through by then."""
        if not first:
            first.append(None)
            first[0] = await staff.post("/desk/me/county", county=OTHER)
        return await look(conn, id_)

    monkeypatch.setattr(store, "find_hash_held", late)
    second = await staff.post("/desk/me/county", county=OTHER)
    for sent in (first[0], second):  # whichever of the two the browser shows
        assert sent.headers["Location"] == "/desk/"
        fresh = {"Cookie": f"desk={sent.cookies['desk'].value}"}
        assert (await desk.plain.get("/desk/", headers=fresh)).status == 200
    made = "SELECT count(DISTINCT created_at) FROM shared.desk_session"
    assert await desk.value(made) == 1, "it is one sign-in"


async def test_who_has_one_county_is_offered_no_other(desk: Desk):
    staff = await desk.staff("wong", "supervisor")
    assert "Go on in this county" not in (await staff.page("/desk/me")).text
    assert (await staff.post("/desk/me/county", county=OTHER)).status == 422


async def test_a_case_of_another_county_is_not_there_on_any_page(desk: Desk):
    """The same user may see it, but not in this session."""
    user, _ = await of_both(desk)
    there = await signed_in(desk.plain, desk.context, user, county=OTHER)
    case = await file_case(desk.context)
    await desk.rows(f"UPDATE {SCHEMA}.complaint SET number = '2026-777777'")
    before = await everything(desk)
    for method, route in sorted(ACCESS):
        if not route.startswith("/desk/cases/{number}"):
            continue
        path = route.replace("{number}", "2026-777777").replace("{position}", "1")
        for verb in ("note", "remind", "resend", "decline") if method == "POST" else ("",):
            sent = there.post(path, do=verb, steps="0", reason="x") if verb else there.get(path)
            assert (await sent).status == 404, (path, verb)
    sent = await there.post("/desk/cases/reminders", case="2026-777777:0", list="all")
    assert sent.headers["Location"].endswith("reminded=0&left=1")
    assert (await there.get("/desk/cases/find?number=2026-777777")).status == 404
    assert "2026-777777" not in await (await there.get("/desk/cases?list=all")).text()
    merged = await there.post("/desk/cases?list=all&number=2026-777777")
    assert merged.status in (404, 405)
    assert await everything(desk) == before
    here = await signed_in(desk.plain, desk.context, user)
    assert (await here.get("/desk/cases/2026-777777")).status == 200
    assert case.number != "2026-777777"


async def test_each_county_is_counted_and_its_figures_hold_no_case_of_the_other(desk: Desk):
    first, other = sorted(desk.context.counties, key=lambda each: each.schema != SCHEMA)
    for _ in range(2):
        await file_case(desk.context, county=first, category=("L01",), accepted_on="")
    await file_case(desk.context, county=other, category=("V04",), accepted_on="")
    assert await background.run_once(desk.context) == 2, "a month of each"
    assert await background.run_once(desk.context) == 0
    user, here = await of_both(desk)
    there = await signed_in(desk.plain, desk.context, user, county=OTHER)
    month = desk.clock().date().replace(day=1)
    for county, staff, filed, category in ((first, here, 2, "L01"), (other, there, 1, "V04")):
        async with desk.context.db.transaction(county.schema) as conn:
            found = (await counting.find_counted(conn, month, month))[month]
        assert found["all", ""].filed == filed
        assert [name for kind, name in found if kind == "category"] == [category]
        listed = (await staff.page("/desk/figures/cases?count=filed")).links
        assert len({link for link in listed if link.startswith("/desk/cases/2")}) == filed
        # Nor is it in the report.
        book = await (await staff.get("/desk/report.xlsx?month=2026-11")).read()
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("By category")
        assert [row[0] for row in sheet.to_python()[3:]] == [category]


async def test_a_code_app_that_one_county_requires_is_not_turned_off_through_the_other(desk: Desk):
    user = await desk.user("chan", "supervisor", secret=pyotp.random_base32())
    async with desk.context.db.transaction(SCHEMA) as conn:
        await store.update_roles(conn, user, OTHER, ("operator",))
        await store.update_requires_totp(conn, NAME, True)
    has_app = "SELECT totp_secret IS NOT NULL FROM shared.desk_user WHERE id = $1"
    for county in (NAME, OTHER):
        staff = await signed_in(desk.plain, desk.context, user, county=county, passed=True)
        assert "it cannot be turned off" in (await staff.page("/desk/me/totp")).text
        sent = await staff.post("/desk/me/totp/end", password=PASSWORD)
        assert (sent.status, sent.headers["Location"]) == (303, "/desk/me/totp")
        assert await desk.value(has_app, user)
    # Who does not work for that county any more may.
    async with desk.context.db.transaction(SCHEMA) as conn:
        await store.update_roles(conn, user, NAME, ())
    sent = await staff.post("/desk/me/totp/end", password=PASSWORD)
    assert sent.headers["Location"] == "/desk/me?done=totp_off"
    assert not await desk.value(has_app, user)


async def everything(desk: Desk) -> list[asyncpg.Record]:
    return await desk.rows(
        f"SELECT c.steps, e.kind FROM {SCHEMA}.complaint AS c"
        f" JOIN {SCHEMA}.event AS e ON e.complaint = c.id ORDER BY e.at, e.id"
    )

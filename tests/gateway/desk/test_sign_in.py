"""At the desk's door: who gets in, who does not, and what the next person at the machine sees."""

import asyncio
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from aiohttp import ClientResponse

from gateway.desk import sessions, signing_in, throttling
from gateway.desk.guard import safe_next
from gateway.keys import token_hash
from tests.forms import Page
from tests.gateway.desk.conftest import Desk
from tests.gateway.pages.conftest import OpenSite, open_site
from tests.staff import PASSWORD, Browser, signed_in, try_sign_in

__all__ = ["open_site"]

WRONG = "Login or password is wrong, or the login has been disabled."


async def text_of(client: Browser, path: str) -> str:
    response = await client.get(path)
    return Page(await response.text()).text


async def session_rows(desk: Desk) -> int:
    return int(await desk.value("SELECT count(*) FROM shared.desk_session WHERE ended_at IS NULL"))


# Who does not get in


async def test_unknown_wrong_disabled_and_roleless_read_the_same_words(desk: Desk):
    await desk.user("chan", "operator")
    gone = await desk.user("gone", "operator")
    await desk.user("roleless")
    async with desk.context.db.connection() as conn:
        await conn.execute(
            "UPDATE shared.desk_user SET disabled_at = $2 WHERE id = $1", gone, desk.clock()
        )
    for login, password in (
        ("nobody", PASSWORD),
        ("chan", "wrong"),
        ("gone", PASSWORD),
        ("roleless", PASSWORD),
        ("chan' OR 1=1 --", PASSWORD),
        ("\ud800chan\0".encode("utf-8", "replace").decode(), PASSWORD),
    ):
        response = await try_sign_in(desk.client, login, password)
        assert response.status == 422, login
        assert WRONG in Page(await response.text()).text
        assert set(response.cookies) == {"lang"}
    assert await session_rows(desk) == 0
    assert await desk.value("SELECT count(*) FROM shared.desk_log") == 0


@pytest.mark.parametrize(("login", "password"), [("", PASSWORD), ("chan", ""), ("", "")])
async def test_an_empty_form_is_no_try(desk: Desk, login: str, password: str):
    response = await try_sign_in(desk.client, login, password)
    assert response.status == 422
    assert await desk.value("SELECT count(*) FROM shared.desk_try") == 0


async def test_a_stranger_who_hammers_a_login_locks_out_himself_and_not_its_owner(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(throttling, "TRIES_OF_LOGIN", 5)
    await desk.user("chan", "operator")
    async with desk.browser() as owner:
        assert (await try_sign_in(owner, "chan")).status == 303
        async with desk.browser() as stranger:
            found = [(await try_sign_in(stranger, "chan", "guess")).status for _ in range(7)]
            assert found == [422] * 5 + [429] * 2
            assert (await try_sign_in(stranger, "chan")).status == 429, "even with the right one"
        assert (await try_sign_in(owner, "chan")).status == 303
        desk.clock.now += timedelta(minutes=16)
        assert (await try_sign_in(owner, "chan", "slip")).status == 422


async def test_a_browser_that_forges_a_device_is_a_stranger(desk: Desk):
    await desk.user("chan", "operator")
    forged = {"Cookie": f"desk-device={'x' * 43}"}
    found = [(await try_sign_in(desk.client, "chan", "guess", **forged)).status for _ in range(6)]
    assert found == [422] * 5 + [429]


# Who gets in


async def test_the_right_password_leads_to_where_one_wanted_to_go(desk: Desk):
    await desk.user("Chan", "operator")
    response = await desk.client.get("/desk/me", allow_redirects=False)
    assert response.headers["Location"] == "/desk/sign-in?next=/desk/me"
    response = await try_sign_in(desk.client, " ＣＨＡＮ ")
    assert (response.status, response.headers["Location"]) == (303, "/desk/me")
    assert "Chan (Chan)" in await text_of(desk.client, "/desk/")
    kept = await desk.value("SELECT token_hash FROM shared.desk_session")
    assert kept == token_hash(response.cookies["desk"].value)


async def test_the_cookie_is_for_this_host_alone_and_for_no_script(open_site: OpenSite):
    from gateway.context import CONTEXT

    client = await open_site(base_url="https://county.example.org")
    context = client.app[CONTEXT]
    assert sessions.cookie_name(context, "desk") == "__Host-desk"
    response = await client.get("/desk/sign-in")
    assert "no-store" in response.headers["Cache-Control"]


async def test_a_session_cookie_is_hidden_strict_and_gone_with_the_browser(desk: Desk):
    await desk.user("chan", "operator")
    response = await try_sign_in(desk.client, "chan")
    cookie = response.cookies["desk"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/"
    assert cookie["max-age"] == ""
    assert len(cookie.value) == 43


async def test_a_token_that_was_planted_is_not_the_one_that_signs_in(desk: Desk):
    await desk.user("chan", "operator")
    planted = {"Cookie": "desk=planted-by-somebody-else-0123456789"}
    response = await try_sign_in(desk.plain, "chan", **planted)
    assert response.cookies["desk"].value != "planted-by-somebody-else-0123456789"
    response = await desk.plain.get("/desk/", headers=planted, allow_redirects=False)
    assert response.status == 303


async def test_signing_in_again_ends_the_session_before(desk: Desk):
    await desk.user("chan", "operator")
    for _ in range(3):
        assert (await try_sign_in(desk.client, "chan")).status == 303
    assert await session_rows(desk) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "", "//evil.example.org", "https://evil.example.org", "/desk//evil.example.org",
        "/desk/../track", "/desk/\\evil", "/desk/sign-in?x", "/desk/sign-out\r\nX: y",
        "javascript:alert(1)", "/desk/" + "x" * 600, "/deskx", "/desk/ü",
    ],
)  # fmt: skip
def test_after_signing_in_nobody_is_led_away(bad: str):
    assert safe_next(bad) == "/desk/"


def test_after_signing_in_a_page_of_the_desk_is_shown_with_its_filters():
    assert safe_next("/desk/cases?late=1&unit=a") == "/desk/cases?late=1&unit=a"


@pytest.mark.parametrize("verb", ["password", "closure"])
async def test_who_is_reset_or_closed_while_the_password_is_looked_at_does_not_come_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, verb: str
):
    user = await desk.user("chan", "operator")
    admin = await desk.staff("liang", "administrator")
    forgive = signing_in._forgive

    async def meanwhile(*told: Any) -> None:
        assert (await admin.post(f"/desk/users/{user}/{verb}")).status in (200, 303)
        await forgive(*told)

    monkeypatch.setattr(signing_in, "_forgive", meanwhile)
    came = await try_sign_in(desk.client, "chan")
    assert came.headers["Location"] == "/desk/sign-in"
    assert "desk" not in came.cookies
    sessions = "SELECT count(*) FROM shared.desk_session WHERE desk_user = $1"
    assert await desk.value(sessions, user) == 0


# Codes


async def test_with_a_code_app_the_password_alone_opens_nothing(desk: Desk):
    secret = pyotp.random_base32()
    await desk.user("chan", "operator", secret=secret)
    response = await try_sign_in(desk.client, "chan")
    assert response.headers["Location"] == "/desk/sign-in/code"
    assert "desk" not in response.cookies
    assert (await desk.client.get("/desk/", allow_redirects=False)).status == 303
    assert await session_rows(desk) == 0
    code = pyotp.TOTP(secret).at(desk.clock())
    for typed, told in (("", "enter the code"), ("000000", "wrong"), ("x", "wrong")):
        response = await desk.client.post("/desk/sign-in/code", data={"code": typed})
        assert response.status == 422
        assert told in Page(await response.text()).text
    response = await desk.client.post(
        "/desk/sign-in/code", data={"code": code}, allow_redirects=False
    )
    assert response.headers["Location"] == "/desk/me"
    assert (await desk.client.get("/desk/")).status == 200


async def test_a_code_that_was_looked_at_over_a_shoulder_opens_nothing(desk: Desk):
    secret = pyotp.random_base32()
    await desk.user("chan", "operator", secret=secret)
    code = pyotp.TOTP(secret).at(desk.clock())
    found = []
    for _ in range(2):
        async with desk.browser() as browser:
            await try_sign_in(browser, "chan")
            response = await browser.post(
                "/desk/sign-in/code", data={"code": code}, allow_redirects=False
            )
            found.append(response.status)
    assert found == [303, 422]


async def test_a_code_that_is_sent_twice_at_once_lets_in(desk: Desk):
    secret = pyotp.random_base32()
    await desk.user("chan", "operator", secret=secret)
    step = (await try_sign_in(desk.plain, "chan")).cookies["desk-step"].value
    code = {"code": pyotp.TOTP(secret).at(desk.clock())}
    cookie = {"Cookie": f"desk-step={step}"}

    async def press() -> ClientResponse:
        path = "/desk/sign-in/code"
        return await desk.plain.post(path, data=code, headers=cookie, allow_redirects=False)

    for response in [*await asyncio.gather(press(), press()), await press()]:
        assert response.headers["Location"] == "/desk/me"
        fresh = {"Cookie": f"desk={response.cookies['desk'].value}"}
        assert (await desk.plain.get("/desk/", headers=fresh)).status == 200
    # Who is in by the first press, and carries the step no more, is in.
    cookie = fresh
    assert (await press()).headers["Location"] == "/desk/"
    # Another sign-in, by somebody who looked over the shoulder, has another step.
    step = (await try_sign_in(desk.plain, "chan")).cookies["desk-step"].value
    cookie = {"Cookie": f"desk-step={step}"}
    assert (await press()).status == 422


async def test_codes_cannot_be_guessed_and_the_step_does_not_last(desk: Desk):
    secret = pyotp.random_base32()
    await desk.user("chan", "operator", secret=secret)
    await try_sign_in(desk.client, "chan")
    found = [
        (await desk.client.post("/desk/sign-in/code", data={"code": "000000"})).status
        for _ in range(6)
    ]
    assert found == [422] * 5 + [429]
    desk.clock.now += timedelta(minutes=6)
    response = await desk.client.get("/desk/sign-in/code", allow_redirects=False)
    assert response.headers["Location"] == "/desk/sign-in"


async def test_without_the_first_step_there_is_no_second(desk: Desk):
    for path in ("/desk/sign-in/code", "/desk/sign-in/county"):
        for method in ("GET", "POST"):
            response = await desk.client.request(method, path, allow_redirects=False)
            assert response.headers["Location"] == "/desk/sign-in"


# Counties


async def other_county(desk: Desk, user: object) -> None:
    async with desk.context.db.connection() as conn:
        await conn.execute(
            "INSERT INTO shared.county (code, schema_name, name, name_en, host, created_at)"
            " VALUES ('other', 'county_other', '另县', 'Other County', 'other', $1)",
            desk.clock(),
        )
        await conn.execute(
            "INSERT INTO shared.desk_role (desk_user, county, role)"
            " VALUES ($1, 'other', 'operator')",
            user,
        )


async def test_a_role_in_a_county_of_another_site_opens_nothing_here(desk: Desk):
    user = await desk.user("chan")
    await other_county(desk, user)
    assert (await try_sign_in(desk.client, "chan")).status == 422
    staff = await signed_in(desk.plain, desk.context, user, county="other")
    assert (await staff.get("/desk/")).status == 303


async def test_roles_are_those_of_the_county_of_the_session(desk: Desk):
    user = await desk.user("chan", "administrator")
    await other_county(desk, user)
    staff = await signed_in(desk.plain, desk.context, user, county="other")
    assert (await staff.get("/desk/users")).status == 303, "this site does not serve that county"
    staff = await signed_in(desk.plain, desk.context, user)
    assert (await staff.get("/desk/users")).status == 200


# Sessions end


async def test_half_an_hour_without_a_page_signs_out_and_a_page_in_between_does_not(desk: Desk):
    staff = await desk.staff("chan", "operator")
    for _ in range(4):
        desk.clock.now += timedelta(minutes=29)
        assert (await staff.get("/desk/")).status == 200
    desk.clock.now += timedelta(minutes=31)
    assert (await staff.get("/desk/")).status == 303


async def test_after_twelve_hours_even_a_busy_session_ends(desk: Desk):
    staff = await desk.staff("chan", "operator")
    for _ in range(24):
        assert (await staff.get("/desk/")).status == 200
        desk.clock.now += timedelta(minutes=29, seconds=59)
    desk.clock.now += timedelta(minutes=1)
    assert (await staff.get("/desk/")).status == 303


async def test_being_seen_is_written_once_a_minute(desk: Desk):
    staff = await desk.staff("chan", "operator")
    seen = []
    for _ in range(4):
        desk.clock.now += timedelta(seconds=25)
        await staff.get("/desk/")
        seen.append(await desk.value("SELECT seen_at FROM shared.desk_session"))
    assert len(set(seen)) == 2


async def test_signing_out_ends_the_session_and_empties_the_browser(desk: Desk):
    staff = await desk.staff("chan", "operator")
    response = await staff.post("/desk/sign-out")
    assert response.status == 303
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert response.cookies["desk"]["max-age"] == "0"
    assert (await staff.get("/desk/")).status == 303
    kinds = [row["kind"] for row in await desk.rows("SELECT kind FROM shared.desk_log")]
    assert kinds == ["signed_out"]
    for path in ("/desk/sign-out", "/desk/me/sessions/end"):  # pressed twice
        assert (await staff.post(path)).headers["Location"] == "/desk/sign-in?out=1"


async def test_who_signs_out_everywhere_too_late_is_not_told_that_it_was_done(desk: Desk):
    user = await desk.user("chan", "operator")
    staff, other = [await signed_in(desk.plain, desk.context, user) for _ in range(2)]
    desk.clock.now += timedelta(minutes=20)
    assert (await other.get("/desk/")).status == 200
    desk.clock.now += timedelta(minutes=11)
    sent = await staff.post("/desk/me/sessions/end")
    assert sent.headers["Location"] == "/desk/sign-in?ended=1"
    assert (await other.get("/desk/")).status == 200, "nobody ended it"
    for _ in range(2):
        sent = await other.post("/desk/me/sessions/end")
        assert sent.headers["Location"] == "/desk/sign-in?out=1"


async def test_pages_of_the_desk_are_kept_by_no_browser(desk: Desk):
    staff = await desk.staff("chan", "administrator")
    for path in ("/desk/", "/desk/me", "/desk/users", "/desk/sign-in", "/desk/me/totp"):
        assert "no-store" in (await staff.get(path)).headers["Cache-Control"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE shared.desk_user SET disabled_at = now()",
        "DELETE FROM shared.desk_role",
        "UPDATE shared.desk_session SET ended_at = now()",
        "UPDATE shared.desk_user SET totp_secret = 'x'",
    ],
)
async def test_who_is_not_to_be_here_any_more_is_out_with_the_next_click(desk: Desk, change: str):
    staff = await desk.staff("chan", "operator")
    assert (await staff.get("/desk/")).status == 200
    async with desk.context.db.connection() as conn:
        await conn.execute(change)
    assert (await staff.get("/desk/")).status == 303


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5000, "\udcff"])
async def test_a_token_that_nobody_got_opens_nothing(desk: Desk, token: str):
    cookie = f"desk={token}".encode("utf-8", "replace").decode("latin-1")
    response = await desk.plain.get("/desk/", headers={"Cookie": cookie}, allow_redirects=False)
    assert response.status == 303


async def test_old_sessions_devices_and_tries_are_forgotten(desk: Desk):
    await desk.user("chan", "operator")
    await try_sign_in(desk.client, "chan")
    await try_sign_in(desk.client, "chan", "wrong")
    assert await sessions.forget_old(desk.context) == 0
    tables = ("desk_session", "desk_device", "desk_try")
    counts = [await desk.value(f"SELECT count(*) FROM shared.{name}") for name in tables]
    assert all(counts)
    desk.clock.now += timedelta(days=401)
    await sessions.forget_old(desk.context)
    counts = [await desk.value(f"SELECT count(*) FROM shared.{name}") for name in tables]
    assert counts == [0, 0, 0]
    assert await desk.value("SELECT count(*) FROM shared.desk_log") == 1


# New devices


async def test_a_sign_in_from_a_new_device_is_told_to_the_others_until_put_aside(desk: Desk):
    await desk.user("chan", "operator")
    agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130 Safari/537"
    async with desk.browser() as first, desk.browser() as second:
        await try_sign_in(first, "chan")
        assert "new device" not in await text_of(first, "/desk/")
        await try_sign_in(second, "chan", **{"User-Agent": agent})
        told = await text_of(first, "/desk/")
        assert "A sign-in from a new device" in told
        assert "Chrome · Windows" in told
        assert "A sign-in from a new device" not in await text_of(second, "/desk/")
        page = Page(await (await first.get("/desk/me")).text())
        await first.post("/desk/me/notice", data=page.form("/notice").values())
        assert "A sign-in from a new device" not in await text_of(first, "/desk/")
        await try_sign_in(second, "chan")
        assert "A sign-in from a new device" not in await text_of(first, "/desk/"), "known now"


NOTICE = "A sign-in from a new device"


async def put_aside(browser: Browser) -> None:
    page = Page(await (await browser.get("/desk/me")).text())
    await browser.post("/desk/me/notice", data=page.form("/notice").values())


async def sign_out(browser: Browser) -> None:
    page = Page(await (await browser.get("/desk/")).text())
    sent = await browser.post("/desk/sign-out", data={"csrf": page.forms[0].values()["csrf"]})
    assert sent.status == 200


async def test_who_was_not_signed_in_is_told_at_the_next_sign_in_until_it_is_put_aside(desk: Desk):
    await desk.user("chan", "operator")
    async with desk.browser() as owner, desk.browser() as first, desk.browser() as second:
        await try_sign_in(owner, "chan")
        await sign_out(owner)
        for stranger, system in ((first, "Windows NT 10.0"), (second, "Linux")):
            desk.clock.forward(hours=2)
            await try_sign_in(stranger, "chan", **{"User-Agent": f"({system}) Chrome/130"})
            assert NOTICE not in await text_of(stranger, "/desk/"), "a new device is told nothing"
        # Not to be lost by signing in anew without a look.
        for _ in range(2):
            desk.clock.forward(hours=9)
            await try_sign_in(owner, "chan")
        told = await text_of(owner, "/desk/")
        assert NOTICE in told
        assert "Chrome · Windows" in told
        # One sees the other; what a stranger puts aside is put aside for nobody else.
        desk.clock.forward(minutes=1)
        await try_sign_in(first, "chan")
        await put_aside(first)
        assert "Chrome · Windows" in await text_of(owner, "/desk/")
        await put_aside(owner)
        told = await text_of(owner, "/desk/")
        assert NOTICE in told
        assert "Chrome · Linux" in told
        await put_aside(owner)
        assert NOTICE not in await text_of(owner, "/desk/")
        await sign_out(owner)
        await try_sign_in(owner, "chan")
        assert NOTICE not in await text_of(owner, "/desk/")


async def test_no_address_and_no_whole_agent_is_kept_anywhere(desk: Desk):
    await desk.user("chan", "operator")
    await try_sign_in(desk.client, "chan", **{"User-Agent": "Firefox/1 (Linux; serial 12345)"})
    for table in ("desk_log", "desk_session", "desk_try", "desk_device"):
        for row in await desk.rows(f"SELECT t::text AS row FROM shared.{table} t"):
            assert "127.0.0.1" not in row["row"]
            assert "serial" not in row["row"]

"""What people change about their own sign-in, and administrators about others'."""

import asyncio
import re
from typing import Any

import pyotp
import pytest

from gateway.desk import passwords, signing_in, totp, users
from gateway.store import desk_users as store
from tests.database import NAME, SCHEMA
from tests.forms import Page
from tests.gateway.desk.conftest import Desk
from tests.gateway.desk.test_sign_in import other_county, text_of
from tests.staff import PASSWORD, Staff, signed_in, try_sign_in

NEW = "four rainy umbrellas walk home"


async def words(response) -> str:
    return Page(await response.text()).text


# One's own


@pytest.mark.parametrize(
    ("old", "new", "again", "told"),
    [
        ("", "", "", "Please fill this in"),
        ("a wr0ng one", NEW, NEW, "present password is wrong"),
        (PASSWORD, NEW, NEW + "x", "differ"),
        (PASSWORD, "short", "short", "Too short"),
        (PASSWORD, "x" * 300, "x" * 300, "Too long"),
        (PASSWORD, "password1234", "password1234", "Too many people"),
        (PASSWORD, "chan-chan-chan-88", "chan-chan-chan-88", "Your login"),
        (PASSWORD, PASSWORD, PASSWORD, "your present password"),
    ],
)
async def test_a_password_is_changed_only_for_a_good_one_by_who_knows_the_old(
    desk: Desk, old: str, new: str, again: str, told: str
):
    staff = await desk.staff("chan", "operator")
    response = await staff.post("/desk/me/password", old=old, new=new, again=again)
    assert response.status == 422
    assert told in await words(response)
    assert old not in await response.text() or not old, "nothing typed comes back"
    assert (await try_sign_in(desk.client, "chan")).status == 303


async def test_a_new_password_ends_every_session_but_goes_on_here(desk: Desk):
    user = await desk.user("chan", "operator")
    staff = await signed_in(desk.plain, desk.context, user)
    elsewhere = await signed_in(desk.plain, desk.context, user)
    response = await staff.post("/desk/me/password", old=PASSWORD, new=NEW, again=NEW)
    assert response.status == 303
    assert (await elsewhere.get("/desk/")).status == 303
    assert (await staff.get("/desk/")).status == 303, "the old token is of no use to anybody"
    fresh = {"Cookie": f"desk={response.cookies['desk'].value}"}
    assert (await desk.plain.get("/desk/", headers=fresh)).status == 200
    assert (await try_sign_in(desk.client, "chan")).status == 422
    assert (await try_sign_in(desk.client, "chan", NEW)).status == 303


async def test_a_new_password_sent_twice_at_once_leaves_nobody_outside(desk: Desk):
    staff = await desk.staff("chan", "operator")
    typed = {"old": PASSWORD, "new": NEW, "again": NEW}
    pressed = await asyncio.gather(*(staff.post("/desk/me/password", **typed) for _ in range(2)))
    for response in pressed:  # whichever of the two the browser shows
        assert response.headers["Location"] == "/desk/me?done=password"
        fresh = {"Cookie": f"desk={response.cookies['desk'].value}"}
        assert (await desk.plain.get("/desk/", headers=fresh)).status == 200
    assert await desk.value(
        "SELECT count(*) FROM shared.desk_log WHERE kind = 'password_changed'"
    ) == 1  # fmt: skip


@pytest.mark.parametrize(
    ("second", "place"),
    [(NEW, "/desk/me?done=password"), (f"{NEW} again", "/desk/sign-in?ended=1")],
)
async def test_the_second_press_that_finds_the_old_password_gone_is_not_told_it_was_wrong(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, second: str, place: str
):
    staff = await desk.staff("chan", "operator")
    check, first = signing_in.check_password, []

    async def late(*args: Any) -> Any:
        """Of the second press; the first is through by then."""
        if not first:
            first.append(None)
            first[0] = await staff.post("/desk/me/password", old=PASSWORD, new=NEW, again=NEW)
        return await check(*args)

    monkeypatch.setattr(signing_in, "check_password", late)
    response = await staff.post("/desk/me/password", old=PASSWORD, new=second, again=second)
    assert first[0].status == 303
    assert response.headers["Location"] == place
    assert ("desk" in response.cookies) == (second == NEW)


async def test_the_second_press_of_somebody_who_is_reset_at_that_moment_is_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    user = await desk.user("chan", "operator")
    staff = await signed_in(desk.plain, desk.context, user)
    verify, check, first = passwords.verify, signing_in.check_password, []

    async def late(*args: Any) -> Any:
        if not first:
            first.append(None)
            first[0] = await staff.post("/desk/me/password", old=PASSWORD, new=NEW, again=NEW)
        return await check(*args)

    async def then_reset(hashed: str | None, typed: str) -> bool:
        right = await verify(hashed, typed)
        if typed == NEW:
            async with desk.context.db.transaction(SCHEMA) as conn:
                (listed,) = await store.list_users(conn, NAME, user)
                by, keys = users.Actor(None, NAME, desk.clock.now), desk.context.keys
                await users.reset(conn, by, listed, "x", without_totp=False, keys=keys)
        return right

    monkeypatch.setattr(signing_in, "check_password", late)
    monkeypatch.setattr(passwords, "verify", then_reset)
    sent = await staff.post("/desk/me/password", old=PASSWORD, new=NEW, again=NEW)
    assert sent.headers["Location"] == "/desk/sign-in?ended=1"
    alive = "SELECT count(*) FROM shared.desk_session WHERE ended_at IS NULL"
    assert await desk.value(alive) == 0


async def test_two_who_put_different_passwords_at_once_are_not_both_let_in(desk: Desk):
    staff = await desk.staff("chan", "operator")
    pressed = await asyncio.gather(
        *(staff.post("/desk/me/password", old=PASSWORD, new=new, again=new)
          for new in (NEW, f"{NEW} again"))
    )  # fmt: skip
    places = sorted(response.headers["Location"] for response in pressed)
    assert places == ["/desk/me?done=password", "/desk/sign-in?ended=1"]
    assert sum("desk" in response.cookies for response in pressed) == 1


async def test_who_presses_again_after_the_session_ended_is_told_at_the_door(desk: Desk):
    staff = await desk.staff("chan", "operator")
    typed = {"old": PASSWORD, "new": NEW, "again": NEW}
    assert (await staff.post("/desk/me/password", **typed)).status == 303
    again = await staff.post("/desk/me/password", **typed)
    assert again.headers["Location"] == "/desk/sign-in?ended=1"
    door = await desk.plain.get(again.headers["Location"], headers={"Cookie": "lang=en"})
    assert "sign in with the new one" in await words(door)


async def enrol(desk: Desk, staff: Staff) -> tuple[str, str]:
    """The secret of the page, and the form's note."""
    page = await staff.page("/desk/me/totp")
    note = page.form("/totp").values()["carried"]
    source = await (await staff.get("/desk/me/totp")).text()
    assert "data:" not in source
    opened = page.text
    start = opened.index("type this into the app:") + len("type this into the app:")
    secret = "".join(opened[start:].split()[:8])
    return secret, note


async def test_a_code_app_is_turned_on_by_a_code_and_off_by_the_password(desk: Desk):
    staff = await desk.staff("chan", "operator")
    secret, note = await enrol(desk, staff)
    response = await staff.post("/desk/me/totp", carried=note, code="000000")
    assert response.status == 422
    assert secret in "".join((await words(response)).split()), "the same picture, not another"
    other = await desk.staff("wong", "operator")
    code = pyotp.TOTP(secret).at(desk.clock())
    assert (await other.post("/desk/me/totp", carried=note, code=code)).status == 422
    assert (await staff.post("/desk/me/totp", carried=note, code=code)).status == 303
    kept = await desk.value("SELECT totp_secret FROM shared.desk_user WHERE login = 'chan'")
    assert secret.encode() not in kept
    assert desk.context.keys.decrypt(totp.PURPOSE, kept).decode() == secret
    assert (await staff.get("/desk/")).status == 200, "this session has shown a code"
    response = await staff.post("/desk/me/totp/end", password="wrong")
    assert response.status == 422
    assert (await staff.post("/desk/me/totp/end", password=PASSWORD)).status == 303
    assert (await try_sign_in(desk.client, "chan")).headers["Location"] == "/desk/me"


async def test_the_code_of_the_enrolment_does_not_sign_in_again(desk: Desk):
    staff = await desk.staff("chan", "operator")
    secret, note = await enrol(desk, staff)
    code = pyotp.TOTP(secret).at(desk.clock())
    await staff.post("/desk/me/totp", carried=note, code=code)
    async with desk.browser() as browser:
        await try_sign_in(browser, "chan")
        assert (await browser.post("/desk/sign-in/code", data={"code": code})).status == 422


async def test_where_the_county_requires_it_it_cannot_be_turned_off(desk: Desk):
    secret = pyotp.random_base32()
    user = await desk.user("boss", "administrator", secret=secret)
    boss = await signed_in(desk.plain, desk.context, user, passed=True)
    assert (await boss.post("/desk/users/totp", required="maybe")).status == 400
    assert (await boss.post("/desk/users/totp", required="yes")).status == 303
    await boss.post("/desk/me/totp/end", password=PASSWORD)
    assert await desk.value("SELECT totp_secret FROM shared.desk_user") is not None
    plain = await desk.staff("chan", "operator")
    assert (await plain.get("/desk/")).headers["Location"] == "/desk/me/totp"
    secret, note = await enrol(desk, plain)
    code = pyotp.TOTP(secret).at(desk.clock())
    await plain.post("/desk/me/totp", carried=note, code=code)
    assert (await plain.get("/desk/")).status == 200


async def test_somebody_elses_session_cannot_be_ended_and_ones_own_can(desk: Desk):
    user = await desk.user("chan", "operator")
    staff = await signed_in(desk.plain, desk.context, user)
    elsewhere = await signed_in(desk.plain, desk.context, user)
    stranger = await desk.staff("wong", "operator")
    assert (await stranger.post(f"/desk/me/sessions/{staff.hash.hex()}/end")).status == 404
    for _ in range(2):  # pressed twice, it is ended
        assert (await staff.post(f"/desk/me/sessions/{elsewhere.hash.hex()}/end")).status == 303
    assert (await elsewhere.get("/desk/")).status == 303
    assert (await staff.get("/desk/")).status == 200
    response = await staff.post("/desk/me/sessions/end")
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert (await staff.get("/desk/")).status == 303
    assert (await stranger.get("/desk/")).status == 200


async def test_the_language_is_kept_for_the_next_sign_in(desk: Desk):
    staff = await desk.staff("chan", "operator")
    assert (await staff.post("/desk/me/language", language="tlh")).status == 400
    assert (await staff.post("/desk/me/language", language="zh-Hant")).status == 303
    said = {"login": "chan", "password": PASSWORD}
    response = await desk.client.post("/desk/sign-in", data=said, allow_redirects=False)
    assert response.cookies["lang"].value == "zh-Hant"


# Others'


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"name": "", "login": "wong", "roles": "operator"}, "enter the name"),
        ({"name": "黄", "login": "", "roles": "operator"}, "enter the login"),
        ({"name": "黄", "login": "wo ng", "roles": "operator"}, "no spaces"),
        ({"name": "黄\u202e", "login": "wong", "roles": "operator"}, "cannot be seen"),
        ({"name": "黄", "login": "wong"}, "at least one role"),
        ({"name": "黄", "login": "wong", "roles": "king"}, "at least one role"),
    ],
)
async def test_a_faulty_user_is_not_added_and_nothing_typed_is_lost(desk: Desk, said, told):
    boss = await desk.staff("boss", "administrator")
    response = await boss.post("/desk/users", **said)
    assert response.status == 422
    text = await response.text()
    assert told in Page(text).text
    assert said["login"] in text
    assert await desk.value("SELECT count(*) FROM shared.desk_user") == 1


async def test_a_login_that_somebody_has_in_other_letters_is_taken(desk: Desk):
    boss = await desk.staff("boss", "administrator")
    response = await boss.post("/desk/users", name="x", login="ＢＯＳＳ", roles="operator")
    assert response.status == 409
    assert "Somebody has this login" in await words(response)


async def add(boss: Staff, login: str, *roles: str) -> str:
    """A user as an administrator adds one; gives the one-time password."""
    response = await boss.post("/desk/users", name=f"陈{login}", login=login, roles=roles[0])
    assert response.status == 200
    text = await words(response)
    return text.split("One-time password")[-1].split()[0]


async def test_a_new_user_signs_in_once_with_what_was_shown_and_chooses_a_password(desk: Desk):
    boss = await desk.staff("boss", "administrator")
    password = await add(boss, "wong", "operator")
    assert password not in await (await boss.get("/desk/users")).text()
    async with desk.browser() as browser:
        response = await try_sign_in(browser, "wong", password)
        assert response.status == 303
        assert "for this once" in await text_of(browser, "/desk/")
        page = Page(await (await browser.get("/desk/me/password")).text())
        said = page.form("/password").values() | {"old": password, "new": NEW, "again": NEW}
        response = await browser.post("/desk/me/password", data=said, allow_redirects=False)
        assert response.headers["Location"] == "/desk/me?done=password"
        assert (await browser.get("/desk/")).status == 200


async def test_a_new_user_added_twice_is_one_and_the_password_shown_last_is_right(
    desk: Desk,
):
    boss = await desk.staff("boss", "administrator")
    form = (await boss.page("/desk/users/new")).form("/users").values()
    form |= {"name": "陈小窗", "login": "chan", "roles": "operator"}
    shown = [
        (await words(await boss.post("/desk/users", **form))).split("One-time password")[-1].split()
        for _ in range(2)
    ]
    lines = "SELECT count(*) FROM shared.desk_log WHERE kind = 'user_added'"
    assert await desk.value(lines) == 1
    for word, opens in ((shown[0][0], False), (shown[1][0], True)):
        came = await try_sign_in(desk.plain, "chan", word)
        assert (came.status == 303) == opens
    # Somebody else of that login is not meant by it, nor by the same form filled in anew.
    for other in ({**form, "key": "another"}, {**form, "name": "陈小窗二"}):
        assert (await boss.post("/desk/users", **other)).status == 409


async def find(desk: Desk, login: str) -> str:
    return str(await desk.value("SELECT id FROM shared.desk_user WHERE login = $1", login))


async def test_a_reset_signs_out_forgets_the_old_password_and_a_lost_telephone(desk: Desk):
    boss = await desk.staff("boss", "administrator")
    user = await desk.user("wong", "operator", secret=pyotp.random_base32())
    wong = await signed_in(desk.plain, desk.context, user, passed=True)
    response = await boss.post(f"/desk/users/{user}/password", without_totp="yes")
    assert response.status == 200
    assert (await wong.get("/desk/")).status == 303
    assert (await try_sign_in(desk.client, "wong")).status == 422
    row = (await desk.rows("SELECT must_change, totp_secret FROM shared.desk_user WHERE id = $1",
                           user))[0]  # fmt: skip
    assert (row["must_change"], row["totp_secret"]) == (True, None)


async def test_a_disabled_user_is_out_at_once_and_can_be_let_in_again(desk: Desk):
    boss = await desk.staff("boss", "administrator")
    wong = await desk.staff("wong", "operator")
    path = f"/desk/users/{await find(desk, 'wong')}"
    assert (await boss.post(f"{path}/closure")).status == 303
    assert (await wong.get("/desk/")).status == 303
    assert (await try_sign_in(desk.client, "wong")).status == 422
    assert (await boss.post(f"{path}/reopening")).status == 303
    assert (await try_sign_in(desk.client, "wong")).status == 303


async def test_the_last_administrator_stays_one(desk: Desk):
    boss = await desk.staff("boss", "administrator")
    path = f"/desk/users/{await find(desk, 'boss')}"
    response = await boss.post(f"{path}/closure")
    assert response.status == 409
    assert "last administrator" in await words(response)
    last = await boss.post(f"{path}/roles", roles="operator", seen="administrator")
    assert last.status == 409
    assert "last administrator" in await words(last)
    assert (await boss.post(f"{path}/roles")).status == 422
    assert (await boss.post(f"{path}/roles", roles="king")).status == 400
    assert (await boss.get("/desk/users")).status == 200


async def test_two_administrators_who_take_each_others_role_leave_one(desk: Desk):
    one, other = [await desk.staff(name, "administrator") for name in ("one", "other")]
    paths = [f"/desk/users/{await find(desk, name)}" for name in ("one", "other")]
    found = await asyncio.gather(
        one.post(f"{paths[1]}/roles", roles="operator", seen="administrator"),
        other.post(f"{paths[0]}/roles", roles="operator", seen="administrator"),
    )
    assert sorted(each.status for each in found) in ([303, 403], [303, 409])
    count = "SELECT count(*) FROM shared.desk_role WHERE role = 'administrator'"
    assert await desk.value(count) == 1


async def test_of_two_who_change_a_user_the_second_takes_nothing_back_unawares(desk: Desk):
    boss, other = [await desk.staff(name, "administrator") for name in ("boss", "other")]
    user = await desk.user("wong", "operator")
    page = f"/desk/users/{user}"
    seen = [(await who.page(page)).form("/roles").values() for who in (boss, other)]
    assert (await boss.post(f"{page}/roles", **(seen[0] | {"roles": "supervisor"}))).status == 303
    late = await other.post(f"{page}/roles", **(seen[1] | {"roles": "moderator"}))
    assert late.status == 409
    assert "Somebody else changed this just now" in await words(late)
    # Pressed twice, or both wanted the same.
    for who, form in zip((boss, other), seen, strict=True):
        again = await who.post(f"{page}/roles", **(form | {"roles": "supervisor"}))
        assert again.status == 303
    now = "SELECT role FROM shared.desk_role WHERE desk_user = $1"
    assert [row["role"] for row in await desk.rows(now, user)] == ["supervisor"]
    assert (
        await desk.value("SELECT count(*) FROM shared.desk_log WHERE kind = 'roles_changed'") == 1
    )


async def test_a_role_taken_away_while_another_is_given_by_command_stays_away(desk: Desk):
    user = await desk.user("wong", "operator", "supervisor")
    by = users.Actor(None, NAME, desk.clock.now)

    async def give() -> tuple[str, ...]:
        async with desk.context.db.transaction(SCHEMA) as conn:
            return await users.grant(conn, by, user, ["counter"])

    async with desk.context.db.transaction(SCHEMA) as conn:
        (listed,) = await store.list_users(conn, NAME, user)
        again = users.Actor(None, NAME, desk.clock.now)
        await users.change_roles(conn, again, listed, ["operator"], listed.roles)
        given = asyncio.create_task(give())
        await asyncio.sleep(0.2)
    assert await given == ("counter", "operator")


async def test_who_was_made_the_only_administrator_meanwhile_is_not_closed(desk: Desk):
    boss, user = [await desk.user(name, *roles) for name, roles in
                  (("boss", ["administrator"]), ("wong", ["operator"]))]  # fmt: skip
    now = desk.clock.now

    async def close(listed: store.Listed) -> users.Refusal | None:
        async with desk.context.db.transaction(SCHEMA) as conn:
            return await users.disable(conn, users.Actor(None, NAME, now), listed)

    async with desk.context.db.transaction(SCHEMA) as conn:
        (seen,) = await store.list_users(conn, NAME, user)
        for who, roles in ((user, ["administrator"]), (boss, ["operator"])):
            (listed,) = await store.list_users(conn, NAME, who)
            by = users.Actor(None, NAME, now)
            assert await users.change_roles(conn, by, listed, roles, listed.roles) is None
        closed = asyncio.create_task(close(seen))
        await asyncio.sleep(0.2)
    assert await closed == "last"


async def test_users_of_another_county_are_not_there_and_shared_ones_keep_their_password(
    desk: Desk,
):
    boss = await desk.staff("boss", "administrator")
    foreign = await desk.user("foreign")
    await other_county(desk, foreign)
    for path in ("", "/roles", "/password", "/closure", "/reopening"):
        full = f"/desk/users/{foreign}{path}"
        response = await (boss.post(full, roles="operator") if path else boss.get(full))
        assert response.status == 404, path
    assert "Foreign" not in (await boss.page("/desk/users")).text
    shared = await desk.user("shared", "operator")
    async with desk.context.db.connection() as conn:
        await conn.execute(
            "INSERT INTO shared.desk_role (desk_user, county, role)"
            " VALUES ($1, 'other', 'operator')",
            shared,
        )
    before = await desk.value("SELECT password_hash FROM shared.desk_user WHERE id = $1", shared)
    for path in ("/password", "/closure", "/reopening"):
        assert (await boss.post(f"/desk/users/{shared}{path}")).status == 403
    assert before == await desk.value(
        "SELECT password_hash FROM shared.desk_user WHERE id = $1", shared
    )
    roles = {"roles": "counter", "seen": "operator"}
    assert (await boss.post(f"/desk/users/{shared}/roles", **roles)).status == 303
    rows = await desk.rows(
        "SELECT county, role FROM shared.desk_role WHERE desk_user = $1 ORDER BY 1", shared
    )
    assert [tuple(row) for row in rows] == [("other", "operator"), ("test", "counter")]
    for _ in range(2):  # a double click that takes the last role here
        assert (await boss.post(f"/desk/users/{shared}/roles", seen="counter")).status == 303
    assert (await boss.get(f"/desk/users/{shared}")).status == 404


async def test_what_administrators_do_stands_in_the_log_in_words(desk: Desk):
    boss = await desk.staff("boss", "administrator")
    await add(boss, "wong", "operator")
    path = f"/desk/users/{await find(desk, 'wong')}"
    await boss.post(f"{path}/roles", roles="counter", seen="operator")
    await boss.post(f"{path}/closure")
    told = (await boss.page("/desk/users")).text
    for sentence in ("Boss added 陈wong", "Boss changed the roles of", "Boss disabled 陈wong"):
        assert sentence in told


async def test_a_name_with_markup_is_only_a_name(desk: Desk):
    boss = await desk.staff("boss", "administrator")
    await boss.post("/desk/users", name="<b onclick=x>&", login="'\"><i>", roles="operator")
    source = await (await boss.get("/desk/users")).text()
    assert "<b onclick" not in source
    assert '"><i>' not in source
    assert "&lt;b onclick=x&gt;&amp;" in source


async def test_older_lines_of_a_log_are_read_page_by_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("gateway.pages.desk.log.LINES", 2)
    staff, other = await desk.staff("boss", "administrator"), await desk.user("chan", "operator")
    for _ in range(3):
        for verb in ("closure", "reopening"):
            assert (await staff.post(f"/desk/users/{other}/{verb}")).status == 303
    for start in ("/desk/users", f"/desk/users/{other}"):
        path, read = start, []
        while path:
            source = await (await staff.get(path)).text()
            read += [line.split("</p>")[0] for line in source.split('<p class="muted small">')[1:]]
            found = re.search(r'href="([^"]+)">Older entries', source)
            path = found[1] if found else ""
        assert len(read) == 6, start
    assert (await staff.get("/desk/users?before=x")).status == 404
    nobody = "00000000-0000-0000-0000-000000000000"
    assert (await staff.get(f"/desk/county?before={nobody}")).status == 200

"""Every route by every role: the table of `gateway.desk.access` is true of the real application."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from gateway.context import Context
from gateway.desk.access import ACCESS, PUBLIC, ROLES, UNFINISHED, who_may
from gateway.desk.guard import ENDED, OUT, SIGN_IN
from tests.security.conftest import HOLES
from tests.site import site_context
from tests.staff import Staff, add_user, signed_in

FILLED = {**HOLES, "{id}": "01900000-0000-7000-8000-000000000000"}
DESK = sorted(route for route in ACCESS if route[1].startswith("/desk/"))


class Site:
    """The real application, its context, and what it routes."""

    def __init__(self, client: TestClient[Any, Any], context: Context) -> None:
        self.client = client
        self.context = context


def routes_of(app: web.Application) -> list[tuple[str, str]]:
    return [
        (route.method, route.resource.canonical) for route in app.router.routes() if route.resource
    ]


def without_entry(app: web.Application) -> set[tuple[str, str]]:
    return {route for route in routes_of(app) if who_may(*route) is None}


def filled(canonical: str) -> str:
    path = canonical.replace("{key}/end", "0" * 64 + "/end")
    for hole, value in FILLED.items():
        path = path.replace(hole, value)
    return path


@pytest.fixture
async def site(fresh_demo_database: str, tmp_path: Path, now: datetime) -> AsyncIterator[Site]:
    async with (
        site_context(fresh_demo_database, tmp_path, clock=lambda: now) as context,
        TestClient(TestServer(create_app(context))) as client,
    ):
        yield Site(client, context)


def test_a_route_without_an_entry_is_noticed():
    async def handler(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/desk/forgotten/{id}", handler)
    assert without_entry(app) == {("GET", "/desk/forgotten/{id}"), ("HEAD", "/desk/forgotten/{id}")}


async def test_a_desk_route_without_an_entry_is_nobodys(site: Site, monkeypatch):
    monkeypatch.delitem(ACCESS, ("GET", "/desk/me"))
    user = await add_user(site.context, "everything", *ROLES)
    staff = await signed_in(site.client, site.context, user)
    assert (await staff.get("/desk/me")).status == 403


async def test_every_route_has_its_entry_and_no_entry_is_in_vain(site: Site):
    assert without_entry(site.client.app) == set()
    assert set(ACCESS) - set(routes_of(site.client.app)) == set()


def test_the_desk_is_open_to_nobody_but_at_its_door():
    opened = {canonical for (_, canonical) in DESK if who_may("GET", canonical) == PUBLIC}
    assert all(canonical.startswith(SIGN_IN) for canonical in opened)
    assert {type(ACCESS[route]) for route in DESK if not route[1].startswith(SIGN_IN)} == {
        frozenset
    }


async def test_signed_out_every_page_of_the_desk_leads_to_the_door(site: Site):
    for method, canonical in DESK:
        path = filled(canonical)
        if ACCESS[method, canonical] == PUBLIC:
            continue
        response = await site.client.request(method, path, allow_redirects=False)
        assert response.status == 303, (method, path)
        leaves = canonical == "/desk/sign-out"
        wanted = OUT if leaves else f"{SIGN_IN}?next={path}" if method == "GET" else ENDED
        assert response.headers["Location"] == wanted


async def test_signed_out_every_other_route_answers_without_that_door(site: Site):
    for method, canonical in routes_of(site.client.app):
        if canonical.startswith("/desk"):
            continue
        response = await site.client.request(method, filled(canonical), allow_redirects=False)
        assert response.status < 500, (method, canonical)
        assert SIGN_IN not in response.headers.get("Location", "")


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_gets_where_the_table_says_and_nowhere_else(site: Site, role: str):
    user = await add_user(site.context, f"one-{role}", role)
    for method, canonical in DESK:
        who = ACCESS[method, canonical]
        if not isinstance(who, frozenset):
            continue
        staff = await signed_in(site.client, site.context, user)  # anew: some routes end it
        response = await _ask(staff, method, filled(canonical))
        text = await response.text(errors="replace")  # or a workbook
        if role in who:
            assert response.status not in (401, 403), (method, canonical)
            assert response.status < 500, (method, canonical)
            assert SIGN_IN not in response.headers.get("Location", "") or _ends(canonical)
        else:
            assert response.status == 403, (method, canonical)
            assert "Administrator" in text, "says who may"
            assert "no-store" in response.headers["Cache-Control"]


def _ends(canonical: str) -> bool:
    return canonical in ("/desk/sign-out", "/desk/me/sessions/end")


async def _ask(staff: Staff, method: str, path: str) -> Any:
    return await (staff.get(path) if method == "GET" else staff.post(path))


async def test_a_form_without_the_word_of_its_session_does_nothing(site: Site):
    one = await add_user(site.context, "one", *ROLES)
    other = await add_user(site.context, "other", *ROLES)
    staff = await signed_in(site.client, site.context, one)
    stranger = await signed_in(site.client, site.context, other)
    for method, canonical in DESK:
        if method == "POST" and ACCESS[method, canonical] != PUBLIC:
            for word in ("", "x", stranger.csrf, "é"):
                response = await staff.post(filled(canonical), csrf=word)
                assert response.status == 403, (canonical, word)
    assert (await staff.get("/desk/")).status == 200


async def test_a_form_that_another_site_sends_does_nothing_even_with_the_word(site: Site):
    user = await add_user(site.context, "one", *ROLES)
    staff = await signed_in(site.client, site.context, user)
    staff.cookie["Sec-Fetch-Site"] = "cross-site"
    assert (await staff.post("/desk/sign-out")).status == 403
    assert (await site.client.post(SIGN_IN, headers=staff.cookie)).status == 403


async def test_a_path_written_in_another_way_meets_the_same_check(site: Site):
    for path in ("/%64esk/users", "/desk/%75sers", "/desk/../desk/users"):
        response = await site.client.get(path, allow_redirects=False)
        assert response.status in (303, 404), path
        assert "Add a user" not in await response.text()


@pytest.mark.parametrize("pending", UNFINISHED)
async def test_before_password_and_code_are_set_there_is_nowhere_else_to_go(
    site: Site, pending: str
):
    user = await add_user(site.context, "new", "administrator", must_change=pending == "password")
    if pending == "totp":
        async with site.context.db.connection() as conn:
            await conn.execute("UPDATE shared.county SET require_totp = true")
    for method, canonical in DESK:
        if not isinstance(ACCESS[method, canonical], frozenset):
            continue
        staff = await signed_in(site.client, site.context, user)
        response = await _ask(staff, method, filled(canonical))
        if canonical in UNFINISHED[pending]:
            assert response.status in (200, 303, 422)
        else:
            assert response.headers.get("Location") == f"/desk/me/{pending}", (method, canonical)

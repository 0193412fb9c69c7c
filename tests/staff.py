"""Staff of the desk in tests: users made quickly, and a browser that is signed in as one."""

from functools import cache
from typing import Any
from uuid import UUID

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from board.ids import new_id
from gateway.context import Context
from gateway.desk import csrf, passwords
from gateway.desk.passwords import login_key
from gateway.keys import new_token
from gateway.store import desk_sessions
from gateway.store import desk_users as store
from gateway.store.desk_users import User
from tests.database import NAME, SCHEMA
from tests.forms import Page

Browser = TestClient[Any, Any]
PASSWORD = "correct horse battery staple"


@cache
def hashed(password: str = PASSWORD) -> str:
    """The same hash for everybody: making one takes a tenth of a second."""
    return passwords.hash_now(password)


async def add_user(
    context: Context,
    login: str,
    *roles: str,
    county: str = NAME,
    must_change: bool = False,
    secret: str = "",
) -> UUID:
    """A user with `PASSWORD`, called as the login; `secret` is that of a code app."""
    now = context.clock()
    sealed = context.keys.encrypt("desk totp", secret.encode()) if secret else None
    user = User(
        new_id(now), login, login_key(login), login.title(), hashed(), "en", must_change,
        sealed, 0, now, None,
    )  # fmt: skip
    async with context.db.transaction(SCHEMA) as conn:
        assert await store.insert_user(conn, user)
        await store.update_roles(conn, user.id, county, roles)
    return user.id


class Staff:
    """A browser with a session at the desk: GET, and POST with the word of its forms."""

    def __init__(self, client: Browser, context: Context, token: str, hash_: bytes) -> None:
        self.client = client
        self.cookie = {"Cookie": f"desk={token}; lang=en"}
        self.hash = hash_
        self.csrf = csrf.token(context.keys, hash_)

    async def get(self, path: str) -> ClientResponse:
        return await self.client.get(path, headers=self.cookie, allow_redirects=False)

    async def post(self, path: str, **fields: Any) -> ClientResponse:
        return await self.client.post(
            path,
            data={"csrf": self.csrf, **fields},
            headers=self.cookie,
            allow_redirects=False,
        )

    async def page(self, path: str) -> Page:
        response = await self.get(path)
        assert response.status == 200, (path, response.status, await response.text())
        return Page(await response.text())


async def signed_in(
    client: Browser, context: Context, user: UUID, *, county: str = NAME, passed: bool = False
) -> Staff:
    """A session of `user`, made without the door."""
    token, hash_ = new_token()
    async with context.db.transaction(SCHEMA) as conn:
        await desk_sessions.insert_session(
            conn, hash_, user, county, context.clock(), agent="Firefox · Linux",
            totp_passed=passed, new_device=False,
        )  # fmt: skip
    return Staff(client, context, token, hash_)


async def try_sign_in(
    client: Browser, login: str, password: str = PASSWORD, **headers: str
) -> ClientResponse:
    """Types login and password at the door."""
    return await client.post(
        "/desk/sign-in?lang=en",
        data={"login": login, "password": password, "next": "/desk/me"},
        headers=headers,
        allow_redirects=False,
    )

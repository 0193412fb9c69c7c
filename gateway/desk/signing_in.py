"""From a typed login and password to a user: with brakes, in equal time, in equal words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg

from gateway.context import Context
from gateway.counties import County
from gateway.desk import passwords, throttling, totp
from gateway.store import desk_sessions, desk_tries, desk_users
from gateway.store.desk_users import User

Refusal = Literal["wrong", "braked"]
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody tries to sign in from; `device` is the hash of the device's token."""

    county: County
    address: str
    device: bytes | None


@dataclass(frozen=True, slots=True)
class Known:
    """A user who gave the right password, and the counties with a role for them."""

    user: User
    counties: tuple[str, ...]


async def check_password(
    context: Context, place: Place, login: str, password: str
) -> Known | Refusal:
    """The user; `wrong` for anything else, without a hint which; `braked` after too many tries.

    Raises `passwords.Overloaded`.
    """
    key, now = passwords.login_key(login), context.clock()
    tried = await _claim(context, place, "login", key, now)
    if tried is None:
        return "braked"

    async def look(conn: asyncpg.Connection) -> tuple[User | None, list[str]]:
        user = await desk_users.find_by_login(conn, key)
        # Asked for nobody too, so that a login that exists takes no longer.
        listed = await desk_users.list_counties_of(conn, user.id if user else NOBODY)
        return user, listed

    user, listed = await context.db.run(place.county.schema, look, single=True)
    right = await passwords.verify(user.password_hash if user else None, password)
    counties = tuple(code for code in listed if code in {each.code for each in context.counties})
    if user is None or not right or user.disabled_at or not counties:
        return "wrong"
    await _forgive(context, place, tried)
    return Known(await _renewed(context, place, user, password), counties)


async def check_code(
    context: Context, place: Place, user: User, typed: str, note: str
) -> Refusal | None:
    """None for a right code that was not used before, which is used up by this. `note`: what the
    browser carries of this sign-in, in which the same code may come twice: pressed twice, or after
    a commit that was not heard of."""
    now = context.clock()
    tried = await _claim(context, place, "code", user.login_key, now)
    if tried is None:
        return "braked"
    step = totp.find_step(secret_of(context, user), typed, now, user.totp_used_step - 1)
    if step is None:
        return "wrong"
    passed = throttling.passed(context.keys, note, step)

    async def use(conn: asyncpg.Connection) -> bool:
        if not await desk_users.update_used_step(conn, user.id, step):
            return await desk_tries.is_kept(conn, passed)
        await desk_tries.insert_bucket(conn, passed, now)
        return True

    if not await context.db.run(place.county.schema, use):
        return "wrong"
    await _forgive(context, place, tried)
    return None


def secret_of(context: Context, user: User) -> str:
    """The user's code secret, decrypted. Raises `UnreadableSecret`."""
    return context.keys.decrypt(totp.PURPOSE, user.totp_secret or b"").decode()


async def _claim(
    context: Context, place: Place, purpose: str, key: str, now: datetime
) -> throttling.Buckets | None:
    async def work(conn: asyncpg.Connection) -> throttling.Buckets | None:
        device = place.device
        if device and not await desk_sessions.find_device(conn, device, key):
            device = None
        found = throttling.buckets(
            context, purpose, login_key=key, address=place.address, device=device, now=now
        )
        return found if await throttling.claim(conn, found, now) else None

    return await context.db.run(place.county.schema, work)


async def _forgive(context: Context, place: Place, tried: throttling.Buckets) -> None:
    await context.db.run(place.county.schema, lambda conn: throttling.forgive(conn, tried))


async def _renewed(context: Context, place: Place, user: User, password: str) -> User:
    """The user with a hash by today's parameters, when the kept one is older."""
    if not passwords.is_outdated(user.password_hash):
        return user
    fresh = await passwords.hash_password(password)
    await context.db.run(
        place.county.schema,
        lambda conn: desk_users.update_password(
            conn, user.id, user.password_hash, fresh, must_change=user.must_change
        ),
        single=True,
    )
    found = await context.db.run(
        place.county.schema, lambda conn: desk_users.find_user(conn, user.id), single=True
    )
    return found or user

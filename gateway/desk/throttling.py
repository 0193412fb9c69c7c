"""Brakes on guessing at the desk's door, which lock out who guesses and nobody else.

A try counts against the login from this network, against the login from everywhere and against
the network. What many share, the login from everywhere and the network, costs short waits alone,
so that nobody keeps an owner out until midnight. Somebody on a device that the login was used on
before is counted on that device alone. Buckets are named by keyed hashes that
change every day (see `gateway.throttle`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from complaints.limits import local
from gateway.context import Context
from gateway.keys import Keyring
from gateway.store import desk_tries as store
from gateway.throttle import whole_network

# Tries that cost no wait; then 15 seconds, doubled with each, up to a quarter of an hour.
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
# A day, before tries wait for one another: far more than anybody mistypes. The two a minute that
# may follow are far fewer than guessing a password of twelve characters takes.
TRIES_OF_LOGIN = 100
# Behind one address may sit the whole staff.
TRIES_OF_NETWORK = 300
LONGEST_SHARED_WAIT = timedelta(seconds=30)
# What is tried against: the password and the code.
PURPOSES = ("login", "code")
KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Buckets:
    """What a try counts against: `waits` grows long waits; `shared` are {bucket: tries that are
    free on a day}, then short waits."""

    waits: str
    shared: dict[str, int]


def wait_after(tries: int) -> timedelta:
    """How long the next try has to wait after this many."""
    if tries < FREE_TRIES:
        return timedelta(0)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(tries - FREE_TRIES, 10)))


def shared_wait_after(tries: int, free: int) -> timedelta:
    """How long everybody has to wait after this many tries of a day, of which some are free."""
    if tries < free:
        return timedelta(0)
    return min(LONGEST_SHARED_WAIT, timedelta(seconds=1 << min(tries - free, 10)))


def buckets(
    context: Context,
    purpose: str,
    *,
    login_key: str,
    address: str,
    device: bytes | None,
    now: datetime,
) -> Buckets:
    """The buckets of a try; `device` is the hash of a device that knows the login, else None."""

    def named(kind: str, *of: str) -> str:
        return _named(context.keys, purpose, now, kind, *of)

    if device is not None:
        return Buckets(named("device", device.hex(), login_key), {})
    network = whole_network(address)
    return Buckets(
        named("pair", network, login_key),
        {named("login", login_key): TRIES_OF_LOGIN, named("network", network): TRIES_OF_NETWORK},
    )


def _named(keys: Keyring, purpose: str, now: datetime, kind: str, *of: str) -> str:
    message = "|".join([purpose, f"{local(now):%Y-%m-%d}", kind, *of]).encode()
    return f"{purpose}:{kind}:{keys.digest('throttle', message)[:16].hex()}"


def passed(keys: Keyring, note: str, step: int) -> str:
    """The name under which it is kept that a sign-in, by the note that a browser carries, used up
    the code of a step."""
    return f"passed:{keys.digest('throttle', f'passed|{step}|{note}'.encode())[:16].hex()}"


async def claim(conn: asyncpg.Connection, found: Buckets, now: datetime) -> bool:
    """Counts a try before it is looked at; False when it has to wait, and then counts nothing.

    Counted first, since a hundred tries at once would otherwise all be the first.
    """
    # In one order, so that no two wait for each other.
    names = sorted((found.waits, *found.shared))
    held = {name: await store.lock_bucket(conn, name, now) for name in names}
    if any(held[name].free_at > now for name in names):
        return False
    for name in names:
        tries = held[name].n + 1
        free = found.shared.get(name)
        wait = wait_after(tries) if free is None else shared_wait_after(tries, free)
        await store.update_bucket(conn, name, now + wait, now)
    return True


async def forgive(conn: asyncpg.Connection, found: Buckets) -> None:
    """It was right: the next slip is the first one again."""
    await store.delete_tries(conn, [found.waits], sorted(found.shared))


async def forget_login(
    keys: Keyring, conn: asyncpg.Connection, login_key: str, now: datetime
) -> None:
    """The password is a new one: tries of the old from everywhere count no more."""
    names = [_named(keys, each, now, "login", login_key) for each in sorted(PURPOSES)]
    await store.delete_tries(conn, names, ())

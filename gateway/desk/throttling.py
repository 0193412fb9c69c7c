"""Brakes on guessing at the desk's door, which lock out who guesses and nobody else.

A try counts against the login from this network, against the login from everywhere and against
the network. Somebody on a device that the login was used on before is counted on that device
alone, so that a stranger who hammers a login never keeps its owner out. Buckets are named by
keyed hashes that change every day (see `gateway.throttle`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from complaints.limits import local
from gateway.context import Context
from gateway.store import desk_tries as store
from gateway.throttle import whole_network

# Tries that cost no wait; then 15 seconds, doubled with each, up to a quarter of an hour.
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
# A day: far more than anybody mistypes, far less than guessing takes.
TRIES_OF_LOGIN = 100
# Behind one address may sit the whole staff: nobody is kept out until midnight. Guessing gains
# nothing by it, since each login has its own count.
TRIES_OF_NETWORK = 300
LONGEST_NETWORK_WAIT = timedelta(seconds=30)
KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Buckets:
    """What a try counts against: `waits` grows waits, `caps` are {bucket: most a day}, `network`
    has many tries free and then short waits; "" for none."""

    waits: str
    caps: dict[str, int]
    network: str = ""


def wait_after(tries: int) -> timedelta:
    """How long the next try has to wait after this many."""
    if tries < FREE_TRIES:
        return timedelta(0)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(tries - FREE_TRIES, 10)))


def network_wait_after(tries: int) -> timedelta:
    """How long a whole network has to wait after this many tries of a day."""
    if tries < TRIES_OF_NETWORK:
        return timedelta(0)
    return min(LONGEST_NETWORK_WAIT, timedelta(seconds=1 << min(tries - TRIES_OF_NETWORK, 10)))


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
    day = f"{local(now):%Y-%m-%d}"

    def named(kind: str, *of: str) -> str:
        message = "|".join([purpose, day, kind, *of]).encode()
        return f"{purpose}:{kind}:{context.keys.digest('throttle', message)[:16].hex()}"

    if device is not None:
        return Buckets(named("device", device.hex(), login_key), {})
    network = whole_network(address)
    return Buckets(
        named("pair", network, login_key),
        {named("login", login_key): TRIES_OF_LOGIN},
        named("network", network),
    )


async def claim(conn: asyncpg.Connection, found: Buckets, now: datetime) -> bool:
    """Counts a try before it is looked at; False when it has to wait, and then counts nothing.

    Counted first, since a hundred tries at once would otherwise all be the first.
    """
    # In one order, so that no two wait for each other.
    names = sorted(filter(None, (found.waits, found.network, *found.caps)))
    held = {name: await store.lock_bucket(conn, name, now) for name in names}
    if any(held[name].free_at > now for name in names):
        return False
    if any(held[name].n >= most for name, most in found.caps.items()):
        return False
    for name in names:
        wait = timedelta(0)
        if name == found.waits:
            wait = wait_after(held[name].n + 1)
        elif name == found.network:
            wait = network_wait_after(held[name].n + 1)
        await store.update_bucket(conn, name, now + wait, now)
    return True


async def forgive(conn: asyncpg.Connection, found: Buckets) -> None:
    """It was right: the next slip is the first one again."""
    await store.delete_tries(
        conn, [found.waits], sorted(filter(None, (found.network, *found.caps)))
    )

"""Brakes without a memory of visitors: buckets named by a keyed hash that changes every day."""

from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import asyncpg
from aiohttp import web

from complaints.limits import local
from complaints.store import throttle as store
from gateway.context import CONTEXT, Context

# A village behind one address files far less than this in an hour.
FILINGS_AN_HOUR = 60
# Wrong codes that pass the check digit; nobody mistypes that often.
WRONG_CODES_AN_HOUR = 20
# All addresses together. Past it a single wrong code an hour is left to each.
WRONG_CODES_OF_ALL = 2_000
# After that the background work deletes a count.
KEPT = timedelta(days=2)


def client_address(request: web.Request) -> str:
    """Where a request comes from: the peer, or what a trusted proxy says about its own peer.

    Only the last hop of X-Forwarded-For is a trusted proxy's own word, also where the proxy adds
    a line of its own below the ones that the visitor sent.
    """
    peer = request.remote or ""
    proxies = request.app[CONTEXT].settings.trusted_proxies
    lines = request.headers.getall("X-Forwarded-For", [""])
    forwarded = lines[-1].rpartition(",")[2].strip()
    if not forwarded or not any(_within(peer, proxy) for proxy in proxies):
        return peer
    try:
        return str(_plain(forwarded))
    except ValueError:
        return peer


def _within(address: str, network: str) -> bool:
    try:
        return _plain(address) in _proxies(network)
    except ValueError:
        return False


def _plain(address: str) -> IPv4Address | IPv6Address:
    """An address without its zone; what a socket for both kinds calls ::ffff:1.2.3.4 is 1.2.3.4."""
    found = ip_address(address.partition("%")[0])
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


@lru_cache(maxsize=64)
def _proxies(network: str) -> IPv4Network | IPv6Network:
    return ip_network(network, strict=False)


def bucket(context: Context, purpose: str, address: str, now: datetime) -> str:
    """The name of this hour's bucket; tomorrow nobody can link it to an address.

    An IPv6 customer has a whole /64, so that is what counts.
    """
    hour = f"{local(now):%Y-%m-%dT%H}"
    digest = context.keys.digest("throttle", f"{hour}|{whole_network(address)}".encode())
    return f"{purpose}:{hour}:{digest[:12].hex()}"


def whole_network(address: str) -> str:
    """What counts as one place: an IPv4 address, or the /64 that an IPv6 customer has."""
    try:
        found = _plain(address)
    except ValueError:
        return address
    return str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)


def everybody(purpose: str, now: datetime) -> str:
    """The name of this hour's bucket of all addresses together."""
    return f"{purpose}:{local(now):%Y-%m-%dT%H}:all"


async def may_guess(conn: asyncpg.Connection, own: str, all_: str) -> bool:
    """Whether a tracking code from this bucket is looked up at all."""
    of_own, of_all = await store.count_tries(conn, own, all_)
    return of_own < (WRONG_CODES_AN_HOUR if of_all < WRONG_CODES_OF_ALL else 1)


async def count_wrong(conn: asyncpg.Connection, own: str, all_: str, now: datetime) -> None:
    """Remembers one wrong code."""
    await store.update_tries(conn, own, now)
    await store.update_tries(conn, all_, now)

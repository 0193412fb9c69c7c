"""Brakes count without remembering who came, and cannot be talked out of it."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway import throttle
from gateway.context import CONTEXT
from gateway.keys import Keyring

CONTEXT_OF_KEYS: Any = SimpleNamespace(keys=Keyring(("k" * 40,)))


def address(peer: str, forwarded: str | None, *proxies: str) -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers, app=App(proxies))
    return throttle.client_address(request.clone(remote=peer))


class App(dict[Any, Any]):
    """An application with settings that trust these proxies."""

    def __init__(self, proxies: tuple[str, ...]) -> None:
        super().__init__(
            {CONTEXT: SimpleNamespace(settings=SimpleNamespace(trusted_proxies=proxies))}
        )


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "told"),
    [
        ("203.0.113.9", "1.2.3.4", (), "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7", ("10.0.0.0/8",), "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, unknown", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", None, ("10.0.0.1",), "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1", ("10.0.0.1",), "2001:db8::1"),
        ("10.0.0.1", "1.2.3.4", ("not a network",), "10.0.0.1"),
    ],
)
def test_only_a_trusted_proxys_last_word_counts(
    peer: str, forwarded: str | None, proxies: tuple[str, ...], told: str
) -> None:
    assert address(peer, forwarded, *proxies) == told


def test_a_bucket_tells_no_address_and_is_another_tomorrow(now: datetime) -> None:
    one = throttle.bucket(CONTEXT_OF_KEYS, "file", "203.0.113.9", now)
    assert "203" not in one
    assert one == throttle.bucket(CONTEXT_OF_KEYS, "file", "203.0.113.9", now)
    assert one != throttle.bucket(CONTEXT_OF_KEYS, "file", "203.0.113.8", now)
    tomorrow = throttle.bucket(CONTEXT_OF_KEYS, "file", "203.0.113.9", now + timedelta(days=1))
    assert one.rpartition(":")[2] != tomorrow.rpartition(":")[2]


def test_a_whole_network_of_one_ipv6_customer_is_one_bucket(now: datetime) -> None:
    one = throttle.bucket(CONTEXT_OF_KEYS, "file", "2001:db8:0:1::1", now)
    assert one == throttle.bucket(CONTEXT_OF_KEYS, "file", "2001:db8:0:1:ffff::2", now)
    assert one != throttle.bucket(CONTEXT_OF_KEYS, "file", "2001:db8:0:2::1", now)

"""Guessing gets slower and slower, for who guesses and for nobody else."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.context import Context
from gateway.desk import throttling
from gateway.desk.throttling import Buckets, buckets, claim, forgive, wait_after
from tests.site import site_context

HERE, THERE = "203.0.113.7", "198.51.100.9"


@given(st.integers(0, 10_000))
def test_waits_only_grow_and_end_at_a_quarter_of_an_hour(tries: int):
    assert wait_after(tries) <= wait_after(tries + 1) <= timedelta(minutes=15)


def test_a_few_slips_cost_no_wait():
    assert [wait_after(n).total_seconds() for n in (0, 4, 5, 6, 7, 30)] == [0, 0, 15, 30, 60, 900]


@pytest.fixture
async def context(fresh_database: str, tmp_path: Path) -> AsyncIterator[Context]:
    async with site_context(fresh_database, tmp_path) as found:
        yield found


class Guesser:
    def __init__(self, context: Context, now: datetime, address: str, device: bytes | None = None):
        self.context, self.now, self.address, self.device = context, now, address, device

    def buckets(self, login: str = "chan") -> Buckets:
        return buckets(
            self.context, "login", login_key=login, address=self.address, device=self.device,
            now=self.now,
        )  # fmt: skip

    async def tries(self, login: str = "chan") -> bool:
        async with self.context.db.transaction("county_test") as conn:
            return await claim(conn, self.buckets(login), self.now)


async def test_the_sixth_try_has_to_wait_and_waiting_is_enough(context: Context, now: datetime):
    guesser = Guesser(context, now, HERE)
    assert [await guesser.tries() for _ in range(6)] == [True] * 5 + [False]
    guesser.now += timedelta(seconds=14)
    assert not await guesser.tries()
    guesser.now += timedelta(seconds=1)
    assert await guesser.tries()
    guesser.now += timedelta(seconds=29)
    assert not await guesser.tries(), "the next wait is twice as long"


async def test_another_network_and_another_login_do_not_wait(context: Context, now: datetime):
    guesser = Guesser(context, now, HERE)
    while await guesser.tries():
        pass
    assert await Guesser(context, now, THERE).tries()
    assert await guesser.tries("wong")


async def test_a_login_is_not_guessed_from_a_thousand_networks(
    context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(throttling, "TRIES_OF_LOGIN", 8)
    found = [await Guesser(context, now, f"198.51.100.{n}").tries() for n in range(10)]
    assert found == [True] * 8 + [False] * 2
    assert await Guesser(context, now, HERE, b"known").tries(), "its owner still gets in"


async def test_a_network_does_not_try_a_thousand_logins(
    context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(throttling, "TRIES_OF_NETWORK", 8)
    guesser = Guesser(context, now, HERE)
    found = [await guesser.tries(f"user{n}") for n in range(10)]
    assert found == [True] * 8 + [False] * 2
    for n in range(100):  # whoever goes on only makes everybody wait, and never until midnight
        guesser.now += timedelta(seconds=10)
        await guesser.tries(f"other{n}")
    assert not await guesser.tries("colleague")
    guesser.now += timedelta(seconds=30)
    assert await guesser.tries("colleague")


async def test_a_right_password_begins_anew(context: Context, now: datetime):
    guesser = Guesser(context, now, HERE)
    for _ in range(5):
        assert await guesser.tries()
        async with context.db.transaction("county_test") as conn:
            await forgive(conn, guesser.buckets())
    assert [await guesser.tries() for _ in range(6)] == [True] * 5 + [False]


async def test_tries_at_the_same_moment_are_counted_one_by_one(context: Context, now: datetime):
    import asyncio

    guesser = Guesser(context, now, HERE)
    found = await asyncio.gather(*(guesser.tries() for _ in range(30)))
    assert sum(found) == 5


def test_buckets_name_neither_login_nor_address_and_change_every_day(now: datetime):
    class Keys:
        def digest(self, purpose: str, message: bytes) -> bytes:
            import hashlib

            return hashlib.sha256(message).digest()

    class Ctx:
        keys = Keys()

    guesser = Guesser(Ctx(), now, HERE)  # type: ignore[arg-type]
    today = guesser.buckets()
    assert HERE not in str(today)
    assert "chan" not in str(today)
    guesser.now += timedelta(days=1)
    assert guesser.buckets().waits != today.waits
    assert set(guesser.buckets().caps).isdisjoint(today.caps)

"""Guessing gets slower and slower, for who guesses and for nobody else."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.context import Context
from gateway.desk import throttling
from gateway.desk.throttling import Buckets, buckets, claim, forgive, shared_wait_after, wait_after
from tests.gateway.desk.conftest import Desk
from tests.site import site_context
from tests.staff import try_sign_in

HERE, THERE = "203.0.113.7", "198.51.100.9"


@given(st.integers(0, 10_000))
def test_waits_only_grow_and_end_at_a_quarter_of_an_hour(tries: int):
    assert wait_after(tries) <= wait_after(tries + 1) <= timedelta(minutes=15)


def test_a_few_slips_cost_no_wait():
    assert [wait_after(n).total_seconds() for n in (0, 4, 5, 6, 7, 30)] == [0, 0, 15, 30, 60, 900]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_what_many_share_never_waits_longer_than_half_a_minute(tries: int, free: int):
    assert (shared_wait_after(tries, free) > timedelta(0)) == (tries >= free)
    assert shared_wait_after(tries, free) <= timedelta(seconds=30)


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
    for n in range(100):  # whoever goes on only makes others wait, and never until midnight
        now += timedelta(seconds=10)
        await Guesser(context, now, f"192.0.2.{n}").tries()
    assert not await Guesser(context, now, HERE).tries()
    now += timedelta(seconds=30)
    assert await Guesser(context, now, HERE).tries(), "the owner on a new device"


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
    assert set(guesser.buckets().shared).isdisjoint(today.shared)


async def test_a_reset_password_begins_the_logins_count_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(throttling, "TRIES_OF_LOGIN", 1)
    boss, user = await desk.staff("boss", "administrator"), await desk.user("chan", "operator")
    bucket = "SELECT max(n) FROM shared.desk_try WHERE bucket LIKE 'login:login:%'"
    assert (await try_sign_in(desk.client, "chan", "guess")).status == 422
    assert (await try_sign_in(desk.client, "chan", "guess")).status == 429
    assert await desk.value(bucket) == 1
    assert (await boss.post(f"/desk/users/{user}/password")).status == 200
    assert await desk.value(bucket) is None
    assert (await try_sign_in(desk.client, "chan", "guess")).status == 422

"""An office's link: one case, one office, for a time, and nobody can guess it."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from board.ids import new_id
from gateway import links
from gateway.keys import token_hash
from gateway.store import links as store
from tests.gateway.mail.world import file_complaint, settle


@pytest.fixture
async def complaint(conn: asyncpg.Connection, now: datetime) -> UUID:
    await settle(conn)
    return await file_complaint(conn, now)


async def made(conn: asyncpg.Connection, complaint: UUID, office: str, now: datetime) -> str:
    token, row = links.make(complaint, office, None, now)
    await store.insert_links(conn, [row])
    return token


async def the_link(conn: asyncpg.Connection, token: str) -> links.Link:
    link = await links.find(conn, token)
    assert link is not None
    return link


@pytest.mark.parametrize("token", ["", "x", "\x00", "密", "A" * 43, "A" * 10_000])
async def test_a_secret_that_never_was_opens_nothing(
    conn: asyncpg.Connection, complaint: UUID, now: datetime, token: str
) -> None:
    await made(conn, complaint, "u1", now)
    assert await links.find(conn, token) is None


async def test_the_hash_that_is_kept_does_not_open_the_case(
    conn: asyncpg.Connection, complaint: UUID, now: datetime
) -> None:
    token = await made(conn, complaint, "u1", now)
    kept = await conn.fetchval("SELECT token_hash FROM link")
    assert kept == token_hash(token)
    assert token.encode() not in kept
    assert await links.find(conn, kept.hex()) is None


async def test_a_link_ends_with_its_last_day(
    conn: asyncpg.Connection, complaint: UUID, now: datetime
) -> None:
    link = await the_link(conn, await made(conn, complaint, "u1", now))
    assert link.standing(now) == "good"
    assert link.standing(now + timedelta(days=60) - timedelta(seconds=1)) == "good"
    assert link.standing(now + timedelta(days=60)) == "expired"


async def test_a_link_is_revoked_when_the_case_moves(
    conn: asyncpg.Connection, complaint: UUID, now: datetime
) -> None:
    tokens = [await made(conn, complaint, "u1", now) for _ in range(2)]
    assert await links.revoke(conn, complaint, now) == 2
    assert await links.revoke(conn, complaint, now) == 0
    for token in tokens:
        assert (await the_link(conn, token)).standing(now) == "revoked"


async def test_a_link_of_an_office_that_lost_the_case_is_worth_nothing_even_if_nobody_revoked_it(
    conn: asyncpg.Connection, complaint: UUID, now: datetime
) -> None:
    token = await made(conn, complaint, "u1", now)
    await conn.execute("UPDATE complaint SET office = 'b1' WHERE id = $1", complaint)
    assert (await the_link(conn, token)).standing(now) == "revoked"


async def test_two_letters_never_carry_the_same_secret(complaint: UUID, now: datetime) -> None:
    tokens = {links.make(complaint, "u1", None, now)[0] for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}  # 256 bits in base64


async def test_a_new_link_is_asked_for_by_an_event_in_the_outbox(
    conn: asyncpg.Connection, complaint: UUID, now: datetime
) -> None:
    link = await the_link(conn, await made(conn, complaint, "u1", now))
    expired = now + timedelta(days=90)
    assert await links.renew(conn, link, expired) == "sent"
    (event,) = await conn.fetch(
        "SELECT e.kind, e.data, e.actor_kind FROM outbox o JOIN event e ON e.id = o.event"
    )
    assert tuple(event) == ("link_asked", {"office": "u1"}, "office")


async def test_nobody_renews_a_revoked_link_or_one_of_a_case_that_moved(
    conn: asyncpg.Connection, complaint: UUID, now: datetime
) -> None:
    token = await made(conn, complaint, "u1", now)
    link = await the_link(conn, token)
    await conn.execute("UPDATE complaint SET office = 'b1' WHERE id = $1", complaint)
    assert await links.renew(conn, link, now) == "moved"
    await conn.execute("UPDATE complaint SET office = 'u1' WHERE id = $1", complaint)
    await links.revoke(conn, complaint, now)
    assert await links.renew(conn, await the_link(conn, token), now) == "moved"
    assert await conn.fetch("SELECT event FROM outbox") == []


async def test_new_links_are_limited_a_day_so_that_nobody_floods_the_office(
    conn: asyncpg.Connection, complaint: UUID, now: datetime
) -> None:
    link = await the_link(conn, await made(conn, complaint, "u1", now))
    most = links.RENEWALS_A_DAY
    keys = [new_id(now) for _ in range(most + 1)]
    answers = [await links.renew(conn, link, now, key) for key in keys]
    assert answers == ["sent"] * most + ["too_many"]
    # A commit that was not heard of: the same is asked again, and was granted.
    assert await links.renew(conn, link, now, keys[most - 1]) == "sent"
    assert len(await conn.fetch("SELECT event FROM outbox")) == most
    assert await links.renew(conn, link, now + timedelta(days=1, minutes=1)) == "sent"

"""The chain over the event log finds what was changed, removed or added, and says which."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.ids import new_id
from complaints import audit, intake
from complaints.audit import START, chain, check, digest, first_id
from complaints.intake import Enclosed, Origin
from gateway.db import Database
from tests import database
from tests.people import CIPHER, COUNTY, draft

LATER = timedelta(minutes=1)


async def filed(conn: asyncpg.Connection, now: datetime) -> str:
    """Three events: received, accepted, dispatched."""
    found = await intake.file(
        conn,
        draft(),
        COUNTY,
        CIPHER,
        enclosed=Enclosed(b"k" * 32),
        origin=Origin("web", "zh-Hans"),
        now=now,
    )
    return found.number


async def sealed(conn: asyncpg.Connection, now: datetime) -> str:
    number = await filed(conn, now)
    assert await audit.seal(conn, now + LATER) == 3
    return number


async def faults(conn: asyncpg.Connection, now: datetime) -> list[tuple[Any, ...]]:
    verified = await audit.verify(conn, now + timedelta(days=1))
    return [(each.fault, each.seq, each.number) for each in verified.findings]


async def test_what_was_just_written_waits_until_every_transaction_has_ended(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await filed(conn, now)
    assert await audit.seal(conn, now + timedelta(seconds=5)) == 0
    assert await audit.seal(conn, now + LATER) == 3
    assert await audit.seal(conn, now + LATER) == 0


async def test_an_untouched_chain_has_no_faults(conn: asyncpg.Connection, now: datetime) -> None:
    await sealed(conn, now)
    await filed(conn, now + LATER)
    await audit.seal(conn, now + 2 * LATER + LATER)
    verified = await audit.verify(conn, now + timedelta(days=1))
    assert (verified.sealed, verified.findings) == (6, ())
    assert verified.head != START


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'answered'",
        "at = at + interval '1 microsecond'",
        "actor = 'somebody'",
        "actor_kind = 'desk'",
        """data = '{"office": "O-RS"}'""",
        "complaint = (SELECT id FROM complaint WHERE number <> '2026-000001')",
    ],
)
async def test_a_changed_row_is_found(conn: asyncpg.Connection, now: datetime, change: str) -> None:
    number = await sealed(conn, now)
    await filed(conn, now + LATER)
    await audit.seal(conn, now + 3 * LATER)
    await conn.execute(
        f"UPDATE event SET {change} WHERE id = (SELECT event FROM event_seal WHERE seq = 2)"
    )
    (fault,) = await faults(conn, now)
    assert fault[:2] == ("changed", 2)
    assert "complaint" in change or fault[2] == number


async def test_a_removed_row_is_found(conn: asyncpg.Connection, now: datetime) -> None:
    await sealed(conn, now)
    gone = await conn.fetchval("DELETE FROM event_seal WHERE seq = 2 RETURNING event")
    await conn.execute("DELETE FROM outbox WHERE event = $1", gone)
    await conn.execute("DELETE FROM event WHERE id = $1", gone)
    assert await faults(conn, now) == [("removed", 2, None)]


async def test_a_row_that_was_added_later_is_found(conn: asyncpg.Connection, now: datetime) -> None:
    number = await sealed(conn, now)
    await conn.execute(
        "INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)"
        " SELECT $1, id, $2, 'answered', 'office', 'O-RS', '{}' FROM complaint",
        new_id(now - timedelta(hours=2)),
        now - timedelta(hours=2),
    )
    await audit.seal(conn, now + 2 * LATER)
    assert await faults(conn, now) == [("inserted", None, number)]


async def test_two_sealers_make_one_chain(db: Database, now: datetime) -> None:
    import asyncio

    for n in range(4):
        await db.run(database.SCHEMA, lambda conn, n=n: filed(conn, now + n * LATER))
    end = now + 10 * LATER
    done = await asyncio.gather(
        *[db.run(database.SCHEMA, lambda conn: audit.seal(conn, end)) for _ in range(4)]
    )
    assert sum(done) == 12
    verified = await db.run(database.SCHEMA, lambda conn: audit.verify(conn, end))
    assert (verified.sealed, verified.findings) == (12, ())


def events(n: int, now: datetime) -> list[dict[str, Any]]:
    complaint = new_id(now)
    return [
        {
            "id": new_id(now),
            "complaint": complaint,
            "at": now,
            "kind": "noted",
            "actor_kind": "desk",
            "actor": None,
            "data": {"n": each},
            "number": "2026-000001",
        }
        for each in range(n)
    ]


@given(n=st.integers(2, 30), data=st.data())
def test_any_one_fault_is_told_where_it_lies(n: int, data: st.DataObject) -> None:
    now = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
    made = events(n, now)
    rows, _ = chain(0, START, made)
    whole: list[dict[str, Any]] = [
        {**event, "seq": seq, "event": id_, "hash": hash_}
        for event, (seq, id_, hash_) in zip(made, rows, strict=True)
    ]
    assert check(0, START, whole)[0] == []
    at = data.draw(st.integers(0, n - 2))
    if data.draw(st.booleans()):
        broken = [*whole[:at], *whole[at + 1 :]]
        expected = ("removed", at + 1)
    else:
        broken = [*whole[:at], {**whole[at], "kind": "other"}, *whole[at + 1 :]]
        expected = ("changed", at + 1)
    assert [(each.fault, each.seq) for each in check(0, START, broken)[0]] == [expected]


def test_the_order_of_keys_does_not_matter_and_the_zone_neither() -> None:
    utc = datetime.fromisoformat("2026-03-02T02:00:00+00:00")
    here = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
    one = events(1, utc)[0] | {"data": {"a": 1, "b": 2}}
    assert digest(START, one) == digest(START, one | {"at": here, "data": {"b": 2, "a": 1}})


def test_ids_made_later_are_larger() -> None:
    now = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
    assert first_id(now) <= new_id(now) < first_id(now + timedelta(milliseconds=1))

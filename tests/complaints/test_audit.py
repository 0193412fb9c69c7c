"""The chain over the event log finds what was changed, removed or added, and says which."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.ids import new_id
from complaints import audit, intake
from complaints.audit import START, Place, chain, check, content, first_id
from complaints.intake import Enclosed, Origin
from complaints.standing import By
from complaints.steps import desk as steps
from complaints.store.standing import find_id, find_standing, update_case
from gateway.ciphers import KeyringSigner
from gateway.db import Database
from gateway.keys import Keyring
from tests import database
from tests.people import CIPHER, COUNTY, SECRET, SIGNER, draft

LATER = timedelta(minutes=1)
# After everything that happens here.
CHECKED = datetime.fromisoformat("2026-12-24T10:00:00+08:00")


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
    assert await audit.seal(conn, now + LATER, SIGNER) == 3
    return number


async def faults(conn: asyncpg.Connection) -> list[tuple[Any, ...]]:
    verified = await audit.verify(conn, SIGNER, CHECKED)
    return [(each.fault, each.seq, each.number) for each in verified.findings]


async def test_what_was_just_written_waits_until_every_transaction_has_ended(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await filed(conn, now)
    assert await audit.seal(conn, now + timedelta(seconds=5), SIGNER) == 0
    assert await audit.seal(conn, now + LATER, SIGNER) == 3
    assert await audit.seal(conn, now + LATER, SIGNER) == 0


async def test_an_untouched_chain_has_no_faults(conn: asyncpg.Connection, now: datetime) -> None:
    await sealed(conn, now)
    await filed(conn, now + LATER)
    await audit.seal(conn, now + 2 * LATER + LATER, SIGNER)
    verified = await audit.verify(conn, SIGNER, CHECKED)
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
    await audit.seal(conn, now + 3 * LATER, SIGNER)
    await conn.execute(
        f"UPDATE event SET {change} WHERE id = (SELECT event FROM event_seal WHERE seq = 2)"
    )
    (fault,) = await faults(conn)
    assert fault[:2] == ("changed", 2)
    assert "complaint" in change or fault[2] == number


async def test_a_removed_row_is_found(conn: asyncpg.Connection, now: datetime) -> None:
    await sealed(conn, now)
    gone = await conn.fetchval("DELETE FROM event_seal WHERE seq = 2 RETURNING event")
    await conn.execute("DELETE FROM outbox WHERE event = $1", gone)
    await conn.execute("DELETE FROM event WHERE id = $1", gone)
    assert await faults(conn) == [("removed", 2, None)]


async def test_a_row_that_was_added_later_is_found(conn: asyncpg.Connection, now: datetime) -> None:
    number = await sealed(conn, now)
    await conn.execute(
        "INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)"
        " SELECT $1, id, $2, 'answered', 'office', 'O-RS', '{}' FROM complaint",
        new_id(now - timedelta(hours=2)),
        now - timedelta(hours=2),
    )
    await audit.seal(conn, now + 2 * LATER, SIGNER)
    assert await faults(conn) == [("inserted", None, number)]


async def test_a_row_that_claims_to_be_of_the_future_is_found(
    conn: asyncpg.Connection, now: datetime
) -> None:
    """No sealer would come to it, and yet it stands in the story of the case."""
    number = await sealed(conn, now)
    ahead = CHECKED + timedelta(hours=1)
    await conn.execute(
        "INSERT INTO event (id, complaint, at, kind, actor_kind, actor, data)"
        " SELECT $1, id, $2, 'answered', 'office', 'O-RS', '{}' FROM complaint",
        new_id(ahead), now,
    )  # fmt: skip
    assert await audit.seal(conn, now + 2 * LATER, SIGNER) == 0
    assert await faults(conn) == [("inserted", None, number)]


async def test_words_that_were_put_beside_an_event_are_found(
    conn: asyncpg.Connection, now: datetime
) -> None:
    """An event has no words but those with its own id, of its own case."""
    number = await sealed(conn, now)
    put = (
        "INSERT INTO message (id, complaint, event, kind, for_complainant, words, at)"
        " SELECT $1, c.id, e.id, 'question', true, '请提供身份证照片', e.at"
        " FROM event AS e, complaint AS c WHERE e.kind = 'accepted' AND c.number = $2"
    )
    await conn.execute(put, new_id(now), number)
    assert await faults(conn) == [("words", None, number)]
    await conn.execute("DELETE FROM message")
    # Under the event's own id, in another case.
    other = await filed(conn, now + LATER)
    id_ = await conn.fetchval(
        "SELECT e.id FROM event AS e JOIN complaint AS c ON c.id = e.complaint"
        " WHERE e.kind = 'accepted' AND c.number = $1", number,
    )  # fmt: skip
    await conn.execute(put.replace("e.kind = 'accepted'", "e.id = $1"), id_, other)
    assert ("words", None, other) in await faults(conn)


async def test_two_sealers_make_one_chain(db: Database, now: datetime) -> None:
    import asyncio

    for n in range(4):
        await db.run(database.SCHEMA, lambda conn, n=n: filed(conn, now + n * LATER))
    end = now + 10 * LATER
    done = await asyncio.gather(
        *[db.run(database.SCHEMA, lambda conn: audit.seal(conn, end, SIGNER)) for _ in range(4)]
    )
    assert sum(done) == 12
    verified = await db.run(database.SCHEMA, lambda conn: audit.verify(conn, SIGNER, CHECKED))
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
            "said": None if each % 2 else "记号",
        }
        for each in range(n)
    ]


@given(n=st.integers(2, 30), data=st.data())
def test_any_one_fault_is_told_where_it_lies(n: int, data: st.DataObject) -> None:
    now = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
    made = events(n, now)
    whole: list[dict[str, Any]] = [
        {**event, **seal._asdict(), "wiped_at": None}
        for event, seal in zip(made, chain(0, START, made, SIGNER), strict=True)
    ]
    assert check(Place(), whole, SIGNER)[0] == []
    at = data.draw(st.integers(0, n - 2))
    if data.draw(st.booleans()):
        broken = [*whole[:at], *whole[at + 1 :]]
        expected = ("removed", at + 1)
    else:
        broken = [*whole[:at], {**whole[at], "kind": "other"}, *whole[at + 1 :]]
        expected = ("changed", at + 1)
    assert [(each.fault, each.seq) for each in check(Place(), broken, SIGNER)[0]] == [expected]


def test_the_order_of_keys_does_not_matter_and_the_zone_neither() -> None:
    utc = datetime.fromisoformat("2026-03-02T02:00:00+00:00")
    here = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
    one = events(1, utc)[0] | {"data": {"a": 1, "b": 2}}
    other = one | {"at": here, "data": {"b": 2, "a": 1}}
    assert content(START, one, None) == content(START, other, None)


def test_ids_made_later_are_larger() -> None:
    now = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
    assert first_id(now) <= new_id(now) < first_id(now + timedelta(milliseconds=1))


async def noted(conn: asyncpg.Connection, now: datetime) -> None:
    """A case whose contact was viewed, for a reason, all sealed."""
    number = await filed(conn, now)
    id_ = await find_id(conn, number)
    case = await find_standing(conn, id_) if id_ else None
    assert case is not None
    viewed = steps.view_contact(
        case, "记号好奇", By("desk", "chan"), calendar=COUNTY.calendar, now=now
    )
    assert await update_case(conn, viewed)
    assert await audit.seal(conn, now + LATER, SIGNER) == 4


async def test_after_a_stop_of_any_length_everything_is_caught_up_with(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await sealed(conn, now)
    await filed(conn, now + timedelta(hours=1))
    assert (await audit.verify(conn, SIGNER, CHECKED)).findings == ()
    assert await audit.seal(conn, now + timedelta(days=9), SIGNER) == 3
    assert (await audit.verify(conn, SIGNER, CHECKED)).findings == ()


async def test_a_chain_that_was_cut_short_is_found_and_stays_found(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await sealed(conn, now)
    before = (3, (await audit.verify(conn, SIGNER, CHECKED)).head)
    await conn.execute("DELETE FROM outbox")
    gone = await conn.fetch("DELETE FROM event_seal WHERE seq > 1 RETURNING event")
    ids = [row["event"] for row in gone]
    await conn.execute("DELETE FROM event WHERE id = ANY($1::uuid[])", ids)
    assert await faults(conn) == [("head", 3, None)]
    await filed(conn, now + LATER)
    await audit.seal(conn, now + 3 * LATER, SIGNER)
    assert await faults(conn) == [("removed", 2, None), ("removed", 3, None)]
    (*_, last) = (await audit.verify(conn, SIGNER, CHECKED, [before])).findings
    assert (last.fault, last.seq) == ("noted", 3)


async def test_changed_words_are_found_and_wiped_ones_are_not(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await noted(conn, now)
    await conn.execute("UPDATE message SET words = '投诉人来电' WHERE kind = 'view'")
    (fault,) = await faults(conn)
    assert fault[0] == "words"
    await conn.execute("UPDATE message SET words = ''")
    (fault,) = await faults(conn)
    assert fault[0] == "words"
    await conn.execute("UPDATE complaint SET wiped_at = $1", now)
    assert await faults(conn) == []


async def test_who_has_the_database_but_not_the_key_cannot_seal_anew(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await sealed(conn, now)
    forger = KeyringSigner(Keyring(("a guess of somebody who has the database",)))
    await conn.execute("UPDATE event SET actor = 'x'")
    await conn.execute("DELETE FROM event_seal")
    await conn.execute("DELETE FROM event_chain")
    await audit.seal(conn, now + LATER, forger)
    assert {fault for fault, *_ in await faults(conn)} == {"key", "head"}


async def test_seals_of_an_older_key_and_of_no_key_hold_until_the_chain_goes_back(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await sealed(conn, now)
    newer = KeyringSigner(Keyring(("a newer key for the same installation", SECRET)))
    await filed(conn, now + LATER)
    await audit.seal(conn, now + 3 * LATER, newer)
    assert (await audit.verify(conn, newer, CHECKED)).findings == ()
    assert [each.fault for each in (await audit.verify(conn, SIGNER, CHECKED)).findings] == [
        "key",
        "head",
    ]
    await conn.execute("UPDATE event_seal SET key = NULL WHERE seq = 6")
    assert [each.fault for each in (await audit.verify(conn, newer, CHECKED)).findings] == [
        "changed"
    ]


async def test_a_chain_from_before_there_was_a_key_is_gone_on_with(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await filed(conn, now)
    head = START
    for seq, row in enumerate(await conn.fetch("SELECT * FROM event ORDER BY id"), 1):
        head = sha256(content(head, row, None)).digest()
        await conn.execute(
            "INSERT INTO event_seal (seq, event, hash) VALUES ($1, $2, $3)", seq, row["id"], head
        )
    await conn.execute("INSERT INTO event_chain (one, n, hash) VALUES (1, 3, $1)", head)
    assert (await audit.verify(conn, SIGNER, CHECKED)).findings == ()
    await filed(conn, now + LATER)
    assert await audit.seal(conn, now + 3 * LATER, SIGNER) == 3
    verified = await audit.verify(conn, SIGNER, CHECKED)
    assert (verified.sealed, verified.unkeyed, verified.findings) == (6, 3, ())

"""The number beside each list of the desk is the number of cases that stand in it."""

import random
from datetime import datetime, timedelta

import asyncpg
import pytest

from board.calendar import packaged
from board.ids import new_id
from complaints import supervision
from complaints.hidden import NOTHING, Hidden
from complaints.supervision import LISTS, Wanted
from tests.complaints.test_answers import filed

SEEN = """
UPDATE complaint SET state = $2, owner = $3, next_at = $4, next_kind = $5,
  subject_state = $6, staff_badge = $7
WHERE id = $1
"""
STATES = ("received", "accepted", "dispatched", "in_hand", "waiting", "disputed", "released")


async def seen(conn: asyncpg.Connection, now: datetime, chance: random.Random) -> None:
    """An open case in a state of its own, late or not, of somebody or nobody."""
    case = await filed(conn, now)
    at = now + timedelta(hours=chance.randint(-90, 90))
    kind = chance.choice(["answer", "answer", "calendar_unknown"])
    await conn.execute(
        SEEN, case.id, chance.choice(STATES), chance.choice(["office", "desk", "complainant"]),
        at, kind, chance.choice(["identified", "unidentified"]),
        chance.choice(["A1", "A2"]),
    )  # fmt: skip
    if chance.random() < 0.2:
        await conn.execute(
            "INSERT INTO supervision (id, complaint, why, subject, raised_at, actor)"
            " VALUES ($1, $2, 'desk', '', $3, 'chan')",
            *(new_id(now), case.id, now),
        )


@pytest.mark.parametrize("hidden", [NOTHING, Hidden(frozenset({"A1"}), frozenset())])
async def test_each_list_is_counted_as_it_is_listed(
    conn: asyncpg.Connection, now: datetime, hidden: Hidden
) -> None:
    chance = random.Random(7)
    for n in range(60):
        await seen(conn, now + timedelta(minutes=n), chance)
    later, calendar = now + timedelta(hours=1), packaged()
    counts = await supervision.count_lists(conn, calendar, later, hidden)
    for name in LISTS:
        if name in counts:
            page = await supervision.find_page(conn, Wanted(name), calendar, later, hidden)
            assert counts[name] == page.count, name
    assert all(counts[name] for name in ("late", "soon", "waiting", "unidentified", "supervised"))

"""What a stored case tells to routing: who it is about, who stepped back, who answered."""

from datetime import datetime

import asyncpg

from board.ids import new_id
from complaints.facts import find_facts
from complaints.offices import Facts
from complaints.reviews import next_up
from complaints.store import facts as store
from tests.complaints.test_standing import filed
from tests.people import CLERK, DIRECTORY


async def facts_of(conn: asyncpg.Connection, case: object) -> Facts:
    found = await find_facts(conn, case.id, DIRECTORY)  # type: ignore[attr-defined]
    assert found is not None
    return found


async def test_no_case_has_no_facts(conn: asyncpg.Connection, now: datetime) -> None:
    assert await find_facts(conn, new_id(now), DIRECTORY) is None


async def test_the_facts_are_those_that_it_was_routed_by(
    conn: asyncpg.Connection, now: datetime
) -> None:
    facts = await facts_of(conn, await filed(conn, now, category=("L01", "L02")))
    assert [each.code for each in facts.categories] == ["L01", "L02"]
    assert (facts.subject, facts.unit, facts.state) == (CLERK, "RS", "identified")
    assert (facts.recused, facts.answered) == (frozenset(), ())


async def test_who_steps_back_is_passed_over_at_once_and_may_be_let_in_again(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    assert next_up("O-ST", await facts_of(conn, case), DIRECTORY).code == "O-JW"  # type: ignore[union-attr]
    for _ in range(2):
        await store.insert_recusal(conn, case.id, "O-JW", "liang", now)
    facts = await facts_of(conn, case)
    assert facts.recused == {"O-JW"}
    assert next_up("O-ST", facts, DIRECTORY).code == "O-UP"  # type: ignore[union-attr]
    assert await store.delete_recusal(conn, case.id, "O-JW")
    assert not await store.delete_recusal(conn, case.id, "O-JW")
    assert (await facts_of(conn, case)).recused == frozenset()

"""Whoever waited for a case sees it as it stands now, with all that was written meanwhile."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from complaints.steps import office
from complaints.store.standing import find_standing, update_case
from gateway.db import Database
from tests.complaints.test_standing import CALENDAR, filed, signed
from tests.database import SCHEMA

QUESTION = "请问您是哪一天到窗口的？"


async def test_a_question_asked_meanwhile_is_seen_with_the_day_that_stops_the_clock(
    db: Database, now: datetime
) -> None:
    case = await db.run(SCHEMA, lambda conn: filed(conn, now))
    later: dict[str, Any] = {"calendar": CALENDAR, "now": now + timedelta(hours=1)}
    async with db.transaction(SCHEMA) as first, db.transaction(SCHEMA) as second:
        assert await update_case(first, signed(case, now))
        found = await find_standing(first, case.id, lock=True)
        assert found is not None
        assert await update_case(first, office.ask(found, QUESTION, **later))
        waits = asyncio.create_task(find_standing(second, case.id, lock=True))
        await asyncio.sleep(0.1)  # it has begun to wait
        await first.execute("COMMIT; BEGIN")
        seen = await asyncio.wait_for(waits, 10)
    assert seen is not None
    assert seen.state == "waiting"
    assert (seen.asked_on, seen.asked_days) == (later["now"].date(), 10)

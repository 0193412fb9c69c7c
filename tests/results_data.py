"""What the pages of figures, results and praise need in a seeded county: late answers, ratings,
returns, months that are counted, results that everybody reads, and praise, some of it waiting."""

import hashlib
from datetime import timedelta
from itertools import count

import asyncpg

from board.ids import new_id
from complaints import results
from complaints.standing import By
from complaints.store import commendations
from complaints.store import results as result_store
from complaints.store import standing as standing_store
from gateway import counting
from gateway.ciphers import KeyringCipher
from gateway.context import Context
from gateway.pages.result_cases import NEWEST

RELEASED = 6
PRAISED = 30
WAITING = 3
BY = By("desk", "liang")
# A seventh of the answers late, a ninth of the cases returned once, two of three rated.
LATE = """
UPDATE complaint SET due_on = (created_at AT TIME ZONE 'Asia/Shanghai')::date + 8
WHERE right(number, 6)::integer % 7 = 0 AND NOT sealed
"""
RETURNED = "UPDATE complaint SET returns = 1 WHERE right(number, 6)::integer % 9 = 0 AND NOT sealed"
RATED = """
INSERT INTO rating (complaint, answer, level, resolved, at)
SELECT c.id, w.id, 1 + (right(c.number, 6)::integer * 7) % 5,
  right(c.number, 6)::integer % 4 > 0, w.at + interval '2 days'
FROM complaint AS c JOIN answer AS w ON w.complaint = c.id
WHERE right(c.number, 6)::integer % 3 > 0
ON CONFLICT (answer) DO NOTHING
"""
WORDS = (
    "窗口的工作人员很有耐心，把要补的材料一次讲清楚，还帮我联系了下一个单位。",
    "老人家行动不便，工作人员上门来办，谢谢！",
    "打电话来问，三分钟就讲明白了。",
)


async def fill_results(context: Context) -> None:
    """All of it; months are counted at the end."""
    county = next(iter(context.counties))
    async with context.db.transaction(county.schema) as conn:
        for statement in (LATE, RETURNED, RATED):
            await conn.execute(statement)
        await _praise(context, conn)
        await _release(context, conn)
    while await counting.run_once(context):
        pass


async def _praise(context: Context, conn: asyncpg.Connection) -> None:
    held = await context.snapshots.of(next(iter(context.counties)))
    staff = held.directory.staff
    for n in range(PRAISED + WAITING):
        at = context.clock() - timedelta(days=11 * (PRAISED + WAITING - n))
        person, id_ = staff[n * 7 % 40], new_id(at)
        await commendations.insert_commendation(
            conn, id_, hashlib.sha256(id_.bytes).digest(), about=(person.unit, person.badge),
            said=("" if n % 2 else "街坊", WORDS[n % len(WORDS)]), now=at,
        )  # fmt: skip
        if n < PRAISED:
            await commendations.update_decided(conn, id_, "counted", "liang", at)


async def _release(context: Context, conn: asyncpg.Connection) -> None:
    held = await context.snapshots.of(next(iter(context.counties)))
    cipher, now = KeyringCipher(context.keys), context.clock()
    rows = await result_store.list_publishable(conn, NEWEST, RELEASED, released=False)
    for n, row in zip(count(1), rows, strict=False):
        case = await standing_store.find_standing(conn, row["id"], lock=True)
        assert case is not None
        material = await results.find_material(conn, case, held.directory, cipher)
        assert material is not None
        words = (
            f"材料没有一次讲清楚（{n}）",
            "办事的人去了三次窗口，每次都被要求再补一份材料，第一次去的时候没有人给过书面清单。",
            "部分属实。窗口补发了一次性告知单，当面道歉，并在三个工作日内办结。",
        )
        assert await results.release(
            conn, case, material, words, by=BY, calendar=held.calendar, now=now, id_=new_id(now)
        )

"""The desk's lists read along an index, whatever the plan."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from complaints.store import supervision as store
from gateway.ciphers import KeyringCipher
from gateway.keys import Keyring
from tests.bench import seed
from tests.bench.rows.statements import SMALL
from tests.bench.trace import Statement, explain
from tests.database import SCHEMA
from tests.site import SECRET

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FIRST = {True: (NOW.replace(year=2000), UUID(int=0)), False: (UUID(int=(1 << 128) - 1),)}
# The stretch that is searched is shorter here than the table, as it is in a large county.
MORE = {
    "late": (NOW,),
    "soon": (NOW, NOW.replace(day=25)),
    "all": (seed.id_of(NOW - timedelta(days=90), 5_500),),
}
HIDDEN = ["A1024", "unit:RS"]
NONE = (None,) * 6
# Each filter by itself, for something that nobody has, and two together.
FILTERS = (
    NONE,
    *((*NONE[:place], "NOBODY", *NONE[place + 1 :]) for place in range(6)),
    ("NOBODY", None, None, "L01", None, None),
)


@pytest.mark.xdist_group("costs")
async def test_no_list_of_the_desk_reads_a_growing_table_from_end_to_end(
    fresh_demo_database: str,
) -> None:
    conn = await asyncpg.connect(fresh_demo_database)
    try:
        keys = seed.make_keys(KeyringCipher(Keyring((SECRET,))))
        await seed.seed(conn, SCHEMA, 6_000, keys, NOW, targets=40)
        counts = Statement(store.COUNT_LISTS, (NOW, NOW.replace(day=25), 1_001, HIDDEN))
        end = Statement(store.FIND_STRETCH_END, (*FIRST[False], 499))
        for statement in (counts, end, *lists()):
            for generic in (False, True):
                plan = await explain(conn, statement, generic=generic)
                assert plan.whole_tables(SMALL | {"desk_task", "supervision"}) == [], (
                    statement,
                    generic,
                )
                assert plan.buffers < MOST_BUFFERS, (statement, generic)
    finally:
        await conn.close()


# A stretch of 500 cases with the categories of each; what is open is read along an index.
MOST_BUFFERS = 2_600


def lists() -> list[Statement]:
    """Every list with every filter, and how many there are."""
    return [
        Statement(each, (*filters, HIDDEN, most, *FIRST[by_time], *MORE.get(name, ())))
        for name, (sql, by_time) in store.LISTS.items()
        for filters in FILTERS
        for each, most in ((sql, 51), (store.COUNTS[name], 1_001))
    ]

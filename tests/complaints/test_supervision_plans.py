"""The desk's lists read along an index, whatever the plan."""

from datetime import UTC, datetime
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
MORE = {"late": (NOW,), "soon": (NOW, NOW.replace(day=25))}
FILTERS = ((None, None, None, None, None), ("NOBODY", None, None, "L01", None))


@pytest.mark.xdist_group("costs")
async def test_no_list_of_the_desk_reads_a_growing_table_from_end_to_end(
    fresh_demo_database: str,
) -> None:
    conn = await asyncpg.connect(fresh_demo_database)
    try:
        keys = seed.make_keys(KeyringCipher(Keyring((SECRET,))))
        await seed.seed(conn, SCHEMA, 6_000, keys, NOW, targets=40)
        for name, (sql, by_time) in store.LISTS.items():
            for filters in FILTERS:
                args = (*filters, 51, *FIRST[by_time], *MORE.get(name, ()))
                for generic in (False, True):
                    plan = await explain(conn, Statement(sql, args), generic=generic)
                    whole = plan.whole_tables(SMALL | {"desk_task"})
                    assert whole == [], (name, filters, generic)
    finally:
        await conn.close()

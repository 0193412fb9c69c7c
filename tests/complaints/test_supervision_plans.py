"""The desk's lists read along an index, whatever the plan; a page of everything looks no further
than its window, and page by page nothing is passed over."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from board.store import directory as directory_store
from complaints.store import supervision as store
from complaints.supervision import Wanted, find_page
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
# A window of 5,000 cases and what belongs to it; at a million cases it is as wide.
MOST_BUFFERS = 1_300


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
                    assert plan.buffers <= MOST_BUFFERS, (name, filters, generic)
        await _nothing_is_passed_over(conn)
    finally:
        await conn.close()


async def _nothing_is_passed_over(conn: asyncpg.Connection) -> None:
    """Fewer cases than a page has, found in two windows; and a category, whose cases are found
    in another way there."""
    calendar = await directory_store.load_calendar(conn)
    unit = await conn.fetchval(
        "SELECT unit FROM complaint WHERE unit <> '' GROUP BY unit ORDER BY count(*), unit LIMIT 1"
    )
    for wanted, sql, value in (
        (Wanted("all", unit=unit), "SELECT number FROM complaint WHERE unit = $1", unit),
        (
            Wanted("all", category="L01"),
            "SELECT DISTINCT c.number FROM complaint c JOIN allegation a ON a.complaint = c.id"
            " WHERE a.category = $1",
            "L01",
        ),
    ):
        found, page = [], await find_page(conn, wanted, calendar, NOW)
        windows = 0
        while True:
            found += [row["number"] for row in page.rows]
            windows += page.older
            if not page.after:
                break
            page = await find_page(conn, replace(wanted, after=page.after), calendar, NOW)
        assert sorted(found) == sorted([row["number"] for row in await conn.fetch(sql, value)])
        assert windows == (wanted.unit == unit), "only where a page is not full"

"""The dry run of a routing table: what it says is what routing each case by itself would say."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rehearsal
from complaints.categories import categories
from complaints.offices import Facts
from complaints.rehearsal import EXAMPLES, Group, Way, Year, read_batch, rehearse
from complaints.routing import packaged_rules, route
from complaints.store.rehearsal import LIST_FACTS_OF_YEAR
from tests.complaints.county import STAFF, UNITS, directory
from tests.complaints.test_standing import filed
from tests.people import DIRECTORY

RULES = packaged_rules()
COUNTY = directory()
CODES = st.sampled_from(sorted(code for code, each in categories().items() if not each.sealed))
FACTS = st.builds(
    Facts,
    categories=st.lists(CODES, min_size=1, max_size=3, unique=True).map(
        lambda codes: tuple(categories()[code] for code in sorted(codes))
    ),
    unit=st.sampled_from([None, *(each.code for each in UNITS)]),
    subject=st.sampled_from([None, *STAFF]),
    state=st.sampled_from(["identified", "unidentified", "unit"]),
)
RECEIVERS = st.sampled_from(["unit", "bureau", "government", "discipline", "petition"])


@st.composite
def tables(draw):
    """The default with some rules left out, sent elsewhere or in another order."""
    kept = [rule for rule in RULES if draw(st.integers(0, 9))]
    sent = [
        replace(rule, receives=(draw(RECEIVERS),)) if draw(st.booleans()) else rule for rule in kept
    ]
    return tuple(draw(st.permutations(sent)))


def year_of(cases) -> Year:
    year = Year()
    for n, facts in enumerate(cases):
        year.groups.setdefault(facts, Group(facts)).add(f"2026-{n:06}")
    return year


@given(cases=st.lists(FACTS, max_size=20), rules=tables())
def test_equal_tables_change_nothing(cases, rules):
    found = rehearse(year_of(cases), rules, rules, COUNTY)
    assert (found.compared, found.changed, dict(found.ways)) == (len(cases), 0, {})


@given(cases=st.lists(FACTS, max_size=20), rules=tables())
def test_it_counts_what_routing_one_by_one_would_say(cases, rules):
    ways = Counter(
        Way(route(each, RULES, COUNTY).office.code, route(each, rules, COUNTY).office.code)
        for each in cases
    )
    expected = {way: count for way, count in ways.items() if way.was != way.now}
    found = rehearse(year_of(cases), RULES, rules, COUNTY)
    assert {way: count for way, (count, _) in found.ways.items()} == expected
    assert found.changed == sum(expected.values())
    for count, numbers in found.ways.values():
        assert len(numbers) == min(count, EXAMPLES)


async def test_a_year_is_read_in_batches_without_what_is_sealed_or_older(
    conn: asyncpg.Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "BATCH", 2)
    await filed(conn, now - timedelta(days=366))
    cases = [await filed(conn, now - timedelta(days=n), text=f"第 {n} 件") for n in range(3)]
    await filed(conn, now, category=("C03",))
    year, before, batches = Year(), None, 0
    while batches == 0 or before:
        before = await read_batch(conn, year, DIRECTORY, now, before)
        batches += 1
    assert (batches, year.sealed) == (3, 1)
    (group,) = year.groups.values()
    assert group.numbers == [case.number for case in cases]
    assert group.facts.subject is not None


async def test_a_year_is_read_along_the_primary_key(conn: asyncpg.Connection) -> None:
    await conn.execute("SET LOCAL enable_seqscan = off")
    lines = await conn.fetch(
        "EXPLAIN " + LIST_FACTS_OF_YEAR, UUID(int=0), UUID(int=(1 << 128) - 1), 5_000
    )
    plan = "\n".join(line[0] for line in lines)
    assert "Backward using complaint_pkey" in plan
    assert "Sort" not in plan

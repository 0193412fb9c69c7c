"""A tracking code cannot be found by trying: few tries, counted together, all worth the same."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from complaints import codes
from gateway import throttle
from gateway.app import create_app
from gateway.db import POOL_SIZE
from tests.clock import Clock
from tests.security.conftest import Site
from tests.site import site_context

# A peer of the tests is a trusted proxy; what follows is what it says of its own.
FROM = "X-Forwarded-For"


def wrong_codes(count: int) -> list[str]:
    """Well-formed codes of nobody."""
    return [codes.from_entropy(f"guess number {n:020}".encode()) for n in range(count)]


async def guess(site: Site, count: int, **headers: str) -> Counter[int]:
    return Counter([await site.track(code, **headers) for code in wrong_codes(count)])


async def test_after_twenty_wrong_codes_an_hour_even_the_right_one_waits(
    site: Site, clock: Clock
) -> None:
    right = (await site.file())["tracking_code"]
    assert await guess(site, 23) == {404: throttle.WRONG_CODES_AN_HOUR, 429: 3}
    assert await site.track(right) == 429
    assert await site.track(right, **{FROM: "203.0.113.9"}) == 303, "others are not held back"


@pytest.mark.parametrize(
    "forged",
    [
        {"X-Real-IP": "198.51.100.{n}"},
        {"Forwarded": "for=198.51.100.{n}"},
        {"CF-Connecting-IP": "198.51.100.{n}"},
        {FROM: "198.51.100.{n}, 203.0.113.9"},
        {FROM: "2001:db8:0:1:{n}::1"},
        {FROM: "2001:db8:0:1::{n}%eth{n}"},
        {FROM: "::ffff:203.0.113.9"},
        {FROM: "198.51.100.{n}:80"},
        {FROM: "nonsense{n}"},
    ],
)
async def test_no_header_makes_one_guesser_many(site: Site, forged: dict[str, str]) -> None:
    statuses = []
    for n, code in enumerate(wrong_codes(22)):
        headers = {name: value.format(n=n) for name, value in forged.items()}
        statuses.append(await site.track(code, **headers))
    assert statuses == [404] * 20 + [429] * 2


async def test_only_the_last_of_several_lines_is_the_proxys(site: Site) -> None:
    """HAProxy adds a line of its own below what the visitor sent."""
    statuses = []
    for n, code in enumerate(wrong_codes(22)):
        lines: Any = [(FROM, f"198.51.100.{n}"), (FROM, "203.0.113.9")]
        response = await site.client.post("/track", data={"code": code}, headers=lines)
        statuses.append(response.status)
    assert statuses == [404] * 20 + [429] * 2


async def test_people_on_a_socket_for_both_kinds_are_not_one_customer(site: Site) -> None:
    assert (await guess(site, 21, **{FROM: "::ffff:203.0.113.9"}))[429] == 1
    assert await site.track(wrong_codes(1)[0], **{FROM: "::ffff:203.0.113.8"}) == 404


async def test_a_guesser_with_many_networks_is_stopped_by_the_count_of_all(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "WRONG_CODES_OF_ALL", 30)
    found: Counter[int] = Counter()
    for n in range(10):
        found += await guess(site, 5, **{FROM: f"2001:db8:{n}::1"})
    assert found == {404: 30 + 4, 429: 16}
    right = (await site.file())["tracking_code"]
    assert await site.track(right, **{FROM: "203.0.113.9"}) == 303, "a citizen still gets in"


async def test_several_processes_count_together_and_a_race_wins_a_few_tries_at_most(
    site: Site, fresh_demo_database: str, tmp_path: Any, clock: Clock
) -> None:
    async with (
        site_context(fresh_demo_database, tmp_path, clock=clock) as second,
        TestClient(TestServer(create_app(second))) as client,
    ):
        sites = (site, Site(client, second))
        statuses = Counter(
            await asyncio.gather(
                *(sites[n % 2].track(code) for n, code in enumerate(wrong_codes(80)))
            )
        )
        assert set(statuses) == {404, 429}
        # Whoever is looked up at the same moment has not been counted yet: one a connection.
        assert 20 <= statuses[404] <= throttle.WRONG_CODES_AN_HOUR + 2 * POOL_SIZE
        assert await sites[1].track(wrong_codes(1)[0]) == 429


async def test_a_nearly_right_code_costs_and_says_the_same_as_any_other(site: Site) -> None:
    right = (await site.file())["tracking_code"]
    near = right[:14] + str((int(right[14]) + 1) % 10)
    near += next(d for d in "0123456789" if codes.check_digit(near + d) == "0")
    asked: dict[str, list[str]] = {}
    pages: dict[str, str] = {}
    for name, code in (("near", near), ("far", wrong_codes(1)[0]), ("far again", "0" * 16)):
        queries: list[str] = []
        before = await _statements(site, code, queries)
        asked[name] = queries
        pages[name] = before.replace(code, "")
    assert len({tuple(each) for each in asked.values()}) == 1
    assert len(set(pages.values())) == 1


async def _statements(site: Site, code: str, queries: list[str]) -> str:
    """The page for a wrong code; fills `queries` with the SQL that it cost."""
    run = site.context.db.run

    async def watched(schema: str, work: Any, **more: Any) -> Any:
        async def logged(conn: Any) -> Any:
            conn.add_query_logger(log)
            try:
                return await work(conn)
            finally:
                conn.remove_query_logger(log)

        async def log(record: Any) -> None:
            queries.append(record.query)

        return await run(schema, logged, **more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(site.context.db, "run", watched)
        response = await site.client.post("/track", data={"code": code})
    assert response.status == 404
    return await response.text()

"""`POST /complaints`, everything included, beside its own statement in pgbench; the look-up."""

import asyncio
import itertools
import secrets
from collections.abc import Mapping

from tests.bench.bench import Bench
from tests.bench.limits import Pgbench
from tests.bench.load import FRESH_ADDRESS, FRESH_ID, get, post
from tests.bench.measure import Row, Series
from tests.bench.probe import Client, Send
from tests.bench.trace import pgbench_script

# What people usually send: who, where, what, an address for news.
FIELDS = {
    "badge": "A1024",
    "place": "12号窗口",
    "category": "L05",
    "happened_on": "2026-09-30",
    "text": "材料九月十四日已经收下，说好十个工作日办好，到月底还没有结果。去窗口问，只说不知道，"
    "叫我回家等，也不说还差什么材料、找谁。我从镇上来一趟要两个小时，已经白跑了三次。",
    "wish": "请说明什么时候能办好，为什么一直没有人告诉我。",
    "email": "citizen@example.org",
}
MISSED = {**FIELDS, "matter": "NRB-002", "accepted_on": "2026-09-14"}
QUERIES = ("A10", "A1024", "李", "欧阳", "lix", "zw", "12号", "P-1", "xyzzy", "陳")


def rows(bench: Bench) -> list[Row]:
    """The write, without and with a missed limit, and the look-up that precedes it."""
    lookups = bench.http(
        [get(f"/complaints/lookup?q={_quoted(query)}") for query in QUERIES], wanted=200
    )
    return [
        _filing(bench, "POST /complaints", FIELDS),
        _filing(bench, "… with a missed limit", MISSED),
        Row("as-you-type look-up", "hello", Series(lookups), bench.hello),
    ]


def _filing(bench: Bench, name: str, fields: Mapping[str, str]) -> Row:
    requests = [post("/complaints", {**fields, "request_id": FRESH_ID}, _visitor())]
    script = asyncio.run(_script(bench, fields))
    limit = Pgbench(bench.world, f"complaint-{len(fields)}", script, bench.seconds)
    work = Series(bench.http(requests, wanted=303))
    return Row(name, "pgbench", work, Series(limit), goal=0.5, most_cpu=8)


def send(fields: Mapping[str, str] = FIELDS) -> Send:
    """One complaint, each from another visitor."""
    octet = itertools.count(1)

    async def post_one(client: Client, _n: int) -> int:
        form = {**fields, "request_id": secrets.token_hex(16)}
        headers = {"X-Forwarded-For": f"10.255.0.{next(octet)}"}
        answer = await client.post("/complaints", data=form, headers=headers, allow_redirects=False)
        return answer.status

    return post_one


async def _script(bench: Bench, fields: Mapping[str, str]) -> str:
    said = await bench.said(send(fields), wanted=303)
    async with bench.world.connection() as conn:
        return await pgbench_script(conn, said)


def _visitor() -> dict[str, str]:
    return {"X-Forwarded-For": FRESH_ADDRESS}


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())

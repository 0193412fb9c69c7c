"""`/results/cases`: single results that were released, without anybody's name or number."""

from urllib.parse import urlencode
from uuid import UUID

import asyncpg
from aiohttp import web

from complaints.categories import categories
from complaints.store import results as store
from gateway.context import CONTEXT
from gateway.figure_words import name_of
from gateway.views import COUNTY, LANGUAGE, name_in, page, say

PAGE = 20
NEWEST = UUID(int=(1 << 128) - 1)
LONGEST = 60


def mark(text: str) -> UUID:
    """Where a list goes on; 404 for what no page gave."""
    try:
        return UUID(text) if text else NEWEST
    except ValueError:
        raise web.HTTPNotFound from None


async def show(request: web.Request) -> web.Response:
    """`GET /results/cases?unit=&category=`: newest first."""
    query = {k: request.query.get(k, "").replace("\0", "")[:LONGEST] for k in ("unit", "category")}
    after = mark(request.query.get("after", ""))
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])

    async def work(conn: asyncpg.Connection) -> list[asyncpg.Record]:
        return await store.list_released(
            conn, after, query["unit"] or None, query["category"] or None, PAGE + 1
        )

    rows = await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)
    words, directory = say(request), snapshot.directory
    further = {**query, "after": str(rows[PAGE - 1]["id"])} if len(rows) > PAGE else {}
    anything = ("", words("results.any"))
    return page(
        request,
        "results/cases.html",
        rows=[
            (row, name_of(words, directory, "unit", row["unit"]),
             name_of(words, directory, "category", row["category"]) if row["category"] else "")
            for row in rows[:PAGE]
        ],
        query=query,
        units=[anything, *((u.code, name_in(request[LANGUAGE], u)) for u in directory.units)],
        categories=[anything, *((each, words(f"category.{each}")) for each in categories())],
        further="/results/cases?" + urlencode({k: v for k, v in further.items() if v})
        if further else "",
    )  # fmt: skip

"""The receipt of a complaint: its number and, for half an hour, its tracking code.

The code is not stored. It travels in the receipt's own address, encrypted and expiring, so that
reloading, a slow line or a lost answer still show it, and nothing shows it afterwards.
"""

from uuid import UUID

import asyncpg
from aiohttp import web

from complaints import codes, tracking
from complaints.model import Filed
from complaints.tracking import Case
from gateway.ciphers import open_pass, seal_pass
from gateway.context import CONTEXT, Context
from gateway.pages.case_view import explain, last_day, office_words
from gateway.pages.figures import kept_figures
from gateway.views import COUNTY, page, say

PURPOSE = "receipt"
SHOWN_SECONDS = 30 * 60


def address(context: Context, filed: Filed, *, left_out: bool = False) -> str:
    """Where the receipt of what was just filed can be seen, for half an hour.

    `left_out`: the complaint had arrived before, without the files that came with it now.
    """
    now = context.clock().timestamp()
    data = {"id": str(filed.id), "code": filed.code, "left_out": left_out}
    return f"/complaints/receipt/{seal_pass(context.keys, PURPOSE, data, SHOWN_SECONDS, now)}"


def as_json(filed: Filed) -> web.Response:
    """201 for a machine; `office` and `due` are null until the county desk has accepted."""
    return web.json_response(
        {
            "number": filed.number,
            "tracking_code": filed.code,
            "office": filed.office,
            "due": filed.due_on.isoformat() if filed.due_on else None,
        },
        status=201,
    )


async def show(request: web.Request) -> web.Response:
    """`GET /complaints/receipt/{pass}`: the receipt, or that its time is over (410)."""
    context = request.app[CONTEXT]
    now = context.clock()
    opened = open_pass(context.keys, PURPOSE, request.match_info["pass"], now.timestamp())
    case = await _find(request, UUID(opened["id"])) if opened else None
    if opened is None or case is None:
        return page(request, "complaints/receipt_over.html", status=410)
    snapshot = await context.snapshots.of(request[COUNTY])
    office = snapshot.directory.office(case.office)
    return page(
        request,
        "complaints/receipt.html",
        case=case,
        code=codes.groups(opened["code"]),
        office=office,
        why=office_words(say(request), office, sealed=case.sealed, up=case.went_up),
        explained=explain(say(request), case, snapshot),
        last_day=last_day(say(request), case),
        figures=kept_figures(say(request), case.breach, snapshot),
        left_out=opened.get("left_out", False),
        minutes=SHOWN_SECONDS // 60,
        # A link on paper leads nowhere.
        track_url=f"{context.settings.base_url}/track",
    )


async def _find(request: web.Request, complaint: UUID) -> Case | None:
    async def find(conn: asyncpg.Connection) -> Case | None:
        return await tracking.find_case(conn, complaint)

    return await request.app[CONTEXT].db.run(request[COUNTY].schema, find, single=True)

"""Under the tracking code: the complainant agrees no longer that the result is published."""

import asyncpg
from aiohttp import web

from complaints import results
from complaints.store.standing import find_standing
from gateway.bodies import read_form
from gateway.context import CONTEXT
from gateway.pages import tracking
from gateway.pages.tracking_view import Typed, case_page, find_seen
from gateway.views import COUNTY, say, see_other


async def take_back(request: web.Request) -> web.Response:
    """`POST /track/case/consent`: takes back what was published, once the box was ticked; 303."""
    form = await read_form(request)
    context = request.app[CONTEXT]
    complaint = tracking.opened_case(request)
    if complaint is None:
        return tracking.closed(request)
    snapshot = await context.snapshots.of(request[COUNTY])
    now = context.clock()
    if form.first("consent") != "no":
        seen = await find_seen(request, complaint, snapshot)
        if seen is None:
            return tracking.closed(request)
        typed = Typed({}, {"consent": say(request)("tracking.consent_untick")})
        return case_page(request, seen, snapshot, now, typed, status=422)

    async def work(conn: asyncpg.Connection) -> None:
        # Nobody else moves the case while it is locked.
        case = await find_standing(conn, complaint, lock=True)
        if case is not None:
            await results.take_back_consent(conn, case, calendar=snapshot.calendar, now=now)

    await context.db.run(request[COUNTY].schema, work)
    return see_other("/track/case")

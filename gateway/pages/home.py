"""The first page: what can I do here, where do I look something up, whom do I call."""

from datetime import date

from aiohttp import web

from board.directory import Directory
from complaints.terms import limit
from gateway.cache import public_page
from gateway.context import CONTEXT
from gateway.reasons import say_limit
from gateway.views import COUNTY, say


async def show(request: web.Request) -> web.Response:
    """`GET /`."""
    calendar = (await request.app[CONTEXT].snapshots.of(request[COUNTY])).calendar
    words = say(request)
    within = {
        "sign_within": say_limit(words, limit("sign", calendar)),
        "answer_within": say_limit(words, limit("complaint", calendar)),
    }

    def content(_directory: Directory, _today: date) -> dict[str, object]:
        return dict(within)

    return await public_page(request, "home.html", content)

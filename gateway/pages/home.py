"""The first page: what can I do here, where do I look something up, whom do I call."""

from datetime import date

from aiohttp import web

from board.directory import Directory
from complaints.lifecycle import ANSWER, DUTIES
from gateway.cache import public_page


async def show(request: web.Request) -> web.Response:
    """`GET /`."""
    return await public_page(request, "home.html", _content)


def _content(_directory: Directory, _today: date) -> dict[str, object]:
    sign = DUTIES["dispatched"].limit
    return {"answer_days": ANSWER["complaint"].number, "sign_days": sign.number if sign else 0}

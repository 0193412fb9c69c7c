"""Where a demo's mail can be read: the spool folder as pages and as JSON. 404 elsewhere."""

import asyncio
import re
from pathlib import Path

from aiohttp import web

from gateway.context import CONTEXT
from gateway.mail.spool import Spooled, find_spooled, list_spool, spool_folder
from gateway.views import COUNTY, page

_ADDRESS = re.compile(r"(https?://\S+)")
ON_ONE_PAGE = 50
# A mail brings its style with it and needs nothing else; nothing in it may run or load.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


async def show(request: web.Request) -> web.Response:
    """`GET /demo/mailbox`: the newest mails first."""
    mails = (await _mails(request))[:ON_ONE_PAGE]
    return page(
        request,
        "mailbox.html",
        mails=[(mail, _ADDRESS.split(mail.text)) for mail in mails],
        elsewhere=bool(request.app[CONTEXT].settings.smtp_url),
    )


async def as_json(request: web.Request) -> web.Response:
    """`GET /demo/mailbox.json`: the same as a list, for machines."""
    return web.json_response([_entry(mail) for mail in await _mails(request)])


async def as_mail(request: web.Request) -> web.Response:
    """`GET /demo/mailbox/{key}`: one mail as mail programs show it."""
    mail = await asyncio.to_thread(find_spooled, _folder(request), request.match_info["key"])
    if mail is None:
        raise web.HTTPNotFound
    return web.Response(
        text=mail.html,
        content_type="text/html",
        headers={"Content-Security-Policy": MAIL_POLICY},
    )


async def _mails(request: web.Request) -> list[Spooled]:
    return await asyncio.to_thread(list_spool, _folder(request))


def _folder(request: web.Request) -> Path:
    context = request.app[CONTEXT]
    if not context.demo:
        raise web.HTTPNotFound
    return spool_folder(context.settings.data_dir, request[COUNTY].schema)


def _entry(mail: Spooled) -> dict[str, str]:
    return {
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "message_id": mail.message_id,
        "sent_at": mail.sent_at.isoformat(),
    }

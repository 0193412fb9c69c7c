"""An oversight office's way in: `/answer/{token}`. GET only shows; each verb is a POST.

Nothing here happens without typing: a mail scanner that opens links and presses buttons sends
empty fields, and those are refused.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import asyncpg
from aiohttp import web

from board.ids import new_id
from complaints import answers, handling
from complaints.answer_drafts import Checked, check, check_name
from complaints.answers import Answer, Outcome
from complaints.handling import Case
from gateway import keys, links
from gateway.bodies import read_form
from gateway.ciphers import KeyringCipher
from gateway.context import CONTEXT
from gateway.db import DatabaseDown
from gateway.keys import UnreadableSecret
from gateway.links import Link
from gateway.middleware import RETRY_AFTER_SECONDS
from gateway.pages.answer_views import Typed, case_page, closed_page, county_of
from gateway.snapshots import Snapshot
from gateway.views import COUNTY

log = logging.getLogger(__name__)

MOST_FIELDS = 100
# What a browser shows within the sandbox; everything else is only saved.
SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif")

# States in which an office looks at what was answered already.
AGAIN = ("followed_up", "rework", "review", "final_review")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token opens: `why` is "" for a good link, else expired, revoked, merged or unknown."""

    why: str
    link: Link | None = None
    case: Case | None = None
    answer: Answer | None = None
    # What was answered before, where the case is looked at again.
    earlier: tuple[Answer, ...] = ()
    asked_at: datetime | None = None


async def show(request: web.Request) -> web.Response:
    """The case, or what to do about a link that opens nothing. Changes nothing."""
    context = request.app[CONTEXT]
    opened = await context.db.run(
        county_of(request), lambda conn: open_link(request, conn), single=True
    )
    snapshot = await context.snapshots.of(request[COUNTY])
    return shown(request, opened, snapshot)


async def sign(request: web.Request) -> web.Response:
    """Signs for the case in the name that was typed; 303 to the case."""
    typed = await read_typed(request)
    person, fault = check_name(typed.fields.get("person", ""))
    if fault:
        typed = Typed(typed.fields, {"person": fault})
    try:
        snapshot, opened, outcome = await _signed(request, "" if fault else person)
    except DatabaseDown:
        return down(request, typed)
    if opened.why or opened.case is None:
        return shown(request, opened, snapshot, typed)
    if fault and answers.may_sign(opened.case.state):
        return shown(request, opened, snapshot, typed, status=422)
    if outcome == "late" or fault:
        return case_page(request, opened.case, opened.answer, snapshot, first=True, status=409)
    raise see_case(request)


async def answer(request: web.Request) -> web.Response:
    """Sends the office's answer; 303 to the case, which then shows it."""
    typed = await read_typed(request)
    try:
        snapshot, opened, checked, outcome = await _answered(request, typed)
    except DatabaseDown:
        return down(request, typed)
    if opened.why or opened.case is None:
        return shown(request, opened, snapshot, typed)
    if outcome is None and checked is not None:
        typed = Typed(typed.fields, checked.errors, checked.hits)
        return shown(request, opened, snapshot, typed, status=422)
    if outcome == "late" or checked is None:
        return case_page(
            request, opened.case, opened.answer, snapshot, typed, first=True, status=409
        )
    raise see_case(request)


async def renew_link(request: web.Request) -> web.Response:
    """A new link, by mail to the office's own address and nowhere else."""
    typed = await read_typed(request)
    _, fault = check_name(typed.fields.get("person", ""))
    if fault:
        typed = Typed(typed.fields, {"person": fault})
    try:
        snapshot, opened, renewal = await _renewed(request, asked=not fault)
    except DatabaseDown:
        return down(request, typed)
    if renewal == "too_many":
        typed = Typed(typed.fields, {"person": "too_many_links"})
        return shown(request, opened, snapshot, typed, status=429)
    if renewal != "sent":
        return shown(request, opened, snapshot, typed, status=422 if fault else None)
    kept = {name: text for name, text in typed.fields.items() if text and name != "person"}
    if kept:
        return shown(request, opened, snapshot, Typed(kept), status=200)
    raise see_case(request)


async def attachment(request: web.Request) -> web.Response:
    """One file of the case, decrypted, in a form that cannot act on the reader's behalf."""
    context = request.app[CONTEXT]
    cipher, position = KeyringCipher(context.keys), int(request.match_info["position"])

    async def find(conn: asyncpg.Connection) -> handling.Download | None:
        link = await links.find(conn, request.match_info["token"])
        if link is None or link.standing(context.clock()) != "good":
            return None
        return await handling.find_download(conn, link.complaint, link.office, position, cipher)

    try:
        file = await context.db.run(county_of(request), find, single=True)
        if file is None:
            raise web.HTTPNotFound
        stored = await context.attachments.get(county_of(request), file.id)
        body = keys.unseal(cipher.unwrap(file.wrapped_key), stored)
    except KeyError:
        raise web.HTTPNotFound from None
    except UnreadableSecret:
        log.error("an attachment cannot be opened; run: gateway check")
        return closed_page(request, "unreadable", status=503)
    return web.Response(body=body, headers=_file_headers(file))


def _file_headers(file: handling.Download) -> dict[str, str]:
    shown = file.media_type in SHOWN
    return {
        "Content-Type": file.media_type if shown else "application/octet-stream",
        # Percent-encoded, so that no name can add a header of its own (RFC 6266).
        "Content-Disposition": (
            f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(file.name, safe='')}"
        ),
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


async def read_typed(request: web.Request) -> Typed:
    """What a form sent; of a field that came twice, the first."""
    form = await read_form(request)
    if len(form.fields) > MOST_FIELDS:
        raise web.HTTPBadRequest
    return Typed({name: values[0].replace("\0", "") for name, values in form.fields.items()})


async def open_link(
    request: web.Request, conn: asyncpg.Connection, *, lock: bool = False
) -> Opened:
    """What the request's link opens; `lock` for who is about to change the case."""
    context = request.app[CONTEXT]
    link = await links.find(conn, request.match_info["token"])
    if link is None:
        return Opened("unknown")
    standing = link.standing(context.clock())
    if standing == "expired":
        asked_at = await handling.find_renewed_at(conn, link.complaint, link.office)
        return Opened("expired", link, asked_at=asked_at)
    cipher = KeyringCipher(context.keys)
    case = None
    if standing == "good":
        case = await handling.find_case(conn, link.complaint, link.office, cipher, lock=lock)
    if case is None:
        return Opened("merged" if standing == "merged" else "revoked", link)
    earlier = await answers.list_answers(conn, case) if case.state in AGAIN else ()
    return Opened("", link, case, await _given(conn, case), earlier)


async def _given(conn: asyncpg.Connection, case: Case) -> Answer | None:
    """The answer, looked up only where there can be one."""
    return None if answers.may_answer(case) else await answers.find_answer(conn, case)


async def _signed(request: web.Request, person: str) -> tuple[Snapshot, Opened, Outcome | None]:
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(request[COUNTY])

    async def work(conn: asyncpg.Connection) -> tuple[Opened, Outcome | None]:
        opened = await open_link(request, conn, lock=True)
        if opened.case is None or not person:
            return opened, None
        case, now = opened.case, context.clock()
        outcome = await answers.sign_for(conn, case, person, snapshot.calendar, now)
        # Who came late sees who was first.
        return opened if outcome == "done" else await open_link(request, conn), outcome

    return snapshot, *await context.db.run(county_of(request), work)


async def _answered(
    request: web.Request, typed: Typed
) -> tuple[Snapshot, Opened, Checked | None, Outcome | None]:
    """`checked` is None when the case does not wait for an answer and this one is not the one
    that it has; `outcome` is None when the answer may not go out yet."""
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(request[COUNTY])
    now = context.clock()
    answer_id = new_id(now)

    async def work(
        conn: asyncpg.Connection,
    ) -> tuple[Opened, Checked | None, Outcome | None]:
        opened = await open_link(request, conn, lock=True)
        case = opened.case
        if case is None:
            return opened, None, None
        checked = check(typed.fields, case.positions)
        if checked.draft is None and answers.may_answer(case):
            return opened, checked, None
        if checked.draft is None:
            return await open_link(request, conn), None, None
        outcome = await answers.answer(
            conn, case, checked.draft, snapshot.calendar, now, answer_id=answer_id
        )
        # Who waited for the case reads what was written meanwhile.
        return await open_link(request, conn) if outcome == "late" else opened, checked, outcome

    return snapshot, *await context.db.run(county_of(request), work)


async def _renewed(
    request: web.Request, *, asked: bool
) -> tuple[Snapshot, Opened, links.Renewal | None]:
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(request[COUNTY])
    now = context.clock()
    event = new_id(now)

    async def work(conn: asyncpg.Connection) -> tuple[Opened, links.Renewal | None]:
        opened = await open_link(request, conn)
        if opened.link is None or opened.why in ("revoked", "merged") or not asked:
            return opened, None
        renewal = await links.renew(conn, opened.link, now, event)
        return await open_link(request, conn), renewal

    return snapshot, *await context.db.run(county_of(request), work)


def shown(
    request: web.Request,
    opened: Opened,
    snapshot: Snapshot,
    typed: Typed = Typed(),  # noqa: B008 frozen
    *,
    status: int | None = None,
) -> web.Response:
    """The case with what was typed, or why its link opens nothing."""
    if opened.case is not None:
        return case_page(
            request, opened.case, opened.answer, snapshot, typed,
            earlier=opened.earlier, status=status or 200,
        )  # fmt: skip
    if status is None or (status == 422 and opened.why != "expired"):
        status = 404 if opened.why == "unknown" else 410
    return closed_page(request, opened.why, typed, status=status, asked_at=opened.asked_at)


def down(request: web.Request, typed: Typed) -> web.Response:
    """The database cannot be reached: everything typed, to be sent again."""
    response = closed_page(request, "down", typed, status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def see_case(request: web.Request) -> web.HTTPSeeOther:
    """Back to the case."""
    return web.HTTPSeeOther(f"/answer/{quote(request.match_info['token'], safe='')}")

"""How a case stands: `/track` takes the code, `/track/case` shows the case without it.

The code is in no address: a right one is exchanged for a short-lived encrypted cookie.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from aiohttp import web

from complaints import codes, secrets, tracking
from complaints.tracking import Case, Line
from gateway import throttle
from gateway.bodies import read_form
from gateway.ciphers import KeyringCipher, open_pass, seal_pass
from gateway.context import CONTEXT
from gateway.db import DatabaseDown
from gateway.i18n import Words
from gateway.looks import cookie_prefix
from gateway.middleware import RETRY_AFTER_SECONDS
from gateway.pages.case_view import explain, last_day, office_words, review_day
from gateway.pages.figures import kept_figures
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, page, say, see_other

PURPOSE = "track"
OPEN_SECONDS = 30 * 60
LONGEST_CODE = 200
# What no correcting of the code mends; everything else is a slip in it.
TROUBLES = frozenset({"down", "keyless", "braked", "closed", "cookie"})
# Events that say something to the complainant; the others belong to those who work on the case.
TOLD = frozenset({"received", "accepted", "dispatched", "signed", "recounted", "released"})
# Of a sealed case no clock starts for an answer, and nobody says what its office does with it.
SEALED_TOLD = frozenset({"received", "signed"})
# Until when somebody has to act, where the answer's due day is not what counts next.
WITH_LAST_DAY = frozenset({"received", "sealed"})


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the timeline in words."""

    title: str
    when: str
    text: str


async def new(request: web.Request) -> web.Response:
    """`GET /track`: where the code is typed."""
    return _form(request)


def _form(
    request: web.Request, *, code: str = "", error: str = "", status: int = 200
) -> web.Response:
    message = say(request)(f"tracking.error.{error}") if error else ""
    slip = "" if error in TROUBLES else message
    return page(
        request,
        "tracking/new.html",
        status=status,
        code=code,
        trouble=message if error in TROUBLES else "",
        error=slip,
        errors=[("code", slip)] if slip else [],
        minutes=OPEN_SECONDS // 60,
    )


async def find(request: web.Request) -> web.Response:
    """`POST /track`: 303 to the case; 422 for a slip, 404 for no case, 429 for guessing."""
    typed = (await read_form(request)).first("code").strip()[:LONGEST_CODE]
    try:
        code = codes.read(typed)
    except codes.CodeMisread as misread:
        return _form(request, code=typed, error=misread.reason, status=422)
    try:
        found = await _look_up(request, code)
    except DatabaseDown:
        response = _form(request, code=typed, error="down", status=503)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    if isinstance(found, UUID):
        return _opened(request, found)
    return _form(request, code=typed, error=found, status=_STATUS[found])


_STATUS = {"braked": 429, "unknown": 404, "keyless": 503}


async def _look_up(request: web.Request, code: str) -> UUID | str:
    """The complaint; `braked` when this place guessed too often, `unknown` for no such code,
    `keyless` when a missing key keeps us from saying so."""
    context = request.app[CONTEXT]
    now = context.clock()
    own = throttle.bucket(context, PURPOSE, throttle.client_address(request), now)
    everybody = throttle.everybody(PURPOSE, now)

    async def work(conn: asyncpg.Connection) -> UUID | str:
        if not await throttle.may_guess(conn, own, everybody):
            return "braked"
        cipher = KeyringCipher(context.keys)
        found = await tracking.find_by_code(conn, cipher, code)
        if found is None:
            await throttle.count_wrong(conn, own, everybody, now)
            return "unknown" if await secrets.can_open(conn, cipher) else "keyless"
        return found

    return await context.db.run(request[COUNTY].schema, work, single=True)


def _cookie_name(request: web.Request) -> str:
    return cookie_prefix(request.app[CONTEXT].settings.base_url) + "track"


def _opened(request: web.Request, complaint: UUID) -> web.Response:
    context = request.app[CONTEXT]
    name = _cookie_name(request)
    now = context.clock().timestamp()
    carried = seal_pass(
        context.keys,
        PURPOSE,
        {"id": str(complaint), "county": request[COUNTY].schema},
        OPEN_SECONDS,
        now,
    )
    response = see_other("/track/case")
    response.set_cookie(
        name,
        carried,
        max_age=OPEN_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=name.startswith("__Host-"),
    )
    return response


async def show(request: web.Request) -> web.Response:
    """`GET /track/case`: the case of the cookie; without a good one, back to the code."""
    context = request.app[CONTEXT]
    carried = request.cookies.get(_cookie_name(request), "")
    opened = open_pass(context.keys, PURPOSE, carried, context.clock().timestamp())
    if opened is None or opened["county"] != request[COUNTY].schema:
        return _form(request, error="closed" if carried else "cookie", status=403)
    case = await _case(request, UUID(opened["id"]))
    if case is None:
        return _form(request, error="unknown", status=404)
    snapshot = await context.snapshots.of(request[COUNTY])
    return _case_page(request, case, snapshot, context.clock())


async def _case(request: web.Request, complaint: UUID) -> Case | None:
    async def work(conn: asyncpg.Connection) -> Case | None:
        return await tracking.find_case(conn, complaint)

    return await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)


def _case_page(request: web.Request, case: Case, snapshot: Snapshot, now: datetime) -> web.Response:
    words, directory = say(request), snapshot.directory
    office = directory.office(case.office)
    standing = tracking.standing(case)
    about = tracking.ABOUT[standing]
    review_by = review_day(words, case, snapshot, now) if about == "answered" else ""
    return page(
        request,
        "tracking/case.html",
        case=case,
        standing=standing,
        about=about,
        office=office,
        # Nothing is said of the desk's search once nobody searches any more.
        why=office_words(words, office, sealed=case.sealed, up=case.went_up)
        if office or about == "has"
        else "",
        explained=explain(words, case, snapshot) if about == "due" else None,
        last_day=last_day(words, case) if standing in WITH_LAST_DAY else "",
        overdue=tracking.is_overdue(case, now),
        figures=kept_figures(words, case.breach, snapshot),
        lines=[_told(words, line, snapshot, case) for line in case.timeline if line.kind in TOLD],
        answer=case.answers[0] if case.answers else None,
        answered_by=directory.office(case.answers[0].office) if case.answers else None,
        review_by=review_by,
        # After the last day for a review nothing is left to be done.
        next_key="over" if standing == "closed" and not review_by else standing,
        minutes=OPEN_SECONDS // 60,
    )


def _told(words: Words, line: Line, snapshot: Snapshot, case: Case) -> Told:
    office = snapshot.directory.office(line.data.get("office"))
    name = office and (office.name_en if words.language == "en" else office.name)
    key = line.kind
    if key == "received" and line.data.get("owner") == "desk":
        key = "received_desk"
    if case.sealed and key in SEALED_TOLD:
        key += "_sealed"
    text = words(f"timeline.{key}_text", office=name or words("timeline.an_office"))
    return Told(words(f"timeline.{line.kind}"), words.moment(line.at), text)


async def leave(request: web.Request) -> web.Response:
    """`DELETE` in spirit, `POST /track/end` in HTML: this browser forgets the case."""
    await read_form(request)
    response = web.HTTPSeeOther("/track")
    name = _cookie_name(request)
    # A browser refuses to change a __Host- cookie by one that is not secure.
    response.del_cookie(name, secure=name.startswith("__Host-"), httponly=True, samesite="Strict")
    raise response

"""`/desk/cases/{number}`: a case as its reader may see it, and what the desk does with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import asyncpg
from aiohttp import web

from board.ids import new_id
from board.model import Office
from complaints import facts as case_facts
from complaints import merging, rerouting, routing, supervision
from complaints.likeness import Likely
from complaints.model import Contact, Unreadable
from complaints.offices import Facts, conflict
from complaints.standing import By, Move, Standing
from complaints.steps import desk
from complaints.steps.words import Refused
from complaints.store import complaints as complaint_store
from complaints.store import facts as facts_store
from complaints.store import standing as standing_store
from complaints.store import supervision as store
from complaints.supervision import Words, sees
from gateway import keys, links
from gateway.ciphers import KeyringCipher
from gateway.context import CONTEXT
from gateway.desk.sessions import current, desk_form
from gateway.pages.answers import SHOWN
from gateway.pages.desk.case_view import view
from gateway.pages.desk.views import desk_page
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, say

VERBS = (
    "dispatch", "decline", "refuse_return", "dispute", "assign", "merge", "redo", "close", "remind",
    "supervise", "note", "recuse",
)  # fmt: skip
# Verbs that name an office.
TO_OFFICE: Mapping[str, Callable[..., Move]] = {
    "dispatch": desk.dispatch, "assign": desk.assign, "redo": desk.redo,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a case: `words` None where it is sealed or not the reader's to see."""

    case: Standing
    answers: list[asyncpg.Record]
    words: Words | None = None
    facts: Facts | None = None
    likely: tuple[Likely, ...] = ()


async def show(request: web.Request) -> web.Response:
    """`GET /desk/cases/{number}`; 404 for a number of another county."""
    return await _page(request)


async def _page(
    request: web.Request,
    error: str = "",
    typed: Mapping[str, str] | None = None,
    contact: Contact | None = None,
    status: int = 200,
) -> web.Response:
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(request[COUNTY])

    async def work(conn: asyncpg.Connection) -> Read | None:
        return await _read(request, conn, snapshot)

    read = await context.db.run(request[COUNTY].schema, work, single=True)
    if read is None:
        raise web.HTTPNotFound
    message = say(request)(f"desk.refused.{error}") if error else ""
    # What is sealed tells number, office and times, to every role.
    if read.case.sealed:
        office = snapshot.directory.office(read.case.office)
        return desk_page(request, "desk/sealed.html", case=read.case, office=office, status=status)
    return desk_page(
        request,
        "desk/case.html",
        status=status,
        error=message,
        typed=typed or {},
        contact=contact,
        sees_text=read.words is not None,
        **view(say(request), read, snapshot, context.clock(), suggested(read, snapshot)),
    )


async def _read(request: web.Request, conn: asyncpg.Connection, snapshot: Snapshot) -> Read | None:
    id_ = await standing_store.find_id(conn, request.match_info["number"])
    case = await standing_store.find_standing(conn, id_) if id_ else None
    if case is None:
        return None
    if case.sealed:
        return Read(case, [])
    answers = await complaint_store.list_answers(conn, case.id)
    if not sees(current(request).roles, "text"):
        return Read(case, answers)
    words = await supervision.find_words(conn, case)
    facts = await case_facts.find_facts(conn, case.id, snapshot.directory)
    likely: list[Likely] = []
    if words and "merge" in case.allowed("desk"):
        likely = await supervision.find_likely(conn, case, words.words["body"])
    return Read(case, answers, words, facts, tuple(likely))


def suggested(read: Read, snapshot: Snapshot) -> list[tuple[Office, routing.Reason | None, bool]]:
    """Offices to choose from: (office, why it is in conflict, whether routing says it)."""
    if read.facts is None:
        return []
    directory = snapshot.directory
    chosen = routing.route(read.facts, snapshot.rules, directory).office.code
    facts = _conflicts(read.case, read.facts)
    return [
        (office, conflict(office, facts, directory), office.code == chosen)
        for office in directory.offices
    ]


def _conflicts(case: Standing, facts: Facts) -> Facts:
    """What may stand against an office: whoever is to redo an answer has answered before."""
    return replace(facts, answered=()) if case.state == "followed_up" else facts


async def step(request: web.Request) -> web.Response:
    """`POST /desk/cases/{number}/steps`: one verb; 303 to the case, 409 when somebody was first,
    422 when it may not be."""
    form = desk_form(request)
    verb = form.first("do")
    if verb not in VERBS:
        raise web.HTTPUnprocessableEntity
    error = await _taken(request, verb)
    if not error:
        raise web.HTTPSeeOther(f"/desk/cases/{request.match_info['number']}")
    typed = {name: form.first(name).replace("\0", "") for name in ("reason", "into", "who")}
    return await _page(request, error, typed, status=409 if error == "late" else 422)


async def _taken(request: web.Request, verb: str) -> str:
    """Takes a step; "" or the key of why not."""
    context, form = request.app[CONTEXT], desk_form(request)
    snapshot = await context.snapshots.of(request[COUNTY])
    now = context.clock()
    supervision_id = new_id(now)

    async def work(conn: asyncpg.Connection) -> str:
        case = await _locked(request, conn)
        if str(case.steps) != form.first("steps"):
            return "late"
        try:
            move = await _move(request, conn, verb, case, snapshot)
        except Refused as refused:
            return refused.key
        if not await standing_store.update_case(conn, move):
            return "late"
        await merging.go_on(conn, move)
        # Whoever had a case that ended has nothing more to do with it.
        if move.revokes_links or move.case.owner is None:
            await links.revoke(conn, case.id, now)
        login = current(request).login
        if verb == "supervise":
            await store.insert_supervision(
                conn, supervision_id, case.id, subject=case.number, now=now, actor=login
            )
        if verb == "recuse":
            await facts_store.insert_recusal(conn, case.id, form.first("who").strip(), login, now)
        return ""

    return await context.db.run(request[COUNTY].schema, work)


async def _locked(request: web.Request, conn: asyncpg.Connection) -> Standing:
    id_ = await standing_store.find_id(conn, request.match_info["number"])
    case = await standing_store.find_standing(conn, id_, lock=True) if id_ else None
    # Nothing is decided here about what nobody here may read.
    if case is None or case.sealed:
        raise web.HTTPNotFound
    return case


async def _move(
    request: web.Request, conn: asyncpg.Connection, verb: str, case: Standing, snapshot: Snapshot
) -> Move:
    form, directory = desk_form(request), snapshot.directory
    by = By("desk", current(request).login)
    at: dict[str, Any] = {
        "calendar": snapshot.calendar,
        "now": request.app[CONTEXT].clock(),
    }
    text = form.first("reason")
    if verb in TO_OFFICE:
        office = directory.office(form.first("office"))
        if office is None:
            raise Refused("office", "office")
        facts = await case_facts.find_facts(conn, case.id, directory)
        if facts is None or conflict(office, _conflicts(case, facts), directory):
            raise Refused("conflict", "office")
        return TO_OFFICE[verb](case, office, text, by, **at)
    if verb == "merge":
        return desk.merge(case, await _into(conn, form.first("into").strip()), by, **at)
    if verb == "supervise":
        return desk.supervise(case, "desk", by, **at)
    if verb == "dispute":
        return desk.dispute(case, by, **at)
    if verb == "recuse":
        who = form.first("who").strip()
        if who and not (directory.office(who) or directory.person(who)):
            raise Refused("who", "who")
        move = desk.recuse(case, who, text, by, **at)
        return await rerouting.after_recusal(conn, move, who, snapshot.county)
    simple = {
        "decline": desk.decline,
        "close": desk.close,
        "refuse_return": desk.refuse_return,
        "remind": desk.remind,
        "note": desk.note,
    }
    return simple[verb](case, text, by, **at)


async def _into(conn: asyncpg.Connection, number: str) -> Standing:
    id_ = await standing_store.find_id(conn, number.replace("\0", ""))
    found = await standing_store.find_standing(conn, id_, lock=True) if id_ else None
    if found is None:
        raise Refused("merge_into", "into")
    return found


async def view_contact(request: web.Request) -> web.Response:
    """`POST /desk/cases/{number}/contact`: on a stated reason, which is written down first; shown
    once, in this very answer."""
    context, form = request.app[CONTEXT], desk_form(request)
    snapshot = await context.snapshots.of(request[COUNTY])
    by, now = By("desk", current(request).login), context.clock()

    async def work(conn: asyncpg.Connection) -> Contact | str:
        case = await _locked(request, conn)
        try:
            contact = await supervision.find_contact(conn, case, KeyringCipher(context.keys))
            move = desk.view_contact(
                case, form.first("reason"), by, calendar=snapshot.calendar, now=now
            )
        except Refused as refused:
            return refused.key
        except Unreadable:
            return "unreadable"
        return contact if await standing_store.update_case(conn, move) else "late"

    found = await context.db.run(request[COUNTY].schema, work)
    if isinstance(found, str):
        return await _page(request, found, status=422)
    response = await _page(request, contact=found)
    response.headers["Cache-Control"] = "no-store"
    return response


async def attachment(request: web.Request) -> web.Response:
    """One file of a case, in a form that cannot act on its reader's behalf."""
    context, county = request.app[CONTEXT], request[COUNTY].schema
    number, position = request.match_info["number"], int(request.match_info["position"])

    async def work(conn: asyncpg.Connection) -> asyncpg.Record | None:
        return await store.find_attachment(conn, number, position)

    file = await context.db.run(county, work, single=True)
    if file is None:
        raise web.HTTPNotFound
    try:
        stored = await context.attachments.get(county, file["id"])
        body = keys.unseal(KeyringCipher(context.keys).unwrap(file["wrapped_key"]), stored)
    except KeyError:
        raise web.HTTPNotFound from None
    except Unreadable:
        raise web.HTTPServiceUnavailable from None
    shown = file["media_type"] in SHOWN
    name = quote(file["name"], safe="")
    return web.Response(
        body=body,
        headers={
            "Content-Type": file["media_type"] if shown else "application/octet-stream",
            "Content-Disposition": (
                f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}"
            ),
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )

"""`/desk/cases/{number}`: a case as its reader may see it, and what the desk does with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import asyncpg
from aiohttp import web

from board.model import Office
from complaints import facts as case_facts
from complaints import recounting, routing, supervision
from complaints.lifecycle import OPEN
from complaints.likeness import Likely
from complaints.limits import Due
from complaints.model import Contact, Unreadable
from complaints.offices import Facts, conflict
from complaints.standing import By, Move, Standing
from complaints.steps import desk
from complaints.steps.words import Refused
from complaints.store import answers as answer_store
from complaints.store import recounting as recounting_store
from complaints.store import standing as standing_store
from complaints.store import supervision as store
from complaints.supervision import Words, sees
from gateway import keys
from gateway.bodies import Form
from gateway.ciphers import KeyringCipher
from gateway.context import CONTEXT
from gateway.desk.sessions import current, desk_form
from gateway.pages.answers import SHOWN
from gateway.pages.desk import case_steps
from gateway.pages.desk.case_view import letter_rows, view, view_sealed
from gateway.pages.desk.views import desk_page, hidden_from
from gateway.snapshots import Snapshot
from gateway.store import letter_tasks
from gateway.views import COUNTY, say

# Fields that come back as they were typed.
TYPED = ("reason", "into", "who", "badge", "office", "task", "channel", "kind")


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried and not done: `key` of why not, `at` the id of the field that it stands
    beside ("" for the case as a whole), and what was typed."""

    verb: str = ""
    key: str = ""
    at: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, verb: str, refused: Refused, form: Form) -> "Tried":
        """What came of a form that was refused."""
        own = {"reason": f"{verb}-reason", "note": f"{verb}-reason", "office": f"{verb}-office"}
        typed = {name: form.first(name).replace("\0", "") for name in TYPED}
        return cls(verb, refused.key, own.get(refused.field, refused.field), typed)

    @property
    def status(self) -> int:
        """409 for whoever came second."""
        return {"": 200, "late": 409}.get(self.key, 422)


NOTHING = Tried()


@dataclass(frozen=True, slots=True)
class Posted:
    """A case's letters, and tasks about letters that were never written."""

    letters: Sequence[asyncpg.Record] = ()
    tasks: Sequence[asyncpg.Record] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a case: `words` None where it is sealed or not the reader's to see."""

    case: Standing
    answers: list[asyncpg.Record]
    words: Words | None = None
    facts: Facts | None = None
    likely: tuple[Likely, ...] = ()
    posted: Posted = Posted()
    # How the next deadline is counted, where that is not the answer's.
    next_due: Due | None = None


async def show(request: web.Request) -> web.Response:
    """`GET /desk/cases/{number}`; 404 for a number of another county."""
    return await _page(request)


async def _page(
    request: web.Request, tried: Tried = NOTHING, contact: Contact | None = None
) -> web.Response:
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(request[COUNTY])

    async def work(conn: asyncpg.Connection) -> Read | None:
        return await _read(request, conn, snapshot)

    read = await context.db.run(request[COUNTY].schema, work, single=True)
    if read is None:
        raise web.HTTPNotFound
    words = say(request)
    shown: dict[str, Any] = {
        "status": tried.status,
        "tried": tried,
        "error": words(f"desk.refused.{tried.key}") if tried.key else "",
        "letters": letter_rows(words, read, snapshot),
    }
    # What is sealed tells number, office and times, to every role.
    if read.case.sealed:
        return desk_page(
            request,
            "desk/sealed.html",
            **shown,
            may_act=sees(current(request).roles, "act"),
            **view_sealed(words, read.case, snapshot),
        )
    return desk_page(
        request,
        "desk/case.html",
        **shown,
        contact=contact,
        sees_text=read.words is not None,
        **view(words, read, snapshot, context.clock(), suggested(read, snapshot)),
    )


async def _read(request: web.Request, conn: asyncpg.Connection, snapshot: Snapshot) -> Read | None:
    hidden = hidden_from(request, snapshot.directory)
    id_ = await standing_store.find_id(conn, request.match_info["number"], hidden)
    case = await standing_store.find_standing(conn, id_) if id_ else None
    if case is None:
        return None
    roles = current(request).roles
    posted = Posted()
    if sees(roles, "act"):
        posted = Posted(
            await letter_tasks.list_of_case(conn, case.id),
            await letter_tasks.list_tasks_of_case(conn, case.id),
        )
    if case.sealed:
        return Read(case, [], posted=posted)
    answers = await answer_store.list_answers(conn, case.id)
    if not sees(roles, "text"):
        return Read(case, answers)
    words = await supervision.find_words(conn, case, hidden)
    facts = await case_facts.find_facts(conn, case.id, snapshot.directory)
    likely: list[Likely] = []
    if words and "merge" in case.allowed("desk"):
        likely = await supervision.find_likely(conn, case, words.words["body"], hidden)
    row = await recounting_store.find_open(conn, case.id) if case.state in OPEN else None
    next_due = recounting.next_due(row, snapshot.calendar) if row else None
    return Read(case, answers, words, facts, tuple(likely), posted, next_due)


def suggested(read: Read, snapshot: Snapshot) -> list[tuple[Office, routing.Reason | None, bool]]:
    """Offices to choose from: (office, why it is in conflict, whether routing says it)."""
    if read.facts is None:
        return []
    directory = snapshot.directory
    chosen = routing.route(read.facts, snapshot.rules, directory).office.code
    facts = case_steps.against(read.case, read.facts)
    return [
        (office, conflict(office, facts, directory), office.code == chosen)
        for office in directory.offices
    ]


async def step(request: web.Request) -> web.Response:
    """`POST /desk/cases/{number}/steps`: one verb; 303 to the case, 409 when somebody was first,
    422 when it may not be."""
    form = desk_form(request)
    verb = form.first("do")
    if verb not in case_steps.VERBS:
        raise web.HTTPUnprocessableEntity
    refused = await case_steps.take(request, verb)
    if refused is None:
        raise web.HTTPSeeOther(f"/desk/cases/{request.match_info['number']}")
    return await _page(request, Tried.of(verb, refused, form))


async def view_contact(request: web.Request) -> web.Response:
    """`POST /desk/cases/{number}/contact`: on a stated reason, which is written down first; shown
    once, in this very answer."""
    context, form = request.app[CONTEXT], desk_form(request)
    snapshot = await context.snapshots.of(request[COUNTY])
    by, now = By("desk", current(request).login), context.clock()
    tried: list[Move] = []

    async def work(conn: asyncpg.Connection) -> Contact:
        case = await case_steps.find_locked(request, conn, snapshot)
        contact = await supervision.find_contact(conn, case, KeyringCipher(context.keys))
        # Run again after a commit that was not heard of, this view is written down already.
        if await standing_store.is_written(conn, *tried):
            return contact
        move = desk.view_contact(
            case, form.first("reason"), by, calendar=snapshot.calendar, now=now
        )
        tried.append(move)
        if not await standing_store.update_case(conn, move):
            raise Refused("late")
        return contact

    try:
        found = await context.db.run(request[COUNTY].schema, work)
    except Refused as refused:
        return await _page(request, Tried.of("contact", refused, form))
    except Unreadable:
        return await _page(request, Tried.of("contact", Refused("unreadable"), form))
    response = await _page(request, contact=found)
    response.headers["Cache-Control"] = "no-store"
    return response


async def attachment(request: web.Request) -> web.Response:
    """One file of a case, in a form that cannot act on its reader's behalf."""
    context, county = request.app[CONTEXT], request[COUNTY].schema
    number, position = request.match_info["number"], int(request.match_info["position"])

    snapshot = await context.snapshots.of(request[COUNTY])
    hidden = hidden_from(request, snapshot.directory)

    async def work(conn: asyncpg.Connection) -> asyncpg.Record | None:
        if await standing_store.find_id(conn, number, hidden) is None:
            return None
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

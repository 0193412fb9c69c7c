"""`POST /desk/cases/{number}/steps`: what the desk does with a case, one verb at a time.

A verb makes a pure move and writes what belongs to it beside the case; all of it in one
transaction, which holds the case locked.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args
from uuid import UUID

import asyncpg
from aiohttp import web

from board.ids import new_id
from board.model import Office
from complaints import facts as case_facts
from complaints import merging, rerouting, routing, upheld
from complaints.decisions import pack_decision
from complaints.hidden import NOTHING, Hidden
from complaints.lifecycle import ComplaintKind
from complaints.offices import Facts, conflict
from complaints.standing import By, Move, Standing
from complaints.steps import desk, keeping
from complaints.steps.words import Refused
from complaints.store import facts as facts_store
from complaints.store import standing as standing_store
from complaints.store import supervision as store
from complaints.typed import case_number
from gateway import links
from gateway.bodies import Form
from gateway.context import CONTEXT
from gateway.desk.sessions import current, desk_form
from gateway.pages.desk.views import hidden_from
from gateway.snapshots import Snapshot
from gateway.store import letter_tasks
from gateway.views import COUNTY

# What a case may be, and how soon it is answered therefore.
KINDS: tuple[ComplaintKind, ...] = get_args(ComplaintKind)
# What may be done also with a case whose words nobody here may read.
OF_SEALED = frozenset({"hand_over", "resend", "settle"})


class Late(Exception):
    """Somebody was first; nothing of this is written."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A verb, the case that it is about, and who asks."""

    conn: asyncpg.Connection
    case: Standing
    form: Form
    by: By
    snapshot: Snapshot
    at: Mapping[str, Any]
    # What does not exist for who asks.
    hidden: Hidden = NOTHING

    @property
    def text(self) -> str:
        """The reason, as typed."""
        return self.form.first("reason")

    def typed(self, name: str) -> str:
        """Another field, without what is around it."""
        return self.form.first(name).replace("\0", "").strip()

    @property
    def login(self) -> str:
        """Who asks."""
        return self.by.name or ""


async def take(request: web.Request, verb: str) -> Refused | None:
    """Takes a step; gives why not. Raises 404 for no such case, and for one that is sealed.

    A transaction whose commit was not heard of is run again: it finds its own step there, and
    nobody else was first.
    """
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(request[COUNTY])
    by, now = By("desk", current(request).login), context.clock()
    at = {"calendar": snapshot.calendar, "now": now}
    hidden = hidden_from(request, snapshot.directory)

    tried: list[Move] = []

    async def work(conn: asyncpg.Connection) -> None:
        if await standing_store.is_written(conn, *tried):
            return
        case = await find_locked(request, conn, snapshot, sealed=verb in OF_SEALED)
        # A commit that came late held the case until now.
        if await standing_store.is_written(conn, *tried):
            return
        if str(case.steps) != desk_form(request).first("steps"):
            raise Late
        asked = Asked(conn, case, desk_form(request), by, snapshot, at, hidden)
        move = await VERBS[verb](asked)
        tried.append(move)
        if not await standing_store.update_case(conn, move):
            raise Late
        await merging.go_on(conn, move, snapshot.directory)
        # Whoever had a case that ended has nothing more to do with it.
        if move.revokes_links or move.case.owner is None:
            await links.revoke(conn, case.id, now)

    try:
        await context.db.run(request[COUNTY].schema, work)
    except Refused as refused:
        return refused
    except Late:
        return Refused("late")
    return None


async def find_locked(
    request: web.Request, conn: asyncpg.Connection, snapshot: Snapshot, *, sealed: bool = False
) -> Standing:
    """The case of the address, held until the transaction ends. Nothing is decided here about
    what nobody here may read, so a sealed one is found only where asked for."""
    hidden = hidden_from(request, snapshot.directory)
    id_ = await standing_store.find_id(conn, request.match_info["number"], hidden)
    case = await standing_store.find_standing(conn, id_, lock=True) if id_ else None
    if case is None or (case.sealed and not sealed):
        raise web.HTTPNotFound
    return case


async def _facts(asked: Asked) -> Facts:
    found = await case_facts.find_facts(asked.conn, asked.case.id, asked.snapshot.directory)
    assert found is not None, "a case that is held exists"
    return found


def against(case: Standing, facts: Facts) -> Facts:
    """What may stand against an office: whoever is to redo an answer has answered before."""
    return replace(facts, answered=()) if case.state == "followed_up" else facts


async def _office(asked: Asked) -> Office:
    """The office that was chosen, which may answer. Raises `Refused`."""
    office = asked.snapshot.directory.office(asked.form.first("office"))
    if office is None:
        raise Refused("office", "office")
    if conflict(office, against(asked.case, await _facts(asked)), asked.snapshot.directory):
        raise Refused("conflict", "office")
    return office


async def _dispatch(asked: Asked) -> Move:
    kind = asked.typed("kind") or "complaint"
    if kind not in KINDS:
        raise Refused("kind", "kind")
    return desk.dispatch(
        asked.case, await _office(asked), asked.text, asked.by, kind=kind, **asked.at
    )


async def _hand_over(asked: Asked) -> Move:
    office = asked.snapshot.directory.office(asked.typed("office"))
    return desk.hand_over(asked.case, office, asked.by, **asked.at)


async def _assign(asked: Asked) -> Move:
    return desk.assign(asked.case, await _office(asked), asked.text, asked.by, **asked.at)


async def _decline(asked: Asked) -> Move:
    channel = asked.form.first("channel")
    return desk.decline(asked.case, asked.text, channel, asked.by, **asked.at)


async def _redo(asked: Asked) -> Move:
    return desk.redo(asked.case, await _office(asked), asked.text, asked.by, **asked.at)


async def _close(asked: Asked) -> Move:
    return desk.close(asked.case, asked.text, asked.by, **asked.at)


async def _refuse_return(asked: Asked) -> Move:
    """Nobody is made to keep what it may not answer."""
    move = desk.refuse_return(asked.case, asked.text, asked.by, **asked.at)
    directory = asked.snapshot.directory
    office = directory.office(asked.case.office)
    if office and conflict(office, await _facts(asked), directory):
        raise Refused("conflict_here")
    return move


async def _dispute(asked: Asked) -> Move:
    return desk.dispute(asked.case, asked.by, **asked.at)


async def _merge(asked: Asked) -> Move:
    into = case_number(asked.typed("into"))
    id_ = await standing_store.find_id(asked.conn, into, asked.hidden)
    found = await standing_store.find_standing(asked.conn, id_, lock=True) if id_ else None
    if found is None:
        raise Refused("merge_into", "into")
    move, directory = desk.merge(asked.case, found, asked.by, **asked.at), asked.snapshot.directory
    # Who may not judge this one would answer it all the same.
    office = directory.office(found.office)
    if office and conflict(office, await _facts(asked), directory):
        raise Refused("merge_conflict", "into")
    return move


async def _remind(asked: Asked) -> Move:
    return desk.remind(asked.case, asked.text, asked.by, **asked.at)


async def _note(asked: Asked) -> Move:
    return desk.note(asked.case, asked.text, asked.by, **asked.at)


async def _supervise(asked: Asked) -> Move:
    move = desk.supervise(asked.case, "desk", asked.by, **asked.at)
    await store.insert_supervision(
        asked.conn,
        new_id(move.now),
        asked.case.id,
        subject=asked.case.number,
        now=move.now,
        actor=asked.login,
    )
    return move


async def _lift(asked: Asked) -> Move:
    move = keeping.lift(asked.case, asked.text, asked.by, **asked.at)
    await store.close_supervision(asked.conn, asked.case.id, move.now)
    return move


async def _recuse(asked: Asked) -> Move:
    who, directory = asked.typed("who"), asked.snapshot.directory
    person = directory.by_number(who)
    who = person.badge if person else who
    if who and not (person or directory.office(who)):
        raise Refused("who", "who")
    move = keeping.recuse(asked.case, who, asked.text, asked.by, **asked.at)
    await facts_store.insert_recusal(asked.conn, asked.case.id, who, asked.login, move.now)
    return await _out_of_conflict(asked, move)


async def _take_back(asked: Asked) -> Move:
    who, facts = asked.typed("who"), await _facts(asked)
    move = keeping.take_back(asked.case, who, facts.recused, asked.text, asked.by, **asked.at)
    if not await facts_store.delete_recusal(asked.conn, asked.case.id, who):
        raise Refused("not_recused")  # here: one that was merged into this has it
    return move


async def _identify(asked: Asked) -> Move:
    person = asked.snapshot.directory.by_number(asked.typed("badge"))
    move = keeping.identify(asked.case, person, asked.text, asked.by, **asked.at)
    assert person is not None, "or it was refused"
    if not await store.update_subject(asked.conn, asked.case.id, person.badge, person.unit):
        raise Refused("known")
    move = await _out_of_conflict(asked, move, routed=True)
    return await upheld.note_named(asked.conn, move, (person.badge, person.unit))


async def _out_of_conflict(asked: Asked, move: Move, *, routed: bool = False) -> Move:
    """The move with what is known now: an office in conflict loses the case with it. The reasons
    on the case are those of the routing that was done again."""
    county = asked.snapshot.county
    known = await case_facts.find_known(asked.conn, asked.case.id, county.directory)
    assert known is not None, "a case that is held exists"
    found = rerouting.rerouted(move, known, county, asked.by, by_rules=False)
    reasons = found.routing if found else None
    if routed and reasons is None:
        reasons = pack_decision(routing.route(known.facts, county.rules, county.directory))
    if reasons is not None:
        await store.update_routing(asked.conn, asked.case.id, dict(reasons))
    return found.move if found else move


async def _resend(asked: Asked) -> Move:
    found = await letter_tasks.update_resent(
        asked.conn, _id(asked.typed("letter")), asked.case.id, asked.at["now"]
    )
    if found is None:
        raise Refused("late")
    return keeping.resend(asked.case, found, asked.by, **asked.at)


async def _settle(asked: Asked) -> Move:
    found = await letter_tasks.update_settled(
        asked.conn, _id(asked.typed("task")), asked.case.id, asked.at["now"]
    )
    if found is None:
        raise Refused("late")
    return keeping.settle(asked.case, found, asked.text, asked.by, **asked.at)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("late") from None


VERBS: Mapping[str, Callable[[Asked], Awaitable[Move]]] = {
    "dispatch": _dispatch,
    "hand_over": _hand_over,
    "decline": _decline,
    "refuse_return": _refuse_return,
    "dispute": _dispute,
    "assign": _assign,
    "merge": _merge,
    "redo": _redo,
    "close": _close,
    "remind": _remind,
    "supervise": _supervise,
    "lift": _lift,
    "note": _note,
    "recuse": _recuse,
    "take_back": _take_back,
    "identify": _identify,
    "resend": _resend,
    "settle": _settle,
}

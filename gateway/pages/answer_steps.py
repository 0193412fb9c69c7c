"""What an office does besides signing and answering: each verb is a POST that needs typing.

A case is loaded and locked, one pure step is made and written by comparing, and the way leads
back to the case. Whoever comes second reads what happened, with the own words still there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg
from aiohttp import web

from complaints import handling, upheld
from complaints.answer_drafts import check_name
from complaints.handling import Case
from complaints.lifecycle import Step
from complaints.standing import Move, Standing
from complaints.steps import office as steps
from complaints.steps.words import Refused
from complaints.store import retention
from complaints.store import standing as store
from complaints.typed import lines
from gateway import links
from gateway.context import CONTEXT
from gateway.db import DatabaseDown
from gateway.pages.answer_views import Typed, case_page, county_of
from gateway.pages.answers import Opened, down, open_link, read_typed, see_case, shown
from gateway.snapshots import Snapshot
from gateway.views import COUNTY


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to do: `steps` of the table it stands for, `said` the kind of its message, or the
    event that tells of it where a name is typed instead."""

    name: str
    steps: tuple[Step, ...]
    make: Callable[..., Move]
    field: str
    message: str = ""
    event: str = ""
    # Whether an event, by kind and data, says the same as the fields beside the words.
    same: Callable[[str, Mapping[str, Any], Mapping[str, str]], bool] = lambda *_: True


def _return(case: Standing, typed: Typed, snapshot: Snapshot, **more: Any) -> Move:
    fields = typed.fields
    return steps.ask_return(
        case,
        fields.get("reason", ""),
        fields.get("proposed", ""),
        snapshot.directory,
        **more,
    )


def _extend(case: Standing, typed: Typed, _: Snapshot, **more: Any) -> Move:
    number = _number(typed.fields)
    return steps.extend(case, typed.fields.get("reason", ""), number, **more)


def _number(fields: Mapping[str, str]) -> int:
    text = fields.get("number", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _ask(case: Standing, typed: Typed, _: Snapshot, **more: Any) -> Move:
    return steps.ask(case, typed.fields.get("question", ""), **more)


def _contacted(case: Standing, typed: Typed, _: Snapshot, **more: Any) -> Move:
    outcome, account = typed.fields.get("outcome", ""), typed.fields.get("account", "")
    return steps.contacted(case, outcome, account, **more)


def _go_on(case: Standing, typed: Typed, _: Snapshot, **more: Any) -> Move:
    return steps.go_on(case, _person(typed), **more)


def _take_up(case: Standing, typed: Typed, _: Snapshot, **more: Any) -> Move:
    return steps.take_up(case, _person(typed), **more)


def _receipt(case: Standing, typed: Typed, _: Snapshot, **more: Any) -> Move:
    return steps.confirm_receipt(case, _person(typed), **more)


def _person(typed: Typed) -> str:
    person, fault = check_name(typed.fields.get("person", ""))
    if fault:
        raise Refused(fault, "person")
    return person


RETURN = Verb(
    "return", ("ask_return", "dispute"), _return, "reason", "return",
    same=lambda _, data, fields: data.get("proposed") == fields.get("proposed"),
)  # fmt: skip
EXTENSION = Verb(
    "extension", ("extend",), _extend, "reason", "extension",
    same=lambda _, data, fields: data.get("number") == _number(fields),
)  # fmt: skip
QUESTION = Verb("question", ("ask",), _ask, "question", "question")
CONTACT = Verb(
    "contact", ("redo", "close"), _contacted, "account", "follow_up",
    same=lambda kind, _, fields: (kind == "rework") == (fields.get("outcome") == "redo"),
)  # fmt: skip
TAKE_UP = Verb("take-up", ("take_up",), _take_up, "person", event="taken_up")
RESUME = Verb("resume", ("resume",), _go_on, "person", event="resumed")
RECEIPT = Verb("receipt", ("confirm_receipt",), _receipt, "person", event="receipt_confirmed")


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: `refused` by the form's own faults; `late` when somebody was first;
    `files` may be removed once all is committed."""

    opened: Opened
    refused: Refused | None = None
    late: bool = False
    files: Sequence[UUID] = ()


async def ask_return(request: web.Request) -> web.Response:
    """Gives the case back to the county desk; 303 to the case."""
    return await _act(request, RETURN)


async def extend(request: web.Request) -> web.Response:
    """More time; 303 to the case."""
    return await _act(request, EXTENSION)


async def ask(request: web.Request) -> web.Response:
    """A question to the complainant; 303 to the case."""
    return await _act(request, QUESTION)


async def take_up(request: web.Request) -> web.Response:
    """Says who works on it; 303 to the case."""
    return await _act(request, TAKE_UP)


async def contact(request: web.Request) -> web.Response:
    """What a follow-up came to; 303 to the case."""
    return await _act(request, CONTACT)


async def resume(request: web.Request) -> web.Response:
    """Goes on without the complainant's reply; 303 to the case."""
    return await _act(request, RESUME)


async def confirm_receipt(request: web.Request) -> web.Response:
    """Confirms that what is sealed arrived, and wipes it here; 303 to what is left."""
    return await _act(request, RECEIPT)


async def _act(request: web.Request, verb: Verb) -> web.Response:
    context = request.app[CONTEXT]
    typed = replace(await read_typed(request), verb=verb.name)
    try:
        snapshot = await context.snapshots.of(request[COUNTY])
        done = await context.db.run(
            county_of(request), lambda conn: _take(request, conn, verb, typed, snapshot)
        )
    except DatabaseDown:
        return down(request, typed)
    for file in done.files:
        await context.attachments.delete(county_of(request), file)
    opened = done.opened
    if opened.why or opened.case is None:
        return shown(request, opened, snapshot, typed)
    if done.refused is not None:
        key = done.refused.key.rpartition(".")[2]
        typed = replace(typed, errors={done.refused.field or verb.field: key})
        return shown(request, opened, snapshot, typed, status=422)
    if done.late:
        return case_page(
            request, opened.case, opened.answer, snapshot, typed, first=True, status=409
        )
    raise see_case(request)


async def _take(
    request: web.Request, conn: asyncpg.Connection, verb: Verb, typed: Typed, snapshot: Snapshot
) -> Done:
    opened = await open_link(request, conn, lock=True)
    if opened.case is None:
        return Done(opened)
    if await _is_again(conn, opened.case, verb, typed):
        return Done(opened)
    if not set(verb.steps).intersection(opened.case.allowed):
        # A button pressed by nobody says nothing about who was first.
        blank = not typed.fields.get(verb.field, "").strip()
        if blank:
            return Done(opened, Refused("missing", verb.field))
        # Who waited for the case reads what was written meanwhile.
        return Done(await open_link(request, conn), late=True)
    now = request.app[CONTEXT].clock()
    case = await store.find_standing(conn, opened.case.id)
    assert case is not None, "a case that was found is there"
    try:
        move = verb.make(case, typed, snapshot, calendar=snapshot.calendar, now=now)
    except Refused as refused:
        return Done(opened, refused)
    return await _write(conn, opened, move)


async def _write(conn: asyncpg.Connection, opened: Opened, move: Move) -> Done:
    if not await store.update_case(conn, move):
        return Done(opened, late=True)
    await upheld.note_return(conn, move)
    if move.revokes_links:
        await links.revoke(conn, move.case.id, move.now)
    wiped = move.case.wiped_at is not None and move.was.wiped_at is None
    return Done(opened, files=await retention.wipe(conn, [move.case.id]) if wiped else ())


async def _is_again(conn: asyncpg.Connection, case: Case, verb: Verb, typed: Typed) -> bool:
    """Whether this very thing was done already: a double click, or a lost reply."""
    text = typed.fields.get(verb.field, "")
    if verb.event:
        return await handling.did_last(conn, case, verb.event, check_name(text)[0])
    if set(verb.steps).intersection(case.allowed):
        return False
    said = await handling.find_said_last(conn, case, verb.message, lines(text))
    return said is not None and verb.same(*said, typed.fields)

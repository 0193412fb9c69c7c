"""What a complainant does under the tracking code: reply, rate, ask for a review, withdraw.

Each is a POST by the case of the cookie. What was done already, by a double click or a reload, is
done once and shows the case; who comes too late is told what happened and keeps every word.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from aiohttp import web

from board.model import Office
from complaints import merging, results
from complaints import typed as texts
from complaints.standing import Move, Standing
from complaints.steps import complainant
from complaints.steps.words import LONGEST, Refused
from complaints.store import retention
from complaints.store.ratings import insert_rating
from complaints.store.standing import find_standing, update_case
from complaints.tracking import Case
from gateway import links
from gateway.bodies import read_form
from gateway.context import CONTEXT
from gateway.db import DatabaseDown
from gateway.middleware import RETRY_AFTER_SECONDS
from gateway.pages import tracking
from gateway.pages.tracking_view import Typed, case_page, find_reviewer, find_seen
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, page, say, see_other

Fields = Mapping[str, str]
Take = Callable[[Standing, Office | None, Snapshot, datetime], Move]
# Longer than this nothing is kept: far above what may be sent.
MOST_KEPT = 10 * LONGEST
# Questions that a fault of one field answers; all other faults are about the case.
MISSING = ("reply", "level", "resolved", "reason", "confirm")


@dataclass(frozen=True, slots=True)
class Verb:
    """A step as a form: its `fields`, the one with words first; `take` makes the move; `done`
    tells whether the case shows that the very same was done already."""

    name: str
    fields: tuple[str, ...]
    needed: tuple[str, ...]
    take: Callable[[Fields], Take]
    done: Callable[[Case, Fields], bool]
    looks_up: bool = False


async def reply(request: web.Request) -> web.Response:
    """`POST /track/case/reply`: the answer to the office's question."""
    return await _step(request, REPLY)


async def rate(request: web.Request) -> web.Response:
    """`POST /track/case/rating`: how good the answer was, and whether it is resolved."""
    return await _step(request, RATING)


async def ask_review(request: web.Request) -> web.Response:
    """`POST /track/case/review`: a review or final review by the next office up."""
    return await _step(request, REVIEW)


async def withdraw(request: web.Request) -> web.Response:
    """`POST /track/case/withdrawal`: ends the complaint, once the box was ticked."""
    return await _step(request, WITHDRAWAL)


async def _step(request: web.Request, verb: Verb) -> web.Response:
    form = await read_form(request)
    fields = {name: form.first(name).replace("\0", "")[:MOST_KEPT] for name in verb.fields}
    complaint = tracking.opened_case(request)
    if complaint is None:
        return tracking.closed(request, fields[verb.fields[0]])
    try:
        return await _stepped(request, verb, fields, complaint)
    except DatabaseDown:
        response = page(
            request, "tracking/step.html", status=503, step=verb.name, fields=fields, errors={}
        )
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response


async def _stepped(
    request: web.Request, verb: Verb, fields: Fields, complaint: UUID
) -> web.Response:
    context = request.app[CONTEXT]
    snapshot = await context.snapshots.of(request[COUNTY])
    errors = _missing(request, verb, fields)
    refused = None if errors else await _taken(request, verb, fields, complaint, snapshot)
    if not errors and refused is None:
        return see_other("/track/case")
    seen = await find_seen(request, complaint, snapshot)
    if seen is None:
        return tracking.closed(request, fields[verb.fields[0]])
    now = context.clock()
    if refused and refused.field:
        errors = {refused.field: _fault(request, refused)}
    if errors and _waits(seen.case, verb):
        return case_page(request, seen, snapshot, now, Typed(fields, errors), status=422)
    if refused and verb.done(seen.case, fields):
        return see_other("/track/case")
    late = refused.key if refused and not refused.field else "moved"
    return case_page(request, seen, snapshot, now, Typed(fields), late=late, status=409)


async def _taken(
    request: web.Request, verb: Verb, fields: Fields, complaint: UUID, snapshot: Snapshot
) -> Refused | None:
    """Takes the step in one transaction; gives why it was not taken."""
    context = request.app[CONTEXT]
    now = context.clock()
    files: list[UUID] = []

    async def work(conn: asyncpg.Connection) -> Refused | None:
        files.clear()  # a transaction that failed is run again
        case = await find_standing(conn, complaint, lock=True)
        if case is None:
            return Refused("moved")
        above = None
        if verb.looks_up:
            above = await find_reviewer(conn, complaint, case.office, snapshot)
        try:
            move = verb.take(fields)(case, above, snapshot, now)
        except Refused as refused:
            return refused
        return await _written(conn, move, verb, fields, snapshot, files=files)

    refused = await context.db.run(request[COUNTY].schema, work)
    # Their key is gone already; a file that stays behind after a crash here is swept as a stray.
    for file in files:
        await context.attachments.delete(request[COUNTY].schema, file)
    return refused


async def _written(
    conn: asyncpg.Connection,
    move: Move,
    verb: Verb,
    fields: Fields,
    snapshot: Snapshot,
    *,
    files: list[UUID],
) -> Refused | None:
    """Adds to `files` what may be removed once the transaction is committed."""
    if verb is REVIEW:
        move = await results.looked_at_again(conn, move)
    if not await update_case(conn, move):
        return Refused("moved")
    await merging.go_on(conn, move, snapshot.directory)
    if verb is RATING:
        resolved = fields["resolved"] == "yes"
        await insert_rating(conn, move.case.id, int(fields["level"]), move.now, resolved=resolved)
    # Whoever had a case that the complainant ended has nothing more to do with it.
    if move.revokes_links or move.case.state == "withdrawn":
        await links.revoke(conn, move.case.id, move.now)
    if move.case.wiped_at is not None and move.was.wiped_at is None:
        files += await retention.wipe(conn, [move.case.id])
    return None


def _waits(case: Case, verb: Verb) -> bool:
    """Whether the case shows this form, beside which a fault can stand."""
    return any(step in case.may for step in STEPS[verb.name])


def _missing(request: web.Request, verb: Verb, fields: Fields) -> dict[str, str]:
    """Every field that was left empty, in the order of the form."""
    words = say(request)
    return {
        name: words(f"tracking.fault.{name}")
        for name in verb.needed
        if not _given(name, fields[name])
    }


def _given(name: str, text: str) -> bool:
    if name == "level":
        return text in {str(level) for level in complainant.LEVELS}
    if name == "resolved":
        return text in ("yes", "no")
    return bool(texts.lines(text))


def _fault(request: web.Request, refused: Refused) -> str:
    if refused.key == "too_long":
        return say(request)("tracking.fault.too_long", most=LONGEST)
    return say(request)(f"tracking.fault.{refused.field}")


def _reply(fields: Fields) -> Take:
    return lambda case, _, snapshot, now: complainant.reply(
        case, fields["reply"], calendar=snapshot.calendar, now=now
    )


def _rate(fields: Fields) -> Take:
    return lambda case, above, snapshot, now: complainant.rate(
        case,
        int(fields["level"]),
        fields["resolved"] == "yes",
        fields["comment"],
        above,
        calendar=snapshot.calendar,
        now=now,
    )


def _review(fields: Fields) -> Take:
    return lambda case, above, snapshot, now: complainant.ask_review(
        case, fields["reason"], above, calendar=snapshot.calendar, now=now
    )


def _withdraw(fields: Fields) -> Take:
    # What is said of a sealed case is kept in no open table, so no reason is asked for.
    return lambda case, _, snapshot, now: complainant.withdraw(
        case, "" if case.sealed else fields["reason"], calendar=snapshot.calendar, now=now
    )


def _replied(case: Case, fields: Fields) -> bool:
    last = case.last("asked", "replied", "resumed")
    return last is not None and last.kind == "replied" and _same(last.words, fields["reply"])


def _rated(case: Case, fields: Fields) -> bool:
    last = case.last("released", "rated")
    if last is None or last.kind != "rated":
        return False
    said = (str(last.data.get("level")), "yes" if last.data.get("resolved") else "no")
    same = said == (fields["level"], fields["resolved"])
    return same and _same(last.words, fields["comment"])


def _asked(case: Case, fields: Fields) -> bool:
    last = case.last("review_asked", "final_review_asked", "review_decided")
    if last is None or last.kind == "review_decided":
        return False
    return _same(last.words, fields["reason"])


def _withdrawn(case: Case, fields: Fields) -> bool:
    return case.state == "withdrawn"


def _same(kept: str, typed: str) -> bool:
    return kept == texts.lines(typed)


STEPS = {
    "reply": ("reply",),
    "rating": ("rate",),
    "review": ("ask_review", "ask_final_review"),
    "withdrawal": ("withdraw",),
}
REPLY = Verb("reply", ("reply",), ("reply",), _reply, _replied)
RATING = Verb(
    "rating",
    ("comment", "level", "resolved"),
    ("level", "resolved"),
    _rate,
    _rated,
    looks_up=True,
)
REVIEW = Verb("review", ("reason",), ("reason",), _review, _asked, looks_up=True)
WITHDRAWAL = Verb("withdrawal", ("reason", "confirm"), ("confirm",), _withdraw, _withdrawn)

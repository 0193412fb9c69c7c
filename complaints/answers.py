"""What an office does with a case: sign for it, and answer it. One function a verb.

Each changes by comparing: one statement moves the case only out of a state that waits for it,
and writes row, events and outbox with it. Whoever comes second changes nothing and is told so.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import asyncpg

from board.calendar import Calendar
from board.ids import new_id
from complaints import lifecycle, upheld
from complaints.answer_drafts import AnswerDraft
from complaints.deadlines import due
from complaints.handling import Case
from complaints.lifecycle import Deadline
from complaints.model import LETTER_EVENTS
from complaints.store import answers as store
from complaints.store import handling
from complaints.terms import limit
from complaints.timers import Timed, keep_look, look_at, look_at_closed

Outcome = Literal["done", "again", "late"]


@dataclass(frozen=True, slots=True)
class Found:
    """The finding on one allegation, as it went out."""

    position: int
    finding: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that an office gave; `at` is aware."""

    id: UUID
    done: str
    reply: str
    right_of_reply: str
    at: datetime
    findings: tuple[Found, ...]


# Its answer decides a review, and ends the case.
_REVIEWED: tuple[lifecycle.State, ...] = ("review", "final_review")


def may_sign(state: str) -> bool:
    """Whether a case in this state waits to be signed for."""
    return state in _states("sign")


def may_answer(case: Case) -> bool:
    """Whether this office may answer now; a case not yet signed for is signed by answering.

    A sealed case is not answered here: findings are kept as plain text (domain.md).
    """
    return not case.sealed and case.state in (*_states("sign"), *_states("answer"), *_REVIEWED)


async def find_answer(conn: asyncpg.Connection, case: Case) -> Answer | None:
    """The newest answer that the case's office gave."""
    row = await store.find_answer(conn, case.id, case.office)
    return _answer_of(row) if row else None


async def list_answers(conn: asyncpg.Connection, case: Case) -> tuple[Answer, ...]:
    """What was answered before, newest first, for the office that looks at it again."""
    return tuple(_answer_of(row) for row in await store.list_answers(conn, case.id))


def _answer_of(row: asyncpg.Record) -> Answer:
    return Answer(
        id=row["id"],
        done=row["done"],
        reply=row["reply"],
        right_of_reply=row["right_of_reply"],
        at=row["at"],
        findings=tuple(Found(**each) for each in row["findings"] or ()),
    )


async def sign_for(
    conn: asyncpg.Connection, case: Case, person: str, calendar: Calendar, now: datetime
) -> Outcome:
    """Signs for a case in the name of `person`; from then the answer's own due day runs.

    "again": it was signed for by that person already (a double click); "late": somebody else
    was first, or the case has moved on. `case` is what the office last saw.
    """
    until = _answer_deadline(case, calendar, now)
    moved = await handling.update_signed(
        conn,
        case.id,
        case.office,
        state="signed",
        next_at=until.at,
        next_kind=until.kind,
        # What is late already is told of at once, however late it was signed for.
        wake_at=keep_look(Timed("signed", until.due.day, until.at), None, 0, now, calendar),
        before=_states("sign"),
        events=[_signed(case, person, now)],
    )
    if moved:
        return "done"
    signer = await handling.find_signer(conn, case.id, case.office)
    return "again" if signer == person else "late"


async def answer(
    conn: asyncpg.Connection,
    case: Case,
    draft: AnswerDraft,
    calendar: Calendar,
    now: datetime,
    *,
    answer_id: UUID,
) -> Outcome:
    """Gives the office's answer and releases it to the complainant, who may now rate it; in a
    review it is the decision, which closes the case. What it upholds may raise supervision.

    `answer_id` is made by the caller, so that a transaction that is run again after a lost
    connection finds its own answer. "again": this very answer is there already; "late": another
    one is, or the case does not wait for an answer of this office.
    """
    if not case.sealed and await _write(conn, case, answer_id, draft, calendar, now=now):
        return "done"
    given = await find_answer(conn, case)
    return "again" if given and _same(given, draft, answer_id) else "late"


async def _write(
    conn: asyncpg.Connection,
    case: Case,
    answer_id: UUID,
    draft: AnswerDraft,
    calendar: Calendar,
    *,
    now: datetime,
) -> bool:
    row = store.AnswerRow(
        id=answer_id,
        complaint=case.id,
        office=case.office,
        done=draft.done,
        reply=draft.reply,
        right_of_reply=draft.right_of_reply,
        at=now,
        findings=[asdict(each) for each in draft.findings],
    )
    after = _released(case, calendar, now) if case.state not in _REVIEWED else _decided(case, now)
    written = await store.insert_answer(
        conn,
        row,
        **_plan(after.state, calendar, now),
        reviews=int(case.state in _REVIEWED),
        version=calendar.version,
        # What the office last saw decides which events tell of it, so nothing else may move.
        before=[case.state] if may_answer(case) else [],
        events=after.events,
    )
    if written:
        about, found = (case.staff_badge, case.unit), [each.finding for each in draft.findings]
        await upheld.note_answer(
            conn, case.id, about, found, calendar=calendar, now=now + 3 * _TICK
        )
    return written


_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _After:
    """The state that an answer leads to, and what is told of it."""

    state: lifecycle.State
    events: list[dict[str, Any]]


def _plan(state: lifecycle.State, calendar: Calendar, now: datetime) -> dict[str, Any]:
    """Owner, next deadline and next look of a case that is answered now."""
    until = lifecycle.deadline(state, now, calendar)
    if until is None:
        wake_at, kind = look_at_closed(now, now, calendar)
        ends = {"owner": None, "next_at": None, "next_kind": kind}
        return {"state": state, **ends, "wake_at": wake_at}
    return {
        "state": state,
        "owner": until.owner,
        "next_at": until.at,
        "next_kind": until.kind,
        "wake_at": look_at(state, until, now, calendar),
    }


def _released(case: Case, calendar: Calendar, now: datetime) -> _After:
    """Signed where that was left out, answered, released; a microsecond apart, to keep order."""
    state = lifecycle.next_state("answered", "release")
    until = lifecycle.deadline(state, now, calendar)
    assert until is not None, "a released case waits for the complainant"
    told = {"office": case.office, **_due(until)}
    events = [
        _event("answered", now + _TICK, "office", case.office, {}),
        _event("released", now + 2 * _TICK, "system", None, told),
    ]
    return _After(state, [_signed(case, "", now), *events] if may_sign(case.state) else events)


def _decided(case: Case, now: datetime) -> _After:
    """A review is decided; the complainant reads it at once."""
    state = lifecycle.next_state(case.state, "decide_review")
    told = {"office": case.office, "round": case.reviews + 1}
    return _After(state, [_event("review_decided", now, "office", case.office, told)])


def _signed(case: Case, person: str, now: datetime) -> dict[str, Any]:
    due = {"due": case.due_on.isoformat()} if case.due_on else {}
    data = {"office": case.office, "person": person, **due}
    return _event("signed", now, "office", case.office, data)


def _event(
    kind: str, at: datetime, actor_kind: str, actor: str | None, data: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": str(new_id(at)),
        "at": at.isoformat(),
        "kind": kind,
        "actor_kind": actor_kind,
        "actor": actor,
        "data": data,
        "letter": kind in LETTER_EVENTS,
    }


def _due(until: Deadline) -> dict[str, str]:
    return {"due": until.due.day.isoformat()} if until.due.day else {}


def _answer_deadline(case: Case, calendar: Calendar, now: datetime) -> Deadline:
    """The answer's due day as it was told to the complainant; it does not move by signing."""
    counted = due(case.limit_start or now, case.limit or limit("complaint", calendar), calendar)
    if case.due_on is not None:
        counted = replace(counted, at=case.due_on)
    until = lifecycle.deadline("signed", case.limit_start or now, calendar, answer_due=counted)
    assert until is not None, "a signed case has a due day"
    return until


def _states(step: lifecycle.Step) -> list[str]:
    """The states in which an office may take this step."""
    return [line.state for line in lifecycle.TABLE if line.step == step]


def _same(given: Answer, draft: AnswerDraft, answer_id: UUID) -> bool:
    if given.id == answer_id:
        return True
    return _said(given.findings, given) == _said(draft.findings, draft)


def _said(findings: Sequence[Any], said: Any) -> tuple[object, ...]:
    found = [(each.position, each.finding, each.reason) for each in findings]
    return (found, said.done, said.reply, said.right_of_reply)

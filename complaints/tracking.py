"""How a case stands, for whoever holds its tracking code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from board.calendar import Calendar
from complaints.deadlines import due
from complaints.limits import Due, Limit, local
from complaints.model import Cipher
from complaints.store import complaints as store

# States in which an answer is the complainant's to read.
ANSWERED = frozenset({"released", "followed_up", "closed", "archived", "review", "final_review"})

# What a complainant is told of a case; many states look alike from outside.
Standing = Literal[
    "received", "dispatched", "in_hand", "waiting", "released", "followed_up", "review", "closed",
    "declined", "merged", "withdrawn", "sealed", "sealed_signed", "sealed_over",
]  # fmt: skip
_STANDINGS: Mapping[str, Standing] = {
    "received": "received",
    "accepted": "received",
    "dispatched": "dispatched",
    "refused": "dispatched",
    "assigned": "dispatched",
    "return_asked": "dispatched",
    "disputed": "dispatched",
    "handed_over": "dispatched",
    "signed": "in_hand",
    "in_hand": "in_hand",
    "rework": "in_hand",
    "answered": "in_hand",
    "waiting": "waiting",
    "released": "released",
    "followed_up": "followed_up",
    "review": "review",
    "final_review": "review",
    "closed": "closed",
    "archived": "closed",
    "declined": "declined",
    "merged": "merged",
    "withdrawn": "withdrawn",
}
# A sealed case is handed over: no state of it leads to an answer that could be read here.
_SEALED: Mapping[Standing, Standing] = {
    "received": "sealed",
    "dispatched": "sealed",
    "withdrawn": "withdrawn",
    "closed": "sealed_over",
}
# What the part about who has the case can truly say: who answers by when, who has it, who
# answered, or only what it was.
About = Literal["due", "has", "answered", "over"]
ABOUT: Mapping[Standing, About] = {
    "dispatched": "due",
    "in_hand": "due",
    "received": "has",
    "waiting": "has",
    "followed_up": "has",
    "review": "has",
    "sealed": "has",
    "sealed_signed": "has",
    "released": "answered",
    "closed": "answered",
    "declined": "over",
    "merged": "over",
    "withdrawn": "over",
    "sealed_over": "over",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the timeline."""

    at: datetime
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the office found on one allegation."""

    position: int
    category: str
    finding: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was released."""

    office: str
    at: datetime
    done: str
    reply: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What its complainant may see: no words of the complaint, no contact, no names."""

    id: UUID
    number: str
    state: str
    sealed: bool
    owner: str | None
    office: str | None
    went_up: bool
    next_at: datetime | None
    next_kind: str | None
    due_on: date | None
    limit: Limit | None
    limit_start: date | None
    calendar_version: str | None
    unit: str | None
    matter: str | None
    breach: Mapping[str, Any] | None
    created_at: datetime
    categories: Mapping[int, str]
    files: int
    timeline: tuple[Line, ...]
    answers: tuple[Answer, ...]


async def find_by_code(conn: asyncpg.Connection, cipher: Cipher, code: str) -> UUID | None:
    """The complaint of a well-formed tracking code, under the newest or an older key."""
    for code_hash in cipher.code_hashes(code):
        found = await store.find_by_code(conn, code_hash)
        if found is not None:
            return found
    return None


async def find_case(conn: asyncpg.Connection, complaint: UUID) -> Case | None:
    """How a case stands; None when it is no longer there."""
    row = await store.find_case(conn, complaint)
    if row is None:
        return None
    categories = {each["position"]: each["category"] for each in row["allegations"] or ()}
    answers: tuple[Answer, ...] = ()
    if row["state"] in ANSWERED:
        answers = tuple(
            _answer(each, categories) for each in await store.list_answers(conn, complaint)
        )
    return _case(row, categories, answers)


def _case(row: asyncpg.Record, categories: Mapping[int, str], answers: tuple[Answer, ...]) -> Case:
    limited = row["limit_number"] is not None
    return Case(
        id=row["id"],
        number=row["number"],
        state=row["state"],
        sealed=row["sealed"],
        owner=row["owner"],
        office=row["office"],
        went_up=bool(row["routing"].get("up")),
        next_at=row["next_at"],
        next_kind=row["next_kind"],
        due_on=row["due_on"],
        limit=Limit(row["limit_number"], row["limit_unit"]) if limited else None,
        limit_start=row["limit_start"],
        calendar_version=row["calendar_version"],
        unit=row["unit"],
        matter=row["matter"],
        breach=row["breach"],
        created_at=row["created_at"],
        categories=categories,
        files=row["files"],
        timeline=_timeline(row["events"] or ()),
        answers=answers,
    )


def _timeline(events: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    return tuple(
        Line(datetime.fromisoformat(each["at"]), each["kind"], each["data"]) for each in events
    )


def _answer(row: asyncpg.Record, categories: Mapping[int, str]) -> Answer:
    findings = tuple(
        Finding(each["position"], categories[each["position"]], each["finding"], each["reason"])
        for each in row["findings"] or ()
    )
    return Answer(row["office"], row["at"], row["done"], row["reply"], findings)


def standing(case: Case) -> Standing:
    """How a case stands, in the words of a complainant."""
    found = _STANDINGS[case.state]
    return _SEALED.get(found, "sealed_signed") if case.sealed else found


def derive(case: Case, calendar: Calendar) -> Due | None:
    """The answer's due day, counted again day by day (R13); None before the case was accepted.

    A calendar that changed since may give another day: the page then shows the stored one and
    no derivation.
    """
    if case.limit is None or case.limit_start is None:
        return None
    found = due(case.limit_start, case.limit, calendar)
    return found if found.day == case.due_on else None


def is_overdue(case: Case, now: datetime) -> bool:
    """Whether the answer should have been there; computed, never stored."""
    if case.due_on is None or case.state in ANSWERED or case.owner is None:
        return False
    return local(now).date() > case.due_on

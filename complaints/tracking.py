"""How a case stands, for whoever holds its tracking code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from board.calendar import Calendar
from complaints import lifecycle
from complaints.limits import Due, Exclusion, Extension, Limit, local
from complaints.model import Cipher
from complaints.store import complaints as store
from complaints.store.standing import stops_of

# States in which an answer is the complainant's to read.
ANSWERED = frozenset({"released", "followed_up", "closed", "archived", "review", "final_review"})
# States in which there may be an older answer besides one that is not released yet, or none.
AGAIN = frozenset({"rework", "answered", "withdrawn"})

# What a complainant is told of a case; many states look alike from outside.
Standing = Literal[
    "received", "dispatched", "returned", "in_hand", "waiting", "released", "followed_up",
    "rework", "review", "final_review", "closed", "archived", "declined", "merged", "withdrawn",
    "sealed_waiting", "sealed", "sealed_signed", "sealed_over",
]  # fmt: skip
_STANDINGS: Mapping[str, Standing] = {
    "received": "received",
    "accepted": "received",
    "dispatched": "dispatched",
    "refused": "dispatched",
    "assigned": "dispatched",
    "return_asked": "returned",
    "disputed": "returned",
    "handed_over": "dispatched",
    "signed": "in_hand",
    "in_hand": "in_hand",
    "rework": "rework",
    "answered": "in_hand",
    "waiting": "waiting",
    "released": "released",
    "followed_up": "followed_up",
    "review": "review",
    "final_review": "final_review",
    "closed": "closed",
    "archived": "archived",
    "declined": "declined",
    "merged": "merged",
    "withdrawn": "withdrawn",
}
# A sealed case is handed over: no state of it leads to an answer that could be read here.
_SEALED: Mapping[Standing, Standing] = {
    # No office of the county may read it: the desk hands it on unread.
    "received": "sealed_waiting",
    "dispatched": "sealed",
    "withdrawn": "withdrawn",
    "closed": "sealed_over",
    "archived": "sealed_over",
}
# What the part about who has the case can truly say: who answers by when, who has it, who
# answered, or only what it was.
About = Literal["due", "has", "answered", "over"]
ABOUT: Mapping[Standing, About] = {
    "dispatched": "due",
    "returned": "due",
    "in_hand": "due",
    "rework": "due",
    "review": "due",
    "final_review": "due",
    "received": "has",
    "waiting": "has",
    "followed_up": "has",
    "sealed_waiting": "has",
    "sealed": "has",
    "sealed_signed": "has",
    "released": "answered",
    "closed": "answered",
    "archived": "answered",
    "declined": "over",
    "merged": "over",
    "withdrawn": "over",
    "sealed_over": "over",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the timeline; `words` are what somebody wrote with it to the complainant, or
    what the complainant wrote."""

    at: datetime
    kind: str
    data: Mapping[str, Any]
    words: str = ""


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
    """What its complainant may see: no words of the complaint, no contact, no names.

    `publish`: whether the result may be published without names. `answers` are those released,
    newest first; of a merged case those of the one that it was merged into, and `joint` is how
    that one stands.
    """

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
    wake_at: datetime | None = None
    returns: int = 0
    assigned: bool = False
    reviews: int = 0
    extension: Extension | None = None
    stops: tuple[Exclusion, ...] = ()
    wiped: bool = False
    publish: bool = False
    joint: Standing | None = None

    @property
    def may(self) -> tuple[lifecycle.Step, ...]:
        """The steps that the complainant may take now."""
        at = lifecycle.Case(
            self.state,  # type: ignore[arg-type]  # the column's CHECK knows the same states
            self.returns,
            self.assigned,
            self.extension is not None,
            self.reviews,
        )
        return lifecycle.allowed(at, "complainant")

    def last(self, *kinds: str) -> Line | None:
        """The newest event of one of these kinds."""
        return next((line for line in reversed(self.timeline) if line.kind in kinds), None)


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
    case = _case(row, await _answers(conn, complaint, row["state"]))
    if row["merged_into"] is None:
        return case
    state, answers = await _joint(conn, row["merged_into"])
    return replace(case, answers=answers, joint=_STANDINGS[state])


async def _joint(conn: asyncpg.Connection, complaint: UUID) -> tuple[str, tuple[Answer, ...]]:
    """State and answers of the case that others were merged into; it may have been merged too."""
    state = await store.find_end_of_merging(conn, complaint)
    assert state is not None, "a case is merged into one that is there"
    return state["state"], await _answers(conn, state["id"], state["state"])


async def _answers(conn: asyncpg.Connection, complaint: UUID, state: str) -> tuple[Answer, ...]:
    """What was released to a complainant, newest first. While a second answer is written, or
    waits to be released, the first stays readable."""
    if state not in ANSWERED | AGAIN:
        return ()
    rows = await store.list_answers(conn, complaint)
    return tuple(_answer(row) for row in rows if state in ANSWERED or row["released"])


def _case(row: asyncpg.Record, answers: tuple[Answer, ...]) -> Case:
    limited, extended = row["limit_number"] is not None, row["extended_by"]
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
        categories={each["position"]: each["category"] for each in row["allegations"] or ()},
        files=row["files"],
        timeline=_timeline(row["events"] or (), row["messages"] or ()),
        answers=answers,
        wake_at=row["wake_at"],
        returns=row["returns"],
        assigned=row["assigned"],
        reviews=row["reviews"],
        extension=Extension(extended, row["extended_on"]) if extended else None,
        stops=stops_of(row["stops"] or ())[0],
        wiped=row["wiped_at"] is not None,
        publish=row["publish"],
    )


def _timeline(
    events: Sequence[Mapping[str, Any]], messages: Sequence[Mapping[str, Any]]
) -> tuple[Line, ...]:
    words = {each["event"]: each["words"] for each in messages}
    return tuple(
        Line(
            datetime.fromisoformat(each["at"]),
            each["kind"],
            each["data"],
            words.get(each["id"], ""),
        )
        for each in events
    )


def _answer(row: asyncpg.Record) -> Answer:
    findings = tuple(
        Finding(each["position"], each["category"], each["finding"], each["reason"])
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
    found = lifecycle.answer_due(case.limit_start, case.limit, calendar, case.stops, case.extension)
    return found if found.day == case.due_on else None


def is_overdue(case: Case, now: datetime) -> bool:
    """Whether the answer should have been there; computed, never stored."""
    return lifecycle.is_answer_late(case.state, case.owner, case.due_on, local(now).date())

"""A case as its complainant sees it: how it stands, what was answered, what can be done now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import asyncpg
from aiohttp import web

from board.model import Office
from complaints import reviews, tracking
from complaints.facts import find_facts
from complaints.limits import local
from complaints.terms import limit
from complaints.tracking import About, Case, Line, Standing
from gateway.context import CONTEXT
from gateway.i18n import Words
from gateway.pages.case_view import explain, last_day, office_words
from gateway.pages.figures import kept_figures
from gateway.reasons import say_limit
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, name_in, page, say

# How long a browser remembers a case.
OPEN_SECONDS = 30 * 60
# Events that say something to the complainant; the others are the desk's own.
TOLD = frozenset(
    {
        *("received", "accepted", "declined", "merged", "handed_over", "receipt_confirmed"),
        *("unmerged",),
        *("dispatched", "signed", "taken_up", "return_asked", "return_refused", "disputed"),
        *("assigned", "asked", "replied", "resumed", "extended", "recounted", "answered"),
        *("released", "sent_back", "rated", "follow_up", "lapsed", "rework", "closed"),
        *("review_asked", "final_review_asked", "review_decided", "archived", "withdrawn"),
        *("reminded", "escalated", "supervised", "wiped", "rerouted"),
        *("result_released", "result_withdrawn", "consent_withdrawn"),
    }
)
# Of a sealed case no clock starts for an answer, and nobody says what its office does with it.
SEALED_TOLD = frozenset({"received", "signed", "withdrawn"})
SEALED_SHOWN = SEALED_TOLD | {"accepted", "dispatched", "handed_over", "receipt_confirmed", "wiped"}
# Until when somebody has to act, where the answer's due day is not what counts next.
WITH_LAST_DAY = frozenset({"received", "sealed_waiting", "sealed"})
UNTIL = frozenset({"waiting", "released", "followed_up"})
# What ended so has no result of its own.
NEVER_PUBLISHED = frozenset({"declined", "merged", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the timeline in words; `words` are what somebody wrote."""

    title: str
    when: str
    text: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A case, and the office that would review it; None while that is no question, or when the
    way leads out of the county."""

    case: Case
    reviewer: Office | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with a form, and what stands against it in words: {field: text}."""

    fields: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


NOTHING = Typed()


async def find_seen(request: web.Request, complaint: UUID, snapshot: Snapshot) -> Seen | None:
    """The case as its complainant may see it; None when it is no longer there."""

    async def work(conn: asyncpg.Connection) -> Seen | None:
        case = await tracking.find_case(conn, complaint)
        if case is None or case.state != "closed":
            return Seen(case) if case else None
        return Seen(case, await find_reviewer(conn, complaint, case.office, snapshot))

    return await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)


async def find_reviewer(
    conn: asyncpg.Connection, complaint: UUID, office: str | None, snapshot: Snapshot
) -> Office | None:
    """The nearest office above that has no part in the case; None outside the county."""
    facts = await find_facts(conn, complaint, snapshot.directory)
    return reviews.next_up(office, facts, snapshot.directory) if facts else None


def case_page(
    request: web.Request,
    seen: Seen,
    snapshot: Snapshot,
    now: datetime,
    typed: Typed = NOTHING,
    *,
    late: str = "",
    status: int = 200,
) -> web.Response:
    """`late` is the key of why a step was not taken; what was typed is shown then to be copied."""
    words, directory, case = say(request), snapshot.directory, seen.case
    standing = tracking.standing(case)
    about = tracking.ABOUT[standing]
    office = directory.office(_holder(case, standing))
    may_review = seen.reviewer is not None and _may_review(case, now)
    lines = [_told(words, line, snapshot, case) for line in _shown(case)]
    return page(
        request,
        "tracking/case.html",
        status=status,
        case=case,
        standing=standing,
        about=about,
        office=office,
        why=_why(words, case, office, about),
        explained=explain(words, case, snapshot) if about == "due" else None,
        last_day=_until(words, case) if standing in WITH_LAST_DAY else "",
        until=_until(words, case) if standing in UNTIL else "",
        overdue=tracking.is_overdue(case, now),
        figures=kept_figures(words, case.breach, snapshot),
        lines=lines,
        answers=[(each, directory.office(each.office)) for each in case.answers],
        question=_question(case),
        consents=_consents(case),
        may_review=may_review,
        review_by=_review_by(words, case) if may_review else "",
        reviewer=name_in(words.language, seen.reviewer) if seen.reviewer else "",
        review_within=say_limit(words, limit("review", snapshot.calendar)),
        outside=_outside(seen, now),
        upper=next((each for each in directory.offices if each.kind == "upper"), None),
        # After the last day for a review nothing is left to be done.
        next_key="over" if standing == "closed" and not may_review else standing,
        fields=typed.fields,
        errors=typed.errors,
        late=late,
        minutes=OPEN_SECONDS // 60,
    )


def _holder(case: Case, standing: Standing) -> str | None:
    """Who has the case, or who answered it. Who returned one has it no longer, and who gets it
    next is being found out."""
    if standing == "returned":
        return None
    if tracking.ABOUT[standing] == "answered" and case.answers:
        return case.answers[0].office
    return case.office


def _why(words: Words, case: Case, office: Office | None, about: About) -> str:
    """Why it is this office: as it was routed, or because it stands above the one before."""
    if office and case.last("follow_up", "review_asked", "final_review_asked"):
        return words("tracking.why_above") if about != "answered" else ""
    # Nothing is said of the desk's search once nobody searches any more.
    if office is None and about != "has":
        return ""
    return office_words(words, office, sealed=case.sealed, up=case.went_up)


def _until(words: Words, case: Case) -> str:
    # What counts next while an office asks on its own time is its answer, and no day to reply.
    none = case.next_kind == "calendar_unknown" or (
        case.state == "waiting" and case.owner == "office"
    )
    return "" if none else last_day(words, case)


def _in_time(case: Case, now: datetime) -> bool:
    if case.state != "closed" or case.wake_at is None:
        return False
    return case.next_kind == "calendar_unknown" or now < case.wake_at


def _may_review(case: Case, now: datetime) -> bool:
    may = {"ask_review", "ask_final_review"}.intersection(case.may)
    return bool(may) and _in_time(case, now)


def _review_by(words: Words, case: Case) -> str:
    """The last day to ask for a review; "" while the calendar does not say (R12)."""
    known = case.wake_at is not None and case.next_kind != "calendar_unknown"
    return words.day(_last(case.wake_at)) if known and case.wake_at else ""


def _last(end: datetime) -> date:
    return local(end - timedelta(microseconds=1)).date()


def _outside(seen: Seen, now: datetime) -> bool:
    """Whether the only way on leads out of the county."""
    case = seen.case
    ended = not {"ask_review", "ask_final_review"}.intersection(case.may)
    return bool(case.answers) and _in_time(case, now) and (ended or seen.reviewer is None)


def _consents(case: Case) -> bool:
    """Whether there is a consent to take back: the result is published, or may come to be."""
    last = case.last("result_released", "result_withdrawn", "consent_withdrawn")
    if last is not None and last.kind == "result_released":
        return True
    return case.publish and not (case.sealed or case.wiped or case.state in NEVER_PUBLISHED)


def _question(case: Case) -> str:
    """What the office asked, while it waits."""
    asked = case.last("asked") if case.state == "waiting" else None
    return asked.words if asked else ""


def _shown(case: Case) -> Iterator[Line]:
    """The lines that are told; an answer that goes out at once is told once."""
    told = SEALED_SHOWN if case.sealed else TOLD
    lines = [line for line in case.timeline if line.kind in told]
    for line, after in pairwise([*lines, None]):
        if line and not (line.kind == "answered" and after and after.kind == "released"):
            yield line


def _told(words: Words, line: Line, snapshot: Snapshot, case: Case) -> Told:
    level, due = line.data.get("level"), line.data.get("due")
    text = words(
        f"timeline.{_key(line, case)}_text",
        office=_office_of(words, line, snapshot),
        day=words.day(date.fromisoformat(due)) if due else "",
        n=line.data.get("number"),
        level=words(f"tracking.level_{level}") if level else "",
        solved=words("tracking.solved" if line.data.get("resolved") else "tracking.unsolved"),
    )
    return Told(words(f"timeline.{line.kind}"), words.moment(line.at), text, line.words)


def _key(line: Line, case: Case) -> str:
    if case.sealed and line.kind in SEALED_TOLD:
        return f"{line.kind}_sealed"
    if line.kind == "received" and line.data.get("owner") == "desk":
        return "received_desk"
    if line.kind == "dispatched" and line.data.get("was"):
        return "dispatched_again"
    # Once the answer is overdue, or the days for questions are used up, no clock stands still.
    if line.kind == "asked" and line.data.get("days") == 0:
        return "asked_running"
    if line.kind == "reminded" and line.data.get("owner") == "complainant":
        return "reminded_you"
    if line.kind == "rerouted" and line.data.get("why") == "conflict":
        return "rerouted_conflict" if line.data.get("office") else "rerouted_desk"
    return line.kind


def _office_of(words: Words, line: Line, snapshot: Snapshot) -> str:
    """Which office a line is about; a follow-up without one is the county desk's."""
    code = line.data.get("to" if line.kind == "escalated" else "office")
    office = snapshot.directory.office(code)
    if office is not None:
        return name_in(words.language, office)
    at_desk = line.kind in ("escalated", "follow_up") or line.data.get("owner") == "desk"
    return words("receipt.desk" if at_desk else "timeline.an_office")

"""What the templates of an office's answer are given: words, names and everything typed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web

from complaints import answer_drafts
from complaints.answer_drafts import CONFIRM, FINDINGS, FieldHit
from complaints.answers import Answer, may_answer, may_sign
from complaints.handling import Case, FileShown
from complaints.lifecycle import is_answer_late
from complaints.limits import local
from complaints.model import Allegation
from complaints.steps.words import LONGEST
from complaints.terms import limit
from gateway.context import CONTEXT
from gateway.pages.answer_acts import ID_OF, STEP_FIELDS, acts_of
from gateway.pages.figures import kept_figures
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, LANGUAGE, name_in, page, say

POINT_FIELD = re.compile(r"(finding|reason)-([1-9][0-9]?)")
OTHER_FIELDS = ("done", "reply", "right_of_reply")
FINDING_KINDS = {
    "substantiated": "bad",
    "partly": "warn",
    "unfounded": "neutral",
    "undetermined": "neutral",
    "exonerated": "good",
}
STAGE_KINDS = {
    "waiting": "warn",
    "in_hand": "info",
    "asked": "info",
    "returned": "info",
    "follow_up": "warn",
    "receipt": "warn",
    "received": "good",
    "sent": "good",
    "closed": "neutral",
}
# States that look the same whatever was answered before.
STAGES = {
    "waiting": "asked",
    "return_asked": "returned",
    "disputed": "returned",
    "followed_up": "follow_up",
    "handed_over": "receipt",
}
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Point:
    """An allegation as a page names it; `label` is "" where the case cannot be read."""

    position: int
    label: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with a form, and what stood against it: {field: text}, {field: error key}."""

    fields: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    hits: Sequence[FieldHit] = ()
    # Which of the page's other forms it was, see `gateway.pages.answer_acts`; "" for the answer's.
    verb: str = ""


NOTHING = Typed()


def case_page(
    request: web.Request,
    case: Case,
    answer: Answer | None,
    snapshot: Snapshot,
    typed: Typed = NOTHING,
    *,
    earlier: Sequence[Answer] = (),
    first: bool = False,
    status: int = 200,
) -> web.Response:
    """The case as its office sees it. `first`: somebody else was first, what was typed is kept."""
    directory = snapshot.directory
    stage = stage_of(case, answer)
    office = directory.office(case.office)
    now = request.app[CONTEXT].clock()
    points = [_point(request, each) for each in case.allegations]
    acts = acts_of(case, snapshot, now, say(request))
    gone = typed.verb == "return" and acts["return_late"]
    return page(
        request,
        "answers/case.html",
        status=status,
        case=case,
        answer=answer,
        stage=stage,
        stage_kind=STAGE_KINDS[stage],
        answerable=may_answer(case),
        first=first,
        office=name_in(request[LANGUAGE], office) if office else case.office,
        unit=directory.unit(case.unit),
        person=directory.person(case.staff_badge),
        matter=directory.matter(case.matter),
        sign_by=_last_day(case.next_at) if case.next_kind != "calendar_unknown" else None,
        overdue=is_answer_late(case.state, case.owner, case.due_on, local(now).date()),
        sizes={file.position: _size(request, file) for file in case.attachments},
        figures=kept_figures(say(request), case.breach, snapshot),
        # Words whose form is not there any more.
        kept=kept_fields(request, typed.fields) if first or gone else [],
        earlier=earlier,
        **acts,
        **_form(request, points, typed),
    )


def closed_page(
    request: web.Request,
    why: str,
    typed: Typed = NOTHING,
    *,
    status: int,
    asked_at: datetime | None = None,
) -> web.Response:
    """A link that opens nothing, or a database that is down: what to do, and all that was typed."""
    points = [Point(position) for position in positions_in(typed.fields)]
    return page(
        request,
        "answers/closed.html",
        status=status,
        why=why,
        asked_at=asked_at,
        kept=kept_fields(request, typed.fields),
        **_form(request, points, typed),
    )


def stage_of(case: Case, answer: Answer | None) -> str:
    """Where the case stands for its office: one of `STAGE_KINDS`."""
    if case.sealed and case.wiped_at:
        return "received"
    if case.state in STAGES:
        return STAGES[case.state]
    if may_sign(case.state):
        return "waiting"
    if may_answer(case) or case.state in ("signed", "in_hand"):
        return "in_hand"
    return "sent" if answer else "closed"


def positions_in(fields: Mapping[str, str]) -> list[int]:
    """The allegations that typed fields name, where the case itself cannot be read."""
    found = (POINT_FIELD.fullmatch(name) for name in fields)
    return sorted({int(match[2]) for match in found if match})


def kept_fields(request: web.Request, fields: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(name, label, text) of every answer field that something was typed into."""
    known = (*OTHER_FIELDS, *STEP_FIELDS)
    names = [name for name in fields if POINT_FIELD.fullmatch(name) or name in known]
    return [
        (name, label_of(request, name), _kept_text(request, name, fields[name]))
        for name in names
        if fields[name]
    ]


def label_of(request: web.Request, name: str) -> str:
    """What the page calls a field."""
    words = say(request)
    point = POINT_FIELD.fullmatch(name)
    if point:
        return words(f"answer.field.{point[1]}", n=int(point[2]))
    if name in STEP_FIELDS:
        return words(f"answer.step.{name}")
    if name in OTHER_FIELDS:
        return words(f"answer.{name}")
    return words("answer.person") if name == "person" else name[: answer_drafts.LONGEST_NAME]


def _kept_text(request: web.Request, name: str, text: str) -> str:
    is_finding = name.startswith("finding-") and text in FINDINGS
    return say(request)(f"finding.{text}") if is_finding else text


def _form(request: web.Request, points: Sequence[Point], typed: Typed) -> dict[str, Any]:
    words = say(request)
    worded = {name: _worded(request, name, key) for name, key in typed.errors.items()}
    soft = dict.fromkeys(each.written for each in typed.hits if each.hit.severity == "soft")
    return {
        # The address as it came, so that a form goes back to the link that it was opened with.
        "base": f"/answer/{request.match_info['token']}",
        "points": points,
        # Each form has its own; only what was sent comes back with its errors.
        "typed": {} if typed.verb else typed.fields,
        "worded": {} if typed.verb else worded,
        "act": typed.verb,
        "act_typed": typed.fields if typed.verb else {},
        "act_worded": worded if typed.verb else {},
        "longest_step": LONGEST,
        "summary": [
            (ID_OF.get((typed.verb, name), name), text) for name, text in _in_order(worded, points)
        ],
        "hits": typed.hits,
        "soft": words("answer.phrase_list").join(soft),
        "phrases_shown": answer_drafts.shown_with(typed.hits),
        "findings": [
            (each, words(f"finding.{each}"), words(f"answer.finding_hint.{each}"))
            for each in FINDINGS
        ],
        "finding_kinds": FINDING_KINDS,
        "longest_reason": answer_drafts.LONGEST_REASON,
        "longest_text": answer_drafts.LONGEST_TEXT,
    }


def _in_order(worded: Mapping[str, str], points: Sequence[Point]) -> Iterable[tuple[str, str]]:
    """Errors in the order of the fields on the page; those of no field last."""
    order = [*answer_drafts.field_names([point.position for point in points]), "person", *worded]
    for name in dict.fromkeys(order):
        if name in worded:
            yield name, worded[name]


def _worded(request: web.Request, name: str, key: str) -> str:
    longest = {
        "person": answer_drafts.LONGEST_NAME,
        CONFIRM: 0,
        **dict.fromkeys(STEP_FIELDS, LONGEST),
    }
    held = request.app[CONTEXT].snapshots.held(request[COUNTY])
    if name == "number" and held:
        longest["number"] = limit("extension", held.calendar).number
    most = longest.get(name, answer_drafts.LONGEST_TEXT)
    if name.startswith("reason-"):
        most = answer_drafts.LONGEST_REASON
    return say(request)(f"answer.error.{key}", field=label_of(request, name), most=most)


def _point(request: web.Request, allegation: Allegation) -> Point:
    words, key = say(request), f"category.{allegation.category}"
    label = words(key) if key in words else allegation.category
    return Point(allegation.position, label, allegation.detail)


def _size(request: web.Request, file: FileShown) -> str:
    if file.size < MEGABYTE:
        return say(request)("answer.kilobytes", size=max(1, file.size // 1024))
    return say(request)("answer.megabytes", size=f"{file.size / MEGABYTE:.1f}")


def _last_day(end: datetime | None) -> date | None:
    """The day that is over at `end`."""
    return local(end - timedelta(microseconds=1)).date() if end else None


def county_of(request: web.Request) -> str:
    """The schema of the request's county."""
    return request[COUNTY].schema

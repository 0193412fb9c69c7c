"""A case's page in the words of its reader: where it stands, who is recused, why supervised."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from complaints.lifecycle import is_answer_late
from complaints.limits import local
from complaints.routing import Step
from complaints.standing import Standing
from complaints.steps import desk
from complaints.supervision import Raised, Recused
from complaints.terms import limit
from gateway.i18n import Words
from gateway.pages.desk.case_story import letter_lines, line_of, namer, reasons_of
from gateway.pages.desk.due import due_words
from gateway.pages.figures import derivation, kept_figures, say_due
from gateway.reasons import say_category, say_limit, say_step
from gateway.snapshots import Snapshot
from gateway.views import name_in

if TYPE_CHECKING:
    from gateway.pages.desk.case import Read

# Of these the page says what happens next; the others have words of their own.
TOLD_NEXT = (
    "dispatch", "assign", "redo", "refuse_return", "close", "dispute", "merge", "remind",
    "supervise", "lift",
)  # fmt: skip
WHY_SUPERVISED = ("upheld", "returned", "desk")


def view(
    words: Words, read: "Read", snapshot: Snapshot, now: datetime, offices: list[Any]
) -> dict[str, Any]:
    """The data of `desk/case.html`."""
    case, directory, said = read.case, snapshot.directory, read.words
    due = case.answer_due(snapshot.calendar)
    return {
        "case": case,
        "said": said,
        "answers": [(row, directory.office(row["office"])) for row in read.answers],
        "office": directory.office(case.office),
        "unit": directory.unit(case.unit) if said else None,
        "person": directory.person(case.staff_badge) if said else None,
        "matter": directory.matter(case.matter) if said else None,
        "next_due": due_words(words, case.next_at, case.next_kind),
        "overdue": case.owner is not None and case.next_at is not None and case.next_at <= now
        and case.next_kind != "calendar_unknown",
        "late_answer": is_answer_late(
            case.state, case.owner, case.due_on, local(now).date()),
        # A year whose calendar is not published gives no day, and the page says which year.
        "due_unknown": say_due(words, due) if due and case.owner and due.day is None else "",
        "length": say_limit(words, case.limit) if case.limit else "",
        "counted": derivation(words, due) if due and due.day == case.due_on else (),
        "counted_next": derivation(words, read.next_due) if read.next_due else (),
        "next_length": say_limit(words, read.next_due.limit) if read.next_due else "",
        "figures": kept_figures(words, said.breach, snapshot) if said else None,
        "labels": {each["position"]: say_category(words, each["category"])
                   for each in (said.allegations if said else ())},
        "story": [line_of(words, each, snapshot) for each in (said.events if said else ())],
        "reasons": reasons_of(words, said.routing, snapshot) if said else ([], []),
        "supervised": _supervised(words, said.supervised if said else (), snapshot),
        "recused": _recused(words, said.recused if said else (), snapshot),
        "told_next": TOLD_NEXT,
        "remindable": desk.can_be_reminded(case.state, case.owner),
        "allowed": frozenset(case.allowed("desk")) - (
            # An office that has the follow-up gets in touch itself.
            {"redo", "close"} if case.owner == "office" else set()),
        "offices": [
            (each, say_step(words, Step(0, "conflict", why), namer(words, snapshot))
             if why else "", first)
            for each, why, first in offices
        ],
        "kinds": [
            (kind, words(f"desk.case.kind.{kind}", within=say_limit(words, limit(kind,
             snapshot.calendar)))) for kind in ("complaint", "help", "enquiry")
        ],
        "likely": [(each, words("complaints.list_comma").join(
            words(f"desk.alike.{why}") for why in each.why)) for each in read.likely],
    }  # fmt: skip


def view_sealed(words: Words, case: Standing, snapshot: Snapshot) -> dict[str, Any]:
    """The data of `desk/sealed.html`: number, office and times; whether it waits to be handed
    over, and the offices above the county."""
    return {
        "case": case,
        "office": snapshot.directory.office(case.office),
        "next_due": due_words(words, case.next_at, case.next_kind),
        "waits": "hand_over" in case.allowed("desk"),
        # Whom it is about nobody here knows, so no office of the county itself may have it.
        "above": [each for each in snapshot.directory.offices if each.kind == "upper"],
    }


def letter_rows(words: Words, read: "Read", snapshot: Snapshot) -> list[dict[str, Any]]:
    """The case's letters; nothing for who may not act."""
    return letter_lines(words, read.posted.letters, read.posted.tasks, snapshot)


def _supervised(words: Words, raised: Sequence[Raised], snapshot: Snapshot) -> list[str]:
    """Why, about whom, since when, and by whom."""
    name = namer(words, snapshot)
    told = []
    for each in raised:
        unit = snapshot.directory.unit(each.subject)
        about = name_in(words.language, unit) if unit else name(each.subject)
        by = words("desk.actor.desk") if each.actor else words("desk.actor.system")
        who = words("desk.case.by", actor=by, name=each.actor) if each.actor else by
        why = words(f"desk.supervised.{each.why}", about=about)
        told.append(words("desk.case.since_by", what=why, when=words.moment(each.at), by=who))
    return told


def _recused(
    words: Words, recused: Sequence[Recused], snapshot: Snapshot
) -> list[tuple[str, str, str]]:
    """(badge or office code, who in words, when and by whom)."""
    name = namer(words, snapshot)
    actor = words("desk.actor.desk")
    return [
        (each.who, name(each.who), words("desk.case.when_by", when=words.moment(each.at),
            by=words("desk.case.by", actor=actor, name=each.actor)))
        for each in recused
    ]  # fmt: skip

"""What an office's page offers besides signing and answering, and until when what comes next."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from complaints import lifecycle
from complaints.handling import Case
from complaints.lifecycle import State
from complaints.limits import Limit, local
from complaints.standing import days_left
from complaints.steps.office import is_return_late
from complaints.terms import LimitKind, limit
from gateway.i18n import Words
from gateway.reasons import say_limit
from gateway.snapshots import Snapshot
from gateway.views import name_in

# The fields of these forms; "person" is the one of the form that signs.
STEP_FIELDS = ("reason", "proposed", "number", "question", "outcome", "account")
# Kinds of message that an office reads (see `complaints.store.handling`).
TOLD = (
    "question", "reply", "extension", "rating", "follow_up", "review", "withdrawal",
    "return", "refusal", "assignment", "dispatch", "reminder",
)  # fmt: skip
# Two forms of one page have a field of the same name: each needs an id of its own.
ID_OF = {("return", "reason"): "return-reason", ("extension", "reason"): "extension-reason"}
# Limits that the forms name.
_SAID: tuple[LimitKind, ...] = (
    "ask_review", "rework", "reply", "sign", "decide_return", "decide_dispute",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """A form that is shown. `until`: the last day of what comes next, None where it is unknown."""

    until: date | None = None
    second: bool = False
    # Of a question: whether the answer's clock stands still meanwhile, and for how long at most.
    clock: Literal["stops", "used", "last_day", "overdue"] = "stops"
    within: str = ""


def acts_of(case: Case, snapshot: Snapshot, now: datetime, words: Words) -> dict[str, Any]:
    """The forms that the case allows, {verb: Act}, and the offices that a return may name."""
    may = set(case.allowed)
    acts: dict[str, Act] = {}
    returns = bool(may & {"ask_return", "dispute"})
    late = returns and is_return_late(case.since, snapshot.calendar, now)
    if returns and not late:
        second = "dispute" in may
        state: State = "disputed" if second else "return_asked"
        acts["return"] = Act(_day(state, snapshot, now), second)
    if "extend" in may and (case.due_on is None or local(now).date() < case.due_on):
        acts["extension"] = Act(case.due_on)
    if "ask" in may:
        acts["question"] = _question(case, snapshot, now, words)
    if "redo" in may:
        acts["contact"] = Act(_day("rework", snapshot, now))
    if "take_up" in may:
        acts["take-up"] = Act()
    if "resume" in may:
        acts["resume"] = Act()
    if "confirm_receipt" in may:
        acts["receipt"] = Act()
    calendar = snapshot.calendar
    within = {kind: say_limit(words, limit(kind, calendar)) for kind in _SAID}
    said = {"within": within, "most_extension": limit("extension", calendar).number}
    return said | {
        "acts": acts,
        "return_late": late,
        "offices": _offices(case, snapshot, words) if "return" in acts else (),
    }


def _question(case: Case, snapshot: Snapshot, now: datetime, words: Words) -> Act:
    """A question stops the clock of an answer before its due day, as long as there is time left
    for it."""
    today = local(now).date()
    if case.due_on is not None and today >= case.due_on:
        return Act(clock="overdue" if today > case.due_on else "last_day")
    days = days_left(case.stops, snapshot.calendar)
    if not days:
        return Act(clock="used")
    return Act(
        _day("waiting", snapshot, now, reply_days=days), within=say_limit(words, Limit(days))
    )


def _day(state: State, snapshot: Snapshot, now: datetime, reply_days: int = 0) -> date | None:
    """The last day of a state that would begin now."""
    today, calendar = local(now).date(), snapshot.calendar
    until = lifecycle.deadline(state, today, calendar, reply_days=reply_days)
    return until.due.day if until else None


def _offices(case: Case, snapshot: Snapshot, words: Words) -> list[tuple[str, str]]:
    others = [each for each in snapshot.directory.offices if each.code != case.office]
    named = [(each.code, name_in(words.language, each)) for each in others]
    return [("", words("answer.choose_office")), *named]

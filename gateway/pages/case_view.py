"""A case in plain words for its complainant: who has it and why, when the answer is due."""

from dataclasses import dataclass
from datetime import timedelta

from board.model import Office
from complaints.deadlines import due
from complaints.lifecycle import ANSWER
from complaints.limits import local
from complaints.tracking import Case, derive
from gateway.i18n import Words
from gateway.pages.figures import Counted, derivation
from gateway.reasons import say_limit
from gateway.snapshots import Snapshot

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer's due day, said and counted; `counted` is empty when it cannot be shown."""

    due: str
    length: str
    start: str
    counted: tuple[Counted, ...]


def explain(words: Words, case: Case, snapshot: Snapshot) -> Explained | None:
    """When the answer is due and how that was counted (R13); None before it was accepted."""
    if case.limit is None or case.limit_start is None:
        return None
    found = derive(case, snapshot.calendar)
    length, start = say_limit(words, case.limit), words.day(case.limit_start)
    counted = derivation(words, found) if found and found.at else ()
    if case.due_on:
        return Explained(words.day(case.due_on), length, start, counted)
    unknown = due(case.limit_start, ANSWER["complaint"], snapshot.calendar).unknown_year
    told = words("figures.no_calendar", year=unknown or case.limit_start.year + 1)
    return Explained(told, length, start, ())


def office_words(words: Words, office: Office | None, *, sealed: bool, up: bool) -> str:
    """Why it is this office, or that the county desk has to find one."""
    if sealed:
        return words("office.why.sealed" if office else "office.why.sealed_desk")
    if office is None:
        return words("office.why.desk")
    why = words(f"office.why.{office.kind.replace('-', '_')}")
    return why + words("office.why.up") if up else why


def last_day(words: Words, case: Case) -> str:
    """The last day on which whoever has the case is in time; deadlines end with their day."""
    return words.day(local(case.next_at - _MOMENT).date()) if case.next_at else ""

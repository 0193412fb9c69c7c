"""What the desk keeps of a case besides deciding it: supervision, recusals, whom it is about.

Each is an event with the reason as its words, which the desk alone reads.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from board.calendar import Calendar
from board.model import Staff
from complaints.standing import By, Move, Standing, begin
from complaints.steps.desk import not_wiped
from complaints.steps.words import Refused, needed


def lift(case: Standing, text: str, desk: By, *, calendar: Calendar, now: datetime) -> Move:
    """Ends supervision (督办), whoever raised it; also of a case that is over by now. Of a wiped
    one the reason is not kept."""
    if case.supervised_at is None:
        raise Refused("not_supervised")
    words = needed(text, "reason")
    lifted = begin(case, calendar, now).noting(supervised_at=None)
    if case.wiped_at is not None:
        return lifted.tell("supervision_lifted", desk, {})
    return lifted.tell("supervision_lifted", desk, {}, words=words, message="note")


def recuse(
    case: Standing, who: str, text: str, desk: By, *, calendar: Calendar, now: datetime
) -> Move:
    """A person (badge) or an office (code) steps back from this case; routing uses it at once. Not
    from one that was merged: nobody decides it but who has the case that it waits for."""
    if case.state == "merged":
        raise Refused("recuse_merged")
    if not who:
        raise Refused("missing", "who")
    return _kept(case, "recused", {"who": who}, text, desk, calendar=calendar, now=now)


def take_back(
    case: Standing,
    who: str,
    recused: Collection[str],
    text: str,
    desk: By,
    *,
    calendar: Calendar,
    now: datetime,
) -> Move:
    """A recusal was written by mistake, or its ground is gone; `recused` are those that stand."""
    if who not in recused:
        raise Refused("not_recused")
    return _kept(case, "recusal_withdrawn", {"who": who}, text, desk, calendar=calendar, now=now)


def identify(
    case: Standing, person: Staff | None, text: str, desk: By, *, calendar: Calendar, now: datetime
) -> Move:
    """Whom the complainant could not name is known now; the reason says how that was found out."""
    if case.owner is None:
        raise Refused("over")
    if person is None:
        raise Refused("nobody", "badge")
    told = {"who": person.badge}
    return _kept(case, "identified", told, text, desk, calendar=calendar, now=now)


def resend(
    case: Standing, letter: Mapping[str, Any], desk: By, *, calendar: Calendar, now: datetime
) -> Move:
    """A letter that was given up is tried again; `letter` has its template and recipient."""
    told = {"template": letter["template"], "recipient": letter["recipient"]}
    return begin(case, calendar, now).noting().tell("letter_resent", desk, told)


def settle(
    case: Standing,
    letter: Mapping[str, Any],
    text: str,
    desk: By,
    *,
    calendar: Calendar,
    now: datetime,
) -> Move:
    """What a letter should have told was told otherwise, and how. Of a sealed case nobody writes
    a word here."""
    told = {"template": letter["template"], "recipient": letter["recipient"]}
    if case.sealed:
        return begin(case, calendar, now).noting().tell("letter_settled", desk, told)
    return _kept(case, "letter_settled", told, text, desk, calendar=calendar, now=now)


def _kept(
    case: Standing,
    kind: str,
    told: Mapping[str, Any],
    text: str,
    desk: By,
    *,
    calendar: Calendar,
    now: datetime,
) -> Move:
    words = needed(text, "reason")
    not_wiped(case)
    return begin(case, calendar, now).noting().tell(kind, desk, told, words=words, message="note")

"""What a supervisor does with the result of a case: lets everybody read it, and takes it back."""

from datetime import datetime

from board.calendar import Calendar
from complaints.standing import COMPLAINANT, By, Move, Standing, begin
from complaints.steps.words import Refused

# Whose result can be told: what ended with an answer.
ENDED = frozenset({"closed", "archived"})


def release(
    case: Standing, *, consented: bool, desk: By, calendar: Calendar, now: datetime
) -> Move:
    """The result may be read by everybody. Only with the complainant's consent, never of a sealed
    case, and not once its words are wiped. Raises `Refused`: not_to_publish."""
    if case.state not in ENDED or case.sealed or case.wiped_at is not None or not consented:
        raise Refused("not_to_publish")
    return _noted(case, "result_released", desk, calendar, now)


def withdraw(case: Standing, desk: By, *, calendar: Calendar, now: datetime) -> Move:
    """Nobody reads the result any more."""
    return _noted(case, "result_withdrawn", desk, calendar, now)


def take_back(case: Standing, *, calendar: Calendar, now: datetime) -> Move:
    """The complainant agrees to the publication no longer."""
    return _noted(case, "consent_withdrawn", COMPLAINANT, calendar, now)


def _noted(case: Standing, kind: str, desk: By, calendar: Calendar, now: datetime) -> Move:
    """The time in which a review can be asked for, and the time of keeping, run on as before."""
    move = begin(case, calendar, now).noting()
    return move._replace(case=move.case._replace(wake_at=case.wake_at)).tell(kind, desk, {})

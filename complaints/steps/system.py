"""What the system does by itself when a case is due to be looked at (see `complaints.timers`)."""

from datetime import datetime, timedelta

from board.calendar import Calendar
from complaints import timers
from complaints.offices import Directory, Facts
from complaints.standing import SYSTEM, Move, Standing, begin, replied


def wake(
    case: Standing,
    directory: Directory,
    calendar: Calendar,
    now: datetime,
    facts: Facts | None = None,
) -> Move:
    """Does what is owed once, however late it is, and plans the next look. `facts` are asked for
    where something is escalated: who is in conflict does not hear of it."""
    owed = timers.owed(case.timed, now, calendar, case.wake_at)
    move = begin(case, calendar, now)
    if owed == "end":
        stopped = replied(case, now) if case.state == "waiting" else {}
        return move.then(timers.ENDS[case.state], SYSTEM, **stopped)
    if owed == "wipe":
        return move.noting(looked=True, wiped_at=now).tell("wiped", SYSTEM, {})
    if owed == "reminder":
        return move.noting(looked=True).tell("reminded", SYSTEM, _told(case))
    if owed == "escalation":
        return _escalated(move, directory, facts)
    return move.noting(looked=True)


def later(case: Standing, calendar: Calendar, now: datetime) -> Move:
    """Leaves the case as it is, to be looked at again in an hour."""
    put_off = case._replace(steps=case.steps + 1, wake_at=now + timedelta(hours=1))
    return Move(case, put_off, calendar, now)


def _escalated(move: Move, directory: Directory, facts: Facts | None) -> Move:
    """Tells the office above, the next time the one above that; for the desk, the desk. The first
    time it is written down that the limit was breached: which one, and since when."""
    case = move.case
    times = case.escalations + 1
    office = directory.office(case.office) if case.owner == "office" else None
    to = timers.escalate_to(office, times, case.unit, directory, facts)
    told = {**_told(case), "to": to, "times": times}
    move = move.noting(looked=True, escalations=times)
    if times == 1:
        since = {"office": case.office, "kind": case.next_kind, "since": told["by"]}
        move = move.tell("breached", SYSTEM, since | {"owner": case.owner})
    return move.tell("escalated", SYSTEM, told)


def _told(case: Standing) -> dict[str, str | None]:
    """Codes and days for the letter: who has it, and the day that it is about."""
    by = case.timed.due_day
    return {
        "office": case.office,
        "owner": case.owner,
        "kind": case.next_kind,
        "due": case.due_on.isoformat() if case.due_on else None,
        "by": by.isoformat() if by else None,
    }

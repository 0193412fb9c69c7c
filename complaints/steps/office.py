"""What an oversight office does besides signing and answering: take up, return, extend, ask, go on,
follow up, and confirm that it has what is sealed."""

from datetime import datetime

from board.calendar import Calendar
from complaints import lifecycle
from complaints.limits import Extension, local
from complaints.offices import Directory
from complaints.standing import SYSTEM, By, Move, Standing, asked, begin, replied
from complaints.steps.words import Refused, needed, worded
from complaints.terms import limit


def ask_return(
    case: Standing,
    reason: str,
    proposed: str,
    directory: Directory,
    *,
    calendar: Calendar,
    now: datetime,
) -> Move:
    """Not ours: with the reason and the office that it should be. A second time it is a dispute,
    which the county desk ends by assigning; after that there is no further return.

    Within 1 working day of the dispatch, which is the time to sign for it.
    """
    words = needed(reason, "reason")
    office = directory.office(proposed)
    if office is None or office.code == case.office:
        raise Refused("office_unknown", "proposed")
    step: lifecycle.Step = "dispute" if case.returns else "ask_return"
    if step not in case.allowed("office"):
        raise Refused("no_return")
    if is_return_late(case.since, calendar, now):
        raise Refused("return_late", "reason")
    move = begin(case, calendar, now).then(
        step,
        By("office", case.office),
        data={"proposed": office.code},
        words=words,
        message="return",
    )
    if step == "ask_return" or case.supervised_at is not None:
        return move
    # Returned twice: the case is under supervision by itself (domain.md).
    told = {"office": case.office, "why": "returned"}
    return move.noting(supervised_at=now).tell("supervised", SYSTEM, told)


def take_up(case: Standing, person: str, *, calendar: Calendar, now: datetime) -> Move:
    """``person`` looks into it from now on; what an office has taken up it returns no more."""
    if "take_up" not in case.allowed("office"):
        raise Refused("not_signed")
    return begin(case, calendar, now).then(
        "take_up", By("office", case.office), data={"person": person}
    )


def is_return_late(since: datetime | None, calendar: Calendar, now: datetime) -> bool:
    """Whether the time to sign for a case is over, which came to its office ``since`` then; also
    where it was signed for in time. Never while no calendar says so."""
    until = lifecycle.deadline("dispatched", local(since or now).date(), calendar)
    return until is not None and until.due.day is not None and now >= until.at


def extend(case: Standing, reason: str, number: int, *, calendar: Calendar, now: datetime) -> Move:
    """More time, once, at most 10 working days, before the due day; the complainant reads why."""
    words = worded(reason, "reason")
    answer = case.answer_due(calendar)
    today = local(now).date()
    if answer is None or "extend" not in case.allowed("office"):
        raise Refused("lifecycle.extension.twice" if case.extension else "no_extension")
    most = limit("extension", calendar).number
    fault = lifecycle.check_extension(case.case, number, today, answer, most=most)
    if fault:
        raise Refused(fault, "number")
    return begin(case, calendar, now).then(
        "extend",
        By("office", case.office),
        extension=Extension(number, today),
        data={"number": number, "was": case.due_on.isoformat() if case.due_on else None},
        words=words,
        message="extension",
        shown=True,
    )


def ask(case: Standing, question: str, *, calendar: Calendar, now: datetime) -> Move:
    """A question to the complainant. The clock stands still for 10 working days at most, in all;
    once the answer is overdue it does not, and the case stays late."""
    words = worded(question, "question")
    if "ask" not in case.allowed("office"):
        raise Refused("no_question")
    stands = asked(case, calendar, now)
    return begin(case, calendar, now).then(
        "ask",
        By("office", case.office),
        **stands,
        data={"days": stands["asked_days"]},
        words=words,
        message="question",
        shown=True,
    )


def go_on(case: Standing, person: str, *, calendar: Calendar, now: datetime) -> Move:
    """The office needs the complainant's answer no longer; ``person`` says so by name."""
    if "resume" not in case.allowed("office"):
        raise Refused("not_waiting")
    return begin(case, calendar, now).then(
        "resume", By("office", case.office), data={"person": person}, **replied(case, now)
    )


def contacted(
    case: Standing, outcome: str, account: str, *, calendar: Calendar, now: datetime
) -> Move:
    """The office above got in touch after a bad rating: what was agreed, and whether the case is
    worked on again ("redo", with a new answer to come) or ends here ("close")."""
    if outcome not in ("redo", "close"):
        raise Refused("missing", "outcome")
    words = worded(account, "account")
    step: lifecycle.Step = "redo" if outcome == "redo" else "close"
    if case.state != "followed_up" or step not in case.allowed("office"):
        raise Refused("no_follow_up")
    return begin(case, calendar, now).then(
        step, By("office", case.office), words=words, message="follow_up", shown=True
    )


def confirm_receipt(case: Standing, person: str, *, calendar: Calendar, now: datetime) -> Move:
    """The discipline office has the sealed text; from then only code, time and receipt stay.

    Whoever writes this move wipes the words in the same transaction.
    """
    if "confirm_receipt" not in case.allowed("office"):
        raise Refused("not_sealed")
    move = begin(case, calendar, now).then(
        "confirm_receipt", By("office", case.office), data={"person": person}, wiped_at=now
    )
    return move.tell("wiped", SYSTEM, {})

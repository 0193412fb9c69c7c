"""What the complainant does under the tracking code: reply, rate, ask for a review, withdraw."""

from datetime import datetime

from board.calendar import Calendar
from board.model import Office
from complaints import lifecycle
from complaints.standing import COMPLAINANT, SYSTEM, Move, Standing, begin, replied
from complaints.steps.words import Refused, needed, optional

# The lowest two of five are negative and open a follow-up (domain.md, 好差评).
NEGATIVE = 2
LEVELS = (1, 2, 3, 4, 5)
MOST_REVIEWS = 2


def reply(case: Standing, text: str, *, calendar: Calendar, now: datetime) -> Move:
    """Answers the office's question; its clock runs again."""
    words = needed(text, "reply")
    if "reply" not in case.allowed("complainant"):
        raise Refused("not_asked")
    return begin(case, calendar, now).then(
        "reply",
        COMPLAINANT,
        **replied(case, now),
        words=words,
        message="reply",
        shown=True,
    )


def is_negative(level: int, resolved: bool) -> bool:
    """Whether a rating opens a follow-up by the office above."""
    return level <= NEGATIVE or not resolved


def rate(
    case: Standing,
    level: int,
    resolved: bool,
    text: str,
    above: Office | None,
    *,
    calendar: Calendar,
    now: datetime,
) -> Move:
    """Rates the answer. A good rating closes; a bad one goes to ``above``, the office above the
    one that answered (None: the county desk finds one), which has to get in touch in 1 day."""
    words = optional(text, "comment")
    if level not in LEVELS:
        raise Refused("missing", "level")
    if "rate" not in case.allowed("complainant"):
        raise Refused("not_to_rate")
    negative = is_negative(level, resolved)
    move = begin(case, calendar, now).then(
        "rate",
        COMPLAINANT,
        office=(above.code if above else "") if negative else None,
        data={"level": level, "resolved": resolved},
        words=words,
        message="rating" if words else "",
        shown=True,
    )
    if not negative:
        return move.then("close", SYSTEM, data={"why": "rated"})
    told = {"office": move.case.office, "owner": move.case.owner, "next": _next(move.case)}
    return move.tell("follow_up", SYSTEM, told)


def ask_review(
    case: Standing,
    text: str,
    office: Office | None,
    *,
    calendar: Calendar,
    now: datetime,
) -> Move:
    """Asks for a review, a second time for a final review, within 30 days of the close.

    ``office`` is the next one up that never answered this case; None when the county has none
    left, and then the way leads out of the county.
    """
    words = needed(text, "reason")
    step: lifecycle.Step = "ask_final_review" if case.reviews else "ask_review"
    if step not in case.allowed("complainant"):
        raise Refused("no_more_review" if case.reviews >= MOST_REVIEWS else "not_closed")
    # While the calendar does not say the last day, it is not over.
    known = case.next_kind != "calendar_unknown"
    if known and case.wake_at is not None and now >= case.wake_at:
        raise Refused("review_late")
    if office is None:
        raise Refused("review_outside")
    return begin(case, calendar, now).then(
        step,
        COMPLAINANT,
        office=office.code,
        words=words,
        message="review",
        shown=True,
    )


def withdraw(case: Standing, text: str, *, calendar: Calendar, now: datetime) -> Move:
    """Ends the complaint; whoever has it is told. Nobody has one that was merged.

    What was said under seal has nobody left to read it: whoever writes this move wipes the words in
    the same transaction. Of a wiped case, which was merged, the reason is not kept.
    """
    words = "" if case.wiped_at else optional(text, "reason")
    if "withdraw" not in case.allowed("complainant"):
        raise Refused("over")
    move = begin(case, calendar, now).then(
        "withdraw",
        COMPLAINANT,
        data={"merged": True} if case.state == "merged" else {},
        words=words,
        message="withdrawal" if words else "",
        shown=True,
        wiped_at=now if case.sealed else case.wiped_at,
        # Whose it was merged with is no more to whoever ended it.
        merged_into=None,
    )
    return move.tell("wiped", SYSTEM, {}) if case.sealed else move


def _next(case: Standing) -> str | None:
    return case.next_at.isoformat() if case.next_at else None

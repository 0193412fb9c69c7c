"""What the county desk does: decide who answers, end disputes, decline, merge, press, supervise."""

from datetime import datetime, timedelta

from board.calendar import Calendar
from board.model import Office
from complaints import lifecycle, phrases, timers
from complaints.lifecycle import ComplaintKind, Step
from complaints.limits import local
from complaints.standing import By, Move, Standing, accepted, begin
from complaints.steps.words import Refused, needed, optional, worded

# What leads on a case that waits for the desk, each a button of its page.
LEADS_ON: frozenset[lifecycle.Step] = frozenset(
    {"accept", "dispatch", "decline", "refuse_return", "dispute", "assign", "redo", "close"}
)


def dispatch(
    case: Standing,
    office: Office,
    text: str,
    desk: By,
    *,
    calendar: Calendar,
    now: datetime,
    kind: ComplaintKind = "complaint",
) -> Move:
    """Accepts a case that waits for the desk, or sends a returned one to another office.

    The answer's clock starts with the first acceptance, by the limit of what the case is: an
    enquiry and a request for help are answered sooner than a complaint. A return does not move the
    day that the complainant was told. What has to be looked at again and lies with the desk,
    because the county had no office left, goes to one in the same state.
    """
    words = optional(text, "reason")
    move = begin(case, calendar, now)
    if "accept" in case.allowed("desk"):
        move = move.then("accept", desk)
    step: Step = "dispatch"
    if "dispatch" not in move.case.allowed("desk"):
        # A dispute ends by assigning alone: after that there is no further return (domain.md).
        waits = case.owner == "desk" and case.state != "disputed"
        if not waits or "reroute" not in case.allowed("desk"):
            raise Refused("not_to_dispatch")
        step = "reroute"
    facts = accepted(calendar, now, kind) if case.limit is None else {}
    return move.then(
        step,
        desk,
        office=office.code,
        **facts,
        data={"was": case.office},
        words=words,
        message="dispatch" if words else "",
    )


def decline(
    case: Standing, text: str, channel: str, desk: By, *, calendar: Calendar, now: datetime
) -> Move:
    """Not taken up; the complainant always reads the reason and, below it, the right channel:
    which office or telephone to turn to instead."""
    reason = worded(text, "reason")
    instead = optional(channel, "channel")
    if not instead:
        raise Refused("channel", "channel")
    if any(hit.severity == "hard" for hit in phrases.check(instead)):
        raise Refused("phrase_hard", "channel")
    words = f"{reason}\n{instead}"
    if "decline" not in case.allowed("desk"):
        raise Refused("not_to_decline")
    return begin(case, calendar, now).then(
        "decline", desk, words=words, message="decline", shown=True
    )


def hand_over(
    case: Standing, office: Office | None, desk: By, *, calendar: Calendar, now: datetime
) -> Move:
    """Hands a sealed case over unread, where the county has no discipline office that may have it.

    Only to the level above the county: whom it is about stands in the words that nobody here may
    read, so any office of the county may be the subject's own.
    """
    if not case.sealed or "hand_over" not in case.allowed("desk"):
        raise Refused("not_to_dispatch")
    if office is None or office.kind != "upper":
        raise Refused("office", "office")
    move = begin(case, calendar, now).then("hand_over", desk, office=office.code)
    until = move.case.next_at
    told = {"office": office.code, "due": None, "sign_by": until and _last_day(until)}
    return move.tell("dispatched", desk, told)


def _last_day(until: datetime) -> str:
    return (local(until).date() - timedelta(days=1)).isoformat()


def refuse_return(
    case: Standing, text: str, desk: By, *, calendar: Calendar, now: datetime
) -> Move:
    """The office keeps the case, and reads why."""
    words = needed(text, "reason")
    if "refuse_return" not in case.allowed("desk"):
        raise Refused("not_returned")
    return begin(case, calendar, now).then("refuse_return", desk, words=words, message="refusal")


def dispute(case: Standing, desk: By, *, calendar: Calendar, now: datetime) -> Move:
    """Takes a return to those who coordinate between offices."""
    if "dispute" not in case.allowed("desk"):
        raise Refused("not_returned")
    return begin(case, calendar, now).then("dispute", desk)


def assign(
    case: Standing, office: Office, text: str, desk: By, *, calendar: Calendar, now: datetime
) -> Move:
    """Ends a dispute: that office answers, and may not return the case."""
    words = needed(text, "reason")
    if "assign" not in case.allowed("desk"):
        raise Refused("not_disputed")
    return begin(case, calendar, now).then(
        "assign",
        desk,
        office=office.code,
        data={"was": case.office},
        words=words,
        message="assignment",
    )


def redo(
    case: Standing, office: Office, text: str, desk: By, *, calendar: Calendar, now: datetime
) -> Move:
    """The desk itself got in touch after a bad rating, since no office was left above: that office
    works on it again; the complainant reads what was agreed."""
    words = needed(text, "reason")
    if not _follows_up(case):
        raise Refused("no_follow_up")
    return begin(case, calendar, now).then(
        "redo",
        desk,
        office=office.code,
        data={"was": case.office},
        words=words,
        message="follow_up",
        shown=True,
    )


def close(case: Standing, text: str, desk: By, *, calendar: Calendar, now: datetime) -> Move:
    """The case ends at the desk, which has it because no office was left: with what was agreed, or
    with where to turn for the review that nobody here may decide."""
    words = needed(text, "reason")
    if case.owner != "desk" or "close" not in case.allowed("desk"):
        raise Refused("no_follow_up")
    return begin(case, calendar, now).then(
        "close", desk, words=words, message="follow_up", shown=True
    )


def _follows_up(case: Standing) -> bool:
    """Whether a follow-up waits for the desk; where an office has it, it is that office's."""
    return case.state == "followed_up" and case.owner == "desk"


def merge(case: Standing, into: Standing, desk: By, *, calendar: Calendar, now: datetime) -> Move:
    """The same complaint twice: this one ends here, and its complainant gets the other's answer."""
    if into.id == case.id or into.merged_into is not None or into.sealed != case.sealed:
        raise Refused("merge_into", "into")
    if into.state not in lifecycle.OPEN:
        raise Refused("merge_over", "into")
    if "merge" not in case.allowed("desk"):
        raise Refused("not_to_merge")
    told = {"into": into.number}
    if case.office is not None and case.office != into.office:
        # It loses the case, and has not the other one either.
        told["was"] = case.office
    return begin(case, calendar, now).then("merge", desk, merged_into=into.id, data=told)


def can_be_reminded(state: lifecycle.State, owner: str | None) -> bool:
    """Whether anybody is to be pressed: nobody has a case that is over, and who may rate need
    not."""
    return owner is not None and state not in timers.UNREMINDED


def remind(case: Standing, text: str, desk: By, *, calendar: Calendar, now: datetime) -> Move:
    """Presses whoever has to act."""
    words = optional(text, "reason")
    if case.owner is None:
        raise Refused("over")
    if not can_be_reminded(case.state, case.owner):
        raise Refused("not_to_remind")
    told = {"office": case.office, "owner": case.owner, "due": _day(case)}
    return (
        begin(case, calendar, now)
        .noting()
        .tell("reminded", desk, told, words=words, message="reminder" if words else "")
    )


def supervise(case: Standing, why: str, desk: By, *, calendar: Calendar, now: datetime) -> Move:
    """Puts a case under supervision (督办): it stays on the desk's list until that is lifted."""
    if case.owner is None:
        raise Refused("over")
    if case.supervised_at is not None:
        raise Refused("supervised")
    told = {"office": case.office, "why": why}
    return begin(case, calendar, now).noting(supervised_at=now).tell("supervised", desk, told)


def note(case: Standing, text: str, desk: By, *, calendar: Calendar, now: datetime) -> Move:
    """A note for the desk alone."""
    words = needed(text, "note")
    not_wiped(case)
    return begin(case, calendar, now).noting().tell("noted", desk, {}, words=words, message="note")


def view_contact(case: Standing, text: str, desk: By, *, calendar: Calendar, now: datetime) -> Move:
    """Looks at how to reach the complainant: on a stated reason, which is written down."""
    words = needed(text, "reason")
    not_wiped(case)
    return (
        begin(case, calendar, now)
        .noting()
        .tell("contact_viewed", desk, {}, words=words, message="view")
    )


def not_wiped(case: Standing) -> None:
    """What is written after the wiping would be kept for ever."""
    if case.wiped_at is not None:
        raise Refused("wiped")


def _day(case: Standing) -> str | None:
    return case.due_on.isoformat() if case.due_on else None

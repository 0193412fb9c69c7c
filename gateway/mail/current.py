"""Whether a letter is still true when it is sent, and until when its reader has to act. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from complaints.lifecycle import OPEN
from gateway.i18n import ZONE
from gateway.mail.letters import WITH_LINK
from gateway.store.letters import Claimed

# Letters that ask for something which is only to be done while the case is in that state.
STILL: Mapping[str, frozenset[str]] = {
    "return_asked": frozenset({"return_asked"}),
    "disputed": frozenset({"disputed"}),
    "asked": frozenset({"waiting"}),
    "follow_up": frozenset({"followed_up"}),
    "sent_back": frozenset({"rework"}),
    "rework": frozenset({"rework"}),
    "review_asked": frozenset({"review"}),
    "final_review_asked": frozenset({"final_review"}),
}
# Of these the event does not name the day: it is the case's own, while it waits for just that.
OWN_DAY: Mapping[str, str] = {
    "dispatched": "sign",
    "return_refused": "sign",
    "assigned": "sign",
    "return_asked": "decide_return",
    "disputed": "decide_dispute",
    "asked": "reply",
    "follow_up": "follow_up",
    "sent_back": "rework",
    "rework": "rework",
    "review_asked": "review",
    "final_review_asked": "review",
}
# What tells the complainant who has it now.
OF_OFFICE = frozenset({"assigned", "moved_conflict", "moved_rules", "moved_desk"})
_TICK = timedelta(microseconds=1)


def untrue(letter: Claimed) -> str | None:
    """Why a letter is not to be sent any more; None while it is true."""
    # The complainant hears of the newer office from that one's own dispatch.
    about_office = letter.recipient == "office" or letter.template in OF_OFFICE
    if about_office and letter.holder != letter.office:
        return "the case has moved to another office"
    # A merged case keeps the name of its office, which has it no longer.
    has_it = letter.holder == letter.office and letter.state != "merged"
    if letter.recipient == "former" and has_it:
        return "the case has come back"
    asks = letter.template in WITH_LINK and letter.kind != "link_asked"
    if asks and letter.state not in OPEN:
        return "the case is over"
    if letter.state not in STILL.get(letter.kind, (letter.state,)):
        return "the case has moved on"
    if letter.kind in ("reminded", "escalated") and not _still_owed(letter):
        return "what it asks for was done"
    return None


def _still_owed(letter: Claimed) -> bool:
    # A reminder that the desk sends by hand names no kind of deadline.
    data = letter.data
    was = (data.get("office"), data.get("owner", letter.owner), data.get("kind", letter.next_kind))
    return letter.state in OPEN and was == (letter.holder, letter.owner, letter.next_kind)


def act_by(letter: Claimed) -> date | None:
    """The last day on which the reader is in time; None where the calendar does not say (R12)."""
    data = letter.data
    # Whoever is pressed by hand, or goes on with it, has the case's own day.
    own = letter.kind in ("reminded", "rerouted") or OWN_DAY.get(letter.kind) == letter.next_kind
    told = data.get("sign_by") or data.get("by")
    if told:
        return date.fromisoformat(told)
    if own and letter.next_at is not None and letter.next_kind != "calendar_unknown":
        return _last_day(letter.next_at)
    return _told(data.get("next"))


def _told(text: str | None) -> date | None:
    """A day, or the last day before a moment."""
    if text is None:
        return None
    return _last_day(datetime.fromisoformat(text)) if "T" in text else date.fromisoformat(text)


def _last_day(end: datetime) -> date:
    return (end - _TICK).astimezone(ZONE).date()

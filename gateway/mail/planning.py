"""Which letters an event asks for: a table and one pure function."""

from collections.abc import Mapping
from dataclasses import dataclass

from complaints.model import LETTER_EVENTS, Recipient
from gateway.mail.letters import WITH_LINK

TEMPLATES: Mapping[tuple[str, Recipient], str] = {
    ("received", "complainant"): "received",
    ("received", "desk"): "waiting",
    ("dispatched", "office"): "dispatched",
    ("dispatched", "complainant"): "assigned",
    ("return_asked", "desk"): "desk_returned",
    ("return_refused", "office"): "refused",
    ("disputed", "desk"): "desk_disputed",
    ("assigned", "office"): "settled",
    ("assigned", "complainant"): "assigned",
    ("asked", "complainant"): "asked",
    ("replied", "office"): "replied",
    ("resumed", "office"): "resumed",
    ("extended", "complainant"): "extended",
    ("released", "complainant"): "answered",
    ("sent_back", "office"): "rework",
    ("follow_up", "office"): "follow_up",
    ("follow_up", "desk"): "desk_follow_up",
    ("rework", "office"): "rework",
    ("closed", "complainant"): "closed",
    ("lapsed", "complainant"): "closed",
    ("review_asked", "office"): "review",
    ("final_review_asked", "office"): "review",
    ("review_decided", "complainant"): "decided",
    ("declined", "complainant"): "declined",
    ("merged", "former"): "merged_away",
    ("merged", "complainant"): "merged",
    ("unmerged", "complainant"): "unmerged",
    ("withdrawn", "office"): "withdrawn",
    ("withdrawn", "desk"): "desk_withdrawn",
    ("reminded", "office"): "reminded",
    ("reminded", "complainant"): "reply_missing",
    ("reminded", "desk"): "desk_reminded",
    ("escalated", "office"): "sealed",
    ("escalated", "above"): "escalated",
    ("escalated", "desk"): "desk_escalated",
    ("supervised", "office"): "supervised",
    ("supervised", "desk"): "desk_supervised",
    ("link_asked", "office"): "renewed",
    ("rerouted", "office"): "handed_on",
    ("rerouted", "former"): "taken_away",
    ("rerouted", "complainant"): "moved",
    ("rerouted", "desk"): "desk_moved",
}
# Events that are told to whoever has to act, and to nobody else.
TO_OWNER = frozenset({"reminded", "follow_up"})


@dataclass(frozen=True, slots=True)
class Planned:
    """One letter to write: which, to whom, and in which language."""

    template: str
    recipient: Recipient
    language: str


@dataclass(frozen=True, slots=True)
class About:
    """What decides who hears of an event.

    `at_desk`: the county desk has to act. `at_once`: it happened as the complaint came in, so
    that the complainant's letter of receipt tells of it. `owner`: who has to act. `to`: the
    office above a late one, or "desk". `actor`: who did it, by kind; `by_holder`: that was the
    office itself that the letter would go to. `why`: why another office has it. `was`: the office
    that has it no longer. `merged`: it waited for the answer to another case, and nobody had it.
    """

    kind: str
    sealed: bool
    at_desk: bool
    has_email: bool
    at_once: bool = False
    has_office: bool = True
    owner: str | None = None
    to: str | None = None
    actor: str = "system"
    by_holder: bool = False
    why: str = ""
    was: str | None = None
    merged: bool = False


def plan(about: About, language: str) -> tuple[Planned, ...]:
    """The letters of an event; `language` is the complainant's.

    Offices and the desk read Simplified Chinese, in which state organs do their work
    (国家通用语言文字法, article 9). A sealed case writes to the discipline office alone.
    """
    return tuple(
        Planned(
            _template(about, recipient),
            recipient,
            language if recipient == "complainant" else "zh-Hans",
        )
        for recipient in LETTER_EVENTS.get(about.kind, ())
        if _wanted(about, recipient)
    )


def _wanted(about: About, recipient: Recipient) -> bool:
    if about.merged or (about.sealed and recipient != "office"):
        return False
    if about.kind in TO_OWNER and recipient != about.owner:
        return False
    if recipient == "office":
        # The office above is told openly; of a sealed case only the discipline office hears.
        escalation = about.kind == "escalated" and not about.sealed
        return about.has_office and not about.by_holder and not escalation
    if recipient == "complainant":
        return about.has_email and not _known(about)
    if recipient == "above":
        return about.to not in (None, "desk")
    if recipient == "former":
        return about.was is not None
    return _for_desk(about)


def _known(about: About) -> bool:
    """What the complainant was told already, or did."""
    return (about.kind == "dispatched" and about.at_once) or (
        about.kind == "closed" and about.actor == "system"
    )


def _for_desk(about: About) -> bool:
    if about.kind == "received":
        return about.at_desk
    if about.kind == "escalated":
        return about.to in (None, "desk")
    return about.kind not in ("withdrawn", "rerouted") or not about.has_office


def _template(about: About, recipient: Recipient) -> str:
    template = TEMPLATES[about.kind, recipient]
    if about.sealed:
        return "sealed" if template in WITH_LINK else "sealed_over"
    if template == "moved":
        return f"moved_{about.why}" if about.has_office else "moved_desk"
    return "received_waiting" if template == "received" and about.at_desk else template

"""Which letters an event asks for: a table and one pure function."""

from collections.abc import Mapping
from dataclasses import dataclass

from complaints.model import LETTER_EVENTS, Recipient

TEMPLATES: Mapping[tuple[str, Recipient], str] = {
    ("received", "complainant"): "received",
    ("received", "desk"): "waiting",
    ("dispatched", "office"): "dispatched",
    ("dispatched", "complainant"): "assigned",
    ("returned", "desk"): "waiting",
    ("released", "complainant"): "answered",
    ("link_asked", "office"): "renewed",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One letter to write: which, to whom, and in which language."""

    template: str
    recipient: Recipient
    language: str


def plan(
    kind: str, *, sealed: bool, at_desk: bool, language: str, has_email: bool, at_once: bool = False
) -> tuple[Planned, ...]:
    """The letters of an event.

    `at_desk`: the county desk has to decide who answers. `at_once`: it happened as the complaint
    came in, so that the complainant's letter of receipt tells of it. Offices and the desk read
    Simplified Chinese, in which state organs do their work (国家通用语言文字法, article 9).
    A sealed case writes to the discipline office alone (domain.md).
    """
    wanted = {
        "office": True,
        "complainant": has_email and not sealed and not (kind == "dispatched" and at_once),
        "desk": at_desk and not sealed,
    }
    return tuple(
        Planned(
            _template(kind, recipient, sealed=sealed, at_desk=at_desk),
            recipient,
            language if recipient == "complainant" else "zh-Hans",
        )
        for recipient in LETTER_EVENTS.get(kind, ())
        if wanted[recipient]
    )


def _template(kind: str, recipient: Recipient, *, sealed: bool, at_desk: bool) -> str:
    template = TEMPLATES[kind, recipient]
    if sealed:
        return "sealed"
    return "received_waiting" if template == "received" and at_desk else template

"""The letters of a case's life: a table, as they differ in words alone.

Each says what happened, what to do, until when, and why it came; an office's letter brings a link
where it has to act, the complainant's points at the tracking page, the desk's at its own list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from complaints.model import Recipient
from gateway.i18n import Words
from gateway.mail.facts import Facts, Letter


@dataclass(frozen=True, slots=True)
class Kind:
    """To whom such a letter goes, which facts it lists, and whether it opens the case."""

    reader: Recipient
    facts: tuple[str, ...] = ("number",)
    link: bool = False


def _to_office(*facts: str) -> Kind:
    return Kind("office", ("number", *facts), link=True)


KINDS: dict[str, Kind] = {
    "refused": _to_office("due"),
    "settled": _to_office("due"),
    "replied": _to_office("due"),
    "resumed": _to_office("due"),
    "follow_up": _to_office(),
    "review": _to_office("day"),
    "rework": _to_office("day"),
    "reminded": _to_office("day"),
    "reminded_late": _to_office("day", "late"),
    "supervised": _to_office("due"),
    "withdrawn": Kind("office"),
    "handed_on": _to_office("due"),
    # To the office that no longer has it, without why and who has it now.
    "taken_away": Kind("former"),
    "merged_away": Kind("former"),
    "asked": Kind("complainant", ("number", "office", "day")),
    "extended": Kind("complainant", ("number", "office", "due")),
    "declined": Kind("complainant"),
    "merged": Kind("complainant"),
    "unmerged": Kind("complainant"),
    "moved_conflict": Kind("complainant", ("number", "office", "due")),
    "moved_rules": Kind("complainant", ("number", "office", "due")),
    "moved_desk": Kind("complainant"),
    "decided": Kind("complainant", ("number", "decided_by")),
    "closed": Kind("complainant"),
    "reply_missing": Kind("complainant", ("number", "office", "day")),
    # To the office above a late one: it presses, but the case is not its own to read.
    "escalated": Kind("above", ("number", "late_office", "day", "late")),
    "desk_returned": Kind("desk", ("number", "day")),
    "desk_disputed": Kind("desk", ("number", "day")),
    "desk_follow_up": Kind("desk", ("number", "day")),
    "desk_reminded": Kind("desk", ("number", "day")),
    "desk_reminded_late": Kind("desk", ("number", "day", "late")),
    "desk_escalated": Kind("desk", ("number", "day", "late")),
    "desk_supervised": Kind("desk"),
    "desk_withdrawn": Kind("desk"),
    "desk_moved": Kind("desk", ("number", "day")),
}
# What the same letter says once its day is over: chosen as it is written, not as it is planned.
LATE: dict[str, str] = {"reminded": "reminded_late", "desk_reminded": "desk_reminded_late"}


def _write(name: str, say: Words, f: Facts) -> Letter:
    kind = KINDS[name]
    heading = say(f"mail.life.{name}.heading")
    return Letter(
        subject=say("mail.life.subject", what=heading, number=f.number),
        heading=heading,
        paragraphs=(say(f"mail.life.{name}.intro", office=f.office),),
        facts=tuple(_fact(say, f, each) for each in kind.facts),
        steps=(say(f"mail.life.{name}.step", by=f.by, office=f.office), *_more(say, kind)),
        action=_action(say, f, kind),
        after=(say("mail.link.scope", until=f.until),) if kind.link else (),
        why=_why(say, f, kind.reader),
    )


def _fact(say: Words, f: Facts, name: str) -> tuple[str, str]:
    key, value = {
        "number": ("mail.fact.number", f.number),
        "office": ("mail.fact.office", f.office),
        "decided_by": ("mail.fact.decided_by", f.office),
        "late_office": ("mail.fact.late_office", f.office),
        "due": ("mail.fact.due", f.due),
        "day": ("mail.fact.day", f.day),
        "late": ("mail.fact.late", f.late),
    }[name]
    return say(key), value


def _more(say: Words, kind: Kind) -> tuple[str, ...]:
    if kind.reader == "complainant":
        return (say("mail.step.track"),)
    return (say("mail.step.no_forward"),) if kind.link else ()


def _action(say: Words, f: Facts, kind: Kind) -> tuple[str, str] | None:
    if kind.reader == "complainant":
        return say("mail.action.track"), f.url
    return (say("mail.action.open_case"), f.url) if kind.link else None


def _why(say: Words, f: Facts, reader: Recipient) -> str:
    if reader == "complainant":
        return say("mail.complainant.why")
    if reader == "desk":
        return say("mail.waiting.why")
    if reader == "above":
        return say("mail.life.why_above", office=f.office)
    return say("mail.life.why_office", office=f.office)


LIFE: dict[str, Callable[[Words, Facts], Letter]] = {name: partial(_write, name) for name in KINDS}
WITH_LINK = frozenset(name for name, kind in KINDS.items() if kind.link)

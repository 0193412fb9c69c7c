"""What each letter says: a function per letter, the same for its text and its HTML.

No letter carries a name, contact details, the tracking code or a word of the complaint; the
letter of a sealed case does not even carry its number (domain.md, *Sealed handover*).
"""

from collections.abc import Callable

from gateway.i18n import Words
from gateway.mail import life
from gateway.mail.facts import Facts, Letter


def dispatched(say: Words, f: Facts) -> Letter:
    """To the office: a case is yours, with its link."""
    return Letter(
        subject=say("mail.dispatched.subject", number=f.number),
        heading=say("mail.dispatched.heading"),
        paragraphs=(say("mail.dispatched.intro", office=f.office),),
        facts=(_number(say, f), _due(say, f)),
        steps=(
            say("mail.step.sign", by=f.by),
            say("mail.step.findings"),
            say("mail.step.no_forward"),
        ),
        action=(say("mail.action.open_case"), f.url),
        after=(say("mail.link.scope", until=f.until),),
        why=say("mail.dispatched.why", office=f.office),
    )


def sealed(say: Words, f: Facts) -> Letter:
    """To the discipline office alone: a sealed case waits, and nothing more."""
    return Letter(
        subject=say("mail.sealed.subject"),
        heading=say("mail.sealed.heading"),
        paragraphs=(say("mail.sealed.intro"),),
        facts=(),
        steps=(say("mail.sealed.step"),),
        action=(say("mail.action.open_sealed"), f.url),
        after=(say("mail.link.scope", until=f.until),),
        why=say("mail.sealed.why"),
    )


def sealed_over(say: Words, f: Facts) -> Letter:
    """To the discipline office alone: a sealed case asks nothing more of it."""
    return Letter(
        subject=say("mail.sealed_over.subject"),
        heading=say("mail.sealed_over.subject"),
        paragraphs=(say("mail.sealed_over.intro"),),
        facts=(),
        steps=(say("mail.sealed_over.step"),),
        action=None,
        after=(),
        why=say("mail.sealed.why"),
    )


def renewed(say: Words, f: Facts) -> Letter:
    """To the office: the new link that it asked for."""
    return Letter(
        subject=say("mail.renewed.subject", number=f.number),
        heading=say("mail.renewed.heading"),
        paragraphs=(say("mail.renewed.intro", office=f.office),),
        facts=(_number(say, f), _due(say, f)),
        steps=(say("mail.renewed.step"),),
        action=(say("mail.action.open_case"), f.url),
        after=(say("mail.link.scope", until=f.until), say("mail.renewed.not_you")),
        why=say("mail.renewed.why"),
    )


def received(say: Words, f: Facts) -> Letter:
    """To the complainant: who has it and until when."""
    return Letter(
        subject=say("mail.received.subject", number=f.number),
        heading=say("mail.received.heading"),
        paragraphs=(say("mail.received.intro"),),
        facts=(_number(say, f), (say("mail.fact.office"), f.office), _due(say, f)),
        steps=(say("mail.step.track"), say("mail.step.keep_code")),
        action=(say("mail.action.track"), f.url),
        after=(say("mail.received.another"),),
        why=say("mail.complainant.why"),
    )


def received_waiting(say: Words, f: Facts) -> Letter:
    """To the complainant: the county desk decides first who answers."""
    return Letter(
        subject=say("mail.received.subject", number=f.number),
        heading=say("mail.received.heading"),
        paragraphs=(say("mail.received_waiting.intro", by=f.by),),
        facts=(_number(say, f),),
        steps=(say("mail.step.track"), say("mail.step.keep_code")),
        action=(say("mail.action.track"), f.url),
        after=(say("mail.received.another"),),
        why=say("mail.complainant.why"),
    )


def assigned(say: Words, f: Facts) -> Letter:
    """To the complainant: which office has it now, after it waited or moved."""
    return Letter(
        subject=say("mail.assigned.subject", number=f.number),
        heading=say("mail.assigned.heading", office=f.office),
        paragraphs=(say("mail.assigned.intro"),),
        facts=(_number(say, f), (say("mail.fact.office"), f.office), _due(say, f)),
        steps=(say("mail.step.track"),),
        action=(say("mail.action.track"), f.url),
        after=(),
        why=say("mail.complainant.why"),
    )


def answered(say: Words, f: Facts) -> Letter:
    """To the complainant: there is an answer to read."""
    return Letter(
        subject=say("mail.answered.subject", number=f.number),
        heading=say("mail.answered.heading"),
        paragraphs=(say("mail.answered.intro", office=f.office),),
        facts=(_number(say, f), (say("mail.fact.office"), f.office)),
        steps=(say("mail.answered.step"),),
        action=(say("mail.action.read_answer"), f.url),
        after=(say("mail.answered.not_here"),),
        why=say("mail.complainant.why"),
    )


def waiting(say: Words, f: Facts) -> Letter:
    """To the county desk: no rule was clear, somebody has to decide."""
    return Letter(
        subject=say("mail.waiting.subject", number=f.number),
        heading=say("mail.waiting.heading"),
        paragraphs=(say("mail.waiting.intro"),),
        facts=(_number(say, f),),
        steps=(say("mail.waiting.step_decide", by=f.by), say("mail.waiting.step_reason")),
        action=None,
        after=(),
        why=say("mail.waiting.why"),
    )


def _number(say: Words, f: Facts) -> tuple[str, str]:
    return say("mail.fact.number"), f.number


def _due(say: Words, f: Facts) -> tuple[str, str]:
    return say("mail.fact.due"), f.due


# The names that `letter.template` keeps.
WRITERS: dict[str, Callable[[Words, Facts], Letter]] = {
    writer.__name__: writer
    for writer in (
        dispatched,
        sealed,
        sealed_over,
        renewed,
        received,
        received_waiting,
        assigned,
        answered,
        waiting,
    )
} | life.LIFE
# Letters that carry an office's link; the others point at a page of the site.
WITH_LINK = life.WITH_LINK | {"dispatched", "sealed", "renewed"}

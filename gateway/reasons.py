"""Reasons of the rules in words: why an office, why a day counts. For pages and commands."""

from collections.abc import Callable

from complaints.limits import Day, Limit
from complaints.routing import Reason, Step, why_key
from gateway.i18n import Words


def say_step(words: Words, step: Step, name: Callable[[str], str] = str) -> str:
    """One line of a routing decision; ``name`` gives an office's name from its code."""
    shown = _shown(words, step.reason, name)
    if "why" in shown:
        key = why_key(step.rank, shown["why"])
        shown["why"] = words(key) if key else shown["why"]
    return words(step.reason.key, **shown)


def say_day(words: Words, day: Day) -> str:
    """Why a day counts or not, with the session for half days."""
    said = words(f"deadlines.reason.{day.reason}")
    return f"{words(f'deadlines.session.{day.session}')} · {said}" if day.session else said


def say_limit(words: Words, limit: Limit) -> str:
    """A limit with its unit, such as 20 个工作日."""
    return words(f"deadlines.limit.{limit.unit}", n=limit.number)


def _shown(words: Words, reason: Reason, name: Callable[[str], str]) -> dict[str, str]:
    said: dict[str, Callable[[str], str]] = {
        "office": name,
        "answered": name,
        "receiver": lambda kind: words(f"routing.receiver.{kind}"),
        "wanted": _wanted(words, reason.key),
    }
    return {key: said.get(key, str)(value) for key, value in reason.params.items()}


def _wanted(words: Words, key: str) -> Callable[[str], str]:
    if key == "routing.no.subject":
        return lambda subject: words(f"routing.subject.{subject.replace(' ', '_')}")
    if key == "routing.no.unit_kind":
        comma = words("complaints.list_comma")
        return lambda kinds: comma.join(words(f"routing.unit_kind.{k}") for k in kinds.split("|"))
    comma = words("complaints.list_comma")
    return lambda codes: comma.join(say_category(words, code) for code in codes.split("|"))


def say_category(words: Words, code: str) -> str:
    """A category, or a whole clause of the plan, as people know it; `code` itself for a strange
    one, which a county may have had in its table before."""
    clause = code.replace(" ", "_").replace("-", "_")
    keys = (f"category.{code}", f"clause.{clause}")
    return next((words(key) for key in keys if key in words), code)

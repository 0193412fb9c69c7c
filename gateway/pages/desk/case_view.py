"""A case in the desk's words: its story, why that office, how the due day was counted."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from complaints.limits import local
from complaints.routing import Reason, Rule, Step
from complaints.supervision import Told
from gateway.i18n import Words
from gateway.pages.figures import derivation, kept_figures
from gateway.reasons import say_limit, say_step
from gateway.snapshots import Snapshot

if TYPE_CHECKING:
    from gateway.pages.desk.case import Read

# What happened that no complainant is told of.
OWN_EVENTS = (
    "reminded", "escalated", "breached", "supervised", "noted", "contact_viewed", "recused",
    "wiped", "link_asked", "returned", "handed_on", "other",
)  # fmt: skip
ACTORS = ("complainant", "office", "desk", "system")


def view(
    words: Words, read: "Read", snapshot: Snapshot, now: datetime, offices: list[Any]
) -> dict[str, Any]:
    """The data of `desk/case.html`."""
    case, directory, said = read.case, snapshot.directory, read.words
    due = case.answer_due(snapshot.calendar)
    return {
        "case": case,
        "said": said,
        "answers": [(row, directory.office(row["office"])) for row in read.answers],
        "office": directory.office(case.office),
        "unit": directory.unit(case.unit) if said else None,
        "person": directory.person(case.staff_badge) if said else None,
        "matter": directory.matter(case.matter) if said else None,
        "overdue": case.owner is not None and case.next_at is not None and case.next_at <= now
        and case.next_kind != "calendar_unknown",
        "late_answer": bool(case.due_on and case.owner and local(now).date() > case.due_on),
        "length": say_limit(words, case.limit) if case.limit else "",
        "counted": derivation(words, due) if due and due.day == case.due_on else (),
        "figures": kept_figures(words, said.breach, snapshot) if said else None,
        "labels": {each["position"]: _category(words, each["category"])
                   for each in (said.allegations if said else ())},
        "story": [_line(words, each, snapshot) for each in (said.events if said else ())],
        "reasons": _reasons(words, said.routing, snapshot) if said else [],
        "allowed": frozenset(case.allowed("desk")) - (
            # An office that has the follow-up gets in touch itself.
            {"redo", "close"} if case.owner == "office" else set()),
        "offices": [
            (each, say_step(words, Step(0, "conflict", why), _namer(words, snapshot))
             if why else "", first)
            for each, why, first in offices
        ],
        "likely": [(each, words("complaints.list_comma").join(
            words(f"desk.alike.{why}") for why in each.why)) for each in read.likely],
    }  # fmt: skip


def _category(words: Words, code: str) -> str:
    key = f"category.{code}"
    return words(key) if key in words else code


def _namer(words: Words, snapshot: Snapshot) -> Any:
    def name(code: str) -> str:
        office = snapshot.directory.office(code)
        if office is None:
            return code
        return office.name_en if words.language == "en" else office.name

    return name


def _line(words: Words, told: Told, snapshot: Snapshot) -> tuple[str, str, str, str]:
    """(title, when and by whom, particulars, words) of one event."""
    key = told.kind if told.kind in OWN_EVENTS else ""
    title = words(f"desk.event.{key}") if key else ""
    if not title:
        public = f"timeline.{told.kind}"
        title = words(public) if public in words else words("desk.event.other")
    name = _namer(words, snapshot)
    actor = words(f"desk.actor.{told.actor_kind}")
    who = name(told.actor) if told.actor_kind == "office" and told.actor else told.actor
    by = words("desk.case.by", actor=actor, name=who) if who else actor
    data = told.data
    parts = [name(str(data["office"]))] if data.get("office") else []
    parts += [str(data[key]) for key in ("person", "who", "into") if data.get(key)]
    return (
        title,
        words("desk.case.when_by", when=words.moment(told.at), by=by),
        words("complaints.list_comma").join(parts),
        told.words,
    )


def _reasons(words: Words, packed: Mapping[str, Any], snapshot: Snapshot) -> list[str]:
    """Every rule that was looked at, in the table's order; see `decisions.pack_routing`."""
    steps: list[Step] = []
    rules = {rule.rank: rule for rule in snapshot.rules}
    for key, ranks in (packed.get("passed") or {}).items():
        for rank in map(int, ranks.split()):
            steps.append(Step(rank, "no match", Reason(key, _wanted(key, rules.get(rank)))))
    for rank, verdict, key, params in packed.get("steps") or ():
        steps.append(Step(rank, verdict, Reason(key, params)))
    name = _namer(words, snapshot)
    said = []
    for step in sorted(steps, key=lambda each: each.rank):
        # A rule that is gone since then cannot say any more whom it was for.
        told = step.verdict != "no match" or step.reason.params or step.reason.key in _PLAIN
        why = say_step(words, step, name) if told else words("desk.case.no_fit")
        said.append(words("desk.case.rule", rank=step.rank, why=why))
    return said


_PLAIN = ("routing.no.county", "routing.no.sealed")


def _wanted(key: str, rule: Rule | None) -> Mapping[str, str]:
    """Whom a rule is for, which a case does not keep for each rule that did not fit it."""
    if rule is None:
        return {}
    wanted = {
        "routing.no.category": "|".join(sorted(rule.codes)),
        "routing.no.subject": rule.subject,
        "routing.no.unit_kind": "|".join(sorted(rule.unit_kinds)),
    }
    return {"wanted": wanted[key]} if wanted.get(key) else {}

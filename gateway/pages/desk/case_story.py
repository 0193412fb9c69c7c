"""What happened to a case, why it is that office, and its letters, line by line in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg

from complaints.routing import Reason, Rule, Step
from complaints.supervision import Told
from gateway.i18n import Words
from gateway.mail.letters import WRITERS
from gateway.mail.life import KINDS
from gateway.reasons import say_step
from gateway.snapshots import Snapshot

# What happened that no complainant is told of.
OWN_EVENTS = (
    "reminded", "escalated", "breached", "supervised", "supervision_lifted", "noted",
    "contact_viewed",
    "recused", "recusal_withdrawn", "identified", "letter_resent", "letter_settled",
    "wiped", "link_asked", "returned", "handed_on", "other",
    "result_released", "result_withdrawn",
)  # fmt: skip
ACTORS = ("complainant", "office", "desk", "system")
# Letters that have a wording here; the others are called by their own heading.
LETTERS = (*(name for name in WRITERS if name not in KINDS), "letters_missing", "letters_dropped")
RECIPIENTS = ("office", "complainant", "desk", "above", "former")
LETTER_STATES = ("waiting", "sent", "given_up", "dropped")


def namer(words: Words, snapshot: Snapshot) -> Callable[[str], str]:
    """An office's name from its code; a person's with the badge; anything else as it is."""

    def name(code: str) -> str:
        office = snapshot.directory.office(code)
        if office is not None:
            return office.name_en if words.language == "en" else office.name
        person = snapshot.directory.person(code)
        return f"{person.name} {person.badge}" if person else code

    return name


def line_of(words: Words, told: Told, snapshot: Snapshot) -> tuple[str, str, str, str]:
    """(title, when and by whom, particulars, words) of one event."""
    key = told.kind if told.kind in OWN_EVENTS else ""
    title = words(f"desk.event.{key}") if key else ""
    if not title:
        public = f"timeline.{told.kind}"
        title = words(public) if public in words else words("desk.event.other")
    name = namer(words, snapshot)
    actor = words(f"desk.actor.{told.actor_kind}")
    who = name(told.actor) if told.actor_kind == "office" and told.actor else told.actor
    by = words("desk.case.by", actor=actor, name=who) if who else actor
    data = told.data
    parts = [name(str(data["office"]))] if data.get("office") else []
    parts += [name(str(data[key])) for key in ("person", "who", "into") if data.get(key)]
    if told.kind in ("letter_resent", "letter_settled"):
        parts.append(say_letter(words, data["template"]))
    return (
        title,
        words("desk.case.when_by", when=words.moment(told.at), by=by),
        words("complaints.list_comma").join(parts),
        told.words,
    )


def reasons_of(
    words: Words, packed: Mapping[str, Any], snapshot: Snapshot
) -> tuple[list[str], list[str]]:
    """Every rule that was looked at, in the table's order: (what decided or was in conflict, what
    did not fit); see `decisions.pack_routing`."""
    steps: list[Step] = []
    rules = {rule.rank: rule for rule in snapshot.rules}
    for key, ranks in (packed.get("passed") or {}).items():
        for rank in map(int, ranks.split()):
            steps.append(Step(rank, "no match", Reason(key, _wanted(key, rules.get(rank)))))
    for rank, verdict, key, params in packed.get("steps") or ():
        steps.append(Step(rank, verdict, Reason(key, params)))
    name = namer(words, snapshot)
    decided: list[str] = []
    passed: list[str] = []
    for step in sorted(steps, key=lambda each: each.rank):
        # A rule that is gone since then cannot say any more whom it was for.
        told = step.verdict != "no match" or step.reason.params or step.reason.key in _PLAIN
        why = say_step(words, step, name) if told else words("desk.case.no_fit")
        line = words("desk.case.rule", rank=step.rank, why=why)
        (passed if step.verdict == "no match" else decided).append(line)
    return decided, passed


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


def say_letter(words: Words, template: str) -> str:
    """Which letter that is."""
    if template in KINDS:
        return words(f"mail.life.{template}.heading")
    return words(f"desk.letter.{template}") if template in LETTERS else template


def letter_lines(
    words: Words,
    letters: Sequence[asyncpg.Record],
    tasks: Sequence[asyncpg.Record],
    snapshot: Snapshot,
) -> list[dict[str, Any]]:
    """Letters and letters that were never written; `task` where the desk has to deal with one.
    Who it went to is told by kind, an office by name, and never by an address."""
    name = namer(words, snapshot)
    lines = [
        {
            "id": row["id"],
            "task": row["task"],
            "what": say_letter(words, row["template"]),
            "to": _recipient(words, row, name),
            "state": row["state"],
            "attempts": row["attempts"],
            "error": row["last_error"],
            "at": row["done_at"] or row["created_at"],
        }
        for row in letters
    ]
    never = [
        {"id": None, "task": row["id"], "what": say_letter(words, row["kind"]), "to": "",
         "state": "", "attempts": 0, "error": "", "at": row["created_at"]}
        for row in tasks
    ]  # fmt: skip
    return [*never, *lines]


def _recipient(words: Words, row: asyncpg.Record, name: Callable[[str], str]) -> str:
    kind = words(f"desk.letter_to.{row['recipient']}")
    # A letter to the complainant or the desk is about an office, and goes to nobody there.
    if row["recipient"] in ("complainant", "desk") or not row["office"]:
        return kind
    return words("desk.letters.to", who=kind, name=name(row["office"]))

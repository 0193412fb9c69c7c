"""Rules of the routing table, and what a dry run found, in plain words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from board.directory import Directory
from board.model import RoutingRow
from complaints.categories import categories, clauses
from gateway.i18n import Words
from gateway.pages.desk.county.routing_words import say_hidden, say_why
from gateway.rehearsing import Rehearsed
from gateway.views import name_in


@dataclass(frozen=True, slots=True)
class Said:
    """A rule in words, column by column; `why` and `hidden_from` as the county wrote them, the
    default's in the reader's language."""

    rank: int
    about: str
    who: str
    units: str
    receives: str
    hidden_from: str
    why: str


def say_rule(words: Words, row: RoutingRow) -> Said:
    """One rule. Texts of the county are never translated."""
    comma = words("complaints.list_comma")
    return Said(
        rank=row.rank,
        about=_about(words, row.clause_or_code),
        who=words(f"routing.subject.{row.subject.replace(' ', '_')}"),
        units=_list(words, row.unit_kind, lambda kind: words(f"routing.unit_kind.{kind}")),
        receives=words("county_desk.then").join(
            words(f"routing.receiver.{each}") for each in row.receives.split("|")
        ),
        hidden_from=comma.join(
            say_hidden(words, each) for each in row.hidden_from.split("|") if each
        ),
        why=say_why(words, str(row.rank), row.why),
    )


def _about(words: Words, text: str) -> str:
    if text == "any":
        return words("county_desk.any_category")
    known = categories()

    def name(code: str) -> str:
        if code in known:
            return words("county_desk.code_named", code=code, name=words(f"category.{code}"))
        return _clause(words, code)

    return words("complaints.list_comma").join(name(code) for code in text.split("|"))


def _clause(words: Words, clause: str) -> str:
    return words(f"clause.{clause.replace(' ', '_')}")


def groups(words: Words) -> list[tuple[str, str]]:
    """Every clause of the plan, with its name: all categories of it at once."""
    return [(clause, _clause(words, clause)) for clause in clauses()]


def codes(words: Words) -> list[tuple[str, str]]:
    """Every code of a category, with its name."""
    return [(code, words(f"category.{code}")) for code in sorted(categories())]


def _list(words: Words, text: str, name: Callable[[str], str]) -> str:
    if text == "any":
        return words("county_desk.any_unit")
    kinds = ["department", "town"] if text == "unit" else text.split("|")
    return words("complaints.list_comma").join(name(each) for each in kinds)


def say_rehearsed(words: Words, found: Rehearsed, directory: Directory) -> dict[str, Any]:
    """The data of the preview's table: ways as (from, to, how many, numbers)."""
    changed = found.changed

    def name(code: str) -> str:
        office = directory.office(code)
        return name_in(words.language, office) if office else words(f"routing.receiver.{code}")

    return {
        "compared": changed.compared,
        "changed": changed.changed,
        "sealed": changed.sealed,
        "whole": found.whole,
        "ways": [
            (name(way.was), name(way.now), count, numbers)
            for way, (count, numbers) in changed.ways.items()
        ],
    }


def compared(
    words: Words, before: Sequence[RoutingRow], after: Sequence[RoutingRow]
) -> list[tuple[str, Said]]:
    """The rules that differ: ("was", "gone" or "will", rule), in the table's order."""
    old, new = {row.rank: row for row in before}, {row.rank: row for row in after}
    lines = []
    for rank in sorted(old.keys() | new.keys()):
        if old.get(rank) == new.get(rank):
            continue
        if rank in old:
            lines.append(("was" if rank in new else "gone", say_rule(words, old[rank])))
        if rank in new:
            lines.append(("will", say_rule(words, new[rank])))
    return lines

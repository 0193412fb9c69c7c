"""The long choices of the complaint form: 62 categories, 70 units, 240 matters.

They are the same for nearly everybody, so each is rendered once a directory and language; a page
that shows them all costs a third of what it did.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from markupsafe import Markup

from board.directory import Directory
from board.model import Matter, Unit
from complaints import categories
from gateway.i18n import Words, words
from gateway.views import environment, name_in

# One clause: its words and categories as (code, label, ask, proof, sealed).
Clause = tuple[str, list[tuple[str, str, str, str, bool]]]
Groups = Sequence[tuple[Unit | None, Sequence[Unit | Matter]]]
# Rendered <option>s by language and unit; gone with the directory that they were made of.
_options: WeakKeyDictionary[Directory, dict[tuple[str, str], Markup]] = WeakKeyDictionary()


def clauses(
    language: str, chosen: Collection[str], details: Mapping[str, str], errors: Mapping[str, str]
) -> list[Markup]:
    """Every clause; those in which something is ticked, typed or wrong are rendered afresh.

    `details` and `errors` are {category's code: text}, without empty texts.
    """
    touched = {*chosen, *details, *errors}
    return [
        _untouched(language, number)
        if touched.isdisjoint(each[0] for each in group)
        else _clause(language, number, chosen=chosen, details=details, errors=errors)
        for number, (_, group) in enumerate(_clauses_of(words(language)))
    ]


@cache
def _untouched(language: str, number: int) -> Markup:
    return _clause(language, number, chosen=(), details={}, errors={})


def _clause(language: str, number: int, **filled: Any) -> Markup:
    clause, group = _clauses_of(words(language))[number]
    template = environment(language).get_template("complaints/_clause.html")
    return Markup(template.render(clause=clause, group=group, **filled))  # noqa: S704 our own page


@cache
def _clauses_of(say: Words) -> list[Clause]:
    """Clauses in the citizen's words."""
    return [
        (
            say(f"clause.{clause.replace(' ', '_')}"),
            [
                (
                    each.code,
                    say(f"category.{each.code}"),
                    say(f"category.{each.code}.ask"),
                    say("complaints.list_comma").join(
                        say(f"proof.{kind.replace(' ', '_')}") for kind in each.proof
                    ),
                    each.sealed,
                )
                for each in group
            ],
        )
        for clause, group in categories.clauses().items()
    ]


def units(directory: Directory, language: str, chosen: str) -> Markup:
    """The units that a complaint can be about."""
    groups: Groups = [(None, [unit for unit in directory.units if unit.kind != "upper"])]
    known = directory.unit(chosen) is not None
    return _marked(_kept(directory, language, "units", groups), chosen if known else "")


def matters(directory: Directory, language: str, unit: str, chosen: str) -> Markup:
    """Matters under their units; only the chosen unit's when it has any."""
    only = unit if directory.matters_of(unit) else ""
    wanted = [each for each in directory.units if only in ("", each.code)]
    groups = [(each, found) for each in wanted if (found := directory.matters_of(each.code))]
    known = directory.matter(chosen) is not None
    return _marked(_kept(directory, language, f"matters {only}", groups), chosen if known else "")


def _kept(directory: Directory, language: str, what: str, groups: Groups) -> Markup:
    held = _options.setdefault(directory, {})
    if (language, what) not in held:
        held[language, what] = _render(language, groups)
    return held[language, what]


def _render(language: str, groups: Groups) -> Markup:
    """`<option>`s, under the names of their units where they have one."""
    rows = [
        (unit and name_in(language, unit), [(each.code, name_in(language, each)) for each in group])
        for unit, group in groups
    ]
    template = environment(language).get_template("complaints/_options.html")
    return Markup(template.render(groups=rows))  # noqa: S704 our own page


def _marked(options: Markup, known: str) -> Markup:
    """The option of a known code selected; "" selects none."""
    value = Markup('value="{}"').format(known)
    return options.replace(value, value + Markup(" selected"), 1) if known else options

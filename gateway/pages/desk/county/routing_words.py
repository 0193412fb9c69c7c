"""A rule's texts as its form shows them, in the reader's words, and back to what is stored.

The default table is written in English; its words are shown in the reader's language, and stored as
they were unless somebody words them anew. Pure.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from board.model import RoutingRow
from complaints.categories import categories, clauses
from complaints.routing import packaged_rules, why_key
from gateway.i18n import LANGUAGES, Words, words

_COMMAS = re.compile(r"[，、；,;|\n]")


def parted(text: str) -> list[str]:
    """What people write with commas between, and a county file with `|`."""
    return [each for part in _COMMAS.split(text) if (each := part.strip())]


def coded(text: str) -> list[str]:
    """Codes and clauses as the table has them, however they were typed; others as they are."""
    return [_code(each) for each in parted(text)]


def _code(text: str) -> str:
    typed = unicodedata.normalize("NFKC", text)
    if typed.upper() in categories():
        return typed.upper()
    return typed.casefold() if typed.casefold() in clauses() else text


def unknown_codes(text: str) -> list[str]:
    """What is neither a category nor a clause."""
    known = {*categories(), *clauses(), "any"}
    return [each for each in text.split("|") if each not in known]


def shown(speak: Words, texts: Mapping[str, str]) -> dict[str, str]:
    """Texts by column as the form's fields have them; clauses are ticked, not typed."""
    comma = speak("complaints.list_comma")
    codes = [each for each in parted(texts.get("clause_or_code", "")) if each not in clauses()]
    hidden = [say_hidden(speak, each) for each in parted(texts.get("hidden_from", ""))]
    return {
        **texts,
        "clause_or_code": "" if codes == ["any"] else comma.join(codes),
        "hidden_from": comma.join(hidden),
        "why": say_why(speak, texts.get("rank", ""), texts.get("why", "")),
    }


def stored(texts: Mapping[str, str], row: RoutingRow | None) -> dict[str, str]:
    """Texts by column as the table has them. `row`: the rule as it stands; of two words that are
    shown alike its own are kept."""
    own = [*parted(row.hidden_from)] if row else []
    words_of = {**_hidden_words(), **{w: each for each in own for w in _shown_hidden(each)}}
    hidden = (words_of.get(each, each) for each in parted(texts["hidden_from"]))
    whys = {**_why_words(), **(dict.fromkeys(_shown_why(row), row.why) if row else {})}
    why = texts["why"]
    return {**texts, "hidden_from": "|".join(hidden), "why": whys.get(why, why)}


@lru_cache(maxsize=1)
def hidden_slugs() -> dict[str, str]:
    """What the default table says of whom a case is hidden from, by the end of its message key."""
    said = {each for rule in packaged_rules() for each in rule.hidden_from}
    return {each: each.replace(" ", "_").replace("'", "") for each in sorted(said)}


def say_hidden(speak: Words, text: str) -> str:
    """From whom a case is hidden; texts of the county are never translated."""
    slug = hidden_slugs().get(text)
    return speak(f"routing.hidden.{slug}") if slug else text


def say_why(speak: Words, rank: str, why: str) -> str:
    """Why there is that rule; "" where nobody says."""
    key = why_key(int(rank) if rank.isdecimal() else 0, why) if why else None
    return speak(key) if key else why


@lru_cache(maxsize=1)
def _hidden_words() -> dict[str, str]:
    return {word: each for each in hidden_slugs() for word in _shown_hidden(each)}


@lru_cache(maxsize=1)
def _why_words() -> dict[str, str]:
    return {
        say_why(words(language), str(rule.rank), rule.why): rule.why
        for rule in packaged_rules()
        for language in LANGUAGES
        if rule.why
    }


def _shown_hidden(text: str) -> list[str]:
    return [say_hidden(words(language), text) for language in LANGUAGES]


def _shown_why(row: RoutingRow) -> list[str]:
    return [say_why(words(language), str(row.rank), row.why) for language in LANGUAGES]

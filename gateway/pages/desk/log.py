"""Lines of the desk's log in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from aiohttp import web

from board.county_changes import KEYS
from gateway.i18n import LANGUAGES, Words
from gateway.i18n import words as words_of
from gateway.mail.described import letters, title
from gateway.views import say

# What of a county is edited at the desk: its parts, and what no county file holds.
EDITED = (*KEYS, "limits", "texts")
# Which row of it, as data: a code or a name that is the same in every language, or one of the
# mappings of `say_row`.
Row = str | Mapping[str, Any]


# Of a page; one more is asked for, to know whether there are older ones.
LINES = 50


def place(request: web.Request) -> UUID | None:
    """The line of the address below which the page goes on; 404 for what is none."""
    text = request.query.get("before", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise web.HTTPNotFound from None


def shown(request: web.Request, log: Sequence[asyncpg.Record], path: str) -> dict[str, Any]:
    """What `desk/_log.html` takes: lines as (when, sentence), and where older ones are."""
    words, lines = say(request), log[:LINES]
    return {
        "log": [(row["at"], _sentence(words, row)) for row in lines],
        "older": f"{path}?before={lines[-1]['id']}" if len(log) > LINES else "",
    }


def _sentence(words: Words, row: Mapping[str, Any]) -> str:
    actor = row["actor"] or words("desk.log.machine")
    told = {"actor": actor, "about": row["about"] or ""}
    if row["kind"] == "county_edited":
        what, key = row["data"]["what"], say_row(words, row["data"]["key"])
        told |= {"what": words(f"desk.edited.{what}"), "key": key}
    return words(f"desk.log.{row['kind']}", **told)


def say_row(words: Words, row: Row) -> str:
    """Which row was edited, in the reader's words; what is no longer known is named by its code."""
    match row:
        case {"limits": [*kinds]}:
            return words("complaints.list_comma").join(_limit(words, str(kind)) for kind in kinds)
        case {"letter": str(letter), "language": str(language)}:
            name = title(letter, words) if letter in letters() else letter
            tongue = words_of(language)("language.name") if language in LANGUAGES else language
            return words("county_texts.log_key", letter=name, language=tongue)
        case {"closed": [first, last], "note": str(note)}:
            return words("calendar_desk.about_closed", days=_days(words, first, last), note=note)
        case {"reopened": [first, last]}:
            return words("calendar_desk.about_reopened", days=_days(words, first, last))
        case {"year": year}:
            return words("calendar_desk.about_year", year=year)
    return str(row)


def _limit(words: Words, kind: str) -> str:
    key = f"county_terms.kind.{kind}"
    return words(key) if key in words else kind


def _days(words: Words, first: str, last: str) -> str:
    ends = dict.fromkeys((first, last))
    return " – ".join(words.day(date.fromisoformat(each)) for each in ends)

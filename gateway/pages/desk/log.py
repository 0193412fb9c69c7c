"""Lines of the desk's log in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg
from aiohttp import web

from board.county_changes import KEYS
from gateway.i18n import Words
from gateway.views import say

# What of a county is edited at the desk: its parts, and what no county file holds.
EDITED = (*KEYS, "limits", "texts")


def worded(request: web.Request, log: list[asyncpg.Record]) -> list[tuple[datetime, str]]:
    """Lines of the log as (when, sentence)."""
    words = say(request)
    return [(row["at"], _sentence(words, row)) for row in log]


def _sentence(words: Words, row: Mapping[str, Any]) -> str:
    actor = row["actor"] or words("desk.log.machine")
    told = {"actor": actor, "about": row["about"] or ""}
    if row["kind"] == "county_edited":
        told |= {"what": words(f"desk.edited.{row['data']['what']}"), "key": row["data"]["key"]}
    return words(f"desk.log.{row['kind']}", **told)

"""Two who edit at once: whoever saves second is told, and sees how things stand."""

import re

import asyncpg

from board.store.directory import find_versions
from gateway.pages.desk.county.editing import Also

_VERSION = re.compile(r"\d{1,18}", re.ASCII)


class MovedOn(Exception):
    """Somebody else changed the county since the form was shown."""


def unless_moved(kind: str, seen: str) -> Also:
    """For `editing.edit`: raises `MovedOn`, which takes the edit back, unless `kind` ("directory",
    "routing") stands as it was `seen` by the form. The edit itself moves it on by one."""

    async def also(conn: asyncpg.Connection) -> None:
        now = (await find_versions(conn)).get(kind, 0)
        if not _VERSION.fullmatch(seen) or now > int(seen) + 1:
            raise MovedOn

    return also

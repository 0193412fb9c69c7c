"""What every editor does: writes some rows of the county as an import would, and the log's line."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import get_args

import asyncpg
from aiohttp import web

from board import model
from board.ids import new_id
from board.store import county as county_store
from gateway.context import CONTEXT
from gateway.county_files.checking import FILE_OF
from gateway.county_files.editing import TYPED, Edit, apply_edits
from gateway.county_files.faults import CountyFilesError, Fault
from gateway.i18n import Words
from gateway.pages.desk.log import Row
from gateway.pages.desk.views import actor_of
from gateway.store import desk_users
from gateway.views import COUNTY, say

UNITS = get_args(model.LimitUnit)
# Faults that speak of files and lines, worded otherwise here.
AT_DESK = frozenset({"unknown", "duplicate_of", "circle", "bad_year"})
_PART_OF = {file: part for part, file in FILE_OF.items()}
Also = Callable[[asyncpg.Connection], Awaitable[None]]


async def _nothing(_conn: asyncpg.Connection) -> None:
    return None


async def edit(
    request: web.Request,
    edits: Sequence[Edit],
    key: Row,
    also: Also = _nothing,
    before: Also = _nothing,
) -> dict[str, str]:
    """Makes the edits and writes down who made them; {} when that went well, else
    {column: message}, "" being the column of what no single field is to blame for.

    `key`: which row, for the log. `also` is done in the same transaction, after the edits, which
    may be none, and `before` under the same lock ahead of them; what it raises ends the whole.
    """
    by = actor_of(request)

    async def work(conn: asyncpg.Connection) -> None:
        await county_store.insert_versions(conn, by.now)
        await county_store.find_versions_locked(conn)
        await before(conn)
        parts = (await apply_edits(conn, edits, by.now)).counts if edits else ()
        for part in parts:
            await note_edit(conn, request, part, key)
        await also(conn)

    try:
        await request.app[CONTEXT].db.run(request[COUNTY].schema, work)
    except CountyFilesError as error:
        return told(say(request), error.faults)
    await request.app[CONTEXT].snapshots.forget(request[COUNTY])
    return {}


async def note_edit(conn: asyncpg.Connection, request: web.Request, what: str, key: Row) -> None:
    """The log's line: who changed which row of what; `what` is one of `log.EDITED`."""
    by = actor_of(request)
    await desk_users.insert_log(
        conn, new_id(by.now), by.now, "county_edited", actor=by.user, about=None,
        county=by.county, data={"what": what, "key": key},
    )  # fmt: skip


def told(words: Words, faults: Sequence[Fault]) -> dict[str, str]:
    """{column: message} of faults; those of other rows stand under "", unless they only say from
    another side what is wrong with the row that was typed."""
    typed = [fault for fault in faults if fault.line == TYPED]
    found: dict[str, str] = {}
    for fault in typed:
        found.setdefault(fault.column, reason(words, fault))
    for fault in faults:
        if fault not in typed and fault.key not in {each.key for each in typed}:
            what = words(f"desk.edited.{_PART_OF[fault.file]}")
            message = words("county_desk.elsewhere", what=what, reason=reason(words, fault))
            found.setdefault("", message)
    return found


def reason(words: Words, fault: Fault) -> str:
    """What is wrong, without the place, which the page shows; nobody at the desk has files."""
    params = {name: _said(words, value) for name, value in fault.params}
    if fault.key not in AT_DESK:
        return words(f"county.fault.{fault.key}", **params)
    if "file" in params:
        params["what"] = words(f"desk.edited.{_PART_OF[params['file']]}")
    return words(f"county_desk.fault.{fault.key}", **params)


def _said(words: Words, value: str) -> str:
    """A limit, which files write as `5 working_day`, in words; any other value as it is."""
    number, _, unit = value.partition(" ")
    if number.isdecimal() and unit in UNITS:
        return words(f"deadlines.limit.{unit}", n=int(number))
    return value


def summary(found: Mapping[str, str], fallback: str) -> list[tuple[str, str]]:
    """For `error_summary`: (field, message); what no field is to blame for leads to `fallback`."""
    return [(column or fallback, message) for column, message in found.items()]

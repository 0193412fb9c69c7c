"""What every editor does: writes some rows of the county as an import would, and the log's line."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import get_args

import asyncpg
from aiohttp import web

from board import model
from board.ids import new_id
from board.store import county as county_store
from gateway.context import CONTEXT
from gateway.county_files.editing import TYPED, Edit, apply_edits
from gateway.county_files.faults import CountyFilesError, Fault
from gateway.i18n import Words
from gateway.pages.desk.views import actor_of
from gateway.store import desk_users
from gateway.views import COUNTY, say

UNITS = get_args(model.LimitUnit)
Also = Callable[[asyncpg.Connection], Awaitable[None]]


async def _nothing(_conn: asyncpg.Connection) -> None:
    return None


async def edit(
    request: web.Request,
    edits: Sequence[Edit],
    key: str,
    also: Also = _nothing,
    before: Also = _nothing,
) -> dict[str, str]:
    """Makes the edits and writes down who made them; {} when that went well, else
    {column: message}, "" being the column of what no single field is to blame for.

    `key`: which row, as people name it. `also` is done in the same transaction, after the edits,
    and `before` under the same lock ahead of them; what it raises ends the whole.
    """
    by = actor_of(request)

    async def work(conn: asyncpg.Connection) -> None:
        await county_store.insert_versions(conn, by.now)
        await county_store.find_versions_locked(conn)
        await before(conn)
        outcome = await apply_edits(conn, edits, by.now)
        for part in outcome.counts:
            await note_edit(conn, request, part, key)
        await also(conn)

    try:
        await request.app[CONTEXT].db.run(request[COUNTY].schema, work)
    except CountyFilesError as error:
        return told(say(request), error.faults)
    await request.app[CONTEXT].snapshots.forget(request[COUNTY])
    return {}


async def note_edit(conn: asyncpg.Connection, request: web.Request, what: str, key: str) -> None:
    """The log's line: who changed which row of what; `what` is one of `log.EDITED`."""
    by = actor_of(request)
    await desk_users.insert_log(
        conn, new_id(by.now), by.now, "county_edited", actor=by.user, about=None,
        county=by.county, data={"what": what, "key": key},
    )  # fmt: skip


def told(words: Words, faults: Sequence[Fault]) -> dict[str, str]:
    """{column: message} of faults; those of other rows stand under ""."""
    found: dict[str, str] = {}
    for fault in faults:
        if fault.line == TYPED:
            found.setdefault(fault.column, reason(words, fault))
        else:
            found.setdefault("", fault.told(words))
    return found


def reason(words: Words, fault: Fault) -> str:
    """What is wrong, without the place, which the page shows."""
    return words(f"county.fault.{fault.key}", **{k: _said(words, v) for k, v in fault.params})


def _said(words: Words, value: str) -> str:
    """A limit, which files write as `5 working_day`, in words; any other value as it is."""
    number, _, unit = value.partition(" ")
    if number.isdecimal() and unit in UNITS:
        return words(f"deadlines.limit.{unit}", n=int(number))
    return value


def summary(found: Mapping[str, str], fallback: str) -> list[tuple[str, str]]:
    """For `error_summary`: (field, message); what no field is to blame for leads to `fallback`."""
    return [(column or fallback, message) for column, message in found.items()]

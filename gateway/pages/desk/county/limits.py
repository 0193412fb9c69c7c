"""`/desk/county/limits`: the statutory and the promised limit of each matter (domain.md R10, R13).

An open complaint keeps what its receipt was measured with, so no open case moves by these.
"""

from collections.abc import Mapping
from typing import get_args

import asyncpg
from aiohttp import web

from board import model
from board.model import Matter
from board.names import fold
from board.store import directory as directory_store
from gateway.context import CONTEXT
from gateway.county_files.cells import written
from gateway.county_files.editing import COLUMNS, Edit, read_row
from gateway.desk.access import may
from gateway.desk.sessions import current, desk_form
from gateway.pages.desk.county.editing import edit, summary, told
from gateway.pages.desk.views import desk_page
from gateway.views import COUNTY, say

HOME = "/desk/county/limits"
FIELDS = (
    "statutory_number", "statutory_unit", "statutory_basis", "promised_number", "promised_unit",
    "after_close", "valid_from",
)  # fmt: skip
UNITS = get_args(model.LimitUnit)
AFTER = get_args(model.AfterClose)
SHOWN = 100


class Stale(Exception):
    """Somebody changed the matter after its form was shown."""


async def show(request: web.Request) -> web.Response:
    """`GET /desk/county/limits`, `?q=` for a part of code or name, in either script."""
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])
    asked = request.query.get("q", "").strip()[:100]
    part = fold(asked)
    found = [
        each
        for each in snapshot.directory.matters
        if part in fold(f"{each.code} {each.name} {each.name_en}")
    ]
    return desk_page(
        request,
        "desk/county/limits.html",
        matters=found[:SHOWN],
        more=len(found) - SHOWN,
        asked=asked,
        saved="saved" in request.query,
        may_edit=may(current(request).roles, f"{HOME}/{{code}}", "POST"),
    )


async def show_one(request: web.Request) -> web.Response:
    """`GET /desk/county/limits/{code}`; 404 for a matter of another county."""
    matter = await _find(request)
    texts = _texts(matter)
    return _form(request, matter, texts, _seen(texts))


async def change(request: web.Request) -> web.Response:
    """`POST /desk/county/limits/{code}`: 303, also when it stands so already; 422 with what was
    typed; 409 with what somebody else made of it meanwhile."""
    form, matter = desk_form(request), await _find(request)
    texts = _texts(matter)
    typed = {name: form.first(name) for name in FIELDS}
    row, faults = read_row("matters", texts | typed)
    if faults:
        return _form(request, matter, typed, form.first("seen"), told(say(request), faults))

    async def compare(conn: asyncpg.Connection) -> None:
        rows = await directory_store.list_matters(conn)
        held = next((each for each in rows if each.code == matter.code), None)
        if held != matter or _seen(texts) != form.first("seen"):
            raise Stale

    try:
        found = await edit(request, [Edit("matters", [row])], matter.code, before=compare)
    except Stale:
        await request.app[CONTEXT].snapshots.forget(request[COUNTY])
        matter = await _find(request)
        texts, stale = _texts(matter), {"": say(request)("limits_desk.stale")}
        if read_row("matters", texts | typed)[0] == matter:
            # Pressed twice, or saved without hearing of it: it is as it was asked for.
            raise web.HTTPSeeOther(f"{HOME}?saved=yes") from None
        return _form(request, matter, texts, _seen(texts), stale, status=409)
    if found:
        return _form(request, matter, typed, form.first("seen"), found)
    raise web.HTTPSeeOther(f"{HOME}?saved=yes")


async def _find(request: web.Request) -> Matter:
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])
    matter = snapshot.directory.matter(request.match_info["code"])
    if matter is None:
        raise web.HTTPNotFound
    return matter


def _texts(matter: Matter) -> dict[str, str]:
    """A matter as its line of matters.csv has it."""
    return {column: written(getattr(matter, column)) for column in COLUMNS["matters"]}


def _seen(texts: Mapping[str, str]) -> str:
    """What the form shows, to compare with."""
    return "|".join(texts[name] for name in FIELDS)


def _form(
    request: web.Request,
    matter: Matter,
    typed: Mapping[str, str],
    seen: str,
    faults: Mapping[str, str] | None = None,
    *,
    status: int = 422,
) -> web.Response:
    words, found = say(request), dict(faults or {})
    # What stands in another column of the matter is no field of this page.
    other = [(name, text) for name, text in found.items() if name not in FIELDS]
    mine = {name: text for name, text in found.items() if name in FIELDS}
    return desk_page(
        request,
        "desk/county/limit.html",
        status=status if found else 200,
        matter=matter,
        typed=typed,
        seen=seen,
        faults=dict.fromkeys(FIELDS, "") | mine,
        errors=summary(mine, "promised_number") + [("promised_number", text) for _, text in other],
        units=[("", "–"), *((unit, words(f"limits_desk.unit.{unit}")) for unit in UNITS)],
        after=[(each, words(f"limits_desk.after.{each}")) for each in AFTER],
    )

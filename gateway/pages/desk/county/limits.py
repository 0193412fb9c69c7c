"""`/desk/county/limits`: the statutory and the promised limit of each matter (domain.md R10, R13).

An open complaint keeps what its receipt was measured with, so no open case moves by these. A
parallel approval's parts have theirs on the same page (R11).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import asyncpg
from aiohttp import web

from board import model
from board.model import Matter, ParallelStep
from board.names import fold
from board.store import directory as directory_store
from gateway.context import CONTEXT
from gateway.county_files.cells import written
from gateway.county_files.editing import COLUMNS, Edit, read_row
from gateway.desk.access import may
from gateway.desk.sessions import current, desk_form
from gateway.i18n import Words
from gateway.pages.desk.county.editing import edit, summary, told
from gateway.pages.desk.county.limit_steps import read_steps, step_rows, step_texts
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


Rows = tuple[Matter | None, tuple[ParallelStep, ...]]


class Stale(Exception):
    """Somebody changed the matter after its form was shown."""


@dataclass(frozen=True, slots=True)
class Held:
    """A matter with its steps, in order; `shown`: see `step_rows`."""

    matter: Matter
    steps: tuple[ParallelStep, ...]
    shown: Sequence[tuple[str, str]]

    @property
    def rows(self) -> Rows:
        """To compare with."""
        return self.matter, self.steps

    @property
    def texts(self) -> dict[str, str]:
        """The matter as its line of matters.csv has it, and the fields of its steps."""
        own = {column: written(getattr(self.matter, column)) for column in COLUMNS["matters"]}
        return own | step_texts(self.steps)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the page."""
        return (*FIELDS, *step_texts(self.steps))

    @property
    def seen(self) -> str:
        """What the form shows, to compare with."""
        return "|".join(self.texts[name] for name in self.fields)


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
    found = await _find(request)
    return _form(request, found, found.texts, found.seen)


async def change(request: web.Request) -> web.Response:
    """`POST /desk/county/limits/{code}`: 303, also when it stands so already; 422 with what was
    typed; 409 with that and what somebody else made of it meanwhile."""
    # Browsers end the lines of a hidden field as they end everybody's.
    seen, held = desk_form(request).first("seen").replace("\r\n", "\n"), await _find(request)
    typed = _typed(request, held)
    (row, steps), faults = _asked(request, held)
    if faults:
        return _form(request, held, typed, seen, faults)

    async def compare(conn: asyncpg.Connection) -> None:
        if await _stands(conn, held.matter.code) != held.rows or held.seen != seen:
            raise Stale

    edits = [Edit("matters", [row]), *([Edit("parallel_steps", steps)] if steps else ())]
    try:
        faults = await edit(request, edits, held.matter.code, before=compare)
    except Stale:
        await request.app[CONTEXT].snapshots.forget(request[COUNTY])
        before, held = held, await _find(request)
        if _asked(request, held)[0] == held.rows:
            # Pressed twice, or saved without hearing of it: it is as it was asked for.
            raise web.HTTPSeeOther(f"{HOME}?saved=yes") from None
        typed = _changed(request, before, held)
        stale = _stale(say(request), held, typed)
        return _form(request, held, typed, held.seen, stale, status=409)
    if faults:
        return _form(request, held, typed, seen, faults)
    raise web.HTTPSeeOther(f"{HOME}?saved=yes")


async def _find(request: web.Request) -> Held:
    directory = (await request.app[CONTEXT].snapshots.of(request[COUNTY])).directory
    matter = directory.matter(request.match_info["code"])
    if matter is None:
        raise web.HTTPNotFound
    steps = directory.parallel_steps_of(matter.code)
    return Held(matter, steps, step_rows(say(request), directory, steps))


def _typed(request: web.Request, held: Held) -> dict[str, str]:
    return {name: desk_form(request).first(name) for name in held.fields}


def _changed(request: web.Request, before: Held, held: Held) -> dict[str, str]:
    """What stands now, with what was typed where that is another than the form had shown."""
    form, typed = desk_form(request), dict(held.texts)
    shown = form.first("seen").replace("\r\n", "\n").split("|")
    was = dict(zip(before.fields, shown, strict=False)) if len(shown) == len(before.fields) else {}
    for name in {*held.fields} & form.fields.keys():
        text = form.first(name).replace("\r\n", "\n").strip()
        if text != was.get(name):
            typed[name] = text
    return typed


def _stale(words: Words, held: Held, typed: Mapping[str, str]) -> dict[str, str]:
    """That somebody was first, and beside what was typed what stands there."""
    differs = [name for name in held.fields if typed[name] != held.texts[name]]
    return {"": words("limits_desk.stale")} | {
        name: words("county_desk.stands", value=_said(words, name, held.texts[name]))
        for name in differs
    }


def _said(words: Words, name: str, text: str) -> str:
    """A field's value as its form shows it."""
    if text and name.endswith("unit"):
        return words(f"limits_desk.unit.{text}")
    if name == "after_close":
        return words(f"limits_desk.after.{text}")
    return text or words("county_desk.none")


def _asked(request: web.Request, held: Held) -> tuple[Rows, dict[str, str]]:
    """The matter and its steps as they were typed, and {field: message} of what cannot be."""
    words, typed = say(request), _typed(request, held)
    row, bad = read_row("matters", held.texts | typed)
    steps, faults = read_steps(words, held.steps, typed)
    return (row, tuple(steps)), faults | told(words, bad)


async def _stands(conn: asyncpg.Connection, code: str) -> Rows:
    """The matter and its steps as they are stored now."""
    matters = await directory_store.list_matters(conn)
    steps = await directory_store.list_parallel_steps(conn)
    return (
        next((each for each in matters if each.code == code), None),
        tuple(each for each in steps if each.matter == code),
    )


def _form(
    request: web.Request,
    held: Held,
    typed: Mapping[str, str],
    seen: str,
    faults: Mapping[str, str] | None = None,
    *,
    status: int = 422,
) -> web.Response:
    words, found = say(request), dict(faults or {})
    # What stands in another column of the matter is no field of this page.
    other = [("promised_number", text) for name, text in found.items() if name not in held.fields]
    mine = {name: text for name, text in found.items() if name in held.fields}
    return desk_page(
        request,
        "desk/county/limit.html",
        status=status if found else 200,
        matter=held.matter,
        steps=held.shown,
        typed=typed,
        seen=seen,
        faults=dict.fromkeys(held.fields, "") | mine,
        errors=other if status == 409 else summary(mine, "promised_number") + other,
        units=[("", "–"), *((unit, words(f"limits_desk.unit.{unit}")) for unit in UNITS)],
        after=[(each, words(f"limits_desk.after.{each}")) for each in AFTER],
    )

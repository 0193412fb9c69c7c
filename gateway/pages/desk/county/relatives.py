"""`/desk/county/relatives`: who declared whom as a relative; routing uses it at once."""

from collections.abc import Mapping

import asyncpg
from aiohttp import web

from board.directory import Directory
from board.model import Relative
from board.store import directory as directory_store
from gateway.context import CONTEXT
from gateway.county_files.editing import Edit
from gateway.desk.sessions import current, desk_form
from gateway.i18n import Words
from gateway.pages.desk.county.editing import edit, summary
from gateway.pages.desk.views import desk_page
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, say, see_other

RELATIVES = "/desk/county/relatives"
DONE = ("added", "removed")
_FIELDS = ("badge", "relative_badge")


async def show(request: web.Request) -> web.Response:
    """`GET /desk/county/relatives`."""
    return await _page(request, {}, {})


async def add(request: web.Request) -> web.Response:
    """`POST /desk/county/relatives`: two badges or placards, however they were retyped."""
    form, snapshot = desk_form(request), await _snapshot(request)
    typed = {name: form.first(name).replace("\0", "").strip() for name in _FIELDS}
    found = {name: snapshot.directory.by_number(text) for name, text in typed.items()}
    words = say(request)
    errors = {
        name: words("county_desk.nobody", number=typed[name]) if typed[name]
        else words("county.fault.empty")
        for name, person in found.items() if person is None
    }  # fmt: skip
    one, other = found["badge"], found["relative_badge"]
    if one is None or other is None:
        return await _page(request, typed, errors, 422)
    row = Relative(one.badge, other.badge)
    if row in await _rows(request):
        # Pressed twice: it is there as it was asked for.
        return see_other(f"{RELATIVES}?done=added")
    if other.badge in snapshot.directory.relatives_of(one.badge):
        there = {"relative_badge": words("county_desk.relative_there")}
        return await _page(request, typed, there, 422)
    errors = await edit(request, [Edit("relatives", [row])], f"{one.badge} – {other.badge}")
    if errors:
        return await _page(request, typed, errors, 422)
    return see_other(f"{RELATIVES}?done=added")


async def remove(request: web.Request) -> web.Response:
    """`POST /desk/county/relatives/removal`; one that is gone already stays gone. Nobody removes
    his own, which keeps the relative's cases from him: 403."""
    form = desk_form(request)
    one, other = (form.first(name) for name in _FIELDS)
    if current(request).badge in {one, other}:
        return await _page(request, {}, {"": say(request)("county_desk.relative_own")}, 403)
    errors = await edit(request, [Edit("relatives", dropped=[(one, other)])], f"{one} – {other}")
    if errors:
        return await _page(request, {}, errors, 422)
    return see_other(f"{RELATIVES}?done=removed")


async def _rows(request: web.Request) -> tuple[Relative, ...]:
    async def work(conn: asyncpg.Connection) -> tuple[Relative, ...]:
        return await directory_store.list_relatives(conn)

    rows: tuple[Relative, ...] = await request.app[CONTEXT].db.run(
        request[COUNTY].schema, work, single=True
    )
    return rows


async def _page(
    request: web.Request, typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> web.Response:
    directory, rows = (await _snapshot(request)).directory, await _rows(request)
    done = request.query.get("done", "")
    return desk_page(
        request,
        "desk/county/relatives.html",
        status=status,
        rows=[(row, *_both(directory, row)) for row in rows],
        typed={name: typed.get(name, "") for name in _FIELDS},
        errors=errors,
        summary=summary(_with_fields(say(request), errors), "badge"),
        done=done if done in DONE else "",
    )


def _with_fields(words: Words, errors: Mapping[str, str]) -> dict[str, str]:
    """For the summary, where the field does not stand beside its error."""
    name = {
        "badge": words("county_desk.relative_one"),
        "relative_badge": words("county_desk.relative_other"),
    }
    return {
        column: words("county_desk.field_error", field=name[column], reason=reason)
        if column in name
        else reason
        for column, reason in errors.items()
    }


def _both(directory: Directory, row: Relative) -> tuple[object, object]:
    return directory.person(row.badge), directory.person(row.relative_badge)


async def _snapshot(request: web.Request) -> Snapshot:
    return await request.app[CONTEXT].snapshots.of(request[COUNTY])

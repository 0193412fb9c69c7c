"""`/desk/county/routing`: the table that says who receives what. A change is tried on last year's
cases before it is saved; until then it travels in the form."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from aiohttp import web

from board.model import RoutingRow
from board.store import directory as directory_store
from complaints.routing import read_rules
from complaints.routing_table import RECEIVERS, SUBJECTS
from gateway.context import CONTEXT
from gateway.county_files.editing import COLUMNS
from gateway.desk.access import may
from gateway.desk.sessions import current, desk_form
from gateway.pages.desk.county import routing_view
from gateway.pages.desk.county.editing import edit, summary, told
from gateway.pages.desk.county.routing_wish import (
    RECEIVES,
    Planned,
    Wish,
    mark_of,
    next_rank,
    plan,
    stands,
    texts_of,
    unit_kinds,
    wish_of,
)
from gateway.pages.desk.county.routing_words import shown
from gateway.pages.desk.county.seen import MovedOn, unless_moved
from gateway.pages.desk.views import desk_page, hidden_from
from gateway.rehearsing import rehearse_county
from gateway.views import COUNTY, say, see_other

ROUTING = "/desk/county/routing"


@dataclass(frozen=True, slots=True)
class Table:
    """The table as it stands, at which version."""

    rows: tuple[RoutingRow, ...]
    version: int


async def _table(request: web.Request) -> Table:
    async def work(conn: asyncpg.Connection) -> Table:
        # The version first: a change between the two is told when saving.
        version = (await directory_store.find_versions(conn)).get("routing", 0)
        return Table(await directory_store.load_rules(conn), version)

    found: Table = await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)
    return found


async def show(request: web.Request) -> web.Response:
    """`GET /desk/county/routing`."""
    return await _list(request)


async def _list(request: web.Request, late: str = "", status: int = 200) -> web.Response:
    table, words = await _table(request), say(request)
    return desk_page(
        request,
        "desk/county/routing.html",
        status=status,
        rules=[routing_view.say_rule(words, row) for row in table.rows],
        edits=may(current(request).roles, f"{ROUTING}/new"),
        seen=table.version,
        saved="done" in request.query,
        late=late,
    )


async def new(request: web.Request) -> web.Response:
    """`GET /desk/county/routing/new`."""
    table = await _table(request)
    texts = {"rank": str(next_rank(table.rows)), "subject": "any"}
    return _form(request, table.version, None, texts, {})


async def show_one(request: web.Request) -> web.Response:
    """`GET /desk/county/routing/{position}`: a rule by its rank."""
    table, rank = await _table(request), int(request.match_info["position"])
    row = next((each for each in table.rows if each.rank == rank), None)
    if row is None:
        raise web.HTTPNotFound
    return _form(request, table.version, rank, texts_of(row), {})


def _form(
    request: web.Request,
    seen: int,
    rank: int | None,
    texts: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> web.Response:
    words = say(request)
    receives = (*texts.get("receives", "").split("|"), "", "", "")
    receivers = [(each, words(f"routing.receiver.{each}")) for each in sorted(RECEIVERS)]
    return desk_page(
        request,
        "desk/county/rule.html",
        status=status,
        rank=rank,
        seen=seen,
        typed=shown(words, {**dict.fromkeys(COLUMNS["routing"], ""), **texts}),
        groups=routing_view.groups(words),
        ticked=texts.get("clause_or_code", "").split("|"),
        kinds=texts.get("unit_kind", "any").split("|"),
        receives=list(zip(RECEIVES, receives, strict=False)),
        codes=routing_view.codes(words),
        subjects=[(each, words(f"routing.subject.{each.replace(' ', '_')}")) for each in SUBJECTS],
        receivers=[("", words("county_desk.nobody_else")), *receivers],
        unit_kinds=[(each, words(f"routing.unit_kind.{each}")) for each in unit_kinds()],
        errors=errors,
        summary=summary(errors, "rank"),
    )  # fmt: skip


def _wish(request: web.Request) -> Wish:
    wish = wish_of(desk_form(request))
    if wish is None:
        raise web.HTTPBadRequest
    return wish


async def preview(request: web.Request) -> web.Response:
    """`POST /desk/county/routing/preview`: the dry run; nothing is stored."""
    wish, table = _wish(request), await _table(request)
    planned = plan(table.rows, wish)
    if planned is None:
        return await _gone(request, table, wish)
    if planned.edit is None:
        return _faulty(request, table, wish, planned)
    return await _preview(request, table, wish, planned)


async def _gone(request: web.Request, table: Table, wish: Wish) -> web.Response:
    """Somebody took the rule away, or it stands at the end of the table already; what was typed of
    it can be a new one."""
    words = say(request)
    if wish.do != "put":
        return await _list(request, words("county_desk.rule_gone"), 409)
    errors = {"": words("county_desk.rule_gone_typed")}
    return _form(request, table.version, None, wish.texts, errors, status=409)


def _faulty(request: web.Request, table: Table, wish: Wish, planned: Planned) -> web.Response:
    words = say(request)
    errors = told(words, planned.faults)
    if planned.taken:
        errors["rank"] = words("county_desk.rank_taken", rank=wish.texts["rank"])
    return _form(request, table.version, wish.rank, wish.texts, errors, status=422)


async def _preview(
    request: web.Request,
    table: Table,
    wish: Wish,
    planned: Planned,
    *,
    late: str = "",
    status: int = 200,
) -> web.Response:
    context, words = request.app[CONTEXT], say(request)
    directory = (await context.snapshots.of(request[COUNTY])).directory
    found = await rehearse_county(
        context.db,
        request[COUNTY],
        directory,
        old_rules=read_rules(table.rows),
        new_rules=planned.rules,
        now=context.clock(),
        hidden=hidden_from(request, directory),
    )
    return desk_page(
        request,
        "desk/county/routing_preview.html",
        status=status,
        wish=wish,
        seen=table.version,
        after=mark_of(planned.rows),
        lines=routing_view.compared(words, table.rows, planned.rows),
        empty=not planned.rows,
        late=late,
        **routing_view.say_rehearsed(words, found, directory),
    )


async def save(request: web.Request) -> web.Response:
    """`POST /desk/county/routing`: what the preview showed; 409 and a new preview when somebody
    saved another table meanwhile. Pressed twice, it is saved once."""
    wish, table = _wish(request), await _table(request)
    planned = plan(table.rows, wish)
    if desk_form(request).first("after") == mark_of(table.rows):
        return see_other(f"{ROUTING}?done=1")
    if planned.stands if planned else stands(table.rows, wish):
        return see_other(f"{ROUTING}?done=1")
    if planned is None:
        return await _gone(request, table, wish)
    if planned.edit is None:
        return _faulty(request, table, wish, planned)
    seen = desk_form(request).first("seen")
    errors: Mapping[str, str] = {}
    late = seen != str(table.version)
    if not late:
        try:
            errors = await edit(request, [planned.edit], _key(wish), unless_moved("routing", seen))
        except MovedOn:
            late, table = True, await _table(request)
    if late:
        return await _again(request, table, wish)
    if errors:
        return _form(request, table.version, wish.rank, wish.texts, errors, status=422)
    return see_other(f"{ROUTING}?done=1")


async def _again(request: web.Request, table: Table, wish: Wish) -> web.Response:
    planned = plan(table.rows, wish)
    if planned is None:
        return await _gone(request, table, wish)
    if planned.edit is None:
        return _faulty(request, table, wish, planned)
    message = say(request)("county_desk.routing_moved_on")
    return await _preview(request, table, wish, planned, late=message, status=409)


def _key(wish: Wish) -> str:
    return wish.texts["rank"] if wish.do == "put" else str(wish.rank)

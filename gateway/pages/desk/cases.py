"""`/desk/cases`: the county desk's lists, narrowed in the address, and reminders for many."""

from urllib.parse import urlencode

import asyncpg
from aiohttp import web

from board.model import Office, Unit
from complaints import supervision
from complaints.categories import categories
from complaints.lifecycle import DUTIES
from complaints.standing import By
from complaints.steps import desk
from complaints.steps.words import Refused
from complaints.store import standing as standing_store
from complaints.supervision import LISTS, MOST_COUNTED, PAGE, Listed, Wanted
from gateway.context import CONTEXT
from gateway.desk.sessions import current, desk_form
from gateway.pages.desk.views import desk_page
from gateway.views import COUNTY, LANGUAGE, name_in, say

NARROWED = ("unit", "office", "state", "category", "number")
LONGEST = 60


def _wanted(request: web.Request) -> Wanted:
    query = request.query
    name = query.get("list", LISTS[0])
    if name not in LISTS:
        raise web.HTTPNotFound
    typed = {key: query.get(key, "").replace("\0", "").strip()[:LONGEST] for key in NARROWED}
    return Wanted(name, after=query.get("after", "")[:100], **typed)


def address(wanted: Wanted, **changed: str) -> str:
    """The address of a list, with its filters."""
    said = {"list": wanted.name, **{key: getattr(wanted, key) for key in NARROWED}, **changed}
    return "/desk/cases?" + urlencode({key: value for key, value in said.items() if value})


async def show(request: web.Request) -> web.Response:
    """`GET /desk/cases`: one list, 50 cases a page; a whole case number leads to its case."""
    context, wanted = request.app[CONTEXT], _wanted(request)
    snapshot = await context.snapshots.of(request[COUNTY])
    now = context.clock()

    async def work(conn: asyncpg.Connection) -> tuple[bool, Listed]:
        if wanted.number and await standing_store.find_id(conn, wanted.number):
            return True, Listed((), 0, "")
        return False, await supervision.find_page(conn, wanted, snapshot.calendar, now)

    try:
        exact, listed = await context.db.run(request[COUNTY].schema, work, single=True)
    except ValueError:
        raise web.HTTPNotFound from None
    if exact:
        raise web.HTTPSeeOther(f"/desk/cases/{wanted.number}")
    directory = snapshot.directory
    return desk_page(
        request,
        "desk/cases.html",
        wanted=wanted,
        lists=[(each, address(Wanted(each))) for each in LISTS],
        rows=[(row, directory.office(row["office"]), directory.unit(row["unit"]))
              for row in listed.rows],
        now=now,
        count=listed.count,
        most=MOST_COUNTED,
        shown=min(listed.count, PAGE),
        further=address(wanted, after=listed.after) if listed.after else "",
        here=address(wanted, after=wanted.after),
        done=_count(request.query.get("reminded", "")),
        options=_options(request, directory.offices, directory.units),
    )  # fmt: skip


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _options(
    request: web.Request, offices: tuple[Office, ...], units: tuple[Unit, ...]
) -> dict[str, list[tuple[str, str]]]:
    words, language = say(request), request[LANGUAGE]
    everything = ("", words("desk.cases.any"))
    return {
        "unit": [everything, *((each.code, name_in(language, each)) for each in units)],
        "office": [everything, *((each.code, name_in(language, each)) for each in offices)],
        "state": [everything, *((each, words(f"desk.state.{each}")) for each in DUTIES)],
        "category": [everything, *((each, words(f"category.{each}")) for each in categories())],
    }


async def remind(request: web.Request) -> web.Response:
    """`POST /desk/cases/reminders`: presses every case that is ticked; who is over is left out."""
    context, form = request.app[CONTEXT], desk_form(request)
    numbers = sorted(set(form.fields.get("case", ())))[:PAGE]
    snapshot = await context.snapshots.of(request[COUNTY])
    by, now = By("desk", current(request).login), context.clock()

    async def work(conn: asyncpg.Connection) -> int:
        done = 0
        for each in numbers:
            number, _, steps = each.rpartition(":")
            id_ = await standing_store.find_id(conn, number.replace("\0", ""))
            case = await standing_store.find_standing(conn, id_, lock=True) if id_ else None
            # Whoever was first has pressed it, or moved it on.
            if case is None or str(case.steps) != steps:
                continue
            try:
                move = desk.remind(case, "", by, calendar=snapshot.calendar, now=now)
            except Refused:
                continue
            done += await standing_store.update_case(conn, move)
        return done

    done = await context.db.run(request[COUNTY].schema, work)
    name = form.first("list")
    raise web.HTTPSeeOther(address(Wanted(name if name in LISTS else LISTS[0]), reminded=str(done)))


async def find(request: web.Request) -> web.Response:
    """`GET /desk/cases/find`: for those who see a case by its number alone."""
    number = request.query.get("number", "").replace("\0", "").strip()[:LONGEST]
    if not number:
        return desk_page(request, "desk/find.html", number="", error="")

    async def work(conn: asyncpg.Connection) -> bool:
        return await standing_store.find_id(conn, number) is not None

    if await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True):
        raise web.HTTPSeeOther(f"/desk/cases/{number}")
    error = say(request)("desk.case.unknown")
    return desk_page(request, "desk/find.html", number=number, error=error, status=404)

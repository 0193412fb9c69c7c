"""`/desk/cases`: the county desk's lists, narrowed in the address, and reminders for many."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import asyncpg
from aiohttp import web

from board.directory import Directory
from board.model import Office, Unit
from complaints import supervision
from complaints.categories import categories
from complaints.hidden import Hidden
from complaints.lifecycle import DUTIES, OVER
from complaints.limits import local
from complaints.standing import By, Move
from complaints.steps import desk
from complaints.steps.words import Refused
from complaints.store import standing as standing_store
from complaints.supervision import LISTS, MOST_COUNTED, PAGE, STRETCH, Listed, Wanted
from complaints.typed import case_number
from gateway.context import CONTEXT
from gateway.desk.sessions import current, desk_form
from gateway.desk.waiting import WAITING, Counts
from gateway.i18n import Words
from gateway.pages.desk.due import day_words, due_words
from gateway.pages.desk.views import desk_page, hidden_from
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, LANGUAGE, name_in, say

# {filter: [(value, wording)]}.
Options = dict[str, list[tuple[str, str]]]
NARROWED = ("number", "unit", "staff", "office", "state", "category")
LONGEST = 60


def _wanted(first: Callable[[str], str]) -> Wanted:
    """A list as the address or a form names it."""
    name = first("list") or LISTS[0]
    if name not in LISTS:
        raise web.HTTPNotFound
    typed = {key: first(key).replace("\0", "").strip()[:LONGEST] for key in NARROWED}
    typed["number"] = case_number(typed["number"])
    return Wanted(name, after=first("after")[:100], **typed)


def _named(wanted: Wanted, directory: Directory) -> Wanted:
    """The list with the person's badge, whichever number of the person was typed, and how."""
    person = directory.by_number(wanted.staff) if wanted.staff else None
    return replace(wanted, staff=person.badge) if person else wanted


def address(wanted: Wanted, **changed: str) -> str:
    """The address of a list, with its filters."""
    said = {"list": wanted.name, **{key: getattr(wanted, key) for key in NARROWED}, **changed}
    return "/desk/cases?" + urlencode({key: value for key, value in said.items() if value})


async def show(request: web.Request) -> web.Response:
    """`GET /desk/cases`: one list, 50 cases a page; a whole case number leads to its case."""
    context = request.app[CONTEXT]
    wanted = _wanted(lambda name: request.query.get(name, ""))
    snapshot = await context.snapshots.of(request[COUNTY])
    wanted = _named(wanted, snapshot.directory)
    hidden, now = hidden_from(request, snapshot.directory), context.clock()

    async def work(conn: asyncpg.Connection) -> tuple[bool, Listed, Mapping[str, int]]:
        if wanted.number and await standing_store.find_id(conn, wanted.number, hidden):
            return True, Listed((), 0, ""), {}
        counts = await count_lists(request, conn, snapshot, hidden)
        listed = await supervision.find_page(
            conn, wanted, snapshot.calendar, now, hidden, standing=counts.get(wanted.name)
        )
        return False, listed, counts

    try:
        exact, listed, counts = await context.db.run(request[COUNTY].schema, work, single=True)
    except ValueError:
        raise web.HTTPNotFound from None
    if exact:
        raise web.HTTPSeeOther(f"/desk/cases/{wanted.number}")
    return _list_page(request, wanted, listed, counts, snapshot)


async def count_lists(
    request: web.Request, conn: asyncpg.Connection, snapshot: Snapshot, hidden: Hidden
) -> Counts:
    """How many stand in each list, of what the reader may see."""
    schema, now = request[COUNTY].schema, request.app[CONTEXT].clock()
    waiting = request.app[WAITING]
    held = waiting.find(schema, hidden, now)
    if held is not None:
        return held
    writes = waiting.writes(schema)
    counts = await supervision.count_lists(conn, snapshot.calendar, now, hidden)
    return waiting.keep(schema, hidden, now, counts, writes=writes)


def _list_page(
    request: web.Request,
    wanted: Wanted,
    listed: Listed,
    counts: Mapping[str, int],
    snapshot: Snapshot,
) -> web.Response:
    words, now = say(request), request.app[CONTEXT].clock()
    directory = snapshot.directory
    options = _options(request, wanted.name, directory.offices, directory.units)
    further = address(wanted, after=listed.after) if listed.after else ""
    here = address(wanted, after=wanted.after)
    return desk_page(
        request,
        "desk/cases.html",
        wanted=wanted,
        lists=[(each, address(Wanted(each)), counted(words, counts.get(each))) for each in LISTS],
        rows=[_row(words, row, snapshot, now) for row in listed.rows],
        remindable=any(_remindable(row) for row in listed.rows),
        count=listed.count,
        most=MOST_COUNTED,
        further=further,
        searched=STRETCH if listed.more_to_search else 0,
        older=listed.more_to_search and listed.count <= PAGE,
        first=address(wanted) if wanted.after else "",
        kept=[("list", wanted.name), *_kept(wanted), ("after", wanted.after)],
        ticked="tick" in request.query,
        tick_all=here + "&tick=1",
        tick_none=here,
        done=_count(request.query.get("reminded", "")),
        left=_count(request.query.get("left", "")),
        options=options,
        narrowed=_narrowed(words, wanted, options, snapshot),
    )


def _row(
    words: Words, row: asyncpg.Record, snapshot: Snapshot, now: datetime
) -> tuple[Any, Office | None, Unit | None, tuple[str, str], bool, str, bool]:
    """(case, office, unit, what is due and when, whether that is over, since when we have it,
    whether it can be ticked)."""
    at = row["next_at"]
    return (
        row,
        snapshot.directory.office(row["office"]),
        snapshot.directory.unit(row["unit"]),
        due_words(words, at, row["next_kind"], now=now),
        at is not None and at <= now and row["next_kind"] != "calendar_unknown",
        day_words(words, local(row["created_at"]).date(), now),
        _remindable(row),
    )


def _remindable(row: asyncpg.Record) -> bool:
    """A sealed case is pressed by its own timers alone."""
    return not row["sealed"] and desk.can_be_reminded(row["state"], row["owner"])


def counted(words: Words, count: int | None) -> str:
    """How many there are, as far as they are counted; nothing for none."""
    if not count:
        return ""
    most = words("desk.cases.over", most=MOST_COUNTED)
    return most if count > MOST_COUNTED else str(count)


def _kept(wanted: Wanted) -> list[tuple[str, str]]:
    return [(key, value) for key in NARROWED if (value := getattr(wanted, key))]


def _narrowed(
    words: Words, wanted: Wanted, options: Options, snapshot: Snapshot
) -> list[tuple[str, str, str]]:
    """Each filter in force: (name, what it lets through, the address without it)."""
    told = []
    for key, value in _kept(wanted):
        named = dict(options.get(key, ())).get(value, value)
        person = snapshot.directory.person(value) if key == "staff" else None
        named = f"{person.name} {person.badge}" if person else named
        told.append((words(f"desk.cases.{key}"), named, address(wanted, **{key: ""})))
    return told


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _options(
    request: web.Request, name: str, offices: tuple[Office, ...], units: tuple[Unit, ...]
) -> Options:
    """What each filter of the list offers; states of cases that are over only where it has such."""
    states = (*DUTIES, *sorted(OVER)) if name in supervision.WITH_OVER else DUTIES
    words, language = say(request), request[LANGUAGE]
    everything = ("", words("desk.cases.any"))
    return {
        "unit": [everything, *((each.code, name_in(language, each)) for each in units)],
        "office": [everything, *((each.code, name_in(language, each)) for each in offices)],
        "state": [everything, *((each, words(f"desk.state.{each}")) for each in states)],
        "category": [everything, *((each, words(f"category.{each}")) for each in categories())],
    }


async def remind(request: web.Request) -> web.Response:
    """`POST /desk/cases/reminders`: presses every case that is ticked; who is over is left out.
    Leads back to the very same place in the list."""
    context, form = request.app[CONTEXT], desk_form(request)
    numbers = sorted(set(form.fields.get("case", ())))[:PAGE]
    wanted = _wanted(form.first)
    snapshot = await context.snapshots.of(request[COUNTY])
    by, now = By("desk", current(request).login), context.clock()
    hidden = hidden_from(request, snapshot.directory)
    tried: dict[str, Move] = {}

    async def work(conn: asyncpg.Connection) -> int:
        done = 0
        for each in numbers:
            number, _, steps = each.replace("\0", "").rpartition(":")
            id_ = await standing_store.find_id(conn, number, hidden)
            case = await standing_store.find_standing(conn, id_, lock=True) if id_ else None
            # Run again after a commit that was not heard of: it is pressed already.
            if each in tried and await standing_store.is_written(conn, tried[each]):
                done += 1
                continue
            # Whoever was first has pressed it, or moved it on.
            if case is None or case.sealed or str(case.steps) != steps:
                continue
            try:
                move = desk.remind(case, "", by, calendar=snapshot.calendar, now=now)
            except Refused:
                continue
            tried[each] = move
            done += await standing_store.update_case(conn, move)
        return done

    done = await context.db.run(request[COUNTY].schema, work)
    left = str(len(numbers) - done)
    raise web.HTTPSeeOther(address(wanted, after=wanted.after, reminded=str(done), left=left))


async def find(request: web.Request) -> web.Response:
    """`GET /desk/cases/find`: for those who see a case by its number alone."""
    number = case_number(request.query.get("number", "").replace("\0", "")[:LONGEST])
    if not number:
        return desk_page(request, "desk/find.html", number="", error="")

    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])
    hidden = hidden_from(request, snapshot.directory)

    async def work(conn: asyncpg.Connection) -> bool:
        return await standing_store.find_id(conn, number, hidden) is not None

    if await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True):
        raise web.HTTPSeeOther(f"/desk/cases/{number}")
    error = say(request)("desk.case.unknown")
    return desk_page(request, "desk/find.html", number=number, error=error, status=404)

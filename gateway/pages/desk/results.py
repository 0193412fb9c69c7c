"""`/desk/results`: which cases everybody may read of, what is written of them, and its release."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from aiohttp import web

from board.ids import new_id
from board.redaction import masks_in, pieces
from complaints import results
from complaints.model import Unreadable
from complaints.results import PARTS, Material
from complaints.standing import By, Move, Standing
from complaints.steps.results import ENDED
from complaints.steps.words import Refused
from complaints.store import results as store
from complaints.store import standing as standing_store
from gateway.ciphers import KeyringCipher
from gateway.context import CONTEXT
from gateway.desk.sessions import current, desk_form
from gateway.figure_words import name_of
from gateway.i18n import words as words_of
from gateway.pages.desk.case_rows import Name, cells_said, heads, result_rows
from gateway.pages.desk.views import desk_page, hidden_from
from gateway.pages.result_cases import mark
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, STORED_LANGUAGE, say

LISTS = ("waiting", "released")
CASES: tuple[Name, ...] = ("number", "unit", "office", "state", "received")
PAGE = 50
DONE = ("released", "withdrawn")


async def show(request: web.Request) -> web.Response:
    """`GET /desk/results?list=waiting`: cases that ended, with the complainant's consent."""
    name = request.query.get("list", LISTS[0])
    if name not in LISTS:
        raise web.HTTPNotFound
    after = mark(request.query.get("after", ""))
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])

    async def work(conn: asyncpg.Connection) -> list[asyncpg.Record]:
        return await store.list_publishable(
            conn,
            after,
            PAGE + 1,
            released=name == "released",
            hidden=hidden_from(request, snapshot.directory),
        )

    rows = await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)
    words = say(request)
    return desk_page(
        request,
        "desk/results/list.html",
        name=name,
        tabs=[
            (words(f"desk.results.list.{each}"), f"/desk/results?list={each}", each == name)
            for each in LISTS
        ],
        heads=heads(words, (*CASES, "title") if name == "released" else CASES),
        rows=result_rows(rows[:PAGE], snapshot),
        said=cells_said(words, request.app[CONTEXT].clock()),
        further=f"/desk/results?list={name}&after={rows[PAGE - 1]['id']}"
        if len(rows) > PAGE else "",
    )  # fmt: skip


async def show_one(request: web.Request) -> web.Response:
    """`GET /desk/results/{number}`: title, what was complained of, what came of it; offered as
    they were released, or drawn from the case without names and numbers."""
    case, material, snapshot = await _read(request)
    done = request.query.get("done", "")
    words = material.words or _offered(material, snapshot)
    return _page(request, (case, material, snapshot), words, done=done if done in DONE else "")


async def _read(request: web.Request) -> tuple[Standing, Material, Snapshot]:
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])

    async def work(conn: asyncpg.Connection) -> tuple[Standing, Material]:
        return await _found(request, conn, snapshot)

    case, material = await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)
    return case, material, snapshot


async def _found(
    request: web.Request, conn: asyncpg.Connection, snapshot: Snapshot, *, lock: bool = False
) -> tuple[Standing, Material]:
    """404 for a case of which there is nothing to tell, 503 while a key is missing."""
    hidden = hidden_from(request, snapshot.directory)
    id_ = await standing_store.find_id(conn, request.match_info["number"], hidden)
    case = await standing_store.find_standing(conn, id_, lock=lock) if id_ else None
    if case is None:
        raise web.HTTPNotFound
    cipher = KeyringCipher(request.app[CONTEXT].keys)
    try:
        material = await results.find_material(conn, case, snapshot.directory, cipher)
    except Unreadable:
        raise web.HTTPServiceUnavailable from None
    if material is None:
        raise web.HTTPNotFound
    return case, material


def _offered(material: Material, snapshot: Snapshot) -> Sequence[str]:
    """Words to begin with, in the language that complaints and answers are stored in: a result is
    read as it was written, whatever language whoever released it reads."""
    words = words_of(STORED_LANGUAGE)
    category = next(iter(material.categories), "")
    unit = name_of(words, snapshot.directory, "unit", material.unit)
    title = words(
        "desk.results.offer",
        unit=unit, category=name_of(words, snapshot.directory, "category", category),
    )  # fmt: skip
    findings = words("complaints.list_comma").join(
        words(f"finding.{each}") for each in dict.fromkeys(material.findings)
    )
    outcome = f"{findings}\n{material.reply}" if findings else material.reply
    return results.masked(
        (title[: results.LONGEST["title"]], material.body, outcome), material.people
    )


def _page(
    request: web.Request,
    read: tuple[Standing, Material, Snapshot],
    words: Sequence[str],
    faults: Mapping[str, str] | None = None,
    *,
    status: int = 200,
    preview: bool = False,
    hide: str = "",
    **more: Any,
) -> web.Response:
    case, material, snapshot = read
    people = material.people.and_words(results.read_hidden(hide)[0])
    speak, directory = say(request), snapshot.directory
    told = {part: speak(f"desk.results.fault.{key}") for part, key in (faults or {}).items()}
    category = next(iter(material.categories), "")
    return desk_page(
        request,
        "desk/results/one.html",
        status=status,
        case=case,
        material=material,
        typed=dict(zip(PARTS, words, strict=True)),
        longest=results.LONGEST,
        errors=told,
        preview=preview,
        own_words={
            "problem": pieces(material.body, people),
            "outcome": pieces(material.reply, people),
        },
        public={part: masks_in(each) for part, each in zip(PARTS, words, strict=True)},
        hide=hide,
        longest_hide=results.MOST_HIDDEN,
        unit=name_of(speak, directory, "unit", material.unit),
        category=name_of(speak, directory, "category", category) if category else "",
        may=material.consented and case.state in ENDED and case.wiped_at is None,
        **{"done": "", "refused": "", "touched": False, "kept": (), **more},
    )


async def preview(request: web.Request) -> web.Response:
    """`POST /desk/results/{number}/preview`: the result as everybody would read it, beside the
    words of the case. `hide` names words to be taken out besides. Nothing is stored; what was
    taken out of the words stays out."""
    read, form = await _read(request), desk_form(request)
    clean, faults = results.read([form.first(part) for part in PARTS])
    hide = form.first("hide")
    hidden, fault = results.read_hidden(hide)
    faults |= {"hide": fault} if fault else {}
    if faults:
        return _page(request, read, clean, faults, status=422, hide=hide)
    masked = results.masked(clean, read[1].people.and_words(hidden))
    return _page(request, read, masked, preview=True, touched=masked != clean, hide=hide)


async def release(request: web.Request) -> web.Response:
    """`POST /desk/results/{number}/release`: 303; 422 with the masked words where something had to
    be taken out that nobody has seen taken out yet; 409 when somebody was first."""
    form = desk_form(request)
    clean, faults = results.read([form.first(part) for part in PARTS])
    read = await _read(request)
    if faults:
        return _page(request, read, clean, faults, status=422)
    masked = results.masked(clean, read[1].people)
    if masked != clean:
        return _page(request, read, masked, status=422, preview=True, touched=True)
    error = await _done(request, clean)
    if error:
        status = 409 if error == "late" else 422
        again = await _read(request)
        refused = say(request)(f"desk.refused.{error}")
        return _page(request, again, clean, status=status, refused=refused, kept=clean)
    raise web.HTTPSeeOther(f"/desk/results/{read[0].number}?done=released")


async def withdraw(request: web.Request) -> web.Response:
    """`POST /desk/results/{number}/withdrawal`: nobody reads it any more; 303. Of a wiped case
    nothing is left then, and the list is shown."""
    try:
        read = await _read(request)
        error = await _done(request, None)
        if error:
            read = await _read(request)
    except web.HTTPNotFound:
        # Pressed twice, or taken back by somebody else meanwhile.
        if await _is_wiped(request):
            raise web.HTTPSeeOther("/desk/results?list=released") from None
        raise
    if error:
        words = read[1].words or _offered(read[1], read[2])
        refused = say(request)(f"desk.refused.{error}")
        return _page(request, read, words, status=409 if error == "late" else 422, refused=refused)
    if read[0].wiped_at is not None:
        raise web.HTTPSeeOther("/desk/results?list=released")
    raise web.HTTPSeeOther(f"/desk/results/{read[0].number}?done=withdrawn")


async def _is_wiped(request: web.Request) -> bool:
    """Whether it is a case of which nothing is left, that this reader may know of."""
    snapshot = await request.app[CONTEXT].snapshots.of(request[COUNTY])
    hidden = hidden_from(request, snapshot.directory)

    async def work(conn: asyncpg.Connection) -> bool:
        id_ = await standing_store.find_id(conn, request.match_info["number"], hidden)
        case = await standing_store.find_standing(conn, id_) if id_ else None
        return case is not None and case.wiped_at is not None and not case.sealed

    return await request.app[CONTEXT].db.run(request[COUNTY].schema, work, single=True)


async def _done(request: web.Request, words: Sequence[str] | None) -> str:
    """Releases these words, or withdraws (None); "" or the key of why not. Run again after a
    commit that was not heard of, it finds what it wrote."""
    context, form = request.app[CONTEXT], desk_form(request)
    snapshot = await context.snapshots.of(request[COUNTY])
    by, now = By("desk", current(request).login), context.clock()
    id_: UUID = new_id(now)
    at: dict[str, Any] = {"by": by, "calendar": snapshot.calendar, "now": now}
    tried: list[Move] = []

    async def work(conn: asyncpg.Connection) -> str:
        if await standing_store.is_written(conn, *tried):
            return ""
        case, material = await _found(request, conn, snapshot, lock=True)
        if str(case.steps) != form.first("steps"):
            return "late"
        try:
            if words is None:
                move = await results.withdraw(conn, case, **at)
            else:
                move = await results.release(conn, case, material, words, id_=id_, **at)
        except Refused as refused:
            return refused.key
        tried.extend([move] if move else ())
        return "" if move else "late"

    return await context.db.run(request[COUNTY].schema, work)

"""What the complaint form asks while it is filled in: who, how late, and is this right?

Nothing here stores anything. Buttons of the form come by POST; `complaint.js` asks for people and
figures by GET while one types.
"""

import asyncpg
from aiohttp import web

from board.model import Receipt
from complaints import decisions, drafts, intake, phrases
from complaints.drafts import Refused
from complaints.limits import local
from complaints.measuring import Measured
from complaints.model import MOST_FILES
from gateway import bodies
from gateway.context import CONTEXT
from gateway.db import DatabaseDown
from gateway.i18n import Words
from gateway.pages.case_view import office_words
from gateway.pages.complaint_form import (
    LONGEST_QUERY,
    Notice,
    Shown,
    Typed,
    county_of,
    find_people,
    form_page,
    known,
    match_of,
    say_faults,
    snapshot_of,
    summary,
    typed_fields,
    unavailable,
)
from gateway.pages.figures import figures_of, say_due
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, page, say


async def step(request: web.Request) -> web.Response:
    """`POST /complaints/new`: what the form's other buttons do; nothing is ever stored."""
    form = await bodies.read_form(request)
    typed = typed_fields(form.fields)
    snapshot = await snapshot_of(request)
    action = _STEPS.get("".join(form.fields.get("do", ())[:1]), _change)
    return await action(request, snapshot, typed, bool(form.files))


async def _change(
    request: web.Request, snapshot: Snapshot, typed: Typed, files: bool
) -> web.Response:
    return form_page(request, snapshot, typed, Shown(files_lost=files))


async def _find(
    request: web.Request, snapshot: Snapshot, typed: Typed, files: bool
) -> web.Response:
    matches = find_people(typed, snapshot, request)
    notice: Notice = "" if matches else "found_none"
    return form_page(
        request, snapshot, typed, Shown(notice=notice, matches=matches, files_lost=files)
    )


async def _count(
    request: web.Request, snapshot: Snapshot, typed: Typed, files: bool
) -> web.Response:
    """The figures of a missed limit, or what is wrong with the fields that they come from."""
    words = say(request)
    try:
        measured = await _measure(request, snapshot, typed)
    except Refused as refused:
        errors = say_faults(words, refused.faults)
        return form_page(request, snapshot, typed, Shown(errors, files_lost=files), 422)
    except DatabaseDown:
        return unavailable(form_page(request, snapshot, typed, Shown(notice="down"), 503))
    figures = figures_of(words, measured, snapshot.directory) if measured else None
    errors = [] if figures else [("accepted_on", _why_not(words, typed))]
    shown = Shown(errors, figures=figures, files_lost=files)
    if figures and not typed("matter"):
        # A receipt on record says which matter it is: nobody shall have to look for it.
        typed = Typed({**typed.fields, "matter": [figures.code]})
    return form_page(request, snapshot, typed, shown, 200 if figures else 422)


async def _check(
    request: web.Request, snapshot: Snapshot, typed: Typed, files: bool
) -> web.Response:
    """What will be sent, to whom and why, and who may see what of it; sent from there."""
    words = say(request)
    try:
        draft = drafts.read(typed.fields, known(request, snapshot))
    except Refused as refused:
        errors = say_faults(words, refused.faults)
        return form_page(request, snapshot, typed, Shown(errors, files_lost=files), 422)
    try:
        receipt = await _receipt(request, draft.receipt_number)
    except DatabaseDown:
        return unavailable(form_page(request, snapshot, typed, Shown(notice="down"), 503))
    decided = decisions.decide(draft, receipt, county_of(snapshot), request.app[CONTEXT].clock())
    staff = decided.subject.staff
    office = snapshot.directory.office(decided.office)
    return page(
        request,
        "complaints/check.html",
        typed=typed,
        rows=summary(words, draft, snapshot),
        found=match_of(staff, snapshot) if staff else None,
        state=decided.subject.state,
        allegations=decided.allegations,
        hints=[code for code in phrases.hint_categories(draft.text) if code not in draft.category],
        figures=figures_of(words, decided.measured, snapshot.directory)
        if decided.measured
        else None,
        sealed=decided.sealed,
        office=office,
        why=office_words(words, office, sealed=decided.sealed, up=decided.went_up),
        due=say_due(words, decided.due) if decided.due else "",
        files_lost=files,
        most_files=MOST_FILES,
        most_megabytes=bodies.FILE_BYTES // 1024**2,
    )


_STEPS = {"find": _find, "count": _count, "check": _check, "change": _change}


async def lookup(request: web.Request) -> web.Response:
    """`GET /complaints/lookup?q=&unit=`: who a number, name or window may mean, and with a unit
    alone whom one may meet there, as JSON, from memory."""
    snapshot = await snapshot_of(request)
    typed = Typed(
        {
            "badge": [request.query.get("q", "")[:LONGEST_QUERY]],
            "unit": [request.query.get("unit", "")],
        }
    )
    words = say(request)
    found = find_people(typed, snapshot, request) if typed("badge").strip() or typed("unit") else ()
    english = words.language == "en"
    return web.json_response(
        [
            {
                "badge": match.person.badge,
                "placard": match.person.placard,
                "name": match.person.name,
                "post": match.person.post,
                "unit": match.person.unit,
                "unit_name": match.unit and (match.unit.name_en if english else match.unit.name),
                "window": match.window,
            }
            for match in found
        ]
    )


async def limit(request: web.Request) -> web.Response:
    """`GET /complaints/limit?matter=&receipt_number=&accepted_on=`: the figures as a fragment."""
    snapshot = await snapshot_of(request)
    words = say(request)
    typed = Typed({name: [value] for name, value in request.query.items()})
    try:
        measured = await _measure(request, snapshot, typed)
    except Refused as refused:
        told = [message for _, message in say_faults(words, refused.faults)]
        return page(request, "complaints/_figures.html", figures=None, told=told)
    figures = figures_of(words, measured, snapshot.directory) if measured else None
    told = [] if figures else [_why_not(words, typed)]
    return page(request, "complaints/_figures.html", figures=figures, told=told)


_OF_LIMIT = ("matter", "receipt_number", "accepted_on")


async def _measure(request: web.Request, snapshot: Snapshot, typed: Typed) -> Measured | None:
    """Raises `Refused` for a faulty date or matter, and `DatabaseDown`."""
    given = {name: [typed(name)] for name in _OF_LIMIT}
    # Only these three fields are judged here; the text need not be there yet.
    draft = drafts.read({**given, "text": ["."], "badge": ["."]}, known(request, snapshot))
    receipt = await _receipt(request, draft.receipt_number)
    today = local(request.app[CONTEXT].clock()).date()
    return decisions.measure(draft.matter, receipt, draft.accepted_on, today, county_of(snapshot))


def _why_not(words: Words, typed: Typed) -> str:
    """Why there are no figures; a receipt number that was typed did not lead to a limit."""
    return words("figures.no_receipt" if typed("receipt_number").strip() else "figures.nothing")


async def _receipt(request: web.Request, number: str) -> Receipt | None:
    if not number:
        return None

    async def find(conn: asyncpg.Connection) -> Receipt | None:
        return await intake.find_receipt(conn, number)

    return await request.app[CONTEXT].db.run(request[COUNTY].schema, find, single=True)

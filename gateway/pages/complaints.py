"""Filing a complaint: the form, its small helpers, and sending it.

One long form that works without JavaScript; `complaint.js` shows it step by step and asks the
same addresses for matches and figures while one types.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from aiohttp import web

from board.ids import new_id
from board.model import Receipt
from complaints import decisions, drafts, intake, phrases
from complaints.decisions import Measured
from complaints.drafts import Draft, Refused
from complaints.intake import AlreadyFiled, Enclosed, Origin, TooManyFilings
from complaints.limits import local
from complaints.model import MOST_FILES, Attachment, Filed
from gateway import throttle, uploads
from gateway.ciphers import KeyringCipher
from gateway.context import CONTEXT
from gateway.db import DatabaseDown
from gateway.middleware import RETRY_AFTER_SECONDS, wants_json
from gateway.pages import receipts
from gateway.pages.case_view import office_words
from gateway.pages.complaint_form import (
    LONGEST_QUERY,
    Notice,
    Shown,
    Typed,
    find_people,
    form_page,
    from_query,
    known,
    match_of,
    say_faults,
    snapshot_of,
    summary,
    typed_fields,
)
from gateway.pages.figures import figures_of, say_due
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, LANGUAGE, page, say

log = logging.getLogger(__name__)


async def new(request: web.Request) -> web.Response:
    """`GET /complaints/new?staff=&unit=&matter=`: the form."""
    snapshot = await snapshot_of(request)
    return form_page(request, snapshot, from_query(request, snapshot), Shown())


async def step(request: web.Request) -> web.Response:
    """`POST /complaints/new`: what the form's other buttons do; nothing is ever stored."""
    form = await uploads.read_form(request)
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
        return _unavailable(form_page(request, snapshot, typed, Shown(notice="down"), 503))
    figures = figures_of(words, measured) if measured else None
    errors = [] if figures else [("accepted_on", words("figures.nothing"))]
    shown = Shown(errors, figures=figures, files_lost=files)
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
        return _unavailable(form_page(request, snapshot, typed, Shown(notice="down"), 503))
    decided = decisions.decide(draft, receipt, _county(snapshot), request.app[CONTEXT].clock())
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
        figures=figures_of(words, decided.measured) if decided.measured else None,
        sealed=decided.sealed,
        office=office,
        why=office_words(words, office, sealed=decided.sealed, up=decided.went_up),
        due=say_due(words, decided.due) if decided.due else "",
        files_lost=files,
        most_files=MOST_FILES,
        most_megabytes=uploads.FILE_BYTES // 1024**2,
    )


_STEPS = {"find": _find, "count": _count, "check": _check, "change": _change}


async def lookup(request: web.Request) -> web.Response:
    """`GET /complaints/lookup?q=&unit=`: who a number or name may mean, as JSON, from memory."""
    snapshot = await snapshot_of(request)
    typed = Typed(
        {
            "badge": [request.query.get("q", "")[:LONGEST_QUERY]],
            "unit": [request.query.get("unit", "")],
        }
    )
    words = say(request)
    found = find_people(typed, snapshot, request) if typed("badge").strip() else ()
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
    figures = figures_of(words, measured) if measured else None
    told = [] if figures else [words("figures.nothing")]
    return page(request, "complaints/_figures.html", figures=figures, told=told)


_OF_LIMIT = ("matter", "receipt_number", "accepted_on")


async def _measure(request: web.Request, snapshot: Snapshot, typed: Typed) -> Measured | None:
    """Raises `Refused` for a faulty date or matter, and `DatabaseDown`."""
    given = {name: [typed(name)] for name in _OF_LIMIT}
    # Only these three fields are judged here; the text need not be there yet.
    draft = drafts.read({**given, "text": ["."], "badge": ["."]}, known(request, snapshot))
    receipt = await _receipt(request, draft.receipt_number)
    today = local(request.app[CONTEXT].clock()).date()
    return decisions.measure(draft.matter, receipt, draft.accepted_on, today, _county(snapshot))


async def _receipt(request: web.Request, number: str) -> Receipt | None:
    if not number:
        return None

    async def find(conn: asyncpg.Connection) -> Receipt | None:
        return await intake.find_receipt(conn, number)

    return await request.app[CONTEXT].db.run(request[COUNTY].schema, find)


def _county(snapshot: Snapshot) -> decisions.County:
    return decisions.County(snapshot.directory, snapshot.calendar, snapshot.rules)


# Sending


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent and could be read."""

    typed: Typed
    files: tuple[uploads.Upload, ...]
    snapshot: Snapshot


async def create(request: web.Request) -> web.Response:
    """`POST /complaints`: files the complaint; 303 to its receipt, or 201 with JSON.

    422 with everything typed and every fault; 409 when the form was used for another complaint;
    429 past the brake; 503 when it could not be stored now.
    """
    form = await uploads.read_form(request)
    sent = Sent(typed_fields(form.fields), tuple(form.files), await snapshot_of(request))
    words = say(request)
    try:
        draft = drafts.read(sent.typed.fields, known(request, sent.snapshot))
        faults: list[tuple[str, str]] = []
    except Refused as refused:
        faults = say_faults(words, refused.faults)
    taken, refusals = await _take(request, sent.files)
    faults += [("files", message) for message in refusals]
    if faults:
        return _refused(request, sent, faults)
    return await _file(request, sent, draft, taken)


async def _take(
    request: web.Request, files: tuple[uploads.Upload, ...]
) -> tuple[list[uploads.Taken], list[str]]:
    """Files that may be stored, and for each other one why not, by its name."""
    words = say(request)
    taken: list[uploads.Taken] = []
    refusals = [
        words("uploads.too_many", name=file.name, most=MOST_FILES) for file in files[MOST_FILES:]
    ]
    for file in files[:MOST_FILES]:
        try:
            taken.append(await uploads.take(file))
        except uploads.Refused as refused:
            most = uploads.FILE_BYTES // 1024**2
            refusals.append(words(f"uploads.{refused.reason}", name=file.name, most=most))
    return taken, refusals


async def _file(
    request: web.Request, sent: Sent, draft: Draft, taken: list[uploads.Taken]
) -> web.Response:
    context = request.app[CONTEXT]
    try:
        enclosed = await _enclose(request, taken, uploads.fingerprint(sent.files))
        filed = await _store(request, sent.snapshot, draft, enclosed)
    except AlreadyFiled:
        await _discard(request, enclosed)
        return _other(request, sent, "reused", 409)
    except TooManyFilings:
        await _discard(request, enclosed)
        return _other(request, sent, "too_many", 429)
    except (DatabaseDown, OSError) as error:
        # The files stay: the transaction may have been committed for all that we know.
        log.warning("a complaint could not be stored: %s", error)
        return _unavailable(_other(request, sent, "down", 503))
    if filed.repeated:
        await _discard(request, enclosed)
    if wants_json(request):
        return receipts.as_json(filed)
    raise web.HTTPSeeOther(receipts.address(context, filed))


async def _enclose(
    request: web.Request, taken: list[uploads.Taken], fingerprint: bytes
) -> Enclosed:
    """Puts files into the store, encrypted, before the row that names them is written."""
    context, county = request.app[CONTEXT], request[COUNTY]
    cipher = KeyringCipher(context.keys)
    data_key = cipher.new_data_key()
    attachments = []
    for position, file in enumerate(taken, start=1):
        sealed = cipher.seal(data_key, file.data)
        key = new_id(context.clock())
        await context.attachments.put(county.schema, key, sealed)
        digest = uploads.digest(sealed)
        attachments.append(
            Attachment(key, position, file.name, file.media_type, len(file.data), digest)
        )
    return Enclosed(data_key, attachments, fingerprint)


async def _discard(request: web.Request, enclosed: Enclosed) -> None:
    for each in enclosed.attachments:
        await request.app[CONTEXT].attachments.delete(request[COUNTY].schema, each.id)


async def _store(
    request: web.Request, snapshot: Snapshot, draft: Draft, enclosed: Enclosed
) -> Filed:
    context = request.app[CONTEXT]
    now = context.clock()
    address = throttle.client_address(request)
    origin = Origin(
        "api" if wants_json(request) else "web",
        request[LANGUAGE],
        throttle.bucket(context, "file", address, now),
        throttle.FILINGS_AN_HOUR,
    )

    async def work(conn: asyncpg.Connection) -> Filed:
        return await intake.file(
            conn,
            draft,
            _county(snapshot),
            KeyringCipher(context.keys),
            enclosed=enclosed,
            origin=origin,
            now=now,
        )

    return await context.db.run(request[COUNTY].schema, work)


def _refused(request: web.Request, sent: Sent, faults: list[tuple[str, str]]) -> web.Response:
    if wants_json(request):
        errors: Mapping[str, str] = dict(reversed(faults))
        return web.json_response({"errors": errors}, status=422)
    shown = Shown(faults, files_lost=bool(sent.files))
    return form_page(request, sent.snapshot, sent.typed, shown, 422)


def _other(request: web.Request, sent: Sent, notice: Notice, status: int) -> web.Response:
    """The form again, whole, with a word on why it was not stored."""
    if wants_json(request):
        told = {"request_id" if notice == "reused" else "text": say(request)(f"notice.{notice}")}
        return web.json_response({"errors": told}, status=status)
    typed = sent.typed
    if notice == "reused":
        fresh = from_query(request, sent.snapshot)
        typed = Typed({**typed.fields, "request_id": fresh.all("request_id")})
    shown = Shown(notice=notice, files_lost=bool(sent.files))
    return form_page(request, sent.snapshot, typed, shown, status)


def _unavailable(response: web.Response) -> web.Response:
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response

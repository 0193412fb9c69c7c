"""Filing a complaint: the form, and sending it.

One long form that works without JavaScript; `complaint.js` shows it step by step.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from aiohttp import web

from board.ids import new_id
from complaints import drafts, intake
from complaints.drafts import Draft, Refused
from complaints.intake import AlreadyFiled, Enclosed, Origin, TooManyFilings
from complaints.model import MOST_FILES, Attachment, Filed
from gateway import bodies, throttle, uploads
from gateway.ciphers import KeyringCipher
from gateway.context import CONTEXT
from gateway.db import DatabaseDown
from gateway.middleware import wants_json
from gateway.pages import receipts
from gateway.pages.complaint_form import (
    Notice,
    Shown,
    Typed,
    county_of,
    form_page,
    from_query,
    known,
    say_faults,
    snapshot_of,
    typed_fields,
    unavailable,
)
from gateway.snapshots import Snapshot
from gateway.views import COUNTY, LANGUAGE, say, see_other

log = logging.getLogger(__name__)


async def new(request: web.Request) -> web.Response:
    """`GET /complaints/new?staff=&unit=&matter=`: the form."""
    snapshot = await snapshot_of(request)
    response = form_page(request, snapshot, from_query(request, snapshot), Shown())
    # Whoever goes back after sending shall find this very form, with its request id: a fresh one
    # would make the same complaint a second one. Nobody's data is on it yet.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent and could be read."""

    typed: Typed
    files: tuple[bodies.Upload, ...]
    snapshot: Snapshot


async def create(request: web.Request) -> web.Response:
    """`POST /complaints`: files the complaint; 303 to its receipt, or 201 with JSON.

    422 with everything typed and every fault; 409 when the form was used for another complaint;
    429 past the brake; 503 when it could not be stored now.
    """
    form = await bodies.read_form(request)
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
    request: web.Request, files: tuple[bodies.Upload, ...]
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
            most = bodies.FILE_BYTES // 1024**2
            refusals.append(words(f"uploads.{refused.reason}", name=file.name, most=most))
    return taken, refusals


async def _file(
    request: web.Request, sent: Sent, draft: Draft, taken: list[uploads.Taken]
) -> web.Response:
    context = request.app[CONTEXT]
    try:
        enclosed = await _enclose(request, taken)
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
        return unavailable(_other(request, sent, "down", 503))
    if filed.repeated:
        await _discard(request, enclosed)
    if wants_json(request):
        return receipts.as_json(filed)
    left_out = filed.repeated and len(taken) > filed.files
    return see_other(receipts.address(context, filed, left_out=left_out))


async def _enclose(request: web.Request, taken: list[uploads.Taken]) -> Enclosed:
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
    return Enclosed(data_key, attachments)


async def _discard(request: web.Request, enclosed: Enclosed) -> None:
    for each in enclosed.attachments:
        await request.app[CONTEXT].attachments.delete(request[COUNTY].schema, each.id)


async def _store(
    request: web.Request, snapshot: Snapshot, draft: Draft, enclosed: Enclosed
) -> Filed:
    context = request.app[CONTEXT]
    now = context.clock()
    if not draft.request_id:
        # Before anything that is run again after a lost connection, or that would be another one.
        draft = draft.model_copy(update={"request_id": secrets.token_urlsafe(24)})
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
            county_of(snapshot),
            KeyringCipher(context.keys),
            enclosed=enclosed,
            origin=origin,
            now=now,
        )

    # One statement files all of it, or nothing.
    return await context.db.run(request[COUNTY].schema, work, single=True)


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

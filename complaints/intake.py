"""Filing a complaint: one call, one transaction, one complaint for one request."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from board.ids import new_id
from board.model import Receipt
from board.numbers import number_key
from board.store import receipts
from complaints.decisions import County, Decided, decide, pack_breach, pack_routing
from complaints.drafts import Draft
from complaints.limits import local
from complaints.model import Attachment, Channel, Cipher, Filed
from complaints.secrets import seal_contact, seal_words
from complaints.store import complaints as store
from complaints.store.complaints import Brake, NewComplaint

_TICK = timedelta(microseconds=1)
# What the row of a sealed complaint's file says; its real type lies with the sealed text.
UNTOLD_TYPE = "application/octet-stream"


class AlreadyFiled(Exception):
    """This request id was used for another text: a form left open, filled in by somebody else.

    Nothing of the first complaint may be shown then, and nothing of the second is lost: the form
    goes out again under a new id.
    """


class TooManyFilings(Exception):
    """The brake's bucket is full; the complaint was not stored."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a complaint comes from; `limit` is how many filings the brake lets pass."""

    channel: Channel
    language: str
    brake: str | None = None
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Files that lie in the attachment store, encrypted under `data_key`."""

    data_key: bytes
    attachments: Sequence[Attachment] = ()


async def file(
    conn: asyncpg.Connection,
    draft: Draft,
    county: County,
    cipher: Cipher,
    *,
    enclosed: Enclosed,
    origin: Origin,
    now: datetime,
) -> Filed:
    """Files a draft, or finds the complaint that the same request filed before.

    `now` is aware. Raises `AlreadyFiled`, `TooManyFilings`, and what the database raises; safe to
    call again with the same arguments after any of these.
    """
    request_id = draft.request_id or secrets.token_urlsafe(24)
    request_hash = hashlib.sha256(request_id.encode()).digest()
    # The words alone: a browser that shows the form again does not keep its files, and who sends
    # it again without them, or chooses them anew, shall get the code of the one complaint.
    codes = cipher.codes(request_id, draft.content())
    receipt = await find_receipt(conn, draft.receipt_number)
    decided = decide(draft, receipt, county, now)
    hidden = hide(draft, decided, cipher, enclosed)
    new = NewComplaint(
        counter=f"complaint-{local(now):%Y}",
        prefix=f"{local(now):%Y}-",
        request_hash=request_hash,
        code_hash=cipher.code_hashes(codes[0])[0],
        complaint=_complaint(draft, decided, origin, now),
        wrapped_key=hidden.wrapped_key,
        contact=hidden.contact,
        sealed=hidden.sealed,
        allegations=_allegations(decided),
        attachments=_attachments(decided, enclosed),
        events=_events(draft, decided, now),
    )
    brake = Brake(origin.brake, now, origin.limit)
    number, tries = await store.insert_complaint(conn, new, brake)
    if number is None:
        braked = origin.brake is not None and tries > origin.limit
        return await _filed_before(conn, request_hash, codes, cipher, braked=braked)
    return Filed(
        id=UUID(new.complaint["id"]),
        number=number,
        code=codes[0],
        office=decided.office,
        due_on=decided.due.day if decided.due else None,
        state=decided.state,
        repeated=False,
        files=len(enclosed.attachments),
    )


async def find_receipt(conn: asyncpg.Connection, typed: str) -> Receipt | None:
    """The county's own record of a receipt, however its number was retyped."""
    key = number_key(typed)
    return await receipts.find_receipt(conn, key) if key else None


async def _filed_before(
    conn: asyncpg.Connection,
    request_hash: bytes,
    codes: Sequence[str],
    cipher: Cipher,
    *,
    braked: bool,
) -> Filed:
    row = await store.find_by_request(conn, request_hash)
    if row is None:
        raise TooManyFilings if braked else AlreadyFiled
    for code in codes:
        # The code depends on every word, so the same code means the same complaint.
        if row["code_hash"] in cipher.code_hashes(code):
            return Filed(
                id=row["id"],
                number=row["number"],
                code=code,
                office=row["office"],
                due_on=row["due_on"],
                state=row["state"],
                repeated=True,
                files=row["files"],
            )
    raise AlreadyFiled


@dataclass(frozen=True, slots=True)
class Hidden:
    """A row of `complaint_secret`; all None when there is nothing to hide."""

    wrapped_key: bytes | None
    contact: bytes | None
    sealed: bytes | None


def hide(draft: Draft, decided: Decided, cipher: Cipher, enclosed: Enclosed) -> Hidden:
    """Contact details, and every word of a sealed complaint, under the complaint's own key."""
    contact = seal_contact(cipher, enclosed.data_key, draft.contact)
    sealed = None
    if decided.sealed:
        sealed = seal_words(cipher, enclosed.data_key, _words(draft, decided, enclosed))
    if contact is None and sealed is None and not enclosed.attachments:
        return Hidden(None, None, None)
    return Hidden(cipher.wrap(enclosed.data_key), contact, sealed)


def _words(draft: Draft, decided: Decided, enclosed: Enclosed) -> dict[str, Any]:
    """See `complaints.secrets` for the form."""
    subject = decided.subject
    return {
        "text": draft.text,
        "wish": draft.wish,
        "place": draft.place,
        "badge": draft.badge,
        "staff_name": draft.staff_name,
        "staff_description": draft.staff_description,
        "subject_state": subject.state,
        "staff_badge": subject.staff.badge if subject.staff else None,
        "unit": subject.unit.code if subject.unit else None,
        "matter": decided.measured.matter.code if decided.measured else draft.matter or None,
        "receipt_number": draft.receipt_number,
        "accepted_on": _iso(draft.accepted_on),
        "happened_on": _iso(draft.happened_on),
        "happened_at": f"{draft.happened_at:%H:%M}" if draft.happened_at else None,
        "breach": pack_breach(decided.measured),
        "allegations": [
            {"category": each.category, "detail": each.detail} for each in decided.allegations
        ],
        "files": [
            {"name": each.name, "media_type": each.media_type} for each in enclosed.attachments
        ],
    }


def _complaint(draft: Draft, decided: Decided, origin: Origin, now: datetime) -> dict[str, Any]:
    due = decided.due
    row: dict[str, Any] = {
        "id": str(new_id(now)),
        "channel": origin.channel,
        "language": origin.language,
        "state": decided.state,
        "sealed": decided.sealed,
        "owner": decided.deadline.owner,
        "office": decided.office,
        "next_at": decided.deadline.at.isoformat(),
        "next_kind": decided.deadline.kind,
        "wake_at": decided.wake_at.isoformat() if decided.wake_at else None,
        "due_on": _iso(due.day) if due else None,
        "limit_number": due.limit.number if due else None,
        "limit_unit": due.limit.unit if due else None,
        "limit_start": _iso(local(now).date()) if due else None,
        "calendar_version": decided.deadline.due.calendar_version,
        "share_contact": draft.share_contact,
        "publish": draft.publish,
        "routing": pack_routing(decided),
        "created_at": now.isoformat(),
        "subject_state": "sealed",
    }
    return row if decided.sealed else row | _open_words(draft, decided)


def _open_words(draft: Draft, decided: Decided) -> dict[str, Any]:
    """What stands readable in the row of a complaint that is not sealed; absent ones null."""
    subject = decided.subject
    return {
        "unit": subject.unit.code if subject.unit else None,
        "staff_badge": subject.staff.badge if subject.staff else None,
        "subject_state": subject.state,
        "matter": decided.measured.matter.code if decided.measured else draft.matter or None,
        "receipt_number": draft.receipt_number or None,
        "accepted_on": _iso(draft.accepted_on),
        "happened_on": _iso(draft.happened_on),
        "happened_at": draft.happened_at.isoformat() if draft.happened_at else None,
        "place": draft.place or None,
        "badge_typed": draft.badge or None,
        "staff_name": draft.staff_name or None,
        "staff_description": draft.staff_description or None,
        "body": draft.text,
        "wish": draft.wish or None,
        "breach": pack_breach(decided.measured),
    }


def _allegations(decided: Decided) -> list[dict[str, Any]]:
    """None of a sealed complaint: a code alone would say what it is about."""
    if decided.sealed:
        return []
    return [
        {"position": each.position, "category": each.category, "detail": each.detail}
        for each in decided.allegations
    ]


def _attachments(decided: Decided, enclosed: Enclosed) -> list[dict[str, Any]]:
    return [
        {
            "id": str(each.id),
            "position": each.position,
            "name": "" if decided.sealed else each.name,
            "media_type": UNTOLD_TYPE if decided.sealed else each.media_type,
            "size": each.size,
            "sha256": each.sha256.hex(),
        }
        for each in enclosed.attachments
    ]


def _events(draft: Draft, decided: Decided, now: datetime) -> list[dict[str, Any]]:
    """Received, and where the way was clear accepted and dispatched in the same moment.

    Data: received `{"owner", "office", "due", "next"}`, dispatched `{"office", "due", "sign_by"}`;
    `due` is null when the calendar does not say, when the desk has yet to accept, and for a sealed
    case, which is handed over and not answered here.
    """
    due = _iso(decided.due.day) if decided.due else None
    by = _iso(decided.deadline.due.day)
    desk = decided.deadline.owner == "desk"
    told = {"owner": decided.deadline.owner, "office": decided.office, "due": due, "next": by}
    events = [_event(now, "received", "complainant", told, bool(draft.email) or desk)]
    if decided.office:
        sent = {"office": decided.office, "due": due, "sign_by": by}
        # A microsecond apart, so that the timeline keeps its order.
        events.append(_event(now + _TICK, "accepted", "system", {}, False))
        events.append(_event(now + 2 * _TICK, "dispatched", "system", sent, True))
    return events


def _event(
    now: datetime, kind: str, actor_kind: str, data: dict[str, Any], letter: bool
) -> dict[str, Any]:
    return {
        "id": str(new_id(now)),
        "at": now.isoformat(),
        "kind": kind,
        "actor_kind": actor_kind,
        "actor": None,
        "data": data,
        "letter": letter,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

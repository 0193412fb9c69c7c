"""A case as the office that has it now may see it: its words, and contact only with consent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import asyncpg

from complaints import lifecycle, secrets
from complaints.limits import Exclusion, Limit
from complaints.model import Allegation, Cipher, Contact, Unreadable
from complaints.store import handling as store
from complaints.store.standing import stops_of

# Names of the complainant's words in the row, and in the sealed text of a sealed case.
WORDS: Mapping[str, str] = {
    "body": "text",
    "wish": "wish",
    "place": "place",
    "badge_typed": "badge",
    "staff_name": "staff_name",
    "staff_description": "staff_description",
}
PLAIN = ("unit", "staff_badge", "matter", "receipt_number", "breach")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed for the case or took it up, as typed, and when (aware)."""

    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote on the way: `kind` as in the table `message`, `at` aware.

    `number` and `due` of an extension: working days more, and the new due day.
    """

    kind: str
    words: str
    at: datetime
    number: int | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True)
class FileShown:
    """An attachment's place in the case, its name and `size` in bytes."""

    position: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Case:
    """What the answering office sees. `words` has every key of `WORDS`, "" when not given.

    `contact` is empty without consent. Nothing here names another office.
    """

    id: UUID
    number: str
    office: str
    owner: str | None
    language: str
    state: lifecycle.State
    sealed: bool
    next_at: datetime | None
    due_on: date | None
    limit_start: date | None
    created_at: datetime
    subject_state: str
    unit: str | None
    staff_badge: str | None
    matter: str | None
    receipt_number: str | None
    accepted_on: date | None
    happened_on: date | None
    happened_at: time | None
    words: Mapping[str, str]
    breach: Mapping[str, Any] | None
    allegations: tuple[Allegation, ...]
    attachments: tuple[FileShown, ...]
    contact: Contact
    signature: Signature | None
    returns: int = 0
    assigned: bool = False
    reviews: int = 0
    extended: bool = False
    wiped_at: datetime | None = None
    messages: tuple[Said, ...] = ()
    # The newest rating: (level 1 to 5, resolved or not).
    rated: tuple[int, bool] | None = None
    # Who of the office works on it, as typed; None where nobody was named.
    handler: Signature | None = None
    # A key is missing: contact and, in a sealed case, every word stand here as if not given.
    unreadable: bool = False
    next_kind: str | None = None
    # What the answer's due day is counted from, with the day on which that starts.
    limit: Limit | None = None
    # When it last came to its office to be signed for; None once it is worked on.
    since: datetime | None = None
    # When the answer's clock stood still, in earlier questions.
    stops: tuple[Exclusion, ...] = ()

    @property
    def positions(self) -> tuple[int, ...]:
        """The positions of the allegations, each of which needs a finding."""
        return tuple(each.position for each in self.allegations)

    @property
    def allowed(self) -> tuple[lifecycle.Step, ...]:
        """The steps that the office may take now."""
        case = lifecycle.Case(self.state, self.returns, self.assigned, self.extended, self.reviews)
        return lifecycle.allowed(case, "office")


@dataclass(frozen=True, slots=True)
class Download:
    """What opens one attachment: its id in the attachment store, and the case's wrapped key."""

    id: UUID
    name: str
    media_type: str
    wrapped_key: bytes


async def find_case(
    conn: asyncpg.Connection, complaint: UUID, office: str, cipher: Cipher, *, lock: bool = False
) -> Case | None:
    """The case for the office that has it now; None for any other office.

    `lock` for who is about to change it.
    """
    row = await store.find_case(conn, complaint, office, lock=lock)
    if row is None:
        return None
    sealed, contact, unreadable = _opened(row, cipher)
    return Case(
        **{name: row[name] for name in _SAME},
        **_facts(row, sealed),
        allegations=_allegations(row["allegations"] or (), sealed),
        attachments=_files(row["attachments"] or (), sealed),
        contact=contact,
        signature=_newest(row["hands"], "signed", "receipt_confirmed"),
        extended=row["extended_by"] is not None,
        messages=tuple(_said(each) for each in row["messages"] or ()),
        rated=(row["rated"]["level"], row["rated"]["resolved"]) if row["rated"] else None,
        unreadable=unreadable,
        handler=_newest(row["hands"], "taken_up", "resumed"),
        limit=Limit(row["limit_number"], row["limit_unit"]) if row["limit_number"] else None,
        stops=stops_of(row["stops"] or ())[0],
    )


async def find_download(
    conn: asyncpg.Connection, complaint: UUID, office: str, position: int, cipher: Cipher
) -> Download | None:
    """One attachment of the office's own case; None when there is none at that position.

    Raises `Unreadable`.
    """
    row = await store.find_attachment(conn, complaint, position, office)
    if row is None or row["wrapped_key"] is None:
        return None
    name, media_type = _told_of(row, position, _sealed_words(row, cipher))
    return Download(row["id"], name, media_type, row["wrapped_key"])


async def did_last(conn: asyncpg.Connection, case: Case, kind: str, person: str) -> bool:
    """Whether this very step is the newest of the case's office: its button was pressed twice."""
    return await store.find_last_step(conn, case.id, case.office) == (kind, person)


async def find_said_last(
    conn: asyncpg.Connection, case: Case, kind: str, words: str
) -> tuple[str, Mapping[str, Any]] | None:
    """Kind and data of the event with which the case's office wrote these very words, where they
    are its newest in such a message."""
    row = await store.find_last_words(conn, case.id, case.office, kind)
    return (row["kind"], row["data"]) if row and row["words"] == words else None


async def find_renewed_at(
    conn: asyncpg.Connection, complaint: UUID, office: str
) -> datetime | None:
    """When this office last asked for a new link."""
    return await store.find_renewed_at(conn, complaint, office)


_SAME = (
    "id", "number", "office", "owner", "language", "state", "sealed", "next_at", "due_on",
    "limit_start", "created_at", "returns", "assigned", "reviews", "wiped_at", "next_kind", "since",
)  # fmt: skip


def _opened(row: asyncpg.Record, cipher: Cipher) -> tuple[Mapping[str, Any], Contact, bool]:
    """Sealed words, contact, and whether a missing key hides them."""
    try:
        contact = secrets.open_contact(cipher, row["wrapped_key"], row["contact"])
        return _sealed_words(row, cipher), contact, False
    except Unreadable:
        return {}, Contact(), True


def _sealed_words(row: asyncpg.Record, cipher: Cipher) -> Mapping[str, Any]:
    if row["sealed_text"] is None or row["wrapped_key"] is None:
        return {}
    return secrets.open_words(cipher, row["wrapped_key"], row["sealed_text"])


def _facts(row: asyncpg.Record, sealed: Mapping[str, Any]) -> dict[str, Any]:
    if not row["sealed"]:
        words = {name: row[name] or "" for name in WORDS}
        plain = (*PLAIN, *_DAYS, "happened_at", "subject_state")
        return {"words": words, **{name: row[name] for name in plain}}
    return {
        "words": {name: sealed.get(key) or "" for name, key in WORDS.items()},
        **{name: sealed.get(name) for name in PLAIN},
        "subject_state": sealed.get("subject_state") or row["subject_state"],
        **{name: _read(date, sealed.get(name)) for name in _DAYS},
        "happened_at": _read(time, sealed.get("happened_at")),
    }


_DAYS = ("accepted_on", "happened_on")


def _read(kind: type[date] | type[time], value: str | None) -> date | time | None:
    return kind.fromisoformat(value) if value else None


def _allegations(rows: Any, sealed: Mapping[str, Any]) -> tuple[Allegation, ...]:
    hidden = sealed.get("allegations") or ()
    return (
        *(Allegation(row["position"], row["category"], row["detail"]) for row in rows),
        *(Allegation(at, each["category"], each["detail"]) for at, each in enumerate(hidden, 1)),
    )


def _files(rows: Any, sealed: Mapping[str, Any]) -> tuple[FileShown, ...]:
    return tuple(
        FileShown(row["position"], *_told_of(row, row["position"], sealed), row["size"])
        for row in rows
    )


def _told_of(row: Mapping[str, Any], position: int, sealed: Mapping[str, Any]) -> tuple[str, str]:
    """Name and media type of a file; of a sealed one the row tells neither. Positions count
    from 1."""
    if row["name"] or not sealed:
        return row["name"] or str(position), row["media_type"]
    told = sealed["files"][position - 1]
    return told["name"], told["media_type"]


def _said(found: Mapping[str, Any]) -> Said:
    due = date.fromisoformat(found["due"]) if found["due"] else None
    at = datetime.fromisoformat(found["at"])
    return Said(found["kind"], found["words"], at, found["number"], due)


def _newest(hands: Sequence[Mapping[str, Any]] | None, *kinds: str) -> Signature | None:
    """The newest of these events; ``hands`` are in order, newest first."""
    found = next((each for each in hands or () if each["kind"] in kinds), None)
    if found is None:
        return None
    return Signature(found["person"] or "", datetime.fromisoformat(found["at"]))

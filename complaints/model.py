"""What a complaint is made of, as values that the use-cases hand about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

Owner = Literal["desk", "office", "complainant"]
Channel = Literal["web", "desk", "api"]
ActorKind = Literal["complainant", "office", "desk", "system"]
SubjectState = Literal["identified", "unidentified", "unit", "sealed"]
# `above`: the office above a late one; `former`: the office that no longer has the case.
Recipient = Literal["office", "complainant", "desk", "above", "former"]

# Which events make letters, and to whom at most; `gateway.mail.planning` leaves out who need not
# hear of this one. `complainant` gets one only where an e-mail was given.
LETTER_EVENTS: Mapping[str, tuple[Recipient, ...]] = {
    "received": ("complainant", "desk"),
    # The complainant hears of it where it was not sent on at once: "received" told the rest.
    "dispatched": ("office", "complainant"),
    "return_asked": ("desk",),
    "return_refused": ("office",),
    "disputed": ("desk",),
    "assigned": ("office", "complainant"),
    "asked": ("complainant",),
    "replied": ("office",),
    "resumed": ("office",),
    "extended": ("complainant",),
    "released": ("complainant",),
    "sent_back": ("office",),
    "follow_up": ("office", "desk"),
    "rework": ("office",),
    "closed": ("complainant",),
    "lapsed": ("complainant",),
    "review_asked": ("office",),
    "final_review_asked": ("office",),
    "review_decided": ("complainant",),
    "declined": ("complainant",),
    "merged": ("former", "complainant"),
    "unmerged": ("complainant",),
    "withdrawn": ("office", "desk"),
    "rerouted": ("office", "former", "complainant", "desk"),
    # To whoever owns the case.
    "reminded": ("office", "complainant", "desk"),
    # To the office above the late one, or the desk; of a sealed case to its own office.
    "escalated": ("office", "above", "desk"),
    "supervised": ("office", "desk"),
    # The office asked for a new link to its case; it goes to the office's own address alone.
    "link_asked": ("office",),
}

# Whose kind decides the answer's due day (domain.md, "A complaint's life"), in working days.
ANSWER_WORKING_DAYS = 15
MOST_ALLEGATIONS = 20
MOST_FILES = 8


class Unreadable(Exception):
    """A secret that cannot be opened: its key is missing, or it was changed."""


class Cipher(Protocol):
    """What the domain needs of cryptography; `gateway.ciphers` does it with the secret keys."""

    def new_data_key(self) -> bytes:
        """A fresh key for one complaint."""

    def wrap(self, data_key: bytes) -> bytes:
        """A complaint's key, encrypted under the secret key, as it is stored."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key that `wrap` got; raises `Unreadable`."""

    def seal(self, data_key: bytes, plain: bytes) -> bytes:
        """`plain`, encrypted and authenticated."""

    def unseal(self, data_key: bytes, sealed: bytes) -> bytes:
        """What `seal` got; raises `Unreadable`."""

    def codes(self, request_id: str, content: bytes) -> tuple[str, ...]:
        """The tracking codes that this request gets, under the newest and under older keys."""

    def code_hashes(self, code: str) -> tuple[bytes, ...]:
        """Keyed hashes of a tracking code, under the newest and under older keys."""


class Signer(Protocol):
    """What the chain over the events needs: a key outside the database, which can rotate."""

    @property
    def key(self) -> bytes:
        """Names the key that signs now."""

    def sign(self, message: bytes) -> bytes:
        """A keyed hash of `message`, under the key that signs now."""

    def knows(self, key: bytes) -> bool:
        """Whether the key of that name is at hand."""

    def verify(self, key: bytes, message: bytes, signed: bytes) -> bool:
        """Whether `sign` gave this for `message`, under the key of that name."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How the complainant can be reached; all empty for an anonymous one."""

    name: str = ""
    phone: str = ""
    email: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.phone or self.email)


@dataclass(frozen=True, slots=True)
class Allegation:
    """One thing complained of; each gets its own finding. `position` counts from 1."""

    position: int
    category: str
    detail: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file: `size` in bytes before, `sha256` after encryption."""

    id: UUID
    position: int
    name: str
    media_type: str
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline; `data` holds codes and dates, never words of a person."""

    id: UUID
    at: datetime
    kind: str
    actor_kind: ActorKind
    actor: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Filed:
    """What intake gives back: a new complaint, or with `repeated` the one filed before.

    `files`: how many lie with it.
    """

    id: UUID
    number: str
    code: str
    office: str | None
    due_on: date | None
    state: str
    repeated: bool
    files: int = 0

"""What of a complaint is stored encrypted: contact details, and all words of a sealed one.

The plain form is JSON: contact `{"name", "phone", "email"}`; sealed `{"text", "wish", "place",
"badge", "staff_name", "staff_description", "subject_state", "staff_badge", "unit", "matter",
"receipt_number", "accepted_on", "happened_on", "happened_at", "breach", "allegations":
[{"category", "detail"}], "files": [{"name", "media_type"}]}`, both lists in the order of their
positions, dates as YYYY-MM-DD, times as HH:MM, absent ones null. Of a sealed complaint nothing of
this stands anywhere else: it has no rows of `allegation`, and its columns are NULL.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import asyncpg

from complaints.model import Cipher, Contact, Unreadable
from complaints.store import secrets as store


def seal_contact(cipher: Cipher, data_key: bytes, contact: Contact) -> bytes | None:
    """Contact details as they are stored; None for an anonymous complainant."""
    return seal_words(cipher, data_key, asdict(contact)) if contact else None


def open_contact(cipher: Cipher, wrapped_key: bytes | None, sealed: bytes | None) -> Contact:
    """Contact details of a row of `complaint_secret`; empty where there are none."""
    if wrapped_key is None or sealed is None:
        return Contact()
    return Contact(**open_words(cipher, wrapped_key, sealed))


def seal_words(cipher: Cipher, data_key: bytes, words: Mapping[str, Any]) -> bytes:
    """A JSON object, encrypted under a complaint's own key."""
    return cipher.seal(data_key, json.dumps(words, ensure_ascii=False).encode())


def open_words(cipher: Cipher, wrapped_key: bytes, sealed: bytes) -> dict[str, Any]:
    """The JSON object that `seal_words` got; raises `Unreadable`."""
    words: dict[str, Any] = json.loads(cipher.unseal(cipher.unwrap(wrapped_key), sealed))
    return words


async def can_open(conn: asyncpg.Connection, cipher: Cipher) -> bool:
    """Whether the keys at hand open what the oldest and the newest complaint keep."""
    try:
        for wrapped in await store.list_wrapped(conn):
            cipher.unwrap(wrapped)
    except Unreadable:
        return False
    return True

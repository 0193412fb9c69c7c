"""Ids made here and not in the database, so that a repeated transaction inserts the same row."""

import secrets
from datetime import UTC, datetime
from uuid import UUID


def first_id(now: datetime) -> UUID:
    """Not an id but their border: those made before `now` are smaller, all others are not."""
    return UUID(int=int(now.timestamp() * 1000) << 80)


def made_at(id_: UUID) -> datetime:
    """The moment that stands in an id of `new_id`, to the millisecond (aware)."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)


def new_id(now: datetime) -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then 74 random bits; sorts by time."""
    value = int(now.timestamp() * 1000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)

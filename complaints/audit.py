"""The chain over a county's event log: whoever changes, removes or adds a row is found out.

A background step seals events in the order of their ids, some seconds after they were written:
each seal's hash covers the seal before it and the event's whole content. Chaining inside every
write would make all writes of a county wait for one another (quality.md).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import asyncpg

from complaints.store import audit as store

BATCH = 1_000
# Ids carry the time at which they were made. Whatever is older than this was committed, or was
# never written: no transaction lives that long.
SETTLED = timedelta(seconds=30)
# Far enough back for a process whose clock is slow.
WINDOW = timedelta(minutes=30)
START = bytes(32)

Fault = Literal["changed", "removed", "inserted"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that is not what was sealed. ``seq`` is None for an event that has no seal."""

    fault: Fault
    seq: int | None
    event: UUID | None
    number: str | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found; ``head`` is its last hash, to be noted elsewhere."""

    sealed: int
    head: bytes
    findings: tuple[Finding, ...]


def digest(previous: bytes, event: Mapping[str, Any]) -> bytes:
    """SHA-256 over the seal before and the event's content, in one fixed writing."""
    content = [
        str(event["id"]),
        str(event["complaint"]),
        _micros(event["at"]),
        event["kind"],
        event["actor_kind"],
        event["actor"],
        event["data"],
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()


def chain(
    seq: int, head: bytes, events: Iterable[Mapping[str, Any]]
) -> tuple[list[tuple[int, UUID, bytes]], bytes]:
    """The seals of events that follow ``seq``, as rows, and the new head."""
    rows = []
    for event in events:
        seq, head = seq + 1, digest(head, event)
        rows.append((seq, event["id"], head))
    return rows, head


async def seal(conn: asyncpg.Connection, now: datetime) -> int:
    """Seals what was written a while ago, up to a batch; how many events that were.

    One sealer at a time: the counter's row is held until the transaction ends.
    """
    await store.lock_chain(conn)
    seq, head = await store.find_head(conn) or (0, START)
    floor = first_id(now - WINDOW) if seq else UUID(int=0)
    events = await store.list_unsealed(conn, floor, first_id(now - SETTLED), BATCH)
    rows, _ = chain(seq, head, events)
    await store.insert_seals(conn, rows)
    return len(rows)


async def verify(conn: asyncpg.Connection, now: datetime) -> Verified:
    """Walks along the whole chain. Every fault is told by itself: after one, the walk goes on
    from the hash that is stored."""
    findings: list[Finding] = []
    seq, head = 0, START
    while rows := await store.list_sealed(conn, seq, BATCH):
        found, seq, head = check(seq, head, rows)
        findings += found
    for row in await store.list_never_sealed(conn, first_id(now - WINDOW)):
        findings.append(Finding("inserted", None, row["id"], row["number"]))
    return Verified(seq, head, tuple(findings))


def check(
    seq: int, head: bytes, rows: Sequence[Mapping[str, Any]]
) -> tuple[list[Finding], int, bytes]:
    """Holds the next rows of the chain against what was sealed; gives the new end."""
    findings = []
    for row in rows:
        findings += [Finding("removed", gone, None, None) for gone in range(seq + 1, row["seq"])]
        gap = row["seq"] != seq + 1
        if row["id"] is None:
            findings.append(Finding("removed", row["seq"], row["event"], None))
        elif not gap and digest(head, row) != row["hash"]:
            findings.append(Finding("changed", row["seq"], row["event"], row["number"]))
        seq, head = row["seq"], row["hash"]
    return findings, seq, head


def first_id(at: datetime) -> UUID:
    """The smallest id that can be made at that moment (UUIDv7: 48 bits of milliseconds first)."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def _micros(at: datetime) -> int:
    """Exact, whatever zone the session shows times in."""
    return int(at.timestamp()) * 1_000_000 + at.microsecond

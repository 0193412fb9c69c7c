"""The chain over a county's event log: whoever changes, removes or adds a row is found out.

A background step seals events in the order of their ids, some seconds after they were written:
each seal's hash covers the seal before it, the event's whole content and a hash of the words that
came with it. Seals are made with a key that does not lie in the database. Chaining inside every
write would make all writes of a county wait for one another (quality.md).
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

import asyncpg

from board.ids import made_at
from complaints.model import Signer
from complaints.store import audit as store
from complaints.store.audit import Head, Seal

log = logging.getLogger(__name__)

BATCH = 1_000
# Ids carry the time at which they were made. Whatever is older than this was committed, or was
# never written: no transaction lives that long.
SETTLED = timedelta(seconds=30)
# How much older than the event sealed last an id may be: a process whose clock is slow.
WINDOW = timedelta(minutes=30)
START = bytes(32)

# `words`: what somebody wrote is another text now, or belongs to no event.
# `head`: the chain does not end where it should.
# `noted`: nor does it hold what was written down before. `key`: the key of these seals is missing.
# How many seals there were, and the last one's hash.
End = tuple[int, bytes]
Fault = Literal["changed", "removed", "inserted", "words", "head", "noted", "key"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that is not what was sealed. ``seq`` is None for an event that has no seal."""

    fault: Fault
    seq: int | None
    event: UUID | None
    number: str | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found; ``head`` is its last hash, to be noted elsewhere;
    ``unkeyed`` of the seals were made before there was a key."""

    sealed: int
    unkeyed: int
    head: bytes
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """How far along the chain: the last seal, how many had no key, which keys there were."""

    seq: int = 0
    hash: bytes = START
    unkeyed: int = 0
    keys: frozenset[bytes] = frozenset()


def content(previous: bytes, event: Mapping[str, Any], words: bytes | None) -> bytes:
    """What a seal covers: the seal before and the event, in one fixed writing."""
    told = [
        str(event["id"]),
        str(event["complaint"]),
        _micros(event["at"]),
        event["kind"],
        event["actor_kind"],
        event["actor"],
        event["data"],
    ]
    if words is not None:
        told.append(words.hex())
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return previous + text.encode()


def chain(seq: int, head: bytes, events: Iterable[Mapping[str, Any]], signer: Signer) -> list[Seal]:
    """The seals of events that follow ``seq``."""
    seals = []
    for event in events:
        words = None
        if event["said"] is not None:
            words = signer.sign(_words(event))
        seq, head = seq + 1, signer.sign(content(head, event, words))
        seals.append(Seal(seq, event["id"], head, signer.key, words))
    return seals


async def seal(conn: asyncpg.Connection, now: datetime, signer: Signer) -> int:
    """Seals what was written a while ago, up to a batch; how many events that were.

    One sealer at a time: the counter's row is held until the transaction ends. It goes on from
    where the chain is known to end, so that a chain that was cut short keeps its gap.
    """
    await store.lock_chain(conn)
    head = await store.find_head(conn)
    if head is not None and not _ends(head, signer):
        log.error("the end of the chain over the events is not what was signed; see check --audit")
        return 0
    n, last = (head.n, head.hash) if head else (0, START)
    floor = await _floor(conn)
    events = await store.list_unsealed(conn, floor, first_id(now - SETTLED), BATCH)
    if seals := chain(n, last, events, signer):
        await store.insert_seals(conn, seals)
        n, last = seals[-1].seq, seals[-1].hash
    # Also the first time that there is a key, and the first time with a newer one.
    if n and (seals or (head and head.key != signer.key)):
        await store.update_head(conn, Head(n, last, signer.key, signer.sign(_head(n, last))))
    return len(seals)


async def is_behind(conn: asyncpg.Connection, before: datetime) -> bool:
    """Whether events from before that moment still wait for their seal."""
    return bool(await store.list_unsealed(conn, await _floor(conn), first_id(before), 1))


async def find_end(conn: asyncpg.Connection) -> End | None:
    """Where the chain ends, to be written down somewhere else; None before the first seal."""
    head = await store.find_head(conn)
    return (head.n, head.hash) if head else None


async def holds(conn: asyncpg.Connection, noted: End) -> bool:
    """Whether the chain still has the seal that it ended with then."""
    return await store.find_hash(conn, noted[0]) == noted[1]


async def verify(
    conn: asyncpg.Connection, signer: Signer, now: datetime, noted: Iterable[End] = ()
) -> Verified:
    """Walks along the whole chain. Every fault is told by itself: after one, the walk goes on
    from the hash that is stored. `noted`: ends that were written down before."""
    # First, so that what is sealed meanwhile is no fault.
    head, floor = await store.find_head(conn), await _floor(conn)
    missed = {*noted, *([(head.n, head.hash)] if head else [])}
    findings: list[Finding] = []
    place = Place()
    while rows := await store.list_sealed(conn, place.seq, BATCH):
        found, place = check(place, rows, signer)
        findings += found
        missed -= {(row["seq"], row["hash"]) for row in rows}
    if not _is_end(head, place, signer) or (head and (head.n, head.hash) in missed):
        findings.append(Finding("head", head.n if head else place.seq, None, None))
    findings += [Finding("noted", n, None, None) for n, hash_ in noted if (n, hash_) in missed]
    for row in await store.list_never_sealed(conn, floor, first_id(now + WINDOW)):
        findings.append(Finding("inserted", None, row["id"], row["number"]))
    for row in await store.list_stray_words(conn):
        findings.append(Finding("words", None, row["event"], row["number"]))
    return Verified(place.seq, place.unkeyed, place.hash, tuple(findings))


def check(
    place: Place, rows: Sequence[Mapping[str, Any]], signer: Signer
) -> tuple[list[Finding], Place]:
    """Holds the next rows of the chain against what was sealed; gives the new place."""
    findings = []
    for row in rows:
        gone = range(place.seq + 1, row["seq"])
        findings += [Finding("removed", each, None, None) for each in gone]
        fault = _fault(place, row, signer)
        if fault:
            findings.append(Finding(fault, row["seq"], row["event"], row["number"]))
        place = replace(
            place,
            seq=row["seq"],
            hash=row["hash"],
            unkeyed=place.unkeyed + (row["key"] is None),
            keys=place.keys | {row["key"]} if row["key"] else place.keys,
        )
    return findings, place


def _fault(place: Place, row: Mapping[str, Any], signer: Signer) -> Fault | None:
    if row["id"] is None:
        return "removed"
    # An event and its id are made in the same moment: what claims another was put there later.
    if abs(made_at(row["id"]) - row["at"]) > WINDOW:
        return "inserted"
    if row["key"] is None:
        # Nobody makes a seal without a key once there is one.
        after_gap = row["seq"] != place.seq + 1
        same = after_gap or sha256(content(place.hash, row, None)).digest() == row["hash"]
        return None if same and not place.keys else "changed"
    if not signer.knows(row["key"]):
        return None if row["key"] in place.keys else "key"
    before = content(place.hash, row, row["words"])
    if row["seq"] == place.seq + 1 and not signer.verify(row["key"], before, row["hash"]):
        return "changed"
    return None if _said(row, signer) else "words"


def _said(row: Mapping[str, Any], signer: Signer) -> bool:
    """Whether the message says what it said; of a wiped case it says nothing any more."""
    if row["words"] is None or row["said"] is None:
        return row["words"] is row["said"]
    if row["wiped_at"] is not None and row["said"] == "":
        return True
    return signer.verify(row["key"], _words(row), row["words"])


def _is_end(head: Head | None, place: Place, signer: Signer) -> bool:
    """Whether this is a signed end, of a chain that has seals."""
    if head is None:
        return place.seq == 0
    return _ends(head, signer) and (head.key is not None or not place.keys)


def _ends(head: Head, signer: Signer) -> bool:
    """Whether this end was signed; the one of a chain without a key is taken as it is."""
    if head.key is None or head.mac is None:
        return head.key is head.mac
    return signer.verify(head.key, _head(head.n, head.hash), head.mac)


def _head(n: int, last: bytes) -> bytes:
    return b"head|%d|" % n + last


def _words(row: Mapping[str, Any]) -> bytes:
    # With the event's id, so that equal words do not look equal.
    id_: UUID = row["id"]
    said: str = row["said"]
    return b"words|" + id_.bytes + said.encode()


async def _floor(conn: asyncpg.Connection) -> UUID:
    """What has a smaller id and no seal was put in later. Counted from the event that was sealed
    last, so that after a stop of any length everything is caught up with."""
    last = await store.find_last_sealed(conn)
    if last is None:
        return UUID(int=0)
    slack = int(WINDOW.total_seconds() * 1000)
    return UUID(int=max(0, (last.int >> 80) - slack) << 80)


def first_id(at: datetime) -> UUID:
    """The smallest id that can be made at that moment (UUIDv7: 48 bits of milliseconds first)."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def _micros(at: datetime) -> int:
    """Exact, whatever zone the session shows times in."""
    return int(at.timestamp()) * 1_000_000 + at.microsecond

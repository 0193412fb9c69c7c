"""The timers' round: whatever process runs it, however many, dead or restarted, each fires once.

A case is locked while it is looked at, and the same transaction that writes what is owed moves
the moment of its next look.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from board.calendar import Calendar
from board.directory import Directory
from complaints import timers
from complaints.facts import Known, list_known
from complaints.standing import Move, Standing
from complaints.steps.system import later, wake
from complaints.store import retention
from complaints.store import standing as store

log = logging.getLogger(__name__)

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Swept:
    """How many cases were looked at, and which stored files may be removed once the transaction
    is committed: nobody can read them any more."""

    cases: int
    files: Sequence[UUID]


async def sweep(
    conn: asyncpg.Connection,
    directory: Directory,
    calendar: Calendar,
    now: datetime,
    *,
    limit: int = BATCH,
    singly: bool = False,
) -> Swept:
    """Looks at the cases that are due, up to `limit`. `now` is aware.

    A case that cannot be looked at is no reason to leave the others lying: it is logged, and
    looked at again an hour later. Nor is one whose move the database refuses, which takes the
    whole batch with it: `singly` writes each by itself, for the next try.
    """
    cases = await store.list_awake(conn, now, limit)
    # Of these some escalate, which has to know who is in conflict.
    late = [case.id for case in cases if _is_late(case, now)]
    known = await list_known(conn, late, directory) if late else {}
    moves = _moves(cases, known, directory, calendar, now)
    if singly:
        moves = [done for move in moves if (done := await _write(conn, move))]
    else:
        await store.update_cases(conn, moves)
    ended = [move.case.id for move in moves if move.case.wiped_at and not move.was.wiped_at]
    return Swept(len(moves), await retention.wipe(conn, ended) if ended else [])


async def _write(conn: asyncpg.Connection, move: Move) -> Move | None:
    """The move, if the database takes it, else that which leaves the case for an hour; None when
    it takes neither."""
    for each in (move, later(move.was, move.calendar, move.now)):
        try:
            await store.update_apart(conn, each)
        except store.REFUSED:
            log.exception("a move of the case %s is refused", move.was.number)
        else:
            return each
    return None


def _is_late(case: Standing, now: datetime) -> bool:
    # An office that asks without time left is late as if it had not asked.
    ends = case.timed.state in timers.ENDS
    return not ends and case.next_at is not None and case.next_at <= now


def _moves(
    cases: Sequence[Standing],
    known: Mapping[UUID, Known],
    directory: Directory,
    calendar: Calendar,
    now: datetime,
) -> list[Move]:
    moves = []
    for case in cases:
        facts = known[case.id].facts if case.id in known else None
        try:
            moves.append(wake(case, directory, calendar, now, facts))
        except Exception:
            log.exception("the case %s could not be looked at", case.number)
            moves.append(later(case, calendar, now))
    return moves

"""Supervision that is raised by itself: three upheld in 90 days, or a case returned twice.

Each is written in the transaction of the answer or return that it follows from.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from board.calendar import Calendar
from board.ids import new_id
from complaints.standing import SYSTEM, Move, begin
from complaints.store import standing as cases
from complaints.store import upheld as store

# Findings that uphold a complaint, in whole or in part.
UPHOLDING = frozenset({"substantiated", "partly"})
MANY = 3
WITHIN = timedelta(days=90)


def is_upheld(findings: Iterable[str]) -> bool:
    """Whether an answer with these findings upholds the complaint."""
    return not UPHOLDING.isdisjoint(findings)


def is_many(moments: Iterable[datetime], now: datetime) -> bool:
    """Whether so many were upheld at these moments that supervision is due (all aware)."""
    return sum(now - WITHIN <= at <= now for at in moments) >= MANY


async def note_answer(
    conn: asyncpg.Connection,
    complaint: UUID,
    about: tuple[str | None, str | None],
    findings: Iterable[str],
    *,
    calendar: Calendar,
    now: datetime,
) -> bool:
    """Notes what an answer found against whom it was ``about``, a person's badge and a unit's code,
    and raises supervision where that was the third in 90 days; whether it did.

    The person counts, and the unit whoever of it was meant. A subject that is under supervision
    for this already is not raised twice, nor a unit for a person who is.
    """
    if not any(about) or not is_upheld(findings):
        await store.delete_upheld(conn, complaint)
        return False
    subject = await _find_third(conn, complaint, about, now, now)
    return subject is not None and await _supervise(conn, complaint, subject, calendar, now)


async def note_named(conn: asyncpg.Connection, move: Move, about: tuple[str, str]) -> Move:
    """Whom the case is ``about`` is known only after its answer: what that upheld is noted as if it
    had been known then. The move, which raises supervision where this was the third."""
    complaint, now = move.case.id, move.now
    given = await store.find_given(conn, complaint)
    if given is None or not is_upheld(given["findings"] or ()):
        return move
    subject = await _find_third(conn, complaint, about, given["at"], now, counted=given["unit"])
    if subject is None:
        return move
    await store.insert_supervision(
        conn, new_id(now), complaint, why="upheld", subject=subject, at=now
    )
    return _supervised(move, subject)


async def _find_third(
    conn: asyncpg.Connection,
    complaint: UUID,
    about: tuple[str | None, str | None],
    at: datetime,
    now: datetime,
    *,
    counted: str | None = None,
) -> str | None:
    """Notes what was upheld ``at`` that moment; who was upheld against for the third time now.
    `counted`: a unit that this was counted against before."""
    subjects = [each for each in about if each]
    earlier = await store.note_upheld(
        conn, complaint, subjects, at, unit=about[1], since=now - WITHIN, most=MANY
    )
    for subject in subjects:
        if earlier[subject].raised:
            return None
        if subject != counted and is_many([at, *earlier[subject].moments], now):
            return subject
    return None


async def _supervise(
    conn: asyncpg.Connection, complaint: UUID, subject: str, calendar: Calendar, now: datetime
) -> bool:
    key = new_id(now)
    await store.insert_supervision(conn, key, complaint, why="upheld", subject=subject, at=now)
    case = await cases.find_standing(conn, complaint)
    assert case is not None, "an answered case exists"
    # The answer before it holds the row, so nobody can be first.
    return await cases.update_case(conn, _supervised(begin(case, calendar, now), subject))


def _supervised(move: Move, subject: str) -> Move:
    told = {"office": move.case.office, "why": "upheld", "subject": subject}
    since = move.case.supervised_at or move.now
    return move.noting(supervised_at=since).tell("supervised", SYSTEM, told)


async def note_return(conn: asyncpg.Connection, move: Move) -> None:
    """Raises supervision of a case itself, when the move that was just written says so."""
    for each in move.events:
        if each.kind == "supervised" and each.by == SYSTEM:
            await store.insert_supervision(
                conn,
                each.id,
                move.case.id,
                why="returned",
                subject=move.case.number,
                at=each.at,
            )

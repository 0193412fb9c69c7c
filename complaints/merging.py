"""Nobody whose complaint was merged is left alone: where the case that it was merged into ends
without an answer, the oldest of those merged into it goes on in its place."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from board.directory import Directory
from complaints import facts as case_facts
from complaints.offices import conflict
from complaints.standing import SYSTEM, Move, Standing, accepted, begin
from complaints.store import standing as store
from complaints.terms import limit

# No answer of theirs will come any more.
_UNANSWERED_ENDS = frozenset({"withdrawn", "declined"})
# States in which the desk decides, as it has to for the one that goes on.
_AT_DESK = frozenset({"received", "accepted", "return_asked", "disputed"})


def is_lost(move: Move) -> bool:
    """Whether a case ends here that never had an answer for those who were merged into it."""
    first = not move.was.reviews and move.was.state not in _ANSWERED
    return move.case.state in _UNANSWERED_ENDS and first


_ANSWERED = frozenset({"answered", "released", "followed_up", "rework", "review", "final_review"})


def takes_over(merged: Standing, move: Move, *, in_conflict: bool = False) -> Move:
    """The merged complaint goes on by itself: with the office of the one that ended, which has to
    sign for it, or at the desk where that one waited, or where that office may not judge this one.
    Its clock ran on from its own acceptance, as nothing stops it for that (R6), and is counted by
    what is in force now, like that of every open case (R13); one that was not accepted yet begins.
    """
    was, data = move.was, {"from": move.case.number}
    own: dict[str, Any] = {"limit": limit(merged.kind, move.calendar)} if merged.limit else {}
    on = begin(merged, move.calendar, move.now).then(
        "unmerge", SYSTEM, office="", data=data, merged_into=None, **own
    )
    if not (in_conflict or was.office is None or was.state in _AT_DESK):
        begun = {} if own else accepted(move.calendar, move.now, merged.kind)
        on = on.then("accept", SYSTEM).then("dispatch", SYSTEM, office=was.office, **begun)
    before, due = merged.due_on, on.case.due_on
    if not own or due == before:
        return on
    moved = {"due": due and due.isoformat(), "was": before and before.isoformat()}
    return on.tell("recounted", SYSTEM, moved | {"calendar": move.calendar.version})


async def go_on(conn: asyncpg.Connection, move: Move, directory: Directory) -> None:
    """Lets the oldest of the merged complaints go on, and points the others at it. The move was
    written by this transaction, which holds its case."""
    if not is_lost(move):
        return
    merged = await store.list_merged(conn, move.case.id)
    if not merged:
        return
    if move.was.merged_into is not None:
        # It was merged itself: what answers for it answers for these too, or did so already.
        await _point(conn, merged, await store.find_standing(conn, move.was.merged_into), move)
        return
    oldest, *others = merged
    known = await case_facts.find_known(conn, oldest.id, directory)
    office = directory.office(move.was.office)
    against = known and office and conflict(office, known.facts, directory)
    await store.update_case(conn, takes_over(oldest, move, in_conflict=bool(against)))
    await _point(conn, others, oldest, move)


async def _point(
    conn: asyncpg.Connection, merged: Sequence[Standing], into: Standing | None, move: Move
) -> None:
    assert into is not None, "a case is merged into one that is there"
    for each in merged:
        moved = begin(each, move.calendar, move.now).noting(merged_into=into.id)
        await store.update_case(conn, moved.tell("merged", SYSTEM, {"into": into.number}))

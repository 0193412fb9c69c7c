"""A changed calendar recomputes open cases, and the last day for a review of a closed one, with an
event (domain.md R3, R13)."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import asyncpg

from board.calendar import Calendar
from board.ids import new_id
from complaints import lifecycle, terms, timers
from complaints.lifecycle import DUTIES, Deadline, State, deadline
from complaints.limits import Due, Extension, Limit, day_of, local
from complaints.standing import NEW_LIMIT
from complaints.store import recounting as store
from complaints.store.recounting import BEGINNING, Place, Recounted, Reviewable
from complaints.store.standing import stops_of

log = logging.getLogger(__name__)

BATCH = 500
Counted = TypeVar("Counted")
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many cases a batch counted anew, and where the next one goes on; None at the end."""

    done: int
    after: Place | None


async def recount(
    conn: asyncpg.Connection, calendar: Calendar, now: datetime, after: Place = BEGINNING
) -> Swept:
    """Counts anew what another calendar counted, up to a batch, in the order of deadlines.

    The calendar must not change before the transaction ends, or two workers would undo each
    other's counting.
    """
    rows = await store.list_outdated(conn, calendar.version, after, BATCH)
    cases = [each for row in rows if (each := try_counting(row, calendar, now))]
    await store.update_counted(conn, cases)
    await store.insert_recounted(conn, cases, now)
    last = rows[-1] if len(rows) == BATCH else None
    return Swept(len(cases), (last["next_at"], last["id"]) if last else None)


def try_counting(row: Mapping[str, Any], calendar: Calendar, now: datetime) -> Recounted | None:
    """As `counted_anew`; None of a case that cannot be counted."""
    return _tried(counted_anew, row, calendar, now)


def _tried(
    count: Callable[[Mapping[str, Any], Calendar, datetime], Counted | None],
    row: Mapping[str, Any],
    calendar: Calendar,
    now: datetime,
) -> Counted | None:
    """A case that cannot be counted is no reason to leave the others as they were."""
    try:
        return count(row, calendar, now)
    except Exception:
        log.exception("the case with the id %s could not be counted anew", row["id"])
        return None


async def recount_closed(
    conn: asyncpg.Connection, calendar: Calendar, now: datetime, after: Place = BEGINNING
) -> Swept:
    """Counts anew until when closed cases may be reviewed, up to a batch; what was counted by this
    calendar stays, so that a second time there is nothing to do."""
    rows = await store.list_closed(conn, now, after, BATCH)
    cases = [each for row in rows if (each := _tried(_reviewable, row, calendar, now))]
    await store.update_closed(conn, cases, now)
    last = rows[-1] if len(rows) == BATCH else None
    return Swept(len(cases), (last["wake_at"], last["id"]) if last else None)


def _reviewable(row: Mapping[str, Any], calendar: Calendar, now: datetime) -> Reviewable | None:
    """The new last day; None where it stays. Who was told a day that is not over yet does not find
    it over: a day that would lie in the past moves nothing."""
    at, kind = timers.look_at_closed(row["since"], now, calendar)
    waits = kind is not None and row["next_kind"] == kind
    if waits or at <= now or (at, kind) == (row["wake_at"], row["next_kind"]):
        return None
    last, was = (
        None if unknown else local(end - _MOMENT).date()
        for end, unknown in ((at, kind), (row["wake_at"], row["next_kind"]))
    )
    data = {"next": last, "next_was": was}
    return Reviewable(
        complaint=row["id"],
        wake_at=at,
        next_kind=kind,
        event=new_id(now) if last != was else None,
        data={name: day.isoformat() if day else None for name, day in data.items()}
        | {"calendar": calendar.version},
    )


def counted_anew(row: Mapping[str, Any], calendar: Calendar, now: datetime) -> Recounted:
    """The answer's due day, where one was promised, and the next deadline, whatever it is for."""
    answer = _answer_due(row, calendar)
    following = _following(row, calendar, answer)
    moved = _moved(row, answer, following)
    # Who has time again is late for the first time, should that pass too.
    known = following.kind != "calendar_unknown"
    again = known and following.at != row["next_at"] and following.at > now
    return Recounted(
        complaint=row["id"],
        due_on=answer.day if answer else None,
        limit=answer.limit if answer else None,
        calendar_version=calendar.version,
        next_at=following.at,
        next_kind=following.kind,
        wake_at=_look(row, following, calendar, now),
        escalations=0 if again else row["escalations"],
        event=new_id(now) if moved else None,
        data={name: day.isoformat() if day else None for name, day in moved.items()}
        | {"calendar": calendar.version},
    )


def next_due(row: Mapping[str, Any], calendar: Calendar) -> Due | None:
    """How the next deadline of a case is counted, where that is not the answer's; None also where
    it was counted by another calendar, as long as the sweep has not come to it."""
    answers = _waits_for_answer(row) or row["state"] in NEW_LIMIT
    if answers or _on_own_time(row):
        return None
    following = _following(row, calendar, _answer_due(row, calendar))
    told = following.due.day is not None and following.at == row["next_at"]
    return following.due if told else None


def _answer_due(row: Mapping[str, Any], calendar: Calendar) -> Due | None:
    limit = _limit(row, calendar)
    if limit is None:
        return None
    stops, _ = stops_of(row["stops"] or ())
    more = Extension(row["extended_by"], row["extended_on"]) if row["extended_by"] else None
    return lifecycle.answer_due(row["limit_start"], limit, calendar, stops, more)


def _limit(row: Mapping[str, Any], calendar: Calendar) -> Limit | None:
    """The answer's limit: the one in force while the answer is awaited; once it was given, the one
    that it was held against."""
    if row["limit_number"] is None:
        return None
    state = row["state"]
    own = DUTIES[state].limit if state in NEW_LIMIT else None
    if own:
        return terms.limit(own, calendar)
    if state in lifecycle.UNANSWERED:
        return terms.limit(row["kind"], calendar)
    return Limit(row["limit_number"], row["limit_unit"])


def _following(row: Mapping[str, Any], calendar: Calendar, answer: Due | None) -> Deadline:
    """The next deadline of the case, from the day on which it came into its state."""
    counted = _waits_for_answer(row) or row["state"] in NEW_LIMIT
    since = row["limit_start"] if answer and counted else day_of(row["since"])
    _, asked = stops_of(row["stops"] or ())
    state, days = row["state"], asked[1] if asked else 0
    if _on_own_time(row):
        state = "in_hand"
    following = deadline(state, since, calendar, answer_due=answer, reply_days=days)
    assert following is not None  # the case is open
    return following


def _look(
    row: Mapping[str, Any], following: Deadline, calendar: Calendar, now: datetime
) -> datetime | None:
    """What was owed by the same deadline stays owed; by a later one it is not owed yet."""
    same = following.at == row["next_at"]
    planned = row["wake_at"] if same else None
    timed = _timed(row, following)
    return timers.keep_look(timed, planned, row["escalations"], now, calendar)


def _timed(row: Mapping[str, Any], following: Deadline) -> timers.Timed:
    state: State = "in_hand" if _on_own_time(row) else row["state"]
    return timers.Timed(state, following.due.day, following.at)


def _on_own_time(row: Mapping[str, Any]) -> bool:
    """See `Standing.asks_on_own_time`."""
    _, asked = stops_of(row["stops"] or ())
    return row["state"] == "waiting" and asked is not None and asked[1] == 0


def _waits_for_answer(row: Mapping[str, Any]) -> bool:
    return DUTIES[row["state"]].limit is None


def _moved(
    row: Mapping[str, Any], answer: Due | None, following: Deadline
) -> dict[str, date | None]:
    """The days that are others now, with what they were: `due` and `was` of the answer, `next` and
    `next_was` of another deadline."""
    moved: dict[str, date | None] = {}
    if answer and answer.day != row["due_on"]:
        moved |= {"due": answer.day, "was": row["due_on"]}
    before = day_told(row["next_at"], row["next_kind"])
    if following.due.day != before and not (answer and _waits_for_answer(row)):
        moved |= {"next": following.due.day, "next_was": before}
    return moved


def day_told(at: datetime, kind: str) -> date | None:
    """The day that ends at `at`; None where it is only the earliest one possible."""
    return None if kind == "calendar_unknown" else local(at - _MOMENT).date()

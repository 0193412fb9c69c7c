"""Open cases follow the county: a conflict of interest that appears after filing moves a case to
another office, and a changed rule moves what nobody has signed for yet (domain.md, "Who receives
it": recusals and relatives are used at once).

Nobody loses a case that they work on because a table was edited; whoever is in conflict loses it
in every state, and is not told why.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from complaints import facts as case_facts
from complaints.decisions import County, pack_decision
from complaints.facts import Known
from complaints.lifecycle import HELD
from complaints.offices import conflict
from complaints.reviews import next_up
from complaints.routing import route
from complaints.standing import SYSTEM, By, Move, Standing, begin, replied
from complaints.store import rerouting as store
from complaints.store import standing as standing_store
from complaints.store.rerouting import BEGINNING, Place

log = logging.getLogger(__name__)

BATCH = 500
# States in which the office above goes on, and the rules are not asked: it is the next one up.
_BY_RANK = HELD & {"followed_up", "rework", "review", "final_review"}
Why = Literal["conflict", "rules"]


@dataclass(frozen=True, slots=True)
class Rerouted:
    """The move, and the new office's reasons as they are kept; None where they stay."""

    move: Move
    routing: Mapping[str, Any] | None


def rerouted(
    move: Move, known: Known, county: County, by: By = SYSTEM, *, by_rules: bool = True
) -> Rerouted | None:
    """Gives the case to another office where the one that has it may no longer; None where it
    stays. Never an office in conflict: where the county has none left, it goes to the desk.

    `by_rules`: also where the rules say another office and nobody has signed for it."""
    case, directory = move.case, county.directory
    office = directory.office(case.office)
    if case.sealed or office is None or case.state not in HELD:
        return None
    # Whoever is to redo an answer has answered before; only a review may not be by the same.
    if conflict(office, replace(known.facts, answered=()), directory):
        if case.state in _BY_RANK:
            above = next_up(case.office, known.facts, directory)
            return Rerouted(_moved(move, above.code if above else "", "conflict", by), None)
        return _by_rules(move, known, county, "conflict", by)
    unsigned = by_rules and case.state == "dispatched"
    if unsigned and not (known.by_hand or case.returns or case.assigned):
        return _by_rules(move, known, county, "rules", by)
    return None


def _by_rules(move: Move, known: Known, county: County, why: Why, by: By) -> Rerouted | None:
    decision = route(known.facts, county.rules, county.directory)
    found = county.directory.office(decision.office.code)
    if why == "rules" and (found is None or found.code == move.case.office):
        return None
    return Rerouted(_moved(move, found.code if found else "", why, by), pack_decision(decision))


def _moved(move: Move, office: str, why: Why, by: By) -> Move:
    case = move.case
    # What was answered stays so: the desk finds another office for it, or ends it.
    stays = office or case.state in _BY_RANK
    stopped = replied(case, move.now) if case.state == "waiting" else {}
    return move.then(
        "reroute" if stays else "take_back",
        by,
        office=office,
        data={"was": case.office, "why": why, "owner": "office" if office else "desk"},
        **stopped,
    )


@dataclass(frozen=True, slots=True)
class Swept:
    """Of a batch: how many cases were looked at, which were moved, whether somebody was first with
    one, and where the next batch goes on; None at the end."""

    looked_at: int
    moved: tuple[UUID, ...]
    late: bool
    after: Place | None


async def sweep(
    conn: asyncpg.Connection, county: County, now: datetime, after: Place = BEGINNING
) -> Swept:
    """Looks at open cases that an office has, up to a batch, in the order of deadlines.

    Nothing is locked for looking: a case that somebody else moves meanwhile is left to the next
    round. The county must not change before the transaction ends.
    """
    cases = await standing_store.list_held(conn, sorted(HELD), after, BATCH)
    known = await case_facts.list_known(conn, [case.id for case in cases], county.directory)
    found = [_looked_at(case, known.get(case.id), county, now) for case in cases]
    moved, late = [], False
    for each in found:
        if each is None:
            continue
        try:
            if not await standing_store.update_apart(conn, each.move):
                late = True
                continue
        except standing_store.REFUSED:
            log.exception("the case %s could not be moved", each.move.was.number)
            continue
        moved.append(each.move.case.id)
        if each.routing is not None:
            await store.update_routing(conn, each.move.case.id, dict(each.routing))
    last = cases[-1] if len(cases) == BATCH else None
    place = (last.next_at, last.id) if last and last.next_at else None
    return Swept(len(cases), tuple(moved), late, place)


def _looked_at(
    case: Standing, known: Known | None, county: County, now: datetime
) -> Rerouted | None:
    """A case that cannot be looked at is no reason to leave the others lying."""
    try:
        return rerouted(begin(case, county.calendar, now), known, county) if known else None
    except Exception:
        log.exception("the case %s could not be routed anew", case.number)
        return None

"""A case leaves an office that turns out to be in conflict: who was named, or who stepped back.

Pure. The office gets nothing more: the move changes the office, which revokes its links, and its
event tells the complainant who has the case now.
"""

from collections.abc import Sequence

from board.model import Office
from complaints import routing
from complaints.lifecycle import AGAIN, Step
from complaints.offices import Directory, Facts, conflict
from complaints.reviews import next_up
from complaints.routing import Rule
from complaints.standing import By, Move, replied


def leave_conflict(
    move: Move, facts: Facts, rules: Sequence[Rule], directory: Directory, desk: By
) -> Move:
    """The same move where the present office may keep the case; else with the office that routing
    says now, or for a case that is looked at again the next one up. ``facts`` are those that hold
    after the move. Where the county has nobody left, the desk has it.
    """
    case = move.case
    office = directory.office(case.office)
    if office is None or "reroute" not in case.allowed("desk"):
        return move
    if conflict(office, facts, directory) is None:
        return move
    to = _receiver(case.state in AGAIN, office, facts, rules, directory)
    settled = replied(case, move.now) if case.state == "waiting" else {}
    step: Step = "recall" if to is None and "recall" in case.allowed("desk") else "reroute"
    code = to.code if to else ""
    return move.then(step, desk, office=code, data={"was": office.code}, **settled)


def _receiver(
    again: bool, office: Office, facts: Facts, rules: Sequence[Rule], directory: Directory
) -> Office | None:
    if again:
        return next_up(office.code, facts, directory)
    return directory.office(routing.route(facts, rules, directory).office.code)

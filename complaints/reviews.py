"""Who looks at a case again: always another, higher office, never one that answered before."""

from collections.abc import Iterator

from board.model import Office
from complaints.offices import LAST_RESORT, Directory, Facts, conflict, way_up


def next_up(office: str | None, facts: Facts, directory: Directory) -> Office | None:
    """The nearest office above ``office`` that is in no conflict with the case; None when the way
    leads out of the county. ``facts.answered`` names every office that answered."""
    last = directory.office(office)
    if last is None:
        return None
    return next(_able(last, facts, directory), None)


def _able(last: Office, facts: Facts, directory: Directory) -> Iterator[Office]:
    for above in way_up(last.kind, last, facts.unit_code, directory):
        if above is not LAST_RESORT and conflict(above, facts, directory) is None:
            yield above

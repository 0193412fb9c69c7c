"""How many cases stand in each list of the desk, as they were three seconds ago at most.

Counting them costs more than the page that shows them (docs/speed.md). What this process writes is
counted at once; what others write, and what time alone does, within those seconds.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from aiohttp import web

from complaints.hidden import Hidden
from gateway.views import COUNTY

KEPT = timedelta(seconds=3)
# Of one county: as many as there are people with cases of their own.
MOST = 200

Counts = Mapping[str, int]


class Waiting:
    """{list: number} by county and by what the reader may not see."""

    def __init__(self) -> None:
        self._held: dict[str, dict[Hidden, tuple[datetime, Counts]]] = {}
        self._writes: Counter[str] = Counter()

    def writes(self, schema: str) -> int:
        """How often something was written in this county, to be asked before counting."""
        return self._writes[schema]

    def find(self, schema: str, hidden: Hidden, now: datetime) -> Counts | None:
        """What was counted a moment ago; None when it has to be counted."""
        at, counts = self._held.get(schema, {}).get(hidden, (None, None))
        return counts if at and timedelta(0) <= now - at < KEPT else None

    def keep(
        self, schema: str, hidden: Hidden, now: datetime, counts: Counts, *, writes: int
    ) -> Counts:
        """Holds what was counted `now`, and gives it back; not when something was written since
        it was begun to be counted, after so many `writes`."""
        if writes != self._writes[schema]:
            return counts
        held = self._held.setdefault(schema, {})
        if len(held) >= MOST:
            held.clear()
        held[hidden] = now, counts
        return counts

    def forget(self, schema: str) -> None:
        """Something was written in this county."""
        self._writes[schema] += 1
        self._held.pop(schema, None)


WAITING = web.AppKey("waiting", Waiting)


async def counted_anew(request: web.Request, _response: web.StreamResponse) -> None:
    """Before whoever wrote something is answered."""
    if request.method == "POST" and COUNTY in request:
        request.app[WAITING].forget(request[COUNTY].schema)

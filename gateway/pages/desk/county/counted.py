"""The way of a change to what open cases are counted by: the calendar, and the county's own limits.

Its effect is shown before it is saved, and stays true only while neither of the two is changed by
somebody else; whoever saves then sees the effect anew.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import asyncpg
from aiohttp import web

from board.calendar import Calendar
from board.model import County
from board.store import directory as directory_store
from complaints.limits import Limit
from complaints.store.terms import list_limits
from complaints.terms import LimitKind, in_force
from gateway.context import CONTEXT
from gateway.desk.sessions import desk_form
from gateway.pages.desk.county.editing import Also
from gateway.pages.desk.county.seen import MovedOn
from gateway.views import COUNTY, see_other

Plan = TypeVar("Plan")
Faults = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """The calendar as its rows, which are all there is of `county`, and the county's own limits."""

    county: County
    own: Mapping[LimitKind, Limit]

    @property
    def calendar(self) -> Calendar:
        """The calendar alone."""
        return directory_store.calendar_of(self.county.calendar_years, self.county.calendar_days)

    @property
    def version(self) -> str:
        """Another one with any other day or limit."""
        return in_force(self.calendar, self.own).version


@dataclass(frozen=True, slots=True)
class Way(Generic[Plan]):
    """What differs: `plan` reads the form, as {field: message} what cannot be; `stands` tells of a
    plan that there is nothing to do for it; `refuse` and `show` answer with what cannot be, or with
    the effect, and a status; `save` writes unless the check raises; `agreed` says whether what the
    effect asks somebody to tick is ticked."""

    home: str
    plan: Callable[[web.Request, Kept], Awaitable[Plan | Faults]]
    stands: Callable[[Plan], bool]
    refuse: Callable[[web.Request, Kept, Faults, int], Awaitable[web.Response]]
    show: Callable[[web.Request, Kept, Plan, int], Awaitable[web.Response]]
    save: Callable[[web.Request, Plan, Also], Awaitable[Faults]]
    agreed: Callable[[web.Request, Plan], bool] = lambda _request, _plan: True

    async def answer(
        self, request: web.Request, kept: Kept, plan: Plan | Faults, ok: int, faulty: int
    ) -> web.Response:
        """What was planned, or why not."""
        if isinstance(plan, Mapping):
            return await self.refuse(request, kept, plan, faulty)
        return await self.show(request, kept, plan, ok)

    def is_done(self, plan: Plan | Faults) -> bool:
        """Pressed twice, saved without hearing of it, or somebody else saved the same: it is as it
        was asked for."""
        return not isinstance(plan, Mapping) and self.stands(plan)


async def find(conn: asyncpg.Connection) -> Kept:
    """As it stands."""
    county = County(
        calendar_years=await directory_store.list_calendar_years(conn),
        calendar_days=await directory_store.list_calendar_days(conn),
    )
    return Kept(county, await list_limits(conn))


async def read(request: web.Request) -> Kept:
    """As it stands, for a page."""
    found: Kept = await request.app[CONTEXT].db.run(request[COUNTY].schema, find, single=True)
    return found


async def take(request: web.Request, way: Way[Plan], *, confirmed: bool) -> web.Response:
    """The effect; once that was seen and `confirmed`, saves and answers 303, also when it stands so
    already. 422 for what cannot be or is not agreed to, 409 with how things stand when somebody was
    first."""
    seen, found = desk_form(request).first("seen"), await read(request)
    plan = await way.plan(request, found)
    if isinstance(plan, Mapping) or not confirmed:
        # What was possible when it was shown is not any more: somebody was first.
        late = confirmed and seen != found.version
        return await way.answer(request, found, plan, 200, 409 if late else 422)
    if way.is_done(plan):
        return await _saved(request, way)
    if not way.agreed(request, plan):
        return await way.show(request, found, plan, 422 if seen == found.version else 409)

    async def compare(conn: asyncpg.Connection) -> None:
        if not (await find(conn)).version == found.version == seen:
            raise MovedOn

    try:
        faults = await way.save(request, plan, compare)
    except MovedOn:
        found = await read(request)
        plan = await way.plan(request, found)
        if way.is_done(plan):
            return await _saved(request, way)
        return await way.answer(request, found, plan, 409, 409)
    if faults:
        return await way.refuse(request, found, faults, 422)
    return await _saved(request, way)


async def _saved(request: web.Request, way: Way[Plan]) -> web.Response:
    await request.app[CONTEXT].snapshots.forget(request[COUNTY])
    return see_other(f"{way.home}?saved=yes")

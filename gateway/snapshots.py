"""Directory, routing table, calendar and own words of each county, in memory, renewed when they
change."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from board.calendar import Calendar
from board.directory import Directory
from board.store import directory as directory_store
from complaints import decisions, routing
from complaints.store import figures
from complaints.store.terms import load_terms
from gateway.counties import County
from gateway.db import Database, DatabaseDown
from gateway.mail.wordings import DEFAULTS, Wordings
from gateway.store import message_texts

# How long a change made elsewhere may stay unseen.
RENEW_SECONDS = 3.0
# How long a visitor waits for news when there is something older to show: a frozen database would
# otherwise hold up every page.
NEWS_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a county published at `versions` ({kind: number}); immutable, so safe to hold on to."""

    versions: Mapping[str, int]
    directory: Directory
    calendar: Calendar
    rules: tuple[routing.Rule, ...]
    wordings: Wordings = DEFAULTS
    # Changes with every count of figures.
    counts: str = ""

    @property
    def county(self) -> decisions.County:
        """What decides about a complaint."""
        return decisions.County(self.directory, self.calendar, self.rules)

    @property
    def tag(self) -> str:
        """A short text that changes with any version; part of public pages' ETag."""
        return "-".join(f"{kind[0]}{number}" for kind, number in sorted(self.versions.items()))


class Snapshots:
    """One snapshot a county; a look at the version numbers every few seconds keeps it fresh."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._held: dict[str, tuple[float, Snapshot]] = {}
        self._asked: dict[str, asyncio.Task[Snapshot]] = {}
        self._warmed: dict[str, Directory] = {}

    def held(self, county: County) -> Snapshot | None:
        """The newest snapshot that was read, without waiting; None before the first."""
        held = self._held.get(county.schema)
        return held[1] if held else None

    async def of(self, county: County) -> Snapshot:
        """The county's snapshot, at most `RENEW_SECONDS` behind.

        Without the database, what was last read stands: units and telephone numbers help most
        then. Raises `DatabaseDown` when the county was never read.
        """
        held = self._held.get(county.schema)
        if held and _is_fresh(held):
            return held[1]
        news = self._asked.get(county.schema)
        if held and news:
            return held[1]  # somebody is renewing it; slightly old beats waiting
        if news is None:
            news = self._asked[county.schema] = asyncio.create_task(self._renew(county))
            news.add_done_callback(lambda _: self._asked.pop(county.schema))
        if held:
            await asyncio.wait((news,), timeout=NEWS_SECONDS)
            return self._held[county.schema][1]
        # Whoever gives up waiting must not end it for the others.
        return await asyncio.shield(news)

    async def forget(self, county: County) -> None:
        """Reads anew before anything else is shown by this process: somebody changed it here."""
        await asyncio.shield(self._renew(county))

    async def _renew(self, county: County) -> Snapshot:
        held = self.held(county)
        try:
            snapshot = await self._renewed(county, held)
        except DatabaseDown:
            if held is None:
                raise
            snapshot = held
        self._held[county.schema] = (time.monotonic(), snapshot)
        return snapshot

    async def warm(self, county: County) -> None:
        """Makes the county's directory ready for searching, in a thread and once a snapshot, so
        that no citizen waits the second that it takes."""
        directory = (await self.of(county)).directory
        if self._warmed.get(county.schema) is not directory:
            await asyncio.to_thread(directory.warm)
            self._warmed[county.schema] = directory

    async def _renewed(self, county: County, old: Snapshot | None) -> Snapshot:
        async with self._db.transaction(county.schema) as conn:
            versions = await directory_store.find_versions(conn)
            counts = await figures.find_counts(conn)
            if old and versions == old.versions:
                return old if counts == old.counts else replace(old, counts=counts)
            return Snapshot(
                versions=versions,
                directory=await directory_store.load(conn),
                calendar=await load_terms(conn),
                rules=routing.read_rules(await directory_store.load_rules(conn)),
                wordings=Wordings(await message_texts.list_texts(conn)),
                counts=counts,
            )


def _is_fresh(held: tuple[float, Snapshot]) -> bool:
    return time.monotonic() - held[0] < RENEW_SECONDS

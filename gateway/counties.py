"""Which county a request or a job belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.db import Database
from gateway.store import counties as store


@dataclass(frozen=True, slots=True)
class County:
    """One county of this database; `schema` holds its tables."""

    code: str
    schema: str
    name: str
    name_en: str
    host: str | None


class NoSuchCounty(LookupError):
    """No county of this database answers to that host name."""


class Counties:
    """The counties by host name; with a single county the host is not looked at."""

    def __init__(self, counties: tuple[County, ...]) -> None:
        self._all = counties
        self._by_host = {county.host: county for county in counties if county.host}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[County]:
        return iter(self._all)

    def of_host(self, host: str) -> County:
        """The county of a Host header; raises `NoSuchCounty`."""
        if len(self._all) == 1:
            return self._all[0]
        try:
            return self._by_host[host.partition(":")[0].lower()]
        except KeyError as error:
            raise NoSuchCounty(host) from error


async def load_counties(db: Database) -> Counties:
    """All counties of the database, read once at start."""
    async with db.connection() as conn:
        rows = await store.list_counties(conn)
    return Counties(tuple(County(*row) for row in rows))

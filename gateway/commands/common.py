"""What several commands need: settings, database, the county, the secret key."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from gateway import embedded, migrations
from gateway.counties import Counties, County, load_counties
from gateway.db import Database
from gateway.settings import Settings

T = TypeVar("T")


class BadSettings(click.ClickException):
    """A setting that cannot be; says which, what is allowed and gives an example."""

    exit_code = 2

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def load_settings(**given: object) -> Settings:
    """Settings from the environment; `given` (a command's options) wins. Raises `BadSettings`."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise BadSettings(setting_faults(error)) from error


def setting_faults(error: ValidationError) -> list[str]:
    """One line a fault, beginning with the variable's name; a secret's value is not repeated."""
    lines = []
    for fault in error.errors(include_url=False):
        name = str(fault["loc"][0])
        shown = "" if name in ("secret_key", "database_url", "smtp_url") else repr(fault["input"])
        lines.append(f"GATEWAY_{name.upper()} {shown}: {_reason(fault['msg'])}".replace(" :", ":"))
    return lines


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


@contextmanager
def database_server(
    settings: Settings, *, create: bool = False
) -> Iterator[tuple[str, Callable[[], object]]]:
    """The database's URL, and what to call now and then so that it stays alive.

    Without a URL in the settings: the embedded database of the data folder, our own for as long
    as the block lasts or the one of a gateway that already runs. Raises `EmbeddedError`, also
    where there is no database yet, unless `create` is true.
    """
    if settings.database_url:
        yield settings.database_url, _nothing
        return
    if not create and not embedded.exists(settings.data_dir):
        raise embedded.EmbeddedError(
            f"there is no database in {settings.data_dir} yet; "
            "run: gateway migrate (or gateway demo), or set GATEWAY_DATABASE_URL"
        )
    with ExitStack() as started:
        database = _Embedded(settings.data_dir, started)
        yield database.url(), database.keep_alive


def _nothing() -> None:
    """Somebody else looks after that database."""


class _Embedded:
    """The database of a data folder, started by us or by another gateway.

    A PostgreSQL whose gateway was killed runs on with nobody to start it again: whoever can take
    the folder takes it over. One that is borrowed is taken over once its owner is gone.
    """

    def __init__(self, folder: Path, started: ExitStack) -> None:
        self._folder = folder
        self._started = started
        self._own: embedded.Server | None = None

    def url(self) -> str:
        try:
            self._own = self._started.enter_context(embedded.launch(self._folder))
        except embedded.AlreadyRunning:
            borrowed = embedded.url_of_running(self._folder)
            if borrowed is None:
                raise
            return borrowed
        return self._own.wait_ready()

    def keep_alive(self) -> object:
        if self._own:
            return self._own.revive()
        if embedded.url_of_running(self._folder) is None:
            with suppress(embedded.AlreadyRunning):  # its owner is about to start it again
                return self.url()
        return None


@contextmanager
def database_url(settings: Settings, *, create: bool = False) -> Iterator[str]:
    """The URL alone, for commands that are soon over; see `database_server`."""
    with database_server(settings, create=create) as (url, _):
        yield url


@asynccontextmanager
async def connect(
    settings: Settings | None = None, *, require_current: bool = True
) -> AsyncIterator[Database]:
    """A pool of two for a command. Raises `DatabaseDown`, `EmbeddedError` and, unless
    `require_current` is false, `SchemaOutdated`.
    """
    with database_url(settings or load_settings()) as url:
        db = await Database.connect(url, size=2)
        try:
            if require_current:
                async with db.connection() as conn:
                    await migrations.require_current(conn)
            yield db
        finally:
            await db.close()


async def the_county(db: Database, code: str | None = None) -> County:
    """The county with this code, or the only one. Raises click.UsageError that lists them."""
    return choose_county(await load_counties(db), code)


def choose_county(counties: Counties, code: str | None) -> County:
    """See `the_county`."""
    known = list(counties)
    chosen = [county for county in known if code in (None, county.code)]
    if len(chosen) == 1:
        return chosen[0]
    if not known:
        raise click.UsageError("there is no county yet; run: gateway county import DIR")
    codes = ", ".join(county.code for county in known)
    raise click.UsageError(f"name one county with --county: {codes}")


async def require_ready(url: str) -> None:
    """Raises what keeps a server from starting: `DatabaseDown`, `SchemaOutdated`, no county."""
    db = await Database.connect(url, size=1)
    try:
        async with db.connection() as conn:
            await migrations.require_current(conn)
        if not list(await load_counties(db)):
            raise migrations.MigrationError(
                "the database has no county yet; run: gateway county import DIR"
            )
    finally:
        await db.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's async part."""
    return asyncio.run(work)

"""The way to PostgreSQL: a small first-come pool, county scoping, whole-transaction retry."""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

T = TypeVar("T")

POOL_SIZE = 6  # four to eight a process; 64 collapse the database (quality.md)
ACQUIRE_SECONDS = 5.0
COMMAND_SECONDS = 10.0
HOST_SECONDS = 2.0
ATTEMPTS = 5
# A visitor's whole request, every wait and repeat in it included; whoever waits longer is told.
REQUEST_SECONDS = 4.5
# For taking back what is open and for handing a connection back: a frozen server hears neither.
FAREWELL_SECONDS = 0.5
# As many as a few connections serve in half a second or so; who comes later is told at once.
MOST_WAITING = 256
SCHEMA_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")

# What a failover or a restart looks like from here (scale.md).
_RETRIED_STATES = frozenset({"57P01", "57P02", "57P03", "25006", "40001", "40P01"})
# Disk full, memory, connections, locks; and a disk that fails.
_EXHAUSTED_STATES = ("53", "58030")

# What connecting raises; InternalClientError when no host takes writes.
UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


# Time limits of each connection and of each statement on it.
_EACH: dict[str, Any] = {"timeout": ACQUIRE_SECONDS, "command_timeout": COMMAND_SECONDS}


class DatabaseDown(Exception):
    """The database could not be reached, or not in time; the caller answers 503."""


class DatabaseBusy(DatabaseDown):
    """It has no room: too many wait for it, or its disk is full. Asking again at once is no use."""


def is_transient(error: BaseException) -> bool:
    """Whether a whole transaction may be tried again after `error`.

    True for OSError, TimeoutError, SQLSTATE 08*, 57P01-57P03, 25006, serialisation and deadlock
    failures, asyncpg's InterfaceError and InternalClientError, and the statement cache's one
    failure after a schema change.
    """
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate or "")
        return (
            state.startswith("08")
            or state in _RETRIED_STATES
            or isinstance(error, asyncpg.InvalidCachedStatementError)
        )
    if isinstance(error, ValueError):  # asyncpg's DataError: a value that no retry mends
        return False
    return isinstance(
        error, OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError
    )


def is_exhausted(error: BaseException) -> bool:
    """Whether the database has run out of something: SQLSTATE 53*, 58030."""
    return isinstance(error, asyncpg.PostgresError) and str(error.sqlstate or "").startswith(
        _EXHAUSTED_STATES
    )


def _down(error: BaseException) -> DatabaseDown:
    if is_exhausted(error):
        return DatabaseBusy(str(error))
    return DatabaseDown(str(error) or type(error).__name__)


# json.dumps with any option makes an encoder for each call.
_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


async def _set_codecs(conn: asyncpg.Connection) -> None:
    await conn.set_type_codec(
        "jsonb",
        encoder=_AS_JSON,
        decoder=json.loads,
        schema="pg_catalog",
    )


async def _keep_state(_conn: asyncpg.Connection) -> None:
    """Nothing to reset: every setting is SET LOCAL, so the usual round trip is saved."""


def one_host_each(url: str) -> list[str]:
    """`url` once for each host that it names, in its order; unchanged when it names one."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    return [urlunsplit(parts._replace(netloc=f"{user}{at}{host}")) for host in hosts.split(",")]


async def connect_any(url: str, *_: Any, **options: Any) -> asyncpg.Connection:
    """A connection to the first host of `url` that answers and, of several, takes writes.

    Each host has `HOST_SECONDS` of its own: asyncpg gives all of them together one timeout, so
    that a single frozen host would keep the others from being asked. Raises what the last one did.
    """
    urls = one_host_each(url)
    if len(urls) == 1:
        return await asyncpg.connect(url, **options)
    options |= {"timeout": HOST_SECONDS, "target_session_attrs": "read-write"}
    fault: Exception = OSError("no host is named")
    for each in urls:
        try:
            return await asyncpg.connect(each, **options)
        except UNREACHABLE as error:
            fault = error
    raise fault


class Database:
    """One pool. `transaction(schema)` gives a connection inside a transaction of one county."""

    def __init__(self, pool: asyncpg.Pool, size: int) -> None:
        self._pool = pool
        self._home: str | None = None
        # asyncpg's pool lets waiters be overtaken; a fair gate in front of it keeps p99 near p50.
        self._gate = asyncio.Semaphore(size)
        self._waiting = 0

    @classmethod
    async def connect(cls, url: str, *, size: int = POOL_SIZE) -> "Database":
        """Opens the pool on a URL or DSN of PostgreSQL 15+; raises `DatabaseDown`."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=size,
                connect=connect_any,
                **_EACH,
                init=_set_codecs,
                reset=_keep_state,
            )
        except UNREACHABLE as error:
            raise _down(error) from error
        return cls(pool, size)

    async def close(self) -> None:
        """Closes every connection, waiting a few seconds for those in use."""
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection without a transaction or county; for health and the shared tables.

        Raises `DatabaseDown` when there is none in time, at once when too many wait already.
        """
        await self._enter()
        try:
            conn = await self._acquire()
            patience = None
            try:
                yield conn
            except BaseException:
                patience = FAREWELL_SECONDS
                raise
            finally:
                # A frozen server does not even hear that a query is called off; the pool has then
                # ended the connection, and what went wrong before is what has to be told.
                with suppress(*UNREACHABLE):
                    await self._pool.release(conn, timeout=patience)
        finally:
            self._gate.release()

    async def _enter(self) -> None:
        """Waits for one's turn; raises `DatabaseBusy` when that would take, or took, too long."""
        if not self._gate.locked():  # the usual case, which needs no timer
            await self._gate.acquire()
            return
        if self._waiting >= MOST_WAITING:
            raise DatabaseBusy("too many wait for the database")
        self._waiting += 1
        try:
            await asyncio.wait_for(self._gate.acquire(), ACQUIRE_SECONDS)
        except TimeoutError as error:
            raise DatabaseBusy("no free connection in time") from error
        finally:
            self._waiting -= 1

    async def _acquire(self) -> asyncpg.Connection:
        try:
            return await self._pool.acquire(timeout=ACQUIRE_SECONDS)
        except UNREACHABLE as error:
            raise _down(error) from error

    async def settle(self, url: str, schema: str) -> None:
        """Opens every further connection in `schema`, for a database of a single county.

        What `run` is then told to do statement by statement needs no BEGIN and no COMMIT, which
        are two of three round trips; transactions are scoped by SET LOCAL all the same. Behind a
        pooler that does not pass the parameter on, everything stays as it was.
        """
        begin(schema)  # refuses an odd name
        await self._reconnect(url, server_settings={"search_path": schema})
        try:
            async with self.connection() as conn:
                seen = await conn.fetchval("SHOW search_path")
        except DatabaseDown:
            seen = None
        if seen == schema:
            self._home = schema
        else:
            await self._reconnect(url)

    async def _reconnect(self, url: str, **options: Any) -> None:
        self._pool.set_connect_args(url, **_EACH, **options)
        await self._pool.expire_connections()

    @asynccontextmanager
    async def transaction(self, schema: str) -> AsyncIterator[asyncpg.Connection]:
        """A READ COMMITTED transaction that sees the tables of one county and no others.

        Raises `DatabaseDown` when the connection is lost or too slow, also at the COMMIT, which
        then may or may not have happened.
        """
        async with self.connection() as conn, _told_apart(conn):
            # One round trip for both; a plain SET would leak into the next county's request.
            await conn.execute(begin(schema))
            yield conn
            await conn.execute("COMMIT")

    @asynccontextmanager
    async def statements(self, schema: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection for reading, or for a single statement that writes: each commits by itself
        where connections are the county's own, and stands in a transaction elsewhere.

        Raises `DatabaseDown` as `transaction` does.
        """
        if schema != self._home:
            async with self.transaction(schema) as conn:
                yield conn
            return
        async with self.connection() as conn, _told_apart(conn):
            yield conn

    async def run(
        self,
        schema: str,
        work: Callable[[asyncpg.Connection], Awaitable[T]],
        *,
        single: bool = False,
        within: float | None = REQUEST_SECONDS,
    ) -> T:
        """Runs `work` in one transaction, again as a whole after a transient failure.

        `work` must therefore carry a client-made key for what it inserts (scale.md). With `single`
        it reads, and writes by one statement at most, see `statements`. Raises `DatabaseDown` when
        the last attempt failed for a transient reason, and after `within` seconds in any case (None
        for work that nobody waits for): what was being written may or may not be there.
        """
        try:
            async with asyncio.timeout(within):
                scope = self.statements if single else self.transaction
                return await _repeated(scope, schema, work)
        except TimeoutError as error:
            raise DatabaseDown("no answer in time") from error


async def _repeated(
    scope: Callable[[str], AbstractAsyncContextManager[asyncpg.Connection]],
    schema: str,
    work: Callable[[asyncpg.Connection], Awaitable[T]],
) -> T:
    for attempt in range(1, ATTEMPTS):
        try:
            async with scope(schema) as conn:
                return await work(conn)
        except DatabaseBusy:
            raise
        except DatabaseDown:
            await asyncio.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 jitter
    async with scope(schema) as conn:
        return await work(conn)


def begin(schema: str) -> str:
    """The statement that opens a transaction scoped to `schema`; refuses any odd name."""
    if not SCHEMA_NAME.fullmatch(schema):
        raise ValueError(f"not a county schema: {schema!r}")
    return f"BEGIN; SET LOCAL search_path TO {schema}"


@asynccontextmanager
async def _told_apart(conn: asyncpg.Connection) -> AsyncIterator[None]:
    """Takes back what is open on any error; one of the database's own becomes `DatabaseDown`."""
    try:
        yield
    except BaseException as error:
        await _roll_back(conn)
        if is_transient(error) or is_exhausted(error):
            raise _down(error) from error
        raise


async def _roll_back(conn: asyncpg.Connection) -> None:
    """Best effort; a connection that was lost answers every call with InterfaceError."""
    try:
        if conn.is_in_transaction():
            await conn.execute("ROLLBACK", timeout=FAREWELL_SECONDS)
    except UNREACHABLE:
        with suppress(asyncpg.InterfaceError):
            conn.terminate()

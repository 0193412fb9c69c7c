"""The way to PostgreSQL: county scoping, whole transactions again, first come first served."""

import asyncio
import contextlib

import asyncpg
import pytest
from asyncpg import exceptions as pg

from gateway import db as module
from gateway import migrations
from gateway.db import Database, DatabaseDown, begin, is_transient
from tests.database import MADE_AT

SCHEMA = "county_test"
INSERT = "INSERT INTO counter (name, n) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
VALUE = "SELECT n FROM counter WHERE name = $1"


async def value_of(db: Database, name: str, schema: str = SCHEMA) -> int | None:
    async with db.transaction(schema) as conn:
        return await conn.fetchval(VALUE, name)


@pytest.mark.parametrize(
    "error",
    [
        pg.ConnectionDoesNotExistError("08003"),
        pg.ConnectionFailureError("08006"),
        pg.ClientCannotConnectError("08001"),
        pg.AdminShutdownError("57P01"),
        pg.CrashShutdownError("57P02"),
        pg.CannotConnectNowError("57P03"),
        pg.ReadOnlySQLTransactionError("25006"),
        pg.SerializationError("40001"),
        pg.DeadlockDetectedError("40P01"),
        pg.InvalidCachedStatementError("0A000"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("lost"),
        ConnectionResetError(),
        OSError(111, "refused"),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failover_looks_like_this(error):
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        pg.UniqueViolationError("23505"),
        pg.CheckViolationError("23514"),
        pg.UndefinedTableError("42P01"),
        pg.QueryCanceledError("57014"),
        pg.FeatureNotSupportedError("0A000"),
        pg.DiskFullError("53100"),
        asyncpg.DataError("value out of range"),
        ValueError(),
        KeyError(),
        asyncio.CancelledError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_this_is_no_failover(error):
    assert not is_transient(error)


@pytest.mark.parametrize(
    "name", ["", "public; DROP TABLE x", "county-x", "County", "县", '"x"', "a" * 52, "x\n"]
)
def test_an_odd_schema_name_is_refused(name):
    with pytest.raises(ValueError, match="not a county schema"):
        begin(name)


async def test_two_counties_of_one_database_never_see_each_other(db):
    async with db.connection() as conn:
        other = await migrations.create_county(
            conn, "other", "乙县", "Other", host=None, now=MADE_AT
        )

    async def one_request(number: int) -> None:
        schema = (SCHEMA, other)[number % 2]
        async with db.transaction(schema) as conn:
            await conn.execute(INSERT, f"{schema}-{number}", number)
            await asyncio.sleep(0)
            rows = await conn.fetch("SELECT name FROM counter")
            assert all(row["name"].startswith(f"{schema}-") for row in rows)

    await asyncio.gather(*(one_request(number) for number in range(60)))


async def test_after_a_transaction_the_connection_has_no_county(db):
    async with db.transaction(SCHEMA) as conn:
        assert await conn.fetchval("SELECT count(*) FROM counter") == 0
    async with db.connection() as conn:
        with pytest.raises(asyncpg.UndefinedTableError):
            await conn.fetchval("SELECT count(*) FROM counter")


async def test_at_home_a_statement_commits_by_itself_in_one_round_trip(db, fresh_database):
    await db.settle(fresh_database, SCHEMA)
    said = []
    async with db.statements(SCHEMA) as conn:
        conn.add_query_logger(lambda query: said.append(query.query))
        await conn.execute(INSERT, "x", 1)
    assert said == [INSERT]
    assert await value_of(db, "x") == 1


async def test_away_from_home_statements_stand_in_a_transaction_of_their_county(db, fresh_database):
    async with db.connection() as conn:
        other = await migrations.create_county(
            conn, "other", "乙县", "Other", host=None, now=MADE_AT
        )
    await db.settle(fresh_database, SCHEMA)
    async with db.statements(other) as conn:
        assert conn.is_in_transaction()
        await conn.execute(INSERT, "y", 2)
    assert await value_of(db, "y", other) == 2
    assert await value_of(db, "y") is None


async def test_a_pooler_that_drops_the_parameter_leaves_everything_as_it_was(
    db, fresh_database, monkeypatch
):
    async def forgetful(url, *_, server_settings=None, **options):
        return await asyncpg.connect(url, **options)

    monkeypatch.setattr(db._pool, "_connect", forgetful)
    await db.settle(fresh_database, SCHEMA)
    async with db.statements(SCHEMA) as conn:
        assert conn.is_in_transaction()
        await conn.execute(INSERT, "z", 3)
    assert await value_of(db, "z") == 3


async def test_a_single_statement_is_tried_again_on_another_connection(db, fresh_database):
    await db.settle(fresh_database, SCHEMA)
    seen = []

    async def work(conn: asyncpg.Connection) -> int:
        seen.append(conn)
        if len(seen) == 1:
            await conn.fetchval("SELECT pg_terminate_backend(pg_backend_pid())")
        await conn.execute(INSERT, "again", len(seen))
        return len(seen)

    assert await db.run(SCHEMA, work, single=True) == 2
    assert await value_of(db, "again") == 2


async def test_a_fault_takes_everything_back(db):
    async def work() -> None:
        async with db.transaction(SCHEMA) as conn:
            await conn.execute(INSERT, "x", 1)
            raise KeyError

    with pytest.raises(KeyError):
        await work()
    assert await value_of(db, "x") is None


async def test_a_cancelled_request_takes_everything_back_and_frees_the_connection(fresh_database):
    db = await Database.connect(fresh_database, size=1)
    begun = asyncio.Event()

    async def request() -> None:
        async with db.transaction(SCHEMA) as conn:
            await conn.execute(INSERT, "x", 1)
            begun.set()
            await conn.execute("SELECT pg_sleep(60)")

    task = asyncio.create_task(request())
    await begun.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await value_of(db, "x") is None
    await db.close()


async def kill(db: Database, pid: int) -> None:
    async with db.connection() as conn:
        await conn.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)


async def test_a_killed_connection_costs_a_second_try_and_nothing_else(db):
    tries = []

    async def work(conn: asyncpg.Connection) -> str:
        tries.append(conn)
        await conn.execute(INSERT, "x", len(tries))
        if len(tries) == 1:
            await kill(db, conn.get_server_pid())
        return await conn.fetchval("SELECT 'done'")

    assert await db.run(SCHEMA, work) == "done"
    assert len(tries) == 2
    assert await value_of(db, "x") == 2


async def test_a_commit_that_got_lost_is_not_done_twice(db):
    """The answer to COMMIT never comes, though it happened: the key makes the retry harmless."""
    tries = []

    async def work(conn: asyncpg.Connection) -> None:
        tries.append(1)
        await conn.execute(INSERT, "once", len(tries))
        if len(tries) == 1:
            await conn.execute("COMMIT")
            raise ConnectionResetError

    await db.run(SCHEMA, work)
    assert len(tries) == 2
    assert await value_of(db, "once") == 1


async def test_a_lasting_fault_ends_as_database_down(db, monkeypatch):
    monkeypatch.setattr(module.random, "uniform", lambda _low, _high: 0)
    tries = []

    async def work(_conn: asyncpg.Connection) -> None:
        tries.append(1)
        raise ConnectionResetError

    with pytest.raises(DatabaseDown):
        await db.run(SCHEMA, work)
    assert len(tries) == module.ATTEMPTS


async def test_a_fault_of_ours_is_not_tried_again(db):
    tries = []

    async def work(conn: asyncpg.Connection) -> None:
        tries.append(1)
        await conn.execute("SELECT nonsense")

    with pytest.raises(asyncpg.UndefinedColumnError):
        await db.run(SCHEMA, work)
    assert len(tries) == 1


async def test_a_plain_transaction_says_database_down_when_its_connection_is_killed(db):
    async def work() -> None:
        async with db.transaction(SCHEMA) as conn:
            await kill(db, conn.get_server_pid())
            await conn.fetchval("SELECT 1")

    with pytest.raises(DatabaseDown):
        await work()
    assert await value_of(db, "x") is None


async def test_a_server_that_is_away_is_database_down():
    with pytest.raises(DatabaseDown):
        await Database.connect("postgresql://x:y@127.0.0.1:1/none")


async def test_a_server_that_went_away_later_is_database_down(db, fresh_database, server_url):
    assert await value_of(db, "x") is None
    name = fresh_database.partition("?")[0].rpartition("/")[2]
    conn = await asyncpg.connect(server_url)
    await conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
    )
    with pytest.raises(DatabaseDown):
        await value_of(db, "x")
    await conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await conn.close()

    async def back() -> bool:
        with contextlib.suppress(DatabaseDown):
            return await value_of(db, "x") is None
        return False

    for _ in range(10):
        if await back():
            break
    else:
        pytest.fail("the pool did not find its way back")


async def test_a_server_too_frozen_to_take_a_connection_back_is_database_down(db, monkeypatch):
    released = asyncpg.Pool.release

    async def hang(pool: asyncpg.Pool, conn: asyncpg.Connection, **patience: float) -> None:
        await released(pool, conn, **patience)
        raise TimeoutError

    monkeypatch.setattr(asyncpg.Pool, "release", hang)
    with pytest.raises(DatabaseDown):
        async with db.transaction(SCHEMA):
            raise TimeoutError
    async with db.transaction(SCHEMA) as conn:
        assert await conn.fetchval("SELECT 1") == 1, "what was done is not undone by it"


async def test_waiting_for_a_connection_has_an_end(fresh_database, monkeypatch):
    db = await Database.connect(fresh_database, size=1)
    async with db.connection():
        monkeypatch.setattr(module, "ACQUIRE_SECONDS", 0.1)
        with pytest.raises(DatabaseDown, match="no free connection in time"):
            async with db.connection():
                pass
    monkeypatch.undo()
    async with db.connection() as conn:
        assert await conn.fetchval("SELECT 1") == 1
    await db.close()


async def test_who_waits_longest_is_served_first(fresh_database):
    db = await Database.connect(fresh_database, size=2)
    served = []

    async def request(number: int) -> None:
        async with db.connection() as conn:
            # Noted when a connection is given, before the database can be slow for one of them.
            served.append(number)
            await conn.execute("SELECT pg_sleep(0.002)")

    await asyncio.gather(request(0), request(1))  # opens both connections
    served.clear()
    await asyncio.gather(*(request(number) for number in range(40)))
    assert served == list(range(40))
    await db.close()


async def test_a_change_of_the_schema_beneath_costs_one_more_try(db):
    """asyncpg's cached statement fails once inside a transaction (stack.md)."""
    async with db.connection() as conn:
        await conn.execute(f"CREATE TABLE {SCHEMA}.changing (a integer PRIMARY KEY)")

    async def work(conn: asyncpg.Connection) -> object:
        return await conn.fetchval("SELECT a FROM changing")

    await db.run(SCHEMA, work)
    async with db.connection() as conn:
        await conn.execute(f"ALTER TABLE {SCHEMA}.changing ALTER COLUMN a TYPE bigint")
    assert await db.run(SCHEMA, work) is None


async def test_json_goes_in_and_comes_out_as_values(db):
    async with db.transaction(SCHEMA) as conn:
        value = {"名": ["单", 1, None, True]}
        assert await conn.fetchval("SELECT $1::jsonb", value) == value


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://u:p@a/db", ["postgresql://u:p@a/db"]),
        ("postgresql://u:p@/db?host=/tmp/s", ["postgresql://u:p@/db?host=/tmp/s"]),
        (
            "postgresql://u:p%40,x@a:1,b:2/db?sslmode=require",
            [
                "postgresql://u:p%40,x@a:1/db?sslmode=require",
                "postgresql://u:p%40,x@b:2/db?sslmode=require",
            ],
        ),
    ],
)
def test_every_host_of_a_url_is_asked_by_itself(url, hosts):
    assert module.one_host_each(url) == hosts


async def test_a_frozen_host_does_not_keep_the_next_from_being_asked(monkeypatch):
    """One that takes the connection and never answers, one that is away, one that is well."""
    asked = []
    real = asyncpg.connect

    async def connect(url: str, **options):
        asked.append((url, options["timeout"], options["target_session_attrs"]))
        return await real(url, **options)

    async def freeze(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)
        writer.close()

    monkeypatch.setattr(module, "HOST_SECONDS", 0.3)
    monkeypatch.setattr(asyncpg, "connect", connect)
    server = await asyncio.start_server(freeze, "127.0.0.1", 0)
    frozen = server.sockets[0].getsockname()[1]
    url = f"postgresql://u:p@127.0.0.1:{frozen},127.0.0.1:1,127.0.0.1:2/db"
    with pytest.raises(DatabaseDown):
        await asyncio.wait_for(Database.connect(url), 5)
    assert [entry[1:] for entry in asked] == [(0.3, "read-write")] * 3
    server.close()


async def test_a_standby_is_passed_over(server_url, fresh_database, monkeypatch):
    """The first host answers and may not write; the second is the one."""
    name = fresh_database.partition("?")[0].rpartition("/")[2]
    standby = fresh_database + "&default_transaction_read_only=on"
    monkeypatch.setattr(module, "one_host_each", lambda _url: [standby, fresh_database])
    conn = await module.connect_any(fresh_database)
    assert await conn.fetchval("SHOW default_transaction_read_only") == "off"
    assert await conn.fetchval("SELECT current_database()") == name
    await conn.close()


@pytest.mark.parametrize(
    "error",
    [
        pg.DiskFullError("53100"),
        pg.OutOfMemoryError("53200"),
        pg.TooManyConnectionsError("53300"),
        pg.PostgresIOError("58030"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_full_disk_is_told_at_once_and_stores_nothing(db, error):
    tried = 0

    async def work(conn):
        nonlocal tried
        tried += 1
        await conn.execute(INSERT, "full", 1)
        raise error

    with pytest.raises(module.DatabaseBusy):
        await db.run(SCHEMA, work)
    assert tried == 1
    assert await value_of(db, "full") is None


async def test_past_so_many_in_the_queue_the_next_one_is_told_at_once(fresh_database, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    db = await Database.connect(fresh_database, size=1)
    done = asyncio.Event()

    async def hold():
        async with db.connection():
            await done.wait()

    held = [asyncio.create_task(hold()) for _ in range(4)]
    await asyncio.sleep(0.1)
    with pytest.raises(module.DatabaseBusy, match="too many wait"):
        await db.run(SCHEMA, lambda conn: conn.fetchval("SELECT 1"))
    done.set()
    await asyncio.gather(*held)
    assert await db.run(SCHEMA, lambda conn: conn.fetchval("SELECT 1")) == 1
    await db.close()


@pytest.mark.parametrize("single", [True, False])
async def test_a_whole_request_has_one_time_limit_however_often_it_tries(db, monkeypatch, single):
    tried = 0

    async def work(conn):
        nonlocal tried
        tried += 1
        await conn.execute(INSERT, "slow", tried)
        await conn.execute("SELECT pg_sleep(0.12)")
        raise TimeoutError

    started = asyncio.get_running_loop().time()
    with pytest.raises(DatabaseDown, match="no answer in time"):
        await db.run(SCHEMA, work, single=single, within=0.3)
    assert asyncio.get_running_loop().time() - started < 5, "cut off in the middle"
    assert tried < module.ATTEMPTS
    assert await value_of(db, "slow") is None
    assert await db.run(SCHEMA, lambda conn: conn.fetchval("SELECT 1")) == 1

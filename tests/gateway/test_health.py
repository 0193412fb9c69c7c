"""What a load balancer learns: whether the process lives, and whether it can do its work."""

import asyncpg
import pytest

from gateway import migrations, serving
from gateway.app import create_app
from gateway.db import DatabaseDown
from gateway.migrations import Migration
from gateway.settings import Settings
from tests.database import MADE_AT


@pytest.fixture
async def client(aiohttp_client, fresh_database, tmp_path):
    """Two counties, so that a host name that belongs to neither is nobody's."""
    conn = await asyncpg.connect(fresh_database)
    await migrations.create_county(conn, "b", "乙县", "B", host="b.example.org", now=MADE_AT)
    await conn.close()
    settings = Settings(data_dir=tmp_path)
    async with serving.context_for(settings, fresh_database) as context:
        yield await aiohttp_client(create_app(context))


@pytest.mark.parametrize("host", ["b.example.org", "10.0.0.7", "localhost:8080"])
async def test_it_is_asked_by_any_name(client, host):
    for path in ("/health/live", "/health/ready"):
        answer = await client.get(path, headers={"Host": host})
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"


async def test_an_old_schema_is_not_ready_but_alive(client, monkeypatch):
    real = migrations.available
    newer = Migration("9999_new.sql", "SELECT 1;")
    monkeypatch.setattr(
        migrations, "available", lambda kind: (*real(kind), *([newer] * (kind == "county")))
    )
    answer = await client.get("/health/ready")
    assert (answer.status, await answer.json()) == (503, {"ready": False, "reason": "schema"})
    assert (await client.get("/health/live")).status == 200


async def test_a_database_that_is_away_is_not_ready_but_alive(client, monkeypatch):
    async def away(_conn) -> None:
        raise DatabaseDown("away")

    monkeypatch.setattr(migrations, "require_current", away)
    answer = await client.get("/health/ready")
    assert (answer.status, await answer.json()) == (503, {"ready": False, "reason": "database"})
    assert (await client.get("/health/live")).status == 200


async def test_a_real_restart_of_the_database_is_seen_and_survived(client, fresh_database):
    assert (await client.get("/health/ready")).status == 200
    name = fresh_database.partition("?")[0].rpartition("/")[2]
    conn = await asyncpg.connect(fresh_database)
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    await conn.execute(f"{kill} WHERE datname = $1 AND pid <> pg_backend_pid()", name)
    await conn.close()
    statuses = [(await client.get("/health/ready")).status for _ in range(8)]
    assert set(statuses) <= {200, 503}
    assert statuses[-1] == 200

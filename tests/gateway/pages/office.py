"""An office with a case and a link to it, and a web server that answers for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from complaints import intake
from complaints.intake import Enclosed, Origin
from complaints.model import Attachment
from gateway import links
from gateway.app import create_app
from gateway.attachments import FolderStore
from gateway.context import Context
from gateway.counties import Counties, County
from gateway.db import Database, DatabaseDown
from gateway.keys import seal
from gateway.logs import AccessCounter
from gateway.settings import Settings
from gateway.snapshots import Snapshot
from gateway.store import links as link_store
from tests import people
from tests.clock import Clock
from tests.database import SCHEMA
from tests.people import CIPHER, draft

COUNTY = County("test", SCHEMA, "云溪县", "Yunxi County", None)
DATA_KEY = b"k" * 32
GOOD = {
    "finding-1": "substantiated",
    "reason-1": "调取窗口录像，工作人员确有推诿。",
    "finding-2": "unfounded",
    "reason-2": "收件记录显示材料在 11 月 20 日才补齐。",
    "done": "已当面道歉并补办。",
    "reply": "您反映的第一项属实，已道歉；第二项经查没有超期。",
}


class Snapshots:
    """The invented county of `tests.people`, always at hand."""

    def __init__(self) -> None:
        county = people.COUNTY
        self.snapshot = Snapshot({}, county.directory, county.calendar, county.rules)

    def held(self, _county: County) -> Snapshot:
        return self.snapshot

    async def of(self, _county: County) -> Snapshot:
        return self.snapshot


class Down:
    """A database that cannot be reached."""

    async def run(self, *_: Any, **__: Any) -> None:
        raise DatabaseDown("gone")


class CommitsUnheard:
    """A database that commits and then loses the connection, so that all is tried again."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def run(self, schema: str, work: Callable[..., Awaitable[Any]], **more: Any) -> Any:
        await self._db.run(schema, work, **more)
        return await self._db.run(schema, work, **more)


class Office:
    """The client of somebody who works in an oversight office."""

    def __init__(self, client: TestClient[web.Request, web.Application], context: Context) -> None:
        self.client = client
        self.context = context
        self.clock: Clock = context.clock  # type: ignore[assignment]

    async def file(self, **said: Any) -> "Filed":
        """A complaint with two allegations that went to its office; a link is in its hands."""
        attachments = said.pop("attachments", ())
        async with self.context.db.transaction(SCHEMA) as conn:
            found = await intake.file(
                conn,
                draft(**{"category": ("L01", "L02"), **said}),
                people.COUNTY,
                CIPHER,
                enclosed=Enclosed(DATA_KEY, attachments),
                origin=Origin("web", "zh-Hans"),
                now=self.clock(),
            )
            assert found.office is not None
            token = await self.link(conn, found.id, found.office)
        return Filed(found.id, found.number, found.office, token)

    async def link(self, conn: asyncpg.Connection, complaint: UUID, office: str) -> str:
        token, row = links.make(complaint, office, None, self.clock())
        await link_store.insert_links(conn, [row])
        return token

    async def keep(self, attachment: Attachment, data: bytes) -> None:
        """Puts a file where intake would."""
        await self.context.attachments.put(SCHEMA, attachment.id, seal(DATA_KEY, data))

    async def get(self, path: str, **more: Any) -> ClientResponse:
        return await self.client.get(path, allow_redirects=False, **more)

    async def post(self, path: str, fields: dict[str, Any], **more: Any) -> ClientResponse:
        return await self.client.post(
            URL(path, encoded=True), data=fields, allow_redirects=False, **more
        )

    async def rows(self, query: str, *values: Any) -> list[Any]:
        async with self.context.db.transaction(SCHEMA) as conn:
            return [tuple(row) for row in await conn.fetch(query, *values)]

    async def state_of(self, filed: "Filed") -> str:
        return (await self.rows("SELECT state FROM complaint WHERE id = $1", filed.id))[0][0]

    async def everything(self) -> list[Any]:
        """Every row of every table, for tests that say that nothing changed."""
        names = await self.rows(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        )
        return [
            (name, await self.rows(f"SELECT t::text FROM {name} AS t ORDER BY 1"))
            for (name,) in names
        ]


@dataclass(frozen=True)
class Filed:
    """A case and the secret of a link to it."""

    id: UUID
    number: str
    office: str
    token: str

    @property
    def url(self) -> str:
        return f"/answer/{self.token}"


async def _client(make: Callable[..., Awaitable[Any]], context: Context) -> Any:
    """With the log of requests that `gateway.serving` keeps."""
    server = TestServer(create_app(context))
    await server.start_server(access_log_class=AccessCounter)
    return await make(server)


async def open_office(
    make: Callable[..., Awaitable[Any]], db: Database, now: datetime, folder: Path
) -> Office:
    """`make` is the fixture `aiohttp_client`."""
    context = Context(
        settings=Settings(data_dir=folder),
        db=db,
        keys=people.KEYS,
        counties=Counties((COUNTY,)),
        snapshots=Snapshots(),  # type: ignore[arg-type]
        attachments=FolderStore(folder),
        clock=Clock(now),
    )
    return Office(await _client(make, context), context)


async def with_database(make: Callable[..., Awaitable[Any]], office: Office, db: Any) -> Office:
    """The same office in front of another database: one that is down, or forgetful."""
    context = replace(office.context, db=db)
    return Office(await _client(make, context), context)

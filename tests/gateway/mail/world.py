"""Complaints, events and letters to try the mail with, and the postman's surroundings."""

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from board.ids import new_id
from gateway.attachments import FolderStore
from gateway.context import Context
from gateway.counties import Counties, County
from gateway.db import Database
from gateway.keys import Keyring, new_data_key, seal
from gateway.mail.postman import Round
from gateway.mail.transport import Mail, Transport
from gateway.settings import Settings
from gateway.snapshots import Snapshots
from tests.clock import Clock

SCHEMA = "county_test"
COUNTY = County("test", SCHEMA, "云溪县", "Yunxi County", None)
KEYS = Keyring(("a secret of thirty-two characters or more",))
TEXT = "他说不归我管"
CITIZEN = "citizen@example.org"


class Inbox:
    """A transport that takes everything, or raises what `answers` says, letter by letter."""

    def __init__(self, answers: list[Exception | None] | None = None) -> None:
        self.mails: list[Mail] = []
        self.answers = answers or []

    async def send(self, mail: Mail) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.mails.append(mail)

    async def rest(self) -> None:
        """Nothing is held."""

    async def close(self) -> None:
        """Nothing is held."""


def surroundings(db: Database, now: datetime, folder: Path, **settings: Any) -> Context:
    """A context whose clock is a `Clock`."""
    return Context(
        settings=Settings(data_dir=folder, base_url="https://c.example.org", **settings),
        db=db,
        keys=KEYS,
        counties=Counties((COUNTY,)),
        snapshots=Snapshots(db),
        attachments=FolderStore(folder),
        demo=True,
        clock=Clock(now),
    )


async def one_round(context: Context, transport: Transport) -> int:
    """A round of the test county."""
    return await Round(context, COUNTY, transport).run()


OFFICES = """
INSERT INTO office (code, kind, name, name_en, email, phone, address) VALUES
  ('b1', 'bureau', '政务服务和数据管理局', 'Service bureau', 'b1@example.org', '', ''),
  ('u1', 'unit', '教育局机关效能办', 'Education efficiency office', 'u1@example.org', '', ''),
  ('d1', 'discipline', '县纪委监委', 'Discipline office', 'd1@example.org', '', '')
"""
PROFILE = """
INSERT INTO county_profile (code, name, name_en, address, hotline, desk_phone, desk_email)
VALUES ('test', '云溪县', 'Yunxi County', '', '12345', '0755-00001234', 'desk@example.org')
"""


async def settle(conn: asyncpg.Connection) -> None:
    """Offices and the county's own addresses."""
    await conn.execute(OFFICES)
    await conn.execute(PROFILE)


async def file_complaint(
    conn: asyncpg.Connection, now: datetime, number: str = "2026-000001", **more: Any
) -> UUID:
    """A complaint with the office `u1`; `email` and the columns of the table may be given."""
    email = more.pop("email", None)
    row: dict[str, Any] = {
        "id": new_id(now), "number": number, "request_hash": number.encode(),
        "code_hash": b"c" + number.encode(), "channel": "web", "language": "zh-Hans",
        "state": "dispatched", "sealed": False, "owner": "office", "office": "u1", "next_at": now,
        "due_on": date(2026, 12, 14), "subject_state": "unit", "share_contact": False,
        "publish": False, "body": TEXT, "routing": [], "created_at": now, **more,
    }  # fmt: skip
    if row["sealed"]:
        row |= {"subject_state": "sealed", "body": None}
    names = ", ".join(row)
    marks = ", ".join(f"${n + 1}" for n in range(len(row)))
    await conn.execute(f"INSERT INTO complaint ({names}) VALUES ({marks})", *row.values())
    key = new_data_key()
    contact = json.dumps({"name": "陈大文", "phone": "13800000000", "email": email}).encode()
    await conn.execute(
        "INSERT INTO complaint_secret (complaint, wrapped_key, contact) VALUES ($1, $2, $3)",
        row["id"],
        KEYS.wrap(key),
        seal(key, contact) if email is not None else None,
    )
    return row["id"]


async def happen(
    conn: asyncpg.Connection, complaint: UUID, kind: str, now: datetime, /, **data: Any
) -> UUID:
    """An event of the complaint, in the outbox."""
    event = new_id(now)
    await conn.execute(
        "INSERT INTO event (id, complaint, at, kind, actor_kind, data)"
        " VALUES ($1, $2, $3, $4, 'system', $5)",
        event, complaint, now, kind, data,
    )  # fmt: skip
    await conn.execute("INSERT INTO outbox (event, at) VALUES ($1, $2)", event, now)
    return event


async def one_case(
    db: Database, now: datetime, *kinds: str, data: dict[str, Any] | None = None, **more: Any
) -> UUID:
    """A settled county (`settled`: it is already) with one complaint to which `kinds` happened."""
    settled = more.pop("settled", False)
    async with db.transaction(SCHEMA) as conn:
        if not settled:
            await settle(conn)
        complaint = await file_complaint(conn, now, **more)
        for kind in kinds:
            await happen(conn, complaint, kind, now, **(data or {}))
    return complaint


async def rows(db: Database, query: str) -> list[asyncpg.Record]:
    """What a query of the test county gives."""
    async with db.transaction(SCHEMA) as conn:
        return await conn.fetch(query)


async def letters(db: Database) -> list[tuple[str, str, str]]:
    """Template, recipient and state of every letter, in order of their words."""
    found = await rows(db, "SELECT template, recipient, state FROM letter ORDER BY 1, 2")
    return [tuple(row) for row in found]


def at(context: Context, clock: Clock) -> Context:
    """The same surroundings under another clock."""
    return replace(context, clock=clock)

"""Invented staff of the demo's desk: one login a role, with passwords made once."""

import asyncio
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import asyncpg

from board.ids import new_id
from gateway.db import Database
from gateway.demo_county import CODE
from gateway.desk.access import ROLES, Role
from gateway.store import desk_users as store
from gateway.store.desk_users import User

# In the order of the roles; nobody is called so.
NAMES = ("练婉仪", "贺言秋", "凌晓窗", "督永明", "管一心")


async def prepare(url: str, kept: Path, now: datetime) -> dict[str, str]:
    """{login: password} of the demo's users, which are added where they are not there yet.

    The passwords are kept in the file `kept`, readable by its owner alone, to be printed again.
    """
    logins = _read(kept) or _make(kept)
    db = await Database.connect(url, size=1)
    try:
        async with db.connection() as conn:
            missing = [r for r in ROLES if await store.find_by_login(conn, r) is None]
        if missing:
            await _add(db, logins, missing, now)
    finally:
        await db.close()
    return logins


def _read(kept: Path) -> dict[str, str]:
    try:
        logins = json.loads(kept.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return logins if isinstance(logins, dict) and set(logins) == set(ROLES) else {}


def _make(kept: Path) -> dict[str, str]:
    from gateway.desk import passwords

    logins: dict[str, str] = {role: passwords.generate() for role in ROLES}
    kept.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    kept.unlink(missing_ok=True)
    with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(logins, file, indent=2)
    return logins


async def _add(
    db: Database, logins: dict[str, str], missing: Sequence[Role], now: datetime
) -> None:
    from gateway.desk import passwords

    hashes = await asyncio.gather(*(passwords.hash_password(logins[role]) for role in missing))

    async def work(conn: asyncpg.Connection) -> None:
        for role, hashed in zip(missing, hashes, strict=True):
            user = User(
                id=new_id(now),
                login=role,
                login_key=role,
                name=NAMES[ROLES.index(role)],
                password_hash=hashed,
                language="zh-Hans",
                must_change=False,
                totp_secret=None,
                totp_used_step=0,
                created_at=now,
                disabled_at=None,
            )
            if await store.insert_user(conn, user):
                await store.update_roles(conn, user.id, CODE, [role])

    await db.run(f"county_{CODE}", work)

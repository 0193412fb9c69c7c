"""What administrators do to users of their county, each verb with its line in the desk's log."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from board.ids import new_id
from gateway.desk import throttling
from gateway.desk.access import ROLES
from gateway.desk.passwords import login_key
from gateway.keys import Keyring
from gateway.store import desk_sessions as sessions
from gateway.store import desk_users as store
from gateway.store.desk_users import Listed, User

Refusal = Literal["last", "elsewhere", "roleless", "own_badge", "moved"]
LOG_KINDS = (
    *("signed_in", "signed_out", "password_changed", "totp_on", "totp_off"),
    *("user_added", "roles_changed", "password_reset", "user_disabled", "user_enabled"),
    *("totp_required", "totp_optional", "county_edited", "badge_changed"),
)
FAULTS = (
    *("login_empty", "login_long", "login_odd", "login_taken"),
    *("name_empty", "name_long", "name_odd", "roles_none"),
)
LONGEST_LOGIN = 40
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does one thing, for which county, when; `user` None is the machine's command line."""

    user: UUID | None
    county: str
    now: datetime
    # The log's line about it, which is the same one when a transaction has to be run again.
    line: UUID = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "line", new_id(self.now))


@dataclass(frozen=True, slots=True)
class NewUser:
    """What an administrator says about a new user."""

    login: str
    name: str
    roles: tuple[str, ...]
    language: str


def find_faults(new: NewUser) -> dict[str, str]:
    """{field: one of `FAULTS`} of login, name and roles."""
    faults = {}
    if fault := _text_fault(new.login, LONGEST_LOGIN) or _login_fault(new.login):
        faults["login"] = f"login_{fault}"
    if fault := _text_fault(new.name, LONGEST_NAME):
        faults["name"] = f"name_{fault}"
    if not new.roles or not set(new.roles) <= set(ROLES):
        faults["roles"] = "roles_none"
    return faults


def _text_fault(text: str, longest: int) -> str:
    if not text.strip():
        return "empty"
    if len(text) > longest:
        return "long"
    # Unseen characters, halves of characters, line ends: two logins would look the same.
    return "odd" if any(unicodedata.category(c)[0] == "C" for c in text) else ""


def _login_fault(login: str) -> str:
    return "odd" if any(c.isspace() for c in login_key(login)) else ""


async def add(
    conn: asyncpg.Connection, by: Actor, new: NewUser, password_hash: str, id_: UUID
) -> bool:
    """A user who chooses a password at the first sign-in; False when the login is taken.

    One that is sent twice, with the same id, is one: it has the later one-time password, which is
    the one that is read, unless it was used by then.
    """
    user = User(
        id=id_,
        login=new.login.strip(),
        login_key=login_key(new.login),
        name=new.name.strip(),
        password_hash=password_hash,
        language=new.language,
        must_change=True,
        totp_secret=None,
        totp_used_step=0,
        created_at=by.now,
        disabled_at=None,
    )
    if not await store.insert_user(conn, user):
        return False
    held = await store.find_user(conn, id_)
    if held is None or not held.must_change:
        return False
    if held.password_hash != password_hash:
        return await store.update_password(
            conn, id_, held.password_hash, password_hash, must_change=True
        )
    await store.update_roles(conn, id_, by.county, new.roles)
    await _log(conn, by, "user_added", id_, {"roles": sorted(new.roles)})
    return True


async def grant(
    conn: asyncpg.Connection, by: Actor, id_: UUID, roles: Sequence[str]
) -> tuple[str, ...]:
    """Gives somebody who has a login roles in one more county, or more in this one; all of them
    there then."""
    await store.lock_county(conn, by.county)
    listed = await store.list_users(conn, by.county, id_)
    before = listed[0].roles if listed else ()
    now = sorted({*before, *roles})
    await store.update_roles(conn, id_, by.county, now)
    await _log(conn, by, "roles_changed", id_, {"before": list(before), "roles": now})
    return tuple(now)


async def change_roles(
    conn: asyncpg.Connection, by: Actor, user: Listed, roles: Sequence[str], seen: Sequence[str]
) -> Refusal | None:
    """Gives a user exactly these roles, who had the `seen` ones when that was decided; a county
    always keeps an administrator."""
    if not roles and not user.elsewhere:
        return "roleless"
    others = await store.count_other_administrators(conn, by.county, user.id)
    # Of two who change them at once the second waited here.
    found = await store.list_users(conn, by.county, user.id)
    held = {*found[0].roles} if found else set()
    if held == {*roles}:
        return None
    if held != {*seen}:
        return "moved"
    if "administrator" not in roles and "administrator" in held and not others:
        return "last"
    await store.update_roles(conn, user.id, by.county, roles)
    before = {"before": sorted(held), "roles": sorted(roles)}
    await _log(conn, by, "roles_changed", user.id, before)
    return None


async def reset(
    conn: asyncpg.Connection,
    by: Actor,
    user: Listed,
    password_hash: str,
    *,
    without_totp: bool,
    keys: Keyring,
) -> Refusal | None:
    """A password for one sign-in; every session and known device ends, a lost code app too. Wrong
    tries are counted anew; `keys` name their count."""
    if user.elsewhere and by.user is not None:
        return "elsewhere"
    await store.reset_password(conn, user.id, password_hash)
    if without_totp:
        await store.update_totp(conn, user.id, None, 0)
    await sessions.end_sessions(conn, user.id, by.now)
    await sessions.delete_devices(conn, user.id)
    await throttling.forget_login(keys, conn, login_key(user.login), by.now)
    await _log(conn, by, "password_reset", user.id, {"without_totp": without_totp})
    return None


async def change_badge(
    conn: asyncpg.Connection, by: Actor, user: Listed, badge: str | None, seen: str
) -> Refusal | None:
    """Says whom of the county's directory the user is, whose complaints the desk then hides from
    it; `seen`: whom it was by then. Nobody says so about himself, who would see them again by
    it."""
    if by.user == user.id:
        return "own_badge"
    await store.lock_county(conn, by.county)
    found = await store.list_users(conn, by.county, user.id)
    held = found[0].badge if found else None
    if badge != held:
        if seen != (held or ""):
            return "moved"
        await store.update_badge(conn, user.id, by.county, badge)
        told = {"before": held, "badge": badge}
        await _log(conn, by, "badge_changed", user.id, told)
    return None


async def disable(conn: asyncpg.Connection, by: Actor, user: Listed) -> Refusal | None:
    """Nobody signs in with the login any more; its sessions end."""
    if user.elsewhere and by.user is not None:
        return "elsewhere"
    others = await store.count_other_administrators(conn, by.county, user.id)
    # As it stands by now: who was made administrator meanwhile may be the only one.
    found = await store.list_users(conn, by.county, user.id)
    if found and "administrator" in found[0].roles and not others:
        return "last"
    await store.update_disabled(conn, user.id, by.now)
    await sessions.end_sessions(conn, user.id, by.now)
    await _log(conn, by, "user_disabled", user.id, {})
    return None


async def enable(conn: asyncpg.Connection, by: Actor, user: Listed) -> Refusal | None:
    """Opens a disabled login again, with the password that it had."""
    if user.elsewhere and by.user is not None:
        return "elsewhere"
    await store.update_disabled(conn, user.id, None)
    await _log(conn, by, "user_enabled", user.id, {})
    return None


async def require_totp(conn: asyncpg.Connection, by: Actor, on: bool) -> None:
    """Whether everybody at the county's desk needs a code app, from the next page on."""
    await store.update_requires_totp(conn, by.county, on)
    await _log(conn, by, "totp_required" if on else "totp_optional", None, {})


async def change_password(
    conn: asyncpg.Connection, by: Actor, user: User, password_hash: str
) -> bool:
    """The user's own new password; every session ends. False when it was changed meanwhile."""
    changed = await store.update_password(
        conn, user.id, user.password_hash, password_hash, must_change=False
    )
    if changed:
        await sessions.end_sessions(conn, user.id, by.now)
        await _log(conn, by, "password_changed", user.id, {})
    return changed


async def change_totp(
    conn: asyncpg.Connection, by: Actor, secret: bytes | None, *, step: int, keep: bytes
) -> None:
    """Turns one's own code app on (`secret`, encrypted) or off; other sessions than `keep` end."""
    user = by.user
    assert user is not None, "nobody else turns a code app on or off"
    await store.update_totp(conn, user, secret, step)
    if secret is not None:
        await sessions.update_passed(conn, keep)
    await sessions.end_sessions(conn, user, by.now, keep=keep)
    await _log(conn, by, "totp_on" if secret else "totp_off", user, {})


async def _log(
    conn: asyncpg.Connection, by: Actor, kind: str, about: UUID | None, data: Mapping[str, Any]
) -> None:
    await store.insert_log(
        conn, by.line, by.now, kind, actor=by.user, about=about, county=by.county, data=data
    )

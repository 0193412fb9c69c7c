"""`gateway user add|list|reset|disable`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from gateway.commands import common
from gateway.i18n import LANGUAGES, words

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from gateway.counties import County
    from gateway.db import Database
    from gateway.desk.users import Actor, NewUser
    from gateway.store.desk_users import Listed

ROLES = ("operator", "moderator", "counter", "supervisor", "administrator")
_county = click.option(
    "--county", "code", metavar="CODE", help="Which county, where the database has several."
)
_ask = click.option("--ask", is_flag=True, help="Ask for the password; otherwise one is made.")


@click.group()
def user() -> None:
    """Who may sign in to the county desk; docs/desk.md tells more."""


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="As colleagues know the person.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES))
@click.option("--lang", type=click.Choice(LANGUAGES), default="zh-Hans", show_default=True)
@_ask
@_county
def add(
    *, login: str, name: str, roles: tuple[str, ...], lang: str, ask: bool, code: str | None
) -> None:
    """Adds a login, or gives an existing one roles in one more county."""
    from gateway.desk.users import NewUser, find_faults

    new = NewUser(login, name, roles, lang)
    faults = find_faults(new)
    if faults:
        say = words("en")
        raise click.UsageError(" ".join(say(f"desk.new.{fault}") for fault in faults.values()))
    click.echo(common.run(_add(new, code, lambda: _password(ask, login))))


def _password(ask: bool, login: str) -> tuple[str, str]:
    """A password, and what to tell about it."""
    from gateway.desk import passwords

    if not ask:
        made = passwords.generate()
        return made, f"One-time password, shown this once: {made}"
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    fault = passwords.find_fault(typed, login)
    if fault:
        raise click.UsageError(
            f"that password is {FAULTS[fault]}; "
            f"{passwords.SHORTEST} characters or more, without the login, none that many use."
        )
    return typed, "It has to be changed at the first sign-in."


FAULTS = {
    "short": "too short",
    "long": "too long",
    "login": "too like the login",
    "common": "one of the most common",
    "same": "the present one",
}


async def _add(new: "NewUser", code: str | None, ask: Callable[[], tuple[str, str]]) -> str:
    from board.ids import new_id
    from gateway.desk import passwords, users
    from gateway.store import desk_users as store

    async with common.connect() as db:
        county = await common.the_county(db, code)
        by = _by(county)
        async with db.transaction(county.schema) as conn:
            known = await store.find_by_login(conn, passwords.login_key(new.login))
            if known:
                return await _add_roles(conn, by, known.id, new)
        password, told = ask()
        hashed = await passwords.hash_password(password)
        id_ = new_id(by.now)
        if not await db.run(county.schema, lambda conn: users.add(conn, by, new, hashed, id_)):
            raise click.ClickException(f"somebody has the login {new.login} already")
    return f"Added {new.login}. {told}"


async def _add_roles(conn: "asyncpg.Connection", by: "Actor", id_: "UUID", new: "NewUser") -> str:
    from gateway.desk import users

    roles = await users.grant(conn, by, id_, new.roles)
    return f"{new.login} has a login already; roles in {by.county} now: {', '.join(roles)}."


@user.command("list")
@_county
def list_(*, code: str | None) -> None:
    """Everybody with a role: login, name, roles, and whether the login is disabled."""

    async def read() -> list[str]:
        from gateway.store import desk_users as store

        async with common.connect() as db:
            county = await common.the_county(db, code)
            async with db.connection() as conn:
                listed = await store.list_users(conn, county.code)
        return [_line(each) for each in listed]

    for line in common.run(read()):
        click.echo(line)


def _line(user: "Listed") -> str:
    marks = [
        mark
        for mark, shown in (
            ("disabled", user.disabled_at is not None),
            ("one-time password", user.must_change),
            ("code app", user.has_totp),
        )
        if shown
    ]
    return "\t".join([user.login, user.name, ",".join(user.roles), ", ".join(marks)]).rstrip()


@user.command()
@click.argument("login")
@click.option("--without-totp", is_flag=True, help="Turn the code app off too (telephone lost).")
@_ask
@_county
def reset(*, login: str, without_totp: bool, ask: bool, code: str | None) -> None:
    """A new one-time password; signs the person out everywhere."""
    click.echo(common.run(_reset(login, code, without_totp, lambda: _password(ask, login))))


async def _reset(
    login: str, code: str | None, without_totp: bool, ask: Callable[[], tuple[str, str]]
) -> str:
    from gateway.desk import passwords, users
    from gateway.keys import Keyring
    from gateway.secret_file import existing_keys

    settings = common.load_settings()
    # Without a key nobody has ever tried to sign in.
    keys = Keyring(existing_keys(settings) or ("",))
    async with common.connect(settings) as db:
        county, found = await _find(db, login, code)
        password, told = ask()
        hashed = await passwords.hash_password(password)
        by = _by(county)

        async def work(conn: "asyncpg.Connection") -> None:
            await users.reset(conn, by, found, hashed, without_totp=without_totp, keys=keys)

        await db.run(county.schema, work)
    return f"Reset {found.login}. {told}"


def _by(county: "County") -> "Actor":
    """The machine's own doing."""
    from gateway.context import system_clock
    from gateway.desk.users import Actor

    return Actor(None, county.code, system_clock())


async def _find(db: "Database", login: str, code: str | None) -> "tuple[County, Listed]":
    """The user of a login in the county; raises click.UsageError where there is none."""
    from gateway.desk.passwords import login_key
    from gateway.store import desk_users as store

    county = await common.the_county(db, code)
    async with db.connection() as conn:
        known = await store.find_by_login(conn, login_key(login))
        listed = await store.list_users(conn, county.code, known.id) if known else []
    if not listed:
        raise click.UsageError(
            f"nobody with the login {login!r} has a role in {county.code}; see: gateway user list"
        )
    return county, listed[0]


@user.command()
@click.argument("login")
@click.option("--undo", is_flag=True, help="Let the person sign in again.")
@_county
def disable(*, login: str, undo: bool, code: str | None) -> None:
    """Keeps somebody out, and signs the person out everywhere."""
    click.echo(common.run(_disable(login, code, undo)))


async def _disable(login: str, code: str | None, undo: bool) -> str:
    from gateway.desk import users

    async with common.connect() as db:
        county, found = await _find(db, login, code)
        by, verb = _by(county), users.enable if undo else users.disable
        refused = await db.run(county.schema, lambda conn: verb(conn, by, found))
    if refused:
        raise click.ClickException(
            f"{found.login} is the last administrator of {county.code}; "
            "make somebody else administrator first"
        )
    return f"{found.login} can sign in again." if undo else f"{found.login} is disabled."

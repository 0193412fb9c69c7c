"""What can be wrong with an installation, each as one line with its mend."""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiosmtplib

from complaints import audit, secrets
from complaints.lifecycle import OPEN
from complaints.store import secrets as secret_store
from gateway import chain_ends, migrations
from gateway.ciphers import KeyringCipher, KeyringSigner
from gateway.counties import County, load_counties
from gateway.db import Database, DatabaseDown
from gateway.keys import Keyring
from gateway.mail.smtp import read_url
from gateway.secret_file import existing_keys
from gateway.settings import Settings
from gateway.store import faults, letter_tasks

ZONE = ZoneInfo("Asia/Shanghai")
SMTP_SECONDS = 10
# The State Council publishes the next year's rest days in late October or early November.
PUBLISHED_BY = (11, 16)
# Mail goes out within seconds; letters this late say that nobody does the work.
STALE = timedelta(minutes=30)


async def find_faults(settings: Settings, url: str, now: datetime) -> AsyncIterator[str]:
    """Every fault of the installation; the settings themselves are sound. `now` is aware."""
    async for fault in settings_faults(settings):
        yield fault
    try:
        db = await Database.connect(url, size=1)
    except DatabaseDown as error:
        yield f"database: cannot be reached ({error}); see GATEWAY_DATABASE_URL"
        return
    try:
        async for fault in _database_faults(db, now, existing_keys(settings)):
            yield fault
    finally:
        await db.close()


async def settings_faults(settings: Settings) -> AsyncIterator[str]:
    """What each setting is by itself allowed to be, and yet does not fit the others."""
    if settings.smtp_url and not settings.base_url.startswith("https://"):
        yield (
            "settings: mail goes out, but its links are not https; "
            "set GATEWAY_BASE_URL, e.g. https://complaints.example.org"
        )
    if settings.smtp_url:
        fault = await smtp_fault(settings.smtp_url)
        if fault:
            yield fault


async def smtp_fault(url: str) -> str | None:
    """Greets the mail server as `url` says, with TLS and sign-in, and sends nothing."""
    server = read_url(url)
    try:
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.implicit_tls,
            start_tls=server.start_tls,
            username=server.user,
            password=server.password,
            tls_context=ssl.create_default_context(cafile=server.ca),
            timeout=SMTP_SECONDS,
        )
        async with client:
            await client.noop()
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
        words = " ".join(str(error).split()) or type(error).__name__
        return f"mail: {server.host} does not take our mail ({words}); see GATEWAY_SMTP_URL"
    return None


async def _database_faults(
    db: Database, now: datetime, masters: tuple[str, ...]
) -> AsyncIterator[str]:
    try:
        async with db.connection() as conn:
            await migrations.require_current(conn)
    except migrations.MigrationError as error:
        yield f"schema: {error}"
        return
    counties = list(await load_counties(db))
    if not counties:
        yield "county: there is none yet; run: gateway county import DIR"
    for county in counties:
        for fault in await county_faults(db, county, now):
            yield f"{county.code}: {fault}"
        if not await _can_open(db, county, masters):
            yield (
                f"{county.code}: contact details, sealed text and tracking codes cannot be read, "
                "the key that they were written with is missing; put it behind the newest one in "
                "GATEWAY_SECRET_KEY (or the file secret-key back into GATEWAY_DATA_DIR)"
            )


MOST_NAMED = 20
UNSENT = {
    "letter_given_up": "letters were given up",
    "letters_missing": "events have letters that could not be written",
    "letters_dropped": "addresses had more letters in a day than one gets",
}


# County, count and hash, as they were printed before; no county where there is one alone.
Noted = tuple[str, int, bytes]


async def audit_chains(
    settings: Settings, url: str, now: datetime, noted: Sequence[Noted] = ()
) -> AsyncIterator[tuple[str | None, list[str]]]:
    """Each county's head of the chain over its events, and one line for each row that was changed,
    removed or inserted since it was sealed; None and a line for each end of no county. Raises
    `DatabaseDown`, `SchemaOutdated`."""
    # Without a key no keyed seal can be checked, and each says so.
    signer = KeyringSigner(Keyring(existing_keys(settings) or ("",)))
    db = await Database.connect(url, size=1)
    try:
        async with db.connection() as conn:
            await migrations.require_current(conn)
        counties = list(await load_counties(db))
        if strays := stray_ends(noted, counties):
            yield None, strays
        for county in counties:
            past = [(n, hash_) for code, n, hash_ in noted if code in ("", county.code)]
            kept, unread = _kept_end(settings, county)
            async with db.transaction(county.schema) as conn:
                ends = dict.fromkeys([*past, *([kept] if kept else [])])
                found = await audit.verify(conn, signer, now, ends)
            head = head_line(county, found) + ("" if kept else "; no end of it is kept here")
            lines = _finding_lines(settings, county, found, kept) + unread
            yield head, [f"{county.code}: {line}" for line in lines]
    finally:
        await db.close()


def stray_ends(noted: Sequence[Noted], counties: Sequence[County]) -> list[str]:
    """Ends that were given and can be compared with no chain, as no county has that code."""
    codes = dict.fromkeys(code for code, _, _ in noted)
    known = {county.code for county in counties} | ({""} if counties else set())
    return [
        f"noted: there is no county {code or 'at all'} in this database; nothing was compared"
        for code in codes
        if code not in known
    ]


def _kept_end(settings: Settings, county: County) -> tuple[audit.End | None, list[str]]:
    """The end of the chain that a worker kept in the data folder, and why it cannot be read."""
    try:
        return chain_ends.find(settings.data_dir, county.schema), []
    except OSError as error:
        path = chain_ends.path_of(settings.data_dir, county.schema)
        return None, [
            f"{path} cannot be read ({error.strerror}); run this as the user of the worker"
        ]


def _finding_lines(
    settings: Settings, county: County, found: audit.Verified, kept: audit.End | None
) -> list[str]:
    lines = [finding_line(each) for each in found.findings]
    if kept and any((each.fault, each.seq) == ("noted", kept[0]) for each in found.findings):
        path = chain_ends.path_of(settings.data_dir, county.schema)
        lines.append(
            f"noted: the end kept in {path} is gone from the chain; delete that file only where "
            "an older copy of the database was put back on purpose"
        )
    return lines


def head_line(county: County, found: audit.Verified) -> str:
    """To be written down somewhere else, and given back to `--head` later."""
    unkeyed = f" ({found.unkeyed} sealed without a key)" if found.unkeyed else ""
    return (
        f"{county.code}: {found.sealed} events in the chain{unkeyed}, head {found.head.hex()}; "
        f"to compare later: --head {county.code}:{found.sealed}:{found.head.hex()}"
    )


def finding_line(finding: audit.Finding) -> str:
    """Which row it is: the case, the place in the chain and the event, as far as they are known."""
    where = [
        f"case {finding.number}" if finding.number else "",
        f"seq {finding.seq}" if finding.seq is not None else "not in the chain",
        f"event {finding.event}" if finding.event else "",
    ]
    return f"{finding.fault}: {', '.join(part for part in where if part)}"


async def _can_open(db: Database, county: County, masters: tuple[str, ...]) -> bool:
    """Whether these secret keys open what is stored; none open nothing."""
    async with db.transaction(county.schema) as conn:
        if not masters:
            return not await secret_store.list_wrapped(conn)
        return await secrets.can_open(conn, KeyringCipher(Keyring(masters)))


async def county_faults(db: Database, county: County, now: datetime) -> list[str]:
    """One county's calendar, offices, letters and complaints."""
    async with db.transaction(county.schema) as conn:
        found = calendar_faults(await faults.list_calendar_years(conn), now.astimezone(ZONE).date())
        found += way_faults(
            await faults.count_offices(conn),
            await faults.count_rules(conn),
            await faults.count_uppers(conn),
        )
        found += letter_faults(
            await letter_tasks.count_tasks(conn), await letter_tasks.list_given_up(conn, MOST_NAMED)
        )
        stale = await faults.count_stale_letters(conn, now - STALE)
        orphans = await faults.count_without_owner(conn, sorted(OPEN))
        unsealed = await audit.is_behind(conn, now - STALE)
    if stale:
        found.append(f"{stale} letters wait for more than half an hour; run: gateway work")
    if unsealed:
        found.append(
            "events of more than half an hour ago have no seal; run: gateway work, and if that "
            "does not help: gateway check --audit"
        )
    if orphans:
        found.append(f"{orphans} open complaints have no owner or no deadline; please report this")
    return found


def letter_faults(tasks: Mapping[str, int], given_up: Sequence[Mapping[str, Any]]) -> list[str]:
    """Letters that reach nobody, by kind; those that were given up each with why, no address."""
    found = [
        f"{tasks[kind]} {what}; the county desk has a task for each"
        for kind, what in UNSENT.items()
        if tasks.get(kind)
    ]
    for row in given_up:
        case = row["number"] or "a sealed case"
        to = row["office"] if row["recipient"] == "office" else f"the {row['recipient']}"
        found.append(
            f"{case}: the letter '{row['template']}' to {to} was given up: {row['last_error']}"
        )
    return found


def way_faults(offices: int, rules: int, uppers: int) -> list[str]:
    """What keeps complaints at the county desk: no office, no rule that names one, or nobody above
    the county for what its own discipline office may not have."""
    found = []
    if not offices:
        found.append(
            "there are no offices, every complaint waits at the county desk; "
            "put them into offices.csv and run: gateway county import DIR"
        )
    elif not uppers:
        found.append(
            "no office has the kind upper: what concerns the discipline office itself waits at the "
            "county desk; put the level above the county into offices.csv or /desk/county/offices"
        )
    if not rules:
        found.append(
            "the routing table is empty, no complaint goes to the office that it should; "
            "put its rules into routing.csv and run: gateway county import DIR"
        )
    return found


def calendar_faults(years: list[int], today: date) -> list[str]:
    """Years whose due days cannot be computed although they should be known by `today`."""
    needed = [today.year]
    if (today.month, today.day) >= PUBLISHED_BY:
        needed.append(today.year + 1)
    return [
        f"calendar of {year} is missing, due days in it are unknown; "
        "put the year into calendar.json and run: gateway county import DIR"
        for year in needed
        if year not in years
    ]

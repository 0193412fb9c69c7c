"""Writing what the county files say: only what differs, in the order that keys allow."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple
from datetime import datetime

import asyncpg

from board.county_changes import VERSION_KINDS, Change, versions_moved
from board.model import CountyProfile, Office, Relative, Section, Staff, Unit, Window
from board.numbers import number_key
from board.store import county_matters as matters
from board.store import receipts

_NOTHING = Change((), (), ())


async def write_changes(
    conn: asyncpg.Connection, changes: Mapping[str, Change], now: datetime
) -> None:
    """Writes `board.county_changes.compare`'s result inside the caller's transaction.

    Raises asyncpg's ForeignKeyViolationError when a row that shall go is still pointed at.
    """

    def of(part: str) -> Change:
        return changes.get(part, _NOTHING)

    await insert_or_update_profile(conn, of("profile").written)
    await insert_or_update_units(conn, of("units").written)
    await insert_or_update_sections(conn, of("sections").written)
    await insert_or_update_windows(conn, of("windows").written)
    await update_placards_away(conn, [person.badge for person in of("staff").changed])
    await insert_or_update_staff(conn, of("staff").written)
    await insert_or_update_offices(conn, of("offices").written)
    await delete_relatives(conn, of("relatives").removed)
    await insert_relatives(conn, of("relatives").added)
    await matters.write(conn, changes)
    await receipts.insert_or_update_receipts(conn, of("receipts").written)
    await receipts.delete_receipt_steps(conn, of("receipt_steps").removed)
    await receipts.insert_or_update_receipt_steps(conn, of("receipt_steps").written)
    await delete_windows(conn, [window.code for window in of("windows").removed])
    await delete_sections(conn, [section.code for section in of("sections").removed])
    for kind in sorted(versions_moved(changes)):
        await update_version(conn, kind, now)


INSERT_VERSION = """
    INSERT INTO data_version (kind, version, changed_at)
    VALUES ($1, 0, $2)
    ON CONFLICT (kind) DO NOTHING
"""


async def insert_versions(conn: asyncpg.Connection, now: datetime) -> None:
    """Makes the rows that `find_versions_locked` locks, before a county's first import."""
    await conn.executemany(INSERT_VERSION, [(kind, now) for kind in VERSION_KINDS])


LOCK_VERSIONS = """
    SELECT kind
    FROM data_version
    ORDER BY kind
    FOR UPDATE
"""


async def find_versions_locked(conn: asyncpg.Connection) -> None:
    """Makes a second import wait until this one's transaction is over."""
    await conn.fetch(LOCK_VERSIONS)


# Before anything is read; takes no lock, so nobody waits for a long export.
HOLD_STILL = """
    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY
"""


async def hold_still(conn: asyncpg.Connection) -> None:
    """Lets a transaction that only reads see everything as of one moment."""
    await conn.execute(HOLD_STILL)


UPDATE_VERSION = """
    INSERT INTO data_version (kind, version, changed_at)
    VALUES ($1, 1, $2)
    ON CONFLICT (kind) DO UPDATE
    SET version = data_version.version + 1, changed_at = EXCLUDED.changed_at
"""


async def update_version(conn: asyncpg.Connection, kind: str, now: datetime) -> None:
    """Tells every process to read "directory", "routing" or "calendar" again."""
    await conn.execute(UPDATE_VERSION, kind, now)


INSERT_OR_UPDATE_PROFILE = """
    INSERT INTO county_profile (code, name, name_en, address, hotline, desk_phone, desk_email)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (code) DO UPDATE
    SET name = EXCLUDED.name, name_en = EXCLUDED.name_en, address = EXCLUDED.address,
      hotline = EXCLUDED.hotline, desk_phone = EXCLUDED.desk_phone,
      desk_email = EXCLUDED.desk_email
"""


async def insert_or_update_profile(conn: asyncpg.Connection, rows: Iterable[CountyProfile]) -> None:
    """Writes the county's own row."""
    await conn.executemany(INSERT_OR_UPDATE_PROFILE, [astuple(row) for row in rows])


INSERT_OR_UPDATE_UNIT = """
    INSERT INTO unit (code, kind, name, name_en, address, phone, hours, functions, head_badge,
      position)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (code) DO UPDATE
    SET kind = EXCLUDED.kind, name = EXCLUDED.name, name_en = EXCLUDED.name_en,
      address = EXCLUDED.address, phone = EXCLUDED.phone, hours = EXCLUDED.hours,
      functions = EXCLUDED.functions, head_badge = EXCLUDED.head_badge,
      position = EXCLUDED.position
"""


async def insert_or_update_units(conn: asyncpg.Connection, rows: Iterable[Unit]) -> None:
    """Writes units by code."""
    await conn.executemany(INSERT_OR_UPDATE_UNIT, [astuple(row) for row in rows])


INSERT_OR_UPDATE_SECTION = """
    INSERT INTO section (code, unit, name, name_en, floor, room, phone, duties, position)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (code) DO UPDATE
    SET unit = EXCLUDED.unit, name = EXCLUDED.name, name_en = EXCLUDED.name_en,
      floor = EXCLUDED.floor, room = EXCLUDED.room, phone = EXCLUDED.phone,
      duties = EXCLUDED.duties, position = EXCLUDED.position
"""


async def insert_or_update_sections(conn: asyncpg.Connection, rows: Iterable[Section]) -> None:
    """Writes sections by code."""
    await conn.executemany(INSERT_OR_UPDATE_SECTION, [astuple(row) for row in rows])


DELETE_SECTIONS = """
    DELETE FROM section
    WHERE code = ANY($1::text[])
"""


async def delete_sections(conn: asyncpg.Connection, codes: list[str]) -> None:
    """Removes sections that nothing points at."""
    await conn.execute(DELETE_SECTIONS, codes)


INSERT_OR_UPDATE_WINDOW = """
    INSERT INTO service_window (code, name, hall, section, position)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (code) DO UPDATE
    SET name = EXCLUDED.name, hall = EXCLUDED.hall, section = EXCLUDED.section,
      position = EXCLUDED.position
"""


async def insert_or_update_windows(conn: asyncpg.Connection, rows: Iterable[Window]) -> None:
    """Writes windows by code."""
    await conn.executemany(INSERT_OR_UPDATE_WINDOW, [astuple(row) for row in rows])


DELETE_WINDOWS = """
    DELETE FROM service_window
    WHERE code = ANY($1::text[])
"""


async def delete_windows(conn: asyncpg.Connection, codes: list[str]) -> None:
    """Removes windows that nothing points at."""
    await conn.execute(DELETE_WINDOWS, codes)


UPDATE_PLACARDS_AWAY = """
    UPDATE staff
    SET placard = NULL, placard_key = NULL
    WHERE badge = ANY($1::text[])
"""


async def update_placards_away(conn: asyncpg.Connection, badges: list[str]) -> None:
    """Frees the placards of staff about to be written, so that two may swap theirs."""
    await conn.execute(UPDATE_PLACARDS_AWAY, badges)


INSERT_OR_UPDATE_STAFF = """
    INSERT INTO staff (badge, placard, unit, section, service_window, name, pinyin, post, rank,
      duties, superior, since, until, badge_key, placard_key)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT (badge) DO UPDATE
    SET placard = EXCLUDED.placard, placard_key = EXCLUDED.placard_key, unit = EXCLUDED.unit,
      section = EXCLUDED.section, service_window = EXCLUDED.service_window,
      name = EXCLUDED.name, pinyin = EXCLUDED.pinyin, post = EXCLUDED.post,
      rank = EXCLUDED.rank, duties = EXCLUDED.duties, superior = EXCLUDED.superior,
      since = EXCLUDED.since, until = EXCLUDED.until
"""


async def insert_or_update_staff(conn: asyncpg.Connection, rows: Iterable[Staff]) -> None:
    """Writes staff by badge, with both numbers folded for finding."""
    await conn.executemany(INSERT_OR_UPDATE_STAFF, [(*astuple(row), *_keys(row)) for row in rows])


def _keys(person: Staff) -> tuple[str, str | None]:
    return number_key(person.badge), number_key(person.placard) if person.placard else None


INSERT_OR_UPDATE_OFFICE = """
    INSERT INTO office (code, kind, unit, name, name_en, email, phone, address, above, head_badge)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (code) DO UPDATE
    SET kind = EXCLUDED.kind, unit = EXCLUDED.unit, name = EXCLUDED.name,
      name_en = EXCLUDED.name_en, email = EXCLUDED.email, phone = EXCLUDED.phone,
      address = EXCLUDED.address, above = EXCLUDED.above, head_badge = EXCLUDED.head_badge
"""

DELETE_MEMBERS = """
    DELETE FROM office_member
    WHERE office = ANY($1::text[])
"""

INSERT_MEMBER = """
    INSERT INTO office_member (office, badge)
    VALUES ($1, $2)
"""


async def insert_or_update_offices(conn: asyncpg.Connection, rows: Iterable[Office]) -> None:
    """Writes offices by code, each with exactly the members it has now."""
    offices = list(rows)
    await conn.executemany(INSERT_OR_UPDATE_OFFICE, [astuple(row)[:-1] for row in offices])
    await conn.execute(DELETE_MEMBERS, [office.code for office in offices])
    members = [(office.code, badge) for office in offices for badge in office.members]
    await conn.executemany(INSERT_MEMBER, members)


INSERT_RELATIVE = """
    INSERT INTO declared_relative (badge, relative_badge)
    VALUES ($1, $2)
"""


async def insert_relatives(conn: asyncpg.Connection, rows: Iterable[Relative]) -> None:
    """Adds declared kinships."""
    await conn.executemany(INSERT_RELATIVE, [astuple(row) for row in rows])


DELETE_RELATIVE = """
    DELETE FROM declared_relative
    WHERE badge = $1 AND relative_badge = $2
"""


async def delete_relatives(conn: asyncpg.Connection, rows: Iterable[Relative]) -> None:
    """Takes back declared kinships."""
    await conn.executemany(DELETE_RELATIVE, [astuple(row) for row in rows])

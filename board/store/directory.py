"""Reading what a county publishes: the directory, the routing table and the calendar."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import asyncpg

from board.calendar import Calendar
from board.directory import Directory
from board.model import (
    CalendarDay,
    CalendarYear,
    County,
    CountyProfile,
    FormerLimits,
    Material,
    Matter,
    Office,
    ParallelStep,
    Relative,
    RoutingRow,
    Section,
    Staff,
    Unit,
    Window,
)

# An import may commit between two reads; a second look at the version tells.
_LOAD_ATTEMPTS = 5

FIND_VERSIONS = """
    SELECT kind, version
    FROM data_version
"""


async def find_versions(conn: asyncpg.Connection) -> dict[str, int]:
    """{"directory": n, "routing": n, "calendar": n}; a kind never loaded is missing."""
    return {row["kind"]: row["version"] for row in await conn.fetch(FIND_VERSIONS)}


async def load(conn: asyncpg.Connection) -> Directory:
    """The directory as one snapshot of a single version."""
    versions, county = await _read_of_one_version(conn, _read_directory)
    former = await list_former_limits(conn)
    return Directory(county, versions.get("directory", 0), former)


async def _read_of_one_version(
    conn: asyncpg.Connection, read: Callable[[asyncpg.Connection], Awaitable[County]]
) -> tuple[dict[str, int], County]:
    for _ in range(_LOAD_ATTEMPTS):
        before = await find_versions(conn)
        county = await read(conn)
        if await find_versions(conn) == before:
            break
    return before, county


async def load_rules(conn: asyncpg.Connection) -> tuple[RoutingRow, ...]:
    """The routing table in the order of its ranks."""
    return await list_routing_rules(conn)


async def load_calendar(conn: asyncpg.Connection) -> Calendar:
    """The calendar in force; without any published year it knows none."""
    return calendar_of(await list_calendar_years(conn), await list_calendar_days(conn))


def calendar_of(years: tuple[CalendarYear, ...], days: tuple[CalendarDay, ...]) -> Calendar:
    """The calendar that these rows make."""
    return Calendar.of([row.year for row in years], **_days_by_kind(days))


def _days_by_kind(days: tuple[CalendarDay, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"off": [], "work": [], "closures": []}
    for day in days:
        found["closures" if day.kind == "closure" else day.kind].append(day.day)
    return found


async def load_county(conn: asyncpg.Connection) -> County:
    """Everything that the county files hold, except receipts."""
    _, county = await _read_of_one_version(conn, _read_county)
    return county


async def _read_county(conn: asyncpg.Connection) -> County:
    return replace(
        await _read_directory(conn),
        routing=await list_routing_rules(conn),
        calendar_years=await list_calendar_years(conn),
        calendar_days=await list_calendar_days(conn),
    )


async def _read_directory(conn: asyncpg.Connection) -> County:
    return County(
        profile=await list_profiles(conn),
        units=await list_units(conn),
        sections=await list_sections(conn),
        windows=await list_windows(conn),
        staff=await list_staff(conn),
        matters=await list_matters(conn),
        materials=await list_materials(conn),
        parallel_steps=await list_parallel_steps(conn),
        offices=await list_offices(conn),
        relatives=await list_relatives(conn),
    )


LIST_PROFILES = """
    SELECT code, name, name_en, address, hotline, desk_phone, desk_email
    FROM county_profile
    ORDER BY code
"""


async def list_profiles(conn: asyncpg.Connection) -> tuple[CountyProfile, ...]:
    """The county about itself: one row, or none before the first import."""
    return tuple(CountyProfile(*row) for row in await conn.fetch(LIST_PROFILES))


LIST_UNITS = """
    SELECT code, kind, name, name_en, address, phone, hours, functions, head_badge, position
    FROM unit
    ORDER BY position, code
"""


async def list_units(conn: asyncpg.Connection) -> tuple[Unit, ...]:
    """All units in the county's order."""
    return tuple(Unit(*row) for row in await conn.fetch(LIST_UNITS))


LIST_SECTIONS = """
    SELECT code, unit, name, name_en, floor, room, phone, duties, position
    FROM section
    ORDER BY position, code
"""


async def list_sections(conn: asyncpg.Connection) -> tuple[Section, ...]:
    """All sections in the county's order."""
    return tuple(Section(*row) for row in await conn.fetch(LIST_SECTIONS))


LIST_WINDOWS = """
    SELECT code, name, hall, section, position
    FROM service_window
    ORDER BY position, code
"""


async def list_windows(conn: asyncpg.Connection) -> tuple[Window, ...]:
    """All windows in the hall's order."""
    return tuple(Window(*row) for row in await conn.fetch(LIST_WINDOWS))


LIST_STAFF = """
    SELECT badge, placard, unit, section, service_window, name, pinyin, post, rank, duties,
      superior, since, until
    FROM staff
    ORDER BY badge
"""


async def list_staff(conn: asyncpg.Connection) -> tuple[Staff, ...]:
    """All staff, present and past, by badge."""
    return tuple(Staff(*row) for row in await conn.fetch(LIST_STAFF))


LIST_MATTERS = """
    SELECT code, unit, section, name, name_en, kind, statutory_number, statutory_unit,
      statutory_basis, promised_number, promised_unit, after_close, basis, fee, fee_basis, steps,
      place, valid_from, position
    FROM matter
    ORDER BY position, code
"""


async def list_matters(conn: asyncpg.Connection) -> tuple[Matter, ...]:
    """All matters in the county's order."""
    return tuple(Matter(*row) for row in await conn.fetch(LIST_MATTERS))


LIST_FORMER_LIMITS = """
    SELECT matter, valid_from, statutory_number, statutory_unit, statutory_basis, promised_number,
      promised_unit, after_close
    FROM former_limit
    ORDER BY matter, valid_from
"""


async def list_former_limits(conn: asyncpg.Connection) -> tuple[FormerLimits, ...]:
    """The limits that matters had before, oldest first."""
    return tuple(FormerLimits(*row) for row in await conn.fetch(LIST_FORMER_LIMITS))


LIST_MATERIALS = """
    SELECT matter, position, name, copies, note
    FROM matter_material
    ORDER BY matter, position
"""


async def list_materials(conn: asyncpg.Connection) -> tuple[Material, ...]:
    """What applicants bring, by matter and place."""
    return tuple(Material(*row) for row in await conn.fetch(LIST_MATERIALS))


LIST_PARALLEL_STEPS = """
    SELECT matter, position, role, unit, limit_number, limit_unit
    FROM parallel_step
    ORDER BY matter, position
"""


async def list_parallel_steps(conn: asyncpg.Connection) -> tuple[ParallelStep, ...]:
    """The parallel-approval tables, by matter and place."""
    return tuple(ParallelStep(*row) for row in await conn.fetch(LIST_PARALLEL_STEPS))


LIST_OFFICES = """
    SELECT code, kind, unit, name, name_en, email, phone, address, above, head_badge
    FROM office
    ORDER BY code
"""

LIST_OFFICE_MEMBERS = """
    SELECT office, badge
    FROM office_member
    ORDER BY office, badge
"""


async def list_offices(conn: asyncpg.Connection) -> tuple[Office, ...]:
    """All oversight offices with their members' badges."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for office, badge in await conn.fetch(LIST_OFFICE_MEMBERS):
        members[office].append(badge)
    rows = await conn.fetch(LIST_OFFICES)
    return tuple(Office(**row, members=tuple(sorted(members[row["code"]]))) for row in rows)


LIST_RELATIVES = """
    SELECT badge, relative_badge
    FROM declared_relative
    ORDER BY badge, relative_badge
"""


async def list_relatives(conn: asyncpg.Connection) -> tuple[Relative, ...]:
    """Declared kinships as they were declared."""
    return tuple(Relative(*row) for row in await conn.fetch(LIST_RELATIVES))


LIST_ROUTING_RULES = """
    SELECT rank, clause_or_code, subject, unit_kind, receives, hidden_from, why
    FROM routing_rule
    ORDER BY rank
"""


async def list_routing_rules(conn: asyncpg.Connection) -> tuple[RoutingRow, ...]:
    """The routing table in the order of its ranks."""
    return tuple(RoutingRow(*row) for row in await conn.fetch(LIST_ROUTING_RULES))


LIST_CALENDAR_YEARS = """
    SELECT year, notice
    FROM calendar_year
    ORDER BY year
"""


async def list_calendar_years(conn: asyncpg.Connection) -> tuple[CalendarYear, ...]:
    """The years whose rest days are published."""
    return tuple(CalendarYear(*row) for row in await conn.fetch(LIST_CALENDAR_YEARS))


LIST_CALENDAR_DAYS = """
    SELECT day, kind, note
    FROM calendar_day
    ORDER BY day, kind
"""


async def list_calendar_days(conn: asyncpg.Connection) -> tuple[CalendarDay, ...]:
    """The days that differ from their weekday."""
    return tuple(CalendarDay(*row) for row in await conn.fetch(LIST_CALENDAR_DAYS))

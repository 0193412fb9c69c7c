"""Writing matters with their tables, the routing table and the calendar."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple

import asyncpg

from board.county_changes import Change
from board.model import (
    CalendarDay,
    CalendarYear,
    FormerLimits,
    Material,
    Matter,
    ParallelStep,
    RoutingRow,
)

_NOTHING = Change((), (), ())


async def write(conn: asyncpg.Connection, changes: Mapping[str, Change]) -> None:
    """Writes the parts of `changes` that this module keeps."""
    materials = changes.get("materials", _NOTHING)
    steps = changes.get("parallel_steps", _NOTHING)
    rules = changes.get("routing", _NOTHING)
    days = changes.get("calendar_days", _NOTHING)
    await insert_or_update_matters(conn, changes.get("matters", _NOTHING).written)
    await delete_materials(conn, materials.removed)
    await insert_or_update_materials(conn, materials.written)
    await delete_parallel_steps(conn, steps.removed)
    await insert_or_update_parallel_steps(conn, steps.written)
    await delete_routing_rules(conn, rules.removed)
    await insert_or_update_routing_rules(conn, rules.written)
    await insert_or_update_calendar_years(conn, changes.get("calendar_years", _NOTHING).written)
    await delete_calendar_days(conn, days.removed)
    await insert_or_update_calendar_days(conn, days.written)


INSERT_OR_UPDATE_MATTER = """
    INSERT INTO matter (code, unit, section, name, name_en, kind, statutory_number,
      statutory_unit, statutory_basis, promised_number, promised_unit, after_close, basis, fee,
      fee_basis, steps, place, valid_from, position)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    ON CONFLICT (code) DO UPDATE
    SET unit = EXCLUDED.unit, section = EXCLUDED.section, name = EXCLUDED.name,
      name_en = EXCLUDED.name_en, kind = EXCLUDED.kind,
      statutory_number = EXCLUDED.statutory_number, statutory_unit = EXCLUDED.statutory_unit,
      statutory_basis = EXCLUDED.statutory_basis, promised_number = EXCLUDED.promised_number,
      promised_unit = EXCLUDED.promised_unit, after_close = EXCLUDED.after_close,
      basis = EXCLUDED.basis, fee = EXCLUDED.fee, fee_basis = EXCLUDED.fee_basis,
      steps = EXCLUDED.steps, place = EXCLUDED.place, valid_from = EXCLUDED.valid_from,
      position = EXCLUDED.position
"""


# Only where the new ones begin on a later day; else what stands was a mistake and is corrected.
KEEP_FORMER_LIMITS = """
    INSERT INTO former_limit (matter, valid_from, statutory_number, statutory_unit,
      statutory_basis, promised_number, promised_unit, after_close)
    SELECT m.code, m.valid_from, m.statutory_number, m.statutory_unit, m.statutory_basis,
      m.promised_number, m.promised_unit, m.after_close
    FROM matter AS m
    WHERE m.code = $1 AND m.valid_from < $2
    ON CONFLICT (matter, valid_from) DO UPDATE
    SET statutory_number = EXCLUDED.statutory_number, statutory_unit = EXCLUDED.statutory_unit,
      statutory_basis = EXCLUDED.statutory_basis, promised_number = EXCLUDED.promised_number,
      promised_unit = EXCLUDED.promised_unit, after_close = EXCLUDED.after_close
"""


# What was to begin later and is taken back would else hold again once there are newer ones.
DELETE_REPLACED_LIMITS = """
    DELETE FROM former_limit
    WHERE matter = $1 AND valid_from >= $2
"""


async def insert_or_update_matters(conn: asyncpg.Connection, rows: Iterable[Matter]) -> None:
    """Writes matters by code; limits that end because others begin later are kept beside, and
    those that others replace from their first day on are not."""
    rows = list(rows)
    begins = [(row.code, row.valid_from) for row in rows]
    await conn.executemany(KEEP_FORMER_LIMITS, begins)
    await conn.executemany(DELETE_REPLACED_LIMITS, begins)
    await conn.executemany(INSERT_OR_UPDATE_MATTER, [astuple(row) for row in rows])


INSERT_OR_UPDATE_MATERIAL = """
    INSERT INTO matter_material (matter, position, name, copies, note)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (matter, position) DO UPDATE
    SET name = EXCLUDED.name, copies = EXCLUDED.copies, note = EXCLUDED.note
"""


async def insert_or_update_materials(conn: asyncpg.Connection, rows: Iterable[Material]) -> None:
    """Writes materials by matter and place."""
    await conn.executemany(INSERT_OR_UPDATE_MATERIAL, [astuple(row) for row in rows])


INSERT_OR_UPDATE_FORMER_LIMITS = """
    INSERT INTO former_limit (matter, valid_from, statutory_number, statutory_unit,
      statutory_basis, promised_number, promised_unit, after_close)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (matter, valid_from) DO UPDATE
    SET statutory_number = EXCLUDED.statutory_number, statutory_unit = EXCLUDED.statutory_unit,
      statutory_basis = EXCLUDED.statutory_basis, promised_number = EXCLUDED.promised_number,
      promised_unit = EXCLUDED.promised_unit, after_close = EXCLUDED.after_close
"""


async def insert_or_update_former_limits(
    conn: asyncpg.Connection, rows: Iterable[FormerLimits]
) -> None:
    """Writes limits that matters had before, by matter and first day."""
    await conn.executemany(INSERT_OR_UPDATE_FORMER_LIMITS, [astuple(row) for row in rows])


DELETE_MATERIAL = """
    DELETE FROM matter_material
    WHERE matter = $1 AND position = $2
"""


async def delete_materials(conn: asyncpg.Connection, rows: Iterable[Material]) -> None:
    """Removes materials that are no longer asked for."""
    await conn.executemany(DELETE_MATERIAL, [(row.matter, row.position) for row in rows])


INSERT_OR_UPDATE_PARALLEL_STEP = """
    INSERT INTO parallel_step (matter, position, role, unit, limit_number, limit_unit)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (matter, position) DO UPDATE
    SET role = EXCLUDED.role, unit = EXCLUDED.unit, limit_number = EXCLUDED.limit_number,
      limit_unit = EXCLUDED.limit_unit
"""


async def insert_or_update_parallel_steps(
    conn: asyncpg.Connection, rows: Iterable[ParallelStep]
) -> None:
    """Writes lines of parallel-approval tables."""
    await conn.executemany(INSERT_OR_UPDATE_PARALLEL_STEP, [astuple(row) for row in rows])


DELETE_PARALLEL_STEP = """
    DELETE FROM parallel_step
    WHERE matter = $1 AND position = $2
"""


async def delete_parallel_steps(conn: asyncpg.Connection, rows: Iterable[ParallelStep]) -> None:
    """Removes lines of parallel-approval tables."""
    await conn.executemany(DELETE_PARALLEL_STEP, [(row.matter, row.position) for row in rows])


INSERT_OR_UPDATE_ROUTING_RULE = """
    INSERT INTO routing_rule (rank, clause_or_code, subject, unit_kind, receives, hidden_from, why)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (rank) DO UPDATE
    SET clause_or_code = EXCLUDED.clause_or_code, subject = EXCLUDED.subject,
      unit_kind = EXCLUDED.unit_kind, receives = EXCLUDED.receives,
      hidden_from = EXCLUDED.hidden_from, why = EXCLUDED.why
"""


async def insert_or_update_routing_rules(
    conn: asyncpg.Connection, rows: Iterable[RoutingRow]
) -> None:
    """Writes routing rules by rank."""
    await conn.executemany(INSERT_OR_UPDATE_ROUTING_RULE, [astuple(row) for row in rows])


DELETE_ROUTING_RULE = """
    DELETE FROM routing_rule
    WHERE rank = $1
"""


async def delete_routing_rules(conn: asyncpg.Connection, rows: Iterable[RoutingRow]) -> None:
    """Removes routing rules."""
    await conn.executemany(DELETE_ROUTING_RULE, [(row.rank,) for row in rows])


INSERT_OR_UPDATE_CALENDAR_YEAR = """
    INSERT INTO calendar_year (year, notice)
    VALUES ($1, $2)
    ON CONFLICT (year) DO UPDATE
    SET notice = EXCLUDED.notice
"""


async def insert_or_update_calendar_years(
    conn: asyncpg.Connection, rows: Iterable[CalendarYear]
) -> None:
    """Writes published years."""
    await conn.executemany(INSERT_OR_UPDATE_CALENDAR_YEAR, [astuple(row) for row in rows])


INSERT_OR_UPDATE_CALENDAR_DAY = """
    INSERT INTO calendar_day (day, kind, note)
    VALUES ($1, $2, $3)
    ON CONFLICT (day, kind) DO UPDATE
    SET note = EXCLUDED.note
"""


async def insert_or_update_calendar_days(
    conn: asyncpg.Connection, rows: Iterable[CalendarDay]
) -> None:
    """Writes days that differ from their weekday."""
    await conn.executemany(INSERT_OR_UPDATE_CALENDAR_DAY, [astuple(row) for row in rows])


DELETE_CALENDAR_DAY = """
    DELETE FROM calendar_day
    WHERE day = $1 AND kind = $2
"""


async def delete_calendar_days(conn: asyncpg.Connection, rows: Iterable[CalendarDay]) -> None:
    """Makes days ordinary again."""
    await conn.executemany(DELETE_CALENDAR_DAY, [(row.day, row.kind) for row in rows])

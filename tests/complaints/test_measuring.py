"""A receipt on record says which unit was late, and that unit alone is charged."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import asyncpg
import pytest

from board.directory import Directory
from board.model import ParallelStep, Receipt, ReceiptStep
from complaints import intake
from complaints.decisions import decide
from complaints.intake import Enclosed, Origin
from complaints.limits import SHANGHAI, Day
from complaints.measuring import County, Measured, measure, pack_breach, unpack_breach
from tests import people
from tests.people import CIPHER, COUNTY, draft

NOW = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
ACCEPTED = "2026-11-02"
TABLE = (
    ParallelStep("M3", 1, "hand_on", "RS", 1, "working_day"),
    ParallelStep("M3", 2, "unit", "RS", 3, "working_day"),
    ParallelStep("M3", 3, "unit", "TC", 3, "working_day"),
    ParallelStep("M3", 4, "put_together", "RS", 2, "working_day"),
)


def county_with(*table: ParallelStep) -> County:
    files = replace(people.COUNTY_FILES, parallel_steps=table)
    return County(Directory(files), COUNTY.calendar, COUNTY.rules)


LED = county_with(*TABLE)


def moment(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=SHANGHAI)


def receipt(
    *steps: tuple[str, str, str], decided: str = "", matter: str = "M3", accepted: str = ACCEPTED
) -> Receipt:
    """A receipt with steps of (unit, handed on, finished), days as text, "" for none."""
    rows = tuple(
        ReceiptStep(
            "SL-9", at, unit, *(date.fromisoformat(each) if each else None for each in days)
        )
        for at, (unit, *days) in enumerate(steps, 1)
    )
    return Receipt("SL-9", matter, moment(accepted), moment(decided) if decided else None, rows)


def measured(found: Receipt, county: County = LED) -> Measured:
    got = measure("", found, None, NOW.date(), county)
    assert got is not None
    return got


IN_TIME = ("RS", "2026-11-03", "2026-11-05")


def test_without_recorded_parts_only_the_whole_counts_and_the_lead_unit_answers() -> None:
    found = measured(receipt())
    assert (found.parallel, found.whole_only) == (None, True)
    assert (found.charged, found.unit, found.categories) == (("RS",), "RS", ("T04",))


def test_an_ordinary_matter_has_no_parts_whatever_is_recorded() -> None:
    found = measured(receipt(IN_TIME, matter="M1"))
    assert (found.parallel, found.whole_only) == (None, False)


@pytest.mark.parametrize(
    ("steps", "decided", "charged", "categories"),
    [
        # Everybody in time.
        ([IN_TIME, ("TC", "2026-11-03", "2026-11-06")], "2026-11-09", (), ()),
        # One unit late, the whole in time: that unit alone.
        ([IN_TIME, ("TC", "2026-11-03", "2026-11-11")], "2026-11-12", ("TC",), ("T07",)),
        # The lead unit late as one of the units, in time as the one that leads.
        ([("RS", "2026-11-03", "2026-11-09"), ("TC", "2026-11-03", "2026-11-06")],
         "2026-11-10", ("RS",), ("T07",)),
        # Handed on a day too late, and everything after that in time.
        ([("RS", "2026-11-03", "2026-11-05"), ("TC", "2026-11-04", "2026-11-06")],
         "2026-11-09", ("RS",), ("T07",)),
        # Put together too late.
        ([IN_TIME, ("TC", "2026-11-03", "2026-11-06")], "2026-11-13", ("RS",), ("T07",)),
        # One unit so late that the whole promise is broken too: still that unit alone.
        ([IN_TIME, ("TC", "2026-11-03", "2026-11-17")], "2026-11-18", ("TC",), ("T04", "T07")),
        # Two late units are charged both.
        ([("RS", "2026-11-03", "2026-11-10"), ("TC", "2026-11-03", "2026-11-10")],
         "2026-11-11", ("RS", "TC"), ("T07",)),
        # Not decided: a unit that was never handed the file does not answer for it.
        ([IN_TIME, ("TC", "", "")], "", ("RS",), ("T04", "T07")),
        ([IN_TIME], "", ("RS",), ("T04", "T07")),
        # Not decided, and one unit still has it.
        ([IN_TIME, ("TC", "2026-11-03", "")], "", ("TC",), ("T04", "T07")),
        # Decided without a record of one unit: it was not waited for.
        ([IN_TIME], "2026-11-09", (), ()),
        # Decided while the record was left open: done by then.
        ([IN_TIME, ("TC", "2026-11-03", "")], "2026-11-06", (), ()),
    ],
)  # fmt: skip
def test_who_is_charged(
    steps: list[tuple[str, str, str]],
    decided: str,
    charged: tuple[str, ...],
    categories: tuple[str, ...],
) -> None:
    found = measured(receipt(*steps, decided=decided))
    assert found.parallel is not None
    assert (found.charged, found.categories) == (charged, categories)
    assert found.unit == ("TC" if charged == ("TC",) else "RS")


def test_a_whole_that_is_late_though_no_part_is_belongs_to_the_lead_unit() -> None:
    alone = county_with(TABLE[1], TABLE[2])  # nothing promised for handing on and putting together
    found = measured(
        receipt(IN_TIME, ("TC", "2026-11-03", "2026-11-06"), decided="2026-11-20"), alone
    )
    assert (found.charged, found.categories) == (("RS",), ("T04",))


def test_parts_in_half_days_and_hours_begin_at_the_close_of_their_day() -> None:
    units = county_with(
        replace(TABLE[1], limit_unit="hour", limit_number=24),
        replace(TABLE[2], limit_unit="half_day", limit_number=2),
    )
    steps = (("RS", "2026-11-03", "2026-11-04"), ("TC", "2026-11-03", "2026-11-05"))
    found = measured(receipt(*steps, decided="2026-11-06"), units)
    assert found.charged == ("TC",)


def test_a_matter_that_lost_its_table_is_counted_as_a_whole() -> None:
    assert measured(receipt(IN_TIME), county_with()).whole_only


def test_a_part_that_runs_into_an_unpublished_year_charges_nobody() -> None:
    rows = receipt(("RS", "2026-12-29", ""), ("TC", "2026-12-29", ""), accepted="2026-12-28")
    found = measure("", rows, None, date(2027, 2, 1), LED)
    assert found is not None
    assert found.charged == ()
    assert found.parallel is not None
    assert [part.overrun.late for part in found.parallel.parts if part.overrun] == [
        False, None, False, None,
    ]  # fmt: skip


# Whom the complaint is then about

LATE = receipt(IN_TIME, ("TC", "2026-11-03", "2026-11-11"), decided="2026-11-12")


@pytest.mark.parametrize(
    ("said", "unit", "state"),
    [
        ({}, "TC", "unit"),
        # The page of the matter fills in the unit that leads it; nobody meant to accuse that one.
        ({"unit": "RS"}, "TC", "unit"),
        # Another unit was chosen on purpose.
        ({"unit": "ZW"}, "ZW", "unit"),
        # Somebody of the lead unit was described, or is known.
        ({"unit": "RS", "staff_description": "高个子"}, "RS", "unidentified"),
        ({"badge": "A1024"}, "RS", "identified"),
    ],
)
def test_the_complaint_is_about_the_late_unit_unless_somebody_is_named(
    said: dict[str, str], unit: str, state: str
) -> None:
    found = decide(draft(**{"badge": "", **said}), LATE, LED, NOW)
    assert found.subject.unit is not None
    assert (found.subject.unit.code, found.subject.state) == (unit, state)
    assert [each.category for each in found.allegations] == ["T07"]


def test_the_late_units_part_goes_to_the_office_above_the_lead_unit() -> None:
    assert decide(draft(badge=""), LATE, LED, NOW).office == "O-ST"


# What is kept of it


def days_of(found: Measured) -> list[tuple[Day, ...]]:
    """How each due day was counted."""
    overruns = [found.breach.promised, found.breach.statutory]
    overruns += [part.overrun for part in found.parallel.parts] if found.parallel else []
    return [each.due.days for each in overruns if each]


def test_what_is_kept_is_read_as_it_was_with_its_count() -> None:
    for found in (measured(LATE), measured(receipt()), measured(receipt(IN_TIME))):
        packed = pack_breach(found)
        again = unpack_breach(packed, LED.directory, LED.calendar)
        assert again is not None
        assert pack_breach(again) == packed
        assert days_of(again) == days_of(found)
    assert unpack_breach(None, LED.directory, LED.calendar) is None
    assert pack_breach(None) is None


def test_under_another_calendar_the_day_that_was_told_stands_without_a_count() -> None:
    packed = pack_breach(measured(LATE))
    closed = replace(LED.calendar, version="other", closures=frozenset({date(2026, 11, 4)}))
    again = unpack_breach(packed, LED.directory, closed)
    assert again is not None
    assert again.breach.promised is not None
    assert again.breach.promised.due.day == date(2026, 11, 16)
    assert again.breach.promised.due.days == ()
    assert again.charged == ("TC",)


async def test_a_filed_complaint_is_about_the_late_unit(conn: asyncpg.Connection) -> None:
    await people.insert_matter(conn)
    await conn.execute(
        "INSERT INTO unit (code, kind, name, name_en, address, phone, hours, functions, position)"
        " VALUES ('TC', 'town', 't', 't', '', '', '', '', 2)"
    )
    await conn.execute("UPDATE matter SET code = 'M3', kind = 'parallel'")
    await conn.execute(
        "INSERT INTO receipt (number, number_key, matter, accepted_at, decided_at)"
        " VALUES ('SL-9', 'S19', 'M3', $1, $2)",
        LATE.accepted_at,
        LATE.decided_at,
    )
    for step in LATE.steps:
        await conn.execute(
            "INSERT INTO receipt_step VALUES ($1, $2, $3, $4, $5)",
            *(step.receipt, step.position, step.unit, step.started_on, step.finished_on),
        )
    said: dict[str, Any] = {"badge": "", "receipt_number": "sl 9", "unit": "RS"}
    filed = await intake.file(
        conn,
        draft(**said),
        LED,
        CIPHER,
        enclosed=Enclosed(b"k" * 32),
        origin=Origin("web", "zh-Hans"),
        now=NOW,
    )
    row = await conn.fetchrow("SELECT unit, matter, breach FROM complaint WHERE id = $1", filed.id)
    assert (row["unit"], row["matter"]) == ("TC", "M3")
    assert row["breach"]["parallel"]["charged"] == ["TC"]
    assert row["breach"] == pack_breach(measured(LATE))

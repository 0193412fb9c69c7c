"""A typhoon and a new year at the desk: the effect is shown, compared, saved and then counted."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from complaints.limits import Limit
from complaints.store.terms import replace_limits
from gateway.county_files.exporting import export_folder
from gateway.county_files.importing import import_folder
from gateway.pages.desk.county.effect import foresee
from gateway.recounting import run_once
from tests.browser.cases import file_case
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, desk
from tests.gateway.desk.test_case_ends import answered, tracked
from tests.gateway.desk.test_cases import filed

__all__ = ["desk"]

HOME = "/desk/county"
CALENDAR = f"{HOME}/calendar"
CLOSURES = f"{CALENDAR}/closures"
STORM = {"first": "2026-11-24", "last": "2026-11-25", "note": "台风"}
YEAR = {"year": "2027", "notice": "https://example.org/2027", "off": "2027-01-01..2027-01-03"}
COUNT_CLOSED = "SELECT count(*) FROM calendar_day WHERE kind = 'closure'"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    """The demo county has published years."""
    return fresh_demo_database


async def confirmed(response: Any) -> dict[str, str]:
    """The fields of the page that shows the effect."""
    assert response.status in (200, 409)
    page = Page(await response.text())
    values = next(form for form in page.forms if CALENDAR in form.action).values()
    del values["csrf"]
    return values


async def test_who_only_watches_reads_and_changes_nothing(desk: Desk) -> None:
    lin = await desk.staff("lin", "supervisor")
    page = await lin.get(f"{CALENDAR}?year=2026")
    assert page.status == 200
    assert 'name="note"' not in await page.text()
    assert (await lin.post(CLOSURES, **STORM)).status == 403
    for year in ("1999", "9" * 5_000, "二〇二六", "２０２６"):
        assert (await lin.get(f"{CALENDAR}?year={year}")).status == 404


async def test_what_cannot_be_comes_back_as_it_was_typed(desk: Desk) -> None:
    ann = await desk.staff("ann", "administrator")
    for wrong in (
        {"first": "tomorrow"},
        {"last": "2026-11-01"},
        {"last": "2027-12-01"},
        {"first": "2035-01-01", "last": ""},
        {"note": ""},
    ):
        answer = await ann.post(CLOSURES, **(STORM | wrong))
        assert answer.status == 422
        text = await answer.text()
        assert "error-summary" in text
        assert next(iter(wrong.values())) in text
    bad = {"year": "2027", "notice": "", "off": "2026-01-01", "work": "2027-01-04"}
    answer = await ann.post(f"{CALENDAR}/years", **bad)
    text = await answer.text()
    assert answer.status == 422
    assert all(f'id="{name}-error"' in text for name in ("notice", "off", "work"))
    for year in ("2026", "year", "", "0000", "9999"):
        answer = await ann.post(f"{CALENDAR}/years", **(YEAR | {"year": year}))
        assert answer.status == 422
        assert 'id="year-error"' in await answer.text()
    assert await desk.value(COUNT_CLOSED) == 0


async def test_nothing_is_saved_before_its_effect_was_seen(desk: Desk) -> None:
    ann = await desk.staff("ann", "administrator")
    assert (await ann.post(CLOSURES, **STORM)).status == 200
    assert (await ann.post(CLOSURES, **STORM, confirmed="yes")).status == 409
    assert await desk.value(COUNT_CLOSED) == 0


async def test_of_two_editors_the_second_sees_the_effect_anew(desk: Desk) -> None:
    ann, bo = await desk.staff("ann", "administrator"), await desk.staff("bo", "administrator")
    seen = [await confirmed(await who.post(CLOSURES, **STORM)) for who in (ann, bo)]
    other = seen[1] | {"last": "2026-11-26"}
    assert (await ann.post(CLOSURES, **seen[0])).status == 303
    second = await bo.post(CLOSURES, **other)
    assert second.status == 409
    assert await desk.value(COUNT_CLOSED) == 2
    # What was shown anew can be saved.
    assert (await bo.post(CLOSURES, **await confirmed(second))).status == 303
    assert await desk.value(COUNT_CLOSED) == 3
    # Pressed twice: it is as it was asked for. With another reason it is not.
    assert (await bo.post(CLOSURES, **other)).status == 303
    assert (await bo.post(CLOSURES, **(other | {"note": "no power"}))).status == 409
    assert await desk.value(COUNT_CLOSED) == 3


async def test_a_limit_changed_meanwhile_makes_what_was_shown_untrue(desk: Desk) -> None:
    ann = await desk.staff("ann", "administrator")
    seen = await confirmed(await ann.post(CLOSURES, **STORM))
    async with desk.context.db.transaction(SCHEMA) as conn:
        await replace_limits(conn, {"complaint": Limit(20)}, desk.clock())
    late = await ann.post(CLOSURES, **seen)
    assert late.status == 409
    page = await late.text()
    assert "Somebody else changed the calendar or the limits meanwhile" in page
    assert await desk.value(COUNT_CLOSED) == 0
    assert (await ann.post(CLOSURES, **await confirmed(late))).status == 303


async def test_rest_days_closed_days_and_open_days_are_told_apart(desk: Desk) -> None:
    ann = await desk.staff("ann", "administrator")
    weekend = STORM | {"first": "2026-11-28", "last": "2026-11-29"}
    assert (await ann.post(CLOSURES, **weekend)).status == 422
    assert (await ann.post(f"{CLOSURES}/end", first="2026-11-24")).status == 422, "not closed"
    assert (
        await ann.post(CLOSURES, **await confirmed(await ann.post(CLOSURES, **STORM)))
    ).status == 303
    again = STORM | {"note": "another storm"}
    assert (await ann.post(CLOSURES, **again)).status == 422, "the first note stays"


async def test_a_typhoon_moves_what_was_foreseen_and_the_complainant_reads_so(desk: Desk) -> None:
    ann = await desk.staff("ann", "administrator")
    filed = await file_case(desk.context)
    sealed = await file_case(desk.context, category=("C02",))
    due_day = "SELECT due_on FROM complaint WHERE number = $1"
    promised = await desk.value(due_day, filed.number)
    check = await ann.post(CLOSURES, **STORM)
    text = Page(await check.text()).text
    assert "Open cases with another day: 2. Answer due on another day: 1." in text
    assert filed.number in text
    assert (await ann.post(CLOSURES, **await confirmed(check))).status == 303
    county = next(iter(desk.context.counties))
    calendar = (await desk.context.snapshots.of(county)).calendar
    foreseen = await foresee(desk.context.db, county.schema, calendar, desk.context.clock())
    await run_once(desk.context)
    told = await desk.rows(
        "SELECT c.number, e.data FROM event AS e JOIN complaint AS c ON c.id = e.complaint"
        " WHERE e.kind = 'recounted'"
    )
    assert {row["number"] for row in told} == {filed.number, sealed.number}
    due = {row["number"]: row["data"].get("due") for row in told}
    shown = {each.number: each.due and str(each.due[1]) for each in foreseen.examples}
    assert shown == due
    # After the sweep there is nothing left that the same calendar would move.
    after = await foresee(desk.context.db, county.schema, calendar, desk.context.clock())
    assert (after.read, after.moved) == (2, 0)
    # Taken back, the old days come back.
    back = {"first": "2026-11-24", "last": "2026-11-25"}
    check = await ann.post(f"{CLOSURES}/end", **back)
    assert (await ann.post(f"{CLOSURES}/end", **await confirmed(check))).status == 303
    await run_once(desk.context)
    assert await desk.value(COUNT_CLOSED) == 0
    assert await desk.value(due_day, filed.number) == promised


async def test_a_day_that_is_closed_later_is_not_the_last_one_for_a_review(desk: Desk) -> None:
    ann, found = await desk.staff("ann", "administrator"), await filed(desk)
    await answered(desk, found, found.office)
    await tracked(desk, found, "rating", level="5", resolved="yes", comment="")
    assert "2026-12-23" in str(
        await desk.value("SELECT wake_at - interval '1 second' FROM complaint")
    )
    assert "ask by Wednesday, 23 December 2026" in await (await tracked(desk, found)).text()
    day = {"first": "2026-12-23", "last": "2026-12-23", "note": "台风"}
    check = await ann.post(CLOSURES, **day)
    assert (await ann.post(CLOSURES, **await confirmed(check))).status == 303
    assert await run_once(desk.context) == 1
    assert await run_once(desk.context) == 0
    seen = await (await tracked(desk, found)).text()
    assert "ask by Thursday, 24 December 2026" in seen
    assert "Due day counted anew" in seen


async def test_nobody_leaves_open_cases_without_a_day_by_an_oversight(desk: Desk) -> None:
    desk.clock.forward(days=(date(2026, 12, 8) - desk.clock().date()).days)
    found = await file_case(desk.context)
    due_on = "SELECT due_on FROM complaint WHERE number = $1"
    assert (await desk.value(due_on, found.number)).year == 2026
    ann = await desk.staff("ann", "administrator")
    storm = STORM | {"first": "2026-12-21", "last": "2026-12-24"}
    shown = await ann.post(CLOSURES, **storm)
    sent = await confirmed(shown)
    assert "without_day" not in sent, "nothing is ticked beforehand"
    for tick in ({}, {"without_day": "no"}):
        refused = await ann.post(CLOSURES, **(sent | tick))
        assert refused.status == 422
        text = await refused.text()
        assert 'href="#without_day"' in text
        assert 'id="without_day-error"' in text
    assert await desk.value(COUNT_CLOSED) == 0
    assert (await ann.post(CLOSURES, **sent, without_day="yes")).status == 303
    assert await desk.value(COUNT_CLOSED) == 4
    await run_once(desk.context)
    assert await desk.value(due_on, found.number) is None
    # With next year's calendar there is a day again, and nothing to tick.
    years = f"{CALENDAR}/years"
    assert (await ann.post(years, **await confirmed(await ann.post(years, **YEAR)))).status == 303
    await run_once(desk.context)
    assert await desk.value(due_on, found.number) is not None


async def test_a_closure_survives_export_and_import_with_its_note(
    desk: Desk, tmp_path: Path
) -> None:
    ann = await desk.staff("ann", "administrator")
    check = await confirmed(await ann.post(CLOSURES, **STORM))
    assert (await ann.post(CLOSURES, **check)).status == 303
    schema = next(iter(desk.context.counties)).schema
    await export_folder(desk.context.db, schema, tmp_path / "county")
    outcome = await import_folder(
        desk.context.db, schema, tmp_path / "county", desk.context.clock()
    )
    assert outcome.counts == {}
    assert await desk.value("SELECT count(*) FROM calendar_day WHERE note = '台风'") == 2


async def test_a_new_year_is_published_and_can_be_put_right(desk: Desk) -> None:
    ann = await desk.staff("ann", "administrator")
    years = f"{CALENDAR}/years"
    assert (await ann.post(years, **await confirmed(await ann.post(years, **YEAR)))).status == 303
    days = "SELECT day FROM calendar_day WHERE day >= '2027-01-01' ORDER BY day"
    assert [row["day"].day for row in await desk.rows(days)] == [1, 2, 3]
    page = await ann.page(f"{CALENDAR}?year=2027")
    typed = page.form("/years").values() | {"off": "2027-01-01"}
    del typed["csrf"]
    assert (await ann.post(years, **await confirmed(await ann.post(years, **typed)))).status == 303
    assert [row["day"] for row in await desk.rows(days)] == [date(2027, 1, 1)]
    assert "Ann changed years of the calendar: the year 2027" in (await ann.page(HOME)).text
    ann.cookie = {"Cookie": ann.cookie["Cookie"].replace("lang=en", "lang=zh-Hans")}
    assert "Ann 修改了日历年份：2027 年" in (await ann.page(HOME)).text

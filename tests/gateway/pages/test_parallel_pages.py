"""A delay in a parallel approval: who had the file when, on every page that speaks of it."""

import asyncpg
import pytest

from gateway import links
from gateway.context import CONTEXT
from gateway.store import links as link_store
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.pages.conftest import Browser

# One unit of three was late; the lead unit handed on late; nobody recorded the parts.
ONE_UNIT, LEAD_LATE, UNRECORDED = "SL-2026-000130", "SL-2026-000164", "SL-2026-000140"
JSON = {"Accept": "application/json"}


async def figures(browser: Browser, receipt: str, language: str = "zh-Hans") -> str:
    answer = await browser.get(
        "/complaints/limit", params={"receipt_number": receipt, "lang": language}
    )
    assert answer.status == 200
    return Page(await answer.text()).text


async def test_each_unit_stands_with_its_own_limit_and_the_late_one_alone_is_charged(
    browser: Browser, stored_names: dict[str, str]
) -> None:
    told = await figures(browser, ONE_UNIT)
    for code in ("NRB", "EEB", "HUD"):
        assert f"{stored_names[code]}办理" in told
    assert f"超时由这里负责：{stored_names['EEB']}。" in told
    assert "2026年4月3日（星期五）办完" in told
    assert told.count("超了") == 2, "the late part, and the whole by the promise"
    assert "只能按整体计算" not in told


async def test_a_file_that_was_handed_on_late_or_not_at_all_is_the_lead_units(
    browser: Browser, stored_names: dict[str, str]
) -> None:
    told = await figures(browser, LEAD_LATE)
    assert f"超时由这里负责：{stored_names['HRS']}。" in told
    assert "材料还没有转到" in told
    assert f"{stored_names['HRS']}开始自己的环节" in told


async def test_without_recorded_parts_the_page_says_that_only_the_whole_counts(
    browser: Browser, stored_names: dict[str, str]
) -> None:
    told = await figures(browser, UNRECORDED)
    assert f"只能按整体计算，由牵头单位{stored_names['CTS']}负责" in told
    assert "负责：" not in told


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_it_is_worded_in_every_language(browser: Browser, language: str) -> None:
    for receipt in (ONE_UNIT, LEAD_LATE, UNRECORDED):
        assert "figures." not in await figures(browser, receipt, language)


async def test_the_complaint_is_about_the_late_unit_on_every_page_that_follows(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    names = await names_of(stored)
    charged = f"超时由这里负责：{names['EEB']}。"
    said = {"text": "说好一起办，等了一个月。", "receipt_number": ONE_UNIT, "matter": "NRB-P01"}
    checked = Page(
        await (await citizen.post("/complaints/new", data={**said, "do": "check"})).text()
    )
    assert charged in checked.text
    receipt = await citizen.post("/complaints", data=checked.form("/complaints").values())
    assert charged in Page(await receipt.text()).text
    row = await stored.fetchrow("SELECT id, unit, office FROM complaint")
    assert row["unit"] == "EEB"
    codes = await stored.fetch("SELECT category FROM allegation ORDER BY position")
    assert [each["category"] for each in codes] == ["T04", "T07"]

    context = citizen.app[CONTEXT]  # type: ignore[index]
    token, link = links.make(row["id"], row["office"], None, context.clock())
    await link_store.insert_links(stored, [link])
    office = Page(await (await citizen.get(f"/answer/{token}")).text()).text
    assert charged in office
    assert "起算日，不计" in office, "the office reads how it was counted, day by day"


async def test_the_tracking_page_shows_the_figures_that_were_told(
    citizen: Browser, stored: asyncpg.Connection
) -> None:
    names = await names_of(stored)
    said = {"text": "等了一个月。", "receipt_number": LEAD_LATE, "matter": "HRS-P01"}
    told = await (await citizen.post("/complaints", data=said, headers=JSON)).json()
    tracked = await citizen.post("/track", data={"code": told["tracking_code"]})
    shown = Page(await tracked.text()).text
    assert f"超时由这里负责：{names['HRS']}。" in shown
    assert "材料还没有转到" in shown


async def names_of(stored: asyncpg.Connection) -> dict[str, str]:
    return {row["code"]: row["name"] for row in await stored.fetch("SELECT code, name FROM unit")}


@pytest.fixture
async def stored_names(demo_database_url: str) -> dict[str, str]:
    """What the demo county calls its units."""
    conn = await asyncpg.connect(demo_database_url)
    await conn.execute(f"SET search_path TO {SCHEMA}")
    names = await names_of(conn)
    await conn.close()
    return names

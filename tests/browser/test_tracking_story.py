"""A complainant's side of a whole case, in a browser: asked, answered, dissatisfied, heard."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from playwright.async_api import BrowserContext, Page

from board.calendar import Calendar
from board.ids import new_id
from complaints.standing import SYSTEM, By, Move, Standing, begin
from complaints.steps import office
from complaints.store.standing import find_standing, update_case
from gateway.i18n import LANGUAGES, Words, words
from tests.browser.cases import file_case
from tests.browser.conftest import Site
from tests.browser.matrix import combinations

Visitor = Callable[..., Awaitable[BrowserContext]]
QUESTION = "请告诉我们收件回执上的日期，方便的话也说说是哪个窗口。"
REPLY = "回执上是 11 月 2 日，12 号窗口。"
ANSWER = "证件 11 月 25 日寄出，向您道歉。"
COMMENT = "到今天还没有收到。"


class Offices:
    """What the offices do meanwhile, a second after whatever was before."""

    def __init__(self, site: Site, case: UUID) -> None:
        self.site, self.case = site, case
        self.at = site.context.clock()
        # A context never changes while it serves; its clock runs on all the same.
        object.__setattr__(site.context, "clock", self.tick)

    def tick(self) -> datetime:
        self.at += timedelta(milliseconds=10)
        return self.at

    async def act(self, take: Callable[[Standing, Calendar], Move]) -> None:
        county = next(iter(self.site.context.counties))
        calendar = (await self.site.context.snapshots.of(county)).calendar

        async def work(conn: asyncpg.Connection) -> None:
            case = await find_standing(conn, self.case, lock=True)
            assert case is not None
            assert await update_case(conn, take(case, calendar))

        await self.site.context.db.run(county.schema, work)

    async def sign_and_ask(self) -> None:
        def sign(case: Standing, calendar: Calendar) -> Move:
            return begin(case, calendar, self.tick()).then("sign", By("office", case.office))

        await self.act(sign)
        await self.act(
            lambda case, calendar: office.ask(case, QUESTION, calendar=calendar, now=self.tick())
        )

    async def answer(self) -> None:
        def release(case: Standing, calendar: Calendar) -> Move:
            move = begin(case, calendar, self.tick()).then("answer", By("office", case.office))
            return move.then("release", SYSTEM)

        county = next(iter(self.site.context.counties))
        async with self.site.context.db.transaction(county.schema) as conn:
            await conn.execute(
                "INSERT INTO answer (id, complaint, office, round, done, reply, right_of_reply, at)"
                " SELECT $2, c.id, c.office, 1, '已批评教育', $3, '', $4"
                " FROM complaint AS c WHERE c.id = $1",
                *(self.case, new_id(self.at), ANSWER, self.at),
            )
        await self.act(release)


async def open_case(page: Page, site: Site, code: str, say: Words) -> str:
    """What stands under the code."""
    await page.goto(f"{site.url}/track?lang={say.language}")
    await page.fill("#code", code)
    await page.click("form[action='/track'] button")
    await page.wait_for_url("**/track/case")
    return await page.inner_text("main")


@pytest.mark.parametrize(
    ("language", "scripts"), combinations(LANGUAGES, (True, False), always=(("zh-Hans", True),))
)
async def test_a_complainant_replies_rates_and_is_heard_by_the_office_above(
    site: Site,
    visitor: Visitor,
    axe: Callable[..., Awaitable[None]],
    language: str,
    scripts: bool,
):
    say = words(language)
    filed = await file_case(site.context)
    offices, code = Offices(site, filed.id), filed.code
    page = await (await visitor(java_script_enabled=scripts)).new_page()
    page.set_default_timeout(10_000)

    async def look(page: Page) -> None:
        # Without scripts axe itself cannot run.
        if scripts:
            await axe(page)

    await offices.sign_and_ask()
    asked = await open_case(page, site, code, say)
    assert say("standing.waiting") in asked
    assert QUESTION in asked
    await look(page)

    await page.click("form[action$='/reply'] button")
    assert say("tracking.fault.reply") in await page.inner_text(".error-summary")
    await page.fill("#reply", REPLY)
    await page.click("form[action$='/reply'] button")
    replied = await page.inner_text("main")
    assert say("standing.in_hand") in replied
    assert REPLY in replied

    await offices.answer()
    await page.reload()
    assert ANSWER in await page.inner_text("main")
    await look(page)
    await page.fill("#comment", COMMENT)
    await page.click("form[action$='/rating'] button")
    assert await page.locator(".error-summary a").count() == 2
    assert await page.input_value("#comment") == COMMENT
    await look(page)
    await page.check("input[name=level][value='1']")
    await page.check("input[name=resolved][value=no]")
    await page.click("form[action$='/rating'] button")
    rated = await page.inner_text("main")
    for part in (say("standing.followed_up"), COMMENT, say("tracking.level_1"), ANSWER):
        assert part in rated
    await look(page)
    assert not await page.locator("form[action$='/rating']").count()

    await page.locator("details:has(form[action$='/withdrawal']) > summary").click()
    await page.click("form[action$='/withdrawal'] button")
    assert say("tracking.fault.confirm") in await page.inner_text(".error-summary")
    await page.check("#confirm")
    await page.click("form[action$='/withdrawal'] button")
    assert say("standing.withdrawn") in await page.inner_text(".lead")
    # What was answered stays the complainant's to read.
    assert ANSWER in await page.inner_text("main")

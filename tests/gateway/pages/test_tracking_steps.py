"""A complainant acts under the tracking code: replies, rates, asks for a review, withdraws."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from aiohttp import ClientResponse

from board.calendar import Calendar
from board.ids import new_id
from complaints.standing import SYSTEM, By, Move, Standing, begin
from complaints.steps import desk, office
from complaints.store.standing import find_standing, update_case
from gateway.context import CONTEXT
from gateway.db import DatabaseDown
from tests.clock import Clock
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.pages.conftest import Browser

SAID = {"text": "窗口说再等等，等了三个星期。", "badge": "A1024", "category": "L03"}
DESK = By("desk", "liang")
QUESTION = "请告诉我们收件回执上的日期。"
GOOD = {"level": "5", "resolved": "yes", "comment": "谢谢"}
BAD = {"level": "2", "resolved": "no", "comment": "还是没有办成"}
FORMS = {
    "reply": {"reply": "回执上是 11 月 2 日。"},
    "rating": BAD,
    "review": {"reason": "没有看录像"},
    "withdrawal": {"reason": "已经办好", "confirm": "yes"},
}
Take = Callable[[Standing, Calendar], Move]


class Complainant:
    """One who holds a code, with the county's people at hand."""

    def __init__(self, citizen: Browser, stored: asyncpg.Connection, clock: Clock) -> None:
        self.citizen, self.stored, self.clock = citizen, stored, clock

    async def file(self, **said: str) -> None:
        """Files a complaint and opens its page."""
        answer = await self.citizen.post(
            "/complaints", data={**SAID, **said}, headers={"Accept": "application/json"}
        )
        told = await answer.json()
        self.number, self.code = told["number"], told["tracking_code"]
        await self.open()

    async def open(self) -> None:
        """Types the code; a browser forgets a case after half an hour."""
        await self.citizen.post("/track", data={"code": self.code})

    async def act(self, take: Take, number: str | None = None) -> None:
        """Moves the case as an office, the desk or the system would, a second later."""
        self.clock.now += timedelta(seconds=1)
        context = self.citizen.server.app[CONTEXT]  # type: ignore[union-attr]
        calendar = (await context.snapshots.of(next(iter(context.counties)))).calendar
        key = await self.stored.fetchval(
            "SELECT id FROM complaint WHERE number = $1", number or self.number
        )

        async def work(conn: asyncpg.Connection) -> None:
            case = await find_standing(conn, key, lock=True)
            assert case is not None
            assert await update_case(conn, take(case, calendar))

        await context.db.run(SCHEMA, work)

    def step(self, *steps: Any, by: str = "office") -> Take:
        """Those steps of the table, one after the other."""

        def take(case: Standing, calendar: Calendar) -> Move:
            move = begin(case, calendar, self.clock.now)
            for each in steps:
                who = SYSTEM if each == "release" else By(by, case.office)  # type: ignore[arg-type]
                move = move.then(each, who)
            return move

        return take

    async def asked(self) -> None:
        """The office signs and asks."""
        await self.act(self.step("sign"))
        await self.act(
            lambda case, calendar: office.ask(case, QUESTION, calendar=calendar, now=self.clock.now)
        )

    async def answered(self, round_: int = 1, reply: str = "对不起，已经补办。") -> None:
        """The office answers and the answer is released."""
        if round_ == 1:
            await self.act(self.step("sign"))
        case = await self.stored.fetchrow(
            "SELECT id, office FROM complaint WHERE number = $1", self.number
        )
        key = new_id(self.clock.now)
        await self.stored.execute(
            "INSERT INTO answer (id, complaint, office, round, done, reply, right_of_reply, at)"
            " VALUES ($1, $2, $3, $4, '已批评教育', $5, '', $6)",
            *(key, case["id"], case["office"], round_, reply, self.clock.now),
        )
        await self.stored.execute(
            "INSERT INTO finding (answer, position, finding, reason)"
            " VALUES ($1, 1, 'substantiated', '录像显示属实')",
            key,
        )
        await self.act(self.step("answer", "release"))

    async def post(self, what: str, **typed: str) -> ClientResponse:
        self.clock.now += timedelta(seconds=1)
        return await self.citizen.post(
            f"/track/case/{what}", data=typed or FORMS[what], allow_redirects=False
        )

    async def see(self) -> Page:
        response = await self.citizen.get("/track/case")
        assert response.status == 200
        return Page(await response.text())

    async def row(self) -> asyncpg.Record:
        return await self.stored.fetchrow(
            "SELECT id, state, owner, office, due_on, next_at FROM complaint WHERE number = $1",
            self.number,
        )

    async def count(self, table: str) -> int:
        return int(await self.stored.fetchval(f"SELECT count(*) FROM {table}"))


@pytest.fixture
def someone(citizen: Browser, stored: asyncpg.Connection, clock: Clock) -> Complainant:
    return Complainant(citizen, stored, clock)


async def text_of(response: ClientResponse) -> str:
    return Page(await response.text()).text


# What does not happen


@pytest.mark.parametrize("what", FORMS)
async def test_without_the_code_nothing_is_done_and_what_was_written_is_kept(
    browser: Browser, what: str
) -> None:
    response = await browser.post(f"/track/case/{what}", data=FORMS[what])
    assert response.status == 403
    words = next(iter({**FORMS[what], "level": ""}.values())) or FORMS[what]["comment"]
    kept = FORMS[what].get("comment", words)
    assert kept in await text_of(response)


@pytest.mark.parametrize("what", FORMS)
async def test_a_code_opens_no_other_case(someone: Complainant, clock: Clock, what: str) -> None:
    await someone.file()
    other = someone.number
    await someone.answered()
    await someone.file(text="另一件事，等了两个星期。")
    await someone.post(what)
    state = await someone.stored.fetchval("SELECT state FROM complaint WHERE number = $1", other)
    assert state == "released"


@pytest.mark.parametrize("what", ["reply", "rating", "review"])
async def test_a_step_that_the_state_does_not_know_is_refused_and_its_words_kept(
    someone: Complainant, what: str
) -> None:
    await someone.file()
    events = await someone.count("event")
    response = await someone.post(what)
    shown = await text_of(response)
    assert response.status == 409
    assert "没有办成" in shown
    assert "最近的进展" in shown
    assert FORMS[what].get("comment", next(iter(FORMS[what].values()))) in shown
    assert await someone.count("event") == events


async def test_pressing_without_typing_changes_nothing(someone: Complainant) -> None:
    await someone.file()
    await someone.asked()
    for what, name in (("reply", "reply"), ("withdrawal", "confirm")):
        response = await someone.post(what, untouched="")
        shown = Page(await response.text())
        assert response.status == 422
        assert f"#{name}" in shown.links
    assert (await someone.row())["state"] == "waiting"


async def test_a_rating_without_a_level_names_each_field_and_keeps_the_words(
    someone: Complainant,
) -> None:
    await someone.file()
    await someone.answered()
    response = await someone.post("rating", level="6", resolved="maybe", comment="<b>不行</b>")
    source = await response.text()
    shown = Page(source)
    assert response.status == 422
    assert {"#level", "#resolved"} <= set(shown.links)
    assert shown.form("/rating").values()["comment"].strip() == "<b>不行</b>"
    assert "<b>不行" not in source
    assert await someone.count("rating") == 0


async def test_too_long_a_reply_is_kept_whole(someone: Complainant) -> None:
    await someone.file()
    await someone.asked()
    response = await someone.post("reply", reply="长" * 2_001)
    assert response.status == 422
    assert Page(await response.text()).form("/reply").values()["reply"].strip() == "长" * 2_001
    assert (await someone.row())["state"] == "waiting"


async def test_a_withdrawal_that_was_not_confirmed_keeps_its_reason(someone: Complainant) -> None:
    await someone.file()
    response = await someone.post("withdrawal", reason="已经办好")
    shown = Page(await response.text())
    assert response.status == 422
    assert "#confirm" in shown.links
    assert shown.form("/withdrawal").values()["reason"].strip() == "已经办好"
    assert (await someone.row())["state"] == "dispatched"


@pytest.mark.parametrize("what", FORMS)
async def test_while_the_database_is_down_the_form_comes_back_as_it_was(
    someone: Complainant, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    await someone.file()
    context = someone.citizen.server.app[CONTEXT]  # type: ignore[union-attr]

    async def down(*_: object, **__: object) -> None:
        raise DatabaseDown("gone")

    monkeypatch.setattr(type(context.db), "run", down)
    response = await someone.post(what)
    assert response.status == 503
    assert response.headers["Retry-After"]
    values = Page(await response.text()).form(what).values()
    typed = {name: text.strip() for name, text in values.items()}
    assert {**typed, **FORMS[what]} == typed


async def test_the_offices_words_among_themselves_are_not_shown(someone: Complainant) -> None:
    await someone.file()
    await someone.act(
        lambda case, calendar: desk.note(
            case, "此人常来", DESK, calendar=calendar, now=someone.clock.now
        )
    )
    await someone.act(
        lambda case, calendar: desk.view_contact(
            case, "核对号码", DESK, calendar=calendar, now=someone.clock.now
        )
    )
    source = await (await someone.citizen.get("/track/case")).text()
    assert not [word for word in ("此人常来", "核对号码", "liang") if word in source]


# The question


async def test_a_question_is_answered_once_and_the_clock_runs_again(
    someone: Complainant, clock: Clock
) -> None:
    await someone.file()
    due = (await someone.row())["due_on"]
    await someone.asked()
    shown = await someone.see()
    assert QUESTION in shown.text
    assert "2026年12月7日" in shown.text, "until when"
    clock.now += timedelta(days=3)
    await someone.open()
    answers = [await someone.post("reply") for _ in range(3)]
    assert [each.status for each in answers] == [303, 303, 303]
    row = await someone.row()
    assert (row["state"], row["owner"]) == ("in_hand", "office")
    assert row["due_on"] > due, "the wait does not count"
    assert await someone.count("message") == 2
    shown = await someone.see()
    assert FORMS["reply"]["reply"] in shown.text
    assert "起算日，不计" in shown.text, "the moved day can still be counted"


async def test_who_replies_after_the_office_went_on_is_told_so(someone: Complainant) -> None:
    await someone.file()
    await someone.asked()
    await someone.act(
        lambda case, calendar: office.go_on(
            case, "李建华", calendar=calendar, now=someone.clock.now
        )
    )
    response = await someone.post("reply")
    shown = await text_of(response)
    assert response.status == 409
    assert "不再等回答" in shown
    assert "继续核查" in shown
    assert FORMS["reply"]["reply"] in shown


async def test_two_replies_at_once_are_one(someone: Complainant) -> None:
    await someone.file()
    await someone.asked()
    answers = await asyncio.gather(*(someone.post("reply") for _ in range(4)))
    assert {each.status for each in answers} == {303}
    assert await someone.count("message") == 2


# The rating


async def test_a_good_rating_closes_and_is_counted_once(someone: Complainant) -> None:
    await someone.file()
    await someone.answered()
    shown = await someone.see()
    assert "2026年12月14日" in shown.text, "until when it can be rated"
    for _ in range(2):
        assert (await someone.post("rating", **GOOD)).status == 303
    assert (await someone.row())["state"] == "closed"
    rated = await someone.stored.fetch("SELECT level, resolved FROM rating")
    assert [tuple(each) for each in rated] == [(5, True)]
    shown = await someone.see()
    assert "非常满意，解决了" in shown.text
    # Another verdict afterwards is no double click.
    assert (await someone.post("rating", **BAD)).status == 409


async def test_a_bad_rating_goes_to_the_office_above_which_the_page_names(
    someone: Complainant,
) -> None:
    await someone.file()
    await someone.answered()
    before = (await someone.row())["office"]
    assert (await someone.post("rating")).status == 303
    row = await someone.row()
    assert row["state"] == "followed_up"
    assert row["office"] != before
    name = await someone.stored.fetchval("SELECT name FROM office WHERE code = $1", row["office"])
    shown = await someone.see()
    for part in (name, "还是没有办成", "不满意，没有解决", "最迟在2026年11月24日", "更高一级"):
        assert part in shown.text


async def test_while_it_is_done_again_the_first_answer_stays_and_the_second_comes_on_top(
    someone: Complainant, clock: Clock
) -> None:
    await someone.file()
    await someone.answered()
    await someone.post("rating")
    await someone.act(someone.step("redo"))
    shown = await someone.see()
    assert "重办中" in shown.text
    assert "对不起，已经补办。" in shown.text
    clock.now += timedelta(days=1)
    await someone.open()
    await someone.answered(2, "第二次：证件今天寄出。")
    shown = await someone.see()
    assert shown.text.index("第二次：证件今天寄出。") < shown.text.index("以前的答复")
    assert "对不起，已经补办。" in shown.text


# The review


async def test_a_review_goes_up_and_is_asked_once(someone: Complainant) -> None:
    await someone.file()
    await someone.answered()
    await someone.post("rating", **GOOD)
    before = (await someone.row())["office"]
    shown = await someone.see()
    assert "/track/case/review" in {form.action for form in shown.forms}
    assert "最迟在2026年12月23日（星期三）提出" in shown.text
    assert (await someone.post("review", reason=" ")).status == 422
    for _ in range(2):
        assert (await someone.post("review")).status == 303
    row = await someone.row()
    assert row["state"] == "review"
    assert row["office"] != before
    shown = await someone.see()
    assert "没有看录像" in shown.text
    assert "2026年12月23日" in shown.text, "decided within thirty days"


async def test_after_thirty_days_a_review_is_refused(someone: Complainant, clock: Clock) -> None:
    await someone.file()
    await someone.answered()
    await someone.post("rating", **GOOD)
    clock.now += timedelta(days=31)
    await someone.open()
    shown = await someone.see()
    assert "这件投诉已经结束" in shown.text
    response = await someone.post("review")
    assert response.status == 409
    assert "申请复查的期限已经过了" in await text_of(response)
    assert (await someone.row())["state"] == "closed"


async def test_where_no_office_is_left_the_way_out_of_the_county_is_shown(
    someone: Complainant,
) -> None:
    await someone.file()
    await someone.answered()
    await someone.post("rating", **GOOD)
    await someone.stored.execute("UPDATE complaint SET reviews = 2")
    shown = await someone.see()
    assert "县以上的机构" in shown.text
    assert [link for link in shown.links if link.startswith("tel:")]
    assert "/track/case/review" not in {form.action for form in shown.forms}
    response = await someone.post("review")
    assert response.status == 409
    assert "没有看录像" in await text_of(response)


# The withdrawal


@pytest.mark.parametrize("category", ["L03", "C03"])
async def test_a_withdrawal_ends_it_once_and_leaves_no_word_of_a_sealed_case(
    someone: Complainant, category: str
) -> None:
    await someone.file(category=category)
    for _ in range(2):
        assert (await someone.post("withdrawal")).status == 303
    row = await someone.row()
    assert (row["state"], row["owner"], row["next_at"]) == ("withdrawn", None, None)
    assert await someone.count("message") == (category == "L03")
    kinds = await someone.stored.fetch("SELECT kind FROM event WHERE kind = 'withdrawn'")
    assert len(kinds) == 1
    shown = await someone.see()
    assert "已撤回" in shown.text
    assert not [form for form in shown.forms if form.action.startswith("/track/case/")]


# What else is told


async def test_an_extension_is_told_with_its_day_and_reason(someone: Complainant) -> None:
    await someone.file()
    await someone.act(someone.step("sign"))
    await someone.act(
        lambda case, calendar: office.extend(
            case, "要向邻县调取档案，十天内可以到。", 10, calendar=calendar, now=someone.clock.now
        )
    )
    shown = await someone.see()
    for part in ("延长10个工作日", "2026年12月28日", "要向邻县调取档案", "起算日，不计"):
        assert part in shown.text


async def test_a_declined_case_shows_the_reason_and_the_right_channel(
    someone: Complainant,
) -> None:
    await someone.file(badge="", staff_description="高个子")
    await someone.act(
        lambda case, calendar: desk.decline(
            case,
            "这是邻县的事项，本县没有权限。",
            "请打邻县的电话。",
            DESK,
            calendar=calendar,
            now=someone.clock.now,
        )
    )
    shown = await someone.see()
    assert "不予受理" in shown.text
    assert "本县没有权限" in shown.text
    assert "请打邻县的电话" in shown.text


async def test_who_was_merged_reads_the_answer_of_the_other_case(someone: Complainant) -> None:
    await someone.file(text="同一件事，等了三个星期还没有结果。")
    first = someone.number
    await someone.file(badge="", staff_description="高个子")
    context = someone.citizen.server.app[CONTEXT]  # type: ignore[union-attr]
    key = await someone.stored.fetchval("SELECT id FROM complaint WHERE number = $1", first)
    into = await context.db.run(SCHEMA, lambda conn: find_standing(conn, key))
    assert into is not None
    await someone.act(
        lambda case, calendar: desk.merge(
            case, into, DESK, calendar=calendar, now=someone.clock.now
        )
    )
    merged = someone.number
    shown = await someone.see()
    assert "已合并" in shown.text
    assert first not in shown.text
    someone.number = first
    await someone.answered()
    someone.number = merged
    shown = await someone.see()
    assert "合并办理的答复" in shown.text
    assert "录像显示属实" in shown.text
    assert (await someone.post("rating")).status == 409, "that is the other complainant's"

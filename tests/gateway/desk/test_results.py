"""What the desk does with figures and results: every number leads to its cases; nobody is named."""

import asyncio
import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from board.ids import new_id
from complaints import counting, timers
from gateway import counting as background
from gateway import timers as sweeps
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, clock, desk
from tests.gateway.desk.test_cases import filed

__all__ = ["clock", "desk"]


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


async def closed(desk: Desk, **said):
    """A case that was answered and closed, whose complainant agreed to its publication."""
    found = await filed(desk, **{"publish": "yes", **said})
    answer = {
        **{f"finding-{n}": "partly" for n in range(1, 5)},
        **{f"reason-{n}": "调取窗口录像，工作人员确有推诿。" for n in range(1, 5)},
        "done": "已当面道歉并补办。",
        "reply": "何敏仪您好，请致电 138 0013 8000 找窗口领取证件。",
    }
    sent = await desk.plain.post(f"{found.path}/answer", data=answer, allow_redirects=False)
    assert sent.status == 303, await sent.text()
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "UPDATE complaint SET state = 'closed', owner = NULL, next_at = NULL, next_kind = NULL"
            " WHERE id = $1",
            found.id,
        )
    return found


async def count(desk: Desk) -> None:
    while await background.run_once(desk.context):
        pass


async def test_a_result_is_offered_without_names_read_again_and_released(desk: Desk):
    found = await closed(
        desk,
        text="窗口的工作人员（Ou Shupei）说系统坏了。我是何敏儀，电话１３８００１３８０００。",
    )
    staff = await desk.staff("chan", "supervisor")
    listed = await staff.page("/desk/results")
    assert f"/desk/results/{found.number}" in listed.links
    path = f"/desk/results/{found.number}"
    offered = await staff.page(path)
    words = offered.form("/preview").values()
    assert "何敏" not in str(words)
    assert "8000" not in str(words)
    assert "窗口的工作人员（某某）说系统坏了" in words["problem"]
    # Whoever reads the desk in English releases it in the language of the case.
    assert words["outcome"].startswith("部分属实\n")
    # Somebody writes a name in again: it is taken out and has to be read.
    words |= {"title": "窗口推诿", "problem": "何敏仪说，13800138000 打不通。"}
    preview = await staff.post(f"{path}/preview", **words)
    page = Page(await preview.text())
    assert preview.status == 200
    assert "何敏仪说" not in page.text
    assert page.form("/release").values()["problem"] == "某某说，××× 打不通。"
    assert "Names or numbers were taken out" in page.text
    # A misspelt name is nobody's: whoever reads it takes it out by hand, once it is long enough.
    again = page.form("/preview").values() | {"outcome": "何敏怡说好了。", "hide": "何敏怡，怡"}
    refused = await staff.post(f"{path}/preview", **again)
    assert refused.status == 422
    assert "Each needs two letters or more" in await refused.text()
    source = await (await staff.post(f"{path}/preview", **{**again, "hide": "何敏怡\n"})).text()
    page = Page(source)
    # Side by side: the case's own words with what goes marked, and what everybody reads.
    assert "<mark>" in source.split("In the case")[1]
    assert '<span lang="zh-Hans">某某</span></mark>' in source.split("What everybody reads")[2]
    assert "何敏怡说" not in page.form("/release").values()["outcome"]
    release = page.form("/release").values()
    # Sent without having been seen masked, it does not go out.
    sent = await staff.post(f"{path}/release", **{**release, "problem": "何敏仪说"})
    assert sent.status == 422
    assert (await staff.post(f"{path}/release", **{**release, "steps": "0"})).status == 409
    sent = await staff.post(f"{path}/release", **release)
    assert sent.status == 303
    assert (await staff.post(f"{path}/release", **release)).status == 409, "pressed twice"
    public = await (await desk.plain.get("/results/cases")).text()
    assert "窗口推诿" in public
    assert "某某说" in public
    for secret in (found.number, "何敏", "8000", "chan"):
        assert secret not in public
    story = (await staff.page(f"/desk/cases/{found.number}")).text
    assert "Result published" in story
    assert "chan" in story
    assert "Published" in (await staff.page("/desk/results?list=released")).text


async def test_a_result_is_taken_back_as_often_as_it_is_released(desk: Desk):
    found = await closed(desk)
    staff = await desk.staff("chan", "administrator")
    path = f"/desk/results/{found.number}"
    early = (await staff.page(path)).form("/preview").values()
    refused = await staff.post(f"{path}/withdrawal", steps=await steps(desk, found))
    assert refused.status == 422
    for _ in range(2):
        page = Page(await (await staff.post(f"{path}/preview", **early)).text())
        sent = await staff.post(f"{path}/release", **page.form("/release").values())
        assert sent.status == 303
        form = (await staff.page(path)).form("/withdrawal").values()
        assert (await staff.post(f"{path}/withdrawal", **form)).status == 303
    assert (
        "No result"
        in await (await desk.plain.get("/results/cases", headers={"Cookie": "lang=en"})).text()
    )
    kinds = [
        row["kind"]
        for row in await desk.rows(
            f"SELECT kind FROM {SCHEMA}.event WHERE complaint = $1 AND kind LIKE 'result%'",
            found.id,
        )
    ]
    assert sorted(kinds) == ["result_released"] * 2 + ["result_withdrawn"] * 2


async def test_what_is_released_anew_is_the_newest_that_everybody_reads(desk: Desk):
    staff = await desk.staff("chan", "supervisor")
    cases = [await closed(desk), await closed(desk)]
    for found, act in ((cases[0], ""), (cases[1], ""), (cases[0], "/withdrawal"), (cases[0], "")):
        desk.clock.forward(minutes=1)
        path = f"/desk/results/{found.number}"
        page = await staff.page(path)
        if act:
            assert (await staff.post(path + act, **page.form(act).values())).status == 303
            continue
        words = page.form("/preview").values() | {"title": f"第{cases.index(found) + 1}件"}
        page = Page(await (await staff.post(f"{path}/preview", **words)).text())
        assert (await staff.post(f"{path}/release", **page.form("/release").values())).status == 303
    public = await (await desk.plain.get("/results/cases")).text()
    assert 0 < public.index("第1件") < public.index("第2件")


async def steps(desk: Desk, found) -> str:
    n = await desk.value(f"SELECT steps FROM {SCHEMA}.complaint WHERE id = $1", found.id)
    return str(n)


async def test_consent_is_taken_back_before_anything_is_published_too(desk: Desk):
    found = await closed(desk)
    staff = await desk.staff("chan", "supervisor")
    path = f"/desk/results/{found.number}"
    assert path in (await staff.page("/desk/results")).links
    await desk.client.post("/track", data={"code": found.code})
    page = await (await desk.client.get("/track/case?lang=en")).text()
    form = Page(page).form("/track/case/consent")
    sent = await desk.client.post("/track/case/consent", data={**form.values(), "consent": "no"})
    told = await sent.text()
    assert "/track/case/consent" not in told, "there is nothing left to take back"
    assert "Agreement to publish taken back" in told
    assert "taken down" not in told, "nothing was published"
    assert path not in (await staff.page("/desk/results")).links


async def test_who_agrees_no_longer_takes_the_result_down(desk: Desk):
    found = await closed(desk)
    staff = await desk.staff("chan", "supervisor")
    path = f"/desk/results/{found.number}"
    words = (await staff.page(path)).form("/preview").values()
    page = Page(await (await staff.post(f"{path}/preview", **words)).text())
    form = page.form("/release").values()
    assert (await desk.client.post("/track/case/consent", data={"consent": "no"})).status == 403
    await desk.client.post("/track", data={"code": found.code})
    await desk.client.get("/track/case?lang=en")
    assert (await staff.post(f"{path}/release", **form)).status == 303
    seen = await (await desk.client.get("/track/case")).text()
    assert "Result published" in seen
    assert (await desk.client.post("/track/case/consent")).status == 422, "a robot ticks no box"
    desk.clock.now += timedelta(minutes=1)
    for _ in range(2):
        sent = await desk.client.post("/track/case/consent", data={"consent": "no"})
        text = await sent.text()
        assert "Agreement to publish taken back" in text
        assert "/track/case/consent" not in text
    assert "article" not in await (await desk.plain.get("/results/cases")).text()
    typed = {**form, "title": "窗口推诿一事"}
    for n, status in (("0", 409), (await steps(desk, found), 422)):
        again = await staff.post(f"{path}/release", **{**typed, "steps": n})
        assert again.status == status
        assert "窗口推诿一事" in await again.text(), "what was typed is not lost"


async def test_what_is_reviewed_is_read_by_nobody_until_it_is_released_anew(desk: Desk):
    found = await closed(desk)
    staff = await desk.staff("chan", "supervisor")
    path = f"/desk/results/{found.number}"
    early = (await staff.page(path)).form("/preview").values() | {"outcome": "不属实。"}
    page = Page(await (await staff.post(f"{path}/preview", **early)).text())
    assert (await staff.post(f"{path}/release", **page.form("/release").values())).status == 303
    desk.clock.forward(minutes=1)
    await desk.client.post("/track", data={"code": found.code})
    await desk.client.get("/track/case?lang=en")
    for _ in range(2):
        sent = await desk.client.post("/track/case/review", data={"reason": "录像没有看完。"})
        assert "Result withdrawn" in await sent.text()
    assert "不属实" not in await (await desk.plain.get("/results/cases")).text()
    kinds = await desk.rows(
        f"SELECT kind, actor_kind FROM {SCHEMA}.event WHERE complaint = $1 AND kind = $2",
        found.id, "result_withdrawn",
    )  # fmt: skip
    assert [tuple(row) for row in kinds] == [("result_withdrawn", "system")]
    # Decided, it waits to be released, and what is offered is drawn from the new answer.
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "INSERT INTO answer (id, complaint, office, round, done, reply, right_of_reply, at)"
            " VALUES ($1, $2, 'JW', 2, '', '复查认定属实。', '', $3)",
            new_id(desk.clock()), found.id, desk.clock(),
        )  # fmt: skip
        await conn.execute(
            "UPDATE complaint SET state = 'closed', owner = NULL, next_at = NULL, next_kind = NULL"
            " WHERE id = $1",
            found.id,
        )
    assert path in (await staff.page("/desk/results")).links
    offered = (await staff.page(path)).form("/preview").values()
    assert "复查认定属实" in offered["outcome"]


async def released_and_wiped(desk: Desk):
    """A case of which only the result is left that everybody reads, and its supervisor."""
    found = await closed(desk)
    staff = await desk.staff("chan", "supervisor")
    path = f"/desk/results/{found.number}"
    words = (await staff.page(path)).form("/preview").values()
    page = Page(await (await staff.post(f"{path}/preview", **words)).text())
    assert (await staff.post(f"{path}/release", **page.form("/release").values())).status == 303
    for days in (60, timers.KEPT.days + 1):
        desk.clock.now += timedelta(days=days)
        while await sweeps.sweep(desk.context):
            pass
    assert await desk.value(f"SELECT wiped_at FROM {SCHEMA}.complaint") == desk.clock()
    assert "article" in await (await desk.plain.get("/results/cases")).text()
    return found, await desk.staff("wong", "supervisor")


async def test_consent_is_taken_back_at_any_time_also_once_the_case_is_wiped(desk: Desk):
    found, _ = await released_and_wiped(desk)
    await desk.client.post("/track", data={"code": found.code})
    assert "/track/case/consent" in await (await desk.client.get("/track/case?lang=en")).text()
    for _ in range(2):
        sent = await desk.client.post("/track/case/consent", data={"consent": "no"})
        assert "Agreement to publish taken back" in await sent.text()
    assert "article" not in await (await desk.plain.get("/results/cases")).text()
    assert await desk.value(f"SELECT count(*) FROM {SCHEMA}.published_result") == 0


async def test_the_desk_takes_down_what_is_left_of_a_wiped_case_and_writes_nothing_anew(desk: Desk):
    found, staff = await released_and_wiped(desk)
    path = f"/desk/results/{found.number}"
    assert path in (await staff.page("/desk/results?list=released")).links
    assert path not in (await staff.page("/desk/results")).links
    page = await staff.page(path)
    assert "nothing can be published anew" in page.text
    assert not [form for form in page.forms if form.action.endswith(("/preview", "/release"))]
    form = page.form("/withdrawal").values()
    words = {"title": "a", "problem": "b", "outcome": "c", "steps": form["steps"]}
    refused = await staff.post(f"{path}/release", **words)
    assert refused.status == 422
    text = Page(await refused.text()).text
    read = page.text.split("published anew.")[1].split("Withdraw")[0]
    assert read in text.split("What you had typed")[0], "what everybody reads, not what was typed"
    pressed = await asyncio.gather(*(staff.post(f"{path}/withdrawal", **form) for _ in range(2)))
    pressed.append(await staff.post(f"{path}/withdrawal", **form))
    for sent in pressed:
        assert sent.headers["Location"] == "/desk/results?list=released"
    assert await desk.value(f"SELECT count(*) FROM {SCHEMA}.published_result") == 0
    told = f"SELECT count(*) FROM {SCHEMA}.event WHERE kind = 'result_withdrawn'"
    assert await desk.value(told) == 1
    assert (await staff.get(path)).status == 404


async def test_a_release_does_not_give_more_time_for_a_review(desk: Desk):
    found = await closed(desk)
    wake = f"SELECT wake_at FROM {SCHEMA}.complaint WHERE id = $1"
    before = await desk.value(wake, found.id)
    staff = await desk.staff("chan", "supervisor")
    path = f"/desk/results/{found.number}"
    words = (await staff.page(path)).form("/preview").values()
    page = Page(await (await staff.post(f"{path}/preview", **words)).text())
    desk.clock.now += timedelta(hours=2)
    staff = await desk.staff("wong", "supervisor")
    values = {k: v for k, v in page.form("/release").values().items() if k != "csrf"}
    assert (await staff.post(f"{path}/release", **values)).status == 303
    assert await desk.value(wake, found.id) == before


@pytest.mark.parametrize("said", [{"publish": ""}, {"category": ("C03",)}])
async def test_without_consent_and_of_a_sealed_case_nothing_is_published(desk: Desk, said):
    if "category" in said:
        found = await filed(desk, publish="yes", text="他收了红包", **said)
    else:
        found = await closed(desk, **said)
    staff = await desk.staff("chan", "supervisor")
    path = f"/desk/results/{found.number}"
    assert path not in (await staff.page("/desk/results")).links
    shown = await staff.get(path)
    if "category" in said:
        assert shown.status == 404
    else:
        assert "/release" not in await shown.text()
    words = {"title": "a", "problem": "b", "outcome": "c", "steps": await steps(desk, found)}
    sent = await staff.post(f"{path}/release", **words)
    assert sent.status in (404, 422)
    assert await desk.value(f"SELECT count(*) FROM {SCHEMA}.published_result") == 0
    empty = await staff.post(f"{path}/preview", title="", problem="x" * 1501, outcome="c")
    assert empty.status in (404, 422)


async def test_every_number_on_the_page_is_that_of_its_list(desk: Desk):
    await closed(desk)
    await filed(desk, category=("L02",))
    await filed(desk)
    desk.clock.now += timedelta(days=40)
    await count(desk)
    staff = await desk.staff("chan", "supervisor")
    period = "2026-11"
    source = await (await staff.get(f"/desk/figures?period={period}")).text()
    found = re.findall(r'<td[^>]*><a href="(/desk/figures/cases[^"]*)">([^<]+)</a>', source)
    columns = [parse_qs(urlsplit(html.unescape(link)).query)["count"][0] for link, _ in found]
    assert set(columns) == {"filed", "overdue", "in_time", "upheld", "due", "answered"}
    # The answer came on the same day; of one category nothing was answered in time.
    assert {"0", "0%"} <= {number for _, number in found}
    for (link, number), column in zip(found, columns, strict=True):
        listed = await (await staff.get(html.unescape(link))).text()
        rows = listed.count('<th scope="row">')
        # Days and rates lead to the cases that they are reckoned from.
        assert rows == int(number) if column not in ("due", "answered") else rows, link
    for odd in ("kind=x", "count=commended", "count=x", "after=x", "period=x"):
        assert (await staff.get(f"/desk/figures/cases?{odd}")).status == 404


async def test_who_counts_now_sees_it_at_once(desk: Desk):
    await filed(desk)
    staff = await desk.staff("chan", "supervisor")
    sent = await staff.post("/desk/figures/counts", period="2026-11")
    assert sent.headers["Location"] == "/desk/figures?period=2026-11"
    assert "count=filed" in await (await staff.get("/desk/figures?period=2026-11")).text()
    assert (await staff.post("/desk/figures/counts", period="x")).status == 404


async def test_praise_counts_once_somebody_has_read_it(desk: Desk):
    for n, text in enumerate(("很耐心<script>", "加油")):
        data = {"staff": "A1024", "text": text, "request_id": str(n)}
        await desk.plain.post("/commendations", data=data, allow_redirects=False)
        desk.clock.now += timedelta(minutes=1)
    await count(desk)
    staff = await desk.staff("mo", "moderator")
    page = await staff.page("/desk/commendations")
    assert "很耐心<script>" in page.text, "words, not a script"
    first, second = [form for form in page.forms if "/desk/commendations/" in form.action]
    assert (await staff.post(first.action, state="x")).status == 422
    assert (await staff.post(first.action, state="counted")).status == 303
    assert (await staff.post(first.action, state="refused")).status == 409
    assert (await staff.post(second.action, state="refused")).status == 303
    await count(desk)
    async with desk.context.db.transaction(SCHEMA) as conn:
        month = desk.clock().date().replace(day=1)
        found = await counting.find_counted(conn, month, month)
    assert found[month]["all", ""].commended == 1
    boss = await desk.staff("chan", "supervisor")
    listed = await boss.page("/desk/commendations?period=2026-11")
    assert "很耐心" in listed.text
    assert "加油" not in listed.text

"""Two `gateway serve` on one database get the two halves of a pair of steps at the same moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from complaints.lifecycle import OPEN
from gateway.context import Context
from gateway.desk import csrf
from tests.browser.cases import Filed, file_case
from tests.database import SCHEMA
from tests.gateway.pages.office import GOOD
from tests.gateway.processes import answers, eventually, running
from tests.site import site_context
from tests.staff import add_user, signed_in

SECRET = "two processes share this one secret of the tests"
ROUNDS = 6
OTHER = "HRS-EFF"
WHY = "已核对职责分工。"
Sent = Callable[[str], Awaitable[int]]


@dataclass
class Site:
    """Both processes, a desk user's session, and a look into their database."""

    urls: tuple[str, str]
    context: Context
    http: aiohttp.ClientSession
    desk: dict[str, str]
    word: str

    async def file(self) -> Filed:
        """A case of two allegations: nothing of it is counted as over its limit."""
        return await file_case(self.context, matter="", accepted_on="")

    def post(self, path: str, fields: dict[str, str], cookie: str = "") -> Sent:
        """A form that waits to be sent to one of the processes; gives the status."""

        async def send(url: str) -> int:
            headers = {"Cookie": cookie} if cookie else {}
            async with self.http.post(
                url + path, data=fields, headers=headers, allow_redirects=False
            ) as answer:
                await answer.read()
                return answer.status

        return send

    async def race(self, number: int, *halves: Sent) -> list[int]:
        """Both at once, each to another process, in turns."""
        urls = self.urls if number % 2 else self.urls[::-1]
        return await asyncio.gather(*(half(url) for half, url in zip(halves, urls, strict=True)))

    async def rows(self, sql: str, *args: Any) -> list[Any]:
        async with self.context.db.transaction(SCHEMA) as conn:
            return [dict(row) for row in await conn.fetch(sql, *args)]

    async def at_the_desk(self, found: Filed, verb: str, **more: str) -> Sent:
        (row,) = await self.rows("SELECT steps FROM complaint WHERE id = $1", found.id)
        fields = {"do": verb, "steps": str(row["steps"]), "csrf": self.word, "reason": WHY, **more}
        return self.post(f"/desk/cases/{found.number}/steps", fields, self.desk["Cookie"])

    async def pass_of(self, found: Filed) -> str:
        """The cookie that a complainant gets for the tracking code."""
        url = self.urls[0] + "/track"
        async with self.http.post(url, data={"code": found.code}, allow_redirects=False) as answer:
            assert answer.status == 303
            return "; ".join(f"{each.key}={each.value}" for each in answer.cookies.values())

    async def returned(self) -> Filed:
        """A case that its office gave back."""
        found = await self.file()
        asked = {"reason": "这件事属于住建局的职责范围。", "proposed": OTHER}
        assert await self.post(f"{found.path}/return", asked)(self.urls[0]) == 303
        return found

    async def answers_of(self, found: Filed) -> int:
        return len(await self.rows("SELECT id FROM answer WHERE complaint = $1", found.id))

    async def end_of(self, found: Filed) -> tuple[str, Counter[str]]:
        """How the case stands and what is told of it: an open one has an owner and a deadline,
        and nothing was done twice, but for a case that goes to another office."""
        (case,) = await self.rows(
            "SELECT state, owner, office, next_at, steps FROM complaint WHERE id = $1", found.id
        )
        told = await self.rows("SELECT kind FROM event WHERE complaint = $1", found.id)
        kinds = Counter(row["kind"] for row in told)
        if case["state"] in OPEN:
            assert case["owner"], case
            assert case["next_at"], case
            assert case["owner"] != "office" or case["office"], case
        else:
            assert (case["owner"], case["next_at"]) == (None, None)
        assert {kind for kind, n in kinds.items() if n > 1} <= {"dispatched"}
        return case["state"], kinds


@pytest.fixture
async def site(fresh_demo_database: str, folder: Path) -> AsyncIterator[Site]:
    settings = {"database_url": fresh_demo_database, "data_dir": str(folder), "secret_key": SECRET}
    jar = aiohttp.DummyCookieJar()
    with ExitStack() as both:
        urls = [
            both.enter_context(
                running(
                    r"Serving on (http://\S+) with", "serve", "--port", "0", "--workers", "1",
                    "--no-background", **settings,
                )
            )[1][1]
            for _ in range(2)
        ]  # fmt: skip
        async with (
            site_context(fresh_demo_database, folder, secret_key=(SECRET,)) as context,
            aiohttp.ClientSession(cookie_jar=jar) as http,
        ):
            for url in urls:
                ready = partial(answers, url + "/health/ready")
                assert await asyncio.to_thread(eventually, ready)
            user = await add_user(context, "chan", "supervisor")
            # The browser is not asked: two sites are.
            staff = await signed_in(None, context, user)  # type: ignore[arg-type]
            word = csrf.token(context.keys, staff.hash)
            yield Site((urls[0], urls[1]), context, http, staff.cookie, word)


async def answer_and_withdrawal(site: Site, number: int) -> None:
    """An answer may be withdrawn from, but nobody answers what was withdrawn."""
    found = await site.file()
    answered, withdrawn = await site.race(
        number,
        site.post(f"{found.path}/answer", GOOD),
        site.post(
            "/track/case/withdrawal", {"reason": "", "confirm": "yes"}, await site.pass_of(found)
        ),
    )
    state, kinds = await site.end_of(found)
    assert (state, withdrawn, kinds["withdrawn"]) == ("withdrawn", 303, 1)
    assert answered in (303, 409, 410)
    assert kinds["answered"] == kinds["released"] == await site.answers_of(found)
    assert (answered == 303) == (kinds["answered"] == 1)


async def the_same_answer(site: Site, number: int) -> None:
    """Two people of the office press the same button: it is the one answer of both."""
    found = await site.file()
    half = site.post(f"{found.path}/answer", GOOD)
    assert await site.race(number, half, half) == [303, 303]
    state, kinds = await site.end_of(found)
    assert (state, kinds["answered"], kinds["released"]) == ("released", 1, 1)
    assert await site.answers_of(found) == 1


async def answer_and_return(site: Site, number: int, verb: str, **more: str) -> None:
    """What was returned is answered by the office that keeps it, and after that decision alone."""
    found = await site.returned()
    decided, answered = await site.race(
        number,
        await site.at_the_desk(found, verb, **more),
        site.post(f"{found.path}/answer", GOOD),
    )
    state, kinds = await site.end_of(found)
    assert decided == 303
    if verb == "dispatch":
        assert answered in (409, 410)
        assert (state, kinds["dispatched"]) == ("dispatched", 2)
    else:
        assert answered in (303, 409)
        assert (state, kinds["return_refused"]) == ("released" if answered == 303 else "refused", 1)
    assert (answered == 303) == (kinds["answered"] == 1)
    assert kinds["answered"] == await site.answers_of(found)


async def two_decisions(site: Site, number: int) -> None:
    """Of two at the desk who decide on one return, one does."""
    found = await site.returned()
    refusal = await site.at_the_desk(found, "refuse_return")
    moved = await site.at_the_desk(found, "dispatch", office=OTHER)
    statuses = await site.race(number, refusal, moved)
    state, kinds = await site.end_of(found)
    assert sorted(statuses) == [303, 409]
    assert state == ("refused" if statuses[0] == 303 else "dispatched")
    assert (kinds["return_refused"], kinds["dispatched"]) == (
        (1, 1) if statuses[0] == 303 else (0, 2)
    )


async def two_ratings(site: Site, number: int) -> None:
    """The first one counts; the second is told so."""
    found = await site.file()
    assert await site.post(f"{found.path}/answer", GOOD)(site.urls[0]) == 303
    cookie = await site.pass_of(found)
    good = {"level": "5", "resolved": "yes", "comment": "谢谢"}
    bad = {"level": "1", "resolved": "no", "comment": "没有办成"}
    halves = (site.post("/track/case/rating", said, cookie) for said in (good, bad))
    statuses = await site.race(number, *halves)
    state, kinds = await site.end_of(found)
    assert sorted(statuses) == [303, 409]
    assert state == ("closed" if statuses[0] == 303 else "followed_up")
    rated = await site.rows("SELECT level FROM rating WHERE complaint = $1", found.id)
    assert [row["level"] for row in rated] == [5 if statuses[0] == 303 else 1]
    assert kinds["rated"] == 1


@pytest.mark.thorough
async def test_of_two_steps_at_once_in_two_processes_each_case_keeps_one_story(site: Site) -> None:
    for number in range(ROUNDS):
        await answer_and_withdrawal(site, number)
        await the_same_answer(site, number)
        await answer_and_return(site, number, "refuse_return")
        await answer_and_return(site, number, "dispatch", office=OTHER)
        await two_decisions(site, number)
        await two_ratings(site, number)

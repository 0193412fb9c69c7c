"""`python -m tests.desk_pictures FOLDER [CASES [LANGUAGE]]`: the desk's pages, 1280 px wide.

A county with 10,000 seeded cases, and some that stand in each list; figures are counted, results
released, praise waits and is counted (`tests.results_data`). Pages are those of
`gateway.desk.access`; where an address has a hole in it, the first link that fills it is followed,
so that a new page is in the picture by itself; one that is not makes the command fail. What only a
form leads to, previews and forms that come back, stands in `tests.desk_acts`.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from playwright.async_api import Error, Page, async_playwright

from board.ids import new_id
from complaints.standing import By
from complaints.steps import desk, keeping, office
from complaints.store import standing as store
from complaints.supervision import LISTS
from gateway import migrations, recounting
from gateway.ciphers import KeyringCipher
from gateway.context import Context
from gateway.demo_county import load_demo_county
from gateway.desk import totp
from gateway.desk.access import ACCESS, ROLES
from gateway.i18n import DEFAULT
from gateway.store import desk_users, letter_tasks
from tests import database
from tests.bench import seed
from tests.browser.cases import Filed, file_case
from tests.browser.conftest import FLAGS, chromium, opened
from tests.conftest import MONDAY
from tests.desk_acts import ACTS, AT_THE_DOOR, LAST, Act
from tests.results_data import fill_results
from tests.staff import PASSWORD, add_user, signed_in

CASES = 10_000
OTHER = "zz_other"
# What else a page shows, by what its address asks for.
MORE = ("/desk/results?list=released", "/desk/commendations?period=last12")
# Addresses that show no page of their own, and why.
NO_PICTURE = {
    "/desk": "leads on to /desk/",
    "/desk/report.xlsx": "a file",
    "/desk/cases/{number}/attachments/{position}": "a file",
}
# How long a field or a button may be looked for.
SECONDS = 5
WIDE = {"width": 1280, "height": 900}
DESK = By("desk", "liang")


def main(arguments: list[str]) -> None:
    """Writes the pictures and says which pages they show; fails where a page has none."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    server = database.Server()
    try:
        cases = int(arguments[1]) if len(arguments) > 1 else CASES
        language = arguments[2] if len(arguments) > 2 else DEFAULT
        faults = asyncio.run(_pictures(server.url(), folder, cases, language))
    finally:
        server.stop()
    if faults:
        raise SystemExit("\n".join(faults))


async def _pictures(server_url: str, folder: Path, cases: int, language: str) -> list[str]:
    async with database.temporary_database(server_url) as url:
        await database.migrate_with_county(url)
        await _add_county(url)
        with tempfile.TemporaryDirectory() as data:
            async with opened(url, Path(data), MONDAY + timedelta(hours=1)) as site:
                await load_demo_county(site.context.db, database.SCHEMA, MONDAY)
                conn = await asyncpg.connect(url)
                keys = seed.make_keys(KeyringCipher(site.context.keys))
                await seed.seed(conn, database.SCHEMA, cases, keys, MONDAY, targets=40)
                await conn.close()
                await fill_results(site.context)
                await fill_lists(site.context)
                # What is seeded gets the days that the county's calendar and limits give it.
                while await recounting.run_once(site.context):
                    pass
                return await _walk(site.context, site.url, folder, language)


async def _add_county(url: str) -> None:
    """A second one, so that there is a county to choose; the host says that the first is meant."""
    conn = await asyncpg.connect(url)
    await migrations.create_county(
        conn, OTHER, "另县", "Other County", host="other.example.org", now=MONDAY
    )
    await conn.execute("UPDATE shared.county SET host = '127.0.0.1' WHERE code <> $1", OTHER)
    await conn.close()


async def fill_lists(context: Context) -> list[Filed]:
    """Cases with something to do: unnamed, returned, twice the same, supervised, recused, sealed,
    with a letter that did not arrive."""
    unnamed = await file_case(context, badge="", staff_description="高个子", unit="HRS")
    waiting = await file_case(context)
    twin = await file_case(context)
    case = await file_case(context)
    sealed = await file_case(context, category=("C03",), text="他要我交茶水费。")
    county = next(iter(context.counties))
    held = await context.snapshots.of(county)
    at = {"calendar": held.calendar, "now": context.clock()}
    async with context.db.transaction(county.schema) as conn:
        returned = await store.find_standing(conn, waiting.id)
        assert returned is not None
        why, to = "不是我单位的事项，请转办。", held.directory.offices[-1].code
        back = office.ask_return(returned, why, to, held.directory, **at)
        assert await store.update_case(conn, back)
        found = await store.find_standing(conn, case.id)
        assert found is not None
        move = desk.supervise(found, "desk", DESK, **at)
        assert await store.update_case(conn, move)
        noted = keeping.recuse(move.case, "A1417", "与当事人是亲戚。", DESK, **at)
        assert await store.update_case(conn, noted)
        await conn.execute(
            "INSERT INTO recusal (complaint, who, at, actor) VALUES ($1, 'A1417', $2, 'liang')",
            *(case.id, context.clock()),
        )
        await conn.execute(
            "INSERT INTO supervision (id, complaint, why, subject, raised_at, actor)"
            " VALUES ($1, $2, 'desk', $3, $4, 'liang')",
            *(new_id(context.clock()), case.id, case.number, context.clock()),
        )
        for each in (case, sealed):
            await give_up(conn, each, context)
    return [unnamed, waiting, twin, case, sealed]


async def give_up(conn: asyncpg.Connection, case: Filed, context: Context) -> None:
    """A letter to the case's office that did not arrive."""
    now, letter = context.clock(), new_id(context.clock())
    await conn.execute(
        "INSERT INTO letter (id, event, complaint, template, recipient, office, language,"
        " state, attempts, next_at, last_error, created_at, done_at)"
        " SELECT $1, e.id, $2, 'dispatched', 'office', $3, 'zh-Hans', 'given_up', 8, $4,"
        " '550 mailbox unavailable', $4, $4"
        " FROM event AS e WHERE e.complaint = $2 ORDER BY e.at LIMIT 1",
        *(letter, case.id, case.office, now),
    )
    await letter_tasks.insert_letter_task(conn, new_id(now), letter, now)


async def _walk(context: Context, url: str, folder: Path, language: str) -> list[str]:
    """Takes every picture; what went wrong, and which pages have none."""
    user = await add_user(context, "liang", *ROLES)
    async with context.db.transaction(database.SCHEMA) as conn:
        await desk_users.update_roles(conn, user, OTHER, ROLES)
    await add_user(context, "he", "supervisor", secret=totp.new_secret())
    token = await _session(context, user)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        visitor = await browser.new_context(viewport=WIDE)
        await visitor.add_cookies([{"name": "lang", "value": language, "url": url}])
        visitor.set_default_timeout(SECONDS * 1000)
        look = Look(await visitor.new_page(), url, folder)
        await _take_door(look)
        await visitor.add_cookies([{"name": "desk", "value": token, "url": url}])
        found = await find_pages(look.page, url)
        for path in found.pages:
            await look.take(path)
        for act in (*ACTS, *LAST):
            try:
                await _take_act(look, act, found.links)
            except (AssertionError, Error) as error:
                look.failed.append(f"{act.name}: {error}")
        clerk = await _session(context, await add_user(context, "counter", "counter"))
        await visitor.add_cookies([{"name": "desk", "value": clerk, "url": url}])
        await look.take("/desk/users", status=403, name="forbidden")
        await browser.close()
    return [*look.failed, *(f"no picture of {each}" for each in without_picture(look.shown))]


async def _session(context: Context, user: UUID) -> str:
    staff = await signed_in(None, context, user)  # type: ignore[arg-type]
    return staff.cookie["Cookie"].partition("desk=")[2].partition(";")[0]


@dataclass
class Look:
    """A page that pictures are taken of, and the addresses that were seen on it."""

    page: Page
    url: str
    folder: Path
    shown: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    async def take(self, path: str, *, status: int = 200, name: str = "") -> None:
        """One address."""
        response = await self.page.goto(self.url + path)
        assert response is not None
        assert response.status == status, (path, response.status)
        await self.keep(name or path.removeprefix("/desk/") or "start")

    async def press(self, button: str, status: int = 200) -> None:
        """Sends a form, and waits for the page that answers."""
        async with self.page.expect_response(
            lambda found: found.request.is_navigation_request() and found.status != 303
        ) as answered:
            await self.page.locator(button).first.click()
        response = await answered.value
        assert response.status == status, (self.page.url, button, response.status)
        await self.page.wait_for_load_state("load")

    async def keep(self, name: str) -> None:
        """The picture of what stands there now."""
        self.shown.append(urlsplit(self.page.url).path)
        file = re.sub(r"[^\w-]+", "_", name).strip("_")[:80] + ".png"
        await self.page.screenshot(path=self.folder / file, full_page=True)
        print(file, self.page.url.removeprefix(self.url))


async def _take_door(look: Look) -> None:
    """The way in: password, then a code or a county."""
    await look.take("/desk/sign-in")
    for act in AT_THE_DOOR:
        await _take_act(look, act, [])
    for login, name in (("he", "sign_in_code"), ("liang", "sign_in_county")):
        await look.page.goto(look.url + "/desk/sign-in")
        await look.page.fill("#login", login)
        await look.page.fill("#password", PASSWORD)
        await look.press("main button")
        await look.keep(name)
    await look.page.context.clear_cookies(name="desk-step")


@dataclass(frozen=True, slots=True)
class Found:
    """Addresses of pages, each once, and every link that was seen on them."""

    pages: list[str]
    links: list[str]


async def find_pages(page: Page, url: str) -> Found:
    """An address for each GET below the desk, and each list with the first case in it; read as
    the signed-in visitor of `page`, without showing them."""
    plain = [path for path in routes() if "{" not in path and not path.startswith("/desk/sign-in")]
    found: dict[str, None] = {}
    links: list[str] = []

    async def read(path: str) -> list[str]:
        source = await (await page.context.request.get(url + path)).text()
        here = [unescape(href) for href in re.findall(r'<a [^>]*?href="(/[^"]*)"', source)]
        links.extend(here)
        return here

    for path in (*plain, *MORE):
        found[path] = None
        await read(path)
    for name in LISTS:
        path = f"/desk/cases?list={name}"
        cases = [each for each in await read(path) if re.fullmatch(r"/desk/cases/[0-9-]+", each)]
        found |= dict.fromkeys([path, *cases[:1]])
    # What only a page with a hole in its own address leads to comes last.
    for hole in (path for path in routes() if "{" in path):
        filled = next((link for link in links if fits(hole, link)), "")
        if filled:
            found[filled] = None
            await read(filled)
    return Found(list(found), links)


async def _take_act(look: Look, act: Act, links: list[str]) -> None:
    found = (link for link in links if re.fullmatch(act.path, link) and link not in set(routes()))
    await look.page.goto(look.url + next(found, act.path))
    await look.page.eval_on_selector_all("details", "all => all.forEach(d => d.open = true)")
    if act.name == "user_added":
        await look.page.locator("main input[type=checkbox]").first.check()
    for selector, text in act.typed.items():
        await look.page.locator(selector).first.fill(text)
    await look.press(act.press, act.status)
    await look.keep(f"post_{act.name}")


def routes() -> list[str]:
    """Addresses of the desk's pages, as the router has them; shorter ones lead to longer."""
    desk = {path for (method, path) in ACCESS if method == "GET" and path.startswith("/desk")}
    return sorted(desk - set(NO_PICTURE), key=lambda path: (path.count("/"), path))


def without_picture(shown: Iterable[str]) -> list[str]:
    """Addresses of the desk that none of these paths is one of."""
    seen = list(shown)
    return [route for route in routes() if not any(fits(route, path) for path in seen)]


def fits(route: str, path: str) -> bool:
    """Whether this path is one of that route's, and of no plainer one."""
    bare = path.partition("?")[0]
    if "{" not in route:
        return bare == route
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route))
    return re.fullmatch(pattern, bare) is not None and bare not in set(routes())


if __name__ == "__main__":
    main(sys.argv[1:])

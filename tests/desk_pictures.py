"""`python -m tests.desk_pictures FOLDER [CASES]`: every page of the desk, as pictures 1280 px wide.

A county with 10,000 seeded cases, and some that stand in each list; figures are counted, results
released, praise waits and is counted (`tests.results_data`). Pages are those of
`gateway.desk.access`; where an address has a hole in it, the first link that fills it is followed,
so that a new page is in the picture by itself.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import asyncpg
from playwright.async_api import Page, async_playwright

from board.ids import new_id
from complaints.standing import By
from complaints.steps import desk, keeping, office
from complaints.store import standing as store
from complaints.supervision import LISTS
from gateway.ciphers import KeyringCipher
from gateway.context import Context
from gateway.demo_county import load_demo_county
from gateway.desk.access import ACCESS, ROLES
from gateway.store import letters
from tests import database
from tests.bench import seed
from tests.browser.cases import Filed, file_case
from tests.browser.conftest import FLAGS, chromium, opened
from tests.conftest import MONDAY
from tests.results_data import fill_results
from tests.staff import add_user, signed_in

CASES = 10_000
WIDE = {"width": 1280, "height": 900}
# What else a page shows, by what its address asks for.
MORE = ("/desk/results?list=released", "/desk/commendations?period=last12")
DESK = By("desk", "liang")


def main(arguments: list[str]) -> None:
    """Writes the pictures and says which pages they show."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    server = database.Server()
    try:
        cases = int(arguments[1]) if len(arguments) > 1 else CASES
        asyncio.run(_pictures(server.url(), folder, cases))
    finally:
        server.stop()


async def _pictures(server_url: str, folder: Path, cases: int) -> None:
    async with database.temporary_database(server_url) as url:
        await database.migrate_with_county(url)
        with tempfile.TemporaryDirectory() as data:
            async with opened(url, Path(data), MONDAY + timedelta(hours=1)) as site:
                await load_demo_county(site.context.db, database.SCHEMA, MONDAY)
                conn = await asyncpg.connect(url)
                keys = seed.make_keys(KeyringCipher(site.context.keys))
                await seed.seed(conn, database.SCHEMA, cases, keys, MONDAY, targets=40)
                await conn.close()
                await fill_results(site.context)
                await fill_lists(site.context)
                await _walk(site.context, site.url, folder)


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
    await letters.insert_letter_task(conn, new_id(now), letter, now)


async def _walk(context: Context, url: str, folder: Path) -> None:
    user = await add_user(context, "liang", *ROLES)
    staff = await signed_in(None, context, user)  # type: ignore[arg-type]
    token = staff.cookie["Cookie"].partition("desk=")[2].partition(";")[0]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        visitor = await browser.new_context(viewport=WIDE)
        page = await visitor.new_page()
        for path in ("/desk/sign-in",):
            await _take(page, url + path, folder)
        await visitor.add_cookies([{"name": "desk", "value": token, "url": url}])
        for path in await find_pages(page, url):
            await _take(page, url + path, folder)
        await browser.close()


async def find_pages(page: Page, url: str) -> list[str]:
    """An address for each GET below the desk, and each list with the first case in it."""
    plain = [path for path in routes() if "{" not in path and not path.startswith("/desk/sign-in")]
    lists = [f"/desk/cases?list={name}" for name in LISTS]
    found = [*plain, *lists, *MORE]
    firsts: list[str] = []
    links: list[str] = []
    for path in found:
        await page.goto(url + path)
        hrefs = await page.eval_on_selector_all("main a[href]", "all => all.map(a => a.href)")
        here = [urlsplit(urljoin(url, href)) for href in hrefs if href.startswith(url)]
        links += [each.path for each in here]
        cases = [each.path for each in here if re.fullmatch(r"/desk/cases/[0-9-]+", each.path)]
        firsts += cases[:1] if path in lists else []
    holes = [path for path in routes() if "{" in path and "/attachments/" not in path]
    filled = [next((link for link in links if fits(hole, link)), "") for hole in holes]
    for hole, path in zip(holes, filled, strict=True):
        if not path:
            print(f"no link leads to {hole}")
    return list(dict.fromkeys([*found, *(each for each in filled if each), *firsts]))


def routes() -> Iterator[str]:
    """Addresses of the desk's pages, as the router has them."""
    desk = {path for (method, path) in ACCESS if method == "GET" and path.startswith("/desk/")}
    yield from sorted(path for path in desk if not path.endswith(".xlsx"))


def fits(route: str, path: str) -> bool:
    """Whether this path is one of that route's, and of no plainer one."""
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route))
    return re.fullmatch(pattern, path) is not None and path not in set(routes())


async def _take(page: Page, address: str, folder: Path) -> None:
    response = await page.goto(address)
    assert response is not None
    parts = urlsplit(page.url)
    name = re.sub(r"[^\w-]+", "_", f"{parts.path}_{parts.query}").strip("_") or "start"
    await page.screenshot(path=folder / f"{name[:80]}.png", full_page=True)
    print(response.status, address, "→", f"{name[:80]}.png")
    assert response.status == 200, address


if __name__ == "__main__":
    main(sys.argv[1:])

"""`/results/` and what leads there: figures for everybody, single results, and praise."""

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest

from board.ids import new_id
from complaints.figures import Figures, add
from complaints.store import figures as store
from gateway.cache import COUNTED_PAGES
from gateway.pages import results
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, clock, desk

__all__ = ["clock", "desk"]
EN = {"Cookie": "lang=en"}
BIG = Figures(
    filed=40, answered=36, in_time=30, late=6, overdue=2, returned=3, upheld=9, rated=20,
    resolved=15, satisfied=18, commended=4, days={3: 20, 12: 16},
)  # fmt: skip
SMALL = Figures(filed=3, answered=3, in_time=3, upheld=1, days={2: 3})


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


async def counted(desk: Desk) -> tuple[str, str]:
    """Two quarters of figures: a unit with many, two with few; the units' codes."""
    county = next(iter(desk.context.counties))
    units = (await desk.context.snapshots.of(county)).directory.units
    big, small = units[0].code, units[1].code
    other = units[2].code
    async with desk.context.db.transaction(SCHEMA) as conn:
        for month in (date(2026, 5, 1), date(2026, 8, 1), date(2026, 10, 1)):
            rows = {
                ("all", ""): add([BIG, SMALL, SMALL]),
                ("unit", big): BIG, ("unit", small): SMALL, ("unit", other): SMALL,
                ("category", "L01"): BIG, ("category", "L02"): SMALL, ("category", "C01"): SMALL,
            }  # fmt: skip
            await store.replace_month(conn, month, rows, desk.clock.now)
            await store.insert_months(conn, [month])
            await store.update_counted(conn, month, desk.clock.now)
    return big, small


async def read(desk: Desk, path: str) -> tuple[str, Page]:
    response = await desk.plain.get(path, headers=EN)
    assert response.status == 200, path
    source = await response.text()
    assert "{" not in Page(source).text, "every word has its particulars"
    return source, Page(source)


async def test_before_anything_is_counted_the_page_says_so(desk: Desk):
    _, page = await read(desk, "/results/")
    assert "Nothing is counted yet" in page.text
    assert (await read(desk, "/"))[0].count('href="/results/"') >= 2


@pytest.mark.parametrize("period", ["x", "2026-13", "2031", "2026-12", "%00", "2026-Q9"])
async def test_no_period_is_not_found(desk: Desk, period: str):
    for path in ("/results/", "/results/figures.csv"):
        assert (await desk.plain.get(f"{path}?period={period}")).status == 404


async def test_a_quarter_shows_rates_days_and_units_and_hides_the_few(desk: Desk):
    big, small = await counted(desk)
    source, page = await read(desk, "/results/?period=2026-Q3")
    for word in ("82%", "75%", "90%", "Median days", "Not shown: few cases", "Quarter 3"):
        assert word.lower() in page.text.lower(), word
    charts = re.findall(r"<figure class=\"chart\">.*?</figure>", source, re.S)
    assert len(charts) == 3
    assert sum('role="img"' in each and "<title" in each for each in charts) == 1
    assert "style=" not in source
    county = next(iter(desk.context.counties))
    directory = (await desk.context.snapshots.of(county)).directory
    names = {code: directory.unit(code).name_en for code in (big, small)}
    row = re.search(rf"<th scope=\"row\">{re.escape(names[small])}.*?</tr>", source, re.S)
    assert row
    assert not re.search(r"<td[^>]*>\d", row[0])
    row = re.search(rf"<th scope=\"row\">{re.escape(names[big])}.*?</tr>", source, re.S)
    assert row
    assert '<td data-name="Received">40</td>' in row[0]


async def test_the_running_quarter_has_no_units_and_a_month_leads_to_its_quarter(desk: Desk):
    await counted(desk)
    _, page = await read(desk, "/results/?period=2026-Q4")
    assert page.text.count("Told once a quarter is over") >= 2
    _, page = await read(desk, "/results/?period=2026-08")
    assert "/results/?period=2026-Q3" in page.links


async def test_the_csv_has_what_the_page_shows_and_nothing_more(desk: Desk):
    await counted(desk)
    response = await desk.plain.get("/results/figures.csv?period=2026-Q3", headers=EN)
    body = await response.read()
    assert body.startswith(b"\xef\xbb\xbf")
    assert "results-2026-Q3.csv" in response.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    source, _ = await read(desk, "/results/?period=2026-Q3")
    # A line of the page stands in two tables, one of the file in one.
    cells = re.findall(r"<td data-name=\"([^\"]*)\">([^<]*)</td>", source)
    shown = [
        (name, cell)
        for row in rows[2:]
        for name, cell in zip(rows[0][3:-1], row[3:-1], strict=True)
        if cell != "Not shown: few cases"
    ]
    assert sorted(shown) == sorted(cells)
    # What the chart tells apart is late and overdue, as the table says.
    assert {"Answered late", "Overdue"} <= set(rows[0])
    assert not any(cell.startswith(("=", "+", "@", "＝")) for row in rows for cell in row)


async def count_more(desk: Desk) -> None:
    """A month is counted anew by another process."""
    async with desk.context.db.transaction(SCHEMA) as conn:
        later = Figures(filed=90, answered=80, in_time=80, days={1: 80})
        await store.replace_month(conn, date(2026, 8, 1), {("all", ""): later}, desk.clock.now)
        await store.update_counted(conn, date(2026, 8, 1), desk.clock().replace(second=59))


@pytest.mark.parametrize("path", ["/results/", "/results/?period=2026-Q3", "/results/figures.csv"])
async def test_a_page_that_did_not_change_is_not_sent_again(
    desk: Desk, path: str, monkeypatch: pytest.MonkeyPatch
):
    await counted(desk)
    # However soon, it is asked again whether anything was counted anew.
    monkeypatch.setattr("gateway.snapshots.RENEW_SECONDS", 0)
    monkeypatch.setattr("gateway.snapshots.NEWS_SECONDS", 60)
    first = await desk.plain.get(path, headers=EN)
    again = await desk.plain.get(path, headers=EN)
    assert len(desk.plain.app[COUNTED_PAGES]) == 1
    assert await again.read() == await first.read()
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    tag = {"If-None-Match": first.headers["ETag"], **EN}
    assert (await desk.plain.get(path, headers=tag)).status == 304
    await count_more(desk)
    assert (await desk.plain.get(path, headers=tag)).status == 200


@pytest.mark.parametrize("more", ["&mine=zqsecret", "&period=zqsecret"])
async def test_what_else_is_in_the_address_of_one_reader_is_on_nobody_elses_page(
    desk: Desk, more: str
):
    await counted(desk)
    own, _ = await read(desk, f"/results/?period=2026-Q3{more}")
    assert "zqsecret" in own, "who asked keeps it in the way to another language"
    other, _ = await read(desk, "/results/?period=2026-Q3")
    assert "zqsecret" not in other
    sheet = await desk.plain.get(f"/results/figures.csv?period=2026-Q3{more}", headers=EN)
    same = await desk.plain.get("/results/figures.csv?period=2026-Q3", headers=EN)
    assert await sheet.read() == await same.read()
    assert sheet.headers["Content-Type"] == same.headers["Content-Type"]


async def test_a_count_that_began_before_another_one_is_on_the_page_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """Also several months that are counted at one moment, one after the other."""
    await counted(desk)
    monkeypatch.setattr("gateway.snapshots.RENEW_SECONDS", 0)
    monkeypatch.setattr("gateway.snapshots.NEWS_SECONDS", 60)
    async with desk.context.db.transaction(SCHEMA) as conn:
        later = desk.clock.now + timedelta(minutes=1)
        await store.update_counted(conn, date(2026, 10, 1), later)
    before, _ = await read(desk, "/results/?period=2026-Q3")
    async with desk.context.db.transaction(SCHEMA) as conn:
        more = Figures(filed=90, answered=80, in_time=80, days={1: 80})
        await store.replace_month(conn, date(2026, 8, 1), {("all", ""): more}, desk.clock.now)
        await store.update_counted(conn, date(2026, 8, 1), later - timedelta(seconds=30))
    after, _ = await read(desk, "/results/?period=2026-Q3")
    assert before != after


async def test_what_is_counted_while_a_page_is_made_is_on_the_next_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    await counted(desk)
    county = next(iter(desk.context.counties))
    found = results.find

    async def find(*asked: Any) -> results.Read:
        read = await found(*asked)
        await count_more(desk)
        await desk.context.snapshots.forget(county)  # as the look every few seconds does
        return read

    monkeypatch.setattr(results, "find", find)
    before = await (await desk.plain.get("/results/", headers=EN)).text()
    monkeypatch.setattr(results, "find", found)
    after = await (await desk.plain.get("/results/", headers=EN)).text()
    assert before != after


async def test_single_results_are_read_page_by_page_and_lead_to_no_case(desk: Desk):
    async with desk.context.db.transaction(SCHEMA) as conn:
        for n in range(23):
            await conn.execute(
                "INSERT INTO published_result (id, title, problem, outcome, unit, category,"
                " released_at, released_by)"
                " VALUES ($1, $2, 'p', '<b>o</b>', $3, 'L01', $4, 'zqlogin')",
                new_id(desk.clock()), f"结果 {n}。", "NOBODY" if n else "ELSE", desk.clock(),
            )  # fmt: skip
        await conn.execute(
            "UPDATE published_result SET withdrawn_at = released_at WHERE title = '结果 5。'"
        )
    source, page = await read(desk, "/results/cases")
    further = [link for link in page.links if "after=" in link and "lang" not in link]
    rest, _ = await read(desk, further[0])
    both = source + rest
    assert all((f"结果 {n}。" in both) == (n != 5) for n in range(23))
    assert "<b>o" not in both
    assert "zqlogin" not in both
    _, narrowed = await read(desk, "/results/cases?unit=ELSE&category=L01")
    assert "结果 0。" in narrowed.text
    assert "结果 1。" not in narrowed.text
    assert (
        "No result is published yet" in (await read(desk, "/results/cases?unit=ELSEWHERE"))[1].text
    )
    assert (await desk.plain.get("/results/cases?after=x")).status == 404


# Praise


async def praise(desk: Desk, **fields: str):
    return await desk.plain.post("/commendations", data=fields, headers=EN, allow_redirects=False)


async def test_praise_is_kept_once_and_waits_to_be_read(desk: Desk):
    _, page = await read(desk, "/commendations/new?staff=A1024")
    fields = page.form("/commendations").values() | {"text": "  很耐心。 ", "nickname": "街坊"}
    for _ in range(2):
        sent = await praise(desk, **fields)
        assert (sent.status, sent.headers["Location"]) == (303, "/commendations/thanks")
    rows = await desk.rows(
        f"SELECT unit, staff_badge, nickname, words, state FROM {SCHEMA}.commendation"
    )
    assert [tuple(row)[1:] for row in rows] == [("A1024", "街坊", "很耐心。", "waiting")]
    assert "Thank you" in (await read(desk, "/commendations/thanks"))[1].text
    assert "/commendations/new?staff=A1024" in (await read(desk, "/staff/A1024"))[1].links


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"staff": "A1024", "text": " "}, 422),
        ({"staff": "A1024", "text": "好" * 501}, 422),
        ({"staff": "A1024", "text": "好", "nickname": "名" * 31}, 422),
        ({"staff": "NOBODY", "text": "好"}, 404),
        ({"text": "好"}, 404),
        ({"staff": "A1024", "text": "好", "website": "x"}, 303),
    ],
)
async def test_praise_that_is_not_kept(desk: Desk, fields: dict[str, str], status: int):
    sent = await praise(desk, request_id="1", **fields)
    assert sent.status == status
    if status == 422:
        body = await sent.text()
        assert "error-summary" in body
        assert fields["text"].strip() in body
    assert await desk.value(f"SELECT count(*) FROM {SCHEMA}.commendation") == 0


async def test_who_stuffs_the_figures_is_braked(desk: Desk):
    sent = [
        (await praise(desk, staff="A1024", text="好", request_id=str(n))).status for n in range(12)
    ]
    assert sent == [303] * 10 + [429] * 2
    braked = await praise(desk, staff="A1024", text="好耐心", nickname="街坊", request_id="12")
    fields = Page(await braked.text()).form("/commendations").values()
    assert (braked.status, fields["text"], fields["nickname"]) == (429, "好耐心", "街坊")
    again = await praise(desk, staff="A1024", text="好", request_id="9")
    assert again.status == 303, "the last that was kept, pressed twice"
    assert await desk.value(f"SELECT count(*) FROM {SCHEMA}.commendation") == 10

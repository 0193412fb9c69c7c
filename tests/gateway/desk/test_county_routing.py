"""The routing table at the desk: nothing is saved before it was tried on last year's cases."""

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.model import RoutingRow
from complaints.categories import clauses
from gateway import i18n
from gateway.bodies import Form
from gateway.i18n import LANGUAGES
from gateway.pages.desk.county.routing_wish import DO, RECEIVES, Wish, plan, texts_of, wish_of
from gateway.pages.desk.county.routing_words import shown
from tests.browser.cases import file_case
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, desk

__all__ = ["desk"]
ROUTING = "/desk/county/routing"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    """The demo county's table."""
    return fresh_demo_database


async def rows_of(desk: Desk):
    return await desk.rows("SELECT * FROM routing_rule ORDER BY rank")


async def fields_of(staff, path: str, **changed: str) -> dict[str, str]:
    page = await staff.page(path)
    form = next(form for form in page.forms if form.action == f"{ROUTING}/preview")
    return {**form.values(), **changed}


def pending(source: str) -> dict[str, str]:
    """The form of a preview, as a browser sends it."""
    return next(form for form in Page(source).forms if form.action == ROUTING).values()


WRONG = (("rank", ""), ("rank", "x"), ("rank", "240"), ("clause_or_code", "L99"), ("receives", ""))


async def test_what_is_wrong_comes_back_before_anything_is_tried(desk: Desk):
    staff = await desk.staff("ho", "administrator")
    fields = await fields_of(staff, f"{ROUTING}/230")
    for field, value in WRONG:
        sent = await staff.post(f"{ROUTING}/preview", **{**fields, field: value})
        assert sent.status == 422, field
        assert f'id="{field}-error"' in await sent.text(), field


async def test_codes_are_read_however_they_are_typed_and_told_in_words(desk: Desk):
    staff = await desk.staff("ho", "administrator")
    staff.cookie = {"Cookie": staff.cookie["Cookie"].replace("lang=en", "lang=zh-Hans")}
    fields = await fields_of(staff, f"{ROUTING}/new", receives="petition")
    assert fields["clause_or_code"] == "", "not any"
    sent = await staff.post(f"{ROUTING}/preview", **{**fields, "clause_or_code": "l12、Z99"})
    assert sent.status == 422
    page = Page(await sent.text())
    assert "没有类别代号“Z99”" in page.text
    assert "not known" not in page.text
    form = next(form for form in page.forms if form.action == f"{ROUTING}/preview")
    assert form.values()["clause_or_code"] == "L12、Z99"
    sent = await staff.post(f"{ROUTING}/preview", **{**fields, "subject": "nobody"})
    assert sent.status == 422
    assert "“nobody”不能写在这里" in Page(await sent.text()).text
    sent = await staff.post(
        f"{ROUTING}/preview", **{**fields, "clause_or_code": "ｌ12，l13", "clause": "time limit"}
    )
    assert pending(await sent.text())["clause_or_code"] == "L12|L13|time limit"


async def test_a_form_of_nobody_is_refused(desk: Desk):
    staff = await desk.staff("ho", "administrator")
    for fields in ({}, {"do": "wipe"}, {"do": "drop"}, {"act": "up x"}):
        assert (await staff.post(f"{ROUTING}/preview", **fields)).status == 400
    assert (await staff.post(f"{ROUTING}/preview", act="drop 7")).status == 409
    assert (await staff.post(f"{ROUTING}/preview", act="up 10")).status == 409
    assert (await staff.get(f"{ROUTING}/7")).status == 404


async def test_a_preview_says_what_would_have_gone_elsewhere_and_stores_nothing(desk: Desk):
    found = await file_case(desk.context)
    sealed = await file_case(desk.context, category=("C03",))
    staff, before = await desk.staff("ho", "administrator"), await rows_of(desk)
    sent = await staff.post(f"{ROUTING}/preview", act="drop 230")
    source = await sent.text()
    text = Page(source).text
    assert sent.status == 200
    assert "Of the 1 cases of the last 365 days" in text
    assert "Sealed cases left out: 1." in text
    assert sealed.number not in source
    assert await rows_of(desk) == before
    # Whatever rule it was that the case was routed by, without all of them it goes to the bureau.
    for row in before:
        sent = await staff.post(f"{ROUTING}/preview", act=f"drop {row['rank']}")
        if f"/desk/cases/{found.number}" in await sent.text():
            break
    else:
        raise AssertionError("the case was routed by a rule")


async def test_a_rule_is_changed_moved_added_and_removed(desk: Desk):
    staff = await desk.staff("ho", "administrator")
    fields = await fields_of(staff, f"{ROUTING}/230", receives="government", why="县里统一办")
    shown = await staff.post(f"{ROUTING}/preview", **fields)
    assert (await staff.post(ROUTING, **pending(await shown.text()))).status == 303
    row = {each["rank"]: each for each in await rows_of(desk)}[230]
    assert (row["receives"], row["why"]) == ("government", "县里统一办")
    shown = await staff.post(f"{ROUTING}/preview", act="up 230")
    assert (await staff.post(ROUTING, **pending(await shown.text()))).status == 303
    assert {each["rank"]: each for each in await rows_of(desk)}[220]["why"] == "县里统一办"
    new = await fields_of(staff, f"{ROUTING}/new", clause_or_code="L12，L13", receives="petition")
    shown = await staff.post(f"{ROUTING}/preview", **new)
    assert (await staff.post(ROUTING, **pending(await shown.text()))).status == 303
    assert (await rows_of(desk))[-1]["clause_or_code"] == "L12|L13"
    shown = await staff.post(f"{ROUTING}/preview", act="drop 220")
    assert (await staff.post(ROUTING, **pending(await shown.text()))).status == 303
    assert 220 not in [each["rank"] for each in await rows_of(desk)]
    assert "Ho changed routing: 220" in (await staff.page("/desk/county")).text


async def test_who_saves_second_sees_it_tried_anew(desk: Desk):
    staff = await desk.staff("ho", "administrator")
    one = pending(await (await staff.post(f"{ROUTING}/preview", act="drop 230")).text())
    other = pending(await (await staff.post(f"{ROUTING}/preview", act="drop 220")).text())
    assert (await staff.post(ROUTING, **one)).status == 303
    late = await staff.post(ROUTING, **other)
    assert late.status == 409
    source = await late.text()
    assert "tried anew" in source
    assert 220 in [each["rank"] for each in await rows_of(desk)]
    assert (await staff.post(ROUTING, **pending(source))).status == 303
    assert (await staff.post(ROUTING, **pending(source))).status == 303, "a double click"


@pytest.mark.parametrize("act", ["up 220", "down 220", "drop 220"])
async def test_a_rule_that_is_moved_by_a_double_click_is_moved_once(desk: Desk, act: str):
    staff = await desk.staff("ho", "administrator")
    form = pending(await (await staff.post(f"{ROUTING}/preview", act=act)).text())
    assert (await staff.post(ROUTING, **form)).status == 303
    once = await rows_of(desk)
    assert (await staff.post(ROUTING, **form)).status == 303
    assert await rows_of(desk) == once


async def test_what_was_typed_of_a_rule_that_is_gone_can_be_a_new_one(desk: Desk):
    staff = await desk.staff("ho", "administrator")
    fields = await fields_of(staff, f"{ROUTING}/230", why="县里统一办")
    shown = pending(await (await staff.post(f"{ROUTING}/preview", **fields)).text())
    drop = pending(await (await staff.post(f"{ROUTING}/preview", act="drop 230")).text())
    assert (await staff.post(ROUTING, **drop)).status == 303
    for path, sent in ((f"{ROUTING}/preview", fields), (ROUTING, shown)):
        late = await staff.post(path, **sent)
        assert late.status == 409
        page = Page(await late.text())
        assert "What you typed is kept here" in page.text
        form = next(form for form in page.forms if form.action == f"{ROUTING}/preview").values()
        assert (form["at"], form["why"]) == ("", "县里统一办")
    again = await staff.post(f"{ROUTING}/preview", **form)
    assert (await staff.post(ROUTING, **pending(await again.text()))).status == 303
    why = {each["rank"]: each["why"] for each in await rows_of(desk)}
    assert why[230] == "县里统一办"


async def test_supervisors_read_the_table_and_change_nothing(desk: Desk):
    staff = await desk.staff("chan", "supervisor")
    page = await staff.page(ROUTING)
    assert "clerk" in page.text
    assert not [button for form in page.forms for button in form.buttons if button[1] == "act"]
    assert (await staff.post(f"{ROUTING}/preview", act="drop 230")).status == 403


async def test_taking_the_last_rule_away_is_warned_of(desk: Desk):
    await desk.rows("DELETE FROM routing_rule WHERE rank <> 230")
    staff = await desk.staff("ho", "administrator")
    shown = await (await staff.post(f"{ROUTING}/preview", act="drop 230")).text()
    assert "There is no rule" in shown
    assert (await staff.post(ROUTING, **pending(shown))).status == 303
    assert "There is no rule" in (await staff.page(ROUTING)).text


DEFAULT_ROWS = tuple(
    RoutingRow(**{**row, "rank": int(row["rank"])})
    for row in csv.DictReader(files("complaints").joinpath("data/routing.csv").open())
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_default_rules_are_worded_in_the_form_and_stay_as_they_are(language: str):
    words = i18n.words(language)
    for row in DEFAULT_ROWS:
        typed = shown(words, texts_of(row))
        english = [each for each in (typed["why"], typed["hidden_from"]) if each.isascii()]
        assert language == "en" or not any(english), row
        ticked = [each for each in row.clause_or_code.split("|") if each in clauses()]
        fields = {name: [text] for name, text in typed.items()}
        fields |= {"do": ["put"], "at": [str(row.rank)], "clause": ticked}
        fields |= {"unit_kind": texts_of(row)["unit_kind"].split("|")}
        fields |= dict(zip(RECEIVES, ([each] for each in row.receives.split("|")), strict=False))
        wish = wish_of(Form(fields))
        assert wish is not None
        planned = plan(DEFAULT_ROWS, wish)
        assert planned is not None
        assert planned.rows == DEFAULT_ROWS, row


def test_what_the_county_words_itself_is_kept_as_it_is():
    wish = Wish(
        "put", 10, {**texts_of(ROWS[0]), "hidden_from": "王科长，the bureau", "why": "便民"}
    )
    planned = plan(ROWS, wish)
    assert planned is not None
    assert planned.edit is not None
    row = planned.edit.put[0]
    assert (row.hidden_from, row.why) == ("王科长|the bureau", "便民")


ROWS = tuple(RoutingRow(10 * n, "any", "any", "any", "unit", "", f"rule {n}") for n in range(1, 6))


@given(
    do=st.sampled_from(DO), at=st.sampled_from([None, *range(0, 70, 10)]), rank=st.integers(0, 70)
)
def test_a_change_keeps_every_other_rule_and_the_order_of_ranks(do, at, rank):
    texts = {**texts_of(ROWS[0]), "rank": str(rank), "why": "new"}
    if do != "put" and at is None:
        return
    planned = plan(ROWS, Wish(do, at, texts))
    if planned is None or planned.edit is None:
        return
    ranks = [row.rank for row in planned.rows]
    assert ranks == sorted(set(ranks))
    whys = [row.why for row in planned.rows]
    gone = {"drop": 1, "put": int(at is not None)}.get(do, 0)
    kept = [row.why for row in ROWS if not (gone and row.rank == at)]
    assert sorted(each for each in whys if each != "new") == sorted(kept)

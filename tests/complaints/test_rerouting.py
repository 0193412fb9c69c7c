"""Open cases follow the county: whoever falls into conflict loses a case, nobody else does."""

from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest

from board.directory import Directory
from board.ids import new_id
from board.model import Relative
from complaints import rerouting
from complaints.categories import categories
from complaints.decisions import County
from complaints.facts import Known
from complaints.lifecycle import HELD, OPEN
from complaints.limits import SHANGHAI, Limit
from complaints.offices import Facts
from complaints.rerouting import rerouted, sweep
from complaints.routing import packaged_rules
from complaints.standing import By, Standing, begin
from complaints.steps import desk
from complaints.steps.words import Refused
from complaints.store.rerouting import BEGINNING
from complaints.store.standing import LIST_HELD, find_standing, update_case
from tests import people
from tests.complaints.county import COUNTY as FILES
from tests.complaints.county import directory, person
from tests.complaints.test_standing import filed

CALENDAR = people.COUNTY.calendar
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
RULES = packaged_rules()
CLERK = person("DEPT-CLERK", "DEPT", superior="DEPT-CHIEF")
FACTS = Facts((categories()["L01"],), unit="DEPT", subject=CLERK)
LIANG = By("desk", "liang")


def county(found=None, rules=RULES) -> County:
    return County(found or directory(), CALENDAR, rules)


def case_in(state="dispatched", office="O-DEPT", **more) -> Standing:
    """A case that an office has: the answer is due in three weeks."""
    case = Standing(
        id=new_id(MONDAY), number="2026-000001", state=state, steps=3, owner="office",
        office=office, sealed=False, language="zh-Hans", created_at=MONDAY,
        next_at=MONDAY + timedelta(days=1), next_kind="sign", wake_at=MONDAY,
        due_on=None, limit=Limit(15), limit_start=MONDAY.date(), calendar_version="v", unit="DEPT",
        staff_badge="DEPT-CLERK", matter=None,
    )  # fmt: skip
    due = case.answer_due(CALENDAR)
    assert due is not None
    asked = MONDAY.date() if state == "waiting" else None
    return case._replace(due_on=due.day, asked_on=asked, **more)


def moved(case, facts=FACTS, found=None, rules=RULES, *, by_hand=False):
    """What becomes of the case a day later; None where it stays."""
    move = begin(case, CALENDAR, MONDAY + timedelta(days=1))
    return rerouted(move, Known(facts, by_hand), county(found, rules))


# Nobody loses a case that they work on because a table was edited


ELSEWHERE = tuple(replace(each, receives=("government",)) for each in RULES)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_nothing_moves_while_nothing_has_changed(state):
    assert moved(case_in(state)) is None


@pytest.mark.parametrize("state", sorted(OPEN - {"dispatched"}))
def test_other_rules_leave_a_case_with_who_works_on_it(state):
    assert moved(case_in(state), rules=ELSEWHERE) is None


@pytest.mark.parametrize(
    ("more", "by_hand"),
    [({"returns": 1}, False), ({"assigned": True}, False), ({}, True), ({"sealed": True}, False)],
    ids=["returned before", "assigned", "sent by the desk", "sealed"],
)
def test_other_rules_leave_a_case_that_people_decided_about(more, by_hand):
    assert moved(case_in(**more), rules=ELSEWHERE, by_hand=by_hand) is None


def test_other_rules_move_what_nobody_has_signed_for():
    found = moved(case_in(), rules=ELSEWHERE)
    assert found.move.case.office == "O-GOV"
    assert found.routing["office"] == "O-GOV"
    (event,) = found.move.events
    assert event.kind == "rerouted"
    assert (event.data["was"], event.data["office"], event.data["why"]) == (
        "O-DEPT", "O-GOV", "rules",
    )  # fmt: skip


def test_rules_that_lead_out_of_the_county_move_nothing():
    out = tuple(replace(each, receives=("upper",)) for each in RULES)
    assert moved(case_in(), rules=out, found=directory(without=("O-UPPER",))) is None


# Conflicts that appear after filing


def with_head(of, badge):
    """The county, with another head of a unit."""
    units = tuple(replace(each, head_badge=badge) if each.code == of else each
                  for each in FILES.units)  # fmt: skip
    found = directory()
    return replace(found, county=replace(found.county, units=units))


def with_superior(badge, superior):
    staff = tuple(replace(each, superior=superior) if each.badge == badge else each
                  for each in FILES.staff)  # fmt: skip
    found = directory()
    return replace(found, county=replace(found.county, staff=staff))


CONFLICTS = {
    "the subject joins the office": (
        directory(O_DEPT={"members": ("DEPT-OVERSEER", "DEPT-CLERK")}), {},
    ),
    "the subject becomes its head": (directory(O_DEPT={"head_badge": "DEPT-CLERK"}), {}),
    "the subject becomes the superior": (with_superior("DEPT-OVERSEER", "DEPT-CLERK"), {}),
    "a relative is declared": (directory(relatives=[("DEPT-CLERK", "DEPT-OVERSEER")]), {}),
    "a relative of the superior line": (directory(relatives=[("DEPT-HEAD", "DEPT-CLERK")]), {}),
    "the subject becomes head of the unit": (with_head("DEPT", "DEPT-CLERK"), {}),
    "a member steps back": (directory(), {"recused": frozenset({"DEPT-OVERSEER"})}),
    "the office steps back": (directory(), {"recused": frozenset({"O-DEPT"})}),
}  # fmt: skip


@pytest.mark.parametrize("state", sorted(HELD))
@pytest.mark.parametrize("form", CONFLICTS)
def test_an_office_in_conflict_loses_the_case_in_every_state(form, state):
    found, more = CONFLICTS[form]
    facts = replace(FACTS, **more)
    case = case_in(state)
    after = moved(case, facts, found).move.case
    assert after.office not in (None, "O-DEPT")
    assert rerouting.conflict(found.office(after.office), facts, found) is None
    if state != "waiting":  # where the clock stood still for a day
        assert after.due_on == case.due_on, "the day that the complainant was told stays"
    assert after.owner == "office"
    above = ("followed_up", "rework", "review", "final_review")
    assert after.state == (state if state in above else "dispatched")


@pytest.mark.parametrize("state", sorted(OPEN - HELD))
def test_what_no_office_works_on_waits_for_whoever_has_it(state):
    found, more = CONFLICTS["the office steps back"]
    assert moved(case_in(state), replace(FACTS, **more), found) is None


def test_the_clock_goes_on_when_the_office_that_asked_has_it_no_longer():
    later = moved(case_in("waiting"), replace(FACTS, recused=frozenset({"O-DEPT"}))).move.case
    assert later.asked_on is None
    assert len(later.stops) == 1


def test_a_new_office_has_its_own_day_to_sign_and_the_case_never_comes_back():
    facts = replace(FACTS, recused=frozenset({"O-DEPT"}))
    found = moved(case_in("in_hand"), facts)
    assert found.move.case.next_kind == "sign"
    assert found.move.revokes_links
    assert found.routing["up"], "the complainant reads that an office was passed over"
    assert moved(found.move.case, facts) is None


def test_an_assigned_case_that_moved_may_still_not_be_returned():
    facts = replace(FACTS, recused=frozenset({"O-DEPT"}))
    after = moved(case_in("assigned", assigned=True), facts).move.case
    assert begin(after, CALENDAR, MONDAY).case.case.assigned


def test_a_review_goes_to_an_office_that_never_answered():
    facts = replace(FACTS, answered=("O-DEPT",), recused=frozenset({"O-DEPT-DISC"}))
    case = case_in("review", office="O-DEPT-DISC", limit=Limit(30, "calendar_day"))
    assert moved(case, facts).move.case.office == "O-DISC"


EVERYBODY = frozenset(each.code for each in FILES.offices)


@pytest.mark.parametrize("state", sorted(HELD))
def test_where_nobody_may_have_it_the_desk_has_to_find_somebody(state):
    after = moved(case_in(state), replace(FACTS, recused=EVERYBODY)).move.case
    assert (after.office, after.owner) == (None, "desk")
    assert after.next_at is not None
    if state != "followed_up":
        office = directory().office("O-GOV")
        sent = desk.dispatch(after, office, "", LIANG, calendar=CALENDAR, now=MONDAY)
        assert (sent.case.office, sent.case.limit_start) == ("O-GOV", after.limit_start)
        at = {"calendar": CALENDAR, "now": MONDAY}
        text, channel = "本县没有机构可以办这件事。", "市政务服务局，电话 0700-00000001"
        # What was answered once is not declined afterwards.
        if state in ("rework", "review", "final_review"):
            assert after.state == state
            with pytest.raises(Refused):
                desk.decline(after, text, channel, LIANG, **at)
            over = desk.close(after, f"{text}{channel}", LIANG, **at)
        else:
            over = desk.decline(after, text, channel, LIANG, **at)
        assert over.case.owner is None


# In the database


def changed(**parts) -> County:
    """The cast's county, with other rows."""
    return County(
        Directory(replace(people.COUNTY_FILES, **parts), 2), CALENDAR, people.COUNTY.rules
    )


def with_relative(office: str) -> County:
    """The clerk's brother works in that office."""
    offices = tuple(replace(each, members=("B0001",)) if each.code == office else each
                    for each in people.COUNTY_FILES.offices)  # fmt: skip
    kin = (*people.COUNTY_FILES.relatives, Relative(people.CLERK.badge, "B0001"))
    return changed(offices=offices, relatives=kin)


async def events_of(conn, case) -> list[str]:
    rows = await conn.fetch("SELECT kind FROM event WHERE complaint = $1 ORDER BY at", case.id)
    return [row["kind"] for row in rows]


async def test_a_round_moves_a_case_once_and_tells_it(
    conn: asyncpg.Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerouting, "BATCH", 2)
    cases = [await filed(conn, now, text=f"第 {n} 件") for n in range(3)]
    sealed = await filed(conn, now, category=("C03",))
    there = with_relative(str(cases[0].office))
    after, moved_ids = BEGINNING, []
    while after:
        swept = await sweep(conn, there, now + timedelta(hours=1), after)
        moved_ids += swept.moved
        after = swept.after
    assert sorted(moved_ids) == sorted(case.id for case in cases)
    for case in cases:
        found = await find_standing(conn, case.id)
        assert found is not None
        assert found.office not in (None, case.office)
        assert (await events_of(conn, case))[-1] == "rerouted"
        routing = await conn.fetchval("SELECT routing FROM complaint WHERE id = $1", case.id)
        assert (routing["office"], routing["up"]) == (found.office, True)
    assert (await find_standing(conn, sealed.id)) == sealed
    assert (await sweep(conn, there, now)).moved == ()
    assert await conn.fetchval("SELECT count(*) FROM outbox o JOIN event e ON e.id = o.event"
                               " WHERE e.kind = 'rerouted'") == 3  # fmt: skip


async def test_what_the_desk_sent_by_hand_stays_when_rules_change(
    conn: asyncpg.Connection, now: datetime
) -> None:
    sent = await filed(conn, now)
    waiting = await filed(conn, now, badge="", unit="", staff_description="高个子")
    assert waiting.state == "received"
    office = people.DIRECTORY.office(sent.office)
    assert office is not None
    by_hand = desk.dispatch(waiting, office, "", LIANG, calendar=CALENDAR, now=now)
    assert await update_case(conn, by_hand)
    other = tuple(replace(each, receives=("discipline",)) for each in people.COUNTY.rules)
    there = County(people.DIRECTORY, CALENDAR, other)
    assert (await sweep(conn, there, now)).moved == (sent.id,)


async def test_a_round_reads_open_cases_by_their_index(conn: asyncpg.Connection) -> None:
    await conn.execute("SET LOCAL enable_seqscan = off")
    lines = await conn.fetch("EXPLAIN " + LIST_HELD, sorted(HELD), *BEGINNING, 500)
    plan = "\n".join(line[0] for line in lines)
    assert "complaint_next" in plan


async def test_a_case_whose_move_is_refused_does_not_stop_the_others(
    conn: asyncpg.Connection, now: datetime
) -> None:
    bad, good = await filed(conn, now), await filed(conn, now + timedelta(minutes=1))
    there = with_relative(str(bad.office))
    await conn.execute(
        f"ALTER TABLE complaint ADD CONSTRAINT odd CHECK (number <> '{bad.number}' OR steps = 0)"
    )
    assert (await sweep(conn, there, now)).moved == (good.id,)
    assert (await find_standing(conn, bad.id)) == bad

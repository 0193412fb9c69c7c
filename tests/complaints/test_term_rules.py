"""Which limits a county may set: what is too long for another limit, or for the calendar."""

from datetime import date, datetime
from typing import Any

import asyncpg
import pytest

from board.calendar import packaged
from complaints.effects import Effect
from complaints.limits import Limit
from complaints.recounting import recount
from complaints.store.recounting import BEGINNING, list_open
from complaints.term_rules import RULES, Clash, Unknown, find_clashes, find_unknown
from complaints.terms import DEFAULTS, in_force
from tests.complaints.test_recounting import file
from tests.people import COUNTY

CALENDAR = packaged()
MONDAY = date(2026, 11, 23)


def days(number: int) -> Limit:
    return Limit(number, "calendar_day")


@pytest.mark.parametrize(
    ("own", "clashes"),
    [
        ({}, {}),
        # Told of the one that was changed; of several others, of the one that says what is enough.
        ({"sign": Limit(90)}, {"sign": Clash("shorter", "enquiry")}),
        ({"sign": Limit(2)}, {"sign": Clash("shorter", "enquiry")}),
        ({"sign": Limit(2), "enquiry": Limit(3)}, {}),
        ({"complaint": Limit(1)}, {"complaint": Clash("covering", "extension")}),
        ({"complaint": Limit(10)}, {}),
        ({"help": Limit(2)}, {"help": Clash("longer", "decide_dispute")}),
        # A county may answer enquiries within the day on which they are signed for.
        ({"enquiry": Limit(1)}, {}),
        ({"enquiry": Limit(1), "sign": Limit(2)}, {"sign": Clash("within", "enquiry")}),
        ({"enquiry": Limit(2), "sign": Limit(2)}, {"sign": Clash("shorter", "enquiry")}),
        ({"accept": Limit(10)}, {"accept": Clash("shorter", "help")}),
        ({"dispatch": Limit(2)}, {"dispatch": Clash("shorter", "enquiry")}),
        ({"decide_return": Limit(5)}, {"decide_return": Clash("shorter", "enquiry")}),
        ({"decide_dispute": Limit(9)}, {}),
        ({"decide_dispute": Limit(10)}, {"decide_dispute": Clash("shorter", "help")}),
        ({"release": Limit(2)}, {"release": Clash("shorter", "enquiry")}),
        ({"extension": Limit(15)}, {}),
        ({"extension": Limit(16)}, {"extension": Clash("within", "complaint")}),
        ({"reply": Limit(16)}, {"reply": Clash("within", "complaint")}),
        ({"rework": Limit(16)}, {"rework": Clash("within", "complaint")}),
        ({"follow_up": Limit(6)}, {"follow_up": Clash("within", "rework")}),
        # Seven calendar days are five working days.
        ({"rework": days(21)}, {}),
        ({"rework": days(22)}, {"rework": Clash("within", "complaint")}),
        ({"sign": days(2)}, {}),
        ({"sign": days(3)}, {"sign": Clash("shorter", "enquiry")}),
        # Both changed: the shorter one has to give way.
        (
            {"sign": Limit(3), "enquiry": Limit(3)},
            {"sign": Clash("shorter", "enquiry")},
        ),
        # Nobody else's time hangs on these.
        ({kind: Limit(90) for kind in ("confirm_receipt", "rating", "ask_review", "review")}, {}),
    ],
)
def test_limits_fit_together(own: Any, clashes: Any) -> None:
    assert find_clashes(own, own.keys()) == clashes


def test_what_did_not_fit_before_is_told_whatever_is_changed() -> None:
    own: Any = {"sign": Limit(5), "rating": Limit(20)}
    assert find_clashes(own, ["rating"]) == {"sign": Clash("shorter", "enquiry")}


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_every_rule_is_kept_by_the_defaults_and_tells_of_either_side(rule: Any) -> None:
    assert find_clashes({}, [rule.less, rule.more]) == {}
    too_long: Any = {rule.less: Limit(DEFAULTS[rule.more].number + rule.equal)}
    assert rule.less in find_clashes(too_long, [rule.less])
    too_short: Any = {rule.less: Limit(9), rule.more: Limit(9 - rule.equal)}
    assert rule.more in find_clashes(too_short, [rule.more])


@pytest.mark.parametrize(
    ("before", "after", "today", "unknown"),
    [
        # 28 working days of 2026 come after that Monday.
        ({}, {"complaint": Limit(28)}, MONDAY, {}),
        ({}, {"complaint": Limit(29)}, MONDAY, {"complaint": Unknown(2027, 28)}),
        ({}, {"review": days(38)}, MONDAY, {}),
        ({}, {"review": days(39)}, MONDAY, {"review": Unknown(2027, 38)}),
        ({}, {"review": Limit(30)}, MONDAY, {"review": Unknown(2027, 28)}),
        ({}, {"extension": Limit(13)}, MONDAY, {}),
        ({}, {"extension": Limit(14)}, MONDAY, {"extension": Unknown(2027, 13)}),
        # Back to a shorter one, or one that is as it was: nothing is lost by it.
        ({"rating": Limit(40)}, {"rating": Limit(35)}, MONDAY, {}),
        ({"rating": Limit(40)}, {"rating": Limit(40)}, MONDAY, {}),
        # In the last days of the year nothing is known by the defaults either (R12).
        ({}, {"complaint": Limit(20)}, date(2026, 12, 30), {}),
        ({}, {"complaint": Limit(20)}, date(2027, 3, 1), {}),
    ],
)
def test_a_limit_that_no_calendar_can_count(
    before: Any, after: Any, today: date, unknown: Any
) -> None:
    assert find_unknown(before, after, CALENDAR, today) == unknown


async def test_what_would_leave_open_cases_without_a_day_is_counted_by_its_limit(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await file(conn, now)
    await file(conn, now, badge="", staff_description="高个子")
    await file(conn, now, category=("C02",))
    open_ = await list_open(conn, BEGINNING, 500)
    for kind, number in {"complaint": 1, "accept": 1, "confirm_receipt": 1, "help": 0}.items():
        effect = Effect()
        effect.add(open_, in_force(CALENDAR, {kind: Limit(60)}), now)  # type: ignore[dict-item]
        assert effect.lost == ({kind: 1} if number else {})
        assert effect.unknown == number
    # What truly happens to such a case: it has no due day any more, only a day to look at it again.
    await recount(conn, in_force(COUNTY.calendar, {"complaint": Limit(60)}), now)
    row = await conn.fetchrow("SELECT due_on, next_at FROM complaint WHERE limit_number = 60")
    assert row["due_on"] is None
    assert row["next_at"] is not None

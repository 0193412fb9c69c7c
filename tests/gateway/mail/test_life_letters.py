"""Letters of a case's life on a real database: who gets them, what they tell, what is dropped."""

from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from gateway.context import Context
from gateway.db import Database
from gateway.mail.transport import Mail
from tests.clock import Clock
from tests.gateway.mail.world import (
    CITIZEN,
    SCHEMA,
    TEXT,
    Inbox,
    at,
    happen,
    letters,
    one_case,
    one_round,
    surroundings,
)

DUE = {"next_kind": "answer", "next_at": datetime.fromisoformat("2026-12-15T00:00:00+08:00")}
ASKED = {"state": "waiting", "owner": "complainant", "next_kind": "reply"}
OVER = {"owner": None, "next_kind": None, "next_at": None}
PRESSED = {"office": "u1", "owner": "office", "kind": "answer", "by": "2026-12-14"}


@pytest.fixture
def context(db: Database, now: datetime, tmp_path: Path) -> Context:
    return surroundings(db, now, tmp_path)


def told(mail: Mail) -> str:
    message = message_from_bytes(mail.data, policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return f"{message['Subject']}\n{part.get_content()}"


async def sent(
    db: Database, context: Context, now: datetime, kind: str,
    data: dict[str, Any] | None = None, **case: Any,
) -> dict[str, str]:  # fmt: skip
    """Address to text of the letters that such an event of such a case makes."""
    await one_case(
        db, now, kind, data=data, **{"email": CITIZEN, "state": "in_hand", **DUE, **case}
    )
    inbox = Inbox()
    await one_round(context, inbox)
    everything = {mail.to[0]: told(mail) for mail in inbox.mails}
    for text in everything.values():
        assert TEXT not in text
        assert "陈大文" not in text
        assert "13800000000" not in text
        assert "citizen@" not in text
    return everything


async def test_a_reminder_comes_with_a_link_and_its_day(
    db: Database, context: Context, now: datetime
) -> None:
    found = await sent(db, context, now, "reminded", PRESSED)
    assert list(found) == ["u1@example.org"]
    assert "/answer/" in found["u1@example.org"]
    assert "在2026年12月14日" in found["u1@example.org"]


@pytest.mark.parametrize(
    ("owner", "to"), [("office", "u1@example.org"), ("desk", "desk@example.org")]
)
@pytest.mark.parametrize("late", [True, False], ids=["late", "in time"])
async def test_a_reminder_says_that_its_day_is_over_only_when_it_is(
    db: Database, context: Context, now: datetime, *, owner: str, to: str, late: bool
) -> None:
    # As the desk presses by hand: the event names no day, the case does.
    until = now + timedelta(days=-3 if late else 3)
    state = {"office": "in_hand", "desk": "answered"}[owner]
    case = {"state": state, "owner": owner, "next_kind": "answer", "next_at": until}
    found = await sent(db, context, now, "reminded", {"office": "u1", "owner": owner}, **case)
    subject = found[to].splitlines()[0]
    assert ("已逾期" in subject) == late
    assert ("期限已经过了" in found[to]) == late
    assert ("或之前" in found[to]) == (not late)
    assert ("已逾期天数：" in found[to]) == late
    assert "快到期" not in found[to]


async def test_a_letter_that_could_not_be_sent_until_its_day_was_over_says_so(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "reminded", data=PRESSED, **{"state": "in_hand", **DUE})
    refused = Inbox([ConnectionError("down")] * 3)
    await one_round(context, refused)
    assert not refused.mails
    inbox = Inbox()
    await one_round(at(context, Clock(now + timedelta(days=30))), inbox)
    (text,) = (told(mail) for mail in inbox.mails)
    assert "已逾期" in text


@pytest.mark.parametrize(
    "since",
    [
        {"state": "answered", "owner": "desk", "next_kind": "release"},
        {"state": "waiting", "owner": "complainant", "next_kind": "reply"},
        {"state": "withdrawn", **OVER},
        {"state": "review", "next_kind": "review"},
        {"office": "b1"},
    ],
    ids=["answered", "asked", "withdrawn", "under review", "moved"],
)
@pytest.mark.parametrize("kind", ["reminded", "escalated"])
async def test_what_was_done_meanwhile_is_not_pressed_for(
    db: Database, context: Context, now: datetime, since: dict[str, Any], kind: str
) -> None:
    assert await sent(db, context, now, kind, {**PRESSED, "to": "b1"}, **since) == {}
    assert {state for _, _, state in await letters(db)} == {"dropped"}


async def test_the_office_above_hears_which_office_is_late_and_how_long_but_gets_no_link(
    db: Database, context: Context, now: datetime
) -> None:
    late = {**PRESSED, "by": str(date(2026, 11, 20)), "to": "b1", "times": 1}
    found = await sent(db, context, now, "escalated", late)
    assert list(found) == ["b1@example.org"]
    text = found["b1@example.org"]
    assert "教育局机关效能办" in text
    assert "2026-000001" in text
    assert "已逾期天数：3" in text
    assert "http" not in text


async def test_beyond_the_last_office_the_desk_hears(
    db: Database, context: Context, now: datetime
) -> None:
    found = await sent(db, context, now, "escalated", {**PRESSED, "to": "desk"})
    assert list(found) == ["desk@example.org"]
    assert "http" not in found["desk@example.org"]


async def test_a_sealed_case_presses_its_own_office_and_tells_nobody_above(
    db: Database, context: Context, now: datetime
) -> None:
    case = {"sealed": True, "office": "d1", "state": "handed_over", "next_kind": "confirm_receipt"}
    data = {**PRESSED, "office": "d1", "kind": "confirm_receipt", "to": "b1"}
    found = await sent(db, context, now, "escalated", data, **case)
    assert list(found) == ["d1@example.org"]
    assert "2026-000001" not in found["d1@example.org"]


async def test_a_withdrawn_sealed_case_asks_nothing_more_and_names_nothing(
    db: Database, context: Context, now: datetime
) -> None:
    case = {"sealed": True, "office": "d1", "state": "withdrawn", **OVER}
    found = await sent(db, context, now, "withdrawn", {"office": "d1"}, **case)
    assert list(found) == ["d1@example.org"]
    assert "2026-000001" not in found["d1@example.org"]
    assert "http" not in found["d1@example.org"]


async def test_who_withdraws_is_believed_and_the_office_is_told_without_a_link(
    db: Database, context: Context, now: datetime
) -> None:
    case = {"state": "withdrawn", **OVER}
    found = await sent(db, context, now, "withdrawn", {"office": "u1"}, **case)
    assert list(found) == ["u1@example.org"]
    assert "http" not in found["u1@example.org"]


async def test_a_question_says_until_when_and_is_not_in_the_mail(
    db: Database, context: Context, now: datetime
) -> None:
    found = await sent(db, context, now, "asked", {"office": "u1"}, **ASKED)
    assert list(found) == [CITIZEN]
    assert "2026年12月14日" in found[CITIZEN]
    assert "/track" in found[CITIZEN]


async def test_a_question_that_was_answered_meanwhile_is_not_asked_again(
    db: Database, context: Context, now: datetime
) -> None:
    assert await sent(db, context, now, "asked", {"office": "u1"}) == {}


async def test_an_extension_tells_the_new_day(
    db: Database, context: Context, now: datetime
) -> None:
    found = await sent(db, context, now, "extended", {"office": "u1"}, due_on=date(2026, 12, 28))
    assert "2026年12月28日" in found[CITIZEN]


async def test_a_follow_up_names_the_day_of_its_own_moment(
    db: Database, context: Context, now: datetime
) -> None:
    case = {"state": "followed_up", "office": "b1", "next_kind": "follow_up"}
    data = {"office": "b1", "owner": "office", "next": "2026-11-24T16:00:00+00:00"}
    found = await sent(
        db, context, now, "follow_up", data,
        **case, next_at=now + timedelta(days=1),
    )  # fmt: skip
    assert list(found) == ["b1@example.org"]
    assert "2026年11月24日" in found["b1@example.org"]


@pytest.mark.parametrize(
    ("kind", "case", "to"),
    [
        ("return_asked", {"state": "return_asked", "owner": "desk"}, ["desk@example.org"]),
        ("return_asked", {"state": "refused"}, []),
        ("disputed", {"state": "disputed", "owner": "desk"}, ["desk@example.org"]),
        ("disputed", {"state": "assigned"}, []),
        ("return_refused", {"state": "refused"}, ["u1@example.org"]),
        ("assigned", {"state": "assigned"}, [CITIZEN, "u1@example.org"]),
        ("replied", {}, ["u1@example.org"]),
        ("resumed", {}, ["u1@example.org"]),
        ("sent_back", {"state": "rework"}, ["u1@example.org"]),
        ("sent_back", {"state": "answered"}, []),
        ("review_asked", {"state": "review"}, ["u1@example.org"]),
        ("final_review_asked", {"state": "final_review"}, ["u1@example.org"]),
        ("review_decided", {"state": "closed", **OVER}, [CITIZEN]),
        ("lapsed", {"state": "closed", **OVER}, [CITIZEN]),
        ("declined", {"state": "declined", "office": None, **OVER}, [CITIZEN]),
        ("merged", {"state": "merged", "office": None, **OVER}, [CITIZEN]),
        ("supervised", {}, ["desk@example.org", "u1@example.org"]),
    ],
)
async def test_to_whom_it_matters(
    db: Database,
    context: Context,
    now: datetime,
    *,
    kind: str,
    case: dict[str, Any],
    to: list[str],
) -> None:
    found = await sent(db, context, now, kind, {}, **{"next_at": now + timedelta(days=1), **case})
    assert sorted(found) == sorted(to)


async def test_an_answer_reaches_everybody_whose_complaint_was_merged_into_it(
    db: Database, context: Context, now: datetime
) -> None:
    first = await one_case(db, now, email=CITIZEN, state="released", owner="complainant")
    merged = {"settled": True, "state": "merged", "owner": None, "next_at": None}
    second = await one_case(
        db, now, number="2026-000002", email="b@example.org", merged_into=first, **merged
    )
    await one_case(
        db, now, number="2026-000003", email="c@example.org", merged_into=second, **merged
    )
    await one_case(db, now, number="2026-000004", merged_into=first, **merged)
    async with db.transaction(SCHEMA) as conn:
        await happen(conn, first, "released", now + timedelta(days=1), office="u1")
    inbox = Inbox()
    await one_round(context, inbox)
    told_to = {mail.to[0]: told(mail) for mail in inbox.mails}
    assert sorted(told_to) == ["b@example.org", "c@example.org", CITIZEN]
    assert "2026-000002" in told_to["b@example.org"]
    assert "2026-000001" not in told_to["b@example.org"]
    assert len(inbox.mails) == 3


@pytest.mark.parametrize("merged", [True, False])
async def test_an_office_hears_of_what_is_withdrawn_from_it_and_not_of_what_was_merged_away(
    db: Database, context: Context, now: datetime, *, merged: bool
) -> None:
    data = {"office": "u1"} | ({"merged": True} if merged else {})
    found = await sent(db, context, now, "withdrawn", data, state="withdrawn", office="u1", **OVER)
    assert list(found) == ([] if merged else ["u1@example.org"])


async def test_who_was_merged_reads_the_day_of_the_case_whose_answer_is_awaited(
    db: Database, context: Context, now: datetime
) -> None:
    first = await one_case(db, now, state="in_hand", due_on=date(2026, 12, 28), **DUE)
    await one_case(
        db, now, number="2026-000002", email=CITIZEN, merged_into=first, settled=True,
        state="merged", due_on=date(2026, 12, 14), **OVER,
    )  # fmt: skip
    async with db.transaction(SCHEMA) as conn:
        await happen(conn, first, "extended", now, office="u1", due="2026-12-28")
    inbox = Inbox()
    await one_round(context, inbox)
    (text,) = (told(mail) for mail in inbox.mails)
    assert "2026年12月28日" in text
    assert "2026年12月14日" not in text

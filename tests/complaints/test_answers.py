"""An office signs for its case and answers it; whoever comes second changes nothing."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from board.ids import new_id
from complaints import answers, handling, intake
from complaints.answer_drafts import AnswerDraft, FindingDraft
from complaints.answers import Outcome
from complaints.handling import Case
from complaints.intake import Enclosed, Origin
from complaints.model import Attachment
from gateway.db import Database
from tests import database, people
from tests.people import CIPHER, COUNTY, draft

CALENDAR = COUNTY.calendar
HOUR = timedelta(hours=1)
DRAFT = AnswerDraft(
    (
        FindingDraft(1, "substantiated", "调取窗口录像，工作人员确有推诿。"),
        FindingDraft(2, "unfounded", "收件记录显示材料在 11 月 20 日才补齐。"),
    ),
    "已当面道歉并补办。",
    "您反映的第一项属实，已道歉；第二项经查没有超期。",
    "我当时没有解释清楚。",
)


async def filed(conn: asyncpg.Connection, now: datetime, **said: Any) -> Case:
    """A new case with two allegations, as its office sees it."""
    attachments = said.pop("attachments", ())
    found = await intake.file(
        conn,
        draft(**{"category": ("L01", "L02"), **said}),
        COUNTY,
        CIPHER,
        enclosed=Enclosed(b"k" * 32, attachments),
        origin=Origin("web", "zh-Hant"),
        now=now,
    )
    assert found.office is not None
    return await seen(conn, found.id, found.office)


async def seen(conn: asyncpg.Connection, complaint: UUID, office: str) -> Case:
    case = await handling.find_case(conn, complaint, office, CIPHER, lock=True)
    assert case is not None
    return case


async def give(
    conn: asyncpg.Connection, case: Case, now: datetime, draft: AnswerDraft = DRAFT
) -> Outcome:
    return await answers.answer(conn, case, draft, CALENDAR, now, answer_id=new_id(now))


async def row_of(conn: asyncpg.Connection, case: Case) -> asyncpg.Record:
    return await conn.fetchrow("SELECT * FROM complaint WHERE id = $1", case.id)


async def events_of(conn: asyncpg.Connection, case: Case) -> list[tuple[Any, ...]]:
    rows = await conn.fetch(
        "SELECT kind, actor_kind, actor, data FROM event WHERE complaint = $1"
        " AND kind NOT IN ('received', 'accepted', 'dispatched') ORDER BY at",
        case.id,
    )
    return [tuple(row) for row in rows]


async def test_nobody_but_the_office_that_has_the_case_sees_it(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    assert case.office != "O-TC"
    assert await handling.find_case(conn, case.id, "O-TC", CIPHER) is None
    assert await handling.find_case(conn, new_id(now), case.office, CIPHER) is None


async def test_contact_is_shown_only_with_consent(conn: asyncpg.Connection, now: datetime) -> None:
    told = {"name": "何敏仪", "phone": "12345", "email": "he@example.org"}
    withheld = await filed(conn, now, **told)
    assert not withheld.contact
    shared = await filed(conn, now, **told, share_contact="yes")
    assert (shared.contact.name, shared.contact.email) == ("何敏仪", "he@example.org")


async def test_signing_for_a_case_names_the_person_and_starts_the_answer_clock(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    assert await answers.sign_for(conn, case, "李工", CALENDAR, now + HOUR) == "done"

    row = await row_of(conn, case)
    assert (row["state"], row["owner"], row["next_kind"]) == ("signed", "office", "answer")
    assert row["due_on"] == date(2026, 12, 14)
    assert row["next_at"] == datetime.fromisoformat("2026-12-15T00:00:00+08:00")
    told = {"office": case.office, "person": "李工", "due": "2026-12-14"}
    assert await events_of(conn, case) == [("signed", "office", case.office, told)]
    signed = await seen(conn, case.id, case.office)
    assert signed.signature is not None
    assert (signed.signature.person, signed.signature.at) == ("李工", now + HOUR)


async def test_signing_twice_is_signing_once(conn: asyncpg.Connection, now: datetime) -> None:
    case = await filed(conn, now)
    await answers.sign_for(conn, case, "李工", CALENDAR, now)
    again = await seen(conn, case.id, case.office)
    assert await answers.sign_for(conn, again, "李工", CALENDAR, now + HOUR) == "again"
    assert await answers.sign_for(conn, again, "王工", CALENDAR, now + HOUR) == "late"
    assert len(await events_of(conn, case)) == 1


async def test_an_answer_is_released_at_once_and_waits_for_the_complainant(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    await answers.sign_for(conn, case, "李工", CALENDAR, now)
    signed = await seen(conn, case.id, case.office)
    assert await give(conn, signed, now + HOUR) == "done"

    row = await row_of(conn, case)
    assert (row["state"], row["owner"], row["next_kind"]) == ("released", "complainant", "rating")
    # 15 working days to rate it.
    assert row["next_at"] == datetime.fromisoformat("2026-12-15T00:00:00+08:00")
    assert await events_of(conn, case) == [
        (
            "signed",
            "office",
            case.office,
            {"office": case.office, "person": "李工", "due": "2026-12-14"},
        ),
        ("answered", "office", case.office, {}),
        ("released", "system", None, {"office": case.office, "due": "2026-12-14"}),
    ]
    letters = await conn.fetch(
        "SELECT kind FROM outbox JOIN event ON id = event ORDER BY outbox.at"
    )
    assert [row["kind"] for row in letters] == ["dispatched", "released"]


async def test_the_answer_is_kept_word_for_word(conn: asyncpg.Connection, now: datetime) -> None:
    case = await filed(conn, now)
    await give(conn, case, now + HOUR)
    given = await answers.find_answer(conn, case)
    assert given is not None
    assert (given.done, given.reply, given.right_of_reply, given.at) == (
        DRAFT.done,
        DRAFT.reply,
        DRAFT.right_of_reply,
        now + HOUR,
    )
    found = [(each.position, each.finding, each.reason) for each in given.findings]
    assert found == [(each.position, each.finding, each.reason) for each in DRAFT.findings]


async def test_answering_a_case_that_nobody_signed_for_signs_for_it(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    assert await give(conn, case, now) == "done"
    assert [kind for kind, *_ in await events_of(conn, case)] == ["signed", "answered", "released"]


async def test_the_same_answer_sent_twice_is_one_answer(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    await give(conn, case, now)
    answered = await seen(conn, case.id, case.office)
    assert await give(conn, answered, now + HOUR) == "again"
    assert await conn.fetchval("SELECT count(*) FROM answer") == 1
    assert await conn.fetchval("SELECT count(*) FROM finding") == 2


async def test_a_second_answer_changes_nothing(conn: asyncpg.Connection, now: datetime) -> None:
    case = await filed(conn, now)
    await give(conn, case, now)
    before = await row_of(conn, case), await events_of(conn, case)
    other = AnswerDraft(DRAFT.findings, DRAFT.done, "另一份答复，内容不一样。", "")
    answered = await seen(conn, case.id, case.office)
    assert await give(conn, answered, now + HOUR, other) == "late"
    # Also from a page that was opened before the first answer.
    assert await give(conn, case, now + HOUR, other) == "late"
    assert before == (await row_of(conn, case), await events_of(conn, case))


@pytest.mark.parametrize("state", ["received", "return_asked", "waiting", "closed", "withdrawn"])
async def test_a_case_that_waits_for_no_answer_takes_none(
    conn: asyncpg.Connection, now: datetime, state: str
) -> None:
    case = await filed(conn, now)
    await conn.execute("UPDATE complaint SET state = $2 WHERE id = $1", case.id, state)
    moved = await seen(conn, case.id, case.office)
    assert await give(conn, moved, now) == "late"
    assert await answers.sign_for(conn, moved, "李工", CALENDAR, now) == "late"
    assert await give(conn, case, now) == "late"
    assert (await row_of(conn, case))["state"] == state
    assert await events_of(conn, case) == []


async def test_another_office_cannot_answer_though_it_once_saw_the_case(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await filed(conn, now)
    await conn.execute("UPDATE complaint SET office = 'O-JW' WHERE id = $1", case.id)
    assert await give(conn, case, now) == "late"
    assert await answers.sign_for(conn, case, "李工", CALENDAR, now) == "late"
    assert await events_of(conn, case) == []


async def test_a_case_whose_calendar_is_unknown_still_has_a_next_deadline(
    conn: asyncpg.Connection, now: datetime
) -> None:
    late = datetime.fromisoformat("2029-12-20T10:00:00+08:00")
    case = await filed(conn, late)
    assert case.due_on is None
    await answers.sign_for(conn, case, "李工", CALENDAR, late)
    row = await row_of(conn, case)
    assert (row["owner"], row["next_kind"]) == ("office", "calendar_unknown")
    await give(conn, await seen(conn, case.id, case.office), late)
    row = await row_of(conn, case)
    assert (row["owner"], row["next_kind"]) == ("complainant", "calendar_unknown")
    assert row["next_at"] > late
    assert (await events_of(conn, case))[-1][3] == {"office": case.office}


async def test_the_discipline_office_reads_a_sealed_case_and_its_answer_is_not_kept_in_the_open(
    conn: asyncpg.Connection, now: datetime
) -> None:
    file = Attachment(new_id(now), 1, "收条.jpg", "image/jpeg", 9, b"x" * 32)
    case = await filed(
        conn,
        now,
        category=("C02",),
        text="他要我交茶水费。",
        happened_on="2026-11-20",
        attachments=(file,),
    )
    assert case.office == "O-JW"
    assert (case.words["body"], case.staff_badge) == ("他要我交茶水费。", "A1024")
    assert case.happened_on == date(2026, 11, 20)
    assert (case.subject_state, [each.category for each in case.allegations]) == (
        "identified", ["C02"],
    )  # fmt: skip
    assert [(each.name, each.media_type) for each in case.attachments] == [
        ("收条.jpg", "image/jpeg")
    ]
    download = await handling.find_download(conn, case.id, case.office, 1, CIPHER)
    assert download is not None
    assert (download.id, download.name, download.media_type) == (
        file.id, "收条.jpg", "image/jpeg",
    )  # fmt: skip
    assert await handling.find_download(conn, case.id, "O-RS", 1, CIPHER) is None
    assert await handling.find_download(conn, case.id, case.office, 2, CIPHER) is None

    assert not answers.may_answer(case)
    one = AnswerDraft(DRAFT.findings[:1], DRAFT.done, DRAFT.reply, "")
    assert await give(conn, case, now, one) == "late"
    assert await conn.fetchval("SELECT count(*) FROM answer") == 0


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"category": ("C02",)}, ""),
        ({"name": "何敏仪", "share_contact": "yes"}, draft().text),
    ],
    ids=["sealed", "contact shared"],
)
async def test_under_a_lost_key_a_case_shows_nothing_that_was_hidden_and_says_so(
    conn: asyncpg.Connection, now: datetime, said: dict[str, Any], shown: str
) -> None:
    case = await filed(conn, now, **said)
    other = people.KeyringCipher(people.Keyring(("another secret of thirty-two characters",)))
    found = await handling.find_case(conn, case.id, case.office, other)
    assert found is not None
    assert (found.unreadable, found.words["body"], bool(found.contact)) == (True, shown, False)
    assert not case.unreadable


async def test_of_twenty_people_who_answer_at_once_one_is_first(
    db: Database, now: datetime
) -> None:
    async with db.transaction(database.SCHEMA) as conn:
        case = await filed(conn, now)

    async def try_it(n: int) -> Outcome:
        mine = AnswerDraft(DRAFT.findings, DRAFT.done, f"第 {n} 个人写的答复，内容各不相同。", "")
        async with db.transaction(database.SCHEMA) as conn:
            return await give(conn, await seen(conn, case.id, case.office), now, mine)

    outcomes = await asyncio.gather(*(try_it(n) for n in range(20)))
    assert sorted(outcomes) == ["done"] + ["late"] * 19
    async with db.transaction(database.SCHEMA) as conn:
        kinds = [kind for kind, *_ in await events_of(conn, case)]
        assert kinds == ["signed", "answered", "released"]
        assert await conn.fetchval("SELECT count(*) FROM answer") == 1

"""How a case stands, for whoever holds its code, and for nobody else."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import asyncpg
import pytest

from board.calendar import Calendar
from complaints import intake, tracking
from complaints.intake import AlreadyFiled, Enclosed, Origin
from complaints.model import Cipher, Filed
from complaints.tracking import Case, derive, is_overdue
from gateway.ciphers import KeyringCipher
from gateway.keys import Keyring
from tests.people import CIPHER, COUNTY, SECRET, draft

NEWER = "a newer secret of thirty-two characters or more"
ROTATED = KeyringCipher(Keyring((NEWER, SECRET)))
FORGOTTEN = KeyringCipher(Keyring((NEWER,)))
WEB = Origin("web", "zh-Hans")


async def file(
    conn: asyncpg.Connection, now: datetime, cipher: Cipher = CIPHER, **said: object
) -> Filed:
    return await intake.file(
        conn, draft(**said), COUNTY, cipher, enclosed=Enclosed(b"k" * 32), origin=WEB, now=now
    )


async def case_of(conn: asyncpg.Connection, filed: Filed) -> Case:
    case = await tracking.find_case(conn, filed.id)
    assert case is not None
    return case


async def test_another_code_and_the_case_number_find_nothing(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now)
    swapped = filed.code[::-1]
    for typed in (swapped, filed.number, ""):
        assert await tracking.find_by_code(conn, CIPHER, typed) is None
    assert await tracking.find_by_code(conn, CIPHER, filed.code) == filed.id


async def test_a_code_outlives_a_new_key_but_not_the_loss_of_its_own(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, now)
    assert await tracking.find_by_code(conn, ROTATED, filed.code) == filed.id
    assert await tracking.find_by_code(conn, FORGOTTEN, filed.code) is None


async def test_a_request_repeated_after_a_key_change_gives_the_same_code(
    conn: asyncpg.Connection, now: datetime
) -> None:
    first = await file(conn, now, request_id="abc")
    again = await file(conn, now, ROTATED, request_id="abc")
    assert again == replace(first, repeated=True)
    with pytest.raises(AlreadyFiled):
        await file(conn, now, FORGOTTEN, request_id="abc")


async def test_a_case_carries_no_word_that_was_typed(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(
        conn, now, category=("L09",), wish="道歉", name="何小姐", place="12号", staff_name="陈晓岚"
    )
    shown = repr(await case_of(conn, filed))
    for word in ("等等", "道歉", "何小姐", "12号", "陈晓岚", "A1024"):
        assert word not in shown


async def test_the_timeline_keeps_the_order_of_one_moment(
    conn: asyncpg.Connection, now: datetime
) -> None:
    for _ in range(5):
        case = await case_of(conn, await file(conn, now))
        assert [line.kind for line in case.timeline] == ["received", "accepted", "dispatched"]


async def test_a_due_day_can_be_counted_again_unless_the_calendar_changed(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await case_of(conn, await file(conn, now))
    found = derive(case, COUNTY.calendar)
    assert found is not None
    assert found.day == case.due_on == date(2026, 12, 14)
    assert found.counted == 15
    closed: Calendar = COUNTY.calendar.with_closures([date(2026, 12, 1)])
    assert derive(case, closed) is None


async def test_before_it_is_accepted_nothing_is_due_from_an_office(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await case_of(conn, await file(conn, now, badge="", staff_description="高个子"))
    assert derive(case, COUNTY.calendar) is None
    assert not is_overdue(case, now + timedelta(days=100))
    assert case.next_at is not None


async def test_an_answer_is_overdue_from_the_day_after_its_due_day(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await case_of(conn, await file(conn, now))
    last = datetime.fromisoformat("2026-12-14T23:59:59+08:00")
    assert not is_overdue(case, last)
    assert is_overdue(case, last + timedelta(seconds=1))
    assert not is_overdue(replace(case, state="released"), last + timedelta(days=9))
    assert not is_overdue(replace(case, owner=None), last + timedelta(days=9))


async def test_a_case_about_a_head_tells_the_office_and_not_the_head(
    conn: asyncpg.Connection, now: datetime
) -> None:
    case = await case_of(conn, await file(conn, now, badge="H001"))
    assert case.office == "O-JW"
    assert "H001" not in repr(case)

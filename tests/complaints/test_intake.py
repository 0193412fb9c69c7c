"""A filed complaint is one complaint, with an office, a due day and a timeline."""

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from board.directory import Directory
from board.ids import new_id
from complaints import decisions, intake, secrets
from complaints.categories import categories
from complaints.decisions import decide, measure
from complaints.drafts import Draft
from complaints.intake import AlreadyFiled, Enclosed, Origin, TooManyFilings
from complaints.model import Attachment, Filed
from tests import people
from tests.people import CIPHER, COUNTY, draft

WEB = Origin("web", "zh-Hans")


async def file(
    conn: asyncpg.Connection, said: Draft, now: datetime, origin: Origin = WEB, **enclosed: Any
) -> Filed:
    return await intake.file(
        conn,
        said,
        COUNTY,
        CIPHER,
        enclosed=Enclosed(b"k" * 32, **enclosed),
        origin=origin,
        now=now,
    )


async def row_of(conn: asyncpg.Connection, filed: Filed) -> asyncpg.Record:
    return await conn.fetchrow("SELECT * FROM complaint WHERE id = $1", filed.id)


async def events_of(conn: asyncpg.Connection, filed: Filed) -> list[tuple[str, dict[str, Any]]]:
    rows = await conn.fetch(
        "SELECT kind, data FROM event WHERE complaint = $1 ORDER BY at", filed.id
    )
    return [(row["kind"], row["data"]) for row in rows]


async def letters_of(conn: asyncpg.Connection) -> list[str]:
    rows = await conn.fetch("SELECT kind FROM outbox JOIN event ON id = event ORDER BY event.at")
    return [row["kind"] for row in rows]


@pytest.mark.parametrize("category", ["L09", "C02"])
async def test_without_offices_and_rules_a_complaint_still_reaches_the_county_desk(
    conn: asyncpg.Connection, now: datetime, category: str
) -> None:
    bare = Directory(replace(people.COUNTY_FILES, offices=()))
    filed = await intake.file(
        conn,
        draft(category=(category,)),
        decisions.County(bare, COUNTY.calendar, ()),
        CIPHER,
        enclosed=Enclosed(b"k" * 32),
        origin=WEB,
        now=now,
    )
    row = await row_of(conn, filed)
    assert (row["state"], row["owner"], row["office"]) == ("received", "desk", None)
    assert row["next_at"] is not None


async def test_a_clear_case_goes_to_its_office_at_once(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, draft(category=("L09",)), now)

    row = await row_of(conn, filed)
    assert (filed.number, filed.repeated) == ("2026-000001", False)
    assert (row["state"], row["owner"], row["next_kind"]) == ("dispatched", "office", "sign")
    assert row["office"] == filed.office
    # 15 working days after Monday 23 November, and one day to sign for it.
    assert row["due_on"] == filed.due_on == date(2026, 12, 14)
    assert row["next_at"] == datetime.fromisoformat("2026-11-25T00:00:00+08:00")
    assert (row["limit_number"], row["limit_start"]) == (15, date(2026, 11, 23))
    assert await events_of(conn, filed) == [
        (
            "received",
            {"owner": "office", "office": filed.office, "due": "2026-12-14", "next": "2026-11-24"},
        ),
        ("accepted", {}),
        ("dispatched", {"office": filed.office, "due": "2026-12-14", "sign_by": "2026-11-24"}),
    ]
    # Nobody gave an e-mail, so only the office gets a letter.
    assert await letters_of(conn) == ["dispatched"]


async def test_a_complaint_about_nobody_known_waits_for_the_desk(
    conn: asyncpg.Connection, now: datetime
) -> None:
    said = draft(badge="", staff_description="穿白衬衫的人", email="c@example.org")
    filed = await file(conn, said, now)

    row = await row_of(conn, filed)
    assert (row["state"], row["owner"], row["next_kind"]) == ("received", "desk", "accept")
    assert row["next_at"] == datetime.fromisoformat("2026-11-27T00:00:00+08:00")
    assert (filed.office, filed.due_on, row["subject_state"]) == (None, None, "unidentified")
    assert [kind for kind, _ in await events_of(conn, filed)] == ["received"]
    assert await letters_of(conn) == ["received"]


async def test_no_calendar_for_next_year_gives_no_due_day_but_still_a_day_to_look(
    conn: asyncpg.Connection, now: datetime
) -> None:
    late = now.replace(month=12, day=30)
    filed = await file(conn, draft(category=("L09",)), late)

    row = await row_of(conn, filed)
    assert (row["due_on"], row["next_kind"]) == (None, "sign")
    assert row["next_at"] == datetime.fromisoformat("2027-01-01T00:00:00+08:00")
    after = await file(conn, draft(category=("L09",), wish="x"), late + timedelta(days=1))
    row = await row_of(conn, after)
    assert (row["due_on"], row["next_kind"]) == (None, "calendar_unknown")
    assert row["next_at"] == datetime.fromisoformat("2027-01-02T00:00:00+08:00")
    assert row["owner"] == "office"


# Sent twice


async def test_the_same_request_twice_is_one_complaint_with_one_code(
    conn: asyncpg.Connection, now: datetime
) -> None:
    said = draft(request_id="3f1c")
    first = await file(conn, said, now)
    again = await file(conn, said, now + timedelta(minutes=5))

    assert again == replace(first, repeated=True)
    assert await conn.fetchval("SELECT count(*) FROM complaint") == 1
    assert await conn.fetchval("SELECT n FROM counter") == 1
    assert len(await letters_of(conn)) == 1


async def test_another_text_under_a_used_request_id_shows_nothing_of_the_first(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await file(conn, draft(request_id="3f1c"), now)
    with pytest.raises(AlreadyFiled):
        await file(conn, draft(request_id="3f1c", text="别人的投诉"), now)
    assert await conn.fetchval("SELECT count(*) FROM complaint") == 1


async def test_the_same_words_sent_again_without_their_photo_get_the_code_of_the_one_complaint(
    conn: asyncpg.Connection, now: datetime
) -> None:
    """Its answer was lost, and a browser keeps no files in a form that it is shown again."""
    photo = Attachment(new_id(now), 1, "a.jpg", "image/jpeg", 3, b"s" * 32)
    first = await file(conn, draft(request_id="3f1c"), now, attachments=(photo,))
    again = await file(conn, draft(request_id="3f1c"), now)
    another = replace(photo, id=new_id(now), name="b.jpg")
    other = await file(conn, draft(request_id="3f1c"), now, attachments=(another, another))

    assert again == other == replace(first, repeated=True)
    assert first.files == 1
    assert await conn.fetchval("SELECT name FROM attachment") == "a.jpg"


async def test_without_a_request_id_each_filing_is_its_own(
    conn: asyncpg.Connection, now: datetime
) -> None:
    one, other = [await file(conn, draft(), now) for _ in range(2)]
    assert (one.number, other.number) == ("2026-000001", "2026-000002")
    assert one.code != other.code


async def test_numbers_begin_anew_each_year_of_the_county(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await file(conn, draft(), now)
    # 31 December, 16:30 in London is next year's first half hour in the county.
    filed = await file(conn, draft(), datetime.fromisoformat("2026-12-31T16:30:00+00:00"))
    assert filed.number == "2027-000001"


async def test_a_number_grows_past_six_digits(conn: asyncpg.Connection, now: datetime) -> None:
    await conn.execute("INSERT INTO counter (name, n) VALUES ('complaint-2026', 999999)")
    assert (await file(conn, draft(), now)).number == "2026-1000000"


async def test_too_many_filings_from_one_place_are_braked(
    conn: asyncpg.Connection, now: datetime
) -> None:
    braked = Origin("web", "zh-Hans", "bucket", 2)
    for _ in range(2):
        await file(conn, draft(), now, braked)
    with pytest.raises(TooManyFilings):
        await file(conn, draft(), now, braked)
    assert await conn.fetchval("SELECT count(*) FROM complaint") == 2
    await file(conn, draft(), now, replace(braked, brake="somebody else's"))


async def test_what_was_filed_before_the_brake_is_still_found(
    conn: asyncpg.Connection, now: datetime
) -> None:
    braked = Origin("web", "zh-Hans", "bucket", 1)
    first = await file(conn, draft(request_id="once-and-again-1"), now, braked)
    again = await file(conn, draft(request_id="once-and-again-1"), now, braked)
    assert again.repeated
    assert again.code == first.code


# What is kept, and how


async def test_the_code_and_the_request_id_are_kept_only_as_hashes(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, draft(request_id="f00d-f00d-f00d"), now)
    stored = "".join(
        [
            await conn.fetchval("SELECT json_agg(c)::text FROM complaint AS c"),
            await conn.fetchval("SELECT json_agg(e)::text FROM event AS e"),
        ]
    )
    assert filed.code not in stored
    assert "f00d" not in stored
    assert filed.code.encode().hex() not in stored


async def test_contact_details_are_encrypted_and_open_with_the_key(
    conn: asyncpg.Connection, now: datetime
) -> None:
    said = draft(name="陈小姐", phone="12345", email="c@example.org", share_contact=True)
    filed = await file(conn, said, now)

    row = await conn.fetchrow("SELECT * FROM complaint_secret WHERE complaint = $1", filed.id)
    assert "陈小姐".encode() not in row["contact"]
    assert secrets.open_contact(CIPHER, row["wrapped_key"], row["contact"]) == said.contact
    assert await letters_of(conn) == ["received", "dispatched"]
    everything = await conn.fetchval("SELECT json_agg(c)::text FROM complaint AS c")
    assert "c@example.org" not in everything


async def test_an_anonymous_complaint_has_no_secret_row(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await file(conn, draft(), now)
    assert await conn.fetchval("SELECT count(*) FROM complaint_secret") == 0


WORDS = {
    "text": "他开口要两条烟",
    "wish": "退还红包",
    "place": "12号窗口",
    "badge": "A1024",
    "staff_description": "戴眼镜",
    "matter": "M1",
    "receipt_number": "SL-77",
    "accepted_on": "2026-11-02",
    "happened_on": "2026-11-20",
    "happened_at": "09:30",
    "name": "何先生",
    "details": {"C03": "两条烟一个红包"},
}
GIVEAWAYS = (
    "两条烟",
    "红包",
    "12号窗口",
    "A1024",
    "戴眼镜",
    "M1",
    "SL-77",
    "何先生",
    "RS",
    "09:30",
)


@pytest.mark.parametrize("code", ["C02", "C03"])
async def test_a_sealed_complaint_leaves_no_readable_word(
    conn: asyncpg.Connection, now: datetime, code: str
) -> None:
    said = draft(category=("L09", code), **WORDS)
    photo = Attachment(people.new_uuid(now), 1, "红包照片.jpg", "image/jpeg", 10, b"h" * 32)
    filed = await file(conn, said, now, attachments=(photo,))

    row = await row_of(conn, filed)
    assert (row["sealed"], row["office"], row["subject_state"]) == (True, "O-JW", "sealed")
    for table in ("complaint", "event", "allegation", "attachment", "outbox"):
        stored = await conn.fetchval(f"SELECT coalesce(json_agg(t)::text, '') FROM {table} AS t")
        assert not [word for word in (*GIVEAWAYS, code, "L09") if word in stored], table

    secret = await conn.fetchrow("SELECT * FROM complaint_secret WHERE complaint = $1", filed.id)
    assert "红包".encode() not in secret["sealed"]
    opened = secrets.open_words(CIPHER, secret["wrapped_key"], secret["sealed"])
    assert opened["text"] == "他开口要两条烟"
    assert opened["staff_badge"] == "A1024"
    assert opened["unit"] == "RS"
    assert opened["allegations"][1:] == [
        {"category": code, "detail": "两条烟一个红包" if code == "C03" else ""},
        {"category": "T04", "detail": ""},
    ]
    assert opened["breach"]["matter"] == "M1"
    assert opened["files"] == [{"name": "红包照片.jpg", "media_type": "image/jpeg"}]


async def test_a_sealed_complaint_is_handed_over_and_promised_no_answer(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, draft(category=("C02",), email="c@example.org"), now)
    row = await row_of(conn, filed)
    assert (filed.office, filed.due_on, row["due_on"], row["limit_number"]) == (
        "O-JW", None, None, None,
    )  # fmt: skip
    # A day to sign for it all the same: nothing open is without an owner and a deadline.
    assert (row["owner"], row["next_kind"]) == ("office", "confirm_receipt")
    assert row["next_at"] == datetime.fromisoformat("2026-11-25T00:00:00+08:00")
    assert [kind for kind, _ in await events_of(conn, filed)] == [
        "received", "accepted", "dispatched",
    ]  # fmt: skip
    assert await letters_of(conn) == ["received", "dispatched"]


async def test_who_was_passed_over_for_a_sealed_complaint_is_told_to_nobody(
    conn: asyncpg.Connection, now: datetime
) -> None:
    filed = await file(conn, draft(badge="D001", category=("C02",)), now)
    row = await row_of(conn, filed)
    assert (row["office"], row["routing"]) == ("O-UP", {})


async def test_attachments_and_allegations_stand_in_their_order(
    conn: asyncpg.Connection, now: datetime
) -> None:
    files = tuple(
        Attachment(people.new_uuid(now), at, f"{at}.jpg", "image/jpeg", at, bytes([at]) * 32)
        for at in (1, 2)
    )
    said = draft(category=("L09", "V05"), details={"V05": "左边第二个台"})
    filed = await file(conn, said, now, attachments=files)

    rows = await conn.fetch(
        "SELECT position, name, sha256 FROM attachment WHERE complaint = $1 ORDER BY position",
        filed.id,
    )
    assert [tuple(row) for row in rows] == [(1, "1.jpg", b"\x01" * 32), (2, "2.jpg", b"\x02" * 32)]
    rows = await conn.fetch(
        "SELECT position, category, detail FROM allegation WHERE complaint = $1", filed.id
    )
    assert [tuple(row) for row in rows] == [(1, "L09", ""), (2, "V05", "左边第二个台")]


async def test_one_filing_costs_one_statement(conn: asyncpg.Connection, now: datetime) -> None:
    """How much log it writes is measured in tests/rules/test_costs.py, on a quiet connection."""
    said = draft(category=("T04",), name="陈小姐", phone="12345", text="字" * 300, request_id="r")
    counted: list[str] = []
    await file(conn, draft(category=("T04",), name="何先生"), now)  # the first looks at types
    conn.add_query_logger(lambda query: counted.append(query.query))
    await file(conn, said, now)
    await asyncio.sleep(0)  # loggers are called a turn later
    assert len(counted) == 1


# Whom it is about


def decided(**said: Any) -> decisions.Decided:
    return decide(draft(**said), None, COUNTY, datetime.fromisoformat("2026-11-23T10:00:00+08:00"))


@pytest.mark.parametrize(
    ("said", "state", "badge", "unit"),
    [
        ({"badge": "ａ １０２４"}, "identified", "A1024", "RS"),
        ({"badge": "tp-a1o24"}, "identified", "A1024", "RS"),
        ({"badge": "A1024", "unit": "TC"}, "identified", "A1024", "RS"),
        ({"badge": "Z9999"}, "unidentified", None, None),
        ({"badge": "Z9999", "unit": "TC"}, "unidentified", None, "TC"),
        ({"badge": "A0007", "happened_on": "2026-06-01"}, "identified", "A0007", "RS"),
        ({"badge": "A0007", "happened_on": "2026-07-01"}, "unidentified", None, None),
        ({"badge": "", "staff_name": "陈晓岚", "unit": "RS"}, "identified", "A1024", "RS"),
        ({"badge": "", "staff_name": "陈晓岚"}, "unidentified", None, None),
        ({"badge": "", "staff_name": "黄伟", "unit": "TC"}, "unidentified", None, "TC"),
        ({"badge": "", "staff_name": "陈晓", "unit": "RS"}, "unidentified", None, "RS"),
        ({"badge": "", "staff_description": "高个子", "unit": "RS"}, "unidentified", None, "RS"),
        ({"badge": "", "unit": "RS"}, "unit", None, "RS"),
        ({"badge": "", "matter": "M1"}, "unit", None, "RS"),
        ({"badge": "", "matter": "M1", "unit": "TC"}, "unit", None, "TC"),
    ],
)
def test_whom_a_complaint_is_about(
    said: dict[str, Any], state: str, badge: str | None, unit: str | None
) -> None:
    subject = decided(**said).subject
    assert subject.state == state
    assert (subject.staff.badge if subject.staff else None) == badge
    assert (subject.unit.code if subject.unit else None) == unit


def test_nobody_judges_the_head_of_the_own_unit() -> None:
    assert decided(badge="H001").office == "O-JW"


def test_the_head_of_the_discipline_office_is_answered_for_a_level_up() -> None:
    assert decided(badge="D001").office == "O-UP"


def test_who_stood_in_the_way_is_packed_and_no_name_with_it() -> None:
    packed = json.dumps(decisions.pack_routing(decided(badge="H001")), ensure_ascii=False)
    assert "梁志远" not in packed


# A missed limit


def test_a_missed_promise_is_an_allegation_by_itself() -> None:
    found = decided(badge="", matter="M1", accepted_on="2026-11-02")
    assert [each.category for each in found.allegations] == ["T04"]
    breach = decisions.pack_breach(found.measured)
    assert breach is not None
    assert breach["promised"] == {
        "number": 5,
        "unit": "working_day",
        "due": "2026-11-09",
        "late": True,
        "days_over": 10,
        "calendar": COUNTY.calendar.version,
    }
    assert breach["statutory"]["due"] == "2026-11-30"
    assert breach["statutory"]["late"] is False


def test_over_both_limits_is_two_allegations() -> None:
    found = decided(badge="", matter="M1", accepted_on="2026-09-01", category=("T01",))
    assert [each.category for each in found.allegations] == ["T01", "T03", "T04"]


def test_a_missed_limit_is_reported_beside_whatever_else_was_ticked() -> None:
    found = decided(matter="M1", accepted_on="2026-11-02", category=("L09", "T04"))
    assert [each.category for each in found.allegations] == ["L09", "T04"]
    found = decided(matter="M1", accepted_on="2026-09-01", category=("L09",))
    assert [each.category for each in found.allegations] == ["L09", "T03", "T04"]


def test_what_the_figures_prove_has_its_place_among_twenty_that_were_ticked() -> None:
    ticked = tuple(list(categories())[:20])
    found = decided(matter="M1", accepted_on="2026-09-01", category=ticked)
    assert [each.category for each in found.allegations] == [*ticked[:18], "T03", "T04"]


def test_a_limit_that_was_kept_adds_nothing() -> None:
    found = decided(matter="M1", accepted_on="2026-11-20", category=("L09",))
    assert [each.category for each in found.allegations] == ["L09"]
    assert found.measured is not None


def test_nothing_ticked_and_nothing_late_is_other() -> None:
    assert [each.category for each in decided().allegations] == ["C99"]


@pytest.mark.parametrize("said", [{"matter": "M1"}, {"matter": "M2", "accepted_on": "2026-11-02"}])
def test_without_a_day_or_a_limit_nothing_is_measured(said: dict[str, str]) -> None:
    assert decided(**said).measured is None


def test_a_limit_charges_nobody_with_what_was_accepted_before_it_held() -> None:
    valid_from = COUNTY.directory.matter("M1").valid_from  # type: ignore[union-attr]
    today = date(2024, 12, 2)
    assert measure("M1", None, valid_from - timedelta(days=1), today, COUNTY) is None
    # The years before 2024 have no calendar here, and that too is said and not guessed (R12).
    found = measure("M1", None, valid_from, today, COUNTY)
    assert found is not None
    assert found.breach.calendar_unknown
    assert found.breach.promised is not None
    assert found.breach.promised.due.limit.valid_from == valid_from


@pytest.mark.parametrize("said", [{}, {"accepted_on": "2026-11-02"}])
def test_a_late_unit_of_a_parallel_approval_is_told_above_the_lead_with_or_without_a_receipt(
    said: dict[str, str],
) -> None:
    found = decided(badge="", unit="TC", matter="M3", category=("T07",), **said)
    taken = found.decision.why[-1]
    assert (taken.rank, found.decision.office.code) == (120, "O-ST")


def test_half_days_from_a_bare_day_run_from_its_close() -> None:
    found = measure("M4", None, date(2026, 11, 19), date(2026, 11, 23), COUNTY)
    assert found is not None
    assert found.assumed
    assert found.breach.promised is not None
    assert found.breach.promised.due.day == date(2026, 11, 20)


def test_a_year_without_calendar_is_said_to_be_unknown() -> None:
    found = measure("M1", None, date(2026, 12, 28), date(2026, 12, 31), COUNTY)
    assert found is not None
    assert found.breach.calendar_unknown
    packed = decisions.pack_breach(found)
    assert packed is not None
    assert packed["promised"]["due"] is None


async def test_the_countys_own_record_of_a_receipt_beats_what_was_typed(
    conn: asyncpg.Connection, now: datetime
) -> None:
    await people.insert_matter(conn)
    await conn.execute(
        "INSERT INTO receipt (number, number_key, matter, accepted_at, decided_at)"
        " VALUES ('SL-2026-7', 'S120267', 'M1', $1, NULL)",
        datetime.fromisoformat("2026-11-02T09:00:00+08:00"),
    )
    said = draft(badge="", matter="M2", receipt_number="sl 2O26 7", accepted_on="2026-11-20")
    row = await row_of(conn, await file(conn, said, now))
    assert row["matter"] == "M1"
    assert row["breach"]["receipt"] == "SL-2026-7"
    assert row["breach"]["promised"]["due"] == "2026-11-09"
    assert row["accepted_on"] == date(2026, 11, 20)

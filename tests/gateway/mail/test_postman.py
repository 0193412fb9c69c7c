"""What becomes of events and letters, told on a real database with a scripted way of sending."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest

from complaints.model import LETTER_EVENTS
from gateway.context import Context
from gateway.counties import Counties, County
from gateway.db import Database
from gateway.mail import outbox, postman, writing
from gateway.mail.planning import TEMPLATES
from gateway.mail.transport import (
    ATTEMPTS,
    BROKEN_ATTEMPTS,
    DEADLY_ATTEMPTS,
    Mail,
    Refused,
    TryLater,
)
from gateway.store import letter_tasks
from gateway.store import letters as store
from tests.gateway.mail.servers import Handler, serving
from tests.gateway.mail.world import (
    CITIZEN,
    COUNTY,
    SCHEMA,
    TEXT,
    Clock,
    Inbox,
    file_complaint,
    happen,
    letters,
    one_case,
    one_round,
    rows,
    settle,
    surroundings,
)


@pytest.fixture
def context(db: Database, now: datetime, tmp_path: Path) -> Context:
    return surroundings(db, now, tmp_path)


def clock_of(context: Context) -> Clock:
    return cast(Clock, context.clock)


def read(mail: Mail) -> EmailMessage:
    return message_from_bytes(mail.data, policy=policy.default)


def parts(mail: Mail) -> str:
    """Everything that somebody who gets the mail can read, its headers included."""
    message = read(mail)
    bodies = [
        part.get_content() for part in message.walk() if part.get_content_type()[:4] == "text"
    ]
    return "\n".join([*map(str, message.values()), *bodies])


def test_every_event_that_asks_for_letters_has_a_template_for_each_recipient() -> None:
    wanted = {(kind, to) for kind, recipients in LETTER_EVENTS.items() for to in recipients}
    assert wanted == set(TEMPLATES)


async def test_who_waited_for_the_desk_is_told_which_office_has_the_case_and_until_when(
    db: Database, context: Context, now: datetime
) -> None:
    complaint = await one_case(db, now, email=CITIZEN)
    async with db.transaction(SCHEMA) as conn:
        await happen(conn, complaint, "dispatched", now + timedelta(days=1), office="u1")
    inbox = Inbox()
    await one_round(context, inbox)
    assert await letters(db) == [
        ("assigned", "complainant", "sent"),
        ("dispatched", "office", "sent"),
    ]
    (mail,) = [mail for mail in inbox.mails if mail.to == (CITIZEN,)]
    assert "教育局机关效能办" in parts(mail)
    assert "2026年12月14日" in parts(mail)
    assert "/answer/" not in parts(mail), "the link is the office's alone"


async def test_nobody_is_told_of_an_office_that_the_case_has_left_again(
    db: Database, context: Context, now: datetime
) -> None:
    complaint = await one_case(db, now, email=CITIZEN, office="b1")
    async with db.transaction(SCHEMA) as conn:
        await happen(conn, complaint, "dispatched", now + timedelta(days=1), office="u1")
    inbox = Inbox()
    await one_round(context, inbox)
    assert inbox.mails == []
    assert {state for _, _, state in await letters(db)} == {"dropped"}


async def test_a_server_that_refuses_for_good_leaves_a_task_for_the_desk(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "dispatched")
    await one_round(context, Inbox([Refused("550 <u1@example.org> no such user")]))
    assert await letters(db) == [("dispatched", "office", "given_up")]
    async with db.transaction(SCHEMA) as conn:
        assert await letter_tasks.count_tasks(conn) == {"letter_given_up": 1}
        (row,) = await letter_tasks.list_given_up(conn)
    assert (row["number"], row["office"], row["attempts"]) == ("2026-000001", "u1", 1)
    # Logs and the desk see why, but no address.
    assert row["last_error"] == "550 <…@…> no such user"
    inbox = Inbox()
    clock_of(context).forward(days=4)
    assert await one_round(context, inbox) == 0
    assert inbox.mails == []


async def test_a_sealed_letter_that_is_given_up_does_not_tell_the_desk_its_case(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "dispatched", sealed=True, office="d1")
    await one_round(context, Inbox([Refused("550 no")]))
    (task,) = await rows(db, "SELECT kind, complaint, letter FROM desk_task")
    assert (task["kind"], task["complaint"]) == ("letter_given_up", None)
    async with db.transaction(SCHEMA) as conn:
        assert (await letter_tasks.list_given_up(conn))[0]["number"] is None


async def test_a_server_that_is_busy_is_asked_again_with_growing_pauses_for_three_days(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "dispatched")
    busy, tries, pauses = Inbox([TryLater("451 busy")] * 100), 0, []
    while (await letters(db) or [("", "", "waiting")])[0][2] == "waiting":
        await one_round(context, busy)
        tries += 1
        (row,) = await rows(db, "SELECT next_at, last_error FROM letter")
        assert row["last_error"] == "451 busy"
        pauses.append(row["next_at"] - context.clock())
        clock_of(context).now = row["next_at"]
    assert tries == ATTEMPTS
    assert timedelta(days=2.4) < context.clock() - now < timedelta(days=3.6)
    assert timedelta(seconds=48) <= pauses[0] <= timedelta(seconds=72)
    assert pauses[0] < pauses[3] < pauses[6]
    assert await letters(db) == [("dispatched", "office", "given_up")]


async def test_a_letter_is_not_tried_before_its_pause_is_over(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "dispatched")
    await one_round(context, Inbox([TryLater("451 busy")]))
    inbox = Inbox()
    clock_of(context).forward(seconds=40)
    assert await one_round(context, inbox) == 0
    clock_of(context).forward(seconds=40)
    assert await one_round(context, inbox) == 1
    assert await letters(db) == [("dispatched", "office", "sent")]


async def test_a_letter_that_cannot_be_written_is_given_up_and_the_others_go_out(
    db: Database,
    context: Context,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    poisoned = await one_case(db, now, "dispatched")
    async with db.transaction(SCHEMA) as conn:
        other = await file_complaint(conn, now, "2026-000002")
        await happen(conn, other, "dispatched", now)
    await one_round(context, Inbox([TryLater("451"), TryLater("451")]))
    async with db.transaction(SCHEMA) as conn:
        await conn.execute(
            "UPDATE letter SET template = 'poison', attempts = 0 WHERE complaint = $1", poisoned
        )
    inbox = Inbox()
    for _ in range(BROKEN_ATTEMPTS):
        clock_of(context).forward(hours=2)
        await one_round(context, inbox)
    assert await letters(db) == [
        ("dispatched", "office", "sent"), ("poison", "office", "given_up"),
    ]  # fmt: skip
    assert len(inbox.mails) == 1
    assert "cannot be written" in caplog.text
    (task,) = await rows(db, "SELECT complaint FROM desk_task")
    assert task["complaint"] == poisoned


async def test_contact_details_that_no_key_opens_are_shown_to_the_desk_not_passed_over(
    db: Database, context: Context, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    complaint = await one_case(db, now, "received", email=CITIZEN)
    async with db.transaction(SCHEMA) as conn:
        await conn.execute("UPDATE complaint_secret SET wrapped_key = 'x' WHERE true")
    for _ in range(BROKEN_ATTEMPTS):
        await one_round(context, Inbox())
        clock_of(context).forward(hours=2)
    assert await letters(db) == [("received", "complainant", "given_up")]
    assert str(complaint) in caplog.text


async def test_letters_whose_address_no_key_opens_are_not_one_flooded_address(
    db: Database, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LETTERS_A_DAY", 1)
    async with db.transaction(SCHEMA) as conn:
        await settle(conn)
        for n in range(3):
            complaint = await file_complaint(conn, now, f"2026-00002{n}", email=f"c{n}@example.org")
            await happen(conn, complaint, "received", now)
    async with db.transaction(SCHEMA) as conn:
        kept = await conn.fetch("SELECT complaint, wrapped_key FROM complaint_secret")
        await conn.execute("UPDATE complaint_secret SET wrapped_key = 'x' WHERE true")
    inbox = Inbox()
    await one_round(context, inbox)
    assert inbox.mails == []
    async with db.transaction(SCHEMA) as conn:
        await conn.executemany(
            "UPDATE complaint_secret SET wrapped_key = $2 WHERE complaint = $1",
            [tuple(row) for row in kept],
        )
    clock_of(context).forward(hours=2)
    await one_round(context, inbox)
    assert {mail.to[0] for mail in inbox.mails} == {f"c{n}@example.org" for n in range(3)}


@pytest.mark.parametrize("address", ["", "nobody", "a b@example.org", "a@example.org\nBcc: x@y.z"])
async def test_an_office_without_a_usable_address_is_a_task_for_the_desk(
    db: Database, context: Context, now: datetime, address: str
) -> None:
    await one_case(db, now, "dispatched")
    async with db.transaction(SCHEMA) as conn:
        await conn.execute("UPDATE office SET email = $1 WHERE true", address)
    inbox = Inbox()
    await one_round(context, inbox)
    assert inbox.mails == []
    assert await letters(db) == [("dispatched", "office", "given_up")]


async def test_a_letter_that_kills_its_worker_is_not_tried_for_ever(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "dispatched")
    await one_round(context, Inbox([TryLater("451")]))
    for _ in range(DEADLY_ATTEMPTS - 1):
        clock_of(context).forward(minutes=6)
        async with db.transaction(SCHEMA) as conn:  # claimed, and then the worker is gone
            moment = context.clock()
            claimed = await store.claim_letters(conn, moment, moment + postman.LEASE, 100)
            assert len(claimed) == 1
    clock_of(context).forward(hours=6)
    inbox = Inbox()
    await one_round(context, inbox)
    assert inbox.mails == []
    assert await letters(db) == [("dispatched", "office", "given_up")]


async def test_an_event_that_no_letter_is_known_for_does_not_stay_in_the_way(
    db: Database, context: Context, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    await one_case(db, now, "something_new", "dispatched")
    inbox = Inbox()
    await one_round(context, inbox)
    assert len(inbox.mails) == 1
    assert "something_new" in caplog.text
    assert await rows(db, "SELECT event FROM outbox") == []


async def test_an_event_that_cannot_be_read_is_a_task_for_the_desk_and_the_others_go_on(
    db: Database, context: Context, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    complaint = await one_case(db, now, "dispatched", "dispatched")
    async with db.transaction(SCHEMA) as conn:
        await conn.execute(
            "UPDATE event SET data = '[]' WHERE id = (SELECT min(event::text)::uuid FROM outbox)"
        )
    inbox = Inbox()
    await one_round(context, inbox)
    assert len(inbox.mails) == 1
    (task,) = await rows(db, "SELECT kind, complaint FROM desk_task")
    assert tuple(task) == ("letters_missing", complaint)
    assert "cannot be planned" in caplog.text
    assert await rows(db, "SELECT event FROM outbox") == []


async def test_nothing_due_is_nothing_done(db: Database, context: Context) -> None:
    assert await one_round(context, Inbox()) == 0


async def test_the_office_gets_a_link_and_not_a_word_of_the_complaint(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "dispatched", email=CITIZEN)
    inbox = Inbox()
    assert await one_round(context, inbox) == 2  # the event and its letter
    (mail,) = inbox.mails
    assert mail.to == ("u1@example.org",)
    seen = parts(mail)
    assert "https://c.example.org/answer/" in seen
    assert "2026-000001" in seen
    for secret in (TEXT, "陈大文", "13800000000", CITIZEN):
        assert secret not in seen
        assert secret.encode() not in mail.data


async def test_a_sealed_case_writes_to_the_discipline_office_alone_and_tells_nothing(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(
        db, now, "received", "dispatched", "released", "link_asked",
        sealed=True, office="d1", email=CITIZEN,
    )  # fmt: skip
    inbox = Inbox()
    await one_round(context, inbox)
    assert [mail.to for mail in inbox.mails] == [("d1@example.org",)] * 2
    for mail in inbox.mails:
        assert "2026-000001" not in parts(mail)
        assert "2026" not in str(read(mail)["Subject"])


async def test_the_day_to_act_by_is_the_cases_own_and_never_guessed(
    db: Database, context: Context, now: datetime
) -> None:
    complaint = await one_case(db, now, "dispatched", data={"sign_by": "2026-11-24"})
    async with db.transaction(SCHEMA) as conn:
        await happen(conn, complaint, "dispatched", now, sign_by=None)
    inbox = Inbox()
    await one_round(context, inbox)
    told = [parts(mail) for mail in inbox.mails]
    assert sum("请在2026年11月24日（星期二）或之前打开链接签收" in each for each in told) == 1
    assert sum("请尽快打开链接签收" in each for each in told) == 1


async def test_who_gave_an_address_hears_in_the_own_language_and_without_the_code(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "received", "released", language="en", email=CITIZEN)
    inbox = Inbox()
    await one_round(context, inbox)
    first, second = sorted(inbox.mails, key=lambda mail: str(read(mail)["Subject"]), reverse=True)
    assert read(first)["Subject"] == "Your complaint has been answered (2026-000001)"
    assert read(second)["Subject"] == "Your complaint has arrived (2026-000001)"
    assert "Education efficiency office" in parts(second)
    assert "Monday, 14 December 2026" in parts(second)
    assert "https://c.example.org/track?lang=en" in parts(first)
    assert read(first)["Content-Language"] == "en"


@pytest.mark.parametrize("email", [None, ""])
async def test_who_gave_no_address_gets_no_letter(
    db: Database, context: Context, now: datetime, email: str | None
) -> None:
    await one_case(db, now, "received", "released", email=email)
    await one_round(context, Inbox())
    assert await letters(db) == []


async def test_a_case_that_nobody_has_is_told_to_the_desk_and_the_complainant(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(
        db, now, "received", state="received", owner="desk", office=None, due_on=None,
        email=CITIZEN, data={"owner": "desk"},
    )  # fmt: skip
    inbox = Inbox()
    await one_round(context, inbox)
    assert {mail.to for mail in inbox.mails} == {("desk@example.org",), (CITIZEN,)}
    assert [row[:2] for row in await letters(db)] == [
        ("received_waiting", "complainant"), ("waiting", "desk"),
    ]  # fmt: skip


async def test_an_office_that_lost_the_case_meanwhile_is_not_written_to(
    db: Database, context: Context, now: datetime
) -> None:
    complaint = await one_case(db, now, "dispatched", data={"office": "u1"}, office="b1")
    inbox = Inbox()
    await one_round(context, inbox)
    assert inbox.mails == []
    assert await letters(db) == [("dispatched", "office", "dropped")]
    assert await rows(db, "SELECT token_hash FROM link") == []
    assert await rows(db, "SELECT id FROM desk_task") == []
    async with db.transaction(SCHEMA) as conn:
        await happen(conn, complaint, "dispatched", now, office="b1")
    await one_round(context, inbox)
    assert [mail.to for mail in inbox.mails] == [("b1@example.org",)]


async def test_letters_about_one_case_thread_and_a_second_try_is_the_same_message(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "received", "dispatched", email=CITIZEN)
    inbox, tried = Inbox([TryLater("451")] * 2), []

    async def spy(mail: Mail) -> None:
        tried.append(mail)
        await Inbox.send(inbox, mail)

    inbox.send = spy  # type: ignore[method-assign]
    await one_round(context, inbox)
    clock_of(context).forward(minutes=2)
    await one_round(context, inbox)
    assert len(tried) == 4
    assert len({read(mail)["Message-ID"] for mail in tried}) == 2
    (thread,) = {read(mail)["References"] for mail in tried}
    assert "000001" not in thread
    assert {read(mail)["In-Reply-To"] for mail in tried} == {thread}


async def test_a_crash_after_sending_sends_the_same_message_again_and_no_earlier_than_the_lease(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "dispatched")

    class Crash(BaseException):
        """The process is gone."""

    crashing, second = Inbox(), Inbox()

    async def send(mail: Mail) -> None:
        crashing.mails.append(mail)
        raise Crash

    crashing.send = send  # type: ignore[method-assign]
    with pytest.raises(BaseExceptionGroup):
        await one_round(context, crashing)
    assert await letters(db) == [("dispatched", "office", "waiting")]
    assert await one_round(context, second) == 0
    clock_of(context).now += postman.LEASE
    await one_round(context, second)
    assert read(second.mails[0])["Message-ID"] == read(crashing.mails[0])["Message-ID"]


async def test_who_is_slow_and_lost_the_lease_marks_nothing(
    db: Database, context: Context, now: datetime
) -> None:
    await one_case(db, now, "dispatched")
    await one_round(context, Inbox([TryLater("451")]))
    clock_of(context).forward(minutes=2)
    async with db.transaction(SCHEMA) as conn:
        (slow,) = await store.claim_letters(conn, context.clock(), context.clock(), 100)
    async with db.transaction(SCHEMA) as conn:
        later = context.clock() + postman.LEASE
        (quick,) = await store.claim_letters(conn, context.clock(), later, 100)
        mark = store.Mark(slow.id, slow.attempts, "given_up", later, "too late", later)
        await store.mark_letters(conn, [mark])
        await letter_tasks.insert_letter_task(conn, slow.id, slow.id, later)
        await store.extend_leases(conn, [(slow.id, slow.attempts)], now)
    assert quick.attempts == slow.attempts + 1
    (row,) = await rows(db, "SELECT state, next_at FROM letter")
    assert (row["state"], row["next_at"]) == ("waiting", later)
    assert await rows(db, "SELECT id FROM desk_task") == []


async def test_a_long_round_keeps_its_letters_and_writes_down_what_is_finished(
    db: Database, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postman, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(postman, "LANES", 1)
    complaint = await one_case(db, now, "dispatched")
    async with db.transaction(SCHEMA) as conn:
        await happen(conn, complaint, "link_asked", now)
    slow, gate = Inbox(), asyncio.Event()

    async def send(mail: Mail) -> None:
        if slow.mails:
            await gate.wait()
        slow.mails.append(mail)

    slow.send = send  # type: ignore[method-assign]
    round_ = asyncio.create_task(one_round(context, slow))
    await asyncio.sleep(0.5)
    assert {state for _, _, state in await letters(db)} == {"sent", "waiting"}
    clock_of(context).forward(seconds=59)
    await asyncio.sleep(0.3)
    clock_of(context).forward(seconds=30)  # past the first lease, within the longer one
    other = Inbox()
    assert await one_round(context, other) == 0
    gate.set()
    assert await round_ == 4
    assert {state for _, _, state in await letters(db)} == {"sent"}


async def test_a_longer_lease_never_shortens_the_pause_of_a_letter_that_finished_meanwhile(
    db: Database, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postman, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(postman, "pause", lambda _attempts: 86_400.0)
    monkeypatch.setattr(postman, "MARK_EVERY", 1)
    complaint = await one_case(db, now)
    async with db.transaction(SCHEMA) as conn:
        for _ in range(30):
            await happen(conn, complaint, "dispatched", now)
    extend = store.extend_leases

    async def slowly(*args: Any) -> None:
        await asyncio.sleep(0.05)
        await extend(*args)

    monkeypatch.setattr(store, "extend_leases", slowly)

    async def busy(mail: Mail) -> None:
        await asyncio.sleep(0.02)
        raise TryLater("451")

    inbox = Inbox()
    inbox.send = busy  # type: ignore[method-assign]
    await one_round(context, inbox)
    due = {row["next_at"] for row in await rows(db, "SELECT next_at FROM letter")}
    assert due == {now + timedelta(days=1)}


async def test_a_crash_in_a_long_round_would_repeat_a_few_letters_and_not_all(
    db: Database, context: Context, now: datetime
) -> None:
    complaint = await one_case(db, now)
    async with db.transaction(SCHEMA) as conn:
        for _ in range(70):
            await happen(conn, complaint, "dispatched", now)
    inbox, stuck = Inbox(), asyncio.Event()

    async def send(mail: Mail) -> None:
        if len(inbox.mails) == 60:
            stuck.set()
            await asyncio.sleep(60)
        inbox.mails.append(mail)

    inbox.send = send  # type: ignore[method-assign]
    round_ = asyncio.create_task(one_round(context, inbox))
    await stuck.wait()
    await asyncio.sleep(0.3)
    written_down = sum(state == "sent" for _, _, state in await letters(db))
    assert 60 - postman.MARK_EVERY < written_down <= 60
    # Cut short, the round writes down the rest.
    round_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await round_
    assert sum(state == "sent" for _, _, state in await letters(db)) == 60


async def test_two_workers_share_the_letters_and_none_is_sent_twice(
    db: Database, context: Context, now: datetime
) -> None:
    complaint = await one_case(db, now)
    async with db.transaction(SCHEMA) as conn:
        for _ in range(250):
            await happen(conn, complaint, "dispatched", now)
    inbox = Inbox()
    while any(await asyncio.gather(one_round(context, inbox), one_round(context, inbox))):
        pass
    ids = [read(mail)["Message-ID"] for mail in inbox.mails]
    assert len(ids) == len(set(ids)) == 250


async def test_an_address_in_a_form_is_not_a_way_to_flood_a_third_person(
    db: Database, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LETTERS_A_DAY", 3)
    async with db.transaction(SCHEMA) as conn:
        await settle(conn)
        for n in range(6):
            spelling = ("Victim@example.org", f"victim+{n}@example.org")[n % 2]
            complaint = await file_complaint(conn, now, f"2026-00001{n}", email=spelling)
            await happen(conn, complaint, "received", now)
            await happen(conn, complaint, "dispatched", now)
    inbox = Inbox()
    await one_round(context, inbox)
    to_victim = [mail for mail in inbox.mails if mail.to[0].lower().startswith("victim")]
    assert len(to_victim) == 3
    assert len(inbox.mails) == 3 + 6  # offices hear of every case
    dropped = await rows(db, "SELECT last_error FROM letter WHERE state = 'dropped'")
    assert [row["last_error"] for row in dropped] == [outbox.TOO_MANY] * 3
    # Visible to the desk, once; the address is readable nowhere.
    assert [r["kind"] for r in await rows(db, "SELECT kind FROM desk_task")] == ["letters_dropped"]
    (bucket,) = await rows(db, "SELECT bucket, n FROM throttle")
    assert bucket["n"] == 6
    assert "victim" not in bucket["bucket"].lower()
    clock_of(context).forward(days=1)
    async with db.transaction(SCHEMA) as conn:
        await happen(conn, complaint, "released", context.clock())
    await one_round(context, inbox)
    assert len(inbox.mails) == 10


async def test_one_countys_fault_does_not_keep_another_waiting(
    db: Database, context: Context, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    await one_case(db, now, "dispatched")
    nowhere = County("nowhere", "county_nowhere", "", "", "nowhere.example.org")
    both = replace(context, counties=Counties((nowhere, COUNTY)))
    with caplog.at_level(logging.WARNING), pytest.raises(Exception, match="does not exist"):
        await postman.run_once(both)
    assert await letters(db) == [("dispatched", "office", "sent")]
    assert "nowhere" in caplog.text
    await postman.close(both)


async def test_a_round_with_a_real_server_one_address_unknown_one_busy_one_good(
    db: Database, now: datetime, tmp_path: Path
) -> None:
    complaint = await one_case(db, now, "dispatched")
    async with db.transaction(SCHEMA) as conn:
        for _ in range(2):
            await happen(conn, complaint, "link_asked", now)
    handler = Handler(at={"RCPT": ["550 <u1@example.org> unknown", "451 busy"]})
    async with serving(handler) as port:
        context = surroundings(db, now, tmp_path, smtp_url=f"smtp://127.0.0.1:{port}?starttls=0")
        assert await postman.run_once(context) == 6
        assert sorted(state for _, _, state in await letters(db)) == ["given_up", "sent", "waiting"]
        assert len(handler.mails) == 1
        clock_of(context).forward(minutes=2)
        assert await postman.run_once(context) == 1
        assert await postman.run_once(context) == 0
        await postman.close(context)
    assert sorted(state for _, _, state in await letters(db)) == ["given_up", "sent", "sent"]
    assert handler.connections <= postman.LANES
    (sent, _) = handler.mails
    assert sent.mail_from == context.settings.mail_from


async def test_a_county_with_a_host_of_its_own_is_linked_by_it(context: Context) -> None:
    own = County("own", "county_own", "", "", "own.example.org")
    alone = replace(context, counties=Counties((own,)))
    shared = replace(context, counties=Counties((own, COUNTY)))
    assert writing.site_of(alone, own) == "https://c.example.org"
    assert writing.site_of(shared, own) == "https://own.example.org"
    assert writing.site_of(shared, COUNTY) == "https://c.example.org"

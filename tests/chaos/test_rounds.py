"""A short run of `python -m tests.chaos`: nothing acknowledged is lost, nothing happens twice."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos import faults
from tests.chaos.accounting import Balance, Books, Mailed, _complaints, _letters, _mailboxes
from tests.chaos.citizens import Diary, Plan, Told, hash_of, plan
from tests.chaos.rounds import Trial
from tests.chaos.site import running


@pytest.mark.thorough
async def test_killed_while_citizens_file_and_mail_goes_out(monkeypatch: pytest.MonkeyPatch):
    """Web and worker die in the first round, all of it in the second."""
    drawn: list[Sequence[tuple[float, str]]] = [
        [(0.6, "everything killed")],
        [(0.3, "web killed"), (0.8, "background killed"), (1.0, "backend killed")],
    ]
    monkeypatch.setattr(faults, "draw", lambda _chances, _span: drawn.pop())
    async with running(3, 0.002) as site:
        trial = Trial(site, random.Random(3))
        for _ in range(2):
            balance = await trial.round(5)
            assert balance.faults == []
    assert balance.figures["complaints acknowledged"] == 10
    assert trial.done["everything killed"] > 2


# The accounting itself: what it must not overlook.

ROW: dict[str, Any] = {
    "id": 1, "number": "2026-000001", "sealed": False, "state": "received", "owner": "desk",
    "next_at": "soon",
}  # fmt: skip
LETTER: dict[str, Any] = {
    "id": type("Id", (), {"hex": "ab"})(), "event": 1, "complaint": 1, "recipient": "office",
    "state": "sent",
}  # fmt: skip


def told() -> tuple[Diary, Plan]:
    diary = Diary()
    asked = replace(plan(random.Random(1), "x"), email="a@example.org", sealed=False)
    diary.plans[asked.request_id] = asked
    diary.tell(asked, Told("2026-000001", "1234567890123456"))
    return diary, asked


def row(asked: Plan, **other: Any) -> Any:
    return {**ROW, "request_hash": hash_of(asked.request_id), "body": asked.text} | other


def found_in(complaints: list[Any] = (), letters: list[Any] = ()) -> Books:
    return Books(list(complaints), [], list(letters), [], [])


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ([], "lost"),
        ([{"number": "2026-000002"}], "is stored as"),
        ([{"body": "something else"}], "says"),
        ([{"owner": None}], "no owner"),
        ([{}, {"request_hash": b"other"}], "2 complaints say"),
        ([{}, {"request_hash": b"other", "body": "more"}], "nobody sent"),
    ],
)
def test_a_lost_changed_or_doubled_complaint_is_seen(stored, said):
    diary, asked = told()
    balance = Balance()
    _complaints(balance, diary, found_in([row(asked, **other) for other in stored]))
    assert any(said in fault for fault in balance.faults)


def test_a_complaint_as_it_was_told_is_no_fault():
    diary, asked = told()
    balance = Balance()
    _complaints(balance, diary, found_in([row(asked)]))
    assert balance.faults == []


def test_two_answers_to_one_request_are_seen():
    diary, asked = told()
    diary.tell(asked, Told("2026-000001", "6543210987654321"))
    assert "two answers" in diary.faults[0]


@pytest.mark.parametrize(
    ("letters", "mails", "said"),
    [
        ([LETTER], [], "never arrived"),
        ([{**LETTER, "state": "waiting"}], [], "is waiting"),
        ([{**LETTER, "state": "given_up"}], [], "no task of the desk"),
        ([], [Mailed("ab", "a@example.org", "")], "nobody wrote"),
        (
            [LETTER],
            [Mailed("ab", "a@example.org", ""), Mailed("ab", "b@example.org", "")],
            "went to",
        ),
        ([LETTER, LETTER], [Mailed("ab", "a@example.org", "")], "two letters"),
    ],
)
def test_a_lost_or_doubled_letter_is_seen(letters, mails, said):
    balance = Balance()
    _letters(balance, found_in(letters=letters), mails)
    assert any(said in fault for fault in balance.faults)


def test_two_messages_to_one_sender_are_seen_and_one_message_twice_is_not():
    diary, _ = told()
    content = "Subject: 2026-000001\n\n2026-000001"
    for second, faults_seen in (("ab", 0), ("cd", 1)):
        balance = Balance()
        mails = [Mailed(name, "a@example.org", content) for name in ("ab", second)]
        _mailboxes(balance, diary, mails)
        assert len(balance.faults) == faults_seen

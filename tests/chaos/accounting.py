"""What was promised against what is there: rows, events, letters, mails."""

import asyncio
import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from email import message_from_string, policy
from pathlib import Path

import asyncpg

from tests.chaos.citizens import Diary, Plan, Told, hash_of, opens
from tests.chaos.sink import REFUSED_FOR_EVER
from tests.chaos.site import SCHEMA, Site

SETTLE_SECONDS = 180.0

LEFT = """
SELECT (SELECT count(*) FROM outbox) AS events,
  (SELECT count(*) FROM letter WHERE state = 'waiting') AS letters
"""
COMPLAINTS = """
SELECT id, number, request_hash, state, sealed, body, owner, next_at FROM complaint
"""
EVENTS = "SELECT id, complaint, kind FROM event"
LETTERS = "SELECT id, event, complaint, recipient, state FROM letter"
ATTACHMENTS = "SELECT id, complaint, sha256 FROM attachment"
TASKS = "SELECT letter FROM desk_task WHERE kind = 'letter_given_up'"


@dataclass
class Balance:
    """The figures of an accounting; `faults` must stay empty."""

    figures: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def check(self, good: bool, fault: str) -> None:
        if not good:
            self.faults.append(fault)


@dataclass(frozen=True)
class Mailed:
    """One mail in the sink's journal."""

    letter: str
    to: str
    content: str


@dataclass(frozen=True)
class Books:
    """All rows, read in one snapshot."""

    complaints: list[asyncpg.Record]
    events: list[asyncpg.Record]
    letters: list[asyncpg.Record]
    attachments: list[asyncpg.Record]
    tasks: list[asyncpg.Record]


async def settled(site: Site) -> list[str]:
    """Waits until nothing is left to send; what is left when patience is over."""
    deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
    left = "the database did not answer"
    while asyncio.get_running_loop().time() < deadline:
        try:
            async with site.connection() as conn:
                events, letters = await conn.fetchrow(LEFT)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            continue
        if not events and not letters:
            return []
        left = f"{events} events without letters and {letters} letters wait for ever"
        await asyncio.sleep(0.2)
    return [left]


async def books(site: Site) -> Books:
    async with site.connection() as conn, conn.transaction(isolation="repeatable_read"):
        return Books(*[await conn.fetch(each) for each in
                       (COMPLAINTS, EVENTS, LETTERS, ATTACHMENTS, TASKS)])  # fmt: skip


def journal(path: Path) -> list[Mailed]:
    return [
        Mailed(each["id"].partition("@")[0], each["to"][0], each["content"])
        for each in map(json.loads, path.read_text("utf-8").splitlines())
    ]


async def account(site: Site, diary: Diary, new: list[str]) -> Balance:
    """Everything so far; the tracking codes only of the requests `new`."""
    balance = Balance()
    found, mails = await books(site), journal(site.journal)
    rows = _complaints(balance, diary, found)
    _events(balance, found)
    _attachments(balance, site, diary, found, rows)
    _letters(balance, found, mails)
    _mailboxes(balance, diary, mails)
    await _codes(balance, site, diary, new)
    balance.faults += diary.faults
    balance.figures.update(diary.lines)
    return balance


def _complaints(balance: Balance, diary: Diary, found: Books) -> dict[bytes, asyncpg.Record]:
    """Each acknowledged one is there once, word for word; nothing that nobody sent."""
    rows = {row["request_hash"]: row for row in found.complaints}
    known = {hash_of(request): plan for request, plan in diary.plans.items()}
    texts = Counter(row["body"] for row in found.complaints if row["body"])
    balance.figures["complaints stored"] = len(rows)
    balance.figures["complaints acknowledged"] = len(diary.told)
    for text, times in texts.items():
        balance.check(times == 1, f"{times} complaints say {text!r}")
    for request, told in diary.told.items():
        row = rows.get(hash_of(request))
        balance.check(row is not None, f"lost: {told.number} {diary.plans[request].text}")
        if row is not None:
            _same(balance, row, told, diary.plans[request])
    for row in found.complaints:
        balance.check(row["request_hash"] in known, f"nobody sent {row['number']}")
        open_ = row["owner"] is not None and row["next_at"] is not None
        balance.check(open_, f"{row['number']} has no owner or no deadline")
    numbers = [told.number for told in diary.told.values()]
    balance.check(len(set(numbers)) == len(numbers), "one number was told to two")
    return rows


def _same(balance: Balance, row: asyncpg.Record, told: Told, plan: Plan) -> None:
    balance.check(row["number"] == told.number, f"{told.number} is stored as {row['number']}")
    balance.check(row["sealed"] == plan.sealed, f"{told.number} is sealed: {row['sealed']}")
    kept = None if plan.sealed else plan.text
    balance.check(row["body"] == kept, f"{told.number} says {row['body']!r}")


def _events(balance: Balance, found: Books) -> None:
    """Received once; accepted and dispatched once each where the way was clear."""
    kinds: dict[object, Counter[str]] = defaultdict(Counter)
    for event in found.events:
        kinds[event["complaint"]][event["kind"]] += 1
    balance.figures["events"] = len(found.events)
    for row in found.complaints:
        expected = {"received": 1}
        if row["state"] != "received":
            expected |= {"accepted": 1, "dispatched": 1}
        balance.check(
            kinds[row["id"]] == expected, f"{row['number']} has the events {kinds[row['id']]}"
        )


def _attachments(
    balance: Balance, site: Site, diary: Diary, found: Books, rows: dict[bytes, asyncpg.Record]
) -> None:
    """Each that was sent along is there, whole. Files that no row names are waste, not loss."""
    of: dict[object, list[asyncpg.Record]] = defaultdict(list)
    for each in found.attachments:
        of[each["complaint"]].append(each)
    for request in diary.told:
        row = rows.get(hash_of(request))
        if row is not None:
            sent, kept = bool(diary.plans[request].picture), len(of[row["id"]])
            balance.check(kept == int(sent), f"{row['number']} has {kept} attachments")
    folder = site.data / "attachments" / SCHEMA
    files = {path.name: path for path in folder.glob("*/*") if path.suffix != ".part"}
    for each in found.attachments:
        path = files.pop(each["id"].hex, None)
        whole = path is not None and hashlib.sha256(path.read_bytes()).digest() == each["sha256"]
        balance.check(whole, f"an attachment of {each['complaint']} is gone or damaged")
    balance.figures["attachments"] = len(found.attachments)
    balance.figures["files without a complaint"] = len(files)


def _letters(balance: Balance, found: Books, mails: list[Mailed]) -> None:
    """Each letter arrived; twice only under the same Message-ID and at the same address."""
    arrived, to = Counter(mail.letter for mail in mails), defaultdict(set)
    for mail in mails:
        to[mail.letter].add(mail.to)
    letters = {row["id"].hex: row for row in found.letters}
    states = Counter(row["state"] for row in found.letters)
    tasks = Counter(row["letter"] for row in found.tasks)
    for name, row in letters.items():
        if row["state"] == "sent":
            balance.check(arrived[name] > 0, f"the letter {name} is sent and never arrived")
        else:
            balance.check(row["state"] == "given_up", f"the letter {name} is {row['state']}")
            balance.check(tasks[row["id"]] == 1, f"the given-up {name} is no task of the desk")
    for name in arrived:
        balance.check(name in letters, f"nobody wrote the mail {name}")
        balance.check(len(to[name]) == 1, f"{name} went to {to[name]}")
    doubled = Counter((row["event"], row["recipient"]) for row in found.letters)
    balance.check(not doubled or max(doubled.values()) == 1, "an event has two letters to one")
    _wanted(balance, found)
    balance.figures["letters"] = len(letters)
    balance.figures["letters sent"] = states["sent"]
    balance.figures["letters given up after a 5xx"] = states["given_up"]
    balance.figures["mails arrived"] = len(mails)
    balance.figures["arrived again, same Message-ID"] = len(mails) - len(arrived)


def _wanted(balance: Balance, found: Books) -> None:
    """Whoever has to act was written to: the office of what was dispatched, else the desk."""
    written = {(row["event"], row["recipient"]) for row in found.letters}
    owners = {row["id"]: row["owner"] for row in found.complaints}
    for event in found.events:
        if event["kind"] == "dispatched":
            balance.check((event["id"], "office") in written, f"{event['id']} has no letter")
        elif event["kind"] == "received" and owners[event["complaint"]] == "desk":
            balance.check((event["id"], "desk") in written, f"{event['id']} has no letter")


def _mailboxes(balance: Balance, diary: Diary, mails: list[Mailed]) -> None:
    """Seen from outside: each who left an address has one message, which names the case."""
    boxes: dict[str, dict[str, Mailed]] = defaultdict(dict)
    for mail in mails:
        boxes[mail.to][mail.letter] = mail
    for request, told in diary.told.items():
        plan = diary.plans[request]
        box = boxes[plan.email] if plan.email else {}
        wanted = plan.email and not plan.sealed and not plan.email.startswith(REFUSED_FOR_EVER)
        balance.check(
            len(box) == int(bool(wanted)), f"{told.number}: {len(box)} messages to its sender"
        )
        for mail in box.values():
            balance.check(
                told.number in words_of(mail), f"the mail about {told.number} does not name it"
            )


def words_of(mail: Mailed) -> str:
    message = message_from_string(mail.content, policy=policy.default)
    body = message.get_body(("plain",))
    return str(message["Subject"]) + str(body.get_content() if body else "")


async def _codes(balance: Balance, site: Site, diary: Diary, new: list[str]) -> None:
    """The code that was told opens the case."""
    for request in new:
        told = diary.told.get(request)
        if told:
            good = await opens(site.url, told, diary.plans[request].address)
            balance.check(good, f"the code of {told.number} does not open it")
            diary.lines["codes that open"] += 1

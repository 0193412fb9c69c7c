"""A county's history by COPY: seeded, skewed as life is, in every state, with what belongs to it.

Secrets can be told from a complaint's number in the seed: `token_of(i)` opens the page of its
office, `code_of(i)` the one of its complainant.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from complaints import codes
from complaints.categories import categories
from complaints.lifecycle import DUTIES
from complaints.model import Cipher, Contact
from complaints.secrets import seal_contact, seal_words
from tests.bench.cases import Case, Directory, Step, draw, waiting

SEED = 20261123
CHUNK = 5_000
# Beyond the history, cases of one office that wait for its answer.
TARGETS = 2_000
COLUMNS = {
    "complaint": (
        "id", "number", "request_hash", "code_hash", "channel", "language", "state", "sealed",
        "owner", "office", "next_at", "next_kind", "due_on", "limit_number", "limit_unit",
        "limit_start", "calendar_version", "unit", "staff_badge", "subject_state", "matter",
        "share_contact", "publish", "place", "body", "wish", "routing", "created_at",
    ),
    "complaint_secret": ("complaint", "wrapped_key", "contact", "sealed"),
    "allegation": ("complaint", "position", "category", "detail"),
    "attachment": ("id", "complaint", "position", "name", "media_type", "size", "sha256"),
    "event": ("id", "complaint", "at", "kind", "actor_kind", "actor", "data"),
    "letter": (
        "id", "event", "complaint", "template", "recipient", "office", "language", "state",
        "attempts", "next_at", "last_error", "created_at", "done_at",
    ),
    "link": ("token_hash", "complaint", "office", "letter", "created_at", "expires_at"),
    "answer": ("id", "complaint", "office", "round", "done", "reply", "right_of_reply", "at"),
    "finding": ("answer", "position", "finding", "reason"),
    "message": ("id", "complaint", "event", "kind", "for_complainant", "words", "at"),
    "clock_stop": ("complaint", "position", "began_on", "ended_on", "notified"),
}  # fmt: skip
LETTERS = {"dispatched": "office", "received": "complainant", "released": "complainant"}
WORDS = (
    "上午九时到窗口办理登记工作人员正在看手机说系统坏了叫我下午再来下午又说材料不齐没有一次讲清楚"
    * 32
)
ROUTING = {"office": "bureau", "why": [{"rank": n, "verdict": "no match"} for n in range(1, 9)]}


@dataclass(frozen=True)
class Keys:
    """One data key and its sealed words, used by every seeded complaint: sealing a million times
    would measure AES and not the database."""

    wrapped: bytes
    contact: bytes
    sealed: bytes
    code_hash: Callable[[str], bytes]


def make_keys(cipher: Cipher) -> Keys:
    """Words that the program under test can open with its own secret."""
    data_key = cipher.new_data_key()
    contact = seal_contact(cipher, data_key, Contact("陈小明", "", "citizen@example.org"))
    assert contact
    sealed = seal_words(cipher, data_key, {"text": WORDS[:200], "allegations": [], "files": []})
    return Keys(cipher.wrap(data_key), contact, sealed, lambda code: cipher.code_hashes(code)[0])


def token_of(number: int) -> str:
    """The secret of the link to complaint `number`."""
    return hashlib.sha256(f"token {number}".encode()).hexdigest()[:43]


def code_of(number: int) -> str:
    """The tracking code of complaint `number`."""
    return codes.from_entropy(hashlib.sha256(f"code {number}".encode()).digest())


def id_of(at: datetime, number: int, part: int = 0) -> str:
    """A UUIDv7 of that moment, different for each part of each complaint."""
    milliseconds = int(at.timestamp() * 1000)
    return f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-7{part:03x}-8000-{number:012x}"


async def read_directory(conn: asyncpg.Connection) -> Directory:
    """Codes of the county in the search path."""

    async def codes_of(query: str) -> list[str]:
        return [row[0] for row in await conn.fetch(query)]

    return Directory(
        offices=await codes_of("SELECT code FROM office WHERE kind <> 'upper' ORDER BY code"),
        units=await codes_of("SELECT code FROM unit ORDER BY code"),
        staff=await codes_of("SELECT badge FROM staff ORDER BY badge"),
        matters=await codes_of("SELECT code FROM matter ORDER BY code"),
        categories=sorted(categories()),
    )


async def seed(
    conn: asyncpg.Connection,
    schema: str,
    total: int,
    keys: Keys,
    now: datetime,
    *,
    targets: int = TARGETS,
) -> None:
    """Fills `schema` with `total` complaints of the three years before `now`, and as many open
    ones as there shall be `targets`; analyses it.

    Needs a superuser, since foreign keys are not checked while loading.
    """
    await conn.execute(f"SET search_path TO {schema}")
    await conn.execute("SET session_replication_role TO replica")
    directory = await read_directory(conn)
    for start in range(0, total + targets, CHUNK):
        rows: dict[str, list[str]] = {table: [] for table in COLUMNS}
        for number in range(start, min(start + CHUNK, total + targets)):
            case = draw(number, total, directory, now, SEED)
            _add(rows, case if number < total else waiting(case, directory, now), keys)
        for table, lines in rows.items():
            await conn.copy_to_table(
                table,
                schema_name=schema,
                columns=COLUMNS[table],
                source=_source(lines),
                format="text",
            )
    await conn.execute("SET session_replication_role TO origin")
    await conn.execute("VACUUM (ANALYZE)")


async def _source(lines: Sequence[str]) -> AsyncIterator[bytes]:
    yield "".join(lines).encode()


def _add(rows: dict[str, list[str]], case: Case, keys: Keys) -> None:
    """Appends what case and history are in the tables."""
    id_ = id_of(case.at, case.number)
    rows["complaint"].append(_line(*_complaint(case, id_, keys)))
    if case.contact or case.sealed:
        contact, sealed = keys.contact if case.contact else None, keys.sealed
        rows["complaint_secret"].append(
            _line(id_, keys.wrapped, contact, sealed if case.sealed else None)
        )
    # Those of a sealed case lie with its text.
    rows["allegation"] += [
        _line(id_, n, category, "")
        for n, category in enumerate(() if case.sealed else case.categories, 1)
    ]
    rows["attachment"] += [
        _line(id_of(case.at, case.number, 0x300 + n), id_, n, "照片.jpg", "image/jpeg", 180_000,
              _hash("file", case.number))
        for n in range(1, case.files + 1)
    ]  # fmt: skip
    for part, step in enumerate(case.steps, 1):
        event = id_of(step.at, case.number, part)
        actor = case.office if step.actor == "office" else None
        data = {"office": case.office, "due": f"{case.at:%Y-%m-%d}"}
        rows["event"].append(_line(event, id_, step.at, step.kind, step.actor, actor, data))
        if LETTERS.get(step.kind) == "office" or (case.contact and step.kind in LETTERS):
            letter = id_of(step.at, case.number, 0x100 + part)
            rows["letter"].append(_line(*_letter(case, step, letter, event, id_)))
            if step.kind == "dispatched":
                rows["link"].append(_line(*_link(case, id_, letter, step.at)))
        if step.kind == "signed" and not case.sealed:
            _add_question(rows, case, id_, event, step.at)
        if step.kind == "answered":
            _add_answer(rows, case, id_, step.at)


def _complaint(case: Case, id_: str, keys: Keys) -> tuple[Any, ...]:
    year, open_ = case.at.year, case.owner is not None
    unit, staff, matter = case.unit, case.staff, case.matter
    subject = "identified" if staff else "unit"
    place, body, wish = "3号窗口", WORDS[: case.words], "请说明原因"
    if case.sealed:
        unit = staff = matter = place = body = wish = None  # type: ignore[assignment]
        subject = "sealed"
    return (
        id_, f"{year}-{case.number:07d}", _hash("request", case.number),
        keys.code_hash(code_of(case.number)), "web", case.language, case.state, case.sealed,
        case.owner, case.office, case.next_at, DUTIES[case.state].kind if open_ else None,
        f"{case.at + timedelta(days=21):%Y-%m-%d}", 15, "working_day", f"{case.at:%Y-%m-%d}",
        "seed", unit, staff, subject, matter, False, case.number % 3 == 0, place, body, wish,
        ROUTING, case.at,
    )  # fmt: skip


def _letter(case: Case, step: Step, id_: str, event: str, complaint: str) -> tuple[Any, ...]:
    kind, at = step.kind, step.at
    office = case.office if kind == "dispatched" else None
    state = "given_up" if case.number % 1000 == 7 else "sent"
    return (
        id_, event, complaint, kind, LETTERS[kind], office, case.language, state, 1, at, "", at, at,
    )  # fmt: skip


def _link(case: Case, complaint: str, letter: str, at: datetime) -> tuple[Any, ...]:
    hashed = hashlib.sha256(token_of(case.number).encode()).digest()
    return hashed, complaint, case.office, letter, at, at + timedelta(days=60)


def _add_question(
    rows: dict[str, list[str]], case: Case, complaint: str, event: str, at: datetime
) -> None:
    """What the office asked, answered the same day."""
    id_, day = id_of(at, case.number, 0x400), f"{at:%Y-%m-%d}"
    rows["message"].append(_line(id_, complaint, event, "question", True, WORDS[:40], at))
    rows["clock_stop"].append(_line(complaint, 1, day, day, 10))


def _add_answer(rows: dict[str, list[str]], case: Case, complaint: str, at: datetime) -> None:
    id_ = id_of(at, case.number, 0x200)
    reply = WORDS[: case.words // 2 + 20]
    rows["answer"].append(_line(id_, complaint, case.office, 1, "已批评教育。", reply, "", at))
    rows["finding"] += [
        _line(id_, n, finding, WORDS[:40]) for n, finding in enumerate(case.findings, 1)
    ]


def _hash(kind: str, number: int) -> bytes:
    return hashlib.sha256(f"{kind} {number}".encode()).digest()


def _line(*values: Any) -> str:
    """One line of COPY's text format."""
    return "\t".join(map(_text, values)) + "\n"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False).replace("\\", "\\\\")
    return value.isoformat() if isinstance(value, datetime) else str(value)

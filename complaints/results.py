"""The results of cases for everybody: written by a supervisor, without anybody's name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import asyncpg

from board.calendar import Calendar
from board.directory import Directory
from board.names import romanised
from board.redaction import People, mask
from complaints import supervision, typed
from complaints.model import Cipher
from complaints.standing import COMPLAINANT, SYSTEM, By, Move, Standing
from complaints.steps import results as steps
from complaints.steps.words import Refused
from complaints.store import results as store
from complaints.store import retention
from complaints.store.standing import update_case

PARTS = ("title", "problem", "outcome")
MOST_HIDDEN = 500
_BETWEEN = re.compile(r"[,，、;；\n]")
LONGEST = {"title": 120, "problem": 1_500, "outcome": 1_500}


@dataclass(frozen=True, slots=True)
class Material:
    """What a result is written from. `words` are title, problem and outcome as they were released
    before, None before and once there is a newer answer; `people` are those who are never named."""

    consented: bool
    unit: str
    categories: Sequence[str]
    findings: Sequence[str]
    body: str
    reply: str
    people: People
    words: tuple[str, str, str] | None
    released_at: datetime | None


async def find_material(
    conn: asyncpg.Connection, case: Standing, directory: Directory, cipher: Cipher
) -> Material | None:
    """None of a case without an answer, of a sealed one, and of a wiped one unless everybody reads
    its result. Raises `Unreadable` when a missing key hides whose name must not be told."""
    row = await store.find_material(conn, case.id)
    if row is None:
        return None
    contact = await supervision.find_contact(conn, case, cipher)
    told = row["released"] and row["answered_at"] <= row["released_at"]
    words = (row["title"], row["problem"], row["outcome"]) if told else None
    return Material(
        row["publish"],
        row["unit"] or "",
        row["categories"] or (),
        row["findings"] or (),
        row["body"] or "",
        "\n".join(each for each in (row["done"], row["reply"]) if each),
        _staff(directory) | People.of(
            [contact.name, row["staff_name"] or ""],
            [contact.phone, row["badge_typed"] or "", row["receipt_number"] or ""],
            [contact.email],
        ),
        words,
        None if row["withdrawn_at"] else row["released_at"],
    )  # fmt: skip


# To write a thousand names in letters takes a tenth of a second.
@lru_cache(maxsize=8)
def _staff(directory: Directory) -> People:
    """Names as on the placards, and as people write them in letters, in either order; numbers."""
    written = [person.name for person in directory.staff]
    letters = [romanised(person.name, person.pinyin) for person in directory.staff]
    turned = [" ".join(reversed(each.split())) for each in letters]
    numbers = [number for each in directory.staff for number in (each.badge, each.placard or "")]
    return People.of([*written, *letters, *turned], numbers)


def read_hidden(text: str) -> tuple[tuple[str, ...], str]:
    """Words to be taken out besides, as typed between commas or on lines, and the fault: "short"
    for one that is no more than a letter, "too_long", or ""."""
    clean = [typed.line(each) for each in _BETWEEN.split(text)]
    words = tuple(dict.fromkeys(each for each in clean if each))
    if len(text) > MOST_HIDDEN:
        return words, "too_long"
    return words, "short" if any(not People.of([each]).names for each in words) else ""


def masked(words: Sequence[str], people: People) -> tuple[str, ...]:
    """Title, problem and outcome without names and numbers."""
    return tuple(mask(each, people) for each in words)


def read(words: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """What was typed, cleaned, and its faults: {part: "missing" or "too_long"}."""
    clean = (typed.line(words[0]), *(typed.lines(each) for each in words[1:]))
    faults = {}
    for part, text in zip(PARTS, clean, strict=True):
        if not text:
            faults[part] = "missing"
        elif len(text) > LONGEST[part]:
            faults[part] = "too_long"
    return clean, faults


async def release(
    conn: asyncpg.Connection,
    case: Standing,
    material: Material,
    words: Sequence[str],
    *,
    by: By,
    calendar: Calendar,
    now: datetime,
    id_: UUID,
) -> Move | None:
    """Lets everybody read it; the move that was written, None when somebody moved the case
    meanwhile. Raises `Refused`."""
    move = steps.release(case, consented=material.consented, desk=by, calendar=calendar, now=now)
    if not await update_case(conn, move):
        return None
    await store.insert_result(
        conn, id_, case.id, words=masked(words, material.people),
        about=(material.unit, next(iter(material.categories), "")), by=by.name or "", now=now,
    )  # fmt: skip
    return move


async def withdraw(
    conn: asyncpg.Connection, case: Standing, *, by: By, calendar: Calendar, now: datetime
) -> Move | None:
    """Takes it back, of a wiped case its words too; the move that was written, None when somebody
    moved the case meanwhile. Raises `Refused`."""
    if not await store.update_withdrawn(conn, case.id, by.name or "", now):
        raise Refused("not_released")
    if case.wiped_at is not None:
        await retention.delete_results(conn, [case.id])
    move = steps.withdraw(case, by, calendar=calendar, now=now)
    return move if await update_case(conn, move) else None


async def looked_at_again(conn: asyncpg.Connection, move: Move) -> Move:
    """A review may find otherwise: what was published goes, until somebody releases it anew."""
    if not await store.update_withdrawn(conn, move.case.id, SYSTEM.kind, move.now):
        return move
    return move.tell("result_withdrawn", SYSTEM, {})


async def take_back_consent(
    conn: asyncpg.Connection, case: Standing, *, calendar: Calendar, now: datetime
) -> bool:
    """The complainant agrees no longer: what was published goes, and nothing is published anew;
    of a wiped case its words too. False when somebody moved the case meanwhile; done twice, the
    second changes nothing."""
    if not await store.update_consent(conn, case.id):
        return True
    await store.update_withdrawn(conn, case.id, COMPLAINANT.kind, now)
    if case.wiped_at is not None:
        await retention.delete_results(conn, [case.id])
    return await update_case(conn, steps.take_back(case, calendar=calendar, now=now))

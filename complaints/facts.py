"""What routing needs to know of a case that is stored: for re-routing, follow-ups and reviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from board.directory import Directory
from complaints.categories import categories
from complaints.offices import Facts
from complaints.store import facts as store


@dataclass(frozen=True, slots=True)
class Known:
    """The facts of a case; `by_hand`: a person and not the rules sent it to its office."""

    facts: Facts
    by_hand: bool = False


async def find_facts(
    conn: asyncpg.Connection, complaint: UUID, directory: Directory
) -> Facts | None:
    """The facts of a case, with everybody who stepped back from it, or from one that was merged
    into it, and every office that answered it; None when there is no such case. A sealed case tells
    nothing of who and what."""
    known = await find_known(conn, complaint, directory)
    return known.facts if known else None


async def find_known(
    conn: asyncpg.Connection, complaint: UUID, directory: Directory
) -> Known | None:
    """As `find_facts`, with who sent it where it is."""
    return (await list_known(conn, [complaint], directory)).get(complaint)


async def list_known(
    conn: asyncpg.Connection, complaints: Sequence[UUID], directory: Directory
) -> dict[UUID, Known]:
    """{case: what is known of it}."""
    rows = await store.list_facts(conn, complaints)
    return {row["id"]: Known(_facts(row, directory), bool(row["by_hand"])) for row in rows}


def _facts(row: asyncpg.Record, directory: Directory) -> Facts:
    known = categories()
    matter = directory.matter(row["matter"])
    return Facts(
        categories=tuple(known[code] for code in row["categories"] or () if code in known),
        unit=row["unit"],
        subject=directory.person(row["staff_badge"]),
        state="unit" if row["subject_state"] == "sealed" else row["subject_state"],
        recused=frozenset(row["recused"] or ()),
        answered=tuple(dict.fromkeys(row["answered"] or ())),
        lead_unit=matter.unit if matter and matter.kind == "parallel" else None,
    )

"""What routing needs to know of a case that is stored: for re-routing, follow-ups and reviews."""

from uuid import UUID

import asyncpg

from board.directory import Directory
from complaints.categories import categories
from complaints.offices import Facts
from complaints.store import facts as store


async def find_facts(
    conn: asyncpg.Connection, complaint: UUID, directory: Directory
) -> Facts | None:
    """The facts of a case, with everybody who stepped back from it and every office that
    answered it; None when there is no such case. A sealed case tells nothing of who and what."""
    row = await store.find_facts(conn, complaint)
    if row is None:
        return None
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

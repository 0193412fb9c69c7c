"""SQL of what a county words itself in its letters."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

# Stands for the machine where a user is asked for.
NOBODY = UUID(int=0)
# Key, language and form (0, or 1 for the plural) of a wording.
Place = tuple[str, str, int]

LIST_TEXTS = """
SELECT key, language, form, wording
FROM message_text
ORDER BY key, language, form
"""


async def list_texts(conn: asyncpg.Connection) -> dict[Place, str]:
    """All own wordings of the county."""
    rows = await conn.fetch(LIST_TEXTS)
    return {(row["key"], row["language"], row["form"]): row["wording"] for row in rows}


INSERT_OR_UPDATE_TEXT = """
INSERT INTO message_text (key, language, form, wording, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (key, language, form) DO UPDATE
SET wording = EXCLUDED.wording, changed_at = EXCLUDED.changed_at,
  changed_by = EXCLUDED.changed_by
"""


async def insert_or_update_texts(
    conn: asyncpg.Connection, texts: Mapping[Place, str], now: datetime, by: UUID | None
) -> None:
    """Writes own wordings; `by` is the user who changed them, None for an import."""
    who = by or NOBODY
    await conn.executemany(
        INSERT_OR_UPDATE_TEXT, [(*place, wording, now, who) for place, wording in texts.items()]
    )


DELETE_TEXT = """
DELETE FROM message_text
WHERE key = $1 AND language = $2 AND form = $3
"""


async def delete_texts(conn: asyncpg.Connection, places: Iterable[Place]) -> None:
    """Goes back to the default words."""
    await conn.executemany(DELETE_TEXT, list(places))

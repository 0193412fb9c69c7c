"""A county's files go in whole or not at all, and twice is once."""

from datetime import datetime
from importlib.resources import files
from pathlib import Path

import asyncpg

from board.store import directory as directory_store
from gateway.county_files.importing import import_files
from gateway.county_files.parsing import read_folder

DEMO = Path(str(files("board"))) / "data" / "demo"


async def test_the_demo_county_goes_in_and_a_second_time_changes_nothing(
    conn: asyncpg.Connection, now: datetime
) -> None:
    first = await import_files(conn, read_folder(DEMO), now)
    assert first.counts["staff"] == (900, 0, 0)
    versions = await directory_store.find_versions(conn)
    again = await import_files(conn, read_folder(DEMO), now)
    assert again.counts == {}
    assert await directory_store.find_versions(conn) == versions

"""The invented county that comes with the package."""

from datetime import datetime
from importlib.resources import as_file, files

from gateway import migrations
from gateway.db import Database
from gateway.store import faults

CODE = "yunxi"
NAME = "云溪县"
NAME_EN = "Yunxi County"


async def prepare(url: str, now: datetime) -> None:
    """Migrates the database at `url` and loads the invented county, where that is not yet done."""
    await migrations.migrate(url, now)
    db = await Database.connect(url, size=1)
    try:
        async with db.connection() as conn:
            schema = await migrations.create_county(conn, CODE, NAME, NAME_EN, host=None, now=now)
        async with db.transaction(schema) as conn:
            empty = not await faults.count_units(conn)
        if empty:
            await load_demo_county(db, schema, now)
    finally:
        await db.close()


async def load_demo_county(db: Database, schema: str, now: datetime) -> None:
    """Loads units, staff, matters, offices, routing and calendar into `schema`; twice is once."""
    from gateway.county_files import import_folder

    with as_file(files("board") / "data" / "demo") as folder:
        await import_folder(db, schema, folder, now)

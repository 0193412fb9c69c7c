"""`gateway retention`."""

import sys
from datetime import timedelta

import click

from gateway.commands import common


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show; wipe nothing.")
@click.option(
    "--days",
    type=click.IntRange(0, 3650),
    default=30,
    show_default=True,
    help="With --dry-run: also what is due within so many days.",
)
def retention(*, dry_run: bool, days: int) -> None:
    """Wipes words, contact details and files of cases whose period of keeping is over.

    The background work does this by itself; here it is done at once, and shown.
    """
    if dry_run:
        click.echo("\n".join(common.run(_show(days))))
        return
    lines, faults = common.run(_wipe())
    click.echo("\n".join(lines))
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)


async def _show(days: int) -> list[str]:
    from gateway import retention as work
    from gateway.context import system_clock
    from gateway.counties import load_counties
    from gateway.i18n import ZONE

    now, lines, number, more = system_clock(), [], 0, ""
    async with common.connect() as db:
        for county in await load_counties(db):
            rows = await work.list_due(db, county, now + timedelta(days=days))
            for row in rows[: work.MOST_SHOWN]:
                when = "since" if row["wake_at"] <= now else "on"
                day = row["wake_at"].astimezone(ZONE).date()
                lines.append(
                    f"{county.code}: {row['number']} ({row['state']}), due {when} {day.isoformat()}"
                )
            if len(rows) > work.MOST_SHOWN:
                lines.append(f"{county.code}: only the first {work.MOST_SHOWN} are shown")
                more = "more than "
            number += min(len(rows), work.MOST_SHOWN)
    return [*lines, f"Due within {days} days: {more}{number}. Nothing was wiped."]


async def _wipe() -> tuple[list[str], list[str]]:
    """What was wiped, and what could not be."""
    from gateway import retention as work
    from gateway.attachments import FolderStore
    from gateway.context import system_clock
    from gateway.counties import load_counties
    from gateway.snapshots import Snapshots

    settings, lines, faults = common.load_settings(), [], []
    files = FolderStore(settings.data_dir / "attachments")
    async with common.connect(settings) as db:
        snapshots = Snapshots(db)
        for county in await load_counties(db):
            done = await work.wipe(db, county, snapshots, files, system_clock)
            lines += [f"{county.code}: {number} wiped" for number in done.numbers]
            faults += [
                f"{county.code}: {number} could not be wiped ({why}); please report this"
                for number, why in done.faults.items()
            ]
    return [*lines, f"Wiped: {len(lines)}."], faults

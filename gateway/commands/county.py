"""`gateway county import` and `gateway county export`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.commands import common
from gateway.i18n import LANGUAGES, Words, words

if TYPE_CHECKING:
    from gateway.county_files import CountyFilesError, Outcome
    from gateway.db import Database


def _words(_ctx: click.Context, _option: click.Parameter, value: str) -> Words:
    """The language asked for, or the one that the terminal's locale speaks; else English."""
    if value in LANGUAGES:
        return words(value)
    locale = value.lower().replace("_", "-")
    if locale.startswith(("zh-tw", "zh-hk", "zh-mo", "zh-hant", "yue")):
        return words("zh-Hant")
    return words("zh-Hans" if locale.startswith("zh") else "en")


_language = click.option(
    "--lang",
    "say",
    envvar="LANG",
    default="en",
    callback=_words,
    help=f"Language of messages: {', '.join(LANGUAGES)}; otherwise the terminal's.",
)
_county = click.option("--county", "code", help="Which county, where the database has several.")


@click.group()
def county() -> None:
    """A county's data from files and back; docs/county-files.md describes the files."""


@county.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@_county
@_language
def import_(folder: Path, dry_run: bool, code: str | None, say: Words) -> None:
    """Takes in the county files of FOLDER: all or nothing, and twice is once."""
    from gateway.county_files import CountyFilesError

    try:
        outcome, lacks = common.run(_import(folder, dry_run, code, say))
    except CountyFilesError as error:
        _refuse(error, say)
    _tell(outcome, dry_run, say)
    for lack in lacks:
        click.echo(say(f"county.lacks.{lack}"), err=True)


def _refuse(error: "CountyFilesError", say: Words) -> None:
    for fault in error.faults:
        click.echo(fault.told(say), err=True)
    raise click.ClickException(say("county.refused", faults=len(error.faults)))


def _tell(outcome: "Outcome", dry_run: bool, say: Words) -> None:
    if not outcome.counts:
        click.echo(say("county.same"))
        return
    for part, (added, changed, removed) in outcome.counts.items():
        told = say("county.change", part=part, added=added, changed=changed, removed=removed)
        click.echo(told)
    click.echo(say("county.tried" if dry_run else "county.taken"))


async def _import(
    folder: Path, dry_run: bool, code: str | None, say: Words
) -> tuple["Outcome", list[str]]:
    """What changed, and what the county lacks now that no complaint can do without."""
    from gateway.context import system_clock
    from gateway.counties import load_counties
    from gateway.county_files import import_folder, new_county_outcome

    now = system_clock()
    async with common.connect() as db:
        counties = await load_counties(db)
        if not list(counties) and dry_run:
            return new_county_outcome(folder), []
        if not list(counties):
            schema = await _make_county(db, folder, say)
        else:
            schema = common.choose_county(counties, code).schema
        outcome = await import_folder(db, schema, folder, now, dry_run=dry_run)
        return outcome, [] if dry_run else await lacks_of(db, schema)


async def lacks_of(db: "Database", schema: str) -> list[str]:
    """`offices` and `routing`, where the county has none: complaints then wait at its desk."""
    from gateway.store import faults

    async with db.transaction(schema) as conn:
        counts = {
            "offices": await faults.count_offices(conn),
            "routing": await faults.count_rules(conn),
        }
    return [name for name, count in counts.items() if not count]


async def _make_county(db: "Database", folder: Path, say: Words) -> str:
    """The first county of a database, named as county.json says; checked before it is made."""
    from gateway import migrations
    from gateway.context import system_clock
    from gateway.county_files import profile_of

    profile = profile_of(folder)
    if profile is None:
        raise click.ClickException(say("county.no_county"))
    async with db.connection() as conn:
        return await migrations.create_county(
            conn, profile.code, profile.name, profile.name_en, host=None, now=system_clock()
        )


@county.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--xlsx", "spreadsheets", is_flag=True, help="Spreadsheets instead of CSV.")
@_county
@_language
def export(folder: Path, spreadsheets: bool, code: str | None, say: Words) -> None:
    """Writes the county files to FOLDER; importing them again changes nothing."""
    try:
        count = common.run(_export(folder, spreadsheets, code))
    except OSError as error:
        raise click.ClickException(say("county.folder", reason=error.strerror or "")) from error
    click.echo(say("county.written", files=count, folder=folder))


async def _export(folder: Path, spreadsheets: bool, code: str | None) -> int:
    from gateway.county_files import export_folder

    async with common.connect() as db:
        schema = (await common.the_county(db, code)).schema
        return len(await export_folder(db, schema, folder, spreadsheets=spreadsheets))

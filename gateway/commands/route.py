"""`gateway route`: which office, and why, without filing anything."""

import click

from board.store import directory as store
from complaints import routing
from complaints.categories import categories
from gateway.commands import common
from gateway.counties import County
from gateway.db import Database
from gateway.i18n import LANGUAGES, words


@click.command()
@click.option("--category", "code", required=True, metavar="CODE", help="What it is about.")
@click.option("--staff", metavar="NUMBER", help="Badge or placard of the person.")
@click.option("--unit", metavar="CODE", help="Unit complained of; the person's own if left out.")
@click.option("--county", metavar="CODE", help="Which county, where there are several.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def route(
    *, code: str, staff: str | None, unit: str | None, county: str | None, lang: str, as_json: bool
) -> None:
    """Which office gets such a complaint, and why, rule by rule."""
    from gateway.commands.rules import render_route

    if code not in categories():
        raise click.UsageError(f"no category {code!r}; they are {', '.join(categories())}.")

    async def decide() -> str:
        async with common.connect() as db:
            chosen = await common.the_county(db, county)
            decision = await _decide(db, chosen, code, staff, unit)
            return render_route(decision, as_json, words(lang))

    click.echo(common.run(decide()))


async def _decide(
    db: Database, county: County, code: str, number: str | None, unit_code: str | None
) -> routing.Decision:
    async with db.transaction(county.schema) as conn:
        directory = await store.load(conn)
        rules = routing.read_rules(await store.load_rules(conn))
    subject = directory.by_number(number) if number else None
    if number and not subject:
        raise click.UsageError(f"nobody in {county.name_en} has the number {number!r}.")
    unit = directory.unit(unit_code)
    if unit_code and not unit:
        known = ", ".join(each.code for each in directory.units)
        raise click.UsageError(f"no unit {unit_code!r}; they are {known}.")
    facts = routing.Facts(
        categories=(categories()[code],),
        unit=unit.code if unit else None,
        subject=subject,
        state="identified" if subject else "unit" if unit else "unidentified",
    )
    return routing.route(facts, rules, directory)

"""`gateway migrate`."""

import click

from gateway.commands import common


@click.command()
def migrate() -> None:
    """Brings the schema of the database up to date; safe to run again and by several at once."""
    from gateway import migrations
    from gateway.context import system_clock

    settings = common.load_settings()
    with common.database_url(settings, create=True) as url:
        done = common.run(migrations.migrate(url, system_clock()))
    for schema, name in done:
        click.echo(f"{schema}: {name}")
    click.echo(f"{len(done)} run; the schema is up to date")

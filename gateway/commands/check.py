"""`gateway check`."""

import sys

import click

from gateway.commands import common
from gateway.embedded import EmbeddedError
from gateway.settings import Settings

# Values that open something are not printed.
SECRET = ("database_url", "secret_key", "smtp_url")


@click.command()
@click.option("--settings", "list_settings", is_flag=True, help="List every setting and its value.")
@click.option(
    "--audit", is_flag=True, help="Walk the chain over every event: changed, removed, inserted."
)
def check(*, list_settings: bool, audit: bool) -> None:
    """Settings, database, schema, mail, calendar, letters, complaints. One line for each fault."""
    try:
        settings = common.load_settings()
    except common.BadSettings as error:
        _report(error.faults)
        return
    if list_settings:
        for line in setting_lines(settings):
            click.echo(line)
        return
    try:
        with common.database_url(settings) as url:
            _report(common.run(_audit(url) if audit else _faults(settings, url)))
    except EmbeddedError as error:
        _report([str(error)])


async def _faults(settings: Settings, url: str) -> list[str]:
    from gateway import checks
    from gateway.context import system_clock

    return [fault async for fault in checks.find_faults(settings, url, system_clock())]


async def _audit(url: str) -> list[str]:
    """Prints each county's head, to be noted elsewhere; gives what does not fit the chain."""
    from gateway import checks
    from gateway.context import system_clock

    faults = []
    async for head, found in checks.audit_chains(url, system_clock()):
        click.echo(head)
        faults += found
    return faults


def _report(faults: list[str]) -> None:
    for fault in faults:
        click.echo(" ".join(fault.split()), err=True)
    if faults:
        sys.exit(1)
    click.echo("No faults found.")


def setting_lines(settings: Settings) -> list[str]:
    """`GATEWAY_NAME=value  # what it is`, a secret's value only as set or empty."""
    lines = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if name in SECRET:
            shown = "(set)" if value else ""
        else:
            shown = ",".join(value) if isinstance(value, tuple) else str(value)
        lines.append(f"GATEWAY_{name.upper()}={shown}  # {field.description}")
    return lines

"""`gateway check`."""

import sys
from typing import TYPE_CHECKING

import click

from gateway.commands import common
from gateway.embedded import EmbeddedError
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.checks import Noted

# Values that open something are not printed.
SECRET = ("database_url", "secret_key", "smtp_url")


@click.command()
@click.option("--settings", "list_settings", is_flag=True, help="List every setting and its value.")
@click.option(
    "--audit", is_flag=True, help="Walk the chain over every event: changed, removed, inserted."
)
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="[COUNTY:]N:HASH",
    help="With --audit: an end of the chain that was written down before; may be repeated.",
)
def check(*, list_settings: bool, audit: bool, heads: tuple[str, ...]) -> None:
    """Settings, database, schema, mail, calendar, letters, complaints. One line for each fault."""
    noted = [read_head(each) for each in heads]
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
            work = _audit(settings, url, noted) if audit or noted else _faults(settings, url)
            _report(common.run(work))
    except EmbeddedError as error:
        _report([str(error)])


async def _faults(settings: Settings, url: str) -> list[str]:
    from gateway import checks
    from gateway.context import system_clock

    return [fault async for fault in checks.find_faults(settings, url, system_clock())]


async def _audit(settings: Settings, url: str, noted: "list[Noted]") -> list[str]:
    """Prints each county's head, to be noted elsewhere; gives what does not fit the chain."""
    from gateway import checks
    from gateway.context import system_clock

    faults = []
    async for head, found in checks.audit_chains(settings, url, system_clock(), noted):
        if head:
            click.echo(head)
        faults += found
    return faults


def read_head(text: str) -> "Noted":
    """County ("" for any), count and hash of an end that `check --audit` printed."""
    *county, n, hash_ = text.strip().split(":") if ":" in text else ("", "")
    try:
        return ":".join(county), int(n), bytes.fromhex(hash_)
    except ValueError as error:
        raise click.BadParameter(f"{text!r}: give [COUNTY:]N:HASH as it was printed") from error


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

"""`gateway demo`: database, invented county, web server and background work in one process."""

import asyncio
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway import chain_ends, embedded, ports
from gateway.commands import common

if TYPE_CHECKING:
    from gateway.background import Job
    from gateway.context import Context
    from gateway.serving import Stop
    from gateway.settings import Settings

LOGINS_FILE = "desk-logins.json"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--data-dir", type=click.Path(path_type=Path), help="Folder for all data; see GATEWAY_DATA_DIR."
)
@click.option("--fresh", is_flag=True, help="Forget what an earlier demo stored.")
def demo(host: str, port: int, data_dir: Path | None, fresh: bool) -> None:
    """Everything at once on this machine, with an invented county; Ctrl-C stops it."""
    settings = common.load_settings(data_dir=data_dir and data_dir.absolute())
    with ports.listen(host, port) as bound:
        # Only now: a start that cannot be must not cost yesterday's data.
        if fresh:
            _forget(settings.data_dir)
        with embedded.launch(settings.data_dir) as server:
            _serve(_with_site(settings, host, bound.getsockname()[1]), server, bound)


def _serve(settings: "Settings", server: embedded.Server, bound: socket.socket) -> None:
    # PostgreSQL starts while Python imports.
    from gateway import logs, serving

    logs.set_up(settings.log_format)
    url = server.wait_ready()
    serving.run(lambda stop: _run(settings, server, url, bound, stop))


def _forget(folder: Path) -> None:
    """Deletes what a demo stored; the secret key stays, it opens nothing any more.

    Raises `AlreadyRunning` before anything is gone when another gateway has the folder.
    """
    embedded.erase(folder)
    for name in ("attachments", "spool", chain_ends.FOLDER):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / LOGINS_FILE).unlink(missing_ok=True)


def _with_site(settings: "Settings", host: str, port: int) -> "Settings":
    """Links in the demo's mails lead to where the demo really is."""
    if "base_url" in settings.model_fields_set:
        return settings
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return settings.model_copy(update={"base_url": f"http://{name}:{port}"})


async def _run(
    settings: "Settings",
    server: embedded.Server,
    url: str,
    bound: socket.socket,
    stop: "Stop",
) -> None:
    from gateway import background, demo_county, demo_staff, serving
    from gateway.context import system_clock

    await demo_county.prepare(url, system_clock())
    logins = await demo_staff.prepare(url, settings.data_dir / LOGINS_FILE, system_clock())
    async with (
        serving.context_for(settings, url, demo=True) as context,
        serving.serving(context, bound),
    ):
        stop.started()
        serving.settle()
        _announce(settings, logins)
        work = (*background.jobs(), *serving.house_jobs(), _keep_alive(server))
        await background.run_jobs(context, work, stop.event)
    click.echo("Stopped.")


def _keep_alive(server: embedded.Server) -> "Job":
    """The job that starts PostgreSQL again when it was killed."""
    from gateway.background import Job

    async def look(_context: "Context") -> int:
        if server.alive:
            return 0
        return int(await asyncio.to_thread(server.revive))

    return Job("database", 1.0, look)


def _announce(settings: "Settings", logins: dict[str, str]) -> None:
    click.echo(f"Ready: {settings.base_url}")
    click.echo(f"The county desk: {settings.base_url}/desk/ with one of these logins:")
    for login, password in logins.items():
        click.echo(f"  {login:<14} {password}")
    if settings.smtp_url:
        click.echo("Mail goes out by GATEWAY_SMTP_URL.")
    else:
        click.echo(f"Mail can be read at {settings.base_url}/demo/mailbox")
    click.echo("Ctrl-C stops it.")

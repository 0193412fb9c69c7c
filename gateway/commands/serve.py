"""`gateway serve`: several web processes on one port, and one for the background work."""

import asyncio
import os
import socket

import click

from gateway import background, logs, ports, serving
from gateway.commands import common
from gateway.commands.work import do_work
from gateway.context import Context
from gateway.settings import Settings
from gateway.supervisor import Child, Supervisor


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--workers",
    default=lambda: min(4, os.cpu_count() or 1),
    show_default="one a processor, at most 4",
    type=click.IntRange(1, 64),
    help="Web processes.",
)
@click.option("--no-background", is_flag=True, help="Leave mail and deadlines to `gateway work`.")
def serve(host: str, port: int, workers: int, no_background: bool) -> None:
    """The production web server. Refuses to start on an old schema: run `gateway migrate` first."""
    settings = common.load_settings()
    logs.set_up(settings.log_format)
    ports.listen(host, port).close()  # with a shared port, nobody would say that it is taken
    with (
        ports.listen(host, port, shared=True) as reserved,
        common.database_server(settings) as (url, revive),
    ):
        common.run(common.require_ready(url))
        port = reserved.getsockname()[1]
        children = [
            Child(f"web {n + 1}", lambda: _web(settings, url, host, port)) for n in range(workers)
        ]
        if not no_background:
            children.append(Child("background", lambda: _background(settings, url)))
        click.echo(f"Serving on http://{host}:{port} with {workers} processes")
        Supervisor(children, revive).run()


def _web(settings: Settings, url: str, host: str, port: int) -> None:
    bound = ports.listen(host, port, shared=True)
    parent = os.getppid()
    serving.run(lambda stop: _answer(settings, url, bound, parent, stop))


def _background(settings: Settings, url: str) -> None:
    parent = os.getppid()
    serving.run(lambda stop: do_work(settings, url, stop, parent))


async def _answer(
    settings: Settings, url: str, bound: socket.socket, parent: int, stop: serving.Stop
) -> None:
    async with serving.context_for(settings, url) as context:
        # Before the first request: from now on a form comes back whole even when the database goes.
        for county in context.counties:
            await context.snapshots.of(county)
        await _answer_until(context, bound, parent, stop)


async def _answer_until(
    context: Context, bound: socket.socket, parent: int, stop: serving.Stop
) -> None:
    async with serving.serving(context, bound), asyncio.TaskGroup() as group:
        stop.started()
        serving.settle()
        group.create_task(serving.follow_parent(parent, stop.event))
        group.create_task(background.run_jobs(context, serving.house_jobs(), stop.event))

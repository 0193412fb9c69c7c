"""`gateway work`."""

import asyncio
from collections.abc import Callable

import click

from gateway import background, logs, serving
from gateway.commands import common
from gateway.context import Context
from gateway.settings import Settings


@click.command()
def work() -> None:
    """Only the background work: mail, deadlines. Any number of these may run beside each other."""
    settings = common.load_settings()
    logs.set_up(settings.log_format)
    with common.database_server(settings) as (url, keep_alive):
        common.run(common.require_ready(url))
        own = (_keep(keep_alive),)
        serving.run(lambda stop: do_work(settings, url, stop, more=own))


def _keep(keep_alive: Callable[[], object]) -> background.Job:
    """The job that starts our own PostgreSQL again when it was killed."""

    async def look(_context: Context) -> int:
        await asyncio.to_thread(keep_alive)
        return 0

    return background.Job("database", 1.0, look)


async def do_work(
    settings: Settings,
    url: str,
    stop: serving.Stop,
    parent: int | None = None,
    more: tuple[background.Job, ...] = (),
) -> None:
    """Runs all jobs, and `more`, until told to stop, or until the process `parent` is gone."""
    async with serving.context_for(settings, url, size=2) as context:
        stop.started()
        serving.settle()
        if parent is None:
            click.echo("Working; Ctrl-C stops it.")
        async with asyncio.TaskGroup() as group:
            if parent is not None:
                group.create_task(serving.follow_parent(parent, stop.event))
            group.create_task(background.run_jobs(context, (*background.jobs(), *more), stop.event))

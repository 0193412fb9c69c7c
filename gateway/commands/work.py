"""`gateway work`."""

import asyncio

import click

from gateway import background, logs, serving
from gateway.commands import common
from gateway.settings import Settings


@click.command()
def work() -> None:
    """Only the background work: mail, deadlines. Any number of these may run beside each other."""
    settings = common.load_settings()
    logs.set_up(settings.log_format)
    with common.database_url(settings) as url:
        common.run(common.require_ready(url))
        serving.run(lambda stop: do_work(settings, url, stop))


async def do_work(
    settings: Settings, url: str, stop: serving.Stop, parent: int | None = None
) -> None:
    """Runs all jobs until told to stop, or until the process `parent` is gone."""
    async with serving.context_for(settings, url, size=2) as context:
        stop.started()
        serving.settle()
        if parent is None:
            click.echo("Working; Ctrl-C stops it.")
        async with asyncio.TaskGroup() as group:
            if parent is not None:
                group.create_task(serving.follow_parent(parent, stop.event))
            group.create_task(background.run_jobs(context, background.jobs(), stop.event))

"""Work that nobody waits for: mail, deadlines, sweeps. One loop a job; a fault never ends it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gateway.context import Context
from gateway.counties import County
from gateway.db import DatabaseDown

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """`run` every `every` seconds; again at once as long as it says that it did something.

    A run that takes longer than `limit` seconds is cut off, logged and tried again. `close`
    lets go of what it kept open between runs.
    """

    name: str
    every: float
    run: Callable[[Context], Awaitable[int]]
    limit: float = 300.0
    close: Callable[[Context], Awaitable[None]] | None = None


async def in_each_county(
    context: Context, name: str, work: Callable[[County], Awaitable[int]]
) -> int:
    """Does `work` in every county; how much was done.

    One county's fault is logged and does not keep the others waiting; the last is raised.
    """
    done, fault = 0, None
    for county in context.counties:
        try:
            done += await work(county)
        except Exception as error:
            log.warning("%s of %s: %s", name, county.code, type(error).__name__)
            fault = error
    if fault is not None:
        raise fault
    return done


def jobs() -> tuple[Job, ...]:
    """All background work of the product."""
    from gateway import counting, housekeeping, recounting, rerouting, timers
    from gateway.desk import sessions
    from gateway.mail import postman

    return (
        Job("mail", 2.0, postman.run_once, close=postman.close),
        Job("timers", 30.0, timers.sweep),
        Job("chain", 10.0, timers.seal),
        Job("calendar", 60.0, recounting.run_once),
        Job("routing", 10.0, rerouting.run_once),
        Job("figures", 60.0, counting.run_once),
        Job("housekeeping", 3600.0, housekeeping.run_once),
        Job("desk", 3600.0, sessions.forget_old),
    )


async def run_jobs(context: Context, work: Sequence[Job], stop: asyncio.Event) -> None:
    """Runs all jobs until `stop` is set and then lets each finish what it is at."""
    async with asyncio.TaskGroup() as group:
        for job in work:
            group.create_task(_repeat(context, job, stop), name=job.name)


async def _repeat(context: Context, job: Job, stop: asyncio.Event) -> None:
    try:
        while not stop.is_set():
            if await _once(context, job):
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), job.every)
    finally:
        if job.close:
            await job.close(context)


async def _once(context: Context, job: Job) -> int:
    """How much was done; 0 after a fault, so that the next try waits its turn."""
    try:
        return await asyncio.wait_for(job.run(context), job.limit)
    except DatabaseDown as error:
        log.warning("%s: the database is away (%s)", job.name, error)
    except TimeoutError:
        log.error("%s took longer than %s s and was cut off", job.name, job.limit)
    except Exception:
        log.exception("%s failed", job.name)
    return 0

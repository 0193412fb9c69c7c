"""Background work goes on, whatever one of its jobs does."""

import asyncio
import logging
from types import SimpleNamespace

import pytest

from gateway.background import Job, in_each_county, jobs, run_jobs
from gateway.db import DatabaseDown

CONTEXT = object()


async def run_until(job_list, enough: asyncio.Event) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(run_jobs(CONTEXT, job_list, stop))
    await asyncio.wait_for(enough.wait(), 5)
    stop.set()
    await asyncio.wait_for(running, 5)


def counting(outcomes, seen: list, enough: asyncio.Event, after: int):
    """A job's function that gives or raises each of `outcomes`, then 0."""
    left = iter(outcomes)

    async def work(context) -> int:
        assert context is CONTEXT
        outcome = next(left, 0)
        seen.append(outcome)
        if len(seen) >= after:
            enough.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return work


@pytest.mark.parametrize(
    ("fault", "level"),
    [
        (ValueError("broken"), logging.ERROR),
        (DatabaseDown("away"), logging.WARNING),
        (TimeoutError(), logging.ERROR),
    ],
)
async def test_a_fault_is_logged_and_the_job_tried_again(caplog, fault, level):
    seen, enough = [], asyncio.Event()
    await run_until([Job("letters", 0.01, counting([fault], seen, enough, 3))], enough)
    assert seen[:3] == [fault, 0, 0]
    (record,) = caplog.records
    assert record.levelno == level
    assert "letters" in record.getMessage()


async def test_who_found_something_to_do_is_asked_again_at_once():
    seen, enough = [], asyncio.Event()
    await run_until([Job("letters", 60, counting([5, 5, 5], seen, enough, 4))], enough)
    assert seen == [5, 5, 5, 0]


async def test_one_job_does_not_wait_for_another():
    seen, enough = [], asyncio.Event()

    async def slow(_context) -> int:
        await enough.wait()
        return 0

    await run_until(
        [Job("slow", 60, slow), Job("quick", 0.01, counting([], seen, enough, 5))], enough
    )
    assert len(seen) >= 5


async def test_a_job_that_hangs_is_cut_off(caplog):
    runs, enough = [], asyncio.Event()

    async def hang(_context) -> int:
        runs.append(1)
        if len(runs) == 2:
            enough.set()
        await asyncio.sleep(60)
        return 0

    stop = asyncio.Event()
    running = asyncio.create_task(run_jobs(CONTEXT, [Job("hang", 0.01, hang, limit=0.05)], stop))
    await asyncio.wait_for(enough.wait(), 5)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert "took longer than 0.05 s" in caplog.text


async def test_stopping_lets_a_run_finish_and_closes_what_was_open():
    log, begun, stop = [], asyncio.Event(), asyncio.Event()

    async def work(_context) -> int:
        begun.set()
        await asyncio.sleep(0.05)
        log.append("finished")
        return 1

    async def close(_context) -> None:
        log.append("closed")

    running = asyncio.create_task(run_jobs(CONTEXT, [Job("mail", 60, work, close=close)], stop))
    await begun.wait()
    stop.set()
    await asyncio.wait_for(running, 5)
    assert log == ["finished", "closed"]


def test_mail_is_among_the_jobs():
    assert "mail" in [job.name for job in jobs()]


async def test_one_countys_fault_does_not_keep_the_others_waiting(caplog):
    counties = [SimpleNamespace(code=code) for code in ("a", "b", "c")]
    seen = []

    async def work(county) -> int:
        seen.append(county.code)
        if county.code == "b":
            raise ValueError("broken")
        return 2

    context = SimpleNamespace(counties=counties)
    with pytest.raises(ValueError, match="broken"):
        await in_each_county(context, "timers", work)
    assert seen == ["a", "b", "c"]
    assert [record.getMessage() for record in caplog.records] == ["timers of b: ValueError"]

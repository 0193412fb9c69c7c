"""The postman alone, as fast as it goes, until nothing is due. `python -m …` prints JSON."""

import asyncio
import json
import resource
import time

import uvloop

from gateway.commands.common import load_settings
from gateway.mail import postman
from gateway.serving import context_for


async def send_all() -> None:
    """Claims, sends and marks; says how long that took and what CPU it cost."""
    settings = load_settings()
    async with context_for(settings, settings.database_url, size=2) as context:
        start, before = time.perf_counter(), _cpu()
        while await postman.run_once(context):
            pass
        seconds, ours = time.perf_counter() - start, _cpu() - before
        await postman.close(context)
    print(json.dumps({"seconds": seconds, "ours": ours}))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(send_all())

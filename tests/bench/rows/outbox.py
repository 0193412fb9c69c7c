"""From claim to sent through aiosmtplib, beside smtp-source; both into smtp-sink."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench import limits, processes
from tests.bench.bench import Bench
from tests.bench.measure import Row, Sample, Series
from tests.bench.targets import put_back

LETTERS = 1_000
# The newest letters to offices whose case is still with them, due again.
MAKE_DUE = """
UPDATE letter SET state = 'waiting', attempts = 0, next_at = created_at, done_at = NULL
WHERE id IN (
  SELECT l.id FROM letter AS l JOIN bench_target AS t ON t.id = l.complaint
  WHERE l.recipient = 'office' ORDER BY l.id LIMIT $1)
"""
NOT_COUNTED = """
UPDATE letter SET attempts = 2
WHERE attempts = 1 AND complaint IN (SELECT id FROM bench_target)
"""
COUNT_SENT = """
SELECT count(*) FROM letter AS l JOIN bench_target AS t ON t.id = l.complaint
WHERE l.recipient = 'office' AND l.state = 'sent' AND l.attempts = 1
"""


@contextmanager
def rows(bench: Bench) -> Iterator[list[Row]]:
    """One row, or none where postfix is missing."""
    if not limits.mail_programs():
        yield []
        return
    with limits.smtp_sink(bench.world.folder) as port:
        work = Series(lambda: _send(bench, port))
        limit = Series(lambda: limits.smtp_source(port, 5 * LETTERS))
        yield [Row("outbox, claim to sent", "smtp-source", work, limit, goal=0.15)]


def _send(bench: Bench, port: int) -> Sample:
    asyncio.run(_make_due(bench))
    spent = processes.cpu_seconds(bench.world.postmaster)
    environment = {
        **os.environ,
        **bench.world.environment,
        "GATEWAY_SMTP_URL": f"smtp://127.0.0.1:{port}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.outbox_worker"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    seen = json.loads(done.stdout)
    sent = asyncio.run(_count_sent(bench))
    return Sample(
        operations=max(1, sent),
        seconds=seen["seconds"],
        ours=seen["ours"],
        postgres=processes.cpu_seconds(bench.world.postmaster) - spent,
        spoilt=LETTERS - sent,
    )


async def _make_due(bench: Bench) -> None:
    async with bench.world.connection() as conn:
        await put_back(conn)
        await conn.execute(NOT_COUNTED)
        await conn.execute(MAKE_DUE, LETTERS)


async def _count_sent(bench: Bench) -> int:
    async with bench.world.connection() as conn:
        return int(await conn.fetchval(COUNT_SENT))

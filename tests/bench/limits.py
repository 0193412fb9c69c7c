"""What cannot be beaten: bare aiohttp, pgbench with our statements, smtp-source into smtp-sink."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import load, processes
from tests.bench.measure import Measure, Sample
from tests.bench.world import World

CLIENTS = (4, 8, 16)
SINK, SOURCE, SESSIONS = "smtp-sink", "smtp-source", 8
# As long as our own letters are, text and HTML together.
LETTER_BYTES = 8_300


@contextmanager
def hello(folder: Path, seconds: float) -> Iterator[Measure]:
    """Bare aiohttp + uvloop answering two bytes."""
    port, log = processes.free_port(), folder / "hello.log"
    command = [sys.executable, "-m", "tests.bench.hello", str(port)]
    with processes.started(command, log=log) as process:
        processes.wait_for_page(f"http://127.0.0.1:{port}/", process, log)

        def measure() -> Sample:
            before = processes.cpu_seconds(process.pid)
            done = load.run(port, [load.get("/")], folder=folder, prefix="0" * 12, seconds=seconds)
            ours = processes.cpu_seconds(process.pid) - before
            return Sample(done.requests, done.seconds, ours, 0.0, done.p50, done.p99)

        yield measure


def pgbench_program() -> str | None:
    """pgbench, wherever Debian put it."""
    places = [Path("/usr/lib/postgresql").glob("*/bin/pgbench")]
    return shutil.which("pgbench") or next((str(path) for each in places for path in each), None)


class Pgbench:
    """`pgbench -M prepared` with a script, with as many clients as serve it best.

    With `targets` a run ends when each of them was used once.
    """

    def __init__(
        self, world: World, name: str, script: str, seconds: float, *, targets: int = 0
    ) -> None:
        self._world = world
        self._seconds = max(1, round(seconds))
        self._targets = targets
        self._file = world.folder / f"{name}.sql"
        self._file.write_text(script)
        self._clients = 0

    def __call__(self, before: Callable[[], None] = lambda: None) -> Sample:
        """One run; the first tries 4, 8 and 16 clients. `before` is called before each."""
        if not self._clients:
            rates = {}
            for clients in CLIENTS:
                before()
                rates[clients] = self._run(clients).rate
            self._clients = max(rates, key=lambda clients: rates[clients])
        before()
        return self._run(self._clients)

    def _run(self, clients: int) -> Sample:
        spent = processes.cpu_seconds(self._world.postmaster)
        done = subprocess.run(
            [*self._command(clients), "-f", str(self._file)],
            env={**os.environ, **self._world.pg_environment()},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode != 0:
            raise RuntimeError(f"pgbench: {done.stderr[-2000:]}")
        operations = _number(r"actually processed: (\d+)", done.stdout)
        if not operations:  # a very busy machine: the second was over before they had connected
            return Sample(operations=1, seconds=self._seconds)
        return Sample(
            operations=int(operations),
            seconds=operations / _number(r"tps = ([\d.]+) \(without", done.stdout),
            postgres=processes.cpu_seconds(self._world.postmaster) - spent,
            p50=_number(r"latency average = ([\d.]+)", done.stdout) / 1000,
        )

    def _command(self, clients: int) -> list[str]:
        command = [str(pgbench_program()), "-n", "-M", "prepared", "-c", str(clients), "-j", "2"]
        if not self._targets:
            return [*command, "-T", str(self._seconds)]
        each = self._targets // clients
        return [*command, "-t", str(each), "-D", f"per={each}", "-D", "i=-1"]


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if not found:
        raise ValueError(f"{pattern} is not in:\n{text}")
    return float(found.group(1))


def mail_programs() -> bool:
    """Whether Debian's postfix brought its two test programs."""
    return _mail_program(SINK) is not None and _mail_program(SOURCE) is not None


def _mail_program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def smtp_sink(folder: Path) -> Iterator[int]:
    """A server that takes every letter and forgets it; gives its port."""
    port = processes.free_port()
    command = [str(_mail_program(SINK))]
    if os.geteuid() == 0:
        command += ["-u", "nobody"]
    command += ["-h", "sink.example.org", f"127.0.0.1:{port}", "256"]
    with processes.started(command, log=folder / "sink.log") as process:
        processes.wait_for_port(port, process)
        yield port


def smtp_source(port: int, letters: int) -> Sample:
    """`smtp-source -s 8 -d`: eight connections, kept open."""
    command = [str(_mail_program(SOURCE)), "-s", str(SESSIONS), "-d", "-l", str(LETTER_BYTES)]
    command += ["-m", str(letters), "-f", "a@example.org", "-t", "b@example.org"]
    start = time.perf_counter()
    subprocess.run([*command, f"127.0.0.1:{port}"], check=True, timeout=120, capture_output=True)
    return Sample(letters, time.perf_counter() - start)

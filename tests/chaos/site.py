"""The system under attack: `serve`, one more `work`, their database and the mail server.

Kept alive as systemd would: whatever of ours ends is started again after a moment.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import asyncpg

from gateway import demo_county, embedded
from gateway.db import _set_codecs
from tests import database
from tests.gateway.processes import children, environment

PROJECT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120.0
AGAIN_SECONDS = 0.2
SCHEMA = f"county_{demo_county.CODE}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def role(pid: int) -> str:
    """What a process of ours calls itself: web, background, postgres …"""
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


class Service:
    """One command, started again whenever it ends."""

    def __init__(self, command: list[str], log: Path, surroundings: dict[str, str]) -> None:
        self._command = command
        self._log = log
        self._surroundings = surroundings
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    @property
    def pid(self) -> int:
        """0 while it is down."""
        running = self.process and self.process.poll() is None
        return self.process.pid if self.process and running else 0

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self._command],
                cwd=PROJECT,
                env=self._surroundings,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self.starts += 1

    async def keep(self) -> None:
        while True:
            if not self.pid:
                await asyncio.sleep(AGAIN_SECONDS)
                self.start()
            await asyncio.sleep(0.05)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
            self.process.kill()


class Site:
    """Everything that runs.

    The product's files lie in `data`; what stands for other people's machines, and every journal,
    in `folder`, which must keep its word when the product's disk is full.
    """

    def __init__(self, folder: Path, data: Path, seed: int, chance: float) -> None:
        self.folder = folder
        self.data = data
        self.journal = folder / "journal.jsonl"
        self.armed = folder / "armed"
        self.log = folder / "serve.log"
        self.port, mail_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = ""
        self._settings = {
            "data_dir": str(self.data),
            "base_url": self.url,
            "smtp_url": f"smtp://127.0.0.1:{mail_port}",
        }
        self._chaos = {"CHAOS_ARMED": str(self.armed), "CHAOS_CHANCE": str(chance)}
        hurried = "tests.chaos.hurried"
        self.serve = Service(
            [hurried, "serve", "--port", str(self.port), "--workers", "2"],
            self.log,
            environment(**self._settings) | self._chaos,
        )
        self.sink = Service(
            ["tests.chaos.sink", str(mail_port), str(self.journal), str(seed)],
            folder / "sink.log",
            environment(),
        )
        self.work: Service | None = None

    async def prepare(self) -> None:
        """The demo county, and the address of the database, which every start keeps."""
        self.journal.touch()
        with embedded.running(self.data) as url:
            await demo_county.prepare(url, datetime.now(UTC))
            self.database_url = url
        self.work = Service(
            ["tests.chaos.hurried", "work"],
            self.folder / "work.log",
            environment(**self._settings, database_url=self.database_url) | self._chaos,
        )

    def postmaster(self) -> int:
        """The process id of the database, 0 while it is down."""
        with suppress(OSError, ValueError):
            pid = int((self.data / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
            return pid if role(pid) == "postgres" else 0
        return 0

    def pids(self, kind: str) -> list[int]:
        """Process ids by what they are; see `faults`."""
        postmaster = self.postmaster()
        if kind == "supervisor":
            found = [self.serve.pid]
        elif kind == "work":
            found = [self.work.pid] if self.work else []
        elif kind == "postmaster":
            found = [postmaster]
        elif kind == "backend":
            found = children(postmaster) if postmaster else []
        else:
            below = children(self.serve.pid) if self.serve.pid else []
            found = [pid for pid in below if role(pid) == kind]
        return [pid for pid in found if pid]

    async def ready(self) -> None:
        """Waits until the site answers and reaches its database."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while asyncio.get_running_loop().time() < deadline:
                with suppress(aiohttp.ClientError, TimeoutError, OSError):
                    async with session.get(self.url + "/health/ready") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)
        raise AssertionError(f"not ready again after {PATIENCE_SECONDS} s; see {self.log}")

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """To look into the county's tables; waits for a database that is away."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                conn = await asyncpg.connect(self.database_url, timeout=5, command_timeout=30)
                break
            except (OSError, TimeoutError, asyncpg.PostgresError):
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.1)
        try:
            await _set_codecs(conn)
            await conn.execute(f"SET search_path TO {SCHEMA}")
            yield conn
        finally:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await conn.close(timeout=2)

    def stop(self) -> None:
        """Ends all of it, also what a kill left behind."""
        for service in (self.work, self.serve, self.sink):
            if service:
                service.stop()
        left = self.postmaster()
        if left:
            with suppress(ProcessLookupError):
                os.kill(left, signal.SIGQUIT)


@asynccontextmanager
async def running(seed: int, chance: float, data: Path | None = None) -> AsyncIterator[Site]:
    """A site that is ready, in a new folder that is removed unless something failed.

    `data` is another place for the product's own files.
    """
    folder = database.new_folder()
    site = Site(folder, data or folder / "data", seed, chance)
    await site.prepare()
    assert site.work
    keepers = [
        asyncio.create_task(service.keep()) for service in (site.sink, site.serve, site.work)
    ]
    try:
        await site.ready()
        yield site
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        await asyncio.to_thread(site.stop)
    with database.removed(folder):
        pass

"""The default database: PostgreSQL from a wheel, reached by a private socket and a password."""

import errno
import logging
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from gateway import embedded_home as homes
from gateway import embedded_processes as processes
from gateway import embedded_programs as programs_of
from gateway.embedded_home import AlreadyRunning, EmbeddedError, Home

__all__ = [
    "AlreadyRunning",
    "EmbeddedError",
    "Server",
    "erase",
    "exists",
    "launch",
    "running",
    "url_of_running",
]

log = logging.getLogger(__name__)

SUPERUSER = "gateway"
START_SECONDS = 120
LOG_BYTES = 5_000_000
# What a new database takes (initdb clears up after a failure), and what one that is there needs
# at least: the next file of its write-ahead log.
NEW_BYTES, SEGMENT_BYTES = 48 * 1024**2, 16 * 1024**2

# For a machine that does other things too. synchronous_commit stays on: nothing that was
# acknowledged is lost.
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "10min",
    "huge_pages": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    # What stands in a row that was refused, and in a statement, stays out of the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "idle_in_transaction_session_timeout": "60s",
}


class Server:
    """A PostgreSQL that this process started and stops again."""

    def __init__(self, home: Home, spawn: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.home = home
        self._spawn = spawn
        self._log_from = _turn_log(home)
        self._process = spawn()

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the postmaster still runs."""
        return self._process.poll() is None

    def wait_ready(self) -> str:
        """Waits until it takes connections and gives its URL; raises `EmbeddedError`."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            status = processes.postmaster_file(self.home.data)
            if status[0] == str(self.pid) and status[-1] == "ready":
                return _url(self.home, Path(status[4]))
            if not self.alive:
                self._after_failure()
            time.sleep(0.005)
        raise EmbeddedError(
            f"PostgreSQL did not get ready in {START_SECONDS} s; its log is {self.home.log}"
        )

    def _after_failure(self) -> None:
        """Tries once more while the last of a killed PostgreSQL's processes is still leaving."""
        why = _why_it_failed(self.home, self._log_from)
        if "is still in use" not in why:
            raise EmbeddedError(why)
        time.sleep(0.1)
        self._log_from = _turn_log(self.home)
        self._process = self._spawn()

    def revive(self) -> bool:
        """Starts it again if it has died; whether it had. Raises `EmbeddedError`."""
        if self.alive:
            return False
        log.error("PostgreSQL ended with %s; starting it again", self._process.returncode)
        self._log_from = _turn_log(self.home)
        self._process = self._spawn()
        self.wait_ready()
        return True

    def stop(self) -> None:
        """Disconnects everybody, writes everything down and waits for the end."""
        earlier = processes.socket_of(processes.postmaster_file(self.home.data))
        processes.end(self._process)
        # Only the short folders in /tmp are ours alone to remove.
        if earlier and earlier.parent != self.home.root:
            shutil.rmtree(earlier, ignore_errors=True)


@contextmanager
def running(folder: Path, *, options: Sequence[str] = ()) -> Iterator[str]:
    """The URL of the database under `folder`, which runs as long as the block does."""
    with launch(folder, options=options) as server:
        yield server.wait_ready()


@contextmanager
def launch(
    folder: Path, *, options: Sequence[str] = (), programs: Path | None = None
) -> Iterator[Server]:
    """Starts the database under `folder`; call `wait_ready` on it, other work may go between.

    `options` are more settings, `name=value`. `programs` is a folder with PostgreSQL's `bin`,
    the wheel's by default. Stops the database at the end of the block, also when the start is
    interrupted. Raises `AlreadyRunning` and `EmbeddedError`, each with its mend.
    """
    _refuse_windows()
    with homes.folder_lock(folder):
        home = homes.prepare(folder)
        programs = programs_of.reachable_programs(programs or _programs_for(home), home.account)
        try:
            if not home.data.exists():
                _initialise(home, programs)
            server = Server(home, lambda: _spawn(home, programs, options))
        except OSError as error:
            raise homes.unusable(folder, error) from error
        try:
            yield server
        finally:
            server.stop()


def erase(folder: Path) -> None:
    """Deletes the database under `folder`, if there is one. Raises like `launch`."""
    _refuse_windows()
    with homes.folder_lock(folder):
        home = homes.prepare(folder)
        processes.end_orphan(home)
        try:
            if home.data.exists():
                shutil.rmtree(home.data)
        except OSError as error:
            raise homes.unusable(folder, error) from error


def exists(folder: Path) -> bool:
    """Whether a database was ever made under `folder`."""
    return homes.find(folder).data.exists()


def url_of_running(folder: Path) -> str | None:
    """The URL of the database that another process runs on `folder`; None when none does."""
    home = homes.find(folder)
    status = processes.postmaster_file(home.data)
    if status[-1] != "ready" or not processes.is_postmaster(int(status[0]), home.data):
        return None
    return _url(home, Path(status[4]))


def _refuse_windows() -> None:
    if os.name != "posix":
        raise EmbeddedError(
            "the embedded database needs Unix sockets; on Windows set GATEWAY_DATABASE_URL"
        )


def _programs_for(home: Home) -> Path:
    try:
        return programs_of.wheel_programs((home.data / "PG_VERSION").read_text("ascii").strip())
    except FileNotFoundError:
        return programs_of.wheel_programs()


def _url(home: Home, socket: Path) -> str:
    where = urlencode({"host": str(socket), "port": "5432"}, quote_via=quote)
    return f"postgresql://{SUPERUSER}:{home.password}@/postgres?{where}"


def _initialise(home: Home, programs: Path) -> None:
    """initdb into a folder beside, then one rename: a start cut short leaves nothing half made."""
    scratch = home.root / "data.new"
    shutil.rmtree(scratch, ignore_errors=True)
    secret = home.root / "password"
    secret.unlink(missing_ok=True)
    with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(24) + "\n")
    if home.account:
        os.chown(secret, home.account.uid, home.account.gid)
    command = [f"{programs}/bin/initdb", "-D", str(scratch), "-U", SUPERUSER]
    command += ["--pwfile", str(secret), *_initdb_options(programs)]
    process = processes.popen(home, command, subprocess.PIPE)
    try:
        output, _ = process.communicate(timeout=START_SECONDS)
    except BaseException:
        processes.end(process)
        raise
    if process.returncode != 0:
        shutil.rmtree(scratch, ignore_errors=True)
        raise EmbeddedError(_explain(home, output.decode(errors="replace"), NEW_BYTES))
    scratch.rename(home.data)


def _initdb_options(programs: Path) -> list[str]:
    options = ["-A", "scram-sha-256", "--encoding=UTF8", "--no-instructions"]
    if _major_version(programs) >= 17:
        return [*options, "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [*options, "--locale=C.UTF-8"]


def _major_version(programs: Path) -> int:
    command = [f"{programs}/bin/postgres", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return int(said.split()[2].split(".")[0])


def _spawn(home: Home, programs: Path, options: Sequence[str]) -> subprocess.Popen[bytes]:
    """Starts PostgreSQL, after whatever an earlier one left has been cleared away."""
    earlier = processes.socket_of(processes.postmaster_file(home.data))
    processes.end_orphan(home)
    socket = homes.socket_folder(home, earlier)
    quoted = '"' + str(socket).replace('"', '""') + '"'
    settings = [f"{name}={value}" for name, value in OPTIONS.items()]
    settings += [f"unix_socket_directories={quoted}", *options]
    command = [f"{programs}/bin/postgres", "-D", str(home.data)]
    for setting in settings:
        command += ["-c", setting]
    with home.log.open("ab") as file:
        return processes.popen(home, command, file.fileno())


def _turn_log(home: Home) -> int:
    """Keeps the log and one older one; gives the byte where this start begins."""
    try:
        size = home.log.stat().st_size
    except FileNotFoundError:
        return 0
    if size < LOG_BYTES:
        return size
    home.log.replace(home.log.with_suffix(".log.1"))
    return 0


def _why_it_failed(home: Home, log_from: int) -> str:
    with home.log.open("rb") as file:
        file.seek(log_from)
        return _explain(home, file.read().decode(errors="replace"), SEGMENT_BYTES)


def _explain(home: Home, output: str, needs: int) -> str:
    """One line from what PostgreSQL said, with a mend; `needs` is in bytes."""
    for code, phrase in ((28, "No space left on device"), (30, "Read-only file system")):
        if phrase in output:
            return str(homes.unusable(home.folder, OSError(code, phrase)))
    # Where the space ends in an unlucky place PostgreSQL speaks of something else.
    if shutil.disk_usage(home.root).free < needs:
        return str(homes.unusable(home.folder, OSError(errno.ENOSPC, "full")))
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    faults = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    said = (faults or lines or ["it said nothing"])[-1]
    return f"PostgreSQL did not start: {said} (see {home.log})"

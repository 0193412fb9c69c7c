"""PostgreSQL's processes: started as their own user, found again after a crash, ended."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gateway.embedded_home import EmbeddedError, Home

STOP_SECONDS = 60


def _environment() -> dict[str, str]:
    """Nothing of the caller's: PGDATA, PGPORT or an unknown LANG must not reach PostgreSQL."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def popen(home: Home, command: Sequence[str], output: int) -> subprocess.Popen[bytes]:
    """Starts a program of PostgreSQL as its own user and out of reach of the terminal's Ctrl-C."""
    account = home.account
    return subprocess.Popen(  # noqa: S603
        command,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        env=_environment(),
        cwd="/",
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def postmaster_file(data: Path) -> list[str]:
    """Lines of postmaster.pid, the last one the status; eight empty ones when there is none.

    Lines: pid, data folder, start, port, socket folder, address, shared memory, status.
    """
    try:
        lines = (data / "postmaster.pid").read_text(errors="surrogateescape").splitlines()
    except OSError:
        lines = []
    lines = [line.strip() for line in lines]
    return lines if len(lines) >= 8 else lines + [""] * (8 - len(lines))


def socket_of(status: list[str]) -> Path | None:
    """The socket's folder, from the lines of `postmaster_file`."""
    return Path(status[4]) if status[4] else None


def is_postmaster(pid: int, data: Path) -> bool:
    """Whether `pid` is the PostgreSQL of `data`, and not a stranger that got an old number."""
    with suppress(OSError):
        return Path(os.readlink(f"/proc/{pid}/cwd")) == data
    if os.path.isdir("/proc/self"):
        return False
    done = subprocess.run(  # noqa: S603
        ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return str(data) in done.stdout


def end_orphan(home: Home) -> None:
    """Stops the PostgreSQL of a gateway that was killed, or removes the file it left behind.

    Safe because the folder's lock is held: whatever runs here has lost its gateway. A number
    that now belongs to somebody else would otherwise make PostgreSQL refuse to start.
    """
    status = postmaster_file(home.data)
    if not status[0].isdigit():
        return
    pid = int(status[0])
    if not is_postmaster(pid, home.data):
        (home.data / "postmaster.pid").unlink(missing_ok=True)
        return
    for stop_signal in (signal.SIGINT, signal.SIGQUIT):
        with suppress(ProcessLookupError):
            os.kill(pid, stop_signal)
        deadline = time.monotonic() + STOP_SECONDS / 2
        while time.monotonic() < deadline:
            if not is_postmaster(pid, home.data):
                return
            time.sleep(0.01)
    raise EmbeddedError(f"an earlier PostgreSQL (process {pid}) does not stop; end it by hand")


def end(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown, then harder; returns when the process is gone."""
    for stop_signal in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            process.send_signal(stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return

"""Several processes kept alive: a dead one is started again, with growing pauses."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 15.0
# Who lived this long was healthy: the next death counts as a first one.
HEALTHY_SECONDS = 30.0
POLL_SECONDS = 0.1
STOP_SECONDS = 30.0


@dataclass
class Child:
    """One role; `work` runs in its own process and gives the exit code."""

    name: str
    work: Callable[[], None]
    pid: int = 0
    started: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    due: float = field(default=0.0)

    def start(self) -> None:
        """Forks; the child never returns from here."""
        sys.stdout.flush()
        sys.stderr.flush()
        self.started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            _be(self)

    def ended(self) -> bool:
        """Whether the process is gone since the last look; decides when it starts again."""
        if not self.pid:
            return False
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            return False
        now = time.monotonic()
        if now - self.started > HEALTHY_SECONDS:
            self.pause = FIRST_PAUSE_SECONDS
        self.due = now + self.pause
        log.error(
            "%s (process %s) ended with %s; again in %.1f s",
            self.name,
            pid,
            os.waitstatus_to_exitcode(status),
            self.pause,
        )
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        self.pid = 0
        return True


def _be(child: Child) -> None:
    """The life of a child, to its end."""
    code = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        child.work()
        code = 0
    except KeyboardInterrupt:
        code = 0
    except Exception as error:
        log.error("%s: %s", child.name, error, exc_info=not _is_plain(error))
    finally:
        sys.stderr.flush()
        os._exit(code)


def _is_plain(error: Exception) -> bool:
    """Our own errors say enough in their text."""
    return type(error).__module__.startswith("gateway.")


class Supervisor:
    """Runs until SIGTERM or SIGINT; then asks every child to stop and waits for it.

    `watch` is called at every look, for what else has to be kept alive.
    """

    def __init__(self, children: Sequence[Child], watch: Callable[[], object]) -> None:
        self._children = children
        self._watch = watch
        self._stopping = False

    def run(self) -> None:
        """Returns after everything has ended."""
        before = {n: signal.signal(n, self._stop) for n in (signal.SIGINT, signal.SIGTERM)}
        try:
            for child in self._children:
                child.start()
            while not self._stopping:
                self._look()
                time.sleep(POLL_SECONDS)
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _look(self) -> None:
        try:
            self._watch()
        except Exception as error:
            log.error("%s", error)
        for child in self._children:
            child.ended()
            if not child.pid and time.monotonic() >= child.due:
                child.start()

    def _end(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        self._signal(signal.SIGTERM)
        while any(child.pid for child in self._children):
            for child in self._children:
                if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                    child.pid = 0
            if time.monotonic() > deadline:
                self._signal(signal.SIGKILL)
            time.sleep(0.02)

    def _signal(self, number: signal.Signals) -> None:
        for child in self._children:
            if child.pid:
                os.kill(child.pid, number)

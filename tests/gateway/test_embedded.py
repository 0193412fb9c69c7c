"""The embedded database as a person's machine treats it: killed, moved, filled, shared."""

import contextlib
import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from gateway import embedded, embedded_home, embedded_programs
from gateway.embedded import AlreadyRunning, EmbeddedError
from tests import database
from tests.gateway.processes import children, eventually, is_running
from tests.thorough import first_of

ROOT = os.geteuid() == 0
PROJECT = Path(__file__).parents[2]
# Prints the postmaster's process and the URL, then waits to be told or killed.
HOLDER = """
import sys, signal, pathlib
from gateway import embedded
def stop(*_): raise KeyboardInterrupt
signal.signal(signal.SIGTERM, stop)
try:
    with embedded.launch(pathlib.Path(sys.argv[1])) as server:
        print(server.pid, server.wait_ready(), flush=True)
        signal.pause()
except embedded.EmbeddedError as error:
    sys.exit("REFUSED " + str(error))
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.fixture(scope="module")
def first_start() -> Iterator[Path]:
    """A data folder after its first start and its orderly end; copied, never used."""
    with database.removed(database.new_folder()) as made:
        with embedded.running(made):
            pass
        yield made


@pytest.fixture
def used_folder(first_start: Path, folder: Path) -> Path:
    """A data folder that ran before, for what is not about the first start."""
    fill(folder, first_start)
    return folder


def fill(folder: Path, first_start: Path) -> None:
    """With the database alone: the log begins anew."""
    subprocess.run(["cp", "-a", str(first_start / "postgres"), str(folder)], check=True)


def hold(folder: Path, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        **options,
    )


@contextlib.contextmanager
def holder(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """Another process that runs the database: itself, the postmaster's id and the URL."""
    with hold(folder) as process:
        try:
            line = process.stdout.readline().split()
            assert len(line) == 2, process.stderr.read()
            yield process, int(line[0]), line[1]
        finally:
            process.kill()


def family(pid: int) -> list[int]:
    """A process and its children, deepest last; one that has just ended has none."""
    return [pid, *(each for child in children(pid) for each in family(child))]


async def write(url: str, value: str) -> None:
    conn = await asyncpg.connect(url)
    await conn.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
    await conn.execute("INSERT INTO kept (value) VALUES ($1)", value)
    await conn.close()


async def read(url: str) -> list[str]:
    conn = await asyncpg.connect(url)
    try:
        return [row["value"] for row in await conn.fetch("SELECT value FROM kept")]
    finally:
        await conn.close()


async def test_a_second_start_finds_yesterdays_data(folder):
    with embedded.running(folder) as url:
        await write(url, "昨天")
    with embedded.running(folder) as url:
        assert await read(url) == ["昨天"]


@pytest.mark.parametrize(
    "path",
    first_of(["中文 路径", "with a space", 'quote"d, and comma', "deep/" * 30 + "end", "很" * 60]),
    ids=["chinese", "space", "quoted", "deep", "long"],
)
async def test_any_path_will_do(folder, path):
    for value in ("1", "2"):
        with embedded.running(folder / path) as url:
            await write(url, value)
    with embedded.running(folder / path) as url:
        assert await read(url) == ["1", "2"]


async def test_socket_folders_outside_the_data_folder_go_when_it_stops(folder):
    with embedded.launch(folder / ("很" * 60)) as server:
        server.wait_ready()
        socket = Path((server.home.data / "postmaster.pid").read_text().splitlines()[4])
        assert socket.parent != server.home.root
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert not socket.exists()


async def test_killed_together_with_everything_it_starts_again(used_folder):
    with holder(used_folder) as (process, postmaster, url):
        await write(url, "kept")
        for pid in [process.pid, *family(postmaster)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    with embedded.running(used_folder) as url:
        assert await read(url) == ["kept"]


async def test_killed_alone_its_orphan_is_stopped_by_the_next_start(used_folder):
    with holder(used_folder) as (process, postmaster, url):
        await write(url, "kept")
        process.kill()
        process.wait()
        assert is_running(postmaster)
    with embedded.running(used_folder) as url:
        assert await read(url) == ["kept"]
        assert not is_running(postmaster)


async def test_a_killed_postmaster_leaves_nothing_in_the_way(used_folder):
    with holder(used_folder) as (process, postmaster, url):
        await write(url, "kept")
        os.kill(postmaster, signal.SIGKILL)
        process.kill()
    with embedded.running(used_folder) as url:
        assert await read(url) == ["kept"]


async def test_an_old_number_that_belongs_to_a_stranger_now_is_no_hindrance(used_folder):
    with embedded.launch(used_folder) as server:
        server.wait_ready()
        lines = (server.home.data / "postmaster.pid").read_text().splitlines()
        data = server.home.data
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        with embedded.running(used_folder) as url:
            await write(url, "still")
        assert stranger.poll() is None
        stranger.kill()


def test_two_starts_on_one_folder_are_refused_in_one_line(used_folder):
    with holder(used_folder) as (_, postmaster, _):
        with (
            pytest.raises(AlreadyRunning, match=r"in use by another running gateway.*--data-dir"),
            embedded.running(used_folder),
        ):
            pass
        assert is_running(postmaster)


async def test_a_row_that_is_refused_is_not_quoted_in_its_log(used_folder):
    with embedded.running(used_folder) as url:
        conn = await asyncpg.connect(url)
        await conn.execute("CREATE TABLE odd (value text CHECK (value = ''))")
        for name in ("何敏仪", "13800000000"):
            with pytest.raises(asyncpg.CheckViolationError):
                await conn.execute(f"INSERT INTO odd (value) VALUES ('{name}')")
        await conn.close()
    log = (used_folder / "postgresql.log").read_text()
    assert "violates check constraint" in log
    assert "何敏仪" not in log
    assert "13800000000" not in log


async def test_others_find_the_one_that_runs(used_folder):
    assert embedded.url_of_running(used_folder) is None
    with holder(used_folder) as (process, _, url):
        assert embedded.url_of_running(used_folder) == url
        await write(embedded.url_of_running(used_folder), "joined")
        process.terminate()
        process.wait()
        assert embedded.url_of_running(used_folder) is None


@pytest.mark.parametrize("number", first_of([signal.SIGTERM, signal.SIGINT]))
def test_a_signal_stops_it_cleanly(used_folder, number):
    with holder(used_folder) as (process, postmaster, _):
        process.send_signal(number)
        assert process.stdout.read() == "stopped\n"
        assert process.wait() == 0
        assert not is_running(postmaster)
    assert "shut down" in (used_folder / "postgresql.log").read_text()


@pytest.mark.parametrize("delay", first_of([0.2, 0.05, 0.12, 0.3, 0.4, 0.5]))
def test_a_start_cut_short_leaves_no_process_and_no_half_made_data(folder, delay):
    process = hold(folder)
    time.sleep(delay)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert eventually(lambda: not processes_in(folder))
    with embedded.running(folder) as url:
        assert url


def processes_in(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
            if str(folder) in command and "postgres" in command:
                found.append(command)
    return found


def test_killed_in_the_middle_of_the_first_start_it_begins_anew(folder):
    (folder / "postgres" / "data.new" / "base").mkdir(parents=True)
    (folder / "postgres" / "password").write_text("old")
    with embedded.running(folder) as url:
        assert "old" not in url


def test_a_lost_password_is_said(used_folder):
    (used_folder / "postgres" / "password").unlink()
    with pytest.raises(EmbeddedError), embedded.running(used_folder):
        pass
    assert not processes_in(used_folder)


def test_data_of_an_unknown_version_is_left_alone(used_folder):
    (used_folder / "postgres" / "data" / "PG_VERSION").write_text("99\n")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 99"), embedded.running(used_folder):
        pass


def test_a_start_that_fails_says_why_and_where_the_log_is(used_folder):
    with (
        pytest.raises(EmbeddedError, match=r"no_such_setting.*postgresql\.log"),
        embedded.running(used_folder, options=["no_such_setting=1"]),
    ):
        pass


def test_a_file_in_the_place_of_the_folder_is_said(folder):
    (folder / "file").write_text("")
    with pytest.raises(EmbeddedError, match=r"is no folder.*--data-dir"):
        embedded.launch(folder / "file").__enter__()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full; free some space"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "may not be written"),
    ],
)
def test_each_kind_of_unusable_folder_has_its_line(number, words):
    line = str(embedded_home.unusable(Path("/data"), OSError(number, "x")))
    assert words in line
    assert "/data" in line
    assert "--data-dir" in line


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("this user may not mount; run the tests as root with CAP_SYS_ADMIN")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("size", ["8m", "20m"])
def test_a_full_disk_is_said_at_the_first_start(folder, size):
    with (
        mounted(folder, f"size={size},mode=0755") as full,
        pytest.raises(EmbeddedError, match="the disk is full; free some space"),
        embedded.running(full),
    ):
        pass


async def test_a_disk_that_filled_up_since_is_said_at_the_next_start(folder, first_start):
    with mounted(folder, "size=80m,mode=0755") as full:
        fill(full, first_start)
        with embedded.running(full) as url:
            await write(url, "kept")
        ballast = full / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(b"0" * 65536):
                pass
        with pytest.raises(EmbeddedError, match="the disk is full"), embedded.running(full):
            pass
        ballast.unlink()
        with embedded.running(full) as url:
            assert await read(url) == ["kept"]


def test_a_read_only_disk_is_said(folder):
    with (
        mounted(folder, "ro,mode=0755") as fixed,
        pytest.raises(EmbeddedError, match=r"it is read-only.*--data-dir"),
        embedded.running(fixed),
    ):
        pass


async def test_only_the_owner_with_the_password_gets_in(folder):
    with embedded.launch(folder) as server:
        url = server.wait_ready()
        root = server.home.root
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
        assert stat.S_IMODE((root / "socket").stat().st_mode) == 0o700
        assert stat.S_IMODE((root / "password").stat().st_mode) == 0o600
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(url.replace("gateway:", "gateway:wrong", 1))
        conn = await asyncpg.connect(url)
        shown = [
            await conn.fetchval(f"SHOW {name}")
            for name in ("listen_addresses", "unix_socket_permissions", "synchronous_commit")
        ]
        assert shown == ["", "0700", "on"]
        assert await conn.fetchval("SELECT datlocale FROM pg_database WHERE datname='postgres'")
        assert await conn.fetchval("SELECT DISTINCT auth_method FROM pg_hba_file_rules") == (
            "scram-sha-256"
        )
        await conn.close()


@pytest.mark.skipif(not ROOT, reason="only root starts it as another user")
async def test_started_by_root_it_runs_as_its_own_user(used_folder):
    with embedded.launch(used_folder) as server:
        server.wait_ready()
        owner = Path(f"/proc/{server.pid}").stat().st_uid
        status = Path(f"/proc/{server.pid}/status").read_text()
        assert owner == embedded_home.system_account().uid != 0
        assert "Groups:\t \n" in status or "Groups:\t\n" in status


@pytest.mark.skipif(not ROOT, reason="only root starts it as another user")
async def test_a_private_folder_of_root_stays_private(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    before = [stat.S_IMODE(place.stat().st_mode) for place in (private, *private.parents)]
    with embedded.launch(private / "data") as server:
        await write(server.wait_ready(), "kept")
        elsewhere = server.home.root
    with embedded.running(private / "data") as url:
        assert await read(url) == ["kept"]
    after = [stat.S_IMODE(place.stat().st_mode) for place in (private, *private.parents)]
    assert after == before
    assert elsewhere.parent == embedded_home.SYSTEM_HOME
    with database.removed(elsewhere):
        assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700


def link_or_copy(source: str, target: str) -> str:
    """A second name for what is only read."""
    try:
        os.link(source, target)
    except OSError:  # another file system
        return shutil.copy2(source, target)
    return target


@pytest.mark.skipif(not ROOT, reason="only root starts it as another user")
def test_programs_in_a_private_folder_are_copied_for_the_user(tmp_path, monkeypatch, folder):
    home = Path(tempfile.mkdtemp(prefix="gwtest-"))  # programs need not run from `folder`
    home.chmod(0o711)
    monkeypatch.setattr(embedded_home, "SYSTEM_HOME", home)
    account = embedded_home.system_account()
    wheel = embedded_programs.wheel_programs()
    source = tmp_path / wheel.parent.name / wheel.name  # pytest's folder is root's alone
    shutil.copytree(wheel.parent, source.parent, symlinks=True, copy_function=link_or_copy)
    libraries = wheel.parent.with_suffix(".libs")
    shutil.copytree(libraries, source.parent.with_suffix(".libs"), copy_function=link_or_copy)
    copied = embedded_programs.reachable_programs(source, account)
    assert copied.is_relative_to(home)
    assert embedded_programs.reachable_programs(source, account) == copied
    assert all(path.stat().st_uid == 0 for path in copied.rglob("*"))
    with database.removed(home), embedded.launch(folder, programs=copied) as server:
        assert server.wait_ready()


def open_to_all(*paths: str | Path) -> bool:
    """Whether other users may read what lies there, through every folder above."""
    folders = {folder for path in paths for folder in (Path(path), *Path(path).parents)}
    return all(folder.stat().st_mode & 0o001 for folder in folders)


as_somebody_else = pytest.mark.skipif(
    not ROOT or not Path("/usr/bin/python3").exists() or not open_to_all(PROJECT, sys.prefix),
    reason="needs root, and a checkout and an environment that other users may read",
)


def start_as_somebody_else(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    account = embedded_home.system_account()
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    return subprocess.run(
        ["/usr/bin/python3", "-c", script, str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        env={"PYTHONPATH": f"{PROJECT}:{packages}", "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )


@as_somebody_else
def test_an_ordinary_user_starts_it_too(folder):
    account = embedded_home.system_account()
    os.chown(folder, account.uid, account.gid)
    done = start_as_somebody_else(HOLDER.replace("signal.pause()", ""), folder / "数据")
    assert "postgresql://" in done.stdout, done.stderr
    assert (folder / "数据" / "postgres").stat().st_uid == account.uid


@as_somebody_else
def test_an_ordinary_user_without_rights_is_told_so(folder):
    done = start_as_somebody_else(HOLDER, folder / "data")
    assert done.stderr.startswith("REFUSED")
    assert "may not be written" in done.stderr


def test_erase_forgets_and_the_next_start_is_new(used_folder):
    with embedded.launch(used_folder) as server:
        first = server.wait_ready()
    embedded.erase(used_folder)
    with embedded.launch(used_folder) as server:
        assert server.wait_ready() != first


def test_erase_refuses_a_database_that_runs(used_folder):
    with holder(used_folder), pytest.raises(AlreadyRunning):
        embedded.erase(used_folder)

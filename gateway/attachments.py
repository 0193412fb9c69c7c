"""Where attachments lie: bytes under a name, encrypted before they come here."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

# Where a key lies follows from its last two digits; who looks through everything takes it in parts.
SHELVES = 256


class AttachmentStore(Protocol):
    """A folder today; an object store can stand in its place."""

    async def put(self, county: str, key: UUID, data: bytes) -> None:
        """Keeps `data` durably before it returns; the same key twice replaces."""

    async def get(self, county: str, key: UUID) -> bytes:
        """The bytes; raises KeyError when there are none."""

    async def delete(self, county: str, key: UUID) -> None:
        """Forgets the bytes, also those that were set aside; no error when there were none."""

    async def list_old(
        self, county: str, shelf: int, before: datetime, *, aside: bool
    ) -> Sequence[UUID]:
        """Keys kept since before `before` on one of `SHELVES` shelves, or set aside before it."""

    async def move(self, county: str, key: UUID, *, aside: bool, now: datetime) -> None:
        """Sets bytes aside that nobody names, or brings them back; no error without any.

        What is aside is found by `get` all the same.
        """


class FolderStore:
    """One file an attachment, in two levels of folders a county."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, county: str, key: UUID) -> Path:
        # The last digits of a UUIDv7 are random, the first are the time.
        return self._folder / county / key.hex[-2:] / key.hex

    async def put(self, county: str, key: UUID, data: bytes) -> None:
        """See `AttachmentStore.put`: written beside, flushed with its name, then renamed."""
        await asyncio.to_thread(_write, self._path(county, key), data)

    async def get(self, county: str, key: UUID) -> bytes:
        """See `AttachmentStore.get`."""
        path = self._path(county, key)
        for each in (path, _aside(path), path):  # it may come back between the first two looks
            with suppress(FileNotFoundError):
                return await asyncio.to_thread(each.read_bytes)
        raise KeyError(key)

    async def delete(self, county: str, key: UUID) -> None:
        """See `AttachmentStore.delete`."""
        path = self._path(county, key)
        for each in (path, _aside(path)):
            await asyncio.to_thread(each.unlink, missing_ok=True)

    async def list_old(
        self, county: str, shelf: int, before: datetime, *, aside: bool
    ) -> Sequence[UUID]:
        """See `AttachmentStore.list_old`. Half-written files that are as old go at once."""
        folder = self._folder / county / f"{shelf:02x}"
        return await asyncio.to_thread(_list_old, folder, before.timestamp(), aside)

    async def move(self, county: str, key: UUID, *, aside: bool, now: datetime) -> None:
        """See `AttachmentStore.move`."""
        path = self._path(county, key)
        ends = (path, _aside(path)) if aside else (_aside(path), path)
        await asyncio.to_thread(_move, *ends, now.timestamp())


def _aside(path: Path) -> Path:
    return path.with_suffix(".aside")


def _list_old(folder: Path, before: float, aside: bool) -> list[UUID]:
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.suffix not in ((".aside",) if aside else ("", ".part")):
            continue
        with suppress(FileNotFoundError, ValueError):  # gone meanwhile, or not ours
            if path.stat().st_mtime >= before:
                continue
            key = UUID(hex=path.stem)
            if path.suffix == ".part":
                path.unlink()
            else:
                found.append(key)
    return found


def _move(path: Path, to: Path, now: float) -> None:
    with suppress(FileNotFoundError):
        os.utime(path, (now, now))
        path.replace(to)


def _write(path: Path, data: bytes) -> None:
    new = not path.parent.exists()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    # A name is kept by its folder: without this the row could outlive the file when power fails.
    for folder in (path.parent, *(path.parents[1:3] if new else ())):
        _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

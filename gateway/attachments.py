"""Where attachments lie: bytes under a name, encrypted before they come here."""

import asyncio
import os
from pathlib import Path
from typing import Protocol
from uuid import UUID


class AttachmentStore(Protocol):
    """A folder today; an object store can stand in its place."""

    async def put(self, county: str, key: UUID, data: bytes) -> None:
        """Keeps `data` durably before it returns; the same key twice replaces."""

    async def get(self, county: str, key: UUID) -> bytes:
        """The bytes; raises KeyError when there are none."""

    async def delete(self, county: str, key: UUID) -> None:
        """Forgets the bytes; no error when there were none."""


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
        try:
            return await asyncio.to_thread(self._path(county, key).read_bytes)
        except FileNotFoundError as error:
            raise KeyError(key) from error

    async def delete(self, county: str, key: UUID) -> None:
        """See `AttachmentStore.delete`."""
        await asyncio.to_thread(self._path(county, key).unlink, missing_ok=True)


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

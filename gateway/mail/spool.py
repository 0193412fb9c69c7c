"""Mail as files, when no server is set; `/demo/mailbox` reads them.

One file a letter, named by its id: a letter sent again after a crash replaces itself. The folder
is shared by all processes. Its files hold the secrets of links, so only its owner may read it.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from uuid import UUID

from gateway.mail.transport import Mail, TryLater

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Spooled:
    """A mail of the spool, as `/demo/mailbox.json` lists it; `sent_at` is aware, in UTC."""

    key: str
    to: str
    subject: str
    text: str
    html: str
    message_id: str
    sent_at: datetime
    language: str


def spool_folder(data_dir: Path, county: str) -> Path:
    """Where the mails of one county lie; `county` is its schema."""
    return data_dir / "spool" / county


class SpoolTransport:
    """Writes each mail to a file and flushes it to disk."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    async def send(self, mail: Mail) -> None:
        """See `Transport.send`; a full or read-only disk is tried again later."""
        folder = spool_folder(self._data_dir, mail.county)
        try:
            await asyncio.to_thread(_write, folder, mail)
        except OSError as error:
            raise TryLater(f"the spool folder takes nothing: {error}") from error

    async def rest(self) -> None:
        """Nothing is held."""

    async def close(self) -> None:
        """Nothing is held."""


def _write(folder: Path, mail: Mail) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{mail.letter.hex}.{os.getpid()}.part"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(mail.data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / f"{mail.letter.hex}.eml")


def list_spool(folder: Path, limit: int = MOST_SHOWN) -> list[Spooled]:
    """The newest mails of a county, newest first."""
    files = sorted(_files(folder), reverse=True)[:limit]
    return [_read(folder / f"{key}.eml", changed) for changed, key in files]


def find_spooled(folder: Path, key: str) -> Spooled | None:
    """One mail by its key, or None."""
    try:
        path = folder / f"{UUID(hex=key).hex}.eml"
        return _read(path, path.stat().st_mtime_ns)
    except (ValueError, FileNotFoundError):
        return None


def delete_old(folder: Path, before: datetime, limit: int) -> int:
    """Deletes up to `limit` mails written before `before` (aware); how many."""
    old = (path for path in _all(folder) if path.stat().st_mtime < before.timestamp())
    done = 0
    with suppress(FileNotFoundError):
        for path in islice(old, limit):
            path.unlink(missing_ok=True)
            done += 1
    return done


def _all(folder: Path) -> list[Path]:
    """Mails, and what a crash left half written."""
    return [*folder.glob("*.eml"), *folder.glob("*.part")]


def _files(folder: Path) -> Iterator[tuple[int, str]]:
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            if entry.name.endswith(".eml"):
                yield entry.stat().st_mtime_ns, entry.name.removesuffix(".eml")


# Reading a mail takes milliseconds and the list is looked at again and again; `changed` is the
# file's time, so that a mail written anew is read anew.
@lru_cache(2 * MOST_SHOWN)
def _read(path: Path, changed: int) -> Spooled:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    return Spooled(
        key=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        message_id=str(message["Message-ID"]),
        sent_at=parsedate_to_datetime(str(message["Date"])).astimezone(UTC),
        language=str(message["Content-Language"]),
    )


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body(preferencelist=(kind,))
    return str(body.get_content()).replace("\r\n", "\n") if body else ""

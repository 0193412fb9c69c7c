"""What every handler and job needs, made once at start and passed along."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from gateway.attachments import AttachmentStore
from gateway.counties import Counties
from gateway.db import Database
from gateway.keys import Keyring
from gateway.settings import Settings
from gateway.snapshots import Snapshots


def system_clock() -> datetime:
    """Now, aware, in UTC: the product's only clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """Settings, database, keys, the counties and what of them is held in memory."""

    settings: Settings
    db: Database
    keys: Keyring
    counties: Counties
    snapshots: Snapshots
    attachments: AttachmentStore
    demo: bool = False
    clock: Callable[[], datetime] = field(default=system_clock)


CONTEXT = web.AppKey("context", Context)

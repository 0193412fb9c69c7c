"""The real web application on a test database, without a socket or on one."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.context import Context, system_clock
from gateway.serving import context_for
from gateway.settings import Settings

SECRET = "a secret of the tests, 32 characters and more"


@asynccontextmanager
async def site_context(
    url: str,
    folder: Path,
    *,
    clock: Callable[[], datetime] = system_clock,
    **settings: Any,
) -> AsyncIterator[Context]:
    """A context on the database at `url`, with its files in `folder` and a clock to choose."""
    chosen = Settings(**{"data_dir": folder, "secret_key": (SECRET,), **settings})
    async with context_for(chosen, url, demo=True) as context:
        yield dataclasses.replace(context, clock=clock)

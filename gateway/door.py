"""Who is let in: so many connections a process, and a quick 503 to whoever comes after them.

Without a bound, a thousand open connections that ask for nothing use up the process's files, and
then neither the database nor an attachment can be opened for those who do ask.
"""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

MOST_CONNECTIONS = 4_000
# For the database, attachments, mail and logs.
FILES_KEPT_BACK = 200
WANTED_FILES = 20_000
RETRY_AFTER_SECONDS = 10
# No words: whoever reads it is a proxy, which has a page of its own, or a machine.
_FULL = (
    "HTTP/1.1 503 Service Unavailable\r\n"
    f"Retry-After: {RETRY_AFTER_SECONDS}\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n"
).encode()


class _Full(asyncio.Protocol):
    """Says that there is no room, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Does not wait for the question."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(_FULL)
        transport.close()


def most_connections() -> int:
    """How many this process can hold; asks the system for more open files first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, max(soft - FILES_KEPT_BACK, soft // 2))


@asynccontextmanager
async def opened(
    runner: web.AppRunner, bound: socket.socket, most: int | None = None
) -> AsyncIterator[None]:
    """Lets connections in on `bound` inside the block, `most` at once; `runner` is set up."""
    server = runner.server
    assert server is not None
    limit = most_connections() if most is None else most

    def next_one() -> asyncio.BaseProtocol:
        return server() if len(server.connections) < limit else _Full()

    listener = await asyncio.get_running_loop().create_server(next_one, sock=bound, backlog=1024)
    try:
        yield
    finally:
        listener.close()

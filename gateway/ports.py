"""A port to answer on, or the one line that says why not. Imports nothing slow."""

import errno
import socket


class PortTaken(Exception):
    """Somebody else listens there; names the option to change."""


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A bound socket that does not yet listen; `port` 0 finds a free one.

    `shared` lets other processes of ours have the same port. Raises `PortTaken`.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
    except (OSError, OverflowError) as error:
        raise PortTaken(_why_not(host, port, error)) from error
    return bound


def _why_not(host: str, port: int, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; choose another with --port"
    if number == errno.EACCES:
        return f"port {port} needs rights that this user lacks; choose one from 1024 with --port"
    return f"cannot listen on {host} port {port} ({error}); choose others with --host and --port"

"""Handing a mail over: what every way of sending promises, and what can become of a letter."""

import random
import re
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

# Growing pauses in minutes, about three days in all; after the last one a letter is given up.
PAUSES = (1, 2, 5, 10, 20, 40, 60, 120, *(240,) * 17)
ATTEMPTS = len(PAUSES) + 1
# Claims whose worker died count as tries too; a letter that kills its worker every time ends here,
# long after the ninety-nine that were claimed with it have gone out.
DEADLY_ATTEMPTS = 3 * ATTEMPTS
# A letter that cannot even be written waits two hours for somebody who restores a lost key.
BROKEN_ATTEMPTS = 8
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


class TryLater(Exception):
    """The letter was not taken this time: a 4xx, a lost connection, a server that is away."""


class Refused(Exception):
    """The letter will never be taken: a 5xx for its recipient, or no usable address."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A composed letter: its id, the schema of its county, its recipients and its bytes."""

    letter: UUID
    county: str
    to: tuple[str, ...]
    data: bytes


class Transport(Protocol):
    """A mail server, or the spool folder."""

    async def send(self, mail: Mail) -> None:
        """Returns when the mail was taken for good; raises `TryLater` or `Refused`.

        The postman makes a few calls at once.
        """

    async def rest(self) -> None:
        """Called between rounds: lets go of what has not been used for a while."""

    async def close(self) -> None:
        """Lets go of everything."""


def pause(attempts: int) -> float:
    """Seconds until the next try after so many tries, a fifth more or less by chance.

    The chance keeps a thousand letters from coming back in the same second.
    """
    minutes = PAUSES[min(attempts, len(PAUSES)) - 1]
    return minutes * 60 * random.uniform(0.8, 1.2)  # noqa: S311 not a secret


def without_addresses(reason: str) -> str:
    """An error's text for logs and the desk; servers like to repeat the recipient's address."""
    return _ADDRESS.sub("…@…", " ".join(reason.split()))[:300]

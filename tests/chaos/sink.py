"""A mail server in a process of its own that refuses, hangs and drops at random.

`python -m tests.chaos.sink PORT JOURNAL SEED`. What it takes stands in JOURNAL, one JSON line a
mail, before the sender hears of it, as with a server that keeps its word.
"""

import asyncio
import json
import random
import re
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

REFUSED_FOR_EVER = "nobody-"
MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]+)>", re.MULTILINE)
HANG_SECONDS = 5.0
CHANCE_AT_A_STEP = 0.06
CHANCE_OF_A_CUT = 0.06
CHANCE_OF_AWAY = 0.03  # in each half second
BUSY = "451 4.3.0 try later"


class Moody:
    """Takes mail most of the time."""

    def __init__(self, journal: Path, chances: random.Random) -> None:
        self._journal = journal.open("a", encoding="utf-8")
        self._chances = chances

    async def _mood(self, server: SMTP) -> str | None:
        """An answer that spoils the step, or None."""
        draw = self._chances.random() / CHANCE_AT_A_STEP
        if draw < 0.4:
            return BUSY
        if draw < 0.6:
            return "421 4.3.2 closing"
        if draw < 0.8:
            await asyncio.sleep(HANG_SECONDS)
        elif draw < 1:
            server.transport.abort()
            await asyncio.sleep(HANG_SECONDS)
        return None

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        spoilt = await self._mood(server)
        if spoilt is None:
            envelope.mail_from = address
        return spoilt or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith(REFUSED_FOR_EVER):
            return "550 5.1.1 no such user"
        spoilt = await self._mood(server)
        if spoilt is None:
            envelope.rcpt_tos.append(address)
        return spoilt or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        spoilt = await self._mood(server)
        if spoilt is not None:
            return spoilt
        if server.transport is None or server.transport.is_closing():
            return BUSY
        self._write(envelope)
        # Here a mail is taken and its sender may never know.
        return await self._mood(server) or "250 taken"

    def _write(self, envelope: Envelope) -> None:
        content = bytes(envelope.content or b"")
        found = MESSAGE_ID.search(content)
        line = {
            "id": found[1].decode() if found else "",
            "to": envelope.rcpt_tos,
            "content": content.decode(),
        }
        self._journal.write(json.dumps(line) + "\n")
        self._journal.flush()


class Fickle(SMTP):
    """Hangs up in the middle of whatever comes, now and then; and always after a 421."""

    chances: random.Random

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.chances.random() < CHANCE_OF_A_CUT:
            asyncio.get_running_loop().call_later(self.chances.uniform(0, 0.1), transport.abort)

    async def push(self, status: str | bytes) -> None:
        await super().push(status)
        text = status if isinstance(status, str) else status.decode()
        if text.startswith("421"):
            self.transport.close()


async def main(port: int, journal: Path, seed: int) -> None:
    chances = random.Random(seed)
    handler = Moody(journal, chances)
    Fickle.chances = chances
    loop = asyncio.get_running_loop()
    while True:
        server = await loop.create_server(
            lambda: Fickle(handler, enable_SMTPUTF8=False, loop=loop, timeout=30),
            "127.0.0.1",
            port,
            reuse_address=True,
        )
        print("ready", flush=True)
        await asyncio.sleep(chances.expovariate(CHANCE_OF_AWAY) / 2)
        # Nobody at home: connections are refused for a moment.
        server.close()
        await asyncio.sleep(chances.uniform(0.2, 1.5))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))

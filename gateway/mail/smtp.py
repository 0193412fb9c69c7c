"""A mail server over a few kept-open connections."""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPException,
    SMTPResponse,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPStatus,
    SMTPTimeoutError,
)
from aiosmtplib.errors import SMTPAuthenticationError, SMTPHeloError

from gateway.mail.address import deliverable
from gateway.mail.transport import Mail, Refused, TryLater

# A step of the conversation may take so long; a server that hangs is a server that is away.
STEP_SECONDS = 30.0
# After a failed connection the others of the round do not each wait for the same failure.
AWAY_SECONDS = 10.0
# Servers close what rests for minutes; close first, and a letter seldom meets a dead line.
IDLE_SECONDS = 20.0
_CLOSING = 421
# "Sign in first", "wrong password", "encrypt first": our settings' fault, not the recipient's.
_OUR_FAULT = frozenset({530, 534, 535, 538})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Server:
    """What `GATEWAY_SMTP_URL` says.

    `start_tls`: True asks for STARTTLS, False never, None where the server offers it. `ca` is a
    file with the county's own authority, for servers whose certificate no public one signed.
    """

    host: str
    port: int
    implicit_tls: bool
    start_tls: bool | None
    user: str | None
    password: str | None
    ca: str | None


def read_url(url: str) -> Server:
    """`smtp://user:pass@host:587?starttls=1&ca=/etc/ca.pem` or `smtps://…`; raises ValueError.

    A password never travels in the clear: with one, STARTTLS is asked for unless the server is
    on this machine or the URL says `starttls=0`.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("needs a form like smtp://user:pass@host:587?starttls=1")
    query = parse_qs(parts.query)
    implicit = parts.scheme == "smtps"
    asked = query.get("starttls", [""])[0]
    start_tls = {"": None, "0": False, "1": True}[asked] if asked in ("", "0", "1") else True
    if parts.username and start_tls is None and parts.hostname not in _LOOPBACK:
        start_tls = True
    return Server(
        host=parts.hostname,
        port=parts.port or (465 if implicit else 587 if start_tls else 25),
        implicit_tls=implicit,
        start_tls=False if implicit else start_tls,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password or "") if parts.username else None,
        ca=query.get("ca", [None])[0],
    )


class SmtpTransport:
    """Sends over connections that stay open; as many as there are calls at once."""

    def __init__(self, server: Server, sender: str, *, step_seconds: float = STEP_SECONDS) -> None:
        self._server = server
        self._sender = sender
        self._step_seconds = step_seconds
        self._tls: ssl.SSLContext | None = None
        # Free connections and when each was last used; the newest is taken first.
        self._free: list[tuple[SMTP, float]] = []
        self._away: tuple[float, str] = (0.0, "")

    async def send(self, mail: Mail) -> None:
        """See `Transport.send`. A line that died while it was kept open costs one new try."""
        while self._free:
            client, _ = self._free.pop()
            if client.is_connected:
                try:
                    return await self._converse(client, mail)
                except _LineClosed:
                    break
        client = await self._open()
        try:
            await self._converse(client, mail)
        except _LineClosed as error:
            raise TryLater(str(error)) from error

    async def rest(self) -> None:
        """Closes what has not been used for a while."""
        limit = _monotonic() - IDLE_SECONDS
        old = [client for client, used in self._free if used < limit]
        self._free = [pair for pair in self._free if pair[1] >= limit]
        await asyncio.gather(*(_quit(client) for client in old))

    async def close(self) -> None:
        """Closes every free connection, politely."""
        old, self._free = self._free, []
        await asyncio.gather(*(_quit(client) for client, _ in old))

    async def _open(self) -> SMTP:
        until, why = self._away
        if _monotonic() < until:
            raise TryLater(why)
        try:
            client = self._client()
            try:
                await asyncio.wait_for(_connect(client), 3 * self._step_seconds)
            except BaseException:
                client.close()
                raise
        except (SMTPException, OSError, ValueError) as error:
            raise self._is_away(error) from error
        return client

    def _client(self) -> SMTP:
        server = self._server
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=server.ca)
        return SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.implicit_tls,
            start_tls=server.start_tls,
            username=server.user,
            password=server.password,
            # Otherwise the name of this machine is looked up, which can take seconds.
            local_hostname=self._sender.rpartition("@")[2],
            timeout=self._step_seconds,
            tls_context=self._tls,
        )

    async def _converse(self, client: SMTP, mail: Mail) -> None:
        """One letter over one line, which is kept only when its state is known."""
        keep = False
        try:
            refused = await _hand_over(client, self._sender, mail)
            keep = True
        except SMTPServerDisconnected as error:
            raise _LineClosed(f"the mail server closed the line: {error}") from error
        except SMTPTimeoutError as error:
            raise self._is_away(error) from error
        except SMTPResponseException as error:
            keep = await _begin_anew(client)
            raise _verdict(error) from error
        except ValueError as error:
            keep = await _begin_anew(client)
            raise Refused(f"not an address: {error}") from error
        except (SMTPException, OSError) as error:
            raise TryLater(str(error) or type(error).__name__) from error
        finally:
            self._give_back(client, keep)
        if refused:
            # The others have it: trying again would send it to them twice.
            raise Refused("; ".join(f"{each.code} {each.message}" for each in refused))

    def _give_back(self, client: SMTP, keep: bool) -> None:
        if keep and client.is_connected:
            self._free.append((client, _monotonic()))
        else:
            client.close()

    def _is_away(self, error: Exception) -> TryLater:
        why = _failure(self._server, error)
        self._away = (_monotonic() + AWAY_SECONDS, why)
        return TryLater(why)


async def _connect(client: SMTP) -> None:
    """Connects, encrypts, signs in and says hello, as the client was told to."""
    await client.connect()
    if client.is_ehlo_or_helo_needed:
        try:
            await client.ehlo()
        except SMTPHeloError:
            await client.helo()


class _LineClosed(Exception):
    """The server hung up, or is about to (421)."""


async def _hand_over(client: SMTP, sender: str, mail: Mail) -> list[SMTPResponse]:
    """MAIL, RCPT and DATA; the recipients that were refused while others were taken.

    The library's own `sendmail` reads each address twice and the text twice over, which is half
    of what sending costs. Raises SMTPResponseException, ValueError for a hostile address.
    """
    said = await client.execute_command(b"MAIL", b"FROM:<" + sender.encode() + b">")
    if said.code != SMTPStatus.completed:
        raise SMTPSenderRefused(said.code, said.message, sender)
    refused = []
    for to in mail.to:
        said = await client.execute_command(b"RCPT", b"TO:<" + deliverable(to).encode() + b">")
        if said.code not in (SMTPStatus.completed, SMTPStatus.will_forward):
            refused.append(said)
    if len(refused) == len(mail.to):
        # The refusal that leaves most hope: one 4xx makes another try worth while.
        mildest = min(refused, key=lambda each: each.code)
        raise SMTPResponseException(mildest.code, mildest.message)
    await client.data(mail.data)
    return refused


async def _begin_anew(client: SMTP) -> bool:
    """Takes back a half-made envelope; whether the line can be used again."""
    try:
        await client.rset()
    except (SMTPException, OSError):
        return False
    return True


def _verdict(error: SMTPResponseException) -> Exception:
    said = f"{error.code} {error.message}"
    if error.code == _CLOSING:
        return _LineClosed(said)
    # A sender that may not send is a fault of our settings: mended, every letter still goes out.
    ours = error.code in _OUR_FAULT or isinstance(error, SMTPSenderRefused)
    if 500 <= error.code < 600 and not ours:
        return Refused(said)
    return TryLater(said)


def _failure(server: Server, error: Exception) -> str:
    place = f"{server.host}:{server.port}"
    if isinstance(error, SMTPAuthenticationError):
        return f"{place} refuses the user or password of GATEWAY_SMTP_URL: {error.message}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{place}: {error.verify_message}; name its authority with ?ca=FILE"
    if isinstance(error, SMTPConnectError | SMTPHeloError | SMTPTimeoutError | OSError):
        return f"{place} cannot be reached: {error}"
    return f"{place}: {error}"


async def _quit(client: SMTP) -> None:
    try:
        await asyncio.wait_for(client.quit(), 2)
    except (SMTPException, OSError):
        client.close()


def _monotonic() -> float:
    return asyncio.get_running_loop().time()

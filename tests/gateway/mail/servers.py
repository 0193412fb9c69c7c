"""Mail servers that misbehave on purpose, in real SMTP conversations on the loopback."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "county", "päss:w@rd/?"


@dataclass
class Handler:
    """Takes mail; `at` gives an answer, or does something, per step: connect, MAIL, RCPT, DATA."""

    at: dict[str, list[Any]] = field(default_factory=dict)
    mails: list[Envelope] = field(default_factory=list)
    connections: int = 0
    encrypted: list[bool] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)

    async def _scripted(self, step: str, server: SMTP) -> str | None:
        answers = self.at.get(step, [])
        answer = answers.pop(0) if answers else None
        if answer == "hang":
            await asyncio.sleep(60)
        if answer == "drop":
            server.transport.abort()
            await asyncio.sleep(60)
        return answer

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.encrypted.append(
            session.ssl is not None or server.transport.get_extra_info("cipher") is not None
        )
        self.signed_in.append(bool(session.authenticated))
        answer = await self._scripted("MAIL", server)
        if answer is None:
            envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._scripted("RCPT", server)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await self._scripted("DATA", server)
        if answer is None:
            self.mails.append(envelope)
        return answer or "250 taken"


class Server421(SMTP):
    """aiosmtpd, which says goodbye and hangs up after an answer that begins with 421."""

    async def push(self, status: str | bytes) -> None:
        await super().push(status)
        text = status if isinstance(status, str) else status.decode()
        if text.startswith("421"):
            self.transport.close()


def sign_in(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    """Lets `USER` in."""
    good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (
        USER,
        PASSWORD,
    )
    return AuthResult(success=good, handled=False)


@asynccontextmanager
async def serving(
    handler: Handler, *, implicit: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """A server on the loopback; gives its port."""
    loop = asyncio.get_running_loop()

    def connected() -> SMTP:
        handler.connections += 1
        return Server421(handler, enable_SMTPUTF8=False, loop=loop, **options)

    async with listening(connected, implicit) as port:
        yield port


@asynccontextmanager
async def listening(
    factory: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Whatever the protocol says, on the loopback; gives its port."""
    made: list[Any] = []

    def remembered() -> asyncio.BaseProtocol:
        made.append(factory())
        return made[-1]

    loop = asyncio.get_running_loop()
    server = await loop.create_server(remembered, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for protocol in made:
            if getattr(protocol, "transport", None) is not None:
                protocol.transport.abort()
        await asyncio.sleep(0.02)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS side for 127.0.0.1, and the file by which a client knows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    ca, chain = folder / "ca.pem", folder / "chain.pem"
    ca.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + ca.read_bytes()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context, ca

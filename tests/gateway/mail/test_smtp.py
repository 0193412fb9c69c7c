"""Real conversations with mail servers that work, refuse, hang and hang up."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from gateway.mail.smtp import Server, SmtpTransport, read_url
from gateway.mail.transport import Mail, Refused, TryLater
from tests.gateway.mail.servers import (
    PASSWORD,
    USER,
    Handler,
    Server421,
    certificate,
    listening,
    serving,
    sign_in,
)

SENDER = "complaints@county.example.org"
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


def a_mail(*to: str) -> Mail:
    data = b"Subject: hello\r\n\r\nOne line\r\n.a line that begins with a dot\r\n"
    return Mail(uuid4(), "county_test", to or ("office@example.org",), data)


@asynccontextmanager
async def sending(
    port: int, query: str = "", *, seconds: float = 5.0
) -> AsyncIterator[SmtpTransport]:
    transport = SmtpTransport(
        read_url(f"smtp://127.0.0.1:{port}{query}"), SENDER, step_seconds=seconds
    )
    try:
        yield transport
    finally:
        await transport.close()


# What the URL says.


@pytest.mark.parametrize("url", ["", "http://mail.example.org", "smtp://", "mail.example.org:25"])
def test_a_url_that_is_no_mail_server_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://user:pass@host:587"):
        read_url(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://m.example", ("m.example", 25, False, None, None, None, None)),
        ("smtp://m.example?starttls=0", ("m.example", 25, False, False, None, None, None)),
        ("smtp://m.example?starttls=1", ("m.example", 587, False, True, None, None, None)),
        ("smtps://m.example", ("m.example", 465, True, False, None, None, None)),
        ("smtps://m.example:9/?ca=/c", ("m.example", 9, True, False, None, None, "/c")),
        # A password makes STARTTLS a must, unless the URL or the loopback says otherwise.
        ("smtp://u%40x:p%2Fw@m.example", ("m.example", 587, False, True, "u@x", "p/w", None)),
        ("smtp://u:p@127.0.0.1:25", ("127.0.0.1", 25, False, None, "u", "p", None)),
        ("smtp://u:p@m.example?starttls=0", ("m.example", 25, False, False, "u", "p", None)),
    ],
)
def test_the_url_says_how_the_server_is_reached(url: str, expected: tuple[Any, ...]) -> None:
    assert read_url(url) == Server(*expected)


# Refusals.


@pytest.mark.parametrize(
    ("step", "answer", "verdict"),
    [
        ("RCPT", "550 no such user", Refused),
        ("RCPT", "450 greylisted", TryLater),
        ("MAIL", "553 not from you", TryLater),
        ("MAIL", "451 busy", TryLater),
        ("MAIL", "530 sign in first", TryLater),
        ("DATA", "554 looks like spam", Refused),
        ("DATA", "452 disk full", TryLater),
    ],
)
async def test_a_refusal_says_whether_another_try_is_worth_while_and_the_line_stays_open(
    step: str, answer: str, verdict: type[Exception]
) -> None:
    handler = Handler(at={step: [answer]})
    async with serving(handler) as port, sending(port) as transport:
        with pytest.raises(verdict, match=answer[:3]):
            await transport.send(a_mail())
        await transport.send(a_mail())
    assert len(handler.mails) == 1
    assert handler.connections == 1


async def test_a_partial_refusal_is_no_success() -> None:
    handler = Handler(at={"RCPT": [None, "550 nobody"]})
    async with serving(handler) as port, sending(port) as transport:
        with pytest.raises(Refused, match="550 nobody"):
            await transport.send(a_mail("a@example.org", "b@example.org"))
    assert handler.mails[0].rcpt_tos == ["a@example.org"]


async def test_all_recipients_refused_is_for_later_when_one_of_them_may_come_right() -> None:
    handler = Handler(at={"RCPT": ["550 nobody", "451 busy"]})
    async with serving(handler) as port, sending(port) as transport:
        with pytest.raises(TryLater, match="451"):
            await transport.send(a_mail("a@example.org", "b@example.org"))


@pytest.mark.parametrize("address", ["a@example.org\r\nRCPT TO:<x@example.org>", "a\x00@b", ""])
async def test_an_address_with_a_line_break_never_reaches_the_server(address: str) -> None:
    handler = Handler()
    async with serving(handler) as port, sending(port) as transport:
        with pytest.raises(Refused):
            await transport.send(a_mail(address))
    assert handler.mails == []


# Lines that break.


async def test_nobody_listening_is_for_later_and_the_next_letter_does_not_wait_for_it() -> None:
    async with serving(Handler()) as port:
        pass
    async with sending(port) as transport:
        with pytest.raises(TryLater, match="cannot be reached"):
            await transport.send(a_mail())
        with pytest.raises(TryLater, match="cannot be reached"):
            await asyncio.wait_for(transport.send(a_mail()), 0.05)


async def test_a_server_that_was_away_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.mail.smtp.AWAY_SECONDS", 0.0)
    handler = Handler(at={"MAIL": ["hang"]})
    async with serving(handler) as port, sending(port, seconds=0.3) as transport:
        with pytest.raises(TryLater):
            await transport.send(a_mail())
        await transport.send(a_mail())
    assert len(handler.mails) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_hangs_is_for_later(step: str) -> None:
    handler = Handler(at={step: ["hang"]})
    async with serving(handler) as port, sending(port, seconds=0.3) as transport:
        with pytest.raises(TryLater):
            await asyncio.wait_for(transport.send(a_mail()), 3)
    assert handler.mails == []


async def test_a_server_that_takes_the_call_and_never_greets_is_for_later() -> None:
    async with listening(asyncio.Protocol) as port, sending(port, seconds=0.2) as transport:
        with pytest.raises(TryLater, match="cannot be reached"):
            await asyncio.wait_for(transport.send(a_mail()), 3)


async def test_a_server_that_speaks_something_else_is_for_later() -> None:
    class Web(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with listening(Web) as port, sending(port, seconds=0.5) as transport:
        with pytest.raises(TryLater):
            await asyncio.wait_for(transport.send(a_mail()), 3)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_line_dropped_on_the_first_letter_is_for_later(step: str) -> None:
    handler = Handler(at={step: ["drop"]})
    async with serving(handler) as port, sending(port) as transport:
        with pytest.raises(TryLater):
            await transport.send(a_mail())
        await transport.send(a_mail())
    assert len(handler.mails) == 1


@pytest.mark.parametrize("answer", ["drop", "421 going down"])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_kept_line_that_dies_costs_one_new_connection_and_no_letter(
    step: str, answer: str
) -> None:
    handler = Handler(at={step: [None, answer]})
    async with serving(handler) as port, sending(port) as transport:
        await transport.send(a_mail())
        await transport.send(a_mail())
    assert len(handler.mails) == 2
    assert handler.connections == 2


async def test_421_at_once_is_for_later() -> None:
    handler = Handler(at={"MAIL": ["421 too many"]})
    async with serving(handler) as port, sending(port) as transport:
        with pytest.raises(TryLater, match="421"):
            await transport.send(a_mail())


# Open lines.


async def test_letters_share_one_open_line_and_arrive_as_they_were() -> None:
    handler = Handler()
    async with serving(handler) as port, sending(port) as transport:
        for _ in range(20):
            await transport.send(a_mail())
    assert (len(handler.mails), handler.connections) == (20, 1)
    assert handler.mails[0].content == a_mail().data
    assert handler.mails[0].mail_from == SENDER


async def test_letters_at_once_take_a_line_each_and_keep_them() -> None:
    handler = Handler()
    async with serving(handler) as port, sending(port) as transport:
        for _ in range(3):
            await asyncio.gather(*(transport.send(a_mail()) for _ in range(4)))
    assert (len(handler.mails), handler.connections) == (12, 4)


async def test_a_line_that_rests_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = Handler()
    async with serving(handler) as port, sending(port) as transport:
        await transport.send(a_mail())
        await transport.rest()
        await transport.send(a_mail())
        assert handler.connections == 1
        monkeypatch.setattr("gateway.mail.smtp.IDLE_SECONDS", -1.0)
        await transport.rest()
        await transport.send(a_mail())
        assert handler.connections == 2


# Encryption and sign-in.


async def test_starttls_is_asked_for_and_no_letter_goes_in_the_clear(tmp_path: Path) -> None:
    tls, ca = certificate(tmp_path)
    handler = Handler()
    async with (
        serving(handler, tls_context=tls) as port,
        sending(port, f"?starttls=1&ca={ca}") as transport,
    ):
        await transport.send(a_mail())
        await transport.send(a_mail())
    assert handler.encrypted == [True, True]


async def test_a_server_without_starttls_gets_no_letter_when_it_was_asked_for() -> None:
    handler = Handler()
    async with serving(handler) as port, sending(port, "?starttls=1") as transport:
        with pytest.raises(TryLater, match=r"(?i)starttls"):
            await transport.send(a_mail())
    assert handler.mails == []


async def test_a_certificate_that_nobody_vouches_for_is_named_with_its_mend(tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path)
    handler = Handler()
    async with (
        serving(handler, tls_context=tls) as port,
        sending(port, "?starttls=1") as transport,
    ):
        with pytest.raises(TryLater, match=r"certificate.*ca=FILE"):
            await transport.send(a_mail())
    assert handler.mails == []


async def test_implicit_tls(tmp_path: Path) -> None:
    tls, ca = certificate(tmp_path)
    handler = Handler()
    async with serving(handler, implicit=tls) as port:
        transport = SmtpTransport(read_url(f"smtps://127.0.0.1:{port}?ca={ca}"), SENDER)
        await transport.send(a_mail())
        await transport.close()
    assert handler.encrypted == [True]


async def test_sign_in_with_a_password_full_of_odd_signs(tmp_path: Path) -> None:
    tls, ca = certificate(tmp_path)
    handler = Handler()
    async with serving(
        handler, tls_context=tls, authenticator=sign_in, auth_required=True, auth_require_tls=True
    ) as port:
        url = f"smtp://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}?starttls=1&ca={ca}"
        transport = SmtpTransport(read_url(url), SENDER)
        await transport.send(a_mail())
        await transport.close()
    assert handler.signed_in == [True]


async def test_a_wrong_password_is_for_later_and_says_which_setting(tmp_path: Path) -> None:
    tls, ca = certificate(tmp_path)
    handler = Handler()
    async with serving(handler, tls_context=tls, authenticator=sign_in, auth_required=True) as port:
        url = f"smtp://{USER}:wrong@127.0.0.1:{port}?starttls=1&ca={ca}"
        transport = SmtpTransport(read_url(url), SENDER)
        with pytest.raises(TryLater, match="GATEWAY_SMTP_URL") as caught:
            await transport.send(a_mail())
        await transport.close()
    assert "wrong" not in str(caught.value).replace("wrong password", "")
    assert handler.mails == []


async def test_a_missing_authority_file_is_for_later_and_named() -> None:
    async with sending(1, "?starttls=1&ca=/nowhere/ca.pem") as transport:
        with pytest.raises(TryLater, match="No such file"):
            await transport.send(a_mail())


async def test_a_server_that_only_knows_the_old_greeting_gets_its_letters() -> None:
    class Old(Server421):
        async def smtp_EHLO(self, hostname: str) -> None:  # type: ignore[override]
            await self.push("502 what is that")

    handler = Handler()
    async with (
        listening(lambda: Old(handler, loop=asyncio.get_running_loop())) as port,
        sending(port) as transport,
    ):
        await transport.send(a_mail())
    assert len(handler.mails) == 1

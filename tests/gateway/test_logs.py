"""What must never be in a log is not, in text and in JSON, in messages and in traces."""

import json
import logging
from datetime import UTC, datetime

import asyncpg
import pytest
from aiohttp import ClientSession, web

from gateway.logs import AccessCounter, JsonFormatter, TextFormatter, mask, set_up

TOKEN = "Zk3v9_Q-8mJw2hT6yUe1rXs4pLd7oNbA0cFgHiKlMnO"
SECRETS = [
    (f"GET /answer/{TOKEN} failed", TOKEN),
    (f"POST /answer/{TOKEN}/signature", TOKEN),
    ("the code 1234 5678 9012 3456 was wrong", "5678"),
    ("the code 1234-5678-9012-3456 was wrong", "5678"),
    ("code=1234567890123456", "1234567890123456"),
    ("Error handling request from 203.0.113.7", "203.0.113.7"),
    ("Error handling request from 2001:db8::1", "2001:db8::1"),
    ("cannot reach postgresql://user:hush@host/db", "hush"),
    ("refused\nDETAIL:  Failing row contains (7, 何敏仪,\n住在南街).", "何敏仪"),
    ("refused\nDETAIL:  Failing row contains (7, 何敏仪,\n住在南街).\nHINT:  none", "南街"),
    ("  | refused\n  | DETAIL:  Key (phone)=(13800000000) exists.", "13800000000"),
    ("invalid input for query argument $3: '何敏仪' (a date is expected)", "何敏仪"),
    ('invalid input syntax for type uuid: "何敏仪"', "何敏仪"),
    ('invalid input syntax for type date: "x\n何敏仪"', "何敏仪"),
    ('date/time field value out of range: "何敏仪"', "何敏仪"),
    ("smtp://u:hu%40sh@mail.example.org:587 refused", "hu%40sh"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_secrets_are_masked(formatter, text, secret):
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "%s", (text,), None)
    assert secret not in formatter.format(record)
    assert "…" in formatter.format(record)


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_secrets_in_a_trace_are_masked(formatter):
    try:
        raise ValueError(f"/answer/{TOKEN}")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    line = formatter.format(logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), info))
    assert TOKEN not in line
    assert "ValueError" in line


@pytest.mark.parametrize(
    "text",
    ["case 2026-000123 accepted", "GET /staff/A1024 failed", "250 letters in 1.5 s", "2026-11-23"],
)
def test_what_helps_to_find_a_fault_stays(text):
    assert mask(text) == text


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_of_a_refused_row_the_rule_is_told_and_not_the_row(formatter):
    fault = asyncpg.CheckViolationError('violates check constraint "odd"')
    fault.detail, fault.hint = "Failing row contains (何敏仪,\nHINT: x\n\n南街).", "look at it"
    try:
        try:
            raise fault
        except asyncpg.PostgresError as error:
            raise ValueError("later") from error
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    line = formatter.format(logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), info))
    assert "何敏仪" not in line
    assert "南街" not in line
    for word in ("violates check constraint", "look at it", "later"):
        assert word in line


def test_json_is_one_object_a_line_in_utc():
    record = logging.LogRecord("gateway.mail", logging.WARNING, "f", 1, "信件\n二", (), None)
    record.created = datetime(2026, 11, 23, 2, 0, 0, 500_000, UTC).timestamp()
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line) == {
        "at": "2026-11-23T02:00:00.500+00:00",
        "level": "warning",
        "logger": "gateway.mail",
        "message": "信件\n二",
    }


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_set_up_writes_to_standard_error(capsys, log_format):
    before = logging.getLogger().handlers[:]
    try:
        set_up(log_format)
        logging.getLogger("gateway.x").info("said")
    finally:
        logging.getLogger().handlers[:] = before
        logging.captureWarnings(False)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "said" in captured.err


async def test_answers_are_counted_by_route_and_never_by_address(caplog):
    async def show(_request: web.Request) -> web.Response:
        return web.Response(text="x")

    app = web.Application()
    app.router.add_get("/answer/{token}", show)
    runner = web.AppRunner(app, access_log_class=AccessCounter)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    AccessCounter.flush()
    with caplog.at_level(logging.INFO):
        async with ClientSession() as client:
            for path in [f"/answer/{TOKEN}?q=secret"] * 3 + ["/nowhere/secret"]:
                await (await client.get(base + path)).read()
        await runner.cleanup()
        assert AccessCounter.flush() == 4
    assert AccessCounter.flush() == 0
    assert "GET /answer/{token} 200 ×3" in caplog.text
    assert "404 ×1" in caplog.text
    assert TOKEN not in caplog.text
    assert "secret" not in caplog.text

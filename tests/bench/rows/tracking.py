"""The tracking page, beside its own statements in pgbench; POST of the code before it."""

import asyncio
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from urllib.parse import urlencode

from tests.bench.bench import Bench
from tests.bench.limits import Pgbench
from tests.bench.load import FRESH_ADDRESS, get, post
from tests.bench.measure import Row, Series
from tests.bench.probe import Client, Send
from tests.bench.targets import Target
from tests.bench.trace import pgbench_script

READ = 50


def rows(bench: Bench) -> list[Row]:
    """The page behind the cookie, and the code that is exchanged for it."""
    targets = bench.targets[:READ]
    cookies = [cookie_of(bench.site.port, target) for target in targets]
    page = bench.http([get("/track/case", {"Cookie": cookie}) for cookie in cookies], wanted=200)
    codes = [post("/track", {"code": each.code}, _visitor()) for each in targets]
    exchange = bench.http(codes, wanted=303)
    return [
        Row("tracking page", "pgbench", Series(page), _limit(bench, "track", read), goal=0.5),
        Row(
            "… POST of the code",
            "pgbench",
            Series(exchange),
            _limit(bench, "code", exchange_code, wanted=303),
        ),
    ]


def read(targets: Sequence[Target]) -> Send:
    """One look at a case; the first exchanges the code."""

    async def send(client: Client, n: int) -> int:
        if n == 0:
            await client.post("/track", data={"code": targets[0].code}, allow_redirects=False)
        return (await client.get("/track/case")).status

    return send


def exchange_code(targets: Sequence[Target]) -> Send:
    """One code for one cookie."""

    async def send(client: Client, n: int) -> int:
        form = {"code": targets[n].code}
        return (await client.post("/track", data=form, allow_redirects=False)).status

    return send


def _limit(
    bench: Bench, name: str, send: Callable[[Sequence[Target]], Send], *, wanted: int = 200
) -> Series:
    async def script() -> str:
        said = await bench.said(send(bench.targets), wanted=wanted)
        async with bench.world.connection() as conn:
            return await pgbench_script(conn, said)

    return Series(Pgbench(bench.world, name, asyncio.run(script()), bench.seconds))


def cookie_of(port: int, target: Target) -> str:
    """What the browser carries after the right code was typed."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    body = urlencode({"code": target.code})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/track", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 303:
        raise RuntimeError(f"the code of complaint {target.number} gives {answer.status}")
    return str(answer.headers["Set-Cookie"]).partition(";")[0]


def _visitor() -> dict[str, str]:
    return {"X-Forwarded-For": FRESH_ADDRESS}

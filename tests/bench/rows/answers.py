"""The office's page behind its link, and its answer, beside the same statements in pgbench."""

import asyncio
from collections.abc import Sequence

from tests.bench.bench import Bench
from tests.bench.limits import Pgbench
from tests.bench.load import get, post
from tests.bench.measure import Row, Sample, Series
from tests.bench.probe import Client, Send
from tests.bench.targets import Target, put_back
from tests.bench.trace import pgbench_script

READ = 50
REPLY = "经核查，当日窗口因系统升级暂停受理，工作人员未说明原因，已责令改正并向您当面致歉。"


def rows(bench: Bench) -> list[Row]:
    """GET of the link and POST of the answer."""
    return [_reading(bench), _writing(bench)]


def fields(target: Target) -> dict[str, str]:
    """An answer that may go out."""
    found = {f"finding-{n}": "partly" for n in range(1, target.allegations + 1)}
    reasons = {
        f"reason-{n}": "监控录像和排队记录显示当时窗口没有按规定告知原因。"
        for n in range(1, target.allegations + 1)
    }
    return {**found, **reasons, "done": "已对当事人批评教育，并补齐告知牌。", "reply": REPLY}


def read(targets: Sequence[Target]) -> Send:
    """One look at a case."""

    async def send(client: Client, n: int) -> int:
        return (await client.get(f"/answer/{targets[n].token}")).status

    return send


def write(targets: Sequence[Target]) -> Send:
    """One answer; each uses up a target."""

    async def send(client: Client, n: int) -> int:
        path, form = f"/answer/{targets[n].token}/answer", fields(targets[n])
        return (await client.post(path, data=form, allow_redirects=False)).status

    return send


def _reading(bench: Bench) -> Row:
    requests = [get(f"/answer/{each.token}") for each in bench.targets[:READ]]

    async def script() -> str:
        async with bench.world.connection() as conn:
            return await pgbench_script(conn, await bench.said(read(bench.targets), wanted=200))

    limit = Pgbench(bench.world, "answer-get", asyncio.run(script()), bench.seconds)
    work = bench.http(requests, wanted=200)
    return Row("answer link, GET", "pgbench", Series(work), Series(limit), goal=0.5)


def _writing(bench: Bench) -> Row:
    requests = [post(f"/answer/{each.token}/answer", fields(each)) for each in bench.targets]

    async def script() -> str:
        await _put_back(bench)
        statements = await bench.said(write(bench.targets), wanted=303)
        async with bench.world.connection() as conn:
            (hashed,) = next(each.args for each in statements if not each.is_frame) or ()
            row = await conn.fetchrow(
                "SELECT id, token_hash FROM bench_target WHERE token_hash = $1", hashed
            )
            lookup = "(SELECT {} FROM bench_target WHERE n = (:n)::bigint)"
            replaced = {
                str(row["id"]): lookup.format("id::text"),
                row["token_hash"].hex(): lookup.format("token_hash"),
            }
            return await pgbench_script(conn, statements, replaced=replaced, each_target=True)

    def answered() -> Sample:
        asyncio.run(_put_back(bench))
        return bench.sample(requests, wanted=303, once=True)

    text = asyncio.run(script())
    limit = Pgbench(bench.world, "answer-post", text, bench.seconds, targets=len(bench.targets))

    def limited() -> Sample:
        return limit(before=lambda: asyncio.run(_put_back(bench)))

    return Row("answer link, POST", "pgbench", Series(answered), Series(limited), goal=0.5)


async def _put_back(bench: Bench) -> None:
    async with bench.world.connection() as conn:
        await put_back(conn)

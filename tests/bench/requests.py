"""Every request that the deterministic figures are about, heard in this process."""

from collections.abc import Sequence

from gateway.mail import postman
from tests.bench.probe import Client, Cost, Send, cost_of
from tests.bench.rows import answers, intake, tracking
from tests.bench.rows.outbox import MAKE_DUE
from tests.bench.rows.statements import Explained, explain_all
from tests.bench.targets import Target, put_back
from tests.bench.trace import recorded
from tests.bench.world import World

FILE = "POST /complaints"
MISSED = "… with a missed limit"
POSTMAN = "postman, a round of one letter"


def requests(targets: Sequence[Target]) -> dict[str, tuple[Send, int]]:
    """What is sent, by name, and the status that it should get."""
    return {
        FILE: (intake.send(), 303),
        MISSED: (intake.send(intake.MISSED), 303),
        "POST /track": (tracking.exchange_code(targets), 303),
        "tracking page": (tracking.read(targets), 200),
        "answer link, GET": (answers.read(targets), 200),
        "answer link, POST": (answers.write(targets), 303),
    }


async def explained(world: World, targets: Sequence[Target]) -> dict[str, Explained]:
    """The cost of each request and the plans of its statements, as they would run next."""
    found = {}
    for name, (send, wanted) in requests(targets).items():
        cost = await heard_cost(world, send, wanted=wanted)
        async with world.connection() as conn:
            await put_back(conn)
            found[name] = await explain_all(conn, cost)
    return {**found, POSTMAN: await _postman(world)}


async def heard_cost(world: World, send: Send, *, wanted: int) -> Cost:
    """What such a request costs the database."""
    with recorded() as heard:
        async with world.context() as context:
            return await cost_of(context, heard, send, wanted=wanted)


async def _postman(world: World) -> Explained:
    """A round that finds one letter due and puts it into the spool folder."""

    async def send(_client: Client, _n: int) -> int:
        async with world.connection() as conn:
            await conn.execute(MAKE_DUE, 1)
        return 200 if await postman.run_once(context) == 1 else 500

    with recorded() as heard:
        async with world.context() as context:
            cost = await cost_of(context, heard, send, wanted=200)
    async with world.connection() as conn:
        await conn.execute(MAKE_DUE, 1)
        return await explain_all(conn, cost, renew=False)

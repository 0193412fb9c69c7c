"""What the rows share: world, site, limits, and how an HTTP measure is taken."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench import load, processes
from tests.bench.measure import Measure, Sample, Series
from tests.bench.probe import Send, cost_of
from tests.bench.targets import Target
from tests.bench.trace import Statement, recorded
from tests.bench.world import Site, World

CLIENTS = 16


@dataclass(frozen=True)
class Bench:
    """One size under measurement; `hello` is shared by all rows that lie beside it."""

    world: World
    site: Site
    hello: Series
    targets: Sequence[Target]
    seconds: float

    async def said(self, send: Send, *, wanted: int) -> Sequence[Statement]:
        """What such a request says to the database, heard in this process."""
        with recorded() as heard:
            async with self.world.context() as context:
                return (await cost_of(context, heard, send, wanted=wanted)).statements

    def http(self, requests: Sequence[str], *, wanted: int, clients: int = CLIENTS) -> Measure:
        """Sends `requests` in turn for a round; those not answered with `wanted` are spoilt."""

        def measure() -> Sample:
            return self.sample(requests, wanted=wanted, clients=clients)

        return measure

    def sample(
        self,
        requests: Sequence[str],
        *,
        wanted: int,
        clients: int = CLIENTS,
        once: bool = False,
    ) -> Sample:
        """One run of wrk with the CPU that web process and PostgreSQL spent on it."""
        web, database = self.site.pid, self.world.postmaster
        before = processes.cpu_seconds(web), processes.cpu_seconds(database)
        done = load.run(
            self.site.port,
            requests,
            folder=self.world.folder,
            prefix=secrets.token_hex(6),
            # A list that ends by itself gets the time it needs.
            seconds=20 if once else self.seconds,
            clients=clients,
            once=once,
        )
        after = processes.cpu_seconds(web), processes.cpu_seconds(database)
        good = done.of(wanted)
        return Sample(
            operations=max(1, good),
            seconds=done.seconds,
            ours=after[0] - before[0],
            postgres=after[1] - before[1],
            p50=done.p50,
            p99=done.p99,
            spoilt=done.requests - good,
        )

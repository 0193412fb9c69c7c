"""A round: citizens file while the system is attacked; then it settles, and accounts are taken."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.chaos import faults
from tests.chaos.accounting import Balance, account, settled
from tests.chaos.citizens import Citizen, Diary, plan
from tests.chaos.site import Site

SPAN_SECONDS = 2.5
CITIZENS = 8


@dataclass
class Trial:
    """All rounds of one run."""

    site: Site
    chances: random.Random
    diary: Diary = field(default_factory=Diary)
    done: Counter[str] = field(default_factory=Counter)
    rounds: int = 0

    async def round(self, citizens: int = CITIZENS) -> Balance:
        """One round and the accounts of all so far."""
        self.rounds += 1
        plans = [plan(self.chances, f"{self.rounds}-{n}") for n in range(citizens)]
        drawn = faults.draw(self.chances, SPAN_SECONDS)
        self.site.armed.touch()
        try:
            async with asyncio.TaskGroup() as group:
                for each in plans:
                    citizen = Citizen(self.site.url, self.diary, each)
                    group.create_task(citizen.file(self.chances.uniform(0, SPAN_SECONDS * 0.7)))
                for when, name in drawn:
                    group.create_task(faults.happen(self.site, when, name, self.chances, self.done))
        finally:
            self.site.armed.unlink()
        left = await settled(self.site)
        balance = await account(self.site, self.diary, [each.request_id for each in plans])
        balance.faults += left
        return balance

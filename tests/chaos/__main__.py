"""`python -m tests.chaos [--rounds 100] [--seed N]`: the accounting after a hundred attacks."""

import argparse
import asyncio
import random
import sys
import time

from tests.chaos.accounting import Balance
from tests.chaos.rounds import Trial
from tests.chaos.site import running


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--citizens", type=int, default=8, help="complaints a round")
    parser.add_argument("--seed", type=int, default=None, help="repeats the plan, not the timing")
    parser.add_argument("--chance", type=float, default=0.002, help="of dying at each inner step")
    return parser.parse_args()


async def main() -> int:
    asked = arguments()
    seed = random.randrange(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}", flush=True)
    started = time.monotonic()
    balance = Balance()
    async with running(seed, asked.chance) as site:
        trial = Trial(site, random.Random(seed))
        for number in range(1, asked.rounds + 1):
            balance = await trial.round(asked.citizens)
            print(
                f"round {number}: {balance.figures['complaints acknowledged']} acknowledged, "
                f"{balance.figures['letters sent']} letters sent, "
                f"{len(balance.faults)} faults, {time.monotonic() - started:.0f} s",
                flush=True,
            )
            if balance.faults:
                break
        report(trial, balance, site.log.read_text(errors="replace"))
    return 1 if balance.faults else 0


def report(trial: Trial, balance: Balance, log: str) -> None:
    print(f"\n{trial.rounds} rounds")
    for title, figures in (("done to it", trial.done), ("found", balance.figures)):
        print(f"\n{title}")
        for name, n in sorted(figures.items()):
            print(f"  {n:7,}  {name}")
    died = sum("ended with -9" in line for line in log.splitlines())
    print(f"  {died:7,}  processes that died by kill -9, by their supervisor's log")
    print(f"\nlost or doubled: {len(balance.faults)}")
    for fault in balance.faults[:50]:
        print(f"  {fault}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

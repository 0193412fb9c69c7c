"""The disk is full: a 503 that keeps the text, nothing half stored, and then it goes on.

Needs a small file system of its own, which only root may mount.
"""

import asyncio
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import database
from tests.chaos.accounting import account, settled
from tests.chaos.citizens import Citizen, Diary, Plan, plan
from tests.chaos.site import Site, running

SIZE = "170m"


@pytest.fixture
def small_disk() -> Iterator[Path]:
    folder = database.new_folder()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0711", "tmpfs", str(folder)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, check=False).returncode:
        shutil.rmtree(folder)
        pytest.skip("mounting a small disk needs root and a system that lets it")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(folder: Path) -> Path:
    """Takes every byte that is left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
    return ballast


def crowd(chances: random.Random, name: str) -> list[Plan]:
    """Long complaints, so that the rows need new room, by people who wait for each answer."""
    plans = [plan(chances, f"{name}-{n}") for n in range(20)]
    return [replace(each, text=each.text + "慢" * 3000, hangs_up=False) for each in plans]


@pytest.mark.thorough
async def test_a_full_disk_loses_nothing_and_says_so(small_disk: Path) -> None:
    chances, diary = random.Random(5), Diary()
    async with running(5, 0.0, small_disk / "data") as site:
        before = crowd(chances, "before")
        await everybody(site, diary, before)
        ballast = fill(small_disk)
        plans = crowd(chances, "full")
        filing = asyncio.create_task(everybody(site, diary, plans))
        await asyncio.sleep(4)
        refused = diary.lines["status 503"]
        ballast.unlink()
        await filing
        left = await settled(site)
        requests = [each.request_id for each in before + plans]
        balance = await account(site, diary, requests)
    assert balance.faults + left == []
    assert refused > 0
    assert balance.figures["503 without the text"] == 0
    assert balance.figures["complaints acknowledged"] == 40


async def everybody(site: Site, diary: Diary, plans: list[Plan]) -> None:
    async with asyncio.TaskGroup() as group:
        for each in plans:
            group.create_task(Citizen(site.url, diary, each).file(random.uniform(0, 1)))

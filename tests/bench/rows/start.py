"""`gateway demo` from the command to the first answer, beside bare imports; memory; pages."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench import processes
from tests.bench.table import Fact

# What the first answer needs; the imports alone are the limit.
IMPORTS = "import gateway.serving, gateway.demo_county, gateway.background, gateway.logs"
REPEATS = 5
MOST_TIMES = 1.3
MOST_FIRST_SECONDS = 5.0


def facts(folder: Path) -> list[Fact]:
    """First start, later starts, and what that is of the imports."""
    data = folder / "demo"
    first = start_seconds(data)
    later, imports = [], []
    for _ in range(REPEATS):
        imports.append(import_seconds())
        later.append(start_seconds(data))
    times = min(later) / min(imports)
    return [
        Fact(
            "`gateway demo`, first start to first answer",
            f"{first:.1f} s",
            f"≤ {MOST_FIRST_SECONDS:.0f} s",
            first <= MOST_FIRST_SECONDS,
        ),
        Fact(
            "`gateway demo`, existing data, best and median of 5",
            f"{min(later):.2f} s, {statistics.median(later):.2f} s",
        ),
        Fact("bare imports, best of 5", f"{min(imports):.2f} s"),
        Fact("… start as a multiple", f"{times:.2f}", f"≤ {MOST_TIMES}", times <= MOST_TIMES),
    ]


def start_seconds(data: Path) -> float:
    """From the command to the first page."""
    data.parent.mkdir(parents=True, exist_ok=True)
    port, log = processes.free_port(), data.parent / "demo.log"
    command = [sys.executable, "-m", "gateway", "demo", "--port", str(port)]
    start = time.perf_counter()
    with processes.started([*command, "--data-dir", str(data)], log=log) as process:
        processes.wait_for_page(f"http://127.0.0.1:{port}/", process, log)
        return time.perf_counter() - start


def import_seconds() -> float:
    """A Python that imports and ends."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    return time.perf_counter() - start

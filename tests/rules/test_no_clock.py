"""What time it is comes in as an argument; only gateway knows a clock."""

import ast

import pytest

from tests.rules.sources import python_files, short, tree

CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
    ("time", "localtime"),
    ("time", "gmtime"),
}


def clocks(module: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if (name, node.attr) in CLOCKS:
                found.append(f"line {node.lineno}: {name}.{node.attr}")
        if isinstance(node, ast.ImportFrom) and node.module == "time" and node.level == 0:
            found += [f"line {node.lineno}: from time import {each.name}" for each in node.names]
    return found


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.time()",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.date.today()",
        "from time import monotonic",
    ],
)
def test_a_clock_is_found(code):
    assert clocks(ast.parse(code))


@pytest.mark.parametrize("path", python_files("board", "complaints"), ids=short)
def test_no_clock_below_gateway(path):
    assert clocks(tree(path)) == []


def test_one_clock_for_what_is_stored():
    """Everything that is written down takes its time from `system_clock`; the rest measures."""
    wall = []
    for path in python_files("gateway"):
        for fault in clocks(tree(path)):
            if "monotonic" not in fault and "perf_counter" not in fault:
                wall.append(f"{short(path)} {fault}")
    allowed = ("gateway/context.py", "gateway/schema_text.py")
    assert [each for each in wall if not each.startswith(allowed)] == []

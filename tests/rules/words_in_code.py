"""Which keys of words stand in templates and Python, read from their syntax trees."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "complaints", "board")
KEY = re.compile(r"[a-z_]+(\.[A-Za-z0-9_-]+)+")
PATTERN = re.compile(r"[a-z_]+(\.[A-Za-z0-9_{}-]+)+")
FILE_NAME = re.compile(r".*\.(html|txt|css|js|svg|csv|json|po|xlsx|sql|py|md)")
# A Python call of one of these names, or of what another call gave, words its first argument.
SAYERS = frozenset({"say", "words", "_", "self"})


@dataclass
class Found:
    """`asked`: keys given straight to a wording call; `texts`: every literal text; `patterns`:
    keys put together, with `{}` for what is not literal. Each with the file it stands in."""

    asked: dict[str, str] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)

    def text(self, value: str, place: str) -> None:
        self.texts.setdefault(value, set()).add(place)

    def pattern(self, value: str, place: str) -> None:
        if "{}" in value and PATTERN.fullmatch(value) and not value.startswith("{}"):
            self.patterns[value] = place


@cache
def read_all() -> Found:
    """Everything in the three packages; takes a second."""
    found = Found()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            _read_python(found, path.read_text(), str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "gateway" / "templates").rglob("*")):
        if path.is_file():
            _read_template(found, path.read_text(), str(path.relative_to(ROOT)))
    return found


def _read_python(found: Found, source: str, place: str) -> None:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.text(node.value, place)
        elif isinstance(node, ast.JoinedStr):
            found.pattern("".join(_parts(node)), place)
        elif isinstance(node, ast.Call) and node.args and _words_something(node.func):
            first = node.args[0]
            if isinstance(first, ast.Constant) and _is_key(first.value):
                found.asked[first.value] = place


def _parts(node: ast.JoinedStr) -> Iterator[str]:
    for value in node.values:
        yield str(value.value) if isinstance(value, ast.Constant) else "{}"


def _words_something(func: ast.expr) -> bool:
    if isinstance(func, ast.Call):
        return True
    return isinstance(func, ast.Name) and func.id in SAYERS


def _is_key(value: object) -> bool:
    return isinstance(value, str) and bool(KEY.fullmatch(value)) and not FILE_NAME.fullmatch(value)


def _read_template(found: Found, source: str, place: str) -> None:
    tree = Environment().parse(source)
    for const in tree.find_all(nodes.Const):
        if isinstance(const.value, str):
            found.text(const.value, place)
    for concat in tree.find_all(nodes.Concat):
        parts = (str(n.value) if isinstance(n, nodes.Const) else "{}" for n in concat.nodes)
        found.pattern("".join(parts), place)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_" and call.args:
            first = call.args[0]
            if isinstance(first, nodes.Const) and isinstance(first.value, str):
                found.asked[first.value] = place

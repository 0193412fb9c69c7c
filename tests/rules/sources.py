"""The project's own source files and SQL, collected for the tests of the house."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "complaints", "board")
VERB = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|WITH|SET|CREATE|ALTER)\b")


def python_files(*packages: str) -> list[Path]:
    """Every Python file of the packages, all three by default."""
    return sorted(path for name in packages or PACKAGES for path in (ROOT / name).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


@dataclass(frozen=True)
class Statement:
    """An UPPER_CASE constant of a store module."""

    where: str
    name: str
    sql: str

    @property
    def id(self) -> str:
        return f"{self.where}:{self.name}"


def store_modules() -> Iterator[ModuleType]:
    for name in PACKAGES:
        package = importlib.import_module(f"{name}.store")
        for found in pkgutil.iter_modules(package.__path__, f"{name}.store."):
            yield importlib.import_module(found.name)


def statements() -> list[Statement]:
    """Every SQL constant of every store module; parts that are put together count as the whole."""
    found = []
    for module in store_modules():
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, str) and is_sql(value):
                found.append(Statement(module.__name__, name, value))
    return found


def is_sql(text: str) -> bool:
    return bool(re.match(r"\s*(--[^\n]*\n\s*)*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", text))


def bare(sql: str) -> str:
    """`sql` without comments and string literals."""
    sql = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)
    return re.sub(r"'(?:[^']|'')*'", "''", sql)

"""The clauses of the plan as complaint categories: what to ask and what proves each.

Read once from ``data/categories.csv``. Labels here are the plan's own words in Chinese and
English; pages word them by the message key ``category.<code>``.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, cast, get_args

Severity = Literal["normal", "serious", "sealed"]


@dataclass(frozen=True, slots=True)
class Category:
    """One clause that somebody can breach. ``sealed``: the discipline office alone may read."""

    code: str
    clause: str
    label_zh: str
    label_en: str
    severity: Severity
    asks: tuple[str, ...]
    proof: tuple[str, ...]

    @property
    def sealed(self) -> bool:
        """Whether a complaint of this kind is handed over sealed (C02, C03)."""
        return self.severity == "sealed"

    @property
    def automatic(self) -> bool:
        """Whether the system itself can prove it from its records."""
        return bool({"system", "automatic"} & set(self.proof))


@lru_cache(maxsize=1)
def categories() -> Mapping[str, Category]:
    """All categories by code, in the order of the plan's clauses."""
    text = files("complaints").joinpath("data/categories.csv").read_text("utf-8")
    return MappingProxyType({row["code"]: _read(row) for row in csv.DictReader(text.splitlines())})


def find(code: str) -> Category | None:
    """Return the category with that code, or None when there is none."""
    return categories().get(code)


def clauses() -> Mapping[str, tuple[Category, ...]]:
    """Categories by clause, in the plan's order: what a form lists under one heading."""
    found: dict[str, list[Category]] = {}
    for category in categories().values():
        found.setdefault(category.clause, []).append(category)
    return {clause: tuple(group) for clause, group in found.items()}


def _read(row: Mapping[str, str]) -> Category:
    if row["severity"] not in get_args(Severity):
        raise ValueError(f"{row['code']}: severity {row['severity']!r} is not known")
    return Category(
        code=row["code"],
        clause=row["clause"],
        label_zh=row["label_zh"],
        label_en=row["label_en"],
        severity=cast(Severity, row["severity"]),
        asks=tuple(part.strip() for part in row["asks"].split(";")),
        proof=tuple(row["proof"].split("|")),
    )

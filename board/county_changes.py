"""What differs between the county as it is and as its files say."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from board.model import County

# The key of each part's rows: what a row is known by.
KEYS: Mapping[str, Callable[[Any], Any]] = {
    "profile": attrgetter("code"),
    "units": attrgetter("code"),
    "sections": attrgetter("code"),
    "windows": attrgetter("code"),
    "staff": attrgetter("badge"),
    "matters": attrgetter("code"),
    "materials": attrgetter("matter", "position"),
    "parallel_steps": attrgetter("matter", "position"),
    "offices": attrgetter("code"),
    "relatives": attrgetter("badge", "relative_badge"),
    "routing": attrgetter("rank"),
    "calendar_years": attrgetter("year"),
    "calendar_days": attrgetter("day", "kind"),
    "receipts": attrgetter("number"),
    "receipt_steps": attrgetter("receipt", "position"),
}

# What people hold a number or code of never vanishes: an old badge is answered for with its
# dates, and a due day can be derived again from the calendar it came from.
KEPT = frozenset({"profile", "units", "staff", "matters", "offices", "calendar_years", "receipts"})

# Which version moves with which part; receipts and their steps are not held in memory.
VERSION_OF = dict.fromkeys(KEYS, "directory") | {
    "routing": "routing",
    "calendar_years": "calendar",
    "calendar_days": "calendar",
}
for _part in ("receipts", "receipt_steps"):
    del VERSION_OF[_part]
# In one order everywhere, so that two imports cannot wait for each other.
VERSION_KINDS = tuple(sorted(set(VERSION_OF.values())))


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of one part that are new, changed (as they shall be), and gone (as they were)."""

    added: tuple[Any, ...]
    changed: tuple[Any, ...]
    removed: tuple[Any, ...]

    @property
    def written(self) -> tuple[Any, ...]:
        """Rows to write."""
        return self.added + self.changed

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def compare(old: County, new: County) -> dict[str, Change]:
    """{part: Change} for the parts that differ; two equal counties give {}."""
    changes = {
        field.name: compare_rows(
            getattr(old, field.name), getattr(new, field.name), KEYS[field.name]
        )
        for field in fields(County)
    }
    return {part: change for part, change in changes.items() if change}


def compare_rows(old: Iterable[Any], new: Iterable[Any], key: Callable[[Any], Any]) -> Change:
    """What becomes of the rows of one part, which are known by `key`."""
    before = {key(row): row for row in old}
    after = {key(row): row for row in new}
    return Change(
        added=tuple(row for k, row in after.items() if k not in before),
        changed=tuple(row for k, row in after.items() if k in before and before[k] != row),
        removed=tuple(row for k, row in before.items() if k not in after),
    )


def in_file_order(part: str, rows: Iterable[Any]) -> list[Any]:
    """Rows as their file lists them: the county's own order first, a matter's lines together."""
    key = KEYS[part]
    if part in ("materials", "parallel_steps", "receipt_steps"):
        return sorted(rows, key=key)
    return sorted(rows, key=lambda row: (getattr(row, "position", 0), key(row)))


def versions_moved(changes: Mapping[str, Change]) -> frozenset[str]:
    """Which of "directory", "routing", "calendar" the changes touch."""
    return frozenset(VERSION_OF[part] for part in changes if part in VERSION_OF)

"""Whose complaints do not exist for somebody who works at the desk. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from board.model import Unit


class Directory(Protocol):
    """What is asked of ``board.directory.Directory``."""

    @property
    def units(self) -> tuple[Unit, ...]:
        """All units, in the county's order."""

    def superiors_of(self, badge: str) -> tuple[str, ...]:
        """Badges of the superior line, without circles."""

    def relatives_of(self, badge: str) -> frozenset[str]:
        """Badges of declared relatives, whichever of the two declared it."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Badges of people whose complaints somebody may not see, and codes of units whose complaints
    that name nobody somebody may not see."""

    badges: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()

    @property
    def subjects(self) -> list[str]:
        """As the database compares them: a badge, or `unit:` and the code where nobody is named."""
        return sorted(self.badges | {f"unit:{code}" for code in self.units})


NOTHING: Hidden = Hidden()


def kept_from(badge: str | None, county: Directory, unit: str | None = None) -> Hidden:
    """What this person, who works in ``unit``, may not see: complaints about himself, the superior
    line with the head of the unit, and declared relatives; and those about nobody in particular of
    the unit, or of one that he heads. A complaint is never shown to the named person, to anybody
    who reports to that person, or to the named unit (domain.md)."""
    if not badge:
        return NOTHING
    heads: Sequence[str] = [
        each.head_badge for each in county.units if each.code == unit and each.head_badge
    ]
    headed = {each.code for each in county.units if each.head_badge == badge}
    return Hidden(
        frozenset({badge, *heads, *county.superiors_of(badge), *county.relatives_of(badge)}),
        frozenset({*headed, unit} if unit else headed),
    )

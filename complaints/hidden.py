"""Whose complaints do not exist for somebody who works at the desk. Pure."""

from dataclasses import dataclass
from typing import Protocol

from board.model import Unit
from complaints import offices


class Directory(offices.Directory, Protocol):
    """What is asked of ``board.directory.Directory``, more than routing asks."""

    @property
    def units(self) -> tuple[Unit, ...]:
        """All units, in the county's order."""


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

    def hides(self, badge: str | None, unit: str | None) -> bool:
        """Whether a complaint about that person, or about nobody of that unit, does not exist."""
        return badge in self.badges if badge else unit in self.units


NOTHING: Hidden = Hidden()


def kept_from(badge: str | None, county: Directory, unit: str | None = None) -> Hidden:
    """What this person, who works in ``unit``, may not see: complaints about himself, the superior
    line with the head of the unit, and declared relatives; and those about nobody in particular of
    the unit, or of one that he heads. A complaint is never shown to the named person, to anybody
    who reports to that person, or to the named unit (domain.md)."""
    if not badge:
        return NOTHING
    seat = county.unit(unit)
    head = [seat.head_badge] if seat and seat.head_badge else []
    headed = {each.code for each in county.units if each.head_badge == badge}
    return Hidden(
        frozenset({badge, *head, *county.superiors_of(badge), *county.relatives_of(badge)}),
        frozenset({*headed, unit} if unit else headed),
    )

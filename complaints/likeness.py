"""Whether two complaints are about the same thing: offered to the county desk, never decided here.

Points for the same person, matter and receipt, for being near in time, and for similar words.
Pure; the words are compared by `rapidfuzz` as sequences of characters, which needs no word breaks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from rapidfuzz import fuzz

from board.names import fold

# From here on two complaints are shown side by side.
OFFERED = 60
MOST_OFFERED = 5

_SAME_RECEIPT = 60
_SAME_STAFF = 30
_SAME_UNIT = 10
_SAME_MATTER = 15
_NEAR = ((1, 15), (7, 10), (30, 5))
_WORDS = 50
# Below this, two texts of the same length are as alike as any two Chinese sentences.
_UNLIKE = 35.0


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is compared. `on`: when it happened, else when it was filed."""

    id: UUID
    number: str
    staff_badge: str | None
    unit: str | None
    matter: str | None
    receipt: str | None
    on: date
    text: str


class Likely(NamedTuple):
    """A complaint that may be the same, with what speaks for it, as keys of the catalogue."""

    id: UUID
    number: str
    points: int
    why: tuple[str, ...]


def points(one: Sketch, other: Sketch) -> tuple[int, tuple[str, ...]]:
    """From 0 to 100 and the reasons; the same whichever comes first."""
    total, why = 0, []
    for name, worth, same in (
        ("receipt", _SAME_RECEIPT, _same(one.receipt, other.receipt)),
        ("staff", _SAME_STAFF, _same(one.staff_badge, other.staff_badge)),
        ("unit", _SAME_UNIT, _same(one.unit, other.unit)),
        ("matter", _SAME_MATTER, _same(one.matter, other.matter)),
    ):
        if same:
            total += worth
            why.append(name)
    near = _nearness(one.on, other.on)
    words = _words(one.text, other.text)
    if near:
        why.append("time")
    if words >= _WORDS // 2:
        why.append("words")
    return min(100, total + near + words), tuple(why)


def likely(one: Sketch, others: Iterable[Sketch]) -> list[Likely]:
    """The few that are most alike, best first."""
    found = []
    for other in others:
        if other.id != one.id:
            total, why = points(one, other)
            if total >= OFFERED:
                found.append(Likely(other.id, other.number, total, why))
    return sorted(found, key=lambda each: (-each.points, each.number))[:MOST_OFFERED]


def _same(one: str | None, other: str | None) -> bool:
    return bool(one) and one == other


def _nearness(one: date, other: date) -> int:
    apart = abs((one - other).days)
    return next((worth for days, worth in _NEAR if apart <= days), 0)


def _words(one: str, other: str) -> int:
    """Points for similar words, simplified and traditional alike."""
    if not one or not other:
        return 0
    alike = float(fuzz.ratio(fold(one), fold(other)))
    return round(max(0.0, alike - _UNLIKE) / (100 - _UNLIKE) * _WORDS)

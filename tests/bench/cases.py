"""What one seeded complaint is like: pure, and skewed as a county's complaints are."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import get_args

from complaints.lifecycle import DUTIES, OPEN, Owner, State

YEARS = 3
# Shares of the states by age in days, newest first; each tuple is (up to, {state: weight}).
AGES: tuple[tuple[int, dict[State, float]], ...] = (
    (3, {"received": 15, "accepted": 2, "dispatched": 60, "signed": 15, "in_hand": 5,
         "handed_over": 1, "declined": 1, "withdrawn": 1}),
    (15, {"received": 2, "dispatched": 10, "signed": 30, "in_hand": 25, "waiting": 3,
          "refused": 1, "return_asked": 2, "disputed": 1, "assigned": 1, "answered": 1,
          "released": 20, "declined": 3, "withdrawn": 1}),
    (45, {"in_hand": 5, "waiting": 2, "released": 55, "followed_up": 3, "rework": 2, "review": 2,
          "final_review": 0.5, "closed": 24, "declined": 4, "merged": 1, "withdrawn": 1.5}),
    (10_000, {"review": 0.1, "rework": 0.1, "closed": 70, "archived": 23, "declined": 4,
              "merged": 0.8, "withdrawn": 2}),
)  # fmt: skip
ANSWERED: frozenset[State] = frozenset(
    ["answered", "released", "followed_up", "rework", "review", "final_review", "closed",
     "archived"]
)  # fmt: skip
FINDINGS = ("substantiated", "partly", "unfounded", "undetermined", "exonerated")
# Where the course of a case goes; each with the days after the one before.
COURSE: tuple[tuple[str, str, int], ...] = (
    ("received", "complainant", 0), ("accepted", "system", 0), ("dispatched", "system", 0),
    ("signed", "office", 1), ("answered", "office", 9), ("released", "system", 0),
    ("closed", "system", 21), ("archived", "system", 60),
)  # fmt: skip
SHORT_OF = {"received": 1, "accepted": 2, "dispatched": 3, "handed_over": 3, "signed": 4}


@dataclass(frozen=True)
class Directory:
    """Codes of the county under test, in a fixed order; early ones are drawn more often."""

    offices: Sequence[str]
    units: Sequence[str]
    staff: Sequence[str]
    matters: Sequence[str]
    categories: Sequence[str]


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a case's life."""

    kind: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One complaint; `steps` are its events, oldest first."""

    number: int
    at: datetime
    state: State
    owner: Owner | None
    next_at: datetime | None
    office: str
    unit: str
    staff: str | None
    matter: str | None
    language: str
    sealed: bool
    contact: bool
    words: int
    files: int
    categories: tuple[str, ...]
    findings: tuple[str, ...]
    steps: tuple[Step, ...]


def draw(number: int, total: int, directory: Directory, now: datetime, seed: int) -> Case:
    """Case `number` of `total`, the last of them the youngest; always the same for a seed."""
    rng = random.Random(seed * 1_000_003 + number)
    age = max(0.0, (total - number) / total * YEARS * 365)
    at = now - timedelta(days=age)
    state = _state(rng, age)
    categories = tuple(_skewed(rng, directory.categories) for _ in range(_allegations(rng)))
    answered = state in ANSWERED
    return Case(
        number=number,
        at=at,
        state=state,
        owner=DUTIES[state].owner if state in OPEN else None,
        next_at=now + timedelta(days=rng.uniform(-1, 15)) if state in OPEN else None,
        office=_skewed(rng, directory.offices),
        unit=_skewed(rng, directory.units),
        staff=_skewed(rng, directory.staff) if rng.random() < 0.6 else None,
        matter=_skewed(rng, directory.matters) if rng.random() < 0.3 else None,
        language=rng.choices(("zh-Hans", "zh-Hant", "en"), (80, 17, 3))[0],
        sealed=rng.random() < 0.02,
        contact=rng.random() < 0.4,
        words=min(1200, int(rng.lognormvariate(4.6, 0.8)) + 10),
        files=rng.choices((0, 1, 3), (85, 12, 3))[0],
        categories=categories,
        findings=tuple(rng.choice(FINDINGS) for _ in categories) if answered else (),
        steps=_steps(state, at, now),
    )


def waiting(case: Case, directory: Directory, now: datetime) -> Case:
    """The same case in the hands of the first office, which has yet to answer."""
    at = now - timedelta(days=1, seconds=case.number % 3600)
    return replace(
        case,
        at=at,
        state="in_hand",
        owner="office",
        next_at=now + timedelta(days=14),
        office=directory.offices[0],
        sealed=False,
        findings=(),
        steps=_steps("in_hand", at, now),
    )


def _state(rng: random.Random, age: float) -> State:
    weights = next(weights for up_to, weights in AGES if age <= up_to)
    return rng.choices(tuple(weights), tuple(weights.values()))[0]


def _allegations(rng: random.Random) -> int:
    return rng.choices((1, 2, 3, 5, 20), (70, 20, 7, 2.5, 0.5))[0]


@cache
def _weights(size: int) -> list[float]:
    """Zipf's: the second is drawn half as often as the first."""
    return list(accumulate(1 / rank for rank in range(1, size + 1)))


def _skewed(rng: random.Random, choices: Sequence[str]) -> str:
    return rng.choices(choices, cum_weights=_weights(len(choices)))[0]


def _steps(state: State, at: datetime, now: datetime) -> tuple[Step, ...]:
    """The usual course as far as the state came; never in the future."""
    length = SHORT_OF.get(state, 7 if state in ("closed", "archived") else 4)
    if state in ANSWERED - {"closed", "archived"}:
        length = 6
    found, moment = [], at
    for kind, actor, days in COURSE[:length]:
        moment = min(moment + timedelta(days=days, milliseconds=1), now)
        found.append(Step(kind, actor, moment))
    return tuple(found)


assert {state for _, weights in AGES for state in weights} == set(get_args(State))

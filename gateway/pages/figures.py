"""A computed breach in words: both due days, how far they are over, and how that was counted."""

from dataclasses import dataclass
from datetime import date, datetime

from complaints.breaches import Overrun
from complaints.decisions import Measured
from complaints.limits import Due
from gateway.i18n import Words
from gateway.reasons import say_day, say_limit


@dataclass(frozen=True, slots=True)
class Counted:
    """One line of a derivation; `number` is "" on days that do not count."""

    day: str
    number: str
    why: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One limit: its name, length, due day, verdict with a tag's kind, and the derivation."""

    name: str
    length: str
    due: str
    verdict: str
    kind: str
    counted: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a page says about a missed limit."""

    start: str
    matter: str
    code: str
    notes: tuple[str, ...]
    limits: tuple[Figure, ...]


def figures_of(words: Words, measured: Measured) -> Figures:
    """The figures of a matter and a receipt, before sending and after."""
    breach = measured.breach
    notes = [words("figures.from_receipt")] if measured.receipt else []
    if measured.assumed:
        notes.append(words("figures.assumed"))
    if breach.decided:
        notes.append(words("figures.decided", day=words.day(breach.decided)))
    pairs = (("promised", breach.promised), ("statutory", breach.statutory))
    return Figures(
        start=words.day(breach.started),
        matter=measured.matter.name_en if words.language == "en" else measured.matter.name,
        code=measured.matter.code,
        notes=tuple(notes),
        limits=tuple(_figure(words, name, part) for name, part in pairs if part),
    )


def _figure(words: Words, name: str, part: Overrun) -> Figure:
    verdict, kind = _verdict(words, part)
    return Figure(
        name=words(f"figures.{name}"),
        length=say_limit(words, part.due.limit),
        due=say_due(words, part.due),
        verdict=verdict,
        kind=kind,
        counted=derivation(words, part.due),
    )


def _verdict(words: Words, part: Overrun) -> tuple[str, str]:
    if part.late is None:
        return words("figures.unknown"), "neutral"
    if not part.late:
        return words("figures.in_time"), "good"
    # Over a weekend a thing is late though no working day has passed; None: not published.
    if not part.days_over:
        return words("figures.late"), "bad"
    return words("figures.days_over", n=part.days_over), "bad"


def say_due(words: Words, due: Due) -> str:
    """The due day or moment; for an unpublished year, plainly that it is not known (R12)."""
    if due.at is None:
        return words("figures.no_calendar", year=due.unknown_year)
    return say_when(words, due.at)


def say_when(words: Words, at: date | datetime) -> str:
    """A day, or a day and time."""
    return words.moment(at) if isinstance(at, datetime) else words.day(at)


def derivation(words: Words, due: Due) -> tuple[Counted, ...]:
    """How a due day was counted, day by day; the year is said where a new one begins."""
    years = [line.on.year for line in due.days[:1] + due.days]
    return tuple(
        Counted(
            words.short_day(line.on) if line.on.year == before else words.day(line.on),
            str(line.number) if line.number else "",
            say_day(words, line),
        )
        for before, line in zip(years, due.days, strict=False)
    )

"""A computed breach in words: both due days, how far they are over, and how that was counted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from board.directory import Directory
from complaints.breaches import Overrun, StepResult
from complaints.limits import Due
from complaints.measuring import Measured, unpack_breach
from gateway.i18n import Words
from gateway.reasons import say_day, say_limit
from gateway.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Counted:
    """One line of a derivation; `number` is "" on days that do not count."""

    day: str
    number: str
    why: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One limit: its name, length, due day, verdict with a tag's kind, and the derivation.

    `done` says when a unit's part was finished, "" where that is not told."""

    name: str
    length: str
    due: str
    verdict: str
    kind: str
    counted: tuple[Counted, ...]
    done: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a page says about a missed limit; `parts` are those of a parallel approval, and
    `charged` says who answers for the delay."""

    start: str
    matter: str
    code: str
    notes: tuple[str, ...]
    limits: tuple[Figure, ...]
    parts: tuple[Figure, ...] = ()
    charged: str = ""


def kept_figures(
    words: Words, breach: Mapping[str, Any] | None, snapshot: Snapshot
) -> Figures | None:
    """The figures that a complaint was filed with; None when it has none."""
    measured = unpack_breach(breach, snapshot.directory, snapshot.calendar)
    return figures_of(words, measured, snapshot.directory) if measured else None


def figures_of(words: Words, measured: Measured, directory: Directory) -> Figures:
    """The figures of a matter and a receipt, before sending and after."""
    breach, parallel = measured.breach, measured.parallel
    notes = [words("figures.from_receipt")] if measured.receipt else []
    if measured.assumed:
        notes.append(words("figures.assumed"))
    if breach.decided:
        notes.append(words("figures.decided", day=words.day(breach.decided)))
    if measured.whole_only:
        lead = _unit(words, directory, breach.unit)
        notes.append(words("figures.whole_only", unit=lead))
    pairs = (("promised", breach.promised), ("statutory", breach.statutory))
    return Figures(
        start=words.day(breach.started),
        matter=measured.matter.name_en if words.language == "en" else measured.matter.name,
        code=measured.matter.code,
        notes=tuple(notes),
        limits=tuple(
            _figure(words, words(f"figures.{name}"), part) for name, part in pairs if part
        ),
        parts=tuple(
            _part(words, directory, part)
            for part in (parallel.parts if parallel else ())
            # Where the file came in time, the unit's own line says from when it had it.
            if part.role != "hand_on" or _matters(part)
        ),
        charged=_charged(words, directory, measured),
    )


def _unit(words: Words, directory: Directory, code: str | None) -> str:
    unit = directory.unit(code)
    if unit is None:
        return code or ""
    return unit.name_en if words.language == "en" else unit.name


def _part(words: Words, directory: Directory, part: StepResult) -> Figure:
    unit, to = _unit(words, directory, part.unit), _unit(words, directory, part.to)
    name = words(f"figures.part_{part.role}", unit=unit, to=to)
    if part.to == part.unit:
        name = words("figures.part_own", unit=unit)
    if part.overrun is None:
        return Figure(name, "", words("figures.not_begun"), "", "", ())
    return replace(_figure(words, name, part.overrun), done=_when_had(words, part))


def _matters(part: StepResult) -> bool:
    """Whether a handing-on was late, or may have been."""
    return part.overrun is not None and part.overrun.late is not False


def _when_had(words: Words, part: StepResult) -> str:
    """From when to when a part lasted."""
    done = words(f"figures.done_{part.role}", day=words.day(part.done)) if part.done else ""
    if part.role != "unit" or part.start is None:
        return done
    had = words("figures.had", day=words.day(part.start))
    return words("figures.comma_between").join(each for each in (had, done) if each)


def _charged(words: Words, directory: Directory, measured: Measured) -> str:
    """Who answers for the delay of a parallel approval; "" where that is plain or nobody does."""
    if measured.parallel is None or not measured.charged:
        return ""
    late = any(part.late for part in measured.parallel.parts)
    units = words("complaints.list_comma").join(
        _unit(words, directory, code) for code in measured.charged
    )
    return words("figures.charged" if late else "figures.charged_lead", units=units)


def _figure(words: Words, name: str, part: Overrun) -> Figure:
    verdict, kind = _verdict(words, part)
    return Figure(
        name=name,
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

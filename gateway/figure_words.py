"""Figures in words: what stands in the cells of tables, charts, CSV and the monthly report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from board.directory import Directory
from complaints.figures import LEAST_SHOWN, Figures, rate_shown
from complaints.periods import Period
from complaints.showing import Line
from gateway.charts import Bar, Column, bars, columns
from gateway.i18n import Words
from gateway.views import name_in

COUNTS = ("filed", "in_time", "late", "overdue", "returned", "upheld")
RATES = ("response", "resolution", "satisfaction")
DAYS = ("median", "p90")
COLUMNS = (*COUNTS, *RATES, *DAYS, "commended")
# What everybody sees of a line; a narrow table is read more easily.
PUBLIC_COLUMNS = ("filed", "late", "returned", "upheld", *RATES, *DAYS, "commended")
# Which cases stand behind a rate or a number of days.
BEHIND = {
    "response": "in_time",
    "resolution": "resolved",
    "satisfaction": "satisfied",
    "median": "answered",
    "p90": "answered",
}
MOST_BARS = 12


@dataclass(frozen=True, slots=True)
class Told:
    """One line in words: its code, its name, its cells by column (None: not shown), and how many
    parts of the period are not in it."""

    code: str
    name: str
    cells: Mapping[str, str] | None
    left_out: int = 0


def percent(rate: float | None) -> str:
    """A rate as people say it; a dash where there is none. All and none are said only where it is
    all and none."""
    if rate is None:
        return "–"
    return f"{rate:.0%}" if rate in (0, 1) else f"{min(99, max(1, round(rate * 100)))}%"


def cells(figures: Figures, *, everybody: bool) -> dict[str, str]:
    """All columns of a line; `everybody`: rates and days of a few cases are left out."""
    wholes = {
        "response": figures.answered + figures.overdue,
        "resolution": figures.rated,
        "satisfaction": figures.rated,
    }
    told = {name: str(getattr(figures, name)) for name in (*COUNTS, "commended")}
    for name, whole in wholes.items():
        rate = getattr(figures, name)
        told[name] = percent(rate_shown(figures, rate, whole) if everybody else rate)
    few = everybody and (figures.answered < LEAST_SHOWN or figures.filed < LEAST_SHOWN)
    for name in DAYS:
        days = None if few else getattr(figures, name)
        told[name] = "–" if days is None else str(days)
    return told


def told(line: Line, name: str, *, everybody: bool) -> Told:
    """A line in words."""
    shown = None if line.figures is None else cells(line.figures, everybody=everybody)
    return Told(line.name, name, shown, line.left_out)


def name_of(words: Words, directory: Directory, kind: str, code: str) -> str:
    """What a line is called: a unit, a clause, or that no unit was named."""
    if kind == "category":
        key = f"category.{code}"
        return words(key) if key in words else code
    if not code:
        return words("results.no_unit")
    unit = directory.unit(code)
    return name_in(words.language, unit) if unit else code


def table(
    words: Words, directory: Directory, kind: str, lines: Sequence[Line], *, everybody: bool
) -> list[Told]:
    """The lines of a kind in the order of their cases, most first; what is not shown comes last."""
    order = sorted(lines, key=lambda each: (-each.figures.filed if each.figures else 1, each.name))
    return [
        told(each, name_of(words, directory, kind, each.name), everybody=everybody)
        for each in order
    ]


def period_name(words: Words, period: Period) -> str:
    """A period as people say it."""
    number = (period.first.month + 2) // 3
    return words(
        f"results.period.{period.kind}",
        year=period.first.year, month=period.first.month, quarter=number,
    )  # fmt: skip


def span(words: Words, first: date, last: date) -> str:
    """From month to month."""
    return words(
        "results.span",
        since=words("results.period.month", year=first.year, month=first.month, quarter=0),
        until=words("results.period.month", year=last.year, month=last.month, quarter=0),
    )


def month_chart(words: Words, months: Sequence[Line]) -> Markup:
    """Complaints of each month, the late ones told apart; "" for a single month."""
    if len(months) < 2:
        return Markup("")
    rows = [
        Column(
            words("results.month_short", month=date.fromisoformat(each.name).month),
            each.figures.filed if each.figures else None,
            each.figures.late + each.figures.overdue if each.figures else 0,
        )
        for each in months
    ]
    return columns(
        "chart", words("results.chart_months"), words("results.chart_months_about"), rows
    )


def unit_chart(words: Words, rows: Sequence[Told]) -> Markup:
    """Response rate of the units with most complaints."""
    shown = [each for each in rows if each.cells and each.cells["response"] != "–"][:MOST_BARS]
    drawn = [
        Bar(each.name, int(each.cells["response"].rstrip("%")) / 100, each.cells["response"])
        for each in shown
        if each.cells
    ]
    return bars(words("results.chart_units"), drawn)


def rate_chart(words: Words, line: Told) -> Markup:
    """The three rates beside one another."""
    if line.cells is None:
        return Markup("")
    drawn = [
        Bar(words(f"results.column.{name}"), int(told.rstrip("%")) / 100, told)
        for name in RATES
        if (told := line.cells[name]) != "–"
    ]
    return bars(words("results.chart_rates"), drawn)

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
Groups = tuple[tuple[str, tuple[str, ...]], ...]
# A table for each group of columns: all of them beside each other fit no screen and no paper.
GROUPS: Groups = (("counts", (*COUNTS, "commended")), ("rates", (*RATES, *DAYS)))
COLUMNS = tuple(name for _, columns in GROUPS for name in columns)
# What everybody sees of a line: the numbers of the charts among them.
PUBLIC_GROUPS: Groups = (
    ("counts", ("filed", "late", "overdue", "returned", "upheld", "commended")),
    GROUPS[1],
)
PUBLIC_COLUMNS = tuple(name for _, columns in PUBLIC_GROUPS for name in columns)
# Which cases a rate or a number of days is reckoned from.
BEHIND = {
    "response": "due",
    "resolution": "rated",
    "satisfaction": "rated",
    "median": "answered",
    "p90": "answered",
}
MOST_BARS = 12
NOTHING = "–"


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
        return NOTHING
    return f"{rate:.0%}" if rate in (0, 1) else f"{min(99, max(1, round(rate * 100)))}%"


def cells(figures: Figures, *, everybody: bool) -> dict[str, str]:
    """All columns of a line; `everybody`: rates and days of a few cases are left out."""
    wholes = {
        "response": figures.due,
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
        told[name] = NOTHING if days is None else str(days)
    return told


def numbers(figures: Figures) -> dict[str, int | float | None]:
    """All columns of a line for a workbook: counts and days, and rates from 0.0 to 1.0."""
    found: dict[str, int | float | None] = {name: getattr(figures, name) for name in COLUMNS}
    rates = {name: float(rate) for name in RATES if (rate := found[name]) is not None}
    return found | rates


def has_cases(line: Told, column: str) -> bool:
    """Whether cases stand behind a figure: a rate and days may be 0, and come from some."""
    told = line.cells[column] if line.cells else NOTHING
    return told != NOTHING and (told != "0" or column in BEHIND)


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
    """The lines of a kind in words, in their order."""
    return [
        told(each, name_of(words, directory, kind, each.name), everybody=everybody)
        for each in in_order(lines)
    ]


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Most cases first, what is not shown last."""
    return sorted(lines, key=lambda each: (-each.figures.filed if each.figures else 1, each.name))


def months_told(words: Words, months: Sequence[Line], *, everybody: bool) -> list[Told]:
    """Lines of months, whose names are their first days."""
    return [
        told(each, month_name(words, date.fromisoformat(each.name)), everybody=everybody)
        for each in months
    ]


def month_name(words: Words, day: date) -> str:
    """The month that a day lies in, as people say it."""
    return words("results.period.month", year=day.year, month=day.month, quarter=0)


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
        since=month_name(words, first),
        until=month_name(words, last),
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
    shown = [each for each in rows if each.cells and each.cells["response"] != NOTHING][:MOST_BARS]
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
        if (told := line.cells[name]) != NOTHING
    ]
    return bars(words("results.chart_rates"), drawn)

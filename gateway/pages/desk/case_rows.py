"""Lines of the desk's lists of cases beside figures: the same on a page and in a workbook."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from board.model import Office, Unit
from complaints.breaches import days_over
from complaints.limits import local
from gateway.i18n import Words
from gateway.snapshots import Snapshot
from gateway.views import name_in

Name = Literal[
    "number", "unit", "office", "state", "received", "next", "due", "answered", "over", "rating",
    "title",
]  # fmt: skip
# What a column is called; a page and a workbook show those that they name, in their order.
HEADS: Mapping[Name, str] = {
    "number": "desk.cases.number",
    "unit": "desk.cases.unit",
    "office": "desk.cases.office",
    "state": "desk.cases.state",
    "received": "desk.cases.created",
    "next": "desk.report.next",
    "due": "desk.figures.due",
    "answered": "desk.figures.answered",
    "over": "desk.report.over",
    "rating": "desk.figures.rating",
    "title": "desk.results.title",
}
OPEN: tuple[Name, ...] = ("number", "unit", "office", "state", "received", "next", "over")
COUNTED: tuple[Name, ...] = (
    "number", "unit", "office", "state", "received", "due", "answered", "over",
)  # fmt: skip
RATED: tuple[Name, ...] = ("number", "unit", "office", "state", "received", "answered", "rating")
Value = str | int | date | None
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case. `due`: the last day of what is due, the answer or the next step; `over`: working
    days past it, None while it is not over or no calendar says; `rated`: level * 10 + resolved."""

    number: str
    unit: Unit | None
    office: Office | None
    state: str
    received: date
    due: date | None = None
    answered: date | None = None
    over: int | None = None
    rated: int | None = None
    title: str = ""
    withdrawn: bool = False


def open_rows(
    found: Sequence[Mapping[str, Any]], snapshot: Snapshot, now: datetime
) -> list[CaseRow]:
    """Rows of the desk's lists, each by the deadline of its next step."""
    rows = []
    for row in found:
        known = row["next_at"] and row["next_kind"] != "calendar_unknown"
        due = local(row["next_at"] - _MOMENT).date() if known else None
        rows.append(_row(row, snapshot, due=due, over=_over(due, local(now).date(), snapshot)))
    return rows


def counted_rows(
    found: Sequence[Mapping[str, Any]], snapshot: Snapshot, now: datetime
) -> list[CaseRow]:
    """Rows behind a figure, each by the day on which its answer was due."""
    rows = []
    for row in found:
        due, answered = row["due_on"], row["answered_on"]
        over = _over(due, answered or local(now).date(), snapshot)
        more = {"due": due, "answered": answered, "over": over, "rated": row["rated"]}
        rows.append(_row(row, snapshot, **more))
    return rows


def result_rows(found: Sequence[Mapping[str, Any]], snapshot: Snapshot) -> list[CaseRow]:
    """Rows of cases whose result may be published, or is."""
    return [
        _row(row, snapshot, title=row["title"] or "", withdrawn=row["withdrawn_at"] is not None)
        for row in found
    ]


def _row(row: Mapping[str, Any], snapshot: Snapshot, **more: Any) -> CaseRow:
    directory = snapshot.directory
    received = local(row["created_at"]).date()
    return CaseRow(
        row["number"], directory.unit(row["unit"]), directory.office(row["office"]), row["state"],
        received, **more,
    )  # fmt: skip


def _over(due: date | None, on: date, snapshot: Snapshot) -> int | None:
    if due is None or on <= due:
        return None
    return days_over(due, on, snapshot.calendar)


def rating_words(words: Words, rated: int | None) -> str:
    """Level and whether it is resolved, as the complainant said it; "" without a rating."""
    if rated is None:
        return ""
    level, resolved = divmod(rated, 10)
    answer = words("tracking.solved" if resolved else "tracking.unsolved")
    return words("desk.figures.rated", level=words(f"tracking.level_{level}"), resolved=answer)


def heads(words: Words, columns: Sequence[Name]) -> list[tuple[Name, str]]:
    """(column, what it is called)."""
    return [(name, words(HEADS[name])) for name in columns]


def cells_said(words: Words, now: datetime) -> Callable[[CaseRow, Name], str]:
    """Words of the cells that are days, numbers or ratings; a day of this year is said short."""
    year = local(now).year

    def said(row: CaseRow, column: Name) -> str:
        value = _value(words, row, column)
        if isinstance(value, date):
            return words.short_day(value) if value.year == year else words.day(value)
        return "" if value is None else str(value)

    return said


def plain_cells(words: Words, row: CaseRow, columns: Sequence[Name]) -> list[Value]:
    """The cells of a workbook."""
    return [_value(words, row, name) for name in columns]


def _value(words: Words, row: CaseRow, column: Name) -> Value:
    match column:
        case "unit" | "office":
            of: Unit | Office | None = getattr(row, column)
            return name_in(words.language, of) if of else ""
        case "state":
            return words(f"desk.state.{row.state}")
        case "next":
            return row.due
        case "rating":
            return rating_words(words, row.rated)
        case _:
            value: Value = getattr(row, column)
            return value

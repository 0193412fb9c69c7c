"""Charts as SVG, drawn on the server: no script, no style of their own, legible on a telephone.

Units are those of the drawing, 340 wide; `static/results.css` gives colours and sizes of type. A
chart says its title and what it shows to voices; the table beneath it has the numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 340
_COLUMNS_HEIGHT = 150
_TOP, _FOOT = 18, 20
_ROW = 42
_ROOM_FOR_VALUE = 52


@dataclass(frozen=True, slots=True)
class Column:
    """One upright bar: its label, its height, how much of it is told apart; None: not shown."""

    label: str
    value: int | None
    part: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One lying bar: label, share of the width from 0 to 1 (None: not shown), and in words."""

    label: str
    share: float | None
    told: str


def columns(id_: str, title: str, about: str, rows: Sequence[Column]) -> Markup:
    """Upright bars beside one another, "" without any; `id_` is not used twice on a page."""
    if not rows:
        return Markup("")
    most = max((each.value or 0 for each in rows), default=0) or 1
    step = WIDTH / len(rows)
    drawn = [_column(each, at * step, step, most) for at, each in enumerate(rows)]
    base = Markup('<line class="chart-axis" x1="0" x2="{}" y1="{}" y2="{}"/>').format(
        WIDTH, _TOP + _COLUMNS_HEIGHT, _TOP + _COLUMNS_HEIGHT
    )
    return _svg(id_, title, about, _TOP + _COLUMNS_HEIGHT + _FOOT, [*drawn, base])


def _column(column: Column, left: float, step: float, most: int) -> Markup:
    middle, foot = round(left + step / 2, 1), _TOP + _COLUMNS_HEIGHT
    width = round(min(step * 0.62, 48), 1)
    label = _text(column.label, middle, foot + 15, "chart-label")
    if column.value is None:
        return label + _text("–", middle, foot - 5, "chart-label")
    height = round(column.value / most * _COLUMNS_HEIGHT, 1)
    part = round(column.part / most * _COLUMNS_HEIGHT, 1)
    x = round(middle - width / 2, 1)
    return (
        _rect("chart-bar", x, foot - height, width, height)
        + _rect("chart-part", x, foot - part, width, part)
        + _text(str(column.value), middle, foot - height - 5, "chart-label")
        + label
    )


def bars(id_: str, title: str, about: str, rows: Sequence[Bar]) -> Markup:
    """Lying bars one below another, each under its label; "" without any."""
    if not rows:
        return Markup("")
    drawn = [_bar(each, at * _ROW) for at, each in enumerate(rows)]
    return _svg(id_, title, about, len(rows) * _ROW, drawn)


def _bar(bar: Bar, top: int) -> Markup:
    room = WIDTH - _ROOM_FOR_VALUE
    length = round(room * min(1.0, max(0.0, bar.share or 0)), 1)
    return (
        _text(bar.label, 0, top + 15, "chart-ink")
        + _rect("chart-ground", 0, top + 21, room, 12)
        + _rect("chart-bar", 0, top + 21, length, 12)
        + _text(bar.told, WIDTH, top + 32, "chart-value")
    )


def _rect(kind: str, x: float, y: float, width: float, height: float) -> Markup:
    if height <= 0 or width <= 0:
        return Markup("")
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, x, round(y, 1), width, height
    )


def _text(words: str, x: float, y: float, kind: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(kind, x, round(y, 1), words)


def _svg(id_: str, title: str, about: str, height: int, drawn: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-about">'
        '<title id="{}-title">{}</title><desc id="{}-about">{}</desc>{}</svg>'
    ).format(WIDTH, height, id_, id_, id_, title, id_, about, Markup("").join(drawn))

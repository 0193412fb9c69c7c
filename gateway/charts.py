"""Charts as SVG, drawn on the server: no script and no style of their own.

Shapes are drawn; words and numbers stand beside them as text of the page, so that they have its
size, its colours and its language, and can be read by everybody. `static/results.css` puts both
together; the table beneath a chart has all of its numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

# Units of the drawings, which the page stretches to its width.
WIDTH, HEIGHT = 360, 120
_BAR_HEIGHT = 10


@dataclass(frozen=True, slots=True)
class Column:
    """One upright bar: its label, its height, how much of it is told apart; None: not shown."""

    label: str
    value: int | None
    part: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """One lying bar: label, share of the width from 0 to 1, and that share in words."""

    label: str
    share: float
    told: str


def columns(id_: str, title: str, about: str, rows: Sequence[Column]) -> Markup:
    """Upright bars beside one another, "" without any; `id_` is not used twice on a page."""
    if not rows:
        return Markup("")
    most = max(each.value or 0 for each in rows) or 1
    step = WIDTH / len(rows)
    drawn = Markup("").join(_column(each, at * step, step, most) for at, each in enumerate(rows))
    labels = Markup("").join(
        Markup("<li>{}<br>{}</li>").format("–" if each.value is None else each.value, each.label)
        for each in rows
    )
    return Markup(
        '<figure class="chart"><svg viewBox="0 0 {} {}" role="img"'
        ' aria-labelledby="{}-name {}-about">'
        '<title id="{}-name">{}</title><desc id="{}-about">{}</desc>{}</svg>'
        '<ol class="chart-labels" aria-hidden="true">{}</ol></figure>'
    ).format(WIDTH, HEIGHT, id_, id_, id_, title, id_, about, drawn, labels)


def _column(column: Column, left: float, step: float, most: int) -> Markup:
    width = round(min(step * 0.7, 60), 1)
    x = round(left + (step - width) / 2, 1)
    value = (column.value or 0) / most * HEIGHT
    part = column.part / most * HEIGHT if column.value else 0
    return _rect("chart-bar", x, HEIGHT - value, width, value) + _rect(
        "chart-part", x, HEIGHT - part, width, part
    )


def bars(title: str, rows: Sequence[Bar]) -> Markup:
    """Lying bars one below another, each under its label and its value; "" without any."""
    if not rows:
        return Markup("")
    drawn = Markup("").join(
        Markup(
            '<li>{} <b>{}</b><svg viewBox="0 0 {} {}" aria-hidden="true" focusable="false">{}{}'
            "</svg></li>"
        ).format(
            each.label, each.told, WIDTH, _BAR_HEIGHT,
            _rect("chart-ground", 0, 0, WIDTH, _BAR_HEIGHT),
            _rect("chart-bar", 0, 0, WIDTH * min(1.0, max(0.0, each.share)), _BAR_HEIGHT),
        )
        for each in rows
    )  # fmt: skip
    return Markup('<figure class="chart"><figcaption>{}</figcaption><ul>{}</ul></figure>').format(
        title, drawn
    )


def _rect(kind: str, x: float, y: float, width: float, height: float) -> Markup:
    if height <= 0 or width <= 0:
        return Markup("")
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, x, round(y, 1), round(width, 1), round(height, 1)
    )

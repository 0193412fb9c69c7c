"""Charts: shapes in proportion, words escaped, nothing that a strict policy forbids."""

import re
from xml.etree import ElementTree

import pytest

from gateway.charts import HEIGHT, WIDTH, Bar, Column, bars, columns


def shapes(chart: str, kind: str) -> list[dict[str, str]]:
    tree = ElementTree.fromstring(chart.replace("<br>", "<br/>"))
    return [dict(each.attrib) for each in tree.iter("rect") if each.attrib["class"] == kind]


def test_without_rows_there_is_no_chart() -> None:
    assert columns("a", "t", "d", []) == ""
    assert bars("t", []) == ""


def test_columns_are_as_high_as_their_numbers_and_stay_inside() -> None:
    rows = [Column("1", 40, 10), Column("2", 20), Column("3", 0), Column("4", None)]
    chart = columns("a", "Title", "About", rows)
    assert [float(each["height"]) for each in shapes(chart, "chart-bar")] == [HEIGHT, HEIGHT / 2]
    assert [float(each["height"]) for each in shapes(chart, "chart-part")] == [HEIGHT / 4]
    for each in shapes(chart, "chart-bar"):
        assert float(each["x"]) + float(each["width"]) <= WIDTH
    assert re.findall(r"<li>(.*?)<br>", chart) == ["40", "20", "0", "–"]
    assert 'aria-labelledby="a-name a-about"' in chart


@pytest.mark.parametrize("share", [-1, 0, 0.5, 1, 7])
def test_bars_stay_inside(share: float) -> None:
    found = shapes(bars("t", [Bar("x", share, "50%")]), "chart-bar")
    assert all(0 < float(each["width"]) <= WIDTH for each in found)


def test_words_are_escaped_and_nothing_acts() -> None:
    evil = "</svg><script>x</script>"
    both = columns("a", evil, evil, [Column(evil, 1)]) + bars(evil, [Bar(evil, 1, evil)])
    assert "<script" not in both
    assert not re.search(r"\son\w+=|style=", both)

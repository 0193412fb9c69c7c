"""Colours that everybody can read, and a style sheet that comes quickly on a slow line."""

import re
from pathlib import Path

import pytest

from gateway.pages.static import FOLDER, squeezed, static_files

CSS = (FOLDER / "style.css").read_text()
TEMPLATES = Path(__file__).parents[2] / "gateway" / "templates"
MOST_BYTES = 15 * 1024
TEXT = 4.5  # WCAG 2.2, 1.4.3
EDGE = 3.0  # WCAG 2.2, 1.4.11: what marks a field, a state or the focus

GROUNDS = ("paper", "card")
TEXT_ON = [
    *[
        (text, ground)
        for text in ("ink", "muted", "jade", "jade-deep", "bad")
        for ground in GROUNDS
    ],
    *[
        (text, ground)
        for text in ("ink", "muted", "jade", "jade-deep")
        for ground in ("jade-wash",)
    ],
    *[(text, wash) for wash in ("info-wash", "warm-wash") for text in ("ink", "muted", "jade")],
    ("ink", "bad-wash"),
    ("good", "good-wash"),
    ("warm", "warm-wash"),
    ("bad", "bad-wash"),
    ("info", "info-wash"),
    ("on-jade", "jade"),
    ("on-jade", "jade-deep"),
    ("on-bad", "bad"),
    ("on-band", "band"),
]
EDGES_ON = [
    ("edge", "card"),
    ("edge", "paper"),
    ("edge", "jade-wash"),
    ("bad", "card"),
    ("jade", "card"),
    ("jade", "paper"),
    ("ink", "paper"),
    ("ink", "card"),
]


def tokens(block: str) -> dict[str, str]:
    """The colours that a block of the style sheet names, {name: #rrggbb}."""
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", block))


LIGHT = tokens(CSS.split("@media")[0])
DARK = {**LIGHT, **tokens(CSS.split("prefers-color-scheme: dark")[1].split("\n}")[0])}
LOOKS = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_reckoned_as_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_can_be_read_on_its_ground(look: dict[str, str], text: str, ground: str):
    assert contrast(look[text], look[ground]) >= TEXT


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("edge", "ground"), EDGES_ON)
def test_the_edge_of_a_field_and_the_focus_can_be_seen(
    look: dict[str, str], edge: str, ground: str
):
    assert contrast(look[edge], look[ground]) >= EDGE


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("ground", ["paper", "card", "jade-wash", "info-wash", "warm-wash", "band"])
def test_one_of_the_two_rings_of_the_focus_stands_out_on_every_ground(
    look: dict[str, str], ground: str
):
    assert max(contrast(look[ring], look[ground]) for ring in ("ink", "focus")) >= EDGE


def test_dark_names_every_colour_of_light_and_no_other():
    dark = tokens(CSS.split("prefers-color-scheme: dark")[1].split("\n}")[0])
    assert set(dark) == set(LIGHT)


def test_every_colour_in_use_is_a_token():
    rules = CSS[CSS.index("*, ::before") : CSS.index("@media print")]
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", rules)


def test_no_token_is_named_in_vain_and_none_is_used_without_a_value():
    named = set(re.findall(r"(--[a-z0-9-]+):", CSS))
    used = set(re.findall(r"var\((--[a-z0-9-]+)", CSS))
    assert named == used


@pytest.mark.parametrize(
    "foreign", ["@import", "url(", "font-style: italic", "justify;", "!important"]
)
def test_the_style_sheet_stands_alone_and_keeps_to_chinese_typography(foreign: str):
    assert foreign not in CSS


def test_the_style_sheets_of_a_page_are_small_as_they_are_sent():
    sent = {n: len(f.content) for n, f in static_files().items() if n.endswith(".css")}
    # Every page has the first, and no page more than one of the others.
    others = [size for name, size in sent.items() if name != "style.css"]
    assert sent["style.css"] + max(others) <= MOST_BYTES


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_a_page_has_one_style_sheet_of_its_own_at_most(path: Path):
    assert path.read_text().count('.css") }}') <= (2 if path.name == "base.html" else 1)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        (b"/* why */\n.a {\n  margin: 0 1rem;\n}\n", b".a{margin:0 1rem}"),
        (b".a .b,\n.c { margin: 0; }\n", b".a .b,.c{margin:0}"),
        (b".a:not(.b) > .c { left: calc(1px - 2px); }", b".a:not(.b) > .c{left:calc(1px - 2px)}"),
        (b"@media (a: 1px) { .a { b: c } }", b"@media (a:1px){.a{b:c}}"),
        (b"/* one\n * two */.a{}/* three */", b".a{}"),
    ],
)
def test_squeezing_keeps_what_means_something(written: bytes, sent: bytes):
    assert squeezed(written) == sent


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.css")), ids=lambda path: path.name)
def test_no_line_break_of_a_style_sheet_stands_for_a_blank(path: Path):
    lines = [line.strip() for line in path.read_text().splitlines()]
    outside = re.sub(r"/\*.*?\*/", "", "\n".join(lines), flags=re.DOTALL).splitlines()
    assert [line for line in outside if line and line[-1] not in ";,{}"] == []


def test_every_class_of_a_page_is_in_a_style_sheet_or_a_handle_of_a_script():
    sheets = "".join(path.read_text() for path in FOLDER.glob("*.css"))
    scripts = "".join(path.read_text() for path in FOLDER.glob("*.js"))
    known = set(re.findall(r"\.([a-z][a-z0-9-]*)", sheets + scripts))
    strange = {
        (name, path.name)
        for path in TEMPLATES.rglob("*.html")
        if path.parent.name != "mail"
        for value in re.findall(r'class="([^"{]*)"', path.read_text())
        for name in value.split()
        if name not in known
    }
    assert strange == set()

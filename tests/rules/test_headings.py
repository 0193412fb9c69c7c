"""A case number stays on one line in a heading, however narrow the screen."""

import re
from pathlib import Path

from gateway.views import environment

TEMPLATES = Path(__file__).parents[2] / "gateway" / "templates"
HEADING = re.compile(r"<h[1-6].*?</h[1-6]>", re.DOTALL)


def test_every_number_in_a_heading_is_kept_whole():
    broken = [
        (path.name, heading)
        for path in TEMPLATES.rglob("*.html")
        for heading in HEADING.findall(path.read_text("utf-8"))
        if "number=" in heading and "|unbroken(" not in heading
    ]
    assert broken == []


def test_a_number_is_marked_within_its_sentence_and_stays_as_it_is():
    shown = environment("en").from_string("{{ text|unbroken(number) }}")
    said = shown.render(text="<Case> 2026-000001, again", number="2026-000001")
    assert said == '&lt;Case&gt; <span class="number">2026-000001</span>, again'

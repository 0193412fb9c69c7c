"""Words are put into templates when these are loaded, and read the same as before."""

from pathlib import Path

import pytest
from jinja2 import Environment, StrictUndefined

from gateway.worded import WordedLoader

WORDS = {"plain": "好", "sharp": "a < b & c", "named": "{name}好", "other": "另"}


def say(key: str, **params: str) -> str:
    return WORDS[key].format(**params)


@pytest.fixture
def asked() -> list[str]:
    """Keys whose wording was looked up, in order."""
    return []


@pytest.fixture
def env(tmp_path: Path, asked: list[str]) -> Environment:
    def ask(key: str, **params: str) -> str:
        asked.append(key)
        return say(key, **params)

    env = Environment(
        loader=WordedLoader(tmp_path, ask), autoescape=True, undefined=StrictUndefined
    )
    env.globals["_"] = ask
    return env


def test_a_key_that_is_not_worded_is_found_when_the_template_is_loaded(
    env: Environment, tmp_path: Path
) -> None:
    (tmp_path / "t").write_text('{% if false %}{{ _("nobody worded this") }}{% endif %}')
    with pytest.raises(KeyError, match="nobody worded this"):
        env.get_template("t")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('{{ _("sharp") }}', "a &lt; b &amp; c"),
        ('<a title="{{ _("sharp") }}">', '<a title="a &lt; b &amp; c">'),
        ('{{ _("plain") ~ _("other") }}', "好另"),
        ('{{ _("named", name="<b>") }}', "&lt;b&gt;好"),
        ('{{ _("named", **{"name": "陈"}) }}', "陈好"),
        ("{{ _(key) }}", "另"),
        ('{{ _(*["plain"]) }}', "好"),
        ('{% macro m(t) %}[{{ t }}]{% endmacro %}{{ m(_("sharp")) }}', "[a &lt; b &amp; c]"),
        ('{{ (_("plain") if key == "other" else _("sharp")) }}', "好"),
    ],
)
def test_words_read_as_if_they_were_looked_up_each_time(
    env: Environment, tmp_path: Path, source: str, shown: str
) -> None:
    (tmp_path / "t").write_text(source)
    assert env.get_template("t").render(key="other") == shown


def test_a_constant_word_is_looked_up_once_however_often_the_page_is_rendered(
    env: Environment, tmp_path: Path, asked: list[str]
) -> None:
    (tmp_path / "t").write_text('{{ _("plain") }}{{ _("named", name="陈") }}')
    template = env.get_template("t")
    for _ in range(3):
        template.render()
    assert asked == ["plain", "named", "named", "named"]

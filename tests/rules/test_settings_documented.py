"""`docs/settings.md` lists every setting, with its default, and none that is not there."""

import re
from pathlib import Path

import pytest

from gateway.commands.check import setting_lines
from gateway.settings import Settings

DOCUMENT = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")
NAMES = [f"GATEWAY_{name.upper()}" for name in Settings.model_fields]


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_has_its_section(name):
    assert f"## {name}\n" in DOCUMENT


def test_nothing_is_documented_that_does_not_exist():
    assert re.findall(r"^## (GATEWAY_\w+)$", DOCUMENT, re.MULTILINE) == NAMES


@pytest.mark.parametrize(("name", "field"), Settings.model_fields.items())
def test_the_default_is_documented(name, field):
    section = DOCUMENT.split(f"## GATEWAY_{name.upper()}\n")[1].split("\n## ")[0]
    if isinstance(field.default, str) and field.default:
        assert f"Default: `{field.default}`" in section
    else:
        assert "Default:" in section


def test_check_lists_every_setting_and_no_secret(monkeypatch):
    monkeypatch.setenv("GATEWAY_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "postgresql://u:hidden@h/db")
    lines = setting_lines(Settings())
    assert [line.split("=")[0] for line in lines] == NAMES
    assert not any("ssss" in line or "hidden" in line for line in lines)

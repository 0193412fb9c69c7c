"""Codes of a telephone: the standard's own examples, drift, and each code once."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from gateway.desk import totp

SECRET = pyotp.random_base32()
NOW = datetime(2026, 11, 23, 2, 0, 10, tzinfo=UTC)


def code(steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=30 * steps))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "12 34 5", "-12345", "１２３"])
def test_what_is_no_code_is_no_code(typed):
    assert totp.find_step(SECRET, typed, NOW, 0) is None


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_a_code_of_another_minute_is_refused(steps):
    assert totp.find_step(SECRET, code(steps), NOW, 0) is None


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_one_step_of_drift_either_way_is_taken(steps):
    assert totp.find_step(SECRET, code(steps), NOW, 0) == totp.step_of(NOW) + steps


@pytest.mark.parametrize("used", [0, 1])
def test_a_used_step_and_those_before_it_are_refused(used):
    now = totp.step_of(NOW)
    assert totp.find_step(SECRET, code(), NOW, now + used) is None
    assert totp.find_step(SECRET, code(-1), NOW, now) is None
    assert totp.find_step(SECRET, code(1), NOW, now) == now + 1


@pytest.mark.parametrize(
    ("seconds", "expected"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(seconds, expected):
    """RFC 6238, appendix B, SHA-1, the last six of its eight figures."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.find_step(secret, expected, at, 0) == seconds // 30


def test_blanks_and_wide_figures_do_not_matter():
    wide = code()[:3] + " " + "".join(chr(ord(c) + 0xFEE0) for c in code()[3:])
    assert totp.find_step(SECRET, wide, NOW, 0) == totp.step_of(NOW)


def test_the_picture_is_one_element_without_styles_scripts_or_addresses():
    drawn = totp.picture(SECRET, 'chan"><script>', "云溪县 & <b>")
    root = ET.fromstring(drawn)
    assert root.tag == "svg"
    assert {child.tag for child in root.iter()} <= {"svg", "g", "path"}
    assert not {"style", "onload", "href"} & {name for el in root.iter() for name in el.attrib}


def test_the_secret_is_shown_in_fours():
    assert "".join(totp.groups(SECRET)) == SECRET
    assert {len(each) for each in totp.groups(SECRET)} == {4}

"""Office hours as a county writes them, in the words of each page."""

import pytest

from gateway.hours import say_hours
from gateway.i18n import LANGUAGES, words

USUAL = "周一至周五 08:30–12:00，14:30–17:30（法定节假日除外）"
DAILY = "每天 00:00–24:00"


@pytest.mark.parametrize(
    "written", ["", "请先预约", "周一至周五", "周一至周八 08:30–12:00", f"{USUAL}，镇街除外"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_in_another_way_is_left_alone(written: str, language: str):
    assert say_hours(words(language), written) is None


@pytest.mark.parametrize("written", [USUAL, DAILY, "周六至周日 9:00-12:00"])
def test_in_the_stored_language_they_read_as_the_county_wrote_them(written: str):
    assert say_hours(words("zh-Hans"), written) == written


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (USUAL, "Mon to Fri, 08:30–12:00 and 14:30–17:30 (closed on public holidays)"),
        (DAILY, "Every day, 00:00–24:00"),
        ("周六至周日 9:00-12:00", "Sat to Sun, 9:00-12:00"),
    ],
)
def test_readers_of_english_get_them_in_english(written: str, said: str):
    assert say_hours(words("en"), written) == said


def test_readers_of_traditional_chinese_get_them_in_their_script():
    said = say_hours(words("zh-Hant"), USUAL)
    assert said == "週一至週五 08:30–12:00，14:30–17:30（法定假期除外）"

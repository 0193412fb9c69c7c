"""Every message is worded in every language, none in vain, and each in its own script."""

import re
from collections.abc import Iterator
from functools import cache
from string import Formatter

import opencc
import pytest

from gateway.i18n import LANGUAGES, LOCALE_FOLDER, read_messages
from tests.rules.families import FAMILIES, SEARCHED, SEARCHED_VALUES
from tests.rules.words_in_code import read_all

# The code is read once, by the worker that runs these.
pytestmark = pytest.mark.xdist_group("words")
MESSAGES = {language: read_messages(LOCALE_FOLDER / language) for language in LANGUAGES}
CHINESE = ("zh-Hans", "zh-Hant")
# Of a date each language takes the parts that it needs.
OWN_PARTS = "format."


def family_keys() -> Iterator[str]:
    """Every key that a declared family can make."""
    for pattern, values in [*FAMILIES.items(), *SEARCHED_VALUES.items()]:
        for value in values:
            yield pattern.replace("{}", str(value))


@cache
def searched_keys() -> frozenset[str]:
    """Worded keys of the searched families whose own part stands as a text in the code."""
    return frozenset(
        key
        for pattern, folder in SEARCHED.items()
        for key in MESSAGES["en"]
        if (match := re.fullmatch(re.escape(pattern).replace(r"\{\}", "([^.]+)"), key))
        and any(place.startswith(folder) for place in read_all().texts.get(match[1], ()))
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_a_page_or_module_asks_for_is_worded(language: str):
    missing = {
        key: place for key, place in read_all().asked.items() if key not in MESSAGES[language]
    }
    assert not missing, missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_is_put_together_is_worded_for_every_value(language: str):
    missing = sorted(key for key in family_keys() if key not in MESSAGES[language])
    assert not missing, "\n".join(missing)


def test_every_place_that_puts_keys_together_is_declared_with_its_values():
    namespaces = {key.split(".")[0] for key in MESSAGES["en"]}
    strange = {
        pattern: place
        for pattern, place in read_all().patterns.items()
        if pattern.split(".")[0] in namespaces and pattern not in {**FAMILIES, **SEARCHED}
    }
    assert not strange, f"declare the values in tests/rules/families.py: {strange}"


def test_no_family_is_declared_in_vain():
    assert {*FAMILIES, *SEARCHED} - set(read_all().patterns) == set()


def test_no_message_is_worded_in_vain():
    used = {*read_all().texts, *family_keys(), *searched_keys()}
    vain = sorted(key for key in MESSAGES["en"] if key not in used)
    assert not vain, "\n".join(vain)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_words_the_same_keys(language: str):
    assert set(MESSAGES[language]) ^ set(MESSAGES["zh-Hans"]) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_wording_is_empty(language: str):
    assert [key for key, forms in MESSAGES[language].items() if not all(forms)] == []


def placeholders(form: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(form) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_particulars(language: str):
    differing = {
        key: forms
        for key, forms in MESSAGES[language].items()
        if not key.startswith(OWN_PARTS)
        for form in forms
        if placeholders(form) != placeholders(MESSAGES["zh-Hans"][key][0])
    }
    assert differing == {}


# Scripts

# These characters are right in both scripts, whatever a table of characters prefers.
IN_BOTH = frozenset("台群准")


@pytest.mark.parametrize(("language", "table"), [("zh-Hans", "t2s"), ("zh-Hant", "s2t")])
def test_each_chinese_is_written_in_its_own_script_alone(language: str, table: str):
    converter = opencc.OpenCC(table)
    foreign = {
        (key, char)
        for key, forms in MESSAGES[language].items()
        for char in "".join(forms)
        if char not in IN_BOTH and char > "\u2e7f" and converter.convert(char) != char
    }
    assert foreign == set()


@pytest.mark.parametrize("mandarin", ["您", "這", "什麼", "怎麼", "沒有", "我們", "他們", "哪裡"])
def test_traditional_chinese_is_worded_as_cantonese_is_spoken(mandarin: str):
    assert [key for key, forms in MESSAGES["zh-Hant"].items() if mandarin in "".join(forms)] == []


@pytest.mark.parametrize("language", CHINESE)
def test_chinese_takes_full_width_punctuation(language: str):
    half_width = re.compile(r"[\u4e00-\u9fff][,;:!?()]|[,;!?()][\u4e00-\u9fff]")
    assert [k for k, forms in MESSAGES[language].items() if half_width.search("".join(forms))] == []


@pytest.mark.parametrize("language", CHINESE)
def test_no_chinese_word_is_left_out_for_english(language: str):
    """Latin letters are fine in numbers and examples, not as whole sentences."""
    sentence = re.compile(r"[A-Za-z]+ [a-z]+ [a-z]+")
    assert [k for k, forms in MESSAGES[language].items() if sentence.search("".join(forms))] == []

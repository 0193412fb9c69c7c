"""A county's own words in its letters: what is refused, what is left out, what is said."""

import logging
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.db import Database
from gateway.i18n import LANGUAGES, Words, words
from gateway.mail import wordings
from gateway.mail.compose import compose, fill, form
from gateway.mail.described import keys_of, letters, letters_with
from gateway.mail.letters import WRITERS
from gateway.mail.wording_checks import LONGEST, LONGEST_SHORT, find_fault, gaps
from gateway.mail.wordings import DEFAULTS, PREFIX, Wordings
from gateway.store import message_texts
from tests.gateway.mail.test_letters import ENVELOPE, EVERY, FACTS, Tags, body
from tests.gateway.mail.world import SCHEMA, Inbox, one_case, one_round, surroundings

INTRO = "mail.dispatched.intro"
SUBJECT = "mail.dispatched.subject"
KEYS = sorted({key for template in WRITERS for key in keys_of(template)})
unhurried = settings(deadline=None)


def fault(wording: str, default: str = "A case for {office}.", language: str = "en") -> str:
    found = find_fault(INTRO, language, default, wording)
    return found.key if found else ""


@pytest.mark.parametrize(
    ("wording", "wrong"),
    [
        ("", "empty"),
        (" \u3000", "empty"),
        ("one\nBcc: x@example.org {office}", "line"),
        ("one\r{office}", "line"),
        ("one\u2028{office}", "line"),
        ("one\x00{office}", "unseen"),
        ("right\u202eleft {office}", "unseen"),
        ("zero\u200bwidth {office}", "unseen"),
        ("a gap \ue000phone\ue001 {office}", "unseen"),
        ("half \ud800 {office}", "unseen"),
        ("blank\u3164{office}", "unseen"),
        ("x" * LONGEST + "{office}", "long"),
        ("{office.__class__.__mro__}", "odd"),
        ("{office!r}", "odd"),
        ("{office[0]}", "odd"),
        ("{office:>999999999}", "odd"),
        ("{office:{office}}", "braces"),
        ("{0.__init__.__globals__}", "odd"),
        ("{office} {phone}", "unknown"),
        ("{office} {0}", "braces"),
        ("{office} {}", "braces"),
        ("{office", "braces"),
        ("office}", "braces"),
        ("{{office}}", "braces"),
        ("{ office }", "braces"),
        ("{Office}", "braces"),
        ("A case for your office.", "missing"),
        ("For {office}: a case.", ""),
        ("{office}, {office}!", ""),
    ],
)
def test_what_a_wording_may_not_be(wording: str, wrong: str) -> None:
    assert fault(wording) == wrong


def test_a_subject_is_short() -> None:
    long = "x" * LONGEST_SHORT + "{number}"
    found = find_fault(SUBJECT, "en", "A case ({number})", long)
    assert found
    assert (found.key, found.value) == ("long", str(LONGEST_SHORT))


@pytest.mark.parametrize(
    ("language", "wording", "wrong"),
    [
        ("zh-Hant", "有一单投诉派畀{office}", "script"),
        ("zh-Hant", "有一單投訴派咗畀{office}，喺台前里面", ""),
        ("zh-Hans", "有一件投訴派给{office}", "script"),
        ("zh-Hans", "有一件投诉派给{office}，请到台前", ""),
    ],
)
def test_each_chinese_stays_in_its_script(language: str, wording: str, wrong: str) -> None:
    assert fault(wording, language=language) == wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_default_passes_the_checks_that_own_words_have_to(language: str) -> None:
    say = words(language)
    for key in KEYS:
        for default in say.forms(key):
            assert find_fault(key, language, default, default) is None, key


def test_every_message_of_letters_can_be_worded_on_some_letters_page() -> None:
    assert set(letters()) == set(WRITERS)
    assert [key for key in KEYS if not key.startswith(PREFIX)] == []
    assert letters_with("mail.what_to_do") == len(WRITERS)
    assert "mail.fact.late" not in keys_of("asked")


def accepted(key: str, language: str) -> st.SearchStrategy[str]:
    """Wordings that the checks let through: the particulars in any order among any words."""
    default = words(language).forms(key)[0]
    needed = [f"{{{name}}}" for name in gaps(default)]
    text = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=20)
    marked = st.sampled_from(["<script>alert(1)</script>", '"><a href="//evil">', "&amp;", "%s"])
    return (
        st.tuples(st.permutations(needed), st.lists(text | marked, min_size=1, max_size=4))
        .map(lambda pair: "".join([pair[1][0], *pair[0], *pair[1][1:]]).strip())
        .filter(lambda wording: find_fault(key, language, default, wording) is None)
    )


@unhurried
@given(st.data(), st.sampled_from(EVERY))
def test_whatever_the_checks_let_through_makes_a_whole_letter(
    data: st.DataObject, which: tuple[str, str]
) -> None:
    template, language = which
    keys = data.draw(st.lists(st.sampled_from(keys_of(template)), min_size=1, max_size=3))
    own = {(key, language, 0): data.draw(accepted(key, language)) for key in keys}
    county = Wordings(own)
    laid, plain = county.form(template, language), form(template, language)
    # Every fact is still there, and its link; words have become no markup.
    assert plain.facts <= laid.facts | {"county"}
    filled, before = fill(laid, FACTS), fill(plain, FACTS)
    tags, usual = Tags(filled.html), Tags(before.html)
    assert (tags.tags, tags.attributes) == (usual.tags, usual.attributes)
    assert tags.links == usual.links
    assert "\n" not in filled.subject
    assert compose(laid, FACTS, ENVELOPE).isascii()
    for name in ("number", "url"):
        assert (getattr(FACTS, name) in before.text) == (getattr(FACTS, name) in filled.text)
    say = county.words(language)
    for key in keys:
        for wording in say.forms(key):
            assert wording == own[key, language, 0]


@pytest.mark.parametrize(
    "place",
    [
        (INTRO, "en", 1),  # has no plural
        ("mail.nothing", "en", 0),
        ("error.404.title", "en", 0),  # no word of a letter
    ],
)
def test_what_no_letter_says_is_left_out_and_told(
    place: tuple[str, str, int], caplog: pytest.LogCaptureFixture
) -> None:
    assert Wordings({place: "x"}).words("en") is words("en")
    assert place[0] in caplog.text


def test_a_wording_that_fits_no_more_is_left_out_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    county = Wordings(
        {(INTRO, "en", 0): "A case {office.__class__}", (SUBJECT, "en", 0): "!{number}"}
    )
    filled = fill(county.form("dispatched", "en"), FACTS)
    assert filled.subject == "!2026-000042"
    assert "A case has been sent to" in filled.text
    assert INTRO in caplog.text


def test_words_that_fail_when_a_letter_is_laid_out_give_way_to_the_default(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_template: str, _say: Words) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(wordings, "lay_out", broken)
    county = Wordings({(INTRO, "en", 0): "For {office}."})
    assert county.form("dispatched", "en") is form("dispatched", "en")
    assert "own words" in caplog.text
    with pytest.raises(KeyError):
        county.form("nothing", "en")


def test_a_form_is_laid_out_once_and_other_languages_keep_the_default() -> None:
    county = Wordings({(INTRO, "en", 0): "For {office}."})
    assert county.form("dispatched", "en") is county.form("dispatched", "en")
    assert county.form("dispatched", "zh-Hans") is form("dispatched", "zh-Hans")
    assert DEFAULTS.form("dispatched", "en") is form("dispatched", "en")


async def test_a_letter_goes_out_in_the_countys_own_words(
    db: Database, now: datetime, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = {
        (INTRO, "zh-Hans", 0): "新任务：{office}。<b>请看链接</b>",
        ("mail.by", "zh-Hans", 0): "不迟于{day}",
        # As a hand in the database might write it.
        (SUBJECT, "zh-Hans", 0): "没有编号",
    }
    await one_case(db, now, "dispatched", data={"sign_by": "2026-11-24"})
    async with db.transaction(SCHEMA) as conn:
        await message_texts.insert_or_update_texts(conn, own, now, ENVELOPE.letter)
    inbox = Inbox()
    with caplog.at_level(logging.ERROR):
        await one_round(surroundings(db, now, tmp_path), inbox)
    (mail,) = inbox.mails
    read = message_from_bytes(mail.data, policy=policy.default)
    assert "新任务：教育局机关效能办。<b>请看链接</b>" in body(read, "plain")
    assert "&lt;b&gt;请看链接&lt;/b&gt;" in body(read, "html")
    assert "请不迟于2026年11月24日（星期二）打开链接签收。" in body(read, "plain")
    assert read["Subject"] == "有一件投诉请签收（2026-000001）"
    assert SUBJECT in caplog.text

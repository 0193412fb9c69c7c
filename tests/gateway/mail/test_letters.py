"""What letters say and how they are made: hostile values first, then every
letter in every language.
"""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.model import LETTER_EVENTS
from gateway.i18n import LANGUAGES
from gateway.mail.address import BadAddress, deliverable, inbox
from gateway.mail.compose import Envelope, compose, form, header_text
from gateway.mail.facts import FACT_NAMES, Facts
from gateway.mail.letters import WITH_LINK, WRITERS
from gateway.mail.life import KINDS
from gateway.mail.planning import About, Planned, plan
from gateway.mail.transport import PAUSES, pause, without_addresses

FACTS = Facts(
    number="2026-000042",
    office="教育局机关效能办",
    due="2026年12月14日（星期一）",
    by="在2026年11月24日（星期二）或之前",
    url="https://c.example.org/answer/abc_DEF-123",
    until="2027年1月22日（星期五）",
    county="云溪县",
    phone="0755-00001234",
    day="2026年11月24日（星期二）",
    late="3",
)
ENVELOPE = Envelope(
    sender="complaints@county.example.org",
    sender_name="云溪县",
    to="office@example.org",
    letter=UUID("0192d3c0-0000-7000-8000-0000000000aa"),
    thread="0123456789abcdef",
    now=datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
)
EVERY = [(template, language) for template in WRITERS for language in LANGUAGES]
# The first letter of a form lays it out; how long that takes says nothing.
unhurried = settings(deadline=None)
anything = st.text(st.characters(), max_size=200)  # lone surrogates and controls too


def made(
    template: str = "dispatched", language: str = "zh-Hans", facts: Facts = FACTS,
    envelope: Envelope = ENVELOPE,
) -> EmailMessage:  # fmt: skip
    return message_from_bytes(
        compose(form(template, language), facts, envelope), policy=policy.default
    )


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Tags(HTMLParser):
    """Which tags and addresses a page holds, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_a_template_that_nobody_writes_is_an_error() -> None:
    with pytest.raises(KeyError):
        form("nothing", "en")


@unhurried
@given(anything, anything)
def test_no_value_can_add_a_header_a_recipient_or_a_part(office: str, number: str) -> None:
    facts = Facts(number, office, "", "", "https://c.example.org/", "", "", "")
    data = compose(form("dispatched", "zh-Hans"), facts, ENVELOPE)
    plain = compose(form("dispatched", "zh-Hans"), FACTS, ENVELOPE)
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    message, usual = (message_from_bytes(each, policy=policy.default) for each in (data, plain))
    assert list(message.keys()) == list(usual.keys())
    assert message["To"] == "office@example.org"
    assert [p.get_content_type() for p in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip


@unhurried
@given(anything)
def test_a_subject_reads_back_as_one_line_of_what_was_said(text: str) -> None:
    encoded = header_text(text)
    assert all(len(line) <= 78 for line in encoded.split("\r\n"))
    assert "\n" not in encoded.replace("\r\n ", "")
    read = message_from_bytes(f"Subject: {encoded}\r\n\r\n".encode(), policy=policy.default)
    said = re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text).strip()
    # The standard library's reader drops blanks at an encoded word's edge.
    assert str(read["Subject"]).split() == said.split()


@pytest.mark.parametrize("name", ["Yunxi, County", 'The "County"', "a <b@c.d>", "云溪县, <x@y.z>"])
def test_a_senders_name_is_never_read_as_an_address(name: str) -> None:
    envelope = Envelope("a@example.org", name, "b@example.org", UUID(int=1), "t", ENVELOPE.now)
    sender = made(envelope=envelope)["From"].addresses
    assert [(each.display_name, each.addr_spec) for each in sender] == [(name, "a@example.org")]


@unhurried
@given(anything)
def test_no_value_becomes_markup(office: str) -> None:
    hostile = Facts("1", f'"><script>x</script><a href="//evil">{office}', "", "", "#", "", "", "")
    before, after = (Tags(body(made(facts=each), "html")) for each in (FACTS, hostile))
    assert before.tags == after.tags
    assert before.attributes == after.attributes
    assert "//evil" not in after.links


@unhurried
@given(anything)
def test_an_address_is_plain_or_refused(text: str) -> None:
    try:
        address = deliverable(text)
    except BadAddress:
        return
    assert address.isascii()
    assert address.count("@") == 1
    assert not re.search(r"[\s<>,;:\x00-\x1f\"()\[\]]", address)


@pytest.mark.parametrize(
    "text",
    [
        None, "", "a", "@b", "a@", "a@b@c", "a b@c.d", "a@b c", "<a@b.c>", "a@b.c,d@e.f",
        "a@b.c\r\nBcc: d@e.f", "a@b.c\x00", "é@example.org", "a@exa_mple.org", "a@-..", '"a"@b.c',
        f"{'a' * 65}@b.c", f"a@{'b' * 64}.c", f"a@{'b.' * 130}c",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(text: str | None) -> None:
    with pytest.raises(BadAddress):
        deliverable(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" a@example.org\n", "a@example.org"),
        ("o'neil+tag@example.org", "o'neil+tag@example.org"),
        ("a@例子.example.org", "a@xn--fsqu00a.example.org"),
    ],
)
def test_a_plain_address_is_taken_as_servers_want_it(text: str, expected: str) -> None:
    assert deliverable(text) == expected


def test_spellings_of_one_inbox_count_as_one() -> None:
    assert inbox("Aa+b@Example.org") == inbox("aa@example.ORG") == "aa@example.org"


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_every_letter_in_every_language_says_why_what_to_do_and_whom_to_ask(
    template: str, language: str
) -> None:
    message = made(template, language)
    text, html = body(message, "plain"), body(message, "html")
    for part in (text, Tags(html).words):
        assert "\ue000" not in part
        assert "0755-00001234" in part
    what, why = {
        "zh-Hans": ("接下来怎么做", "为什么收到这封邮件"),
        "zh-Hant": ("跟住可以點做", "點解會收到呢封電郵"),
        "en": ("What to do next", "Why you got this mail"),
    }[language]
    assert what in text
    assert why in text
    assert message["Content-Language"] == language
    assert f'<html lang="{language}">' in html


def squeezed(text: str) -> str:
    """A line's words alone: no blanks, colons, numbers of steps or the dashes of a signature."""
    return re.sub(r"^\d\. |^-- |[\s：:]", "", text)


# The desk has its own list; the office above may not read the case; what is over asks nothing.
WITHOUT_BUTTON = {
    "waiting",
    "sealed_over",
    *(name for name, kind in KINDS.items() if not kind.link and kind.reader != "complainant"),
}


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_text_and_html_say_the_same(template: str, language: str) -> None:
    message = made(template, language)
    html = Tags(body(message, "html"))
    words = squeezed(html.words)
    lines = [squeezed(line) for line in body(message, "plain").splitlines()]
    assert [line for line in lines if line not in words] == []
    expected = [] if template in WITHOUT_BUTTON else [FACTS.url, FACTS.url]
    assert html.links == expected
    assert (FACTS.url in body(message, "plain").splitlines()) == bool(expected)


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_no_letter_loads_anything_from_elsewhere(template: str, language: str) -> None:
    html = Tags(body(made(template, language), "html"))
    assert html.tags.isdisjoint({"img", "script", "link", "iframe", "form", "video", "object"})


@pytest.mark.parametrize("template", ["sealed", "sealed_over"])
def test_a_sealed_letter_tells_nothing_but_that_it_waits_or_waits_no_more(template: str) -> None:
    for language in LANGUAGES:
        message = made(template, language)
        everything = str(message["Subject"]) + body(message, "plain") + body(message, "html")
        for fact in (FACTS.number, FACTS.due, FACTS.office, FACTS.day, FACTS.by):
            assert fact not in everything


def test_only_letters_to_the_office_that_has_to_act_carry_a_link_to_a_case() -> None:
    first = {"dispatched", "sealed", "renewed"}
    assert first | {
        "refused", "settled", "replied", "resumed", "follow_up", "review", "rework", "reminded",
        "reminded_late", "supervised", "handed_on",
    } == WITH_LINK  # fmt: skip
    assert {KINDS[name].reader for name in WITH_LINK - first} == {"office"}


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_what_is_filled_in_is_numbers_offices_and_days_and_nothing_else(
    template: str, language: str
) -> None:
    """No gap for a name, a way to reach somebody or a word of the case: none can get in."""
    message = made(template, language)
    text = body(message, "plain")
    for value in sorted(
        (getattr(FACTS, name) for name in FACT_NAMES if name != "late"), key=len, reverse=True
    ):
        text = text.replace(value, "")
    assert not re.search(r"@|https?://|13\d{9}|\d{4}年", text)


def test_headers_say_that_a_machine_wrote_it_and_which_letter_it_is() -> None:
    message = made()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == "<0192d3c00000700080000000000000aa@county.example.org>"
    assert (
        message["References"]
        == message["In-Reply-To"]
        == "<case.0123456789abcdef@county.example.org>"
    )
    assert message["Date"].datetime == ENVELOPE.now
    assert message["From"].addresses[0].display_name == "云溪县"
    assert message["Subject"] == "有一件投诉请签收（2026-000042）"
    assert message["MIME-Version"] == "1.0"


def test_lines_are_as_long_as_smtp_allows() -> None:
    data = compose(form("dispatched", "zh-Hans"), FACTS, ENVELOPE)
    assert max(len(line) for line in data.split(b"\r\n")) <= 100


# Who gets what.


def planned(kind: str, language: str = "en", **known: Any) -> tuple[Planned, ...]:
    given: dict[str, Any] = {"sealed": False, "at_desk": False, "has_email": True, **known}
    return plan(About(kind, **given), language)


def readers(kind: str, **known: Any) -> list[str]:
    return [each.recipient for each in planned(kind, **known)]


@pytest.mark.parametrize("kind", LETTER_EVENTS)
def test_a_sealed_case_writes_to_its_office_alone_in_neutral_words(kind: str) -> None:
    for owner in ("office", "complainant", "desk"):
        for to in (None, "desk", "O-JW"):
            found = planned(kind, sealed=True, at_desk=True, owner=owner, to=to)
            told = {(each.template, each.recipient) for each in found}
            assert told <= {("sealed", "office"), ("sealed_over", "office")}


@pytest.mark.parametrize("kind", LETTER_EVENTS)
def test_who_left_no_address_is_never_written_to(kind: str) -> None:
    for owner in ("office", "complainant", "desk"):
        assert "complainant" not in readers(kind, owner=owner, actor="office", has_email=False)


@pytest.mark.parametrize(
    ("kind", "known", "expected"),
    [
        ("signed", {}, []),
        ("wiped", {}, []),
        ("archived", {}, []),
        ("received", {"has_email": False}, []),
        ("received", {}, [("received", "complainant", "en")]),
        ("received", {"at_desk": True, "has_email": False}, [("waiting", "desk", "zh-Hans")]),
        (
            "received", {"at_desk": True},
            [("received_waiting", "complainant", "en"), ("waiting", "desk", "zh-Hans")],
        ),
        (
            "dispatched", {},
            [("dispatched", "office", "zh-Hans"), ("assigned", "complainant", "en")],
        ),
        ("dispatched", {"has_email": False}, [("dispatched", "office", "zh-Hans")]),
        ("return_asked", {"at_desk": True}, [("desk_returned", "desk", "zh-Hans")]),
        ("disputed", {"at_desk": True}, [("desk_disputed", "desk", "zh-Hans")]),
        ("return_refused", {"actor": "desk"}, [("refused", "office", "zh-Hans")]),
        ("assigned", {}, [("settled", "office", "zh-Hans"), ("assigned", "complainant", "en")]),
        ("asked", {"actor": "office"}, [("asked", "complainant", "en")]),
        ("replied", {}, [("replied", "office", "zh-Hans")]),
        ("resumed", {}, [("resumed", "office", "zh-Hans")]),
        ("resumed", {"actor": "office", "by_holder": True}, []),
        ("extended", {}, [("extended", "complainant", "en")]),
        ("released", {}, [("answered", "complainant", "en")]),
        ("released", {"has_email": False}, []),
        ("sent_back", {"actor": "desk"}, [("rework", "office", "zh-Hans")]),
        ("rework", {"actor": "office"}, [("rework", "office", "zh-Hans")]),
        ("rework", {"actor": "office", "by_holder": True}, []),
        ("follow_up", {"owner": "office"}, [("follow_up", "office", "zh-Hans")]),
        ("follow_up", {"owner": "desk"}, [("desk_follow_up", "desk", "zh-Hans")]),
        ("closed", {"actor": "office"}, [("closed", "complainant", "en")]),
        ("closed", {"actor": "system"}, []),
        ("lapsed", {}, [("closed", "complainant", "en")]),
        ("review_asked", {}, [("review", "office", "zh-Hans")]),
        ("final_review_asked", {}, [("review", "office", "zh-Hans")]),
        ("review_decided", {"actor": "office"}, [("decided", "complainant", "en")]),
        ("declined", {"actor": "desk"}, [("declined", "complainant", "en")]),
        ("merged", {"actor": "desk"}, [("merged", "complainant", "en")]),
        (
            "merged",
            {"actor": "desk", "was": "u1"},
            [("merged_away", "former", "zh-Hans"), ("merged", "complainant", "en")],
        ),
        ("withdrawn", {}, [("withdrawn", "office", "zh-Hans")]),
        ("withdrawn", {"merged": True}, []),
        ("withdrawn", {"has_office": False}, [("desk_withdrawn", "desk", "zh-Hans")]),
        ("reminded", {"owner": "office"}, [("reminded", "office", "zh-Hans")]),
        ("reminded", {"owner": "complainant"}, [("reply_missing", "complainant", "en")]),
        ("reminded", {"owner": "desk"}, [("desk_reminded", "desk", "zh-Hans")]),
        ("escalated", {"owner": "office", "to": "O-JW"}, [("escalated", "above", "zh-Hans")]),
        ("escalated", {"owner": "office", "to": "desk"}, [("desk_escalated", "desk", "zh-Hans")]),
        (
            "supervised", {},
            [("supervised", "office", "zh-Hans"), ("desk_supervised", "desk", "zh-Hans")],
        ),
        ("supervised", {"has_office": False}, [("desk_supervised", "desk", "zh-Hans")]),
        ("link_asked", {}, [("renewed", "office", "zh-Hans")]),
    ],
)  # fmt: skip
def test_who_hears_of_an_event(
    kind: str, known: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    found = [(each.template, each.recipient, each.language) for each in planned(kind, **known)]
    assert found == expected


def test_who_is_told_the_office_with_the_receipt_is_not_told_twice() -> None:
    assert readers("dispatched", at_once=True) == ["office"]


# Pauses and reasons.


def test_pauses_grow_and_make_about_three_days() -> None:
    assert list(PAUSES) == sorted(PAUSES)
    assert 2.9 * 1440 < sum(PAUSES) < 3.1 * 1440
    assert len({round(pause(3)) for _ in range(50)}) > 5


@unhurried
@given(anything)
def test_an_errors_text_holds_no_address_and_no_line_break(text: str) -> None:
    told = without_addresses(f"550 <a.b+c@example.org> {text} d@e")
    assert "example.org" not in told
    assert "\n" not in told
    assert len(told) <= 300

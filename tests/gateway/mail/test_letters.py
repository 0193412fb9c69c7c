"""What letters say and how they are made: hostile values first, then every
letter in every language.
"""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.i18n import LANGUAGES
from gateway.mail.address import BadAddress, deliverable, inbox
from gateway.mail.compose import Envelope, compose, form, header_text
from gateway.mail.letters import WITH_LINK, WRITERS, Facts
from gateway.mail.planning import plan
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


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_text_and_html_say_the_same(template: str, language: str) -> None:
    message = made(template, language)
    html = Tags(body(message, "html"))
    words = squeezed(html.words)
    lines = [squeezed(line) for line in body(message, "plain").splitlines()]
    assert [line for line in lines if line not in words] == []
    if template != "waiting":
        assert html.links == [FACTS.url, FACTS.url]
        assert FACTS.url in body(message, "plain").splitlines()


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_no_letter_loads_anything_from_elsewhere(template: str, language: str) -> None:
    html = Tags(body(made(template, language), "html"))
    assert html.tags.isdisjoint({"img", "script", "link", "iframe", "form", "video", "object"})


def test_a_sealed_letter_tells_nothing_but_that_it_waits() -> None:
    for language in LANGUAGES:
        message = made("sealed", language)
        everything = str(message["Subject"]) + body(message, "plain") + body(message, "html")
        assert FACTS.number not in everything
        assert FACTS.due not in everything
        assert FACTS.office not in everything


def test_only_an_offices_letters_carry_a_link_to_a_case() -> None:
    assert {"dispatched", "sealed", "renewed"} == WITH_LINK


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


@pytest.mark.parametrize("kind", ["received", "dispatched", "returned", "released", "link_asked"])
def test_a_sealed_case_writes_to_its_office_alone(kind: str) -> None:
    planned = plan(kind, sealed=True, at_desk=True, language="en", has_email=True)
    assert {(each.template, each.recipient) for each in planned} <= {("sealed", "office")}


@pytest.mark.parametrize(
    ("kind", "at_desk", "has_email", "expected"),
    [
        ("signed", False, True, []),
        ("received", False, False, []),
        ("received", False, True, [("received", "complainant", "en")]),
        ("received", True, False, [("waiting", "desk", "zh-Hans")]),
        (
            "received", True, True,
            [("received_waiting", "complainant", "en"), ("waiting", "desk", "zh-Hans")],
        ),
        (
            "dispatched", False, True,
            [("dispatched", "office", "zh-Hans"), ("assigned", "complainant", "en")],
        ),
        ("dispatched", False, False, [("dispatched", "office", "zh-Hans")]),
        ("returned", True, True, [("waiting", "desk", "zh-Hans")]),
        ("released", False, True, [("answered", "complainant", "en")]),
        ("released", False, False, []),
        ("link_asked", False, True, [("renewed", "office", "zh-Hans")]),
    ],
)  # fmt: skip
def test_who_hears_of_an_event(
    kind: str, at_desk: bool, has_email: bool, expected: list[tuple[str, str, str]]
) -> None:
    planned = plan(kind, sealed=False, at_desk=at_desk, language="en", has_email=has_email)
    assert [(each.template, each.recipient, each.language) for each in planned] == expected


def test_who_is_told_the_office_with_the_receipt_is_not_told_twice() -> None:
    planned = plan(
        "dispatched", sealed=False, at_desk=False, language="en", has_email=True, at_once=True
    )
    assert [each.recipient for each in planned] == ["office"]


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

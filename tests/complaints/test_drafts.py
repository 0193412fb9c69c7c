"""What a citizen types becomes a draft, or all the reasons why not at once."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import drafts
from complaints.categories import categories
from tests.people import fields

TODAY = date(2026, 11, 23)
KNOWN = drafts.Known(
    unit={"RS", "TC"}, matter={"M1", "M2"}, category=categories().keys(), today=TODAY
)


def refused(**typed: str | list[str]) -> dict[str, str]:
    with pytest.raises(drafts.Refused) as caught:
        drafts.read(fields(**typed), KNOWN)
    prefix = "complaints.error."
    return {name: fault.key.removeprefix(prefix) for name, fault in caught.value.faults.items()}


@pytest.mark.parametrize(
    ("name", "typed", "kind"),
    [
        ("text", "", "missing"),
        ("text", " \n\u200b\x00", "missing"),
        ("text", "字" * 4001, "too_long"),
        ("badge", "9" * 41, "too_long"),
        ("unit", "XX", "unit"),
        ("matter", "XX", "matter"),
        ("category", "X99", "category"),
        ("accepted_on", "2026-11-24", "future"),
        ("happened_on", "2026-11-24", "future"),
        ("happened_on", "2026-02-30", "day"),
        ("happened_on", "yesterday", "day"),
        ("happened_on", "0001-01-01", "day"),
        ("happened_at", "25:00", "time"),
        ("happened_at", "noon", "time"),
        ("phone", "call me", "phone"),
        ("phone", "12", "phone"),
        ("email", "nobody", "email"),
        ("email", "a@b", "email"),
        ("email", "a@example.org\nBcc: b@example.org", "email"),
        ("email", "a@example.org, b@example.org", "email"),
        ("owner", "desk", "unknown_field"),
        ("state", "closed", "unknown_field"),
        ("detail-V01", "字" * 501, "too_long"),
    ],
)
def test_a_faulty_field_is_named_with_its_fault(name: str, typed: str, kind: str) -> None:
    assert refused(**{name: typed}) == {name: kind}


def test_every_fault_is_told_at_once() -> None:
    assert refused(badge="", text="", email="x", unit="XX", accepted_on="2027-01-01") == {
        "text": "missing",
        "email": "email",
        "unit": "unit",
        "accepted_on": "future",
    }


def test_a_complaint_about_nobody_and_nothing_is_asked_about_whom() -> None:
    assert refused(badge="") == {"badge": "about"}
    assert refused(badge=" ", text="") == {"badge": "about", "text": "missing"}


@pytest.mark.parametrize("name", ["unit", "badge", "staff_name", "staff_description", "matter"])
def test_any_one_of_five_says_what_it_is_about(name: str) -> None:
    value = {"unit": "RS", "matter": "M1"}.get(name, "穿蓝色衣服的人")
    draft = drafts.read(fields(**{"badge": "", name: value}), KNOWN)
    assert getattr(draft, name) == value


def test_twenty_allegations_are_read_and_twenty_one_refused() -> None:
    codes = list(categories())
    assert len(drafts.read(fields(category=codes[:20]), KNOWN).category) == 20
    assert refused(category=codes[:21]) == {"category": "too_many"}


def test_a_category_ticked_twice_is_one_allegation() -> None:
    assert drafts.read(fields(category=["V01", "V01", "", "T04"]), KNOWN).category == ("V01", "T04")


@pytest.mark.parametrize(
    "typed", ["2026-11-02", "２０２６－１１－０２", "2026/11/2", "2026年11月2日", " 2026.11.2 "]
)
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert drafts.read(fields(accepted_on=typed), KNOWN).accepted_on == date(2026, 11, 2)


@pytest.mark.parametrize("typed", ["9:05", "09：05", "09時05分", "０９:０５"])
def test_a_time_is_read_as_people_write_it(typed: str) -> None:
    assert drafts.read(fields(happened_at=typed), KNOWN).happened_at == time(9, 5)


@pytest.mark.parametrize(
    "typed", ["12345", "110", "１３８００１３８０００", "+852 2123 4567", "0755-00001234"]
)
def test_a_telephone_that_can_be_dialled_is_taken(typed: str) -> None:
    assert drafts.read(fields(phone=typed), KNOWN).phone


def test_full_width_signs_in_an_address_are_folded() -> None:
    assert drafts.read(fields(email="ａ＠example．org"), KNOWN).email == "a@example.org"


def test_what_nobody_can_see_is_left_out() -> None:
    typed = "他\x00说\u202e不知道\u200b\ud800，\r\n\r\n\r\n\r\n就走了。"
    assert drafts.read(fields(text=typed), KNOWN).text == "他说不知道，\n\n就走了。"


def test_a_name_is_one_line_whatever_was_pasted() -> None:
    assert drafts.read(fields(name="陈\r\nBcc: x"), KNOWN).name == "陈 Bcc: x"


def test_boxes_are_yes_only_when_ticked() -> None:
    draft = drafts.read(fields(share_contact="yes", publish="no"), KNOWN)
    assert (draft.share_contact, draft.publish) == (True, False)


def test_equal_complaints_have_equal_content_and_others_do_not() -> None:
    one = drafts.read(fields(request_id="a"), KNOWN)
    again = drafts.read(fields(request_id="b"), KNOWN)
    other = drafts.read(fields(request_id="a", wish="道歉"), KNOWN)
    assert one.content() == again.content() != other.content()


@given(
    st.dictionaries(
        st.sampled_from([*drafts.Draft.model_fields, "detail-V01", "x", ""]),
        st.lists(st.text(max_size=60), max_size=3),
    )
)
def test_whatever_is_typed_gives_a_draft_or_faults_and_never_another_error(
    typed: dict[str, list[str]],
) -> None:
    try:
        draft = drafts.read(typed, KNOWN)
    except drafts.Refused as refusal:
        said = dict(refusal.faults)
    else:
        said = {"text": draft.text}
        assert "\x00" not in draft.content().decode()
    assert said

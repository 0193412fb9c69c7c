"""The county words its letters at the desk: refused, moved meanwhile, saved, back again."""

import asyncio
import re

import pytest

from gateway.i18n import LANGUAGES
from gateway.mail.described import letters
from gateway.pages.mailbox import MAIL_POLICY
from tests.database import SCHEMA
from tests.forms import Page
from tests.gateway.desk.conftest import Desk, desk
from tests.staff import Staff

__all__ = ["desk"]

HERE = "/desk/county/texts/dispatched"
INTRO = "mail.dispatched.intro-0"
SUBJECT = "mail.dispatched.subject-0"
WHY_TITLE = "mail.why_title-0"
STORED = f"SELECT key, language, form, wording FROM {SCHEMA}.message_text ORDER BY key, language"


@pytest.fixture
def fresh_database(fresh_demo_database: str) -> str:
    return fresh_demo_database


async def typing(staff: Staff, language: str = "en", **typed: str) -> dict[str, str]:
    """The form of a letter as it stands, with what is typed over it."""
    page = await staff.page(f"{HERE}?in={language}")
    values = page.form(f"?in={language}").values()
    values.pop("back", None)
    return {**values, "do": "save", **typed}


async def save(staff: Staff, values: dict[str, str], language: str = "en") -> tuple[int, Page]:
    response = await staff.post(f"{HERE}?in={language}", **values)
    return response.status, Page(await response.text())


async def stored(desk: Desk) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await desk.rows(STORED)]


async def test_a_letter_or_language_that_there_is_not_is_not_found(desk: Desk) -> None:
    staff = await desk.staff("ada", "administrator")
    for path in ("/desk/county/texts/nothing", f"{HERE}?in=fr", f"{HERE}/preview?in=fr"):
        assert (await staff.get(path)).status == 404
    assert (await staff.post("/desk/county/texts/nothing")).status == 404


async def test_a_supervisor_reads_and_cannot_change(desk: Desk) -> None:
    staff = await desk.staff("sue", "supervisor")
    page = await staff.page(f"{HERE}?in=en")
    assert "A case has been sent to" in page.text
    assert "Only administrators" in page.text
    assert not any(form.action.startswith(HERE) for form in page.forms)
    assert (await staff.post(f"{HERE}?in=en")).status == 403


async def test_what_does_not_fit_comes_back_as_it_was_typed_and_nothing_is_kept(desk: Desk) -> None:
    staff = await desk.staff("ada", "administrator")
    for typed, told in (
        ({INTRO: "Nothing about whom."}, "{office} is missing"),
        ({INTRO: "{office.__class__}"}, "{office.__class__} cannot be used"),
        ({SUBJECT: "({number})\r\nBcc: x@example.org"}, "without line breaks"),
        ({INTRO: "{office} \u202e"}, "U+202E"),
    ):
        status, page = await save(staff, await typing(staff, **typed))
        assert status == 422
        assert told in page.text
        for name, value in typed.items():
            assert page.form("?in=en").values()[name] == value.replace("\r\n", "\n")
            assert f"#{name}" in page.links
    assert await stored(desk) == []


async def test_what_is_saved_is_said_by_letters_and_written_down(desk: Desk) -> None:
    staff = await desk.staff("ada", "administrator")
    before = await desk.context.snapshots.of(next(iter(desk.context.counties)))
    values = await typing(staff, **{INTRO: "New: <b>{office}</b>", WHY_TITLE: "Why: "})
    response = await staff.post(f"{HERE}?in=en", **values)
    assert response.status == 303
    page = await staff.page(response.headers["Location"])
    assert "Saved." in page.text
    assert "New: <b>Qingshi Town Oversight Office</b>" in page.text
    # The blank behind it, which nobody sees, stands where the default has it.
    assert await stored(desk) == [
        ("mail.dispatched.intro", "en", 0, "New: <b>{office}</b>"),
        ("mail.why_title", "en", 0, "Why: "),
    ]
    county = next(iter(desk.context.counties))
    held = desk.context.snapshots.held(county)
    assert held is not None
    assert held.versions["texts"] == before.versions.get("texts", 0) + 1
    assert held.wordings.words("en")("mail.why_title") == "Why: "
    assert (
        "changed the words of a letter: A case to sign for (English)"
        in (await staff.page("/desk/county")).text
    )
    assert "English" in (await staff.page("/desk/county/texts")).text
    mail = await staff.get(f"{HERE}/preview?in=en")
    assert mail.headers["Content-Security-Policy"] == MAIL_POLICY
    assert "New: &lt;b&gt;Qingshi Town Oversight Office&lt;/b&gt;" in await mail.text()


async def test_another_process_sees_the_change(desk: Desk) -> None:
    staff = await desk.staff("ada", "administrator")
    county = next(iter(desk.context.counties))
    await desk.context.snapshots.of(county)
    async with desk.context.db.transaction(SCHEMA) as conn:
        await conn.execute(
            "INSERT INTO message_text (key, language, form, wording, changed_at, changed_by)"
            " VALUES ('mail.why_title', 'en', 0, 'Why: ', $1, $2)",
            desk.clock(), await desk.user("other"),
        )  # fmt: skip
        await conn.execute(
            "INSERT INTO data_version (kind, version, changed_at) VALUES ('texts', 7, $1)",
            desk.clock(),
        )
    await desk.context.snapshots.forget(county)
    held = await desk.context.snapshots.of(county)
    assert held.wordings.words("en")("mail.why_title") == "Why: "
    assert "Why:" in (await staff.page(f"{HERE}?in=en")).text


async def test_a_look_keeps_nothing_and_shows_the_letter(desk: Desk) -> None:
    staff = await desk.staff("ada", "administrator")
    values = await typing(
        staff, "zh-Hans", **{INTRO: "派给{office}，可能急。<script>x</script>", "do": "look"}
    )
    status, page = await save(staff, values, "zh-Hans")
    assert status == 200
    assert "派给Qingshi" not in page.text
    assert "派给青石镇监督办，可能急。<script>x</script>" in page.text
    assert "“可能”" in page.text, "a vague phrase is only a hint"
    assert f"#{INTRO}" in page.links
    mail = await staff.post(f"{HERE}/preview?in=zh-Hans", **values)
    assert "&lt;script&gt;x&lt;/script&gt;" in await mail.text()
    wrong = await staff.post(f"{HERE}/preview?in=zh-Hans", **{**values, INTRO: "{"})
    assert wrong.status == 422
    assert await stored(desk) == []


async def test_back_to_the_default_by_tick_by_emptying_and_by_typing_it(desk: Desk) -> None:
    staff = await desk.staff("ada", "administrator")
    default = (await typing(staff))[INTRO]
    for back in ({"back": INTRO}, {INTRO: ""}, {INTRO: f" {default} "}):
        assert (await save(staff, await typing(staff, **{INTRO: "New: {office}"})))[0] == 303
        assert len(await stored(desk)) == 1
        assert (await save(staff, await typing(staff, **back)))[0] == 303
        assert await stored(desk) == []


async def test_of_two_who_word_a_letter_the_second_is_told(desk: Desk) -> None:
    one, other = await desk.staff("ada", "administrator"), await desk.staff("bob", "administrator")
    mine = await typing(one, **{INTRO: "Mine: {office}"})
    theirs = await typing(other, **{INTRO: "Theirs: {office}"})
    assert (await save(one, mine))[0] == 303
    status, page = await save(other, theirs)
    assert status == 409
    assert "Somebody changed these words" in page.text
    assert "Now: Mine: {office}" in page.text
    again = page.form("?in=en").values()
    assert again[INTRO] == "Theirs: {office}"
    again.pop("back", None)
    assert (await save(other, {**again, "do": "save"}))[0] == 303
    assert [row[3] for row in await stored(desk)] == ["Theirs: {office}"]


async def test_a_double_click_saves_once(desk: Desk) -> None:
    staff = await desk.staff("ada", "administrator")
    values = await typing(staff, **{INTRO: "New: {office}"})
    both = await asyncio.gather(save(staff, values), save(staff, values))
    assert [status for status, _ in both] == [303, 303]
    lines = await desk.value("SELECT count(*) FROM shared.desk_log WHERE kind = 'county_edited'")
    assert lines == 1


async def test_unknown_fields_and_other_letters_keys_change_nothing(desk: Desk) -> None:
    staff = await desk.staff("ada", "administrator")
    values = await typing(staff, **{"mail.sealed.intro-0": "mine", "error.404.title-0": "mine"})
    assert (await save(staff, values))[0] == 303
    assert await stored(desk) == []


async def test_every_letter_has_its_page(desk: Desk) -> None:
    staff = await desk.staff("ada", "administrator")
    listed = await staff.page("/desk/county/texts")
    for number, template in enumerate(letters()):
        assert f"/desk/county/texts/{template}" in listed.links
        # Each language by turns: the page is the same in all of them.
        language = LANGUAGES[number % 3]
        page = await staff.page(f"/desk/county/texts/{template}?in={language}")
        assert not re.search(r"\{[a-z]+\}", page.text.split("Words of this letter")[0])

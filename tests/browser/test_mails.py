"""Every letter as mail programs show it, in light and dark, on a telephone and on a desk."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from playwright.async_api import Page

from gateway.i18n import LANGUAGES
from gateway.mail.compose import Envelope, compose, form
from gateway.mail.facts import Facts
from gateway.mail.letters import WRITERS
from tests.browser.matrix import combinations
from tests.browser.test_accessibility import LOOKS, SIDEWAYS, Axe

FACTS = Facts(
    number="2026-000042",
    office="县住房和城乡建设局驻政务服务中心机关效能监督办公室",
    due="2026年12月14日（星期一）",
    by="在2026年11月24日（星期二）或之前",
    url=f"https://complaints.county.example.org/answer/{'Ab3_-' * 9}",
    until="2027年1月22日（星期五）",
    county="云溪县",
    phone="0700-00001234",
)
ENVELOPE = Envelope(
    "complaints@example.org", "云溪县", "office@example.org", UUID(int=1), "t",
    datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
)  # fmt: skip


def html_of(template: str, language: str) -> str:
    data = compose(form(template, language), FACTS, ENVELOPE)
    part = message_from_bytes(data, policy=policy.default).get_body(("html",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize("language", combinations(LANGUAGES, always=(("zh-Hant",),)))
async def test_every_letter_is_read_without_a_barrier(
    browser_page: Page, axe: Axe, language: str
) -> None:
    for template in WRITERS:
        await browser_page.set_content(html_of(template, language))
        await browser_page.emulate_media(color_scheme="light")
        await axe(browser_page)
        await browser_page.emulate_media(color_scheme="dark")
        await axe(browser_page, LOOKS)


@pytest.mark.parametrize("width", [320, 360, 800])
async def test_no_letter_runs_over_the_side(browser_page: Page, width: int) -> None:
    await browser_page.set_viewport_size({"width": width, "height": 800})
    for template in WRITERS:
        await browser_page.set_content(html_of(template, "zh-Hans"))
        assert await browser_page.evaluate(SIDEWAYS) == 0, template

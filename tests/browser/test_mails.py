"""Every letter as mail programs show it, in light and dark, on a telephone and on a desk."""

import re
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


def one_of_each_shape() -> list[str]:
    """Letters that are laid out alike differ in words alone, which are no barrier."""
    shapes: dict[object, str] = {}
    for template in WRITERS:
        tags = re.findall(r"<[^>]*>", html_of(template, "zh-Hans"))
        shapes.setdefault(tuple(tags), template)
    return list(shapes.values())


@pytest.mark.parametrize(
    ("language", "whole"), combinations(LANGUAGES, (False, True), always=(("zh-Hant", False),))
)
async def test_every_letter_is_read_without_a_barrier(
    browser_page: Page, axe: Axe, *, language: str, whole: bool
) -> None:
    for template in WRITERS if whole else one_of_each_shape():
        await browser_page.set_content(html_of(template, language))
        await browser_page.emulate_media(color_scheme="light")
        await axe(browser_page)
        await browser_page.emulate_media(color_scheme="dark")
        await axe(browser_page, LOOKS)


@pytest.mark.thorough
async def test_no_letter_runs_over_the_side(browser_page: Page) -> None:
    for template in WRITERS:
        await browser_page.set_content(html_of(template, "zh-Hans"))
        for width in (320, 360, 800):
            await browser_page.set_viewport_size({"width": width, "height": 800})
            assert await browser_page.evaluate(SIDEWAYS) == 0, (template, width)

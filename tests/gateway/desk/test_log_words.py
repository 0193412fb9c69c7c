"""The log of the county's changes: kept as data, read in the reader's own language."""

from typing import Any

import pytest

from gateway.i18n import words
from gateway.pages.desk.log import say_row

ROWS: tuple[tuple[Any, str, str], ...] = (
    ("EDU-EFF", "EDU-EFF", "EDU-EFF"),
    # As lines were written before: in the words of whoever made the change.
    ("Answer a complaint", "Answer a complaint", "Answer a complaint"),
    ({"limits": ["complaint", "sign"]}, "Answer a complaint, Sign for or return",
     "答复投诉、签收或者退单"),
    ({"limits": ["gone"]}, "gone", "gone"),
    ({"letter": "gone", "language": "xx"}, "gone (xx)", "gone（xx）"),
    ({"closed": ["2026-11-24", "2026-11-25"], "note": "台风"},
     "closed Tuesday, 24 November 2026 – Wednesday, 25 November 2026 (台风)",
     "2026年11月24日（星期二） – 2026年11月25日（星期三）停止办公（台风）"),
    ({"reopened": ["2026-11-24", "2026-11-24"]}, "no longer closed Tuesday, 24 November 2026",
     "2026年11月24日（星期二）恢复办公"),
    ({"year": "2027"}, "the year 2027", "2027 年"),
)  # fmt: skip


@pytest.mark.parametrize(("row", "english", "chinese"), ROWS, ids=lambda each: str(each)[:20])
def test_what_was_edited_is_said_in_the_readers_words(row: Any, english: str, chinese: str) -> None:
    assert say_row(words("en"), row) == english
    assert say_row(words("zh-Hans"), row) == chinese

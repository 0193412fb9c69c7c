"""Forbidden phrases (服务忌语) in an answer, and empty answers. Pure.

Found in Simplified, Traditional and Cantonese, in full width, and with blanks or marks put
between the characters; positions are those of the text as it was written. Known contexts are no
alarm (可能性, 行政许可能否). What stands in quotation marks is a report of what somebody said: it
is shown, but may be confirmed. Which phrases, and why, stands in ``data/phrases.csv``.
"""

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple, cast

Severity = Literal["hard", "soft"]

SHORTEST, FEWEST_SIGNS = 6, 4
# Only the characters of the phrases: the text itself is never converted between scripts.
_SIMPLE = str.maketrans(
    "來係個們備儘內剛唸問嗎囉實審導屬彔復應搵時曉標歸決沒況準畢畫畵盡眾確箇結繫纔羣與處衆衕複"
    "覈見規記許訴証該認說説誰請講謝證識負責跡蹟轉辦迴過邊錄録錶閱閲關隨難項領頭題願饋麪麫麵麼"
    "麽喇甚槪吿著淸單於視強為",
    "来系个们备尽内刚念问吗啰实审导属录复应揾时晓标归决没况准毕画画尽众确个结系才群与处众同复"
    "核见规记许诉证该认说说谁请讲谢证识负责迹迹转办回过边录录表阅阅关随难项领头题愿馈面面面么"
    "么啦什概告着清单于视强为",
)
# Readers of a sentence stop here, so 「他说不。清楚地…」 is no 不清楚.
_STOPS = "。！？；：，、!?;:,\n.…—"
_QUOTES = (
    ("“", "”"), ("「", "」"), ("『", "』"), ("‘", "’"), ("《", "》"), ('"', '"'), ("〝", "〞"),
    ("＂", "＂"),
)  # fmt: skip
_FORMULAS = (
    "您好", "你好", "谢谢", "感谢", "收到", "已收到", "已阅", "知道了", "已处理", "处理完毕",
    "已办结", "已办理", "已解决", "已转办", "已反馈", "已回复", "情况属实", "情况已了解",
    "情况已知悉", "按规定办理", "按有关规定处理", "正在处理", "正在办理", "研究处理", "您的来信",
    "您的投诉", "您的反映", "来信", "反映的问题", "感谢您的来信", "感谢您的理解与支持", "再见",
    "祝您生活愉快", "高度重视", "认真研究", "认真处理", "按有关规定", "按照有关规定", "依法依规",
    "加强教育", "加强管理", "引以为戒", "本单位", "我单位", "我局",
    "noted", "done", "received", "thankyou", "thanks", "ok",
)  # fmt: skip


_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_STROKES = (*_ROWS, *(row[::-1] for row in _ROWS))


class Phrase(NamedTuple):
    """One line of the list; ``unless`` are contexts in which it is no alarm."""

    text: str
    severity: Severity
    category: str
    reason: str
    suggestion: str
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found at ``start`` to ``end`` of the text as written.

    ``reason_key`` and ``suggestion_key`` are message keys. A hard one has to be reworded, a soft
    one may be confirmed. ``category`` is the clause that the phrase breaches.
    """

    phrase: str
    start: int
    end: int
    severity: Severity
    reason_key: str
    suggestion_key: str
    category: str


class _Folded(NamedTuple):
    """Plain characters, where each came from, and what stood before it: 0 nothing, 1 blanks or
    marks, 2 the end of a clause."""

    text: str
    places: list[int]
    gaps: list[int]


@lru_cache(maxsize=1)
def phrases() -> tuple[Phrase, ...]:
    """The list, longest phrase first, so that a part of a longer phrase is not found again."""
    text = files("complaints").joinpath("data/phrases.csv").read_text("utf-8")
    rows = [_read(row) for row in csv.DictReader(text.splitlines())]
    return tuple(sorted(rows, key=lambda phrase: -len(phrase.text)))


def check(text: str, *, reports: bool = True) -> tuple[Hit, ...]:
    """Find forbidden phrases, in the order of the text; never two at one place.

    ``reports``: the text may report what somebody else said, and a phrase in quotation marks can
    be confirmed. Without it an answer would pass by putting itself in quotation marks.
    """
    folded = _fold(text)
    quoted = _quoted(text) if reports else []
    taken: set[int] = set()
    hits: list[Hit] = []
    for phrase in phrases():
        for place in _places(phrase, folded):
            span = range(place, place + len(phrase.text))
            if taken.isdisjoint(span):
                taken.update(span)
                hits.append(_hit(phrase, folded, place, quoted))
    return tuple(sorted(hits, key=lambda hit: hit.start))


def is_vague(text: str) -> bool:
    """Whether a reply says nothing: empty, too short, one sign repeated, no letter at all, a row of
    the keyboard, or formulas with nothing definite beside them."""
    plain = _fold(text).text
    pieces = [_fold(piece).text for piece in text.split()]
    if not any(sign.isalpha() for sign in plain) or all(map(_is_stroke, pieces)):
        return True
    for formula in sorted(_FORMULAS, key=len, reverse=True):
        plain = plain.replace(formula, "")
    return len(plain) < SHORTEST or len(set(plain)) < FEWEST_SIGNS


def _is_stroke(piece: str) -> bool:
    """Whether keys were struck that lie side by side."""
    return any(piece in row for row in _STROKES)


def hint_categories(text: str) -> tuple[str, ...]:
    """Category codes (L05-L08) that the words in a complaint point to, each once."""
    return tuple(sorted({hit.category for hit in check(text)}))


def _read(row: dict[str, str]) -> Phrase:
    unless = tuple(part for part in row["unless"].split("|") if part)
    severity = cast(Severity, row["severity"])
    names = row["category"], row["reason"], row["suggestion"]
    return Phrase(row["phrase"], severity, *names, unless)


def _fold(text: str) -> _Folded:
    plain: list[str] = []
    places: list[int] = []
    gaps: list[int] = []
    gap = 0
    for place, written in enumerate(text):
        signs, parts = _signs(written)
        gap = max(gap, parts)
        for sign in signs:
            plain.append(sign)
            places.append(place)
            gaps.append(gap)
            gap = 0
    return _Folded("".join(plain), places, gaps)


@lru_cache(maxsize=16_384)
def _signs(written: str) -> tuple[str, int]:
    """The plain characters in one that was written, and how far it parts what stands around."""
    if written in _STOPS:
        return "", 2
    folded = unicodedata.normalize("NFKC", written).lower().translate(_SIMPLE)
    signs = "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "ZCPSM")
    return signs, 0 if signs else 1


def _places(phrase: Phrase, folded: _Folded) -> Iterator[int]:
    place = folded.text.find(phrase.text)
    while place >= 0:
        if _joined(phrase, folded, place) and not _excused(phrase, folded, place):
            yield place
        place = folded.text.find(phrase.text, place + 1)


def _joined(phrase: Phrase, folded: _Folded, place: int) -> bool:
    """Whether the characters belong together.

    Marks that end a clause part them, unless every single one is parted: 不。知。道 is a trick,
    「说不。知道」 is not. Two characters alone are too few to tell (许可，能).
    """
    inside = folded.gaps[place + 1 : place + len(phrase.text)]
    return 2 not in inside or (len(inside) > 1 and all(inside))


def _excused(phrase: Phrase, folded: _Folded, place: int) -> bool:
    for context in phrase.unless:
        at = place - context.index(phrase.text)
        if at >= 0 and folded.text.startswith(context, at):
            inside = folded.gaps[at + 1 : at + len(context)]
            if not any(inside):
                return True
    return False


def _quoted(text: str) -> list[range]:
    """Closed quotations that lie within one line."""
    found: list[range] = []
    for opens, closes in _QUOTES:
        start = text.find(opens)
        while start >= 0:
            end = text.find(closes, start + 1)
            if end < 0:
                break
            if "\n" not in text[start:end]:
                found.append(range(start, end))
            start = text.find(opens, end + 1)
    return found


def _hit(phrase: Phrase, folded: _Folded, place: int, quoted: list[range]) -> Hit:
    start = folded.places[place]
    end = folded.places[place + len(phrase.text) - 1] + 1
    inside = any(start in quote and end - 1 in quote for quote in quoted)
    return Hit(
        phrase=phrase.text,
        start=start,
        end=end,
        severity="soft" if inside else phrase.severity,
        reason_key=f"phrases.reason.{'quoted' if inside else phrase.reason}",
        suggestion_key=f"phrases.suggestion.{'quoted' if inside else phrase.suggestion}",
        category=phrase.category,
    )

"""Takes names and numbers of people out of what the county publishes. Pure.

Masks are `某某` for names and `×××` for numbers; masking twice changes nothing. What is kept on
purpose: days written with dashes (2026-11-25), and numbers of fewer than seven digits that are
nobody's badge. A name that is written wrong is not found: somebody reads before it goes out.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from board.names import fold
from board.numbers import number_key

NAME = "某某"
NUMBER = "×××"
# Fewer digits than the shortest telephone number with its area are no way to find a person.
LEAST_DIGITS = 7

_MASKS = re.compile(f"({NAME}|{NUMBER}|某)")
# Chinese digits as people spell out a telephone number, also the ones for cheques and 幺 for 1.
_SPELLED = str.maketrans(
    "零〇○一壹幺二贰貳两三叁參四肆五伍六陆陸七柒八捌九玖", "00011122223334455666778899"
)
# Between digits: blanks, dashes, dots, brackets, slashes, and what nobody sees.
_BETWEEN = r"[\s\-‐-―−_.·•・*()/\\~,，、。\u200b-\u200f\u2060-\u2064\ufeff\u00ad]{0,3}"
_DAY = re.compile(
    r"(?:19|20)\d\d([-/.])(?:1[0-2]|0?[1-9])\1(?:[12]\d|3[01]|0?[1-9])(?!\d)", re.ASCII
)
_TIME = re.compile(r"\s\d{1,2}\s?[:时点](?:\s?[0-5]?\d)?(?!\s?\d)", re.ASCII)
_DIGITS = re.compile(
    rf"(?:\((?=[+\d]+\)))?[+]?\d(?:{_BETWEEN}\d){{{LEAST_DIGITS - 1},}}(?:{_BETWEEN}x(?![a-z]))?",
    re.ASCII,
)
_BADGE = re.compile(
    rf"(?<![a-z0-9])(?:[a-z]{{1,4}}{_BETWEEN})?\d(?:{_BETWEEN}\d)*(?![a-z0-9])", re.ASCII
)
_BADGE_LIKE = re.compile(r"[A-Z]{1,4}\d{3,}", re.ASCII)
_MAIL = re.compile(r"[a-z0-9._%+-]+\s?@\s?[a-z0-9-]+(?:\s?[.。]\s?[a-z0-9-]+)+", re.ASCII)
_ACCOUNT = re.compile(
    r"(?:微信号?|微讯|wechat|weixin|vx|qq号?|line|whatsapp|telegram)"
    r"\s*(?:号|id|:|：|是|为|=)*\s*([a-z0-9][a-z0-9_-]{3,})",
    re.ASCII | re.IGNORECASE,
)
_SURNAMES = (
    "陈李黄张梁林刘吴王罗周何郑叶谢曾朱徐邓冯彭杨潘苏钟卢谭胡赵江余蔡许麦邱赖郭廖欧关邝霍范"
    "龙马孙高宋唐韩曹袁萧程沈吕蒋董丁魏薛阎杜戴夏田任姜方石姚熊金陆郝孔白崔康毛史顾侯邵孟万段"
    "雷钱汤尹黎易常武乔贺龚文莫区冼覃招阮温甘简游严伍岑卓庄甄容植"
)
_TITLES = (
    "先生|女士|小姐|太太|师傅|同志|主任|副主任|科长|副科长|股长|副股长|局长|副局长|所长|副所长|"
    "站长|处长|镇长|副镇长|县长|书记(?!录)|副书记|主席|队长|组长|经理|老师|医生|警官|法官|律师|某某"
)
_TITLED = re.compile(rf"([{_SURNAMES}])(?={_TITLES})")
_NICK = re.compile(
    rf"(?<![大多少变从最太很])([小老阿])([{_SURNAMES}])(?=[，。、；：！？\s说办叫让不没态在收]|$)"
)


@dataclass(frozen=True, slots=True)
class People:
    """Who is never named: `names` as they are written, in any script; `numbers` are badges,
    placards and telephone numbers, mail addresses among `texts` are taken out as they stand."""

    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, names: Iterable[str], numbers: Iterable[str] = (), texts: Iterable[str] = ()
    ) -> "People":
        """As they are compared."""
        return cls(
            frozenset(n for name in names if len(n := _letters(name)) > 1),
            frozenset(key for each in numbers if (key := number_key(each))),
            frozenset(t for text in texts if len(t := fold(text).replace(" ", "")) > 2),
        )

    def __or__(self, other: "People") -> "People":
        return People(
            self.names | other.names, self.numbers | other.numbers, self.texts | other.texts
        )

    def and_words(self, words: Iterable[str]) -> "People":
        """The same, and words that somebody wants taken out as if they were names."""
        return self | People.of(words)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text as it stands; `by` is what it is masked by, "" where it stays."""

    text: str
    by: str = ""


def mask(text: str, people: People = People()) -> str:
    """The text without names, badges, telephone and identity numbers, and addresses."""
    return "".join(each.by or each.text for each in pieces(text, people))


def masks_in(text: str) -> tuple[Piece, ...]:
    """A masked text with its masks told apart, so that they can be marked."""
    found = [Piece(each, each if n % 2 else "") for n, each in enumerate(_MASKS.split(text))]
    return tuple(each for each in found if each.text)


def pieces(text: str, people: People = People()) -> tuple[Piece, ...]:
    """The whole text in its order, with what `mask` takes out of it told apart."""
    found = _Masked(text)
    plain = found.plain
    found.cover(_MAIL.finditer(plain), NUMBER)
    found.cover_group(_ACCOUNT.finditer(plain), NUMBER)
    found.cover(_DIGITS.finditer(_without_days(found.digits)), NUMBER)
    for each in _BADGE.finditer(plain):
        key = number_key(each.group())
        if key in people.numbers or _BADGE_LIKE.fullmatch(each.group().upper().replace(" ", "")):
            found.put(*each.span(), NUMBER)
    found.cover_texts(people.texts, NUMBER)
    found.cover_texts(people.names, NAME)
    found.cover_group(_TITLED.finditer(plain), "某")
    found.cover_group(_NICK.finditer(plain), "某", 2)
    return found.pieces()


class _Masked:
    """A text, the forms of it that are searched (each as long as the text), and what is covered."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = "".join(map(_plain, text))
        self.digits = self.plain.translate(_SPELLED)
        self._covers: list[tuple[int, int, str]] = []

    def put(self, start: int, end: int, by: str) -> None:
        self._covers.append((start, end, by))

    def cover(self, matches: Iterable[re.Match[str]], by: str) -> None:
        for each in matches:
            self.put(*each.span(), by)

    def cover_group(self, matches: Iterable[re.Match[str]], by: str, group: int = 1) -> None:
        for each in matches:
            self.put(*each.span(group), by)

    def cover_texts(self, texts: Iterable[str], by: str) -> None:
        """Whatever stands between the letters of a text, it is found."""
        letters = [(i, char) for i, char in enumerate(self.plain) if _is_letter(char)]
        run = "".join(char for _, char in letters)
        for each in texts:
            start = run.find(each)
            while start >= 0:
                last = start + len(each) - 1
                if _whole(self.plain, letters[start][0], letters[last][0]):
                    self.put(letters[start][0], letters[last][0] + 1, by)
                start = run.find(each, start + 1)

    def pieces(self) -> tuple[Piece, ...]:
        found, at = [], 0
        for start, end, by in _merged(self._covers):
            found += [Piece(self.text[at:start]), Piece(self.text[start:end], by)]
            at = end
        return tuple(each for each in [*found, Piece(self.text[at:])] if each.text)


def _merged(covers: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """In order; those that overlap as one, which the longest names."""
    found: list[tuple[int, int, str]] = []
    for start, end, by in sorted(covers, key=lambda each: (each[0], -each[1])):
        if found and start < found[-1][1]:
            before = found[-1]
            found[-1] = (before[0], max(before[1], end), before[2])
        else:
            found.append((start, end, by))
    return found


def _plain(char: str) -> str:
    """One character as it is compared: half width, lower case, Simplified, any digit as 0 to 9."""
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(char) == "Zs":
        return " "
    folded = fold(char)
    return folded if len(folded) == 1 else char


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LN" or char in "@"


def _letters(text: str) -> str:
    return "".join(char for char in map(_plain, text) if _is_letter(char))


def _whole(plain: str, first: int, last: int) -> bool:
    """Whether what was found is no part of a longer Latin word; a run of Chinese has no words."""
    if not plain[first].isascii():
        return True
    before, after = plain[first - 1 : first], plain[last + 1 : last + 2]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())


def _without_days(text: str) -> str:
    """The text with days blotted out. One with a further digit beside it that is no time's stays:
    it is a number that looks like a day."""
    return _DAY.sub(lambda day: "d" * len(day.group()) if _alone(text, day) else day.group(), text)


def _alone(text: str, match: re.Match[str]) -> bool:
    before, after = text[max(0, match.start() - 2) : match.start()], text[match.end() :]
    if any(char.isdigit() for char in before):
        return False
    return bool(_TIME.match(after)) or not any(char.isdigit() for char in after[:2])

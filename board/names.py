"""How names are found: Traditional as Simplified, pinyin in every reading, initials, near misses.

Folding is for search only. Stored names and places are never converted between scripts.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, product

import opencc

# Readings as surnames, which no general dictionary puts first; two-character ones stand whole.
SURNAMES: dict[str, tuple[str, ...]] = {
    "单": ("shan",), "仇": ("qiu",), "曾": ("zeng",), "区": ("ou",), "解": ("xie",),
    "任": ("ren",), "查": ("zha",), "朴": ("piao",), "盖": ("ge", "gai"), "华": ("hua",),
    "缪": ("miao",), "翟": ("zhai",), "乐": ("yue", "le"), "员": ("yun",), "冼": ("xian",),
    "覃": ("qin", "tan"), "尹": ("yin",), "繁": ("po",), "晁": ("chao",), "折": ("she",),
    "黑": ("he",), "秘": ("bi",), "种": ("chong",), "重": ("chong",), "祭": ("zhai",),
    "逄": ("pang",), "不": ("fou",), "召": ("shao",), "佴": ("nai",), "仉": ("zhang",),
    "燕": ("yan",), "应": ("ying",), "宁": ("ning",), "葛": ("ge",), "纪": ("ji",),
    "洗": ("xian",), "那": ("na",), "长": ("zhang",), "隗": ("wei", "kui"), "教": ("jiao",),
    "尉迟": ("yu chi",), "万俟": ("mo qi",), "长孙": ("zhang sun",), "澹台": ("tan tai",),
    "令狐": ("ling hu",), "欧阳": ("ou yang",), "司徒": ("si tu",), "上官": ("shang guan",),
    "诸葛": ("zhu ge",), "单于": ("chan yu",), "宇文": ("yu wen",), "皇甫": ("huang fu",),
    "鲜于": ("xian yu",), "夏侯": ("xia hou",), "司马": ("si ma",), "慕容": ("mu rong",),
    "公孙": ("gong sun",), "轩辕": ("xuan yuan",), "东方": ("dong fang",), "呼延": ("hu yan",),
}  # fmt: skip

# More readings than this per name add nothing that anybody types.
_MAX_READINGS = 32


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _is_han(char: str) -> bool:
    # Letters of all other scripts, and what is no character at all, stay as they are.
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or char >= "\U00020000"


@lru_cache(maxsize=30_000)
def _simplified(char: str) -> str:
    # One character at a time, so that a part folds like the whole; a phrase table would not.
    return str(_converter().convert(char)) if _is_han(char) else char


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, lower case, Simplified, single spaces."""
    normal = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(map(_simplified, normal)).split())


def is_chinese(text: str) -> bool:
    """Whether any character is a Chinese one, and so not pinyin or a number."""
    return any(map(_is_han, text))


@lru_cache(maxsize=30_000)
def _char_readings(char: str) -> tuple[str, ...]:
    found = _pinyin(char, heteronym=True)[0]
    return tuple(dict.fromkeys(spelling for r in found for spelling in _spellings(r)))


def _pinyin(text: str, *, heteronym: bool = False) -> list[list[str]]:
    """Readings of each character, without tones, ü as v."""
    # Its dictionary takes a third of a second to import: not before somebody searches.
    from pypinyin import Style, pinyin

    read: list[list[str]] = pinyin(
        text, style=Style.NORMAL, heteronym=heteronym, v_to_u=False, errors="default"
    )
    return read


def _spellings(syllable: str) -> Iterator[str]:
    """吕 is typed lv, lu and, as passports have it, lyu."""
    yield syllable
    if "v" in syllable:
        yield syllable.replace("v", "u")
        yield syllable.replace("v", "yu")


def surname_length(folded: str) -> int:
    """How many characters of a folded Chinese name are the surname: 2 for 欧阳, else 1."""
    return 2 if len(folded) > 2 and folded[:2] in SURNAMES else 1


def syllables(name: str, own: str = "") -> tuple[str, ...]:
    """The likeliest reading of a name, surname first: ("shan", "guo", "qiang").

    `own` is the person's own reading, its syllables parted by spaces, and wins.
    """
    if own.strip():
        return tuple(fold(own).split())
    if not is_chinese(name):
        return tuple(fold(name).split())
    folded = fold(name).replace(" ", "")
    cut = surname_length(folded)
    surname = SURNAMES.get(folded[:cut], (" ".join(_first_readings(folded[:cut])),))[0]
    return (*surname.split(), *_first_readings(folded[cut:]))


def _first_readings(text: str) -> list[str]:
    return [reading[0] for reading in _pinyin(text)] if text else []


def romanised(name: str, own: str = "") -> str:
    """The name for readers of English, "Shan Guoqiang"; `own` as in `syllables`."""
    if not is_chinese(name):
        return name
    parts = [part.replace("v", "ü") for part in syllables(name, own)]
    cut = surname_length(fold(name).replace(" ", ""))
    return " ".join(p.capitalize() for p in ("".join(parts[:cut]), "".join(parts[cut:])) if p)


# Asked three times a name for each index of staff, and again whenever anything in it changes.
@lru_cache(maxsize=20_000)
def readings(name: str, own: str = "") -> tuple[tuple[str, ...], ...]:
    """Every way to read a name, the likeliest first, at most 32, as tuples of syllables."""
    ways = [syllables(name, own), syllables(name)]
    if is_chinese(name):
        folded = fold(name).replace(" ", "")
        choices = [_char_readings(char) for char in folded]
        cut = surname_length(folded)
        for surname in SURNAMES.get(folded[:cut], ()):
            given = islice(product(*choices[cut:]), 8)
            ways += [(*surname.split(), *rest) for rest in given]
        ways += islice(product(*choices), _MAX_READINGS)
    return tuple(way for way in dict.fromkeys(ways) if way)[:_MAX_READINGS]


def spelled(name: str, own: str = "") -> frozenset[str]:
    """Each reading of a name run together: "shanguoqiang", "danguoqiang"."""
    return frozenset("".join(way) for way in readings(name, own))


def pinyin_keys(name: str, own: str = "") -> frozenset[str]:
    """What may be typed in letters for a name: each reading run together, and its initials.

    `zh` `ch` `sh` also stand as two letters in initials: 张 is z and zh.
    """
    keys = set(spelled(name, own))
    for way in readings(name, own):
        keys.add("".join(syllable[0] for syllable in way))
        keys.add("".join(_initial(syllable) for syllable in way))
    return frozenset(keys)


def _initial(syllable: str) -> str:
    return syllable[:2] if syllable[:2] in ("zh", "ch", "sh") else syllable[0]

"""Whether a wording can stand in a letter in place of the default one. Pure.

A wording is filled in by `str.format_map`, which would read attributes and items of what it is
given: so only the bare names of the default's own particulars are let through, each of them at
least once, since a letter without its number or day is of no use.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import opencc

LONGEST = 600
# What stands in a subject, on a button or before a particular.
LONGEST_SHORT = 120
_SHORT = (".subject", ".heading")
_SHORT_PARTS = ("mail.fact.", "mail.action.", "mail.why_title", "mail.what_to_do", "mail.by")
_GAP = re.compile(r"\{([a-z_]+)\}")
_ODD_GAP = re.compile(r"\{[^{}]*[.\[!:][^{}]*\}")
# Letters and marks that nobody sees, which Unicode does not count among the unseen.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# (table to the script, a character set that knows hardly any other).
_SCRIPTS = {"zh-Hans": ("t2s", "gb2312"), "zh-Hant": ("s2t", "big5")}


@dataclass(frozen=True, slots=True)
class Fault:
    """`key`: what is wrong; `value`: which part of the wording, or how long it may be."""

    key: str
    value: str = ""


FAULTS = ("empty", "line", "unseen", "long", "odd", "unknown", "braces", "missing", "script")


def gaps(wording: str) -> list[str]:
    """The names of its particulars, each once, in order."""
    return list(dict.fromkeys(_GAP.findall(wording)))


def longest(key: str) -> int:
    """How many characters the wording of a key may have."""
    short = key.endswith(_SHORT) or key.startswith(_SHORT_PARTS)
    return LONGEST_SHORT if short and key != "mail.action.plain" else LONGEST


def fitted(default: str, text: str) -> str:
    """What was typed, with the blank at the default's edge: it stands between two words of the
    letter, and is nothing that people would type or see."""
    inner, text = default.strip(), text.strip()
    return default.replace(inner, text) if inner != default else text


def find_fault(key: str, language: str, default: str, wording: str) -> Fault | None:
    """The first fault of `wording`, in the language; None where it may stand."""
    if not wording.strip():
        return Fault("empty")
    if any(sign in wording for sign in "\r\n\x0b\x0c\x85\u2028\u2029"):
        return Fault("line")
    unseen = [sign for sign in wording if unicodedata.category(sign)[0] == "C" or sign in _BLANK]
    if unseen:
        return Fault("unseen", f"U+{ord(unseen[0]):04X}")
    if len(wording) > longest(key):
        return Fault("long", str(longest(key)))
    return _gap_fault(default, wording) or _script_fault(language, wording)


def _gap_fault(default: str, wording: str) -> Fault | None:
    odd = _ODD_GAP.search(wording)
    if odd:
        return Fault("odd", odd[0])
    allowed, used = gaps(default), gaps(wording)
    unknown = [name for name in used if name not in allowed]
    if unknown:
        return Fault("unknown", f"{{{unknown[0]}}}")
    if set("{}") & set(_GAP.sub("", wording)):
        return Fault("braces")
    missing = [name for name in allowed if name not in used]
    return Fault("missing", f"{{{missing[0]}}}") if missing else None


def _script_fault(language: str, wording: str) -> Fault | None:
    """Characters of the other script: those that the table turns into others, and that the
    script's own character set lacks, so that 里, 后 or 台 are never taken for a slip."""
    table, charset = _SCRIPTS.get(language, ("", ""))
    if not table:
        return None
    for sign in wording:
        if sign > "\u2e7f" and _turned(table, sign) != sign and not _knows(charset, sign):
            return Fault("script", sign)
    return None


@cache
def _converter(table: str) -> opencc.OpenCC:
    return opencc.OpenCC(table)


def _turned(table: str, sign: str) -> str:
    return str(_converter(table).convert(sign))


def _knows(charset: str, sign: str) -> bool:
    try:
        sign.encode(charset)
    except UnicodeEncodeError:
        return False
    return True

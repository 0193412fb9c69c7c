"""Tracking codes: 15 random digits and a check digit, written in groups of four.

The check digit is Damm's (H. M. Damm, 2004): it finds every single wrong digit and every swap of
two neighbours, the mistakes that people make when they copy or read aloud.
"""

import re
import unicodedata
from typing import Literal

DIGITS = 16
GROUP = 4

# A totally anti-symmetric quasigroup of order 10 with zeros on its diagonal.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)

# As read out or written down: numerals, financial numerals, and 幺 for one on the telephone.
_SPOKEN = str.maketrans(
    "〇零○一壹幺二贰貳两兩三叁參四肆五伍六陆陸七柒八捌九玖",
    "000111222223334455666778899",
)
_LETTERS = str.maketrans("OoIl|", "00111")
_SEPARATORS = re.compile(r"[\s\-–—_.,，。、·•:：/]+")

Misread = Literal["empty", "length", "digits", "check"]


class CodeMisread(ValueError):
    """A typed code that cannot be one; `reason` says what is wrong with it."""

    def __init__(self, reason: Misread) -> None:
        super().__init__(reason)
        self.reason: Misread = reason


def check_digit(digits: str) -> str:
    """The digit that makes `digits` followed by it a whole code."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


def from_entropy(entropy: bytes) -> str:
    """A code from at least 16 unpredictable bytes; the same bytes give the same code."""
    if len(entropy) < 16:
        raise ValueError("a tracking code needs 16 unpredictable bytes")
    # 128 bits over 10**15: the remainder's bias is below 10**-23.
    digits = f"{int.from_bytes(entropy) % 10 ** (DIGITS - 1):0{DIGITS - 1}d}"
    return digits + check_digit(digits)


def read(typed: str) -> str:
    """The 16 digits of a code as somebody typed it; raises `CodeMisread`.

    Blanks, hyphens, full-width and Chinese digits and letters taken for digits are folded.
    """
    folded = unicodedata.normalize("NFKC", typed.translate(_SPOKEN)).translate(_LETTERS)
    visible = "".join(c for c in folded if unicodedata.category(c) not in ("Cf", "Cc", "Cs"))
    code = _SEPARATORS.sub("", visible)
    if not code:
        raise CodeMisread("empty")
    if not (code.isascii() and code.isdigit()):
        raise CodeMisread("digits")
    if len(code) != DIGITS:
        raise CodeMisread("length")
    if check_digit(code) != "0":
        raise CodeMisread("check")
    return code


def groups(code: str) -> tuple[str, ...]:
    """The code in groups that are easy to read aloud."""
    return tuple(code[at : at + GROUP] for at in range(0, len(code), GROUP))

"""Numbers that people read off a badge, placard or receipt, and type in their own way."""

import unicodedata

# What looks the same on a small card is the same number.
_LOOKALIKES = str.maketrans("OIL", "011")
# Separators, punctuation, symbols, loose marks and everything invisible: a number keeps letters
# and digits.
_DROPPED_CATEGORIES = frozenset("ZPSMC")


def number_key(text: str) -> str:
    """The one form of a number under any retyping; "" when nothing of a number is left.

    NFKC (full-width digits), upper case, no spaces, hyphens, dots or zero-width characters,
    O as 0, I and L as 1. Folding twice changes nothing.
    """
    folded = _fold(text)
    # Dropping a mark can let its neighbours compose; folding ends where nothing changes.
    while (again := _fold(folded)) != folded:
        folded = again
    return folded


def _fold(text: str) -> str:
    upper = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    kept = (c for c in upper if unicodedata.category(c)[0] not in _DROPPED_CATEGORIES)
    return "".join(kept).translate(_LOOKALIKES)

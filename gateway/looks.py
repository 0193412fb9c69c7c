"""How a visitor reads: language and size of type, from what the browser sends."""

from functools import lru_cache
from typing import NamedTuple

from gateway.i18n import choose_language

LANG = "lang"
ELDER = "elder"
LONGEST_KEPT = 600


class Look(NamedTuple):
    """`elder`: larger type and more room."""

    language: str
    elder: bool


def cookie_prefix(base_url: str) -> str:
    """What cookie names begin with.

    A browser takes a cookie of the prefix `__Host-` from this very host alone, over TLS alone.
    """
    return "__Host-" if base_url.startswith("https://") else ""


def look_of(cookies: str, accepted: str, prefix: str) -> Look:
    """The look kept in a `Cookie` header, else what `Accept-Language` asks for."""
    # What is remembered is bounded in bytes too: a visitor may send 8 KB of each, always new.
    known = len(cookies) + len(accepted) <= LONGEST_KEPT
    return (_look_of if known else _look_of.__wrapped__)(cookies, accepted, prefix)


@lru_cache(maxsize=4096)
def _look_of(cookies: str, accepted: str, prefix: str) -> Look:
    language = choose_language(None, _cookie(cookies, prefix + LANG), accepted)
    return Look(language, _cookie(cookies, prefix + ELDER) == "1")


def _cookie(header: str, name: str) -> str | None:
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return None

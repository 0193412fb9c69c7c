"""Passwords: what is good enough, and argon2id at a pace that leaves room for other work."""

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Literal, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.desk.common_passwords import ROWS, WORDS

T = TypeVar("T")
Fault = Literal["short", "long", "login", "common", "same"]

SHORTEST = 12
LONGEST = 200
FEWEST_DIFFERENT = 5
# A hash takes 64 MiB and a tenth of a second; whoever would wait for more than these is told.
AT_ONCE = 2
MOST_WAITING = 24
# No letters that look alike; 16 of 31 are 79 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_HASHER = PasswordHasher()  # RFC 9106, second choice: argon2id, 64 MiB, three passes
_LEET = str.maketrans("0134578@$!", "oleastbasi")


class Overloaded(Exception):
    """Too many passwords wait to be looked at; the caller answers 503."""


class _Threads:
    """Two threads of a process, and how many wait for them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "password")
        self._waiting = 0

    async def run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Overloaded
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


_threads = _Threads()


def normal(text: str) -> str:
    """As compared: the same keys on another keyboard or telephone give the same text (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def login_key(login: str) -> str:
    """A login as compared: NFKC, case folded, no blanks around it."""
    return normal(normal(login).casefold()).strip()


def find_fault(password: str, login: str) -> Fault | None:
    """Why a password is not good enough, None when it is."""
    plain = normal(password)
    if len(plain) < SHORTEST:
        return "short"
    if len(plain) > LONGEST:
        return "long"
    folded, key = plain.casefold(), login_key(login)
    if folded == key or (len(key) >= 4 and key in folded) or folded in key:
        return "login"
    return "common" if _is_common(folded) else None


def _is_common(folded: str) -> bool:
    """Figures alone, a piece over and over, a run of neighbours, or a common word and some more."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    if not core or len(set(folded)) < FEWEST_DIFFERENT or _repeats(folded):
        return True
    if any(folded in each or folded in each[::-1] for each in (row * 3 for row in ROWS)):
        return True
    letters = {re.sub(r"[\W\d_]+", "", each) for each in (core, core.translate(_LEET))}
    return any(word in WORDS or _twice(word) in WORDS for word in letters)


def _repeats(text: str) -> bool:
    """Whether a piece of up to eight makes up the whole."""
    return any(text[each:] == text[:-each] for each in range(1, 9))


def _twice(word: str) -> str:
    half = len(word) // 2
    return word[:half] if word[:half] == word[half:] else word


def generate() -> str:
    """A password to be read from a sheet or screen once: four groups of four."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def hash_now(password: str) -> str:
    """The hash to keep, made here and now; for commands that nobody shares a loop with."""
    return _HASHER.hash(normal(password))


async def hash_password(password: str) -> str:
    """The hash to keep. Raises `Overloaded`."""
    return await _threads.run(lambda: hash_now(password))


async def verify(kept: str | None, password: str) -> bool:
    """Whether `password` made the hash `kept`; None (nobody) takes as long. Raises `Overloaded`."""
    return await _threads.run(lambda: _verify(kept, password))


def _verify(kept: str | None, password: str) -> bool:
    try:
        # Cut as it was measured: a character may be typed as several.
        right = _HASHER.verify(kept or _nobodys(), normal(password)[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


@cache
def _nobodys() -> str:
    """A hash that no password opens."""
    return _HASHER.hash(secrets.token_urlsafe(32))


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than are used now."""
    return _HASHER.check_needs_rehash(kept)

"""What is good enough as a password, and that a wrong one tells nothing."""

import time
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from gateway.desk import passwords
from gateway.desk.passwords import find_fault, generate, hash_now, is_outdated, login_key, verify

# As it is before any test makes hashing cheap.
REAL = passwords._HASHER


@pytest.fixture(autouse=True)
def _in_earnest(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With the product's own parameters, which other tests spare themselves."""
    monkeypatch.setattr(passwords, "_HASHER", REAL)
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


def test_the_products_own_parameters_are_those_of_rfc_9106():
    assert (REAL.memory_cost, REAL.time_cost, REAL.parallelism) == (65_536, 3, 4)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", "short"),
        ("elevenchars", "short"),
        ("ｅｌｅｖｅｎ", "short"),
        ("x" * 201, "long"),
        ("chan.siuming", "login"),
        ("CHAN.SIUMING", "login"),
        ("ｃｈａｎ.ｓｉｕｍｉｎｇ", "login"),
        ("my chan.siuming 88", "login"),
        ("password1234", "common"),
        ("Passw0rd!2026", "common"),
        ("passwordpassword", "common"),
        ("administrator1", "common"),
        ("woaizhongguo888", "common"),
        ("123456789012", "common"),
        ("098765432109", "common"),
        ("abcdefghijklm", "common"),
        ("qwertyuiopasd", "common"),
        ("1qaz2wsx3edc", "common"),
        ("aaaaaaaaaaaaa", "common"),
        ("ababababababa", "common"),
        ("abc123abc123abc1", "common"),
        ("2026-11-23 10:30", "common"),
        ("correct horse battery", None),
        ("梅花 雨伞 算盘 四点钟 走路", None),
        ("tr8-xkq2-9fmb-w3zh", None),
    ],
)
def test_a_password_is_long_and_neither_the_login_nor_what_many_use(password, fault):
    assert find_fault(password, "Chan.SiuMing") == fault


@given(st.text(max_size=220), st.text(min_size=1, max_size=40))
def test_any_text_is_either_refused_or_long_enough(password: str, login: str):
    fault = find_fault(password, login)
    assert fault or 12 <= len(passwords.normal(password)) <= 200


async def test_a_long_password_whose_letters_are_typed_in_parts_is_the_same():
    typed = " ".join(f"e\u0302\u0301{n} ng\u01b0\u0303" for n in range(10, 34))
    assert len(typed) > 200 >= len(passwords.normal(typed))
    assert find_fault(typed, "wong") is None
    assert await passwords.verify(passwords.hash_now(typed), typed)
    assert not await passwords.verify(passwords.hash_now(typed), typed + "x")


def test_a_made_password_is_always_good_enough():
    made = {generate() for _ in range(200)}
    assert len(made) == 200
    assert {find_fault(each, "supervisor") for each in made} == {None}


@pytest.mark.parametrize("login", ["Chan", "CHAN", "ｃｈａｎ", " chan ", "chan\u3000"])
def test_what_looks_like_the_same_login_is_the_same_login(login):
    assert login_key(login) == "chan"


async def test_a_wrong_password_nobody_and_a_spoiled_hash_are_all_no():
    kept = hash_now("correct horse battery")
    assert not await verify(kept, "correct horse batterx")
    assert not await verify(None, "correct horse battery")
    assert not await verify("", "")
    assert not await verify("not a hash", "correct horse battery")
    assert await verify(kept, "correct horse battery")
    assert await verify(kept, "ｃorrect horse battery")


async def test_nobody_takes_as_long_as_a_wrong_password():
    kept = hash_now("correct horse battery")
    await verify(None, "warm up")

    async def cost(hashed: str | None) -> float:
        found = []
        for _ in range(3):
            started = time.process_time()
            await verify(hashed, "wrong")
            found.append(time.process_time() - started)
        return min(found)

    one, other = await cost(kept), await cost(None)
    assert one / 3 < other < one * 3
    assert other > 0.01


async def test_who_comes_when_too_many_wait_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(passwords, "MOST_WAITING", 0)
    with pytest.raises(passwords.Overloaded):
        await verify(None, "anything")


def test_a_hash_of_weaker_parameters_is_noticed():
    weaker = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x")
    assert is_outdated(weaker)
    assert not is_outdated(hash_now("x"))

"""Notes to ourselves that a browser carries, and codes that only their own request gets."""

from hypothesis import given
from hypothesis import strategies as st

from complaints import codes
from gateway.ciphers import KeyringCipher, open_pass, seal_pass
from gateway.keys import Keyring

SECRET, NEWER = "s" * 40, "n" * 40
KEYS, ROTATED, OTHERS = Keyring((SECRET,)), Keyring((NEWER, SECRET)), Keyring((NEWER,))
NOW = 1_800_000_000.0


def carried(keys: Keyring = KEYS, purpose: str = "receipt") -> str:
    return seal_pass(keys, purpose, {"id": "x"}, 60, NOW)


def test_a_pass_is_worth_nothing_when_late_changed_or_meant_for_something_else() -> None:
    note = carried()
    assert open_pass(KEYS, "receipt", note, NOW + 60) is None
    assert open_pass(KEYS, "track", note, NOW) is None
    assert open_pass(OTHERS, "receipt", note, NOW) is None
    assert open_pass(KEYS, "receipt", note[:-3] + "AAA", NOW) is None
    assert open_pass(KEYS, "receipt", note[:20], NOW) is None


@given(st.text(max_size=80))
def test_no_made_up_pass_opens_anything(made_up: str) -> None:
    assert open_pass(KEYS, "receipt", made_up, NOW) is None


def test_a_pass_opens_in_its_time_under_a_newer_key_too() -> None:
    note = carried()
    for keys in (KEYS, ROTATED):
        opened = open_pass(keys, "receipt", note, NOW + 59)
        assert opened is not None
        assert opened["id"] == "x"


def test_a_pass_can_stand_in_an_address_as_it_is() -> None:
    assert set(carried()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(max_size=20), st.binary(max_size=20), st.text(max_size=20), st.binary(max_size=20))
def test_only_the_same_request_with_the_same_words_gets_the_same_code(
    one_id: str, one: bytes, other_id: str, other: bytes
) -> None:
    cipher = KeyringCipher(KEYS)
    code = cipher.codes(one_id, one)[0]
    assert codes.read(code) == code
    same = cipher.codes(other_id, other)[0] == code
    assert same == ((one_id, one) == (other_id, other))


def test_another_key_gives_another_code_and_an_older_key_is_tried_too() -> None:
    old = KeyringCipher(KEYS).codes("id", b"words")
    new = KeyringCipher(ROTATED).codes("id", b"words")
    assert new[1:] == old
    assert new[0] != old[0]

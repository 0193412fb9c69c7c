"""Signing and encryption with keys that can rotate: the newest writes, all of them read."""

import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from complaints.model import Unreadable

NONCE_BYTES = 12


class UnreadableSecret(Unreadable):
    """None of the keys in GATEWAY_SECRET_KEY opens this; an old key is missing or data changed."""


class Keyring:
    """Keys for one purpose each, derived from the secrets; `secrets` are newest first."""

    def __init__(self, masters: tuple[str, ...]) -> None:
        if not masters:
            raise ValueError("at least one secret key is needed")
        self._masters = tuple(master.encode() for master in masters)
        self._derived: dict[str, tuple[bytes, ...]] = {}

    def _for(self, purpose: str) -> tuple[bytes, ...]:
        if purpose not in self._derived:
            self._derived[purpose] = tuple(
                HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(master)
                for master in self._masters
            )
        return self._derived[purpose]

    def digest(self, purpose: str, message: bytes) -> bytes:
        """HMAC-SHA256 of `message` under the newest key."""
        return hmac.digest(self._for(purpose)[0], message, "sha256")

    def digests(self, purpose: str, message: bytes) -> tuple[bytes, ...]:
        """HMACs under every key, newest first; look-ups try each so that keys can rotate."""
        return tuple(hmac.digest(key, message, "sha256") for key in self._for(purpose))

    def verify(self, purpose: str, message: bytes, digest: bytes) -> bool:
        """Whether any key made `digest`, in constant time for each."""
        # A list, so that every key is tried and the time tells nothing.
        return any([hmac.compare_digest(each, digest) for each in self.digests(purpose, message)])  # noqa: C419

    def wrap(self, data_key: bytes) -> bytes:
        """A complaint's own key, encrypted under the newest secret."""
        return self.encrypt("wrap", data_key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key that `wrap` got; raises `UnreadableSecret`."""
        return self.decrypt("wrap", wrapped)

    def encrypt(self, purpose: str, plain: bytes) -> bytes:
        """`plain`, encrypted and authenticated under the newest secret, for one purpose."""
        return seal(self._for(purpose)[0], plain)

    def decrypt(self, purpose: str, sealed: bytes) -> bytes:
        """What `encrypt` got for the same purpose; raises `UnreadableSecret`."""
        for key in self._for(purpose):
            try:
                return unseal(key, sealed)
            except UnreadableSecret:
                continue
        raise UnreadableSecret("no secret key opens this; is an old one missing from the setting?")


def new_data_key() -> bytes:
    """256 random bits, for one complaint."""
    return secrets.token_bytes(32)


def seal(key: bytes, plain: bytes) -> bytes:
    """AES-256-GCM: nonce, then ciphertext with its tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def unseal(key: bytes, sealed: bytes) -> bytes:
    """The plain bytes; raises `UnreadableSecret` when the key is wrong or a byte was changed."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    except (InvalidTag, ValueError) as error:
        raise UnreadableSecret("wrong key, or the data was changed") from error


def new_token() -> tuple[str, bytes]:
    """A link's secret (256 random bits, URL-safe) and the hash that is kept of it."""
    token = secrets.token_urlsafe(32)
    return token, token_hash(token)


def token_hash(token: str) -> bytes:
    """SHA-256 of a link's secret; plain, since 256 random bits cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()

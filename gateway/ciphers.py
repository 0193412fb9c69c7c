"""The domain's `Cipher`, done with the keys of GATEWAY_SECRET_KEY."""

import base64
import hmac
import json
from dataclasses import dataclass
from typing import Any

from complaints import codes
from gateway import keys
from gateway.keys import Keyring, UnreadableSecret

_CODE = "tracking code"
_CHAIN = "event chain"
_CODE_HASH = "tracking code hash"


@dataclass(frozen=True, slots=True)
class KeyringCipher:
    """See `complaints.model.Cipher`."""

    keyring: Keyring

    def new_data_key(self) -> bytes:
        """256 random bits."""
        return keys.new_data_key()

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypted under the newest secret."""
        return self.keyring.wrap(data_key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises `UnreadableSecret`."""
        return self.keyring.unwrap(wrapped)

    def seal(self, data_key: bytes, plain: bytes) -> bytes:
        """AES-256-GCM."""
        return keys.seal(data_key, plain)

    def unseal(self, data_key: bytes, sealed: bytes) -> bytes:
        """Raises `UnreadableSecret`."""
        return keys.unseal(data_key, sealed)

    def codes(self, request_id: str, content: bytes) -> tuple[str, ...]:
        """A keyed hash of request and content, so that a repeated request finds its code again
        though only a hash of the code is stored, and nobody else's request ever gives it.
        """
        message = json.dumps([request_id]).encode() + content
        return tuple(codes.from_entropy(each) for each in self.keyring.digests(_CODE, message))

    def code_hashes(self, code: str) -> tuple[bytes, ...]:
        """HMAC-SHA256 of the digits."""
        return self.keyring.digests(_CODE_HASH, code.encode())


@dataclass(frozen=True, slots=True)
class KeyringSigner:
    """See `complaints.model.Signer`. A key's name is a keyed hash too, and tells nothing of it."""

    keyring: Keyring

    @property
    def key(self) -> bytes:
        """The newest secret's."""
        return self._names()[0]

    def sign(self, message: bytes) -> bytes:
        """HMAC-SHA256 under the newest secret."""
        return self.keyring.digest(_CHAIN, message)

    def knows(self, key: bytes) -> bool:
        """Whether one of the secrets has that name."""
        return key in self._names()

    def verify(self, key: bytes, message: bytes, signed: bytes) -> bool:
        """Under the secret of that name; False where it is missing."""
        made = zip(self._names(), self.keyring.digests(_CHAIN, message), strict=True)
        return any(name == key and hmac.compare_digest(each, signed) for name, each in made)

    def _names(self) -> tuple[bytes, ...]:
        return tuple(each[:8] for each in self.keyring.digests(_CHAIN, b"name"))


def seal_pass(
    keyring: Keyring, purpose: str, data: dict[str, Any], seconds: int, now: float
) -> str:
    """An encrypted, expiring, URL-safe note to ourselves that a browser carries."""
    plain = json.dumps({**data, "until": int(now) + seconds}).encode()
    return base64.urlsafe_b64encode(keyring.encrypt(purpose, plain)).decode().rstrip("=")


def open_pass(keyring: Keyring, purpose: str, carried: str, now: float) -> dict[str, Any] | None:
    """What `seal_pass` got; None when it is not ours, was changed or has expired."""
    try:
        raw = base64.b64decode(carried + "=" * (-len(carried) % 4), altchars=b"-_", validate=True)
        data: dict[str, Any] = json.loads(keyring.decrypt(purpose, raw))
    except (UnreadableSecret, ValueError):
        return None
    return data if now < data["until"] else None

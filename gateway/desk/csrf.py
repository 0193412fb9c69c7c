"""A word in every form of the desk that only a page of this very session has."""

import base64

from gateway.keys import Keyring

FIELD = "csrf"
_PURPOSE = "desk form"


def token(keys: Keyring, session: bytes) -> str:
    """What the forms of the session with this hash carry."""
    return base64.urlsafe_b64encode(keys.digest(_PURPOSE, session)).decode().rstrip("=")


def is_good(keys: Keyring, session: bytes, sent: str) -> bool:
    """Whether a form came from a page of this session; secrets may have rotated since."""
    try:
        digest = base64.b64decode(sent + "=" * (-len(sent) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return False
    return keys.verify(_PURPOSE, session, digest)

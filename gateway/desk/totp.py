"""Six figures that change every half minute (RFC 6238), from an app on the user's telephone."""

import hmac
import re
import unicodedata
from datetime import datetime
from io import BytesIO

import pyotp
import segno

STEP_SECONDS = 30
# Clocks of telephones differ; one step either way (RFC 6238, 5.2).
DRIFT = 1
PURPOSE = "desk totp"


def new_secret() -> str:
    """160 random bits, in the letters that apps take."""
    return pyotp.random_base32()


def step_of(now: datetime) -> int:
    """The half minute that `now` (aware) is in."""
    return int(now.timestamp()) // STEP_SECONDS


def read_code(typed: str) -> str:
    """What was typed without blanks and in plain figures; "" when it is no code."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed))
    return plain if re.fullmatch(r"[0-9]{6}", plain) else ""


def find_step(secret: str, typed: str, now: datetime, used: int) -> int | None:
    """The step that a typed code belongs to, None for a wrong one or one of `used` or before."""
    code, maker, current = read_code(typed), pyotp.TOTP(secret), step_of(now)
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(maker.generate_otp(step), code) and step > used:
            found = step
    return found


def groups(secret: str) -> list[str]:
    """The secret in fours, as it is typed where no camera is."""
    return [secret[i : i + 4] for i in range(0, len(secret), 4)]


PICTURE_PX = 280


def picture(secret: str, login: str, issuer: str) -> str:
    """A QR code of the enrolment as an inline SVG element, dark on white in every theme."""
    address = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False, svgns=False,
        svgclass=None, lineclass=None, omitsize=True,
    )  # fmt: skip
    # A viewBox with a width: on a narrow screen it shrinks as a whole and is not cut off.
    return out.getvalue().decode().strip().replace("<svg ", f'<svg width="{PICTURE_PX}" ', 1)

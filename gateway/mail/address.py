"""Mail addresses, before anything is sent to them."""

import re

# What SMTP carries everywhere: no quotes, no comments, no blanks, nothing beyond ASCII.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


class BadAddress(ValueError):
    """Not one plain mail address; no server could be asked to deliver to it."""


def deliverable(text: str | None) -> str:
    """The address as SMTP takes it, a domain beyond ASCII in its IDNA form; raises `BadAddress`."""
    local, at, domain = (text or "").strip().rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise BadAddress("the domain of the address cannot be encoded") from error
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise BadAddress("no address, or not one plain address")
    return f"{local}@{domain}"


def inbox(address: str) -> str:
    """The inbox behind an address, as far as spelling tells: lower case, no +tag."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"

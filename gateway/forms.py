"""From a browser's form to plain values; what cannot be read is a 400, what is forged a 403."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web
from multidict import MultiDictProxy

FormData = MultiDictProxy[str | bytes | bytearray | web.FileField]


async def read_form(request: web.Request) -> FormData:
    """The fields of a POST, from this site or from a script that holds none of our cookies.

    Raises HTTPForbidden for a form that another site sends through a citizen's browser, and
    HTTPBadRequest for a body that is malformed (no boundary, bad UTF-8, unknown charset).
    """
    if not is_own_form(request):
        raise web.HTTPForbidden
    try:
        return await request.post()
    except (ValueError, LookupError, AssertionError) as error:
        raise web.HTTPBadRequest(text="malformed form") from error


def is_own_form(request: web.Request) -> bool:
    """Whether a POST comes from a page of this host.

    Public forms carry no session, so a forged one could do no more than a script can; a browser
    says where a form came from in Sec-Fetch-Site, an older one in Origin (which our own
    `no-referrer` policy makes `null`), and a script says nothing.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.host


def text_of(form: Mapping[str, object], name: str) -> str:
    """A text field's value without surrounding blanks and with `\\n` line ends; "" when absent."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

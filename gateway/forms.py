"""Whose form a POST is: this site's own, or one that another site sends through a browser."""

from urllib.parse import urlsplit

from aiohttp import web


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
    try:
        return origin == "null" or urlsplit(origin).netloc == request.host
    except ValueError:  # brackets that close nothing
        return False

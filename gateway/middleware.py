"""What every request passes: headers, county, language, size of type, and errors as pages."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import cache

from aiohttp import web

from gateway.context import CONTEXT
from gateway.counties import NoSuchCounty
from gateway.db import DatabaseDown
from gateway.i18n import LANGUAGES
from gateway.looks import LANG, Look, cookie_prefix, look_of
from gateway.views import COUNTY, ELDER, LANGUAGE, page

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

YEAR = 365 * 86400
RETRY_AFTER_SECONDS = 10

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


async def security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The headers of quality.md on every answer, also on those that no handler made."""
    headers = response.headers
    if "Permissions-Policy" not in headers:  # a page from memory brings all of them
        for name, value in promised_headers(request.app[CONTEXT].settings.base_url).items():
            headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")


@cache
def promised_headers(base_url: str) -> Mapping[str, str]:
    """The headers that every answer of the site at `base_url` carries."""
    if not base_url.startswith("https://"):
        return SECURITY_HEADERS
    return {
        **SECURITY_HEADERS,
        "Strict-Transport-Security": f"max-age={YEAR}; includeSubDomains",
    }


def host_of(request: web.Request) -> str:
    """The Host header, "" without one: aiohttp would then ask the name service for our own."""
    return request.headers.get("Host", "")


@web.middleware
async def surroundings(request: web.Request, handler: Handler) -> web.StreamResponse:
    """County, language and elder mode; a choice in the address is remembered in a cookie."""
    if request.path.startswith("/health/") and request.match_info.http_exception is None:
        return await handler(request)  # asked by address, not by a county's name
    context = request.app[CONTEXT]
    try:
        request[COUNTY] = context.counties.of_host(host_of(request))
    except NoSuchCounty:
        raise web.HTTPMisdirectedRequest(text="no county under this host name") from None
    prefix = cookie_prefix(context.settings.base_url)
    kept = look_of_request(request, prefix)
    query = request.query
    request[LANGUAGE] = query[LANG] if query.get(LANG) in LANGUAGES else kept.language
    request[ELDER] = query.get("elder") == "1" if "elder" in query else kept.elder
    try:
        response = await handler(request)
    except web.HTTPRedirection as elsewhere:
        _remember(request, elsewhere, prefix)  # the choice holds where the way leads, too
        raise
    _remember(request, response, prefix)
    return response


def _remember(request: web.Request, response: web.StreamResponse, prefix: str) -> None:
    """Keeps the choice of the address in a cookie."""
    for name, value in ((LANG, request[LANGUAGE]), ("elder", "1" if request[ELDER] else "0")):
        if name in request.query:
            response.set_cookie(
                prefix + name,
                value,
                max_age=YEAR,
                httponly=True,
                samesite="Lax",
                secure=bool(prefix),
            )


def look_of_request(request: web.Request, prefix: str) -> Look:
    """The look that the visitor's browser keeps or asks for, whatever the address says."""
    headers = request.headers
    return look_of(headers.get("Cookie", ""), headers.get("Accept-Language", ""), prefix)


@web.middleware
async def errors_as_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What went wrong, in words; a machine that asked for JSON gets JSON."""
    try:
        return await handler(request)
    except DatabaseDown:
        response = error_page(request, 503)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    except web.HTTPException as error:
        if error.status < 400:
            raise
        with suppress(DatabaseDown):
            # Error pages show the county's telephone numbers, even if nothing was read before.
            await request.app[CONTEXT].snapshots.of(request[COUNTY])
        response = error_page(request, error.status)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except Exception:
        # The path may hold a link's token: the route's pattern is enough to find the fault.
        resource = request.match_info.route.resource
        log.exception("%s %s failed", request.method, resource and resource.canonical)
        return error_page(request, 500)


WORDED_ERRORS = frozenset({400, 403, 404, 405, 410, 413, 429, 500, 503})
# A form that came too slowly or compressed did not arrive whole, as far as its sender is concerned.
LIKE = {408: 400, 415: 400}


def error_page(request: web.Request, status: int) -> web.Response:
    """The page of an error status; those that have no words of their own read like a 404 or 500."""
    known = LIKE.get(status, status)
    worded = known if known in WORDED_ERRORS else (404 if status < 500 else 500)
    if wants_json(request):
        return web.json_response({"error": status}, status=status)
    return page(request, "error.html", status=status, code=worded)


def wants_json(request: web.Request) -> bool:
    """Whether the client asked for JSON rather than a page."""
    return "application/json" in request.headers.get("Accept", "")

"""Answers as pages: one Jinja environment a language, words and links at hand."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.context import CONTEXT
from gateway.counties import County
from gateway.i18n import Words, words

HERE = Path(__file__).parent
COUNTY = web.RequestKey("county", County)
LANGUAGE = web.RequestKey("language", str)
ELDER = web.RequestKey("elder", bool)


@cache
def static_url(name: str) -> str:
    """The address of a file in `static/`, with a piece of its hash so that it can be kept long."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@cache
def environment(language: str) -> Environment:
    """Templates of one language: `_` for words, `day`, `moment` for dates, `static`."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    say = words(language)
    env.globals.update(_=say, day=say.day, moment=say.moment, language=language, static=static_url)
    return env


def say(request: web.Request) -> Words:
    """The words of the request's language."""
    return words(request[LANGUAGE])


def page(request: web.Request, template: str, *, status: int = 200, **data: Any) -> web.Response:
    """Renders `template` as an HTML answer; every page knows its county, path and looks."""
    return web.Response(
        text=render(request, template, **data), status=status, content_type="text/html"
    )


def render(request: web.Request, template: str, **data: Any) -> str:
    """The HTML alone, for pages that are kept in memory."""
    return (
        environment(request[LANGUAGE])
        .get_template(template)
        .render(
            county=request[COUNTY],
            path=request.path,
            elder=request[ELDER],
            demo=request.app[CONTEXT].demo,
            **data,
        )
    )

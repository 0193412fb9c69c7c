"""Answers as pages: one Jinja environment a language, words and links at hand."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from board.model import Staff
from board.names import is_chinese, romanised
from gateway.context import CONTEXT
from gateway.counties import County
from gateway.hours import say_hours
from gateway.i18n import LANGUAGES, Words, words
from gateway.pages.static import static_url
from gateway.worded import DirectContext, WordedLoader

HERE = Path(__file__).parent
COUNTY = web.RequestKey("county", County)
LANGUAGE = web.RequestKey("language", str)
ELDER = web.RequestKey("elder", bool)

NAVIGATION = (
    ("/", "nav.home"),
    ("/complaints/new", "nav.complain"),
    ("/track", "nav.track"),
    ("/directory/", "nav.directory"),
    ("/results/", "nav.results"),
)
# Names and places are stored in Simplified Chinese and shown as they are (domain.md).
STORED_LANGUAGE = "zh-Hans"


class Named(Protocol):
    """Whatever has a name of its own and one for readers of English."""

    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...


@cache
def environment(language: str) -> Environment:
    """Templates of one language.

    Globals: `_` for words, `day` and `moment` for dates, `static` for addresses of files, `own`
    for stored Chinese text, `hours` for office hours, `name_of` for units, sections, matters and
    offices, `person_name` for staff, `plain_name` where no tags may stand (titles).
    Filters: `dial`, `unbroken`.
    """
    say = words(language)
    env = Environment(
        loader=WordedLoader(HERE / "templates", say),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.context_class = DirectContext
    own = _own_text(language)
    env.globals.update(
        _=say,
        day=say.day,
        moment=say.moment,
        language=language,
        static=static_url,
        own=own,
        hours=lambda stored: say_hours(say, stored) or own(stored),
        name_of=lambda thing: own(name_in(language, thing)),
        plain_name=lambda thing: name_in(language, thing),
        person_name=lambda person: _person_name(language, own, person),
        navigation=NAVIGATION,
        endonyms=[(code, words(code)("language.name")) for code in LANGUAGES],
    )
    env.filters["dial"] = dial
    env.filters["unbroken"] = unbroken
    return env


def _own_text(language: str) -> Callable[[str], str]:
    """Marks stored Chinese text as such on pages of another language, for voices and fonts."""

    def own(text: str) -> str:
        if language == STORED_LANGUAGE or not is_chinese(text):
            return text
        return Markup('<span lang="{}">{}</span>').format(STORED_LANGUAGE, text)

    return own


def _person_name(language: str, own: Callable[[str], str], person: Staff) -> str:
    """As on the placard; readers of English also get the letters to say it by."""
    if language != "en" or not is_chinese(person.name):
        return own(person.name)
    return Markup("{} {}").format(romanised(person.name, person.pinyin), own(person.name))


def name_in(language: str, thing: Named) -> str:
    """The name that readers of `language` know it by; the stored one where there is no other."""
    return thing.name_en or thing.name if language == "en" else thing.name


def dial(phone: str) -> str:
    """A telephone number as a `tel:` link wants it."""
    return "".join(c for c in phone if c in "+0123456789")


def unbroken(text: str, number: str) -> Markup:
    """A sentence whose number no line breaks at its hyphen; copied, it is the number as it is."""
    whole = Markup('<span class="number">{}</span>').format(number)
    return whole.join(text.split(number))


def say(request: web.Request) -> Words:
    """The words of the request's language."""
    return words(request[LANGUAGE])


def page(request: web.Request, template: str, *, status: int = 200, **data: Any) -> web.Response:
    """Renders `template` as an HTML answer; every page knows its county, path and looks."""
    return web.Response(
        text=render(request, template, **data), status=status, content_type="text/html"
    )


def see_other(address: str) -> web.Response:
    """303 to an ASCII path of our own, without the URL and the words that aiohttp would make."""
    return web.Response(status=303, headers={"Location": address})


def render(request: web.Request, template: str, **data: Any) -> str:
    """The HTML alone, for pages that are kept in memory."""
    context = request.app[CONTEXT]
    county, language = request[COUNTY], request[LANGUAGE]
    held = context.snapshots.held(county)
    return (
        environment(language)
        .get_template(template)
        .render(
            county=county,
            county_name=name_in(language, county),
            profile=held.directory.profile if held else None,
            path=request.path,
            switch=_switch(request),
            elder=request[ELDER],
            demo=context.demo,
            **data,
        )
    )


def _switch(request: web.Request) -> Callable[..., str] | None:
    """Makes links to this very page in another language or size of type.

    None for the answer to a form: following a link there would lose what was typed.
    """
    if request.method not in ("GET", "HEAD"):
        return None
    kept = [(k, v) for k, v in request.query.items() if k not in ("lang", "elder")]
    path = request.rel_url.raw_path
    if path[1:2] in ("/", "\\"):
        path = ""  # to a browser //evil.example.org is another site
    return lambda **changed: f"{path}?{urlencode([*kept, *changed.items()])}"

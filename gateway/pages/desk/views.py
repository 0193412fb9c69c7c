"""What every page of the desk shows around its own matter: who is signed in, where one may go."""

from typing import Any

from aiohttp import web

from board.directory import Directory
from complaints.hidden import Hidden, kept_from
from gateway.context import CONTEXT
from gateway.desk.access import may
from gateway.desk.sessions import current
from gateway.desk.users import Actor
from gateway.views import page

# Shown to whom `gateway.desk.access` lets in; a new page of the desk adds its line.
PAGES = (
    ("/desk/", "desk.nav.start"),
    ("/desk/cases", "desk.nav.cases"),
    ("/desk/cases/find", "desk.nav.find"),
    ("/desk/figures", "desk.nav.figures"),
    ("/desk/results", "desk.nav.results"),
    ("/desk/commendations", "desk.nav.commendations"),
    ("/desk/county", "desk.nav.county"),
    ("/desk/users", "desk.nav.users"),
    ("/desk/me", "desk.nav.me"),
)


def desk_page(
    request: web.Request, template: str, *, status: int = 200, **data: Any
) -> web.Response:
    """A page for somebody signed in; the template extends `desk/base.html` and puts
    `{{ csrf_field() }}` (of that template's `desk/ui.html`) in each of its forms.

    Data of every page: `me` (see `SignedIn`), `csrf`, `desk_pages`, `desk_above`.
    """
    me = current(request)
    pages = [(href, key) for href, key in PAGES if not me.pending and may(me.roles, href)]
    # What the page belongs to: the longest address that it lies below.
    above = [href for href, _ in pages[1:] if request.path.startswith(f"{href}/")]
    return page(
        request, template, status=status, me=me, csrf=me.csrf, desk_pages=pages,
        desk_above=max(above, key=len, default=""), **data,
    )  # fmt: skip


def hidden_from(request: web.Request, directory: Directory) -> Hidden:
    """Whose complaints do not exist for who is signed in."""
    badge = current(request).badge
    person = directory.person(badge)
    return kept_from(badge, directory, person.unit if person else None)


def actor_of(request: web.Request) -> Actor:
    """Who does what a POST of the desk asks for."""
    me = current(request)
    return Actor(me.user, me.county, request.app[CONTEXT].clock())

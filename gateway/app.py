"""The web application: routes, middleware and the context that handlers share."""

from aiohttp import web

from gateway.cache import from_memory
from gateway.context import CONTEXT, Context
from gateway.desk.guard import desk_guard
from gateway.desk.waiting import WAITING, Waiting, counted_anew
from gateway.middleware import errors_as_pages, security_headers, surroundings
from gateway.routes import add_routes

# Eight attachments of 10 MB and the words around them; routes that take no files ask for less.
LARGEST_BODY = 84 * 1024 * 1024


def create_app(context: Context) -> web.Application:
    """An application that is ready to be served; it owns nothing that must be closed."""
    app = web.Application(
        middlewares=[from_memory, surroundings, errors_as_pages, desk_guard],
        client_max_size=LARGEST_BODY,
    )
    app[CONTEXT] = context
    app[WAITING] = Waiting()
    app.on_response_prepare.append(security_headers)
    app.on_response_prepare.append(counted_anew)
    add_routes(app)
    return app

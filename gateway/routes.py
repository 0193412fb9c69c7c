"""Every address of the product, on one page."""

from aiohttp import web

from gateway.pages import static


def add_routes(app: web.Application) -> None:
    """Adds all routes; each module of `gateway.pages` is one noun."""
    app.router.add_get("/static/{name}", static.show)

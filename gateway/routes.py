"""Every address of the product, on one page."""

from aiohttp import web

from gateway.cache import PAGES, PageCache
from gateway.pages import directory, home, static


def add_routes(app: web.Application) -> None:
    """Adds all routes; each module of `gateway.pages` is one noun."""
    app[PAGES] = PageCache()
    app.router.add_get("/static/{name}", static.show)
    app.router.add_get("/", home.show)
    app.router.add_get("/directory/", directory.index)
    app.router.add_get("/directory/hall", directory.hall)
    app.router.add_get("/units/{code}", directory.unit)
    app.router.add_get("/staff/{badge}", directory.staff)
    app.router.add_get("/matters/{code}", directory.matter)

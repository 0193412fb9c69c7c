"""Every address of the product, on one page."""

from aiohttp import web

from gateway.cache import PAGES, PageCache
from gateway.pages import (
    answers,
    complaint_steps,
    complaints,
    directory,
    health,
    home,
    mailbox,
    receipts,
    static,
    tracking,
)


def add_routes(app: web.Application) -> None:
    """Adds all routes; each module of `gateway.pages` is one noun."""
    app[PAGES] = PageCache()
    app.router.add_get("/static/{name}", static.show)
    app.router.add_get("/health/live", health.live)
    app.router.add_get("/health/ready", health.ready)
    app.router.add_get("/", home.show)
    app.router.add_get("/directory/", directory.index)
    app.router.add_get("/directory/hall", directory.hall)
    app.router.add_get("/units/{code}", directory.unit)
    app.router.add_get("/staff/{badge}", directory.staff)
    app.router.add_get("/matters/{code}", directory.matter)
    app.router.add_get("/complaints/new", complaints.new)
    app.router.add_post("/complaints/new", complaint_steps.step)
    app.router.add_post("/complaints", complaints.create)
    app.router.add_get("/complaints/lookup", complaint_steps.lookup)
    app.router.add_get("/complaints/limit", complaint_steps.limit)
    app.router.add_get("/complaints/receipt/{pass}", receipts.show)
    app.router.add_get("/track", tracking.new)
    app.router.add_post("/track", tracking.find)
    app.router.add_get("/track/case", tracking.show)
    app.router.add_post("/track/end", tracking.leave)
    app.router.add_get("/answer/{token}", answers.show)
    app.router.add_post("/answer/{token}/signature", answers.sign)
    app.router.add_post("/answer/{token}/answer", answers.answer)
    app.router.add_post("/answer/{token}/link", answers.renew_link)
    app.router.add_get("/answer/{token}/attachments/{position:[1-9]}", answers.attachment)
    app.router.add_get("/demo/mailbox", mailbox.show)
    app.router.add_get("/demo/mailbox.json", mailbox.as_json)
    app.router.add_get("/demo/mailbox/{key:[0-9a-f]{32}}", mailbox.as_mail)

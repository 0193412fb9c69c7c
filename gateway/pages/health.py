"""What a load balancer or a supervisor asks."""

from aiohttp import web

from gateway import migrations
from gateway.context import CONTEXT
from gateway.db import DatabaseDown, is_transient


async def live(_request: web.Request) -> web.Response:
    """The process answers; says nothing about the database."""
    return web.json_response({"live": True})


async def ready(request: web.Request) -> web.Response:
    """200 when the database answers and its schema is current, else 503 with the reason."""
    fault = await _fault(request)
    if fault:
        return web.json_response({"ready": False, "reason": fault}, status=503)
    return web.json_response({"ready": True})


async def _fault(request: web.Request) -> str | None:
    try:
        async with request.app[CONTEXT].db.connection() as conn:
            await migrations.require_current(conn)
    except migrations.MigrationError:
        return "schema"
    except DatabaseDown:
        return "database"
    except Exception as error:
        if not is_transient(error):
            raise
        return "database"
    return None

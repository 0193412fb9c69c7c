"""The limit of every page: bare aiohttp on uvloop answering two bytes. `python -m … PORT`."""

import sys

import uvloop
from aiohttp import web


async def hello(_request: web.Request) -> web.Response:
    """Two bytes."""
    return web.Response(body=b"ok")


def main(port: int) -> None:
    """Serves until it is ended."""
    app = web.Application()
    app.router.add_get("/", hello)
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))

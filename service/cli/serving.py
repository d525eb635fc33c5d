"""Runs the server, and tells the readers of the change stream to leave before it waits for requests to end."""

from __future__ import annotations

import contextlib
import socket

import typer
import uvicorn
from starlette.types import ASGIApp


class Server(uvicorn.Server):
    """Without this a stream that never ends would hold the shutdown up for all of the grace time."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        bell = getattr(getattr(self.config.app, "state", None), "bell", None)
        if bell is not None:
            bell.close()
        await super().shutdown(sockets)


def serve_until_told(application: ASGIApp, host: str, port: int, *, shutdown_grace_s: int) -> None:
    """Ends at SIGTERM or SIGINT. Raises typer.Exit(3) when the application could not start."""
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=shutdown_grace_s,
    )
    server = Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise typer.Exit(3)

"""Runs the server, and tells the readers of the change stream to leave before it waits for requests to end.

A replica that finds the writer gone is ended and begins anew, on the same port, as the one that writes; and the other way about.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable

import structlog
import typer
import uvicorn
from starlette.types import ASGIApp

from service.settings import Settings
from service.store.place import is_place_free

_LOOK_S = 1.0
_log = structlog.get_logger("service.serving")


class Server(uvicorn.Server):
    """Without this a stream that never ends would hold the shutdown up for all of the grace time."""

    begins_anew = False
    """It ended because the writer has gone, whose place this process takes, or because another has taken this one's."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        bell = getattr(getattr(self.config.app, "state", None), "bell", None)
        if bell is not None:
            bell.close()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        watch = getattr(getattr(self.config.app, "state", None), "watch", None)
        if watch is not None and watch.begins_anew:
            self.begins_anew = True
            return True
        return await super().on_tick(counter)


def serve_until_told(application: Callable[[Settings], ASGIApp], settings: Settings) -> None:
    """Ends at SIGTERM or SIGINT. Raises typer.Exit(3) when the application could not start."""
    with contextlib.closing(_listener(settings)) as listener:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        while True:
            config = uvicorn.Config(
                application(settings),
                host=settings.host,
                port=settings.port,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=int(settings.shutdown_grace_s),
            )
            server = Server(config)
            with contextlib.suppress(KeyboardInterrupt):
                # The server closes what it is given; whoever calls meanwhile waits in the queue of this one.
                server.run(sockets=[listener.dup()])
            if not server.started:
                raise typer.Exit(3)
            if not server.begins_anew:
                return


def work_until_told(application: Callable[[Settings], ASGIApp], settings: Settings) -> None:
    """The same for a process that writes and is never a replica: it waits for its place. Raises typer.Exit(3) as above."""
    while True:
        if not is_place_free(settings.sqlalchemy_url()):
            _log.info("waiting", reason="another process writes; this one waits for its place")
            while not is_place_free(settings.sqlalchemy_url()):
                time.sleep(_LOOK_S)
        try:
            serve_until_told(application, settings)
        except typer.Exit:
            if is_place_free(settings.sqlalchemy_url()):
                raise
            continue  # somebody was quicker
        return


def _listener(settings: Settings) -> socket.socket:
    """Bound, not yet listening: the port opens when the application has started. Raises typer.Exit(3) where it is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        _log.error("cannot_listen", host=settings.host, port=settings.port, error=error.strerror)
        raise typer.Exit(3) from error
    return listener

"""Runs the server, and tells the readers of the change stream to leave before it waits for requests to end.

A replica that finds the writer gone is ended and begins anew, on the same port, as the one that writes; and the other way about.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

import structlog
import typer
import uvicorn
from starlette.types import ASGIApp

from service.settings import Settings, http_address
from service.store.place import is_place_free, is_place_taken

_LOOK_S = 1.0
_log = structlog.get_logger("service.serving")


class Server(uvicorn.Server):
    """Without this a stream that never ends would hold the shutdown up for all of the grace time."""

    begins_anew = False
    """It ended because the writer has gone, whose place this process takes, or because another has taken this one's."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # uvloop closes a socket that another process was quicker to open, and says nothing: nobody would reach this one.
        if any(listener.fileno() < 0 for listener in sockets or ()):
            await self.lifespan.shutdown()
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        # The server names its address only where it has opened the port itself.
        for listener in sockets or ():
            _log.info("listening", address=http_address(self.config.host, listener.getsockname()[1]))

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
            try:
                # The server closes what it is given; whoever calls meanwhile waits in the queue of this one.
                with listener.dup() as given:
                    server.run(sockets=[given])
            except KeyboardInterrupt:
                return
            except SystemExit as error:  # how the server ends when the application could not start
                raise typer.Exit(3) from error
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                _cannot_listen(settings, error)
            if not server.started:
                raise typer.Exit(3)
            # As the first process of a container it outlives the signal that it was told to end by.
            if server.should_exit or not server.begins_anew:
                return


def work_until_told(application: Callable[[Settings], ASGIApp], settings: Settings) -> None:
    """The same for a process that writes and is never a replica: it waits for its place. Raises typer.Exit(3) as above."""
    database_url = settings.sqlalchemy_url()
    while True:
        if is_place_taken(database_url):
            _log.info("waiting", reason="another process writes; this one waits for its place")
            with _ending_at_sigterm():
                while not is_place_free(database_url):
                    time.sleep(_LOOK_S)
        try:
            serve_until_told(application, settings)
        except typer.Exit:
            if is_place_taken(database_url):
                continue  # somebody was quicker, or has taken it since
            raise
        return


@contextlib.contextmanager
def _ending_at_sigterm() -> Iterator[None]:
    """The first process of a container is not ended by a signal that it does not wait for."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _listener(settings: Settings) -> socket.socket:
    """Bound, not yet listening: the port opens when the application has started. Raises typer.Exit(3) where it is taken."""
    try:
        found = socket.getaddrinfo(settings.host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # A name of both kinds, such as `localhost`, is asked for by its older one by those that know only that.
        family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        listener = socket.socket(family)
    except (OSError, UnicodeError) as error:
        _cannot_listen(settings, error)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        _cannot_listen(settings, error)
    return listener


def _cannot_listen(settings: Settings, error: OSError | UnicodeError) -> NoReturn:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    _log.error("cannot_listen", host=settings.host, port=settings.port, error=reason)
    raise typer.Exit(3) from error

"""The change feed as server-sent events. Knows how to wait and how to say goodbye; the changes come from a use case.

Holds one page of changes for each reader and no more: what a reader does not take stays in the store. A reader that takes nothing
for too long is let go; it comes back with the last id it saw and misses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.domain.changes import Change
from service.errors import ChangesGone, Unavailable
from service.flows.bell import Bell
from service.flows.feed_views import change_view

MEDIA_TYPE = "text/event-stream"
RETRY_MS = 3_000
_PAGE = 100
_POLL_S = 2.0
"""Between looks when the bell is silent: another process may write to the same database."""
_log = structlog.get_logger("service.following")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between signs of life, and how long a reader may take nothing."""

    heartbeat_s: float
    stalled_s: float


def event(change: Change) -> bytes:
    return f"id: {change.sequence}\nevent: {change.type}\ndata: {change_view(change).model_dump_json()}\n\n".encode()


class EventStream(Response):
    """`changes` gives a page behind a sequence and blocks while it reads."""

    media_type = MEDIA_TYPE

    def __init__(
        self, changes: Callable[[int, int], Sequence[Change]], bell: Bell, after: int, pace: Pace, *, is_head: bool = False
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._changes = changes
        self._bell = bell
        self._after = after
        self._pace = pace
        self._is_head = is_head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(woken.set)

        stop = self._bell.listen(wake)
        gone = asyncio.create_task(_left(receive, woken))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            if not self._is_head:
                await self._send(send, f"retry: {RETRY_MS}\n\n".encode())
                await self._follow(send, woken, gone)
            await self._send(send, b"", is_last=True)
        except TimeoutError:
            _log.info("stalled_reader_let_go", after=self._after)
            raise  # the answer has begun; only cutting it off says that it is not whole
        finally:
            stop()
            gone.cancel()

    async def _follow(self, send: Send, woken: asyncio.Event, gone: asyncio.Task[None]) -> None:
        loop = asyncio.get_running_loop()
        beat_at = loop.time() + self._pace.heartbeat_s
        while not gone.done() and not self._bell.is_closed:
            woken.clear()
            try:
                page = await run_in_threadpool(self._changes, self._after, _PAGE)
            except (Unavailable, ChangesGone):
                return  # the reader comes back after the time that `retry` names
            for change in page:
                await self._send(send, event(change))
                self._after = change.sequence
            now = loop.time()
            if page:
                beat_at = now + self._pace.heartbeat_s
            elif now >= beat_at:
                await self._send(send, b": still here\n\n")
                beat_at = now + self._pace.heartbeat_s
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), min(_POLL_S, beat_at - now))

    async def _send(self, send: Send, body: bytes, *, is_last: bool = False) -> None:
        async with asyncio.timeout(self._pace.stalled_s):
            await send({"type": "http.response.body", "body": body, "more_body": not is_last})


async def _left(receive: Receive, woken: asyncio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    woken.set()

"""Both clients behind one face, so that one suite tests both: the asyncio client is called as if it were the one for threads."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from service.client import AsyncWiretrace, Wiretrace


class _Threaded:
    """Runs an AsyncWiretrace on a loop of its own; every coroutine is waited for, every async iterator walked."""

    def __init__(self, made: AsyncWiretrace, loop: asyncio.AbstractEventLoop) -> None:
        self._made = made
        self._loop = loop

    def _wait(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            found = getattr(self._made, name)(*arguments, **named)
            return self._wait(found) if inspect.isawaitable(found) else self._walk(found)

        return call

    def _walk(self, items: Any) -> Iterator[Any]:
        ended = object()

        async def following() -> Any:
            return await anext(items, ended)

        try:
            while (item := self._wait(following())) is not ended:
                yield item
        finally:
            self._wait(items.aclose())

    def __repr__(self) -> str:
        return repr(self._made)


@contextmanager
def opened(kind: str, server: str, *, sleep: Callable[[float], None] | None = None, **options: Any) -> Iterator[Wiretrace]:
    """`kind`: `threads` or `asyncio`. `sleep` is called instead of sleeping."""
    if kind == "threads":
        with Wiretrace(server, **options, **({"sleep": sleep} if sleep else {})) as made:
            yield made
        return

    async def asleep(seconds: float) -> None:
        assert sleep is not None
        sleep(seconds)
        await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made_async = AsyncWiretrace(server, **options, **({"sleep": asleep} if sleep else {}))
    threaded: Any = _Threaded(made_async, loop)
    try:
        yield threaded
        threaded._wait(made_async.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()

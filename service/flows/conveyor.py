"""A bounded number of pieces of work at once that reach the writer in the order in which they were put.

Order matters: who came first decides where nothing else does, and the later text of an article must stay the later one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

import structlog

from service.errors import Overloaded

InTurn = Callable[[Callable[[], "Future[Any]"]], Awaitable["Future[Any]"]]
"""Calls what it is given once everything put before has been handed over; repeats it while there is no room."""

_log = structlog.get_logger("service.conveyor")


class Conveyor:
    """Bound to the event loop that runs it."""

    def __init__(self, width: int) -> None:
        self._free = asyncio.Semaphore(width)
        self._last = asyncio.Event()
        self._last.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, work: Callable[[InTurn], Awaitable[None]]) -> None:
        """Begins the work; waits while `width` pieces are under way."""
        await self._free.acquire()
        before, handed_over = self._last, asyncio.Event()
        self._last = handed_over
        task = asyncio.create_task(self._run(work, before, handed_over))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Waits for all that is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def give_up(self) -> None:
        """Ends what is under way; what the writer already has is done all the same."""
        for task in self._tasks:
            task.cancel()

    async def cancel(self) -> None:
        """Gives up, and waits until nothing is under way."""
        self.give_up()
        await self.drain()

    async def _run(self, work: Callable[[InTurn], Awaitable[None]], before: asyncio.Event, handed_over: asyncio.Event) -> None:
        async def in_turn(submit: Callable[[], Future[Any]]) -> Future[Any]:
            await before.wait()
            while True:
                try:
                    done = submit()
                except Overloaded as error:
                    await asyncio.sleep(error.retry_after_s)
                else:
                    handed_over.set()
                    return done

        try:
            await work(in_turn)
        except Exception:  # noqa: BLE001 - work answers for its own errors; this is a defect and must not stop the others
            _log.exception("work on a line crashed")
        finally:
            # Work that ended early must not let the next one overtake those before it.
            try:
                await before.wait()
            finally:
                handed_over.set()
                self._free.release()

"""A bounded pool of processes that read hostile input: a page that hangs, swells or kills its worker fails alone.

Each page has a size cap, a wall limit and a memory limit; a worker is replaced after a number of pages, because parsers keep
memory. Never parses anything in this process.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import queue
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, Literal

import structlog

from service.errors import Overloaded, UnreadableFeed, UnreadablePage
from service.fetch.extract_types import ExtractedPage, FeedItem, feed_items_from, page_from
from service.fetch.worker_process import HEADER, MAX_MESSAGE_BYTES

_log = structlog.get_logger("service.extraction")
_START_S = 30.0


class _WorkerLostError(Exception):
    """The process ended, or did not answer in time."""


class _Worker:
    """One process, started with the first task. Used by one thread at a time."""

    def __init__(self, memory_bytes: int, max_pages: int) -> None:
        self._memory_bytes = memory_bytes
        self._max_pages = max_pages
        self._pages = 0
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, task: dict[str, Any], limit_s: float) -> dict[str, Any]:
        """Raises _WorkerLostError; the next task then gets a new process."""
        is_new = self._process is None or self._process.poll() is not None
        if is_new:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603 - our own module in our own interpreter
                [sys.executable, "-m", "service.fetch.worker_process", str(self._memory_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env=_environment(),
            )
        message = json.dumps(task).encode()
        try:
            # A new process imports its libraries first, which is not the page's fault.
            answer = self._exchange(HEADER.pack(len(message)) + message, limit_s + (_START_S if is_new else 0.0))
        except BaseException:
            self.close()
            raise
        self._pages += 1
        if self._pages >= self._max_pages:
            self.close()
        return answer

    def _exchange(self, message: bytes, limit_s: float) -> dict[str, Any]:
        process, deadline = self._process, time.monotonic() + limit_s
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        write, read = process.stdin.fileno(), process.stdout.fileno()
        os.set_blocking(write, False)
        sent = memoryview(message)
        while sent:
            _wait([], [write], deadline)
            try:
                sent = sent[os.write(write, sent[:65_536]) :]
            except OSError as error:
                raise _WorkerLostError("the worker ended") from error
        size = HEADER.unpack(_receive(read, HEADER.size, deadline))[0]
        if size > MAX_MESSAGE_BYTES:
            raise _WorkerLostError("the worker answered too much")
        answer: dict[str, Any] = json.loads(_receive(read, size, deadline))
        return answer

    def close(self) -> None:
        process, self._process, self._pages = self._process, None, 0
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            process.wait()


def _environment() -> dict[str, str]:
    """Without the settings: keys and the database's address are none of a worker's business."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("WIRETRACE_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _wait(reading: list[int], writing: list[int], deadline: float) -> None:
    left = deadline - time.monotonic()
    poll = select.poll()
    for number in reading:
        poll.register(number, select.POLLIN)
    for number in writing:
        poll.register(number, select.POLLOUT)
    if left <= 0 or not poll.poll(left * 1_000):
        raise _WorkerLostError("it took too long")


def _receive(source: int, size: int, deadline: float) -> bytes:
    parts, left = [], size
    while left:
        _wait([source], [], deadline)
        part = os.read(source, min(left, 1_000_000))
        if not part:
            raise _WorkerLostError("the worker ended")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


class WorkerPool:
    """`size` processes at most. Safe for any number of callers; those that find no free worker in time get Overloaded."""

    def __init__(
        self, *, size: int, max_page_bytes: int, limit_s: float, memory_bytes: int, pages_per_worker: int, retry_after_s: int = 1
    ) -> None:
        self._max_page_bytes = max_page_bytes
        self._limit_s = limit_s
        self._retry_after_s = retry_after_s
        self._workers = [_Worker(memory_bytes, pages_per_worker) for _ in range(size)]
        self._free: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in self._workers:
            self._free.put(worker)
        self._is_closed = False

    async def read_page(self, page: bytes, *, url: str | None, charset: str | None) -> ExtractedPage:
        """The article of a page. Raises UnreadablePage, Overloaded."""
        if len(page) > self._max_page_bytes:
            raise UnreadablePage(f"The page has {len(page)} bytes; the limit is {self._max_page_bytes}.")
        return page_from((await self._run("page", page, url=url, charset=charset))["page"])

    async def read_fragment(self, markup: str) -> tuple[str, ...]:
        """The paragraphs of a piece of HTML. Raises UnreadablePage, Overloaded."""
        content = markup.encode("utf-8", "replace")
        if len(content) > self._max_page_bytes:
            raise UnreadablePage(f"The HTML has {len(content)} bytes; the limit is {self._max_page_bytes}.")
        return tuple((await self._run("fragment", content, url=None, charset=None))["paragraphs"])

    async def read_feed(self, content: bytes, *, url: str | None) -> tuple[FeedItem, ...]:
        """The items of an RSS or Atom feed. Raises UnreadableFeed, Overloaded."""
        return feed_items_from((await self._run("feed", content, url=url, charset=None))["items"])

    async def _run(
        self, kind: Literal["page", "fragment", "feed"], content: bytes, *, url: str | None, charset: str | None
    ) -> Any:
        task = {"kind": kind, "content": base64.b64encode(content).decode(), "url": url, "charset": charset}
        return await asyncio.to_thread(self._work, task)

    def _work(self, task: dict[str, Any]) -> dict[str, Any]:
        if self._is_closed:
            raise Overloaded("The service is stopping.", self._retry_after_s)
        try:
            worker = self._free.get(timeout=self._limit_s)
        except queue.Empty:
            raise Overloaded("All extraction workers are busy.", self._retry_after_s) from None
        try:
            answer = worker.run(task, self._limit_s)
        except (_WorkerLostError, ValueError) as error:
            _log.warning("extraction_failed", reason=str(error), bytes=len(task["content"]) * 3 // 4)
            raise _unreadable(task, str(error)) from error
        finally:
            self._free.put(worker)
        if "fault" in answer:
            raise _unreadable(task, answer["fault"])
        return answer

    def close(self) -> None:
        """End all processes; tasks that run fail."""
        self._is_closed = True
        for worker in self._workers:
            worker.close()


def _unreadable(task: Mapping[str, Any], reason: str) -> UnreadablePage | UnreadableFeed:
    if task["kind"] == "feed":
        return UnreadableFeed(f"The feed could not be read: {reason}.")
    return UnreadablePage(f"The page could not be read: {reason}.")

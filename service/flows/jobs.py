"""Batches: one job after another, its lines fed to the writer, several at once and in order.

A line is settled in the transaction of its article, so that after a kill no line is done twice and none is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import structlog

from service.domain.jobs import FINISHED, Form, Job, LineError
from service.domain.models import ArticleInput
from service.errors import BodyTooLarge, InternalError, JobNotFound, Overloaded, WiretraceError
from service.flows.conveyor import Conveyor, InTurn
from service.flows.patience import patiently
from service.flows.tasks import Also, Ingested
from service.ports import Clock, Store, WriteSession

MAX_ERRORS = 100
_READ_AT_ONCE = 64
_READ_AT_ONCE_BYTES = 4_000_000

_log = structlog.get_logger("service.jobs")
Describe = Callable[[WiretraceError, str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a batch that is not blank. `number` counts those, `line` all; `data` is None where it is too long."""

    number: int
    line: int
    data: bytes | None


def _some(items: Iterator[Item]) -> list[Item]:
    """The next ones: a number that is bounded, and so is their size but for the last."""
    found: list[Item] = []
    size = 0
    for item in items:
        found.append(item)
        size += len(item.data or b"")
        if len(found) == _READ_AT_ONCE or size >= _READ_AT_ONCE_BYTES:
            break
    return found


class Lines(Protocol):
    """The bodies of jobs; `service.store.spool.Spool`."""

    def items(self, job_id: str, max_bytes: int) -> Iterator[Item]: ...
    def remove(self, job_id: str) -> None: ...
    def sweep(self, kept: Collection[str]) -> None: ...


class Ingesting(Protocol):
    async def ingest(self, content: ArticleInput, also: Also | None = None, in_turn: InTurn | None = None) -> Ingested: ...


class Jobs:
    """`read` makes an article of a line, `describe` a problem document of an error, `taken_in` hears of each article and
    `refused` of each line that became none.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        lines: Lines,
        ingest: Ingesting,
        read: Callable[[bytes, Form], Awaitable[ArticleInput]],
        describe: Describe,
        taken_in: Callable[[ArticleInput, Ingested], None],
        refused: Callable[[], None] = lambda: None,
        *,
        width: int,
        max_line_bytes: int,
        max_waiting: int,
    ) -> None:
        self._store, self._clock, self._lines = store, clock, lines
        self._ingest, self._read, self._describe, self._taken_in, self._refused = ingest, read, describe, taken_in, refused
        self._width, self._max_line_bytes, self._max_waiting = width, max_line_bytes, max_waiting
        self._wake = asyncio.Event()
        self._running: str | None = None
        self._conveyor = Conveyor(width)
        self._cancelled: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    # ---- use cases; all but `accept` and `cancel` block --------------------------------------------------------------

    async def accept(
        self, job_id: str, total: int, also: Callable[[WriteSession, Job], None] | None = None, form: Form = "lines"
    ) -> Job:
        """A job whose body is whole. Returns when it is safely stored. Raises Overloaded, StoreUnavailable."""
        job = Job(job_id, "queued", total, 0, 0, self._clock.now(), form=form)

        def put() -> None:
            with self._store.write() as session:
                if len(session.unfinished_jobs()) >= self._max_waiting:
                    raise Overloaded(f"{self._max_waiting} batches wait already.", retry_after_s=30)
                session.put_job(job)
                if also is not None:
                    also(session, job)

        try:
            await asyncio.to_thread(put)
        finally:
            self._wake.set()  # it may be stored although the answer to that was lost
        return job

    async def cancel(self, job_id: str) -> Job:
        """The job afterwards; what is finished stays so. Lines that the writer already has are still taken in."""

        def change() -> Job:
            with self._store.write() as session:
                job = session.change_job(job_id, "cancelled", self._clock.now())
            if job is None:
                raise JobNotFound(f"No job has the id {job_id!r}.")
            return job

        job = await asyncio.to_thread(change)
        if self._running == job_id:
            self._cancelled.add(job_id)
            # Lines may be waiting for something that takes long to come back.
            self._conveyor.give_up()
        else:
            await asyncio.to_thread(self._lines.remove, job_id)
        return job

    def job(self, job_id: str) -> Job:
        """Raises JobNotFound."""
        with self._store.read() as session:
            job = session.job(job_id)
        if job is None:
            raise JobNotFound(f"No job has the id {job_id!r}.")
        return job

    def jobs(self, after: tuple[str, ...] | None, limit: int) -> tuple[list[Job], tuple[str, ...] | None]:
        """One page, newest first, and the key of the next, None at the end."""
        with self._store.read() as session:
            found = session.list_jobs(after, limit + 1)
        return found[:limit], (found[limit - 1].id,) if len(found) > limit else None

    # ---- the runner --------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Before the first request: a body that comes in now must not be taken for one that was left over."""
        waiting = await asyncio.to_thread(self._waiting)
        await asyncio.to_thread(self._lines.sweep, {job.id for job in waiting})
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """What is not settled is taken up by the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                waiting = await asyncio.to_thread(self._waiting)
                for job in waiting:
                    await self._work(job)
                if not waiting:
                    await self._wake.wait()
            except Exception:  # noqa: BLE001 - the runner must outlive whatever happens to one job
                _log.exception("the job runner failed; it tries again")
                await asyncio.sleep(1)

    def _waiting(self) -> list[Job]:
        with self._store.read() as session:
            return session.unfinished_jobs()

    async def _work(self, job: Job) -> None:
        self._running = job.id
        conveyor = self._conveyor = Conveyor(self._width)
        failed: dict[int, LineError] = {}
        try:
            if (await self._change(job.id, "running")).state not in FINISHED:
                await self._feed(job, conveyor, failed)
        except OSError as error:
            _log.exception("a batch cannot be read", job=job.id)
            await conveyor.drain()
            await self._record(job.id, failed)
            problem = self._describe(InternalError(f"The batch cannot be read: {error.strerror}"), f"/v1/jobs/{job.id}")
            await self._change(job.id, "failed", LineError(0, problem))
        finally:
            await conveyor.cancel()
            self._running = None
            self._cancelled.discard(job.id)
        await asyncio.to_thread(self._lines.remove, job.id)

    async def _feed(self, job: Job, conveyor: Conveyor, failed: dict[int, LineError]) -> None:
        items = self._lines.items(job.id, self._max_line_bytes)
        while part := await asyncio.to_thread(_some, items):
            for item in part:
                if job.id in self._cancelled:
                    await conveyor.cancel()
                    return
                if not job.is_settled(item.number):
                    await conveyor.put(partial(self._take_in, job, item, failed))
            await self._record(job.id, failed)
        await conveyor.drain()
        await self._record(job.id, failed)
        await self._change(job.id, "done")

    async def _take_in(self, job: Job, item: Item, failed: dict[int, LineError], in_turn: InTurn) -> None:
        try:
            content = await patiently(lambda: self._article(item, job.form))

            def settle(session: WriteSession, _: Ingested) -> None:
                session.settle_items(job.id, [item.number], {}, MAX_ERRORS)

            self._taken_in(content, await patiently(lambda: self._ingest.ingest(content, settle, in_turn)))
        except WiretraceError as error:
            self._refused()
            failed[item.number] = LineError(item.line, self._describe(error, f"/v1/jobs/{job.id}"))
        except Exception:  # noqa: BLE001 - a defect that one line meets must not stop the others
            _log.exception("a line of a batch failed", job=job.id, line=item.line)
            self._refused()
            failed[item.number] = LineError(item.line, self._describe(InternalError(), f"/v1/jobs/{job.id}"))

    async def _article(self, item: Item, form: Form) -> ArticleInput:
        if item.data is None:
            raise BodyTooLarge(f"The line has more than {self._max_line_bytes} bytes.")
        return await self._read(item.data, form)

    async def _record(self, job_id: str, failed: dict[int, LineError]) -> None:
        recorded = dict(failed)

        def put() -> None:
            with self._store.write() as session:
                session.settle_items(job_id, [], recorded, MAX_ERRORS)

        if recorded:
            await asyncio.to_thread(put)
            for item in recorded:
                del failed[item]

    async def _change(self, job_id: str, state: Any, error: LineError | None = None) -> Job:
        def change() -> Job:
            with self._store.write() as session:
                job = session.change_job(job_id, state, self._clock.now(), error)
            assert job is not None
            return job

        return await asyncio.to_thread(change)

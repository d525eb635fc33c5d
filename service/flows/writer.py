"""The single writer: one thread that owns the corpus and is the only caller of the store's write side that touches articles.

Takes what waits, works on it in one transaction, commits, and only then answers. When anything fails, the transaction and the
corpus are thrown away, the corpus is rebuilt from the store and the tasks are tried one by one, so that one bad article fails
alone and nothing half done is ever seen.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import structlog

from service.domain.registry import Registry
from service.errors import EncoderUnavailable, Overloaded, StoreUnavailable
from service.flows.applying import Applier
from service.flows.checking import check
from service.flows.clustering import Clusterer
from service.flows.corpus import Corpus
from service.flows.moments import Moment
from service.flows.preparing import Prepared
from service.flows.rebuilding import rebuild
from service.flows.tasks import Also, Check, Checked, Ingest, Ingested, Vectors, Write
from service.flows.vectors import Embed
from service.ports import Clock, Ids, Store

__all__ = ["Also", "Checked", "Ingested", "Writer"]

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 30.0
_WARN_BEHIND = timedelta(seconds=5)

_log = structlog.get_logger("service.writer")


@dataclass(slots=True)
class _Task:
    work: Write | Check
    done: Future[Any]


class Writer:
    """Start it, submit to it, stop it. `submit` and `request` may be called from any thread."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        new_corpus: Callable[[], Corpus],
        embed: Embed,
        space: str,
        clock: Clock,
        ids: Ids,
        *,
        max_queue: int,
        max_batch: int,
        on_commit: Callable[[], None] = lambda: None,
    ) -> None:
        """`embed` gives vectors (float16, shape (n, dimension)) for texts and blocks; used for units that lost theirs.
        `on_commit` is called in the writer's thread after each commit and must not block.
        """
        self._store = store
        self._registry = registry
        self._new_corpus = new_corpus
        self._embed = embed
        self._space = space
        self._clock = clock
        self._ids = ids
        self._max_batch = max_batch
        self._on_commit = on_commit
        self._waiting: queue.Queue[_Task | None] = queue.Queue(maxsize=max_queue)
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._is_working = False
        self._is_rebuilding = True
        self._is_recovering = False
        self._last_at: datetime | None = None
        self._is_behind = False
        self._begin_anew()

    def start(self) -> None:
        """Rebuild the corpus from the store, then begin to take work."""
        self._rebuild()
        self._thread = threading.Thread(target=self._run, name="wiretrace-writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end. New work is refused from now on."""
        self._stopping.set()
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None
            self.corpus.save_index()

    def is_alive(self) -> bool:
        """Whether it takes work in."""
        return self._thread is not None and self._thread.is_alive() and not self._is_recovering

    def is_consistent(self) -> bool:
        """Whether the index fits the articles held; while the writer works on some, they need not agree yet."""
        return self._is_working or self.corpus.is_indexed

    def waiting(self) -> int:
        return self._waiting.qsize()

    def submit(
        self,
        prepared: Prepared,
        vectors: Vectors,
        *,
        is_check: bool = False,
        also: Also | None = None,
        ticket: str | None = None,
    ) -> Future[Any]:
        """A future of what Ingest, or Check, is answered with. Raises as `request` does."""
        return self.request(Check(prepared, vectors) if is_check else Ingest(prepared, vectors, also, ticket))

    def request(self, work: Write | Check) -> Future[Any]:
        """A future of what the task is answered with. Raises Overloaded when the queue is full, StoreUnavailable when the service
        stops.
        """
        task = _Task(work, Future())
        if self._stopping.is_set() or not self.is_alive():
            raise StoreUnavailable("the writer is not running")
        try:
            self._waiting.put_nowait(task)
        except queue.Full:
            raise Overloaded("the write queue is full") from None
        return task.done

    def vector(self, unit_key: str) -> npt.NDArray[np.float16] | None:
        """The vector of a unit that is held now; safe from any thread because it only looks one name up."""
        return self.corpus.vector(unit_key)

    def nearest(self, query: npt.NDArray[np.float16], count: int) -> list[tuple[str, float]]:
        """As the corpus says; safe from any thread. Raises EncoderUnavailable while the corpus is rebuilt."""
        if self._is_rebuilding:
            raise EncoderUnavailable("the vectors are being loaded again")
        return self.corpus.nearest(query, count)

    # ---- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        batch: list[_Task] = []
        is_last = False
        try:
            while not is_last:
                batch, is_last = self._next_batch()
                self._is_working = True
                try:
                    self._serve(batch)
                except Exception:  # noqa: BLE001 - the store is gone: readiness says so, and everybody gets an answer
                    _log.exception("the corpus could not be rebuilt; it is tried again until the store is back")
                    self._recover(batch)
                self._is_working = False
        finally:
            self._stopping.set()
            self._refuse(batch)

    def _recover(self, batch: Sequence[_Task]) -> None:
        """Until the corpus stands again or the service stops. Meanwhile nothing is taken in and readiness fails."""
        self._is_recovering = True
        self._refuse(batch)
        pause = _FIRST_PAUSE_S
        while not self._stopping.wait(pause):
            try:
                self._rebuild()
            except Exception as error:  # noqa: BLE001 - whatever it is, only the store's return ends it
                pause = min(2 * pause, _LONGEST_PAUSE_S)
                _log.error("the corpus could not be rebuilt", error=repr(error), again_in_s=pause)
            else:
                _log.info("the corpus stands again")
                self._is_recovering = False
                return

    def _next_batch(self) -> tuple[list[_Task], bool]:
        """Waits for a task and takes what else is there; True when nothing comes after."""
        batch: list[_Task] = []
        task = self._waiting.get()
        while task is not None:
            batch.append(task)
            if len(batch) == self._max_batch:
                return batch, False
            try:
                task = self._waiting.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _refuse(self, batch: Sequence[_Task]) -> None:
        """Whoever still waits gets an answer."""
        left: list[_Task | None] = list(batch)
        while True:
            try:
                left.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        if None in left:
            self._waiting.put(None)  # the word to stop is not for these
        for task in left:
            if task is not None and not task.done.done():
                _answer(task, StoreUnavailable("the writer cannot reach the store"))

    def _serve(self, batch: Sequence[_Task]) -> None:
        writes = [task for task in batch if not isinstance(task.work, Check)]
        if writes:
            self._commit(writes)
        for task in batch:
            if isinstance(task.work, Check):
                self._check(task, task.work)

    def _commit(self, writes: Sequence[_Task]) -> None:
        works = [task.work for task in writes if not isinstance(task.work, Check)]
        try:
            with self._store.write() as session:
                outcomes = self._applier.apply(works, session, self._moment())
        except Exception as error:  # noqa: BLE001 - every caller gets an answer
            _log.exception("write failed", tasks=len(writes))
            self._rebuild()
            if len(writes) == 1:
                _answer(writes[0], error)
            else:
                for task in writes:
                    self._commit([task])
            return
        self._on_commit()
        for task, outcome in zip(writes, outcomes, strict=True):
            _answer(task, outcome)

    def _check(self, task: _Task, work: Check) -> None:
        try:
            outcome: object = check(work, self.corpus, self._clusterer, self._store, self._embed, self._space, self._clock.now())
        except Exception as error:  # noqa: BLE001 - the caller gets it; the corpus is made anew
            _log.exception("check failed")
            self._rebuild()
            outcome = error
        _answer(task, outcome)

    # ---- rebuilding --------------------------------------------------------------------------------------------------

    def _begin_anew(self) -> None:
        self.corpus = self._new_corpus()
        self._clusterer = Clusterer(self.corpus, self._registry, self._ids)
        self._applier = Applier(self.corpus, self._clusterer, self._embed, self._space, self._ids)

    def _rebuild(self) -> None:
        self._is_rebuilding = True
        self._begin_anew()
        rebuild(self._store, self.corpus, self._clusterer, self._registry, self._embed, self._space, self._moment())
        self._is_rebuilding = False

    def _moment(self) -> Moment:
        """In order though the clock was set back, or was ahead once: lists of stories ask what changed since."""
        if self._last_at is None:
            with self._store.read() as session:
                self._last_at = session.last_story_update()
        now = self._clock.now()
        self._last_at = now if self._last_at is None else max(now, self._last_at + timedelta(microseconds=1))
        is_behind = self._last_at - now > _WARN_BEHIND
        if is_behind and not self._is_behind:
            _log.warning("the clock is behind the last change of a story", clock=now.isoformat(), last=self._last_at.isoformat())
        self._is_behind = is_behind
        return Moment(now, self._last_at)


def _answer(task: _Task, outcome: object) -> None:
    """With the outcome, or the error that stands in its place."""
    if task.done.set_running_or_notify_cancel():
        if isinstance(outcome, Exception):
            task.done.set_exception(outcome)
        else:
            task.done.set_result(outcome)
